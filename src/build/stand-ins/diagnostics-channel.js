// @ts-check

/** Nobody listens, and an id for each request is for those who would. */
export const generateRequestId = () => '';

const publish = () => {};

export {
  publish as publishError,
  publish as publishRedirect,
  publish as publishRequestCreate,
  publish as publishRequestStart,
  publish as publishResponseEnd,
  publish as publishResponseStart,
  publish as publishRetry,
};
