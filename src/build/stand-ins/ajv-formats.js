// @ts-check

/** conf unwraps a CommonJS module. It makes an `Ajv2020` first, so that this is never reached. */
export default { default: undefined };
