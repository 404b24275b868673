/** What stands in the place of a secret. */
export const MASK = '***';

/** Hides the secrets of a run in any text that leaves it. */
export interface Redactor {
  /**
   * Makes a value known as a secret from now on: it is masked wherever it stands, in either case, each of its characters as it is, or
   * percent-encoded up to three times, or escaped as JSON or HTML do it; also inside base64. Values of fewer than 4 characters are ignored:
   * they would mask half of every text.
   */
  addSecret(value: string): void;
  /**
   * The text with every known secret masked, and {@link maskForms} applied. Never throws, takes time linear to the text. Masking
   * twice shows no more than masking once.
   */
  redact(text: string): string;
  /**
   * Whether a known secret stands in the text as it is, in either case, or in base64: a quick look, for where a million texts are looked at. Other
   * spellings have a `%`, a `\\` or an `&` in them.
   */
  mayHold(text: string): boolean;
}

/** Makes a {@link Redactor} that knows no secret yet and masks by form alone. */
export function createRedactor(): Redactor {
  const patterns = new Map<string, string>();
  const plainForms: string[] = [];
  let known: RegExp | undefined;
  return {
    addSecret(secret) {
      // Whoever repeats it may have left out a line's end.
      const value = secret.trim();
      if (value.length < SHORTEST_SECRET || patterns.has(value)) return;
      patterns.set(value, patternOf(value));
      plainForms.push(...[value, ...base64Forms(value)].map((form) => form.toLowerCase()));
      known = undefined;
    },
    redact(text) {
      if (patterns.size === 0) return maskForms(text);
      // Longest first: a short secret must not mask the middle of a long one and leave its ends.
      const longestFirst = () => [...patterns].sort(([one], [other]) => other.length - one.length).map(([, pattern]) => pattern);
      known ??= new RegExp(longestFirst().join('|'), 'gi');
      return maskForms(text.replace(known, MASK));
    },
    mayHold(text) {
      const lowered = text.toLowerCase();
      return plainForms.some((form) => lowered.includes(form));
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

/** How HTML and XML name characters that a key may hold. */
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

function patternOf(secret: string): string {
  const spelled = [...secret].map(spellingsOf).join('');
  return [spelled, ...base64Forms(secret).map(escapeForRegExp)].join('|');
}

/** A pattern for one character however it is written. Each repetition is bounded, and what two spellings begin with tells them apart: linear. */
function spellingsOf(character: string): string {
  const point = (character.codePointAt(0) ?? 0).toString(16);
  const percent = [...Buffer.from(character)].map((byte) => `%(?:25){0,2}${byte.toString(16).padStart(2, '0')}`).join('');
  const units = character.split('').map((unit) => `\\\\{1,4}u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const spellings = [
    /["'\\/]/.test(character) ? `\\\\{0,4}${escapeForRegExp(character)}` : escapeForRegExp(character),
    percent,
    units.join(''),
    `&#(?:0{0,6}${character.codePointAt(0)}|x0{0,6}${point});`,
    ...(character === ' ' ? ['\\+'] : []),
    ...(ENTITIES[character] === undefined ? [] : [ENTITIES[character]]),
  ];
  return `(?:${spellings.join('|')})`;
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
    if (form.length < SHORTEST_SECRET) return [];
    return [form, form.replaceAll('+', '-').replaceAll('/', '_'), encodeURIComponent(form)];
  });
}

function escapeForRegExp(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

// What follows meets hostile text (an answer of the service, a proxy's page), so each pattern must run in linear time and constant stack: none
// begins with a repetition, each repetition is bounded or ends where another match could begin, and what was run over is consumed.

/** What goes before a word: nothing, another character than letters and digits, or a percent-encoded one. */
const BORDER = String.raw`(?<=^|[^0-9a-z]|%[0-9a-f]{2}|\\u[0-9a-f]{4})`;

/** Kaleyra's keys: `A` and 32 hexadecimal digits. One in the wrong place (`--key=…`, as a profile) is known by nothing else. */
const KEY = new RegExp(`${BORDER}A[0-9a-f]{32}(?![0-9a-z])`, 'gi');

/** Between a name and its value: in a query, a header, an object, JSON (also inside a JSON string), a shell variable. */
const ASSIGNED = String.raw`["'\\]{0,4}\s?[:=]\s?["'\\]{0,4}`;
/** A value that is no word, so that "api-key: Invalid api-key" keeps all of its words: a digit is in it, and it has a length. */
const RANDOM = String.raw`(?=[^\s"'&<>\\]{0,64}\d)[^\s"'&<>\\]{8,}`;

const NAMED = new RegExp(`((?:api[-_]?key|passw(?:or)?d|secret|token|signature)${ASSIGNED})${RANDOM}`, 'gi');
const AUTHORIZATION = new RegExp(String.raw`(authorization${ASSIGNED}(?:Basic|Bearer)\s)[^\s"'\\]+`, 'gi');

/** What is no secret in a query: what the service is asked by, and how long and how a link was signed. */
const HARMLESS = '(?:id|validity|download|(?:X-Amz-)?Expires|X-Amz-(?:Date|Algorithm|SignedHeaders))=';
/** Any other value in a query, with the name before it. */
const QUERY_VALUE = new RegExp(String.raw`([?&;](?!${HARMLESS})[^\s=&;?"'<>#]{1,200}=)[^\s&"'<>#\\]+`, 'gi');
/** The same in an address that is percent-encoded itself, as in another's query. */
const ENCODED_VALUE = /(%(?:25){0,2}(?:3F|26)[^\s%=&"'<>#]{1,200}%(?:25){0,2}3D)[^\s&"'<>#\\]+?(?=%(?:25){0,2}(?:26|23)|[\s&"'<>#\\]|$)/gi;
/** The names of signed links alone, as what is left of one begins. */
const SIGNED_VALUE =
  /((?:X-(?:Amz|Goog)-(?:Signature|Credential|Security-Token)|AWSAccessKeyId|(?<![a-z0-9_-])Signature)(?:=|%(?:25){0,2}3D))[^\s&"'<>#\\]+/gi;

/** User and password in front of a URL's host; with a raw `@` in the password, the last one before the path is the border. */
const USERINFO = /(:\/\/)([^\s/?#"<>]+)@/g;

/**
 * The text without what is a secret by its form, whoever's it may be: a key of this service, the values in an address's query, signatures by
 * their names, the user's password in an address. Names and words around them stay. Linear, pure.
 */
export function maskForms(text: string): string {
  return text
    .replace(KEY, MASK)
    .replace(USERINFO, (_all, start: string, userinfo: string) => `${start}${maskUserinfo(userinfo)}@`)
    .replace(QUERY_VALUE, `$1${MASK}`)
    .replace(ENCODED_VALUE, `$1${MASK}`)
    .replace(SIGNED_VALUE, `$1${MASK}`)
    .replace(NAMED, `$1${MASK}`)
    .replace(AUTHORIZATION, `$1${MASK}`);
}

/** Keeps the user's name where a password follows it; alone it may itself be a token. */
function maskUserinfo(userinfo: string): string {
  const at = userinfo.indexOf(':');
  return at === -1 ? MASK : `${userinfo.slice(0, at + 1)}${MASK}`;
}

/** An address from its path on, plain, without its scheme, or percent-encoded; and a query that has lost its address. */
const ADDRESS_TAIL = /(\/\/[^\s/?#"'<>]+)[/?#][^\s"'<>]+/g;
const ENCODED_TAIL = /%(?:25){0,2}2F%(?:25){0,2}2F[^\s"'<>]+/gi;
const BARE_QUERY = /\?[^\s?="'<>]*=[^\s"'<>]*/g;
/** Signatures and keys of any kind, where nothing names them. */
const LONG_HEX = new RegExp(`${BORDER}[0-9a-f]{32,}(?![0-9a-z])`, 'gi');

/**
 * What the service or a store says, decoded, as an error may quote it: `redact` applied, addresses cut down to their host (a signed link's
 * secret can lie in its path), long hexadecimal numbers masked. Linear, pure.
 */
export function maskQuoted(text: string, redact: (text: string) => string = maskForms): string {
  return redact(text).replace(ADDRESS_TAIL, '$1/…').replace(ENCODED_TAIL, '…').replace(BARE_QUERY, '?…').replace(LONG_HEX, MASK);
}
