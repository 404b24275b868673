// @ts-check

/** The SDK asks for this at each start, and for the rest where an answer is a stream of events, as that of `SelectObjectContent`. */
export const resolveEventStreamSerdeConfig = (/** @type {object} */ config) => config;

/** @returns {never} */
export function eventStreamSerdeProvider() {
  throw new Error("The AWS SDK's event streams are left out of this build.");
}

export const EventStreamSerde = eventStreamSerdeProvider;
