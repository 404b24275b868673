import type { Readable } from 'node:stream';
import { type Entry, fromBuffer, open, type ZipFile } from 'yauzl';
import { type ByteSource, canBeReadTwice, readAll, type TextSource } from '../byte-source.ts';
import { notAList } from '../foreign-format.ts';
import { damaged } from './damaged.ts';

/** A workbook that comes through a pipe is held in memory, up to this many bytes. */
const MAX_PIPED = 256 * 1024 * 1024;
/** No part of a workbook unpacks to more bytes than this: a sheet with a million rows has some 500 MB. */
const MAX_PART = 1024 * 1024 * 1024;
const MAX_PARTS = 10_000;

/** An archive, and what is in it. */
export interface Zip {
  /** The names of its parts. */
  readonly names: readonly string[];
  /** The text of a part, as it is unpacked; nothing where there is no such part. Throws USAGE for one that is damaged, or unpacks to too much. */
  read(name: string): AsyncGenerator<string, void, undefined>;
  close(): void;
}

/** Opens an archive: a file where it lies, what comes through a pipe in memory. Throws USAGE for one that is damaged or too large. */
export async function openZip(bytes: ByteSource, source: TextSource, name: string): Promise<Zip> {
  const file = await openFile(bytes, source, name);
  const entries = new Map<string, Entry>();
  try {
    await new Promise<void>((resolve, reject) => {
      file.on('entry', (entry: Entry) => {
        entries.set(entry.fileName.replace(/^\/+/u, ''), entry);
        if (entries.size > MAX_PARTS) reject(new Error('it has too many parts'));
        else file.readEntry();
      });
      file.on('end', resolve);
      file.on('error', reject);
      file.readEntry();
    });
  } catch (error) {
    file.close();
    throw damaged(name, error);
  }
  return {
    names: [...entries.keys()],
    close: () => file.close(),
    async *read(part) {
      const entry = entries.get(part);
      if (entry === undefined) return;
      if (entry.uncompressedSize > MAX_PART) throw damaged(name, new Error(`its part ${part} unpacks to more than 1 GB`));
      let stream: Readable | undefined;
      try {
        stream = await new Promise<Readable>((resolve, reject) => {
          file.openReadStream(entry, (error, opened) => (error ? reject(error) : resolve(opened)));
        });
        // Its size is held to what the archive announces.
        for await (const text of stream.setEncoding('utf8')) yield text;
      } catch (error) {
        throw damaged(name, error);
      } finally {
        stream?.destroy();
      }
    },
  };
}

async function openFile(bytes: ByteSource, source: TextSource, name: string): Promise<ZipFile> {
  const options = { lazyEntries: true, autoClose: false } as const;
  const isFile = 'path' in source && (await canBeReadTwice(source));
  const whole = isFile ? undefined : await readAll(bytes, MAX_PIPED);
  if (whole !== undefined && whole.length > MAX_PIPED) {
    throw notAList(
      name,
      'an archive or workbook of more than 256 MB',
      'Save it to a file, and give the file: through a pipe it would have to fit in memory.',
    );
  }
  return new Promise((resolve, reject) => {
    const opened = (error: Error | null, file: ZipFile) => (error ? reject(damaged(name, error)) : resolve(file));
    if (whole !== undefined) fromBuffer(whole, options, opened);
    else open((source as { path: string }).path, options, opened);
  });
}
