/** What stands in the place of a secret. */
export const MASK = '***';

/** Hides the secrets of a run in any text that leaves it. */
export interface Redactor {
  /**
   * Makes a value known as a secret from now on: it is masked wherever it stands, whatever its case, also URL-encoded (once or twice),
   * JSON-escaped, and inside base64. Values of less than 4 characters are ignored: they would mask half of every text.
   */
  addSecret(value: string): void;
  /**
   * The text with every known secret masked, and by pattern whatever looks like one: the signature, credential and token of a signed link
   * (S3's SigV4 and SigV2), the value of an `api-key` or `authorization` header in any spelling, passwords in URLs. Pure, never throws, in
   * time linear to the text. Masking twice changes nothing.
   */
  redact(text: string): string;
}

/** Makes a {@link Redactor} that knows no secret yet and masks by pattern alone. */
export function createRedactor(): Redactor {
  const forms = new Set<string>();
  let known: RegExp | undefined;
  return {
    addSecret(value) {
      if (value.length < SHORTEST_SECRET) return;
      for (const form of formsOf(value)) forms.add(form);
      // Longest first: a short form must not mask the middle of a long one and leave its ends.
      const longestFirst = [...forms].sort((one, other) => other.length - one.length);
      known = new RegExp(longestFirst.map(escapeForRegExp).join('|'), 'gi');
    },
    redact(text) {
      const masked = known === undefined ? text : text.replace(known, MASK);
      return maskPatterns(masked);
    },
  };
}

/**
 * The end of a key, for telling keys apart without showing them: its last four characters. Never more than a quarter of the key, so that
 * a key of less than 16 characters shows fewer, and one of less than 4 none.
 */
export function lastFour(key: string): string {
  const shown = Math.min(4, Math.floor(key.length / 4));
  return shown === 0 ? '' : key.slice(-shown);
}

const SHORTEST_SECRET = 4;

function formsOf(secret: string): string[] {
  const encoded = percentEncode(secret);
  const forms = [
    secret,
    encoded,
    encodeURIComponent(encoded),
    new URLSearchParams([['', secret]]).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
    ...base64Forms(secret),
  ];
  return forms.filter((form) => form.length >= SHORTEST_SECRET);
}

/** encodeURIComponent throws on half a surrogate pair; a secret that holds one is still a secret. */
function percentEncode(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}

/**
 * The text as it stands inside base64. Where it starts in its group of three bytes depends on what goes before (`user:` in basic
 * authentication), so there are three forms; of each, only the characters that no neighbour has a part in.
 */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const form = whole.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return [form, form.replaceAll('+', '-').replaceAll('/', '_'), percentEncode(form)];
  });
}

function escapeForRegExp(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

// The patterns meet hostile text (an answer of the service, a proxy's page), so each must run in linear time and constant stack: none begins
// with a repetition, none repeats a group over the text, and what one has run over is consumed or holds no second place to start from.

/** The secret names in a signed link's query. Plain `Signature` needs a border on its left, the others are unmistakable. */
const SIGNED_NAME = String.raw`(?:X-Amz-(?:Signature|Credential|Security-Token)|AWSAccessKeyId|(?<![a-z0-9_-])Signature|(?<=%(?:25)?(?:3F|26)|\\u0026)Signature)`;
/** `=` and the value behind it, plain, or percent-encoded up to twice (a link that stands in another link's query). */
const SIGNED_VALUE = String.raw`(?:(=)[^&\s"'<>#\\]+|(%(?:25)?3D)[^&\s"'<>#\\]+?(?=%(?:25)?(?:26|23)|[&\s"'<>#\\]|$))`;
const SIGNED_QUERY = new RegExp(`(${SIGNED_NAME})${SIGNED_VALUE}`, 'gi');

/** The same names in an object, in JSON, or in a URL's parameters as Node prints them. */
const SIGNED_PAIR_START = String.raw`\\*["'][ \t]*(?:=>|[:,])\s*(?:\[\s*)?`;

/** S3's error page for a wrong signature repeats what it was sent. */
const SIGNED_XML = /(<(?:AWSAccessKeyId|SignatureProvided|X-Amz-Security-Token)>)[^<]+/gi;

/** A name and its value in a header, an object, JSON (also inside a JSON string), a list of raw headers, a query or a shell variable. */
const NAME_END = String.raw`(?:\\*["']?[ \t]*(?:=>|[:=]|%(?:25)?3[AD])(?:[ \t]|%20)*(?:\[\s*)?|\\*["']\s*,\s*(?=\\*["']))`;
const QUOTED_START = String.raw`\\*["']`;
const DOUBLE_QUOTED = String.raw`(?<=[^\\]")[^"\r\n][^\r\n]*?(?=(?<!\\)"|[\r\n]|$)`;
const SINGLE_QUOTED = String.raw`(?<=[^\\]')[^'\r\n][^\r\n]*?(?=(?<!\\)'|[\r\n]|$)`;
const ESCAPED_QUOTED = String.raw`(?<=\\["'])[^"'\\\r\n]+`;
const QUOTED = `${QUOTED_START}(?:${DOUBLE_QUOTED}|${SINGLE_QUOTED}|${ESCAPED_QUOTED})`;
const SIGNED_PAIR = new RegExp(`(${SIGNED_NAME}${SIGNED_PAIR_START})(${QUOTED})`, 'gi');
const NAMED = new RegExp(String.raw`((?:api[-_]?key|password)${NAME_END})(?:(${QUOTED})|[^\s"'\\&<>]+)`, 'gi');
const AUTHORIZATION = new RegExp(String.raw`(authorization${NAME_END})(?:(${QUOTED})|[^\r\n"'\\]+)`, 'gi');

/** User and password in front of a URL's host; with a raw `@` in the password, the last one before the path is the border. */
const USERINFO = /(:\/\/)([^\s/?#"<>]+)@/g;
const ENCODED_AUTHORITY = /(%3A%2F%2F)([^\s/?#&"<>]+?)(?=%2F|%3F|%23|[\s/?#&"<>]|$)/gi;

function maskPatterns(text: string): string {
  return text
    .replace(
      SIGNED_QUERY,
      (_all, name: string, plain: string | undefined, encoded: string | undefined) => `${name}${plain ?? encoded}${MASK}`,
    )
    .replace(SIGNED_PAIR, maskHeader)
    .replace(SIGNED_XML, `$1${MASK}`)
    .replace(NAMED, maskHeader)
    .replace(AUTHORIZATION, maskHeader)
    .replace(USERINFO, (_all, start: string, userinfo: string) => `${start}${maskUserinfo(userinfo, ':')}@`)
    .replace(ENCODED_AUTHORITY, (_all, start: string, authority: string) => `${start}${maskEncodedAuthority(authority)}`);
}

function maskHeader(_all: string, name: string, quoted: string | undefined): string {
  const quote = quoted === undefined ? '' : (/^\\*["']/.exec(quoted)?.[0] ?? '');
  return `${name}${quote}${MASK}`;
}

/** Keeps the user's name where a password follows it; alone it may itself be a token. */
function maskUserinfo(userinfo: string, colon: string): string {
  const at = userinfo.toUpperCase().indexOf(colon);
  return at === -1 ? MASK : `${userinfo.slice(0, at + colon.length)}${MASK}`;
}

function maskEncodedAuthority(authority: string): string {
  const at = authority.lastIndexOf('%40');
  return at < 1 ? authority : `${maskUserinfo(authority.slice(0, at), '%3A')}${authority.slice(at)}`;
}
