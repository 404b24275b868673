import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Draft } from '../../src/archive/draft.ts';
import { RecordingError } from '../../src/errors.ts';
import {
  audio,
  etag,
  folder,
  lockless,
  other,
  page,
  run,
  type Scenario,
  savedBytes,
  sha256,
  signature,
  useDownloads,
} from './download-run.ts';
import { wav } from './recordings.ts';
import { endless, expired, md5Etag, readOf, refusal, rest, type Step, unanswered, whole } from './scripted-store.ts';

useDownloads();

const third = wav(5000, 3);

describe('downloadRecording, in vain', () => {
  test.each<[string, Scenario, string]>([
    [
      'an MD5 that is wrong of two copies',
      { steps: [whole(other, { etag: md5Etag(audio) }), whole(third, { etag: md5Etag(audio) })] },
      'MD5',
    ],
    ['a page twice', { steps: [whole(page), whole(page, { contentType: 'audio/wav' })] }, 'an HTML page'],
    [
      'nothing at all twice',
      { steps: [whole(new Uint8Array(0), { etag: null }), whole(new Uint8Array(0), { etag: null })] },
      'an empty file',
    ],
    [
      'an encoded body twice',
      { steps: [whole(audio, { contentEncoding: 'br' }), whole(audio, { contentEncoding: 'br' })] },
      'encoded (br)',
    ],
    [
      'a part that nobody asked for twice',
      { steps: Array(2).fill(rest(audio, { contentRange: 'bytes 0-4998/5000', contentLength: 4999 })) },
      'only a part',
    ],
    ['different troubles, one after the other', { steps: [whole(page), whole(other, { etag: md5Etag(audio) })] }, 'MD5'],
    ['a body without an end', { steps: [endless(audio), endless(audio)], unannouncedLimit: 20_000 }, 'does not end after 20000 bytes'],
    [
      'neither length nor marked end nor MD5',
      { steps: Array(2).fill(whole(audio, { etag, contentLength: undefined, endIsMarked: false })) },
      'neither a length nor a checksum',
    ],
  ])('gives up with CONTENT_MISMATCH, and leaves nothing: %s', async (_, scenario, why) => {
    const found = await run(scenario);
    expect(found.error).toMatchObject({ code: 'CONTENT_MISMATCH', message: expect.stringContaining(why) });
    expect(found.files).toEqual([]);
    expect(found.retries).toEqual(['2 CONTENT_MISMATCH']);
  });

  test('reads no more of a page than it needs to know it', async () => {
    let read = 0;
    const long: Step = () => ({
      ...whole(new Uint8Array(0), { contentLength: undefined, etag: null })(undefined),
      read: readOf(
        (async function* () {
          for (;;) {
            read += 1;
            yield page;
          }
        })(),
      ),
    });
    await run({ steps: [long, long] });
    expect(read).toBe(2);
  });

  test('takes what an unannounced body may have, to the byte', async () => {
    const steps = [whole(audio, { contentLength: undefined })];
    expect((await run({ steps, unannouncedLimit: 5000 })).saved).toMatchObject({ bytes: 5000 });
    const found = await run({ steps: [...steps, ...steps], unannouncedLimit: 4999, destination: lockless(path.join(folder, 'b')) });
    expect(found.error).toMatchObject({ code: 'CONTENT_MISMATCH' });
  });

  test.each(['RECORDING_NOT_FOUND', 'RECORDING_EXPIRED', 'CREDENTIALS_REJECTED', 'USAGE', 'UNEXPECTED_RESPONSE'] as const)(
    'asks no second time where the service says %s',
    async (code) => {
      const error = new RecordingError(code, 'No.', { hint: 'Look.' });
      const found = await run({ steps: [], links: [error] });
      expect(found.error).toBe(error);
      expect(found).toMatchObject({ links: 1, files: [], retries: [] });
    },
  );

  test.each([
    [403, 'SignatureDoesNotMatch'],
    [404, 'NoSuchKey'],
    [400, 'InvalidRequest'],
    [301, 'PermanentRedirect'],
  ])('asks no second time where the store says %i %s', async (status, code) => {
    const found = await run({ steps: [refusal(status, code)] });
    expect(found.error).toMatchObject({ code: 'UNEXPECTED_RESPONSE', message: expect.stringContaining(code) });
    expect(found.files).toEqual([]);
  });

  test('gives up on links that are always expired before their use', async () => {
    const found = await run({ steps: [expired, expired, expired], retries: 2 });
    expect(found.error).toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: 'The signed link had expired, or was not valid yet, when it was used.',
      hint: 'Try again. If that does not help, check the clock of this machine, and ask for a longer --validity.',
    });
    expect(found.links).toBe(3);
  });

  test('says how far it got where a body ends early without a word', async () => {
    const found = await run({ steps: [whole(audio, { etag, cutAfter: 2000, endsQuietly: true })], retries: 0 });
    expect(found.error).toMatchObject({
      code: 'NETWORK',
      message: 'The connection ended after 2000 of 5000 bytes.',
      hint: 'Check the network, and try again: the transfer resumes where it stopped.',
    });
  });

  test('gives up on a store that has another object each time it is asked to go on', async () => {
    const cut = whole(wav(50_000), { etag, cutAfter: 45_000 });
    const found = await run({ steps: [cut, refusal(412), cut, refusal(412), cut], retries: 1 });
    expect(found.error).toMatchObject({ code: 'NETWORK' });
  });

  test('gives up on a store that denies each time what it was asked to go on from', async () => {
    const cut = whole(wav(50_000), { etag, cutAfter: 45_000 });
    const found = await run({ steps: [cut, refusal(416), cut], retries: 1 });
    expect(found.error).toMatchObject({ code: 'NETWORK' });
  });

  test('tells nothing of the link that the store repeats in its headers', async () => {
    const encoded = whole(audio, { contentEncoding: `x-${signature}` });
    const found = await run({ steps: [encoded, encoded] });
    expect(found.error).toMatchObject({
      message: 'The store sent the recording encoded (x-***), so it cannot be checked.',
    });
  });

  test('gives up when it has tried often enough, and keeps what it has for a later run', async () => {
    const found = await run({ steps: [whole(audio, { etag, cutAfter: 2000 }), unanswered(), unanswered()], retries: 2 });
    expect(found.error).toMatchObject({ code: 'NETWORK' });
    expect(found.files).toEqual([expect.stringMatching(/^id~.*\.part$/), expect.stringMatching(/^id~.*\.part\.json$/)]);
    const later = await run({ steps: [rest(audio, { etag })] });
    expect(later).toMatchObject({ asked: '1@2000', ifMatch: [etag], saved: { attempts: 1, sha256 } });
    expect(Buffer.compare(await savedBytes(later), audio)).toBe(0);
  });

  test.each([
    [undefined, 120],
    [10_000, 40],
  ])('gives up on a body that comes byte by byte, second by second (stall timeout: %s)', async (stallTimeoutMs, seconds) => {
    let wait = async () => {};
    async function* drip() {
      yield audio.subarray(0, 1000);
      for (let at = 1000; at < audio.length; at += 1) {
        await wait();
        yield audio.subarray(at, at + 1);
      }
    }
    const step: Step = () => ({ ...whole(audio, { etag })(undefined), read: readOf(drip()) });
    const found = await run({
      steps: [step],
      retries: 0,
      ...(stallTimeoutMs === undefined ? {} : { stallTimeoutMs }),
      onClock: (clock) => {
        wait = () => clock.sleep(1000);
      },
    });
    expect(found.error).toMatchObject({ code: 'TIMEOUT' });
    expect(found.sleeps).toHaveLength(seconds);
    // What has come is a part to go on from.
    expect(found.files).toHaveLength(2);
  });

  test('writes nothing of what there is no room for', async () => {
    const written: number[] = [];
    const draft: Draft = {
      length: 0,
      identity: undefined,
      room: async () => 1_999_999,
      async *earlier() {},
      restart: async () => undefined,
      write: (bytes) => void written.push(bytes.length),
      commit: async () => {
        throw new Error('There is nothing to commit.');
      },
      keep: async () => undefined,
      discard: async () => undefined,
    };
    const found = await run({ steps: [whole(wav(2_000_000))], destination: { open: async () => draft } });
    expect(found.error).toMatchObject({ code: 'FILE_SYSTEM', message: expect.stringContaining('not enough room') });
    expect(written).toEqual([]);
  });

  test('leaves a file alone that came to stand there meanwhile', async () => {
    const meanwhile = () => writeFileSync(path.join(folder, 'id.wav'), 'mine');
    const found = await run({ steps: [whole(audio, { etag, meanwhile })] });
    expect(found.error).toMatchObject({ code: 'FILE_EXISTS' });
    expect(await readFile(path.join(folder, 'id.wav'), 'utf8')).toBe('mine');
  });

  test('tells a fault of this tool as it is, and does not try again', async () => {
    const found = await run({ steps: [unanswered(new TypeError('x is not a function'))] });
    expect(found.error).toMatchObject({ code: 'UNEXPECTED' });
  });
});
