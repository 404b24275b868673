import { describe, expect, test } from 'vitest';
import { streamDestination } from '../../src/download/stream-draft.ts';
import { testSystem } from '../helpers/test-system.ts';
import { audio, etag, other, page, type Run, run, type Scenario, sha256, useDownloads } from './download-run.ts';
import { md5Etag, rest, type Step, whole } from './scripted-store.ts';

useDownloads();

describe('downloadRecording, to standard output', () => {
  async function pipe(scenario: Scenario): Promise<{ found: Run; out: Buffer }> {
    const system = testSystem();
    const found = await run({ ...scenario, destination: streamDestination(system.stdout) });
    return { found, out: system.stdoutBytes };
  }

  test.each<[string, Step[]]>([
    ['undisturbed', [whole(audio)]],
    ['a reset', [whole(audio, { etag, cutAfter: 2000 }), rest(audio, { etag })]],
    ['a reset, and no ETag', [whole(audio, { etag: null, cutAfter: 2000 }), whole(audio, { etag: null })]],
    ['a range that is ignored', [whole(audio, { etag, cutAfter: 2000 }), whole(audio, { etag })]],
    ['a page first', [whole(page), whole(audio)]],
    ['a page within', [whole(audio, { etag: null, cutAfter: 2000 }), whole(page, { etag: null }), whole(audio)]],
    [
      'resets at any place, before and behind what was written',
      [3000, 600, 100, 3500, 2000].map((cutAfter) => whole(audio, { etag: null, cutAfter })).concat(whole(audio)),
    ],
    [
      'a restart, and a reset within what was written, and on by range',
      [whole(audio, { etag: null, cutAfter: 3000 }), whole(audio, { etag, cutAfter: 1000 }), rest(audio, { etag })],
    ],
  ])('each byte goes out once: %s', async (_, steps) => {
    const { found, out } = await pipe({ steps });
    expect(found.error).toBeUndefined();
    expect(found.saved).toMatchObject({ file: '-', bytes: 5000, sha256 });
    expect(Buffer.compare(out, audio)).toBe(0);
  });

  test('nothing of a page goes out', async () => {
    const { found, out } = await pipe({ steps: [whole(page), whole(page)] });
    expect(found.error).toMatchObject({ code: 'CONTENT_MISMATCH' });
    expect(out).toHaveLength(0);
  });

  test('fails where other bytes come after a restart, and sends nothing on after what was right', async () => {
    const { found, out } = await pipe({ steps: [whole(audio, { etag: null, cutAfter: 2000 }), whole(other), whole(other)] });
    expect(found.error).toMatchObject({ code: 'CONTENT_MISMATCH', message: expect.stringContaining('changed') });
    expect(Buffer.compare(out, audio.subarray(0, 2000))).toBe(0);
  });

  test('takes the right bytes where the second attempt brought others and the third the first again', async () => {
    const { found, out } = await pipe({ steps: [whole(audio, { etag: null, cutAfter: 2000 }), whole(other), whole(audio)] });
    expect(found.error).toBeUndefined();
    expect(Buffer.compare(out, audio)).toBe(0);
  });

  test('fails where what went out proves wrong at the end, whatever comes then', async () => {
    const { found } = await pipe({ steps: [whole(other, { etag: md5Etag(audio) }), whole(audio)] });
    expect(found.error).toMatchObject({ code: 'CONTENT_MISMATCH' });
  });

  test('fails where the recording turns out shorter than what went out', async () => {
    const short = audio.subarray(0, 1500);
    const { found } = await pipe({ steps: [whole(audio, { etag: null, cutAfter: 2000 }), whole(short)] });
    expect(found.error).toMatchObject({ code: 'CONTENT_MISMATCH', message: expect.stringContaining('shorter') });
  });
});
