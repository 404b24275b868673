/** How many bytes from the start of a recording suffice to judge it. */
export const HEAD_BYTES = 512;

/** What is known of a recording's kind once its first bytes are there. */
export interface AudioEvidence {
  /** The Content-Type as the store sent it; null where it sent none. */
  contentType: string | null;
  /** The path of the signed link, percent-encoded as `URL.pathname` gives it. */
  linkPath: string;
  /** The first bytes: {@link HEAD_BYTES} of them, or all where the recording has fewer. */
  head: Uint8Array;
}

/** File name extensions by subtype of `audio/…`. Kaleyra records MP3 and WAV; the others are for whatever else its storage may hold. */
const EXTENSION_OF_SUBTYPE: Readonly<Record<string, string>> = {
  mpeg: 'mp3',
  'x-mpeg': 'mp3',
  mp3: 'mp3',
  'x-mp3': 'mp3',
  mpeg3: 'mp3',
  'x-mpeg3': 'mp3',
  'x-mpeg-3': 'mp3',
  mpg: 'mp3',
  'x-mpg': 'mp3',
  wav: 'wav',
  'x-wav': 'wav',
  wave: 'wav',
  'x-wave': 'wav',
  'vnd.wave': 'wav',
  'x-pn-wav': 'wav',
  ogg: 'ogg',
  'x-ogg': 'ogg',
  vorbis: 'ogg',
  opus: 'opus',
  mp4: 'm4a',
  m4a: 'm4a',
  'x-m4a': 'm4a',
  aac: 'aac',
  'x-aac': 'aac',
  aacp: 'aac',
  flac: 'flac',
  'x-flac': 'flac',
  amr: 'amr',
  'amr-wb': 'amr',
  '3gpp': '3gp',
  webm: 'webm',
  gsm: 'gsm',
  'x-gsm': 'gsm',
  basic: 'au',
};

const EXTENSIONS: ReadonlySet<string> = new Set(Object.values(EXTENSION_OF_SUBTYPE));

/** Every extension that a recording can be given, without dots, the most likely first. */
export const RECORDING_EXTENSIONS: readonly string[] = [...EXTENSIONS, 'bin'];

