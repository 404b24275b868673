import { close, constants, createReadStream, fstat, open } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { RecordingError, usageError } from '../errors.ts';
import { SIGNATURE_SIZE } from './foreign-format.ts';

/** Where a list comes from: a file, or a stream with the name that errors call it by (`-` for standard input). */
export type TextSource = { readonly path: string } | { readonly stream: Readable; readonly name: string };

/** How a source is called in messages. */
export function sourceName(source: TextSource): string {
  if ('path' in source) return source.path;
  return source.name === '-' ? 'standard input' : source.name;
}

/** A source that has been opened. */
export interface ByteSource {
  /** Its first bytes: enough to tell what they are, or a whole line, behind which nothing more may come for long. */
  head: Buffer;
  /** All bytes, the first included. The source is closed when the iteration ends, however it ends. */
  bytes: AsyncGenerator<Buffer, void, undefined>;
}

/**
 * Opens a source. Throws USAGE for what is missing, a folder or not to be read, and the signal's reason once it is aborted; the iteration throws
 * FILE_SYSTEM when reading fails half-way, and the signal's reason.
 */
export async function openBytes(source: TextSource, signal?: AbortSignal): Promise<ByteSource> {
  const chunks = readBytes(source, signal);
  let head = Buffer.alloc(0);
  while (head.length < SIGNATURE_SIZE && !head.includes(LINE_FEED)) {
    const next = await chunks.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  return { head, bytes: withHead(head, chunks) };
}

const LINE_FEED = 0x0a;

async function* withHead(head: Buffer, chunks: AsyncGenerator<Buffer, void, undefined>): AsyncGenerator<Buffer, void, undefined> {
  try {
    if (head.length > 0) yield head;
    yield* chunks;
  } finally {
    await chunks.return();
  }
}

const READ_SIZE = 256 * 1024;

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
  const hint = 'Name a text file with one id on each line, a report (CSV, .xlsx or JSON), or - for standard input.';
  let descriptor: number;
  try {
    // To open a pipe that nobody writes to yet would wait for that as well. Windows knows no such flag, and no such pipes.
    descriptor = await promisify(open)(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (path === '') throw usageError('The name of the list is empty.', 'Check the variable that it comes from.', error);
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether a source is a file, and no pipe or device: then it can be opened again. What cannot be opened counts as one: opening it says why. */
export async function canBeReadTwice(source: TextSource): Promise<boolean> {
  if (!('path' in source)) return false;
  try {
    const found = await stat(source.path);
    return found.isFile() || found.isDirectory();
  } catch {
    return true;
  }
}

/** All bytes of a source, or as many as `most` and some. */
export async function readAll({ bytes }: ByteSource, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > most) break;
  }
  return Buffer.concat(chunks);
}
