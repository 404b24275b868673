// @ts-check

/**
 * The SDK computes checksums of bodies whose request names none. Here each names the SHA-256 that is known anyway, which goes along as any other
 * header does, and what is read is hashed by whoever asks for it.
 */
export const resolveFlexibleChecksumsConfig = (/** @type {object} */ config) => config;

export const getFlexibleChecksumsPlugin = () => ({ applyToStack() {} });

/** For settings that nobody reads then. */
const UNREAD = { environmentVariableSelector: () => undefined, configFileSelector: () => undefined, default: 'WHEN_REQUIRED' };

export { UNREAD as NODE_REQUEST_CHECKSUM_CALCULATION_CONFIG_OPTIONS, UNREAD as NODE_RESPONSE_CHECKSUM_VALIDATION_CONFIG_OPTIONS };

/** @returns {never} */
function leftOut() {
  throw new Error("The AWS SDK's own checksums are left out of this build.");
}

export { leftOut as Sha1 };
