import { LEAST_BYTES } from './samples.ts';

/** Control characters that no text has; blanks, line ends, form feeds and escapes are left out. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]/g;
/** What no text in Unicode has: controls that end no line or page, halves of pairs, private and unassigned characters. */
const NO_TEXT = /(?![\t-\r])[\p{Cc}\p{Cn}\p{Co}\p{Cs}]/u;
/** Every text of some length has some of these, the one without blanks its full stops. */
const BREAKS = /[\s\u3001\u3002\uff0c\uff01]/;
/** What has no break where it is short. */
const WORD = /^[\x21-\x7e]+$/;
const CHINESE_OR_JAPANESE = ['gb18030', 'big5', 'shift_jis', 'euc-jp', 'euc-kr'];

/** Starts of documents that need no second look: raw audio does not begin like them by chance. */
const DOCUMENTS: readonly (readonly [start: RegExp, kind: string])[] = [
  [/^<!doctype\s+html[\s>]/i, 'an HTML page'],
  [/^<html[\s>]/i, 'an HTML page'],
  [/^<\?xml[\s?]/i, 'an XML document'],
];

/** Starts that tell what kind of text it is, once it is known to be one. */
const KINDS: readonly (readonly [start: RegExp, kind: string])[] = [
  ...DOCUMENTS,
  [/^<!--/, 'an HTML page'],
  [/^<(?:head|body|title|meta|script|style|div|p|h[1-6]|center|table|a|br|iframe|form|pre)[\s/>]/i, 'an HTML page'],
  [/^<!doctype\s/i, 'an XML document'],
  [/^<[a-z_][\w.:-]*[\s/>]/i, 'an XML document'],
  [/^\{\s*["}]/, 'a JSON document'],
  [/^\[\s*(?:[{"[\]\d-]|true\b|false\b|null\b)/, 'a JSON document'],
];

/** What document begins with these bytes, in UTF-8 or in UTF-16 with a byte order mark; undefined where none certainly does. */
export function documentAtStart(bytes: Uint8Array): string | undefined {
  const head = bytes.subarray(0, 512);
  const isWide = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  return kindOf(latin1(isWide ? head.subarray(2).filter((byte) => byte !== 0) : head).replace(/^\xef\xbb\xbf/, ''), DOCUMENTS);
}

/**
 * What kind of text these bytes are, whatever its encoding; undefined where they are none. Zeros at either end do not make it less of a text.
 * Bytes that are cut off within a character are taken as they are.
 */
export function kindOfText(bytes: Uint8Array): string | undefined {
  const last = bytes.findLastIndex((byte) => byte !== 0) + 1;
  if (last === 0) return undefined;
  const first = bytes.findIndex((byte) => byte !== 0);
  const narrow = bytes.subarray(first, last);
  // The first byte of UTF-16, or its last one, can be a zero.
  const wide = bytes.subarray(first - (first % 2), last + (last % 2));
  const text = utf8Text(narrow) ?? wideText(wide) ?? utf32Text(narrow) ?? legacyText(narrow);
  if (text === undefined) return undefined;
  if (text.trim() === '') return 'nothing but blanks';
  return kindOf(text, KINDS) ?? 'text';
}

function utf8Text(bytes: Uint8Array): string | undefined {
  const text = isIdle(bytes) ? undefined : decode(bytes, 'utf-8');
  // A program that prints a text slips in a control character now and then; audio has them by the dozen.
  return text !== undefined && (text.match(CONTROLS)?.length ?? 0) <= text.length / 50 ? text : undefined;
}

/** UTF-16. A byte order mark, read the other way round, is no character. */
function wideText(bytes: Uint8Array): string | undefined {
  // Most texts begin with a character whose upper byte is 0; read the other way round, a blank is one as well.
  const [first, second] = bytes[0] === 0 ? ['utf-16be', 'utf-16le'] : ['utf-16le', 'utf-16be'];
  return decoded(bytes, first) ?? decoded(bytes, second);
}

/** UTF-32, little-endian. */
function utf32Text(bytes: Uint8Array): string | undefined {
  const isWide = bytes.length > 2 && bytes.every((byte, at) => at % 4 < 2 || byte === 0);
  return isWide ? decoded(narrowed(bytes), 'utf-16le') : undefined;
}

/** Of UTF-32 (little-endian) the lower halves, and a zero behind them: the last of them may have lost its own, and nothing minds half a character. */
function narrowed(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes.filter((_, at) => at % 4 < 2), Buffer.alloc(1)]);
}

/**
 * Text in an encoding of one byte a character, or of Chinese, Japanese or Korean. It has no control characters, and what audio in the same
 * range of bytes does not have: blanks between words, or pairs of bytes that are all of them characters.
 */
function legacyText(bytes: Uint8Array): string | undefined {
  const ebcdic = ebcdicText(bytes);
  if (ebcdic !== undefined) return ebcdic;
  const text = latin1(bytes);
  if (text.search(CONTROLS) !== -1) return undefined;
  const share = (pattern: RegExp) => (text.match(pattern)?.length ?? 0) / text.length;
  const high = share(/[\x80-\xff]/g);
  const blanks = share(/\s/g);
  if (high <= 0.3 && share(/[\w\s]/g) >= 0.5 && blanks >= 0.02) return text;
  if (high > 0.3 && blanks >= 0.05 && blanks <= 0.5) return text;
  return CHINESE_OR_JAPANESE.some((encoding) => isCommon(decoded(bytes, encoding))) ? text : undefined;
}

/** Whether nearly all of a decoded text are characters in daily use. */
function isCommon(text: string | undefined): boolean {
  if (text === undefined || text.length < 4) return false;
  const rare = text.replace(/[\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uff9f\s\w.,:;!?()-]/g, '');
  return rare.length <= text.length * 0.05;
}

/** IBM's EBCDIC: letters, digits, blanks and line ends between other characters, or with punctuation alone, as documents have it. */
function ebcdicText(bytes: Uint8Array): string | undefined {
  const share = (counts: (byte: number) => boolean) => bytes.reduce((sum, byte) => sum + (counts(byte) ? 1 : 0), 0) / bytes.length;
  const blanks = share(isEbcdicBlank);
  const plain = blanks + share(isEbcdicLetter);
  const isProse = blanks >= 0.04 && blanks <= 0.5 && plain >= 0.85;
  return isProse || (blanks > 0 && plain >= 0.4 && plain + share((byte) => EBCDIC_SIGNS.includes(byte)) >= 0.98) ? 'EBCDIC' : undefined;
}

/** Punctuation of code pages 37 and 1047. */
const EBCDIC_SIGNS = Buffer.from('4b4c4d4e4f505a5b5c5d5e5f60616b6c6d6e6f797a7b7c7d7e7fadbabbbdc0d0e0', 'hex');

function isEbcdicBlank(byte: number): boolean {
  return byte === 0x40 || byte === 0x15 || byte === 0x25;
}

function isEbcdicLetter(byte: number): boolean {
  const column = byte & 0x0f;
  return column <= 9 && (byte >= 0xf0 || (byte >= 0x81 && (byte & 0x30) !== 0x30 && column >= 1));
}

/** A-law's silence is the letter U, and µ-law's with an offset a tilde. */
function isIdle(bytes: Uint8Array): boolean {
  return bytes.length >= LEAST_BYTES && [0x50, 0x78].some((soft) => bytes.every((byte) => (byte & 0xf8) === soft));
}

/** The text of some bytes, where all of it is text and it has a break somewhere, or is a single word. */
function decoded(bytes: Uint8Array, encoding: string): string | undefined {
  const text = decode(bytes, encoding);
  const isText = text !== undefined && !NO_TEXT.test(text);
  return isText && (BREAKS.test(text) || (bytes.length < LEAST_BYTES && WORD.test(text))) ? text : undefined;
}

/** The bytes as text, without a byte order mark; undefined where the encoding does not have them. */
function decode(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}

function kindOf(text: string, kinds: readonly (readonly [RegExp, string])[]): string | undefined {
  const start = text.trimStart();
  return kinds.find(([pattern]) => pattern.test(start))?.[1];
}

/** Bytes as text, a character each. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
