import { close, constants, createReadStream, fstat, open } from 'node:fs';
import type { Readable } from 'node:stream';
import { promisify, TextDecoder } from 'node:util';
import { RecordingError, usageError } from '../errors.ts';
import { EXPORT_HINT, refuseForeign } from './foreign-format.ts';

/** Where a text comes from: a file, or a stream with the name that errors call it by (`-` for standard input). */
export type TextSource = { readonly path: string } | { readonly stream: Readable; readonly name: string };

/** How a source is called in messages. */
export function sourceName(source: TextSource): string {
  if ('path' in source) return source.path;
  return source.name === '-' ? 'standard input' : source.name;
}

const READ_SIZE = 256 * 1024;

/** As many bytes as {@link refuseForeign} looks at. */
const HEAD_SIZE = 8;

/** Characters that no text holds. Tab, line breaks, vertical tab and form feed do occur in what spreadsheets export. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is what it is for
const BINARY = /[\u0000-\u0008\u000e-\u001f\u007f]/;

/**
 * Reads a text piece by piece, in constant memory: UTF-8, or UTF-16 (either byte order) with a byte order mark, which is dropped.
 * No piece is empty, and none but the last ends in a carriage return, so that a CRLF is never torn apart. The source is closed when the
 * iteration ends, however it ends.
 *
 * Throws USAGE, naming source and line, for what is missing, a folder, not to be read, or not a text (bytes that are not in the
 * encoding, control characters, a workbook, an archive, a recording); FILE_SYSTEM when reading fails half-way; and the
 * signal's reason once it is aborted.
 */
export async function* readText(source: TextSource, signal?: AbortSignal): AsyncGenerator<string, void, undefined> {
  const name = sourceName(source);
  const chunks = readBytes(source, signal);
  try {
    const head = await takeHead(chunks);
    const encoding = detectEncoding(head);
    let bytes = head.subarray(encoding.markLength);
    refuseForeign(bytes, name);
    // ignoreBOM: the mark is dropped above, once; a decoder left to itself would drop a U+FEFF at the start of every piece.
    const decoder = new TextDecoder(encoding.label, { fatal: true, ignoreBOM: true });
    let line = 1;
    let heldBack = '';
    for (let ended = false; !ended; ) {
      const complete = completeLength(bytes, encoding.label);
      let text = heldBack + decode(decoder, encoding.label, bytes.subarray(0, complete), name, line);
      heldBack = text.endsWith('\r') ? '\r' : '';
      if (heldBack !== '') text = text.slice(0, -1);
      if (text !== '') {
        refuseBinary(text, name, line);
        yield text;
        line += countLineBreaks(text);
      }
      const next = await chunks.next();
      ended = next.done === true;
      bytes = Buffer.concat([bytes.subarray(complete), next.value ?? Buffer.alloc(0)]);
    }
    const rest = heldBack + decode(decoder, encoding.label, bytes, name, line);
    if (rest !== '') yield rest;
  } finally {
    await chunks.return();
  }
}

/** How many line breaks a text holds: LF, CRLF and a lone CR count one each. */
export function countLineBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  for (let at = text.indexOf('\r'); at !== -1; at = text.indexOf('\r', at + 1)) {
    if (text[at + 1] !== '\n') count++;
  }
  return count;
}

function notText(name: string, line: number, why: string): RecordingError {
  return usageError(`${name} is not a text list: ${why} (line ${line}).`, EXPORT_HINT);
}

function refuseBinary(text: string, name: string, line: number): void {
  const at = text.search(BINARY);
  if (at !== -1) throw notText(name, line + countLineBreaks(text.slice(0, at)), 'it holds control characters');
}

async function* readBytes(source: TextSource, signal: AbortSignal | undefined): AsyncGenerator<Buffer, void, undefined> {
  signal?.throwIfAborted();
  const name = sourceName(source);
  const stream = 'path' in source ? await openFile(source.path) : source.stream;
  // Standard input and a named pipe can stay silent for ever: only destroying them wakes who waits for them.
  const stop = () => void stream.destroy(signal?.reason instanceof Error ? signal.reason : undefined);
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  try {
    for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  } catch (error) {
    signal?.throwIfAborted();
    throw new RecordingError('FILE_SYSTEM', `Reading ${name} failed: ${messageOf(error)}`, {
      hint: 'See that the disk or share it lies on is still there, and run the same command again.',
      cause: error,
    });
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  signal?.throwIfAborted();
}

/**
 * Opens a list. A pipe and a terminal are read by events: read as a file, a silent one would hold a thread that nothing can wake, and Node
 * waits for its threads before it ends, whatever the signal.
 */
async function openFile(path: string): Promise<Readable> {
  const hint = 'Name a text file with an id a line, a report exported as CSV, or - for standard input.';
  let descriptor: number;
  try {
    // To open a pipe that nobody writes to yet would wait for that as well. Windows knows no such flag, and no such pipes.
    descriptor = await promisify(open)(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') throw usageError(`There is no file ${path}.`, hint, error);
    if (code === 'EISDIR') throw usageError(`${path} is a folder, not a list.`, hint, error);
    if (code === 'EACCES' || code === 'EPERM') {
      throw usageError(`${path} may not be read by this user.`, 'Change its permissions, or name another list.', error);
    }
    throw usageError(`${path} cannot be opened: ${messageOf(error)}`, hint, error);
  }
  const found = await promisify(fstat)(descriptor);
  if (found.isDirectory()) {
    await promisify(close)(descriptor);
    throw usageError(`${path} is a folder, not a list.`, hint);
  }
  if (found.isFIFO()) {
    const { Socket } = await import('node:net');
    return new Socket({ fd: descriptor, readable: true, writable: false });
  }
  if (found.isCharacterDevice()) {
    const { isatty, ReadStream } = await import('node:tty');
    if (isatty(descriptor)) return new ReadStream(descriptor);
  }
  return createReadStream(path, { fd: descriptor, highWaterMark: READ_SIZE });
}

/** The first bytes: enough to tell what they are, or a whole line, behind which nothing more may come for long. */
async function takeHead(chunks: AsyncGenerator<Buffer, void, undefined>): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (head.length < HEAD_SIZE && !head.includes(0x0a)) {
    const next = await chunks.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  return head;
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
    throw notText(name, line + countLineBreaks(before), `it holds bytes that are not ${encoding}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
