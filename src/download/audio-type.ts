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
  'x-matroska': 'mka',
  aiff: 'aif',
  'x-aiff': 'aif',
  'x-caf': 'caf',
  'x-ms-wma': 'wma',
  'x-au': 'au',
};

/** The same for audio without a header of its own: µ-law (which `audio/basic` is, RFC 2046, 4.3), A-law, samples, and codecs in bare frames. */
const HEADERLESS_OF_SUBTYPE: Readonly<Record<string, string>> = {
  basic: 'ul',
  pcmu: 'ul',
  mulaw: 'ul',
  'x-mulaw': 'ul',
  ulaw: 'ul',
  'x-ulaw': 'ul',
  pcma: 'al',
  alaw: 'al',
  'x-alaw': 'al',
  l8: 'raw',
  l16: 'raw',
  pcm: 'raw',
  'x-pcm': 'raw',
  raw: 'raw',
  'x-raw': 'raw',
  vox: 'vox',
  'x-vox': 'vox',
  gsm: 'gsm',
  'x-gsm': 'gsm',
  g729: 'g729',
  'x-g729': 'g729',
  g722: 'g722',
};

/** What the bytes alone can show to be audio, so that it goes by a fixed name. */
const PROVEN = ['ape', 'dsf', 'lbc', 'mpc', 'qcp', 'slk', 'sph', 'voc', 'w64', 'wv'];

const TOLD: ReadonlySet<string> = new Set([...Object.values(EXTENSION_OF_SUBTYPE), ...PROVEN]);
const HEADERLESS: ReadonlySet<string> = new Set(Object.values(HEADERLESS_OF_SUBTYPE));

/** Every extension that a recording can be given, without dots, the most likely first. */
export const RECORDING_EXTENSIONS: readonly string[] = [...TOLD, ...HEADERLESS, 'bin'];

/** What is said of a recording beside its bytes. */
export interface SaidOfType {
  /** The Content-Type as the store sent it; null where it sent none. */
  contentType: string | null;
  /** The path of the signed link, percent-encoded as `URL.pathname` gives it. */
  path: string;
}

/**
 * The extension to save a recording under that its bytes do not tell, without a dot: from its Content-Type, else from the link's path, else
 * `bin`. Always lower-case letters and digits.
 */
export function extensionByName(said: SaidOfType): string {
  return extensionOfType(said.contentType) ?? extensionOfPath(said.path) ?? 'bin';
}

/** Whether Content-Type or link claim a format whose files show that they are of it, as an MP3 file does and plain samples do not. */
export function claimsFormat(said: SaidOfType): boolean {
  return TOLD.has(extensionByName(said));
}

/**
 * What a Content-Type calls something that is no recording, as a clause such as `an HTML page`; undefined where it says audio or nothing.
 * `text/plain` says nothing: it is what a server takes that has not looked.
 */
export function otherThanAudio(contentType: string | null): string | undefined {
  const type = mediaType(contentType);
  if (/^(?:text\/html|application\/xhtml\+xml)$/.test(type)) return 'an HTML page';
  if (/^(?:text|application)\/xml$|\+xml$/.test(type)) return 'an XML document';
  if (/^(?:text|application)\/json$|\+json$/.test(type)) return 'a JSON document';
  if (type.startsWith('image/')) return 'an image';
  if (type.startsWith('video/')) return 'a video';
  if (type === 'application/pdf') return 'a PDF document';
  if (/^application\/(?:x-)?(?:zip|gzip|tar)(?:-compressed)?$/.test(type)) return 'an archive';
  return type.startsWith('text/') && type !== 'text/plain' ? 'text' : undefined;
}

function extensionOfType(contentType: string | null): string | undefined {
  const type = mediaType(contentType);
  if (type === 'application/ogg') return 'ogg';
  const subtype = /^audio\/(.+)$/.exec(type)?.[1] ?? '';
  return own(EXTENSION_OF_SUBTYPE, subtype) ?? own(HEADERLESS_OF_SUBTYPE, subtype);
}

function own(table: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function extensionOfPath(path: string): string | undefined {
  const extension = /\.([a-z0-9]{2,4})$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  if (extension === 'wave') return 'wav';
  if (/^(?:ulaw|pcmu|mulaw)$/.test(extension)) return 'ul';
  if (/^(?:alaw|pcma)$/.test(extension)) return 'al';
  return RECORDING_EXTENSIONS.includes(extension) ? extension : undefined;
}

/** `Audio/MPEG; charset=x` as `audio/mpeg`; an empty text where there is no type. */
function mediaType(contentType: string | null): string {
  return (contentType ?? '').split(';', 1).join('').trim().toLowerCase();
}
