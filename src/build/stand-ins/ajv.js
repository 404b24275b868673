// @ts-check

export class Ajv2020 {
  constructor() {
    throw new Error("conf's option schema is left out of this build.");
  }
}
