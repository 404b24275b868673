import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { downloadRecording } from '../../src/download/download.ts';
import { createPace } from '../../src/retry/pace.ts';
import { retryPolicy } from '../../src/retry/policy.ts';
import { testSystem } from '../helpers/test-system.ts';
import { audio, etag, folder, lockless, other, page, run, savedBytes, sha256, signature, useDownloads } from './download-run.ts';
import { wav } from './recordings.ts';
import { broken, expired, md5Etag, refusal, rest, type Step, unanswered, whole } from './scripted-store.ts';

useDownloads();

describe('downloadRecording, undisturbed', () => {
  test('saves the bytes, and tells what it knows of them', async () => {
    const found = await run({ steps: [whole(audio)] });
    expect(Buffer.compare(await savedBytes(found), audio)).toBe(0);
    expect(found.saved).toEqual({
      id: 'id',
      file: path.join(folder, 'id.wav'),
      bytes: 5000,
      sha256,
      contentType: 'audio/wav',
      etag: md5Etag(audio),
      attempts: 1,
      durationMs: 0,
    });
    expect(found).toMatchObject({ asked: '1@0', ifMatch: [undefined], links: 1, retries: [], sleeps: [] });
  });

  test('tells how far it is, ever further up to the end', async () => {
    const { events } = await run({ steps: [whole(audio)] });
    const progress = events.flatMap((event) => (event.type === 'progress' ? [event] : []));
    expect(progress.length).toBeGreaterThan(10);
    expect(progress.map(({ bytes }) => bytes)).toEqual(progress.map(({ bytes }) => bytes).sort((one, two) => one - two));
    expect(progress.at(-1)).toEqual({ type: 'progress', id: 'id', bytes: 5000, totalBytes: 5000 });
    expect(events).toHaveLength(progress.length);
  });

  test.each([
    ['without a length, its end marked', { contentLength: undefined }],
    ['without a length or a marked end, but with an MD5', { contentLength: undefined, endIsMarked: false }],
    ['without an ETag', { etag: null }],
    ['with an ETag that is no MD5', { etag }],
    ['encrypted, so that its ETag is no MD5', { etag: md5Etag(other), encryption: 'aws:kms' }],
  ])('saves a recording %s', async (_, served) => {
    expect(Buffer.compare(await savedBytes(await run({ steps: [whole(audio, served)] })), audio)).toBe(0);
  });

  test.each([44, 511, 512, 513])('saves a recording of %i bytes', async (length) => {
    const bytes = wav(length);
    expect(Buffer.compare(await savedBytes(await run({ steps: [whole(bytes)] })), bytes)).toBe(0);
  });

  test('lets the pace recover when the store answers, and not when it refuses', async () => {
    expect((await run({ steps: [refusal(503), whole(audio, { etag, cutAfter: 2000 }), rest(audio, { etag })] })).answered).toBe(2);
  });

  test('keeps a type and an ETag without what they repeat of the link', async () => {
    const served = { contentType: `audio/wav; key=${signature}`, etag: `"${signature}"` };
    expect((await run({ steps: [whole(audio, served)] })).saved).toMatchObject({ contentType: 'audio/wav; key=***', etag: '"***"' });
  });

  test('tells of a recording that is kept although its header announces more', async () => {
    const short = Buffer.from(audio);
    short.write('data', 12, 'latin1');
    short.writeUInt32LE(9000, 16);
    const found = await run({ steps: [whole(short)] });
    expect(found.saved).toMatchObject({ incomplete: { announced: 9020, bytes: 5000 } });
    expect(found.saved).not.toHaveProperty('unconfirmed');
    expect(found.events.filter(({ type }) => type === 'notice')).toEqual([
      { type: 'notice', message: expect.stringContaining('id is incomplete: its header announces 9020 bytes') },
    ]);
  });

  test('tells of a recording that is kept although its MD5 is another than the store says, of two equal copies', async () => {
    const wrong = whole(audio, { etag: md5Etag(other) });
    const found = await run({ steps: [wrong, wrong] });
    expect(found.saved).toMatchObject({ sha256, unconfirmed: 'etag' });
    expect(found.saved).not.toHaveProperty('incomplete');
    expect(found.events.filter(({ type }) => type === 'notice')).toEqual([
      { type: 'notice', message: expect.stringContaining('id does not match the MD5') },
    ]);
  });

  test('waits for no turn at the store, which the rate of requests to the service does not concern', async () => {
    const found = await run({ steps: [unanswered(), whole(audio)], perSecond: 1 });
    expect(found.sleeps).toEqual([250]);
  });

  test('passes the validity on', async () => {
    const asked: unknown[] = [];
    const clock = testSystem();
    await downloadRecording(
      'id',
      lockless(),
      {
        askLink: async ({ validityMinutes }) => {
          asked.push(validityMinutes);
          return { url: new URL('https://store.example/1'), validityMinutes: 60, expiresAt: 0 };
        },
        getObject: async () => whole(audio)(undefined),
        policy: retryPolicy(),
        pace: createPace(clock),
        clock,
        onEvent: () => undefined,
      },
      { validityMinutes: 60, signal: new AbortController().signal },
    );
    expect(asked).toEqual([60]);
  });
});

