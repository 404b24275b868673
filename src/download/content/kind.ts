/** What a file is: a recording, by the extension of its format, or something else, as a clause such as `an image`. */
export type Kind = { extension: string } | { other: string };
