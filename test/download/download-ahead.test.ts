import { describe, expect, test } from 'vitest';
import { RecordingError } from '../../src/errors.ts';
import type { TestSystem } from '../helpers/test-system.ts';
import { audio, etag, run, savedBytes, useDownloads } from './download-run.ts';
import { rest, whole } from './scripted-store.ts';

useDownloads();

/** The tool has run for a while when the download begins. */
const later = { onClock: (clock: TestSystem) => clock.advance(60_000) };
const busy = () => new RecordingError('SERVICE_UNAVAILABLE', 'Busy.', { hint: 'Wait.' });

describe('Download, its link asked for ahead', () => {
  test('asks the store by that link, and for no other', async () => {
    const found = await run({ steps: [whole(audio)], askedAhead: { waitMs: 5000 }, ...later });
    expect(Buffer.compare(await savedBytes(found), audio)).toBe(0);
    expect(found).toMatchObject({ asked: '1@0', links: 1, saved: { attempts: 1, durationMs: 5000 } });
  });

  test.each([
    [10_000, 1],
    [10_001, 2],
  ])('uses a link that has waited %i ms by link %i', async (waitMs, link) => {
    const found = await run({ steps: [whole(audio)], askedAhead: { waitMs }, ...later });
    await savedBytes(found);
    expect(found).toMatchObject({ asked: `${link}@0`, links: link });
  });

  test('tries again for the link, and counts all attempts together', async () => {
    const steps = [whole(audio, { etag, cutAfter: 2000 }), rest(audio, { etag })];
    const found = await run({ steps, links: [busy()], askedAhead: { waitMs: 0 } });
    await savedBytes(found);
    expect(found).toMatchObject({ links: 2, retries: ['2 SERVICE_UNAVAILABLE', '3 NETWORK'], saved: { attempts: 3 } });
  });

  test('gives up where the service gives no link, before anything is opened', async () => {
    const found = await run({ steps: [], links: [busy()], retries: 0, askedAhead: { waitMs: 0 } });
    expect(found.error).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(found.files).toEqual([]);
  });

  test('asks nobody when it was stopped while it waited', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const found = await run({ steps: [], signal: stop.signal, askedAhead: { waitMs: 0, meanwhile: () => stop.abort(reason) } });
    expect(found.error).toBe(reason);
    expect([found.asked, found.files]).toEqual(['', []]);
  });
});
