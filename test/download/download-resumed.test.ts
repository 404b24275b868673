import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Draft } from '../../src/archive/draft.ts';
import { interruptedError, RecordingError } from '../../src/errors.ts';
import { audio, etag, folder, leavePart, other, page, run, savedBytes, sha256, useDownloads } from './download-run.ts';
import { wav } from './recordings.ts';
import { md5Etag, refusal, rest, type Step, whole } from './scripted-store.ts';

useDownloads();

describe('downloadRecording, over several runs', () => {
  test('hashes what an earlier run kept, so that the whole is proven', async () => {
    await leavePart(audio, 3000, md5Etag(audio));
    const found = await run({ steps: [rest(audio)] });
    expect(found).toMatchObject({ asked: '1@3000', saved: { sha256 } });
    expect(Buffer.compare(await savedBytes(found), audio)).toBe(0);
  });

  test('finds bytes that went bad between two runs where the ETag is an MD5, and fetches all anew', async () => {
    await leavePart(audio, 3000, md5Etag(audio));
    const [part = ''] = await readdir(folder);
    const bytes = await readFile(path.join(folder, part));
    bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    await writeFile(path.join(folder, part), bytes);
    const found = await run({ steps: [rest(audio), whole(audio)] });
    expect(found.asked).toEqual('1@3000 2@0');
    expect(Buffer.compare(await savedBytes(found), audio)).toBe(0);
  });

  test.each<[string, Step[]]>([
    ['has changed', [refusal(412, 'PreconditionFailed'), whole(audio)]],
    ['is shorter now', [refusal(416, 'InvalidRange'), whole(audio)]],
    ['comes whole', [whole(audio)]],
  ])('takes nothing of the earlier bytes where the object %s', async (_, steps) => {
    await leavePart(other, 3000);
    expect(Buffer.compare(await savedBytes(await run({ steps })), audio)).toBe(0);
  });

  test('asks for the whole where what was kept is too little to judge by', async () => {
    await leavePart(other, 2000);
    const [part = ''] = await readdir(folder);
    await writeFile(path.join(folder, part), other.subarray(0, 300));
    await writeFile(path.join(folder, `${part}.json`), JSON.stringify({ id: 'id', etag, totalBytes: 5000, bytes: 300 }));
    const found = await run({ steps: [whole(audio)] });
    expect(found.asked).toEqual('1@0');
    expect(Buffer.compare(await savedBytes(found), audio)).toBe(0);
  });

  test('keeps what it has when it is stopped, and goes on from there', async () => {
    const stop = new AbortController();
    const reason = interruptedError('SIGINT');
    const stopped = await run({
      steps: [whole(audio, { etag, cutAfter: 2000, error: reason, meanwhile: () => stop.abort(reason) })],
      signal: stop.signal,
    });
    expect(stopped.error).toBe(reason);
    expect(stopped.retries).toEqual([]);
    expect(stopped.files).toHaveLength(2);
    expect((await run({ steps: [rest(audio, { etag })] })).asked).toEqual('1@2000');
  });

  test("keeps its bytes when it is stopped for another recording's trouble with the disk", async () => {
    const stop = new AbortController();
    const reason = new RecordingError('FILE_SYSTEM', 'The disk is full.', { hint: 'Make room.' });
    const stopped = await run({
      steps: [whole(audio, { etag, cutAfter: 2000, error: reason, meanwhile: () => stop.abort(reason) })],
      signal: stop.signal,
    });
    expect(stopped.error).toBe(reason);
    expect(stopped.files).toHaveLength(2);
  });

  test('stops while it hashes what an earlier run kept', async () => {
    await leavePart(audio, 2000);
    const reason = interruptedError('SIGTERM');
    const stopped = await run({ steps: [], signal: AbortSignal.abort(reason) });
    expect(stopped).toMatchObject({ error: reason, links: 0 });
    expect(stopped.files).toHaveLength(2);
  });

  test('throws away what it has when its own disk fails', async () => {
    const done: string[] = [];
    const draft: Draft = {
      length: 0,
      identity: undefined,
      async *earlier() {},
      restart: async () => undefined,
      write: async () => {
        throw new RecordingError('FILE_SYSTEM', 'The disk is full.', { hint: 'Make room.' });
      },
      commit: () => Promise.reject(new Error('nothing is to be committed')),
      keep: async () => void done.push('keep'),
      discard: async () => void done.push('discard'),
    };
    const found = await run({ steps: [whole(audio)], destination: { open: async () => draft } });
    expect(found.error).toMatchObject({ code: 'FILE_SYSTEM' });
    expect(done).toEqual(['discard']);
  });

  test.each<[string, Step]>([
    ['by another object', refusal(412)],
    ['by what was no recording', whole(page)],
  ])('counts how far it gets from nothing, once it was sent back there %s', async (_, setback) => {
    const old = wav(50_000);
    const fresh = wav(50_000, 2);
    const cut = { etag, cutAfter: 10_000 };
    const steps = [
      whole(old, { etag, cutAfter: 45_000 }),
      setback,
      whole(fresh, cut),
      rest(fresh, cut),
      rest(fresh, cut),
      rest(fresh, { etag }),
    ];
    const found = await run({ steps, retries: 2 });
    expect(found.error).toBeUndefined();
    expect(found.saved).toMatchObject({ bytes: 50_000 });
  });
});
