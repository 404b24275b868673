import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError, hasCode } from '../disk/file-error.ts';
import { usageError } from '../errors.ts';
import { mp3Audio, wavAudio } from './audio.ts';
import { drawOf, type MadeUpCall, madeUpCall } from './made-up-calls.ts';

/** What an archive for show is to hold. */
export interface ShowArchive {
  folder: string;
  /** How many recordings. */
  count: number;
  /** The moment before which all calls were, in milliseconds since 1970 UTC. */
  now: number;
  signal: AbortSignal;
}

/** The calls are of so many days. */
const DAYS = 90;
const GONE = {
  code: 'RECORDING_EXPIRED',
  message: 'The service says that this recording has expired.',
  hint: 'It can no longer be fetched.',
  retryable: false,
};
const FAILED = { code: 'TIMEOUT', message: 'The store sent nothing for 30 s.', hint: 'Run the same command again.', retryable: true };

/**
 * Fills a new folder with an archive that looks like one of a call centre: recordings that play, calls over the last ninety days with agents, queues and
 * callers, some gone and some failed. The same count gives the same calls. Throws `USAGE` where the folder is there already, `FILE_SYSTEM`, and the signal's
 * reason.
 */
export async function fillShowArchive({ folder, count, now, signal }: ShowArchive): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) throw usageError(`${folder} already exists.`, 'Name a new folder.', error);
    throw fileError(error, `make the folder ${folder}`);
  }
  const manifest = createWriteStream(join(folder, 'manifest.jsonl'), { flags: 'wx' });
  const folders = new Set<string>();
  for (let index = 0; index < count; index += 1) {
    signal.throwIfAborted();
    const call = madeUpCall(index, { count, days: DAYS, now });
    const day = join(folder, call.day);
    if (call.status === 'saved' && !folders.has(day)) {
      folders.add(day);
      await mkdir(day, { recursive: true });
    }
    if (!manifest.write(`${JSON.stringify(await lineOf(call, index, count, folder, now))}\n`)) await once(manifest, 'drain');
  }
  manifest.end();
  await once(manifest, 'finish');
}

async function lineOf(call: MadeUpCall, index: number, count: number, folder: string, now: number) {
  const { id, status, day, row } = call;
  const told = {
    id,
    status,
    attempts: 1 + (index % 17 === 0 ? 1 : 0),
    at: new Date(now).toISOString(),
    account: 'HXIN0000000000IN@sandbox',
  };
  if (status !== 'saved') {
    const error = status === 'gone' ? GONE : FAILED;
    return { ...told, file: null, bytes: null, sha256: null, contentType: null, etag: null, error, row };
  }
  const content = soundOf(index, count);
  const file = `${day}/${id}${content.extension}`;
  await writeFile(join(folder, file), content.bytes, { flag: 'wx' });
  const sha256 = createHash('sha256').update(content.bytes).digest('hex');
  const etag = `"${createHash('md5').update(content.bytes).digest('hex')}"`;
  return { ...told, file, bytes: content.bytes.length, sha256, contentType: content.contentType, etag, error: null, row };
}

/** Of a few they play for some seconds; of many for a moment, so that they fit on a disk. */
function soundOf(index: number, count: number) {
  const tune = createHash('sha256').update(`tune ${index}`).digest();
  const draw = drawOf(index + 1);
  const bytes = count > 2000 ? 2000 : 40_000 + draw(120_000);
  const audio = index % 3 === 0 ? wavAudio(tune, bytes) : mp3Audio(tune, bytes / 4, `Call ${index}`);
  return { bytes: Buffer.concat([...audio.read(0, audio.size)]), extension: audio.extension, contentType: audio.contentType };
}
