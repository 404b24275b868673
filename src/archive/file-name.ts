import { createHash } from 'node:crypto';

/**
 * How long the name before its extension may get, in bytes of UTF-8. File systems bear 255 for a whole name; the rest is for the
 * extension and for what the download appends while it is under way, up to `.download.part.lock.<UUID>.heir` (61 bytes).
 */
export const MAX_STEM_BYTES = 190;

const HASH_DIGITS = 16;

/**
 * What a file system or a shell cannot bear anywhere in a name, what a terminal would obey or not show (control and format characters,
 * bidirectional overrides among them), and `%` itself, so that no two texts are encoded alike.
 */
const FORBIDDEN = /[/\\:*?"<>|%\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu;

/** Hidden files, flags and names that are hard to type. */
const FORBIDDEN_FIRST = /^[.\- ]/;

/** Windows drops them without a word. */
const FORBIDDEN_LAST = /[. ]$/;

/**
 * Names that are devices on Windows, alone or with anything after a dot. Source: Microsoft, "Naming Files, Paths, and Namespaces"; the
 * consoles' own names from the same vendor's "Console Handles".
 */
const RESERVED = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?:\.|$)/i;

/** One character of an encoded name: a whole percent-encoded UTF-8 sequence, or a character that stands for itself. */
const ENCODED_CHARACTER = /%[C-F][0-9A-F](?:%[89AB][0-9A-F])*|%[0-9A-F]{2}|./gsu;

/** ASCII without control characters. */
const PLAIN = /^[\x20-\x7e]*$/;

/** Characters that some disks (HFS+, ext4 with casefold) pass over when they compare names. */
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/gu;

/**
 * A text as one segment of a path that every file system, shell and terminal bears: percent-encoded (UTF-8, upper-case hexadecimal)
 * where it must be, readable everywhere else (`=`, `+`, `é`). It makes no folder and climbs out of none.
 *
 * Injective: different texts have different names. A surrogate without its partner is encoded as if it were a character (WTF-8), so that
 * this holds for every string. An empty text stays empty, which is no name: refuse it beforehand.
 */
export function encodeName(text: string): string {
  const encoded = text.replace(FORBIDDEN, percentEncode).replace(FORBIDDEN_FIRST, percentEncode).replace(FORBIDDEN_LAST, percentEncode);
  return RESERVED.test(encoded) ? percentEncode(encoded.slice(0, 1)) + encoded.slice(1) : encoded;
}

/**
 * The file name of a recording: `<encoded id>.<extension>`. `id` is not empty; `extension` is one of `audioExtension`'s, without a dot.
 *
 * Where the encoded id is longer than {@link MAX_STEM_BYTES}, it is cut at a whole character and gets `~` and 16 hexadecimal digits of the
 * id's SHA-256. The same is appended where `taken` says that another id has the name already: it is asked with the name as {@link foldName}
 * folds it, as two ids can differ in letter case alone, and the disk may not tell them apart.
 *
 * Throws only where `taken` says yes to everything.
 */
export function recordingFileName(id: string, extension: string, taken: (foldedName: string) => boolean = () => false): string {
  const stem = encodeName(id);
  const short = Buffer.byteLength(stem) <= MAX_STEM_BYTES;
  if (short) {
    const name = `${stem}.${extension}`;
    if (!taken(foldName(name))) return name;
  }
  return hashedFileName(stem, `.${extension}`, id, (name) => taken(foldName(name)));
}

/**
 * The name `<stem>~<hash><suffix>` that is not taken, the stem cut as {@link recordingFileName} does it and the hash made of the id. `taken` is
 * asked with the name as it is. Throws only where it says yes to everything.
 */
export function hashedFileName(stem: string, suffix: string, id: string, taken: (name: string) => boolean): string {
  // An id can be chosen so that it spells another's hashed name, so even that may be taken.
  for (let attempt = 0; attempt < 1000; attempt++) {
    const name = hashedName(stem, attempt === 0 ? id : `${id}\0${attempt}`, suffix);
    if (!taken(name)) return name;
  }
  throw new Error('Every file name was said to be taken.');
}

/**
 * A file name that is this id's alone on every disk, for what lies there while a recording is under way: `<encoded id>~<hash>.<extension>`,
 * the hash 16 hexadecimal digits of the id's SHA-256, and no longer than {@link recordingFileName}'s.
 */
export function partFileName(id: string, extension: string): string {
  return hashedName(encodeName(id), id, `.${extension}`);
}

/**
 * A file name for what lies beside a file that the user named, while that is under way: `<name>~<hash>.<extension>`, as {@link partFileName}
 * makes it. Nobody gives another file that name: `<name>.part` could be one that a browser or this tool is at work on, or a finished one.
 */
export function partNameBeside(name: string, extension: string): string {
  return hashedName(name, `beside\0${name}`, `.${extension}`);
}

/**
 * The key under which two names meet on a disk that ignores letter case, composes or decomposes characters, or passes over invisible ones
 * (Windows, macOS, ext4 with casefold). Names with different keys are different files everywhere; a few that some disk would tell
 * apart share a key (`ß` and `ss`). Folding a folded name changes nothing. For comparing only: never write it to a disk.
 */
export function foldName(name: string): string {
  // Nearly every name: a million of them are folded in a tenth of the time.
  if (PLAIN.test(name)) return name.toLowerCase();
  // Upper case merges what lower case keeps apart (ß and ss, final sigma); lower case before it does so for ẞ.
  const folded = name.normalize('NFD').replace(IGNORABLE, '').toLowerCase().toUpperCase().toLowerCase();
  return folded.normalize('NFC');
}

/** A character as `%XX` for each byte of its UTF-8; a lone surrogate by the same scheme. */
function percentEncode(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const isSurrogate = code >= 0xd800 && code <= 0xdfff;
  const bytes = isSurrogate ? [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)] : [...Buffer.from(character)];
  return bytes.map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

function hashedName(stem: string, hashed: string, suffix: string): string {
  const hash = createHash('sha256').update(hashed).digest('hex').slice(0, HASH_DIGITS);
  return `${cutName(stem, MAX_STEM_BYTES - 1 - HASH_DIGITS)}~${hash}${suffix}`;
}

/** As many whole characters of an encoded name, from its start, as fit in so many bytes of UTF-8. */
export function cutName(stem: string, maxBytes: number): string {
  let cut = '';
  let bytes = 0;
  for (const [character] of stem.matchAll(ENCODED_CHARACTER)) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    cut += character;
  }
  return cut;
}
