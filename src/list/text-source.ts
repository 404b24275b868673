import { TextDecoder } from 'node:util';
import type { RecordingError } from '../errors.ts';
import type { ByteSource } from './byte-source.ts';
import { notAList } from './foreign-format.ts';

export type { TextSource } from './byte-source.ts';

/** Characters that no text holds. Tab, line breaks, vertical tab and form feed do occur in what spreadsheets export. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is what it is for
const BINARY = /[\u0000-\u0008\u000e-\u001f\u007f]/;

/**
 * A source's text piece by piece, in constant memory: UTF-8, or UTF-16 (either byte order) with a byte order mark, which is dropped.
 * No piece is empty, and none but the last ends in a carriage return, so that a CRLF is never torn apart. The source is closed when the
 * iteration ends, however it ends. Throws what the source throws, and USAGE, with the line, for what is no text: bytes that are not in the
 * encoding, or control characters.
 */
export async function* readText({ head, bytes: chunks }: ByteSource, name: string): AsyncGenerator<string, void, undefined> {
  const encoding = detectEncoding(head);
  // ignoreBOM: the mark is dropped here, once; a decoder left to itself would drop a U+FEFF at the start of every piece.
  const decoder = new TextDecoder(encoding.label, { fatal: true, ignoreBOM: true });
  let toSkip = encoding.markLength;
  let line = 1;
  let heldBack = '';
  let bytes: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    bytes = bytes.length === 0 ? chunk.subarray(toSkip) : Buffer.concat([bytes, chunk]);
    toSkip = 0;
    const complete = completeLength(bytes, encoding.label);
    let text = heldBack + decode(decoder, encoding.label, bytes.subarray(0, complete), name, line);
    bytes = bytes.subarray(complete);
    heldBack = text.endsWith('\r') ? '\r' : '';
    if (heldBack !== '') text = text.slice(0, -1);
    if (text === '') continue;
    refuseBinary(text, name, line);
    yield text;
    line += countLineBreaks(text);
  }
  const rest = heldBack + decode(decoder, encoding.label, bytes, name, line);
  if (rest !== '') yield rest;
}

/** How many line breaks a text holds: LF, CRLF and a lone CR count one each. */
function countLineBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  for (let at = text.indexOf('\r'); at !== -1; at = text.indexOf('\r', at + 1)) {
    if (text[at + 1] !== '\n') count++;
  }
  return count;
}

function notText(name: string, line: number, what: string): RecordingError {
  return notAList(
    name,
    `a file with ${what} (line ${line})`,
    'Save it as UTF-8 (in Excel: Save As, "CSV UTF-8"), or give the workbook itself (.xlsx).',
  );
}

function refuseBinary(text: string, name: string, line: number): void {
  const at = text.search(BINARY);
  if (at === -1) return;
  const what = text[at] === '\0' ? 'NUL characters, as in UTF-16 without a byte order mark' : 'control characters';
  throw notText(name, line + countLineBreaks(text.slice(0, at)), what);
}

type EncodingLabel = 'utf-8' | 'utf-16le' | 'utf-16be';

function detectEncoding(head: Buffer): { label: EncodingLabel; markLength: number } {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { label: 'utf-8', markLength: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { label: 'utf-16le', markLength: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { label: 'utf-16be', markLength: 2 };
  return { label: 'utf-8', markLength: 0 };
}

/** How many of the bytes can be decoded before more have come: all but a character that is cut off at their end. */
function completeLength(bytes: Buffer, label: EncodingLabel): number {
  if (label !== 'utf-8') {
    const even = bytes.length - (bytes.length % 2);
    const highByte = bytes[even - (label === 'utf-16le' ? 1 : 2)] ?? 0;
    return highByte >= 0xd8 && highByte <= 0xdb ? even - 2 : even;
  }
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function decode(decoder: TextDecoder, label: EncodingLabel, bytes: Buffer, name: string, line: number): string {
  try {
    return decoder.decode(bytes);
  } catch {
    const lenient = new TextDecoder(label, { ignoreBOM: true }).decode(bytes);
    const before = lenient.slice(0, lenient.indexOf('\ufffd'));
    const encoding = label === 'utf-8' ? 'UTF-8' : 'UTF-16';
    throw notText(name, line + countLineBreaks(before), `bytes that are not ${encoding}`);
  }
}