/** The first bytes of audio formats, as Latin-1 text. Long enough each that nothing else starts like it by chance. */
const AUDIO_STARTS: readonly (readonly [start: RegExp, extension: string])[] = [
  [/^(?:RIFF|RF64|BW64)[\s\S]{4}WAVE/, 'wav'],
  [/^ID3/, 'mp3'],
  [/^OggS/, 'ogg'],
  [/^fLaC/, 'flac'],
  [/^#!AMR/, 'amr'],
  [/^[\s\S]{4}ftypM4A/, 'm4a'],
];

/** How files that are certainly no recording start, as Latin-1 text. Each is too long to stand at the start of raw audio by chance. */
const OTHER_STARTS: readonly (readonly [start: string, kind: string])[] = [
  ['\x1f\x8b\x08', 'a gzip archive'],
  ['PK\x03\x04', 'a ZIP archive'],
  ['%PDF-', 'a PDF document'],
  ['\x89PNG\r\n', 'an image'],
  ['\xff\xd8\xff', 'an image'],
  ['GIF8', 'an image'],
];

/** Starts of documents that need no second look. Outer blanks and byte order marks are gone. */
const DOCUMENTS: readonly (readonly [start: RegExp, kind: string])[] = [
  [/^<!doctype\s+html[\s>]/i, 'an HTML page'],
  [/^<html[\s>]/i, 'an HTML page'],
  [/^<\?xml[\s?]/i, 'an XML document'],
];

/** Starts that raw audio could have by chance. They count only where the whole head looks like text. */
const LIKELY_DOCUMENTS: readonly (readonly [start: RegExp, kind: string])[] = [
  [/^<!--/, 'an HTML page'],
  [/^<(?:head|body|title|meta|script|style|div|p|h[1-6]|center|table|a|br|iframe|form|pre)[\s/>]/i, 'an HTML page'],
  [/^<!doctype\s/i, 'an XML document'],
  [/^<[a-z_][\w.:-]*[\s/>]/i, 'an XML document'],
  [/^\{\s*["}]/, 'a JSON document'],
  [/^\[\s*(?:[{"[\]\d-]|true\b|false\b|null\b)/, 'a JSON document'],
];

/**
 * The extension to save a recording under, without a dot: from its Content-Type, else from the link's path, else from its first bytes,
 * else `bin`. Always lower-case letters and digits.
 */
export function audioExtension(evidence: AudioEvidence): string {
  return extensionOfType(evidence.contentType) ?? extensionOfPath(evidence.linkPath) ?? extensionOfHead(evidence.head) ?? 'bin';
}

/**
 * What came in place of a recording, as a clause such as `an HTML page` or `nothing at all`; undefined where it may well be a recording.
 * The clause is one of a few fixed ones and holds nothing of what came.
 *
 * Bytes that start as audio does are audio, whatever the Content-Type says. Bytes that start as a document does are none, and neither is
 * what the store itself calls a text. Audio without a header of its own (raw samples) passes.
 */
export function whyNotAudio(evidence: Pick<AudioEvidence, 'contentType' | 'head'>): string | undefined {
  const head = evidence.head.subarray(0, HEAD_BYTES);
  if (head.length === 0) return 'nothing at all';
  if (extensionOfHead(head) !== undefined) return undefined;
  return kindOfBytes(head) ?? kindOfType(mediaType(evidence.contentType));
}

/** The extension that the first bytes prove, where they prove one. */
function extensionOfHead(head: Uint8Array): string | undefined {
  const start = latin1(head.subarray(0, 16));
  const known = AUDIO_STARTS.find(([pattern]) => pattern.test(start));
  return known?.[1] ?? (isMpegFrame(head) ? 'mp3' : undefined);
}

function extensionOfType(contentType: string | null): string | undefined {
  const type = mediaType(contentType);
  if (type === 'application/ogg') return 'ogg';
  const subtype = /^audio\/(.+)$/.exec(type)?.[1];
  return subtype !== undefined && Object.hasOwn(EXTENSION_OF_SUBTYPE, subtype) ? EXTENSION_OF_SUBTYPE[subtype] : undefined;
}

function extensionOfPath(path: string): string | undefined {
  const extension = /\.([a-z0-9]{2,4})$/i.exec(path)?.[1]?.toLowerCase();
  if (extension === 'wave') return 'wav';
  return extension !== undefined && EXTENSIONS.has(extension) ? extension : undefined;
}

/**
 * Whether the bytes start with a frame of MPEG audio, layer II or III: the sync bits, and no field with a value that the standard (ISO/IEC
 * 11172-3 and 13818-3) reserves. Layer I and free bit rates are left out: recorders make neither, and the byte order mark of UTF-16 text
 * would pass for the first.
 */
function isMpegFrame(head: Uint8Array): boolean {
  const [sync = 0, kind = 0, rates = 0, mode = 0] = head;
  const version = (kind >> 3) & 0b11;
  const layer = (kind >> 1) & 0b11;
  const bitRate = rates >> 4;
  const sampleRate = (rates >> 2) & 0b11;
  return (
    head.length >= 4 &&
    sync === 0xff &&
    kind >= 0xe0 &&
    version !== 0b01 &&
    (layer === 0b01 || layer === 0b10) &&
    bitRate !== 0 &&
    bitRate !== 0b1111 &&
    sampleRate !== 0b11 &&
    (mode & 0b11) !== 0b10
  );
}

/** `Audio/MPEG; charset=x` as `audio/mpeg`; an empty text where there is no type. */
function mediaType(contentType: string | null): string {
  return (contentType ?? '').split(';', 1).join('').trim().toLowerCase();
}

/** Bytes as text, a character each. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function kindOfBytes(head: Uint8Array): string | undefined {
  const bytes = latin1(head);
  const other = OTHER_STARTS.find(([start]) => bytes.startsWith(start));
  if (other !== undefined) return other[1];
  const text = withoutByteOrderMark(bytes);
  const start = text.trimStart();
  return kindOf(start, DOCUMENTS) ?? (isText(text) ? kindOf(start, LIKELY_DOCUMENTS) : undefined);
}

function kindOfType(type: string): string | undefined {
  if (/^(?:text\/html|application\/xhtml\+xml)$/.test(type)) return 'an HTML page';
  if (/^(?:text|application)\/xml$|\+xml$/.test(type)) return 'an XML document';
  if (/^(?:text|application)\/json$|\+json$/.test(type)) return 'a JSON document';
  return type.startsWith('text/') ? 'a text' : undefined;
}

function kindOf(text: string, kinds: readonly (readonly [RegExp, string])[]): string | undefined {
  return kinds.find(([start]) => start.test(text))?.[1];
}

/** The text behind the byte order mark of UTF-8 or UTF-16. Of UTF-16 the zero bytes are dropped, which leaves ASCII readable. */
function withoutByteOrderMark(bytes: string): string {
  if (bytes.startsWith('\xef\xbb\xbf')) return bytes.slice(3);
  if (bytes.startsWith('\xff\xfe') || bytes.startsWith('\xfe\xff')) return bytes.slice(2).replaceAll('\0', '');
  return bytes;
}

/** Whether no control characters occur but blanks. Among 512 random bytes some do, as good as always. */
function isText(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 && !(code >= 0x09 && code <= 0x0d)) return false;
  }
  return true;
}