describe('downloadRecording, disturbed on the way and saved all the same', () => {
  const cut = { etag, cutAfter: 2000 };

  test.each<[string, Step[], { asked: string; attempts: number }]>([
    [
      'a reset goes on from the last byte',
      [whole(audio, cut), rest(audio, { etag })],
      {
        asked: '1@0 1@2000',
        attempts: 2,
      },
    ],
    [
      'a second reset too',
      [whole(audio, cut), rest(audio, { etag, cutAfter: 1000 }), rest(audio, { etag })],
      {
        asked: '1@0 1@2000 1@3000',
        attempts: 3,
      },
    ],
    [
      'a body that ends early without a word goes on from the last byte',
      [whole(audio, { etag, cutAfter: 2000, endsQuietly: true }), rest(audio, { etag })],
      {
        asked: '1@0 1@2000',
        attempts: 2,
      },
    ],
    [
      'so does the rest that ends early without a word',
      [whole(audio, cut), rest(audio, { etag, cutAfter: 2000, endsQuietly: true }), rest(audio, { etag })],
      {
        asked: '1@0 1@2000 1@4000',
        attempts: 3,
      },
    ],
    [
      'a 412 starts again',
      [whole(other, cut), refusal(412, 'PreconditionFailed'), whole(audio)],
      {
        asked: '1@0 1@2000 1@0',
        attempts: 2,
      },
    ],
    [
      'a 416 starts again',
      [whole(other, cut), refusal(416, 'InvalidRange'), whole(audio)],
      {
        asked: '1@0 1@2000 1@0',
        attempts: 2,
      },
    ],
    [
      'a 200 in place of a 206 starts again',
      [whole(other, cut), whole(audio)],
      {
        asked: '1@0 1@2000',
        attempts: 2,
      },
    ],
    [
      'a Content-Range that does not fit starts again',
      [whole(other, cut), rest(audio, { etag, contentRange: 'bytes 1999-4999/5000' }), whole(audio)],
      {
        asked: '1@0 1@2000 1@0',
        attempts: 2,
      },
    ],
    [
      'the rest of another object starts again',
      [whole(other, cut), rest(audio, { etag: '"another"' }), whole(audio)],
      {
        asked: '1@0 1@2000 1@0',
        attempts: 2,
      },
    ],
    [
      'an object that has another length all of a sudden starts again',
      [whole(wav(6000, 2), cut), rest(audio, { etag }), whole(audio)],
      {
        asked: '1@0 1@2000 1@0',
        attempts: 2,
      },
    ],
    [
      'a rest without an ETag starts again',
      [whole(audio, cut), rest(audio, { etag: null }), whole(audio)],
      {
        asked: '1@0 1@2000 1@0',
        attempts: 2,
      },
    ],
    [
      'without an ETag a reset starts again',
      [whole(other, { etag: null, cutAfter: 2000 }), whole(audio)],
      {
        asked: '1@0 1@0',
        attempts: 2,
      },
    ],
    [
      'with a weak ETag too',
      [whole(other, { etag: 'W/"a"', cutAfter: 2000 }), whole(audio)],
      {
        asked: '1@0 1@0',
        attempts: 2,
      },
    ],
    [
      'so does a reset before there was enough to judge',
      [whole(other, { etag, cutAfter: 300 }), whole(audio)],
      {
        asked: '1@0 1@0',
        attempts: 2,
      },
    ],
    [
      'a reset as soon as there was enough to judge goes on from the last byte',
      [whole(audio, { etag, cutAfter: 512 }), rest(audio, { etag })],
      {
        asked: '1@0 1@512',
        attempts: 2,
      },
    ],
    [
      'an ETag that repeats what the link is signed with is no name to go on by',
      [whole(other, { etag: `"${signature}"`, cutAfter: 2000 }), whole(audio)],
      {
        asked: '1@0 1@0',
        attempts: 2,
      },
    ],
    [
      'no answer is asked for once more',
      [unanswered(), whole(audio)],
      {
        asked: '1@0 1@0',
        attempts: 2,
      },
    ],
    [
      'a 503 is asked again',
      [refusal(503, 'InternalError'), whole(audio)],
      {
        asked: '1@0 1@0',
        attempts: 2,
      },
    ],
    [
      'a 503 within goes on from the last byte',
      [whole(audio, cut), refusal(503), refusal(500), rest(audio, { etag })],
      {
        asked: '1@0 1@2000 1@2000 1@2000',
        attempts: 4,
      },
    ],
    [
      'a link that expires within is asked for anew, and it goes on from the last byte',
      [whole(audio, cut), expired, rest(audio, { etag })],
      {
        asked: '1@0 1@2000 2@2000',
        attempts: 2,
      },
    ],
    [
      'a second link that expires is asked for anew like the first, after a while where it never led to bytes',
      [whole(audio, cut), expired, expired, rest(audio, { etag })],
      {
        asked: '1@0 1@2000 2@2000 3@2000',
        attempts: 3,
      },
    ],
    [
      'a link that was expired before its use is asked for anew, after a while',
      [expired, whole(audio)],
      {
        asked: '1@0 2@0',
        attempts: 2,
      },
    ],
    [
      'bytes that do not prove right are fetched once more by a new link',
      [whole(other, { etag: md5Etag(audio) }), whole(audio)],
      {
        asked: '1@0 2@0',
        attempts: 2,
      },
    ],
    [
      'a rest of wrong bytes too, from nothing',
      [whole(other, { etag: md5Etag(audio), cutAfter: 2000 }), rest(audio), whole(audio)],
      {
        asked: '1@0 1@2000 2@0',
        attempts: 3,
      },
    ],
    [
      'a page in place of the recording too',
      [whole(page, { contentType: 'text/html' }), whole(audio)],
      {
        asked: '1@0 2@0',
        attempts: 2,
      },
    ],
    [
      'an encoded body too',
      [whole(audio, { contentEncoding: 'gzip' }), whole(audio)],
      {
        asked: '1@0 2@0',
        attempts: 2,
      },
    ],
    [
      'an empty body too',
      [whole(new Uint8Array(0), { etag: null }), whole(audio)],
      {
        asked: '1@0 2@0',
        attempts: 2,
      },
    ],
    [
      'a part that nobody asked for too',
      [rest(audio, { contentRange: 'bytes 0-4998/5000', contentLength: 4999 }), whole(audio)],
      {
        asked: '1@0 2@0',
        attempts: 2,
      },
    ],
    [
      'more bytes than were announced too',
      [whole(wav(5001), { etag: null, contentLength: 5000 }), whole(audio)],
      {
        asked: '1@0 2@0',
        attempts: 2,
      },
    ],
  ])('%s', async (_, steps, { asked, attempts }) => {
    const found = await run({ steps });
    expect(Buffer.compare(await savedBytes(found), audio)).toBe(0);
    expect(found.saved).toMatchObject({ bytes: 5000, sha256, attempts });
    expect(found.asked).toEqual(asked);
    expect(found.ifMatch.map((sent) => sent !== undefined)).toEqual(asked.split(' ').map((one) => !one.endsWith('@0')));
    expect(found.links).toBe(Number(asked.split(' ').at(-1)?.split('@')[0]));
    expect(found.retries).toHaveLength(attempts - 1);
  });

  test('goes on with the very object that it began with', async () => {
    const found = await run({ steps: [whole(audio, cut), rest(audio, { etag })] });
    expect(found.ifMatch).toEqual([undefined, etag]);
  });

  test('waits longer from failure to failure, and not at all where the bytes were wrong', async () => {
    const failures = await run({ steps: [unanswered(), unanswered(), unanswered(), whole(audio)] });
    expect(failures.sleeps).toEqual([250, 500, 1000]);
    expect(failures.retries).toEqual(['2 NETWORK', '3 NETWORK', '4 NETWORK']);
    const wrong = await run({ steps: [whole(page), whole(audio)], destination: lockless(path.join(folder, 'b')) });
    expect(wrong.sleeps).toEqual([]);
    expect(wrong.retries).toEqual(['2 CONTENT_MISMATCH']);
  });

  test('waits as long as a busy store asks', async () => {
    const found = await run({ steps: [refusal(503, 'SlowDown', 'Reduce your request rate.', { retryAfter: '7' }), whole(audio)] });
    expect(found).toMatchObject({ sleeps: [7000], retries: ['2 RATE_LIMITED'] });
  });

  test('asks for the link again where the service was not reached', async () => {
    const found = await run({ steps: [whole(audio)], links: [broken(), broken()] });
    expect(found).toMatchObject({ links: 3, asked: '3@0', saved: { attempts: 3 } });
  });

  test('counts failures anew whenever it got further by 16 KiB', async () => {
    const long = wav(100_000);
    const cut = { etag, cutAfter: 17_000 };
    const steps = [whole(long, cut), ...Array<Step>(4).fill(rest(long, cut)), rest(long, { etag })];
    const found = await run({ steps, retries: 1 });
    expect(found.saved).toMatchObject({ attempts: 6, bytes: 100_000 });
    expect(found.sleeps).toEqual([250, 250, 250, 250, 250]);
  });

  test.each([
    [100_000, 16_384, true],
    [100_000, 16_383, false],
    [2_000_000, 20_000, true],
    [2_000_000, 19_999, false],
  ])('counts failures anew in a recording of %i bytes that gets further by %i: %s', async (length, cutAfter, follows) => {
    const long = wav(length);
    const cut = { etag, cutAfter };
    const steps = [whole(long, cut), rest(long, cut), rest(long, { etag })];
    const found = await run({ steps: steps.slice(0, follows ? 3 : 2), retries: 1 });
    expect(found.saved?.bytes).toBe(follows ? length : undefined);
  });

  test.each([
    ['follows', 41_000, 4],
    ['does not follow', 19_000, 2],
  ])('of a long recording %s what gets further by %i bytes at a time: a hundredth counts', async (_, cutAfter, requests) => {
    const long = wav(4_000_000);
    const cut = { etag, cutAfter };
    const steps = [whole(long, cut), rest(long, cut), rest(long, cut), rest(long, { etag })];
    const found = await run({ steps: steps.slice(0, requests), retries: 1 });
    expect(found.saved?.attempts).toBe(requests === 4 ? 4 : undefined);
  });

  test.each([100_000, 10_000_000])('does not follow for ever a store that breaks off after a thousand bytes of %i', async (length) => {
    const long = wav(length);
    const cut = { etag, cutAfter: 1000 };
    const found = await run({ steps: [whole(long, cut), ...Array<Step>(5).fill(rest(long, cut))] });
    expect(found.error).toMatchObject({ code: 'NETWORK' });
  });

  test('does not follow for ever a store that hands out byte by byte', async () => {
    const drip = rest(audio, { etag, cutAfter: 1 });
    const found = await run({ steps: [whole(audio, { etag, cutAfter: 2000 }), drip, drip], retries: 2 });
    expect(found.error).toMatchObject({ code: 'NETWORK' });
    expect(found.asked).toEqual('1@0 1@2000 1@2001');
  });

  test('does not count what it fetches once more as getting further, however far it got each time', async () => {
    const steps = [4000, 1000, 3000].map((cutAfter) => whole(audio, { etag: null, cutAfter }));
    expect((await run({ steps, retries: 2 })).error).toMatchObject({ code: 'NETWORK' });
  });

  test('does not count what it fetches once more in full as getting further', async () => {
    const again = whole(audio, { etag: null, cutAfter: 4000 });
    const found = await run({ steps: [again, again, again], retries: 2 });
    expect(found.error).toMatchObject({ code: 'NETWORK' });
    expect(found.sleeps).toEqual([250, 500]);
  });

  test('saves the right bytes, wherever the connection breaks and however the store goes on', async () => {
    const cutAt = fc.integer({ min: 0, max: 4999 });
    let turn = 0;
    const kind = fc.constantFrom('rest', 'ignored range', '412', 'wrong range', '503', 'expired');
    await fc.assert(
      fc.asyncProperty(
        cutAt,
        fc.array(fc.tuple(kind, cutAt), { maxLength: 6 }),
        fc.constantFrom(etag, md5Etag(audio)),
        async (first, rounds, tag) => {
          const steps: Step[] = [whole(audio, { etag: tag, cutAfter: first })];
          const queue = [...rounds];
          const answer: Step = (asked) => {
            const [how, cutAfter] = queue.shift() ?? ['rest', 5000];
            const served = { etag: tag, ...(cutAfter < 4000 ? { cutAfter } : {}) };
            if (how === '503') return refusal(503)(asked);
            if (how === 'expired') return expired(asked);
            if (asked === undefined || how === 'ignored range') return whole(audio, served)(asked);
            if (how === '412') return refusal(412, 'PreconditionFailed')(asked);
            if (how === 'wrong range') return rest(other, { ...served, contentRange: 'bytes 0-4999/5000' })(asked);
            return rest(audio, served)(asked);
          };
          const system = testSystem();
          turn += 1;
          const at = path.join(folder, String(turn));
          const saved = await downloadRecording(
            'id',
            lockless(at),
            {
              askLink: async () => ({ url: new URL('https://store.example/1'), validityMinutes: 5, expiresAt: 0 }),
              getObject: async (_, asked) => (steps.shift() ?? answer)(asked),
              policy: retryPolicy(20),
              pace: createPace(system),
              clock: system,
              onEvent: () => undefined,
            },
            { signal: new AbortController().signal },
          );
          expect(saved).toMatchObject({ bytes: 5000, sha256 });
          expect(
            createHash('sha256')
              .update(await readFile(saved.file))
              .digest('hex'),
          ).toBe(sha256);
          expect(await readdir(at)).toEqual(['id.wav']);
        },
      ),
      { numRuns: 60 },
    );
  });
});
