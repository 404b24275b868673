import { describe, expect, test } from 'vitest';
import { audio, etag, run, savedBytes, useDownloads } from './download-run.ts';
import { rest, type Step, whole } from './scripted-store.ts';

useDownloads();

/** A turn that tells when it was taken and ended, between what else happens. */
function logged() {
  const log: string[] = [];
  const step =
    (name: string, then: Step): Step =>
    (asked) => {
      log.push(name);
      return then(asked);
    };
  const turn = (waitMs: number, meanwhile = () => {}) => {
    return (clock: { sleep(ms: number): Promise<void> }) => ({
      async take() {
        log.push('take');
        await clock.sleep(waitMs);
        meanwhile();
      },
      end: () => void log.push('end'),
    });
  };
  return { log, step, turn };
}

describe('downloadRecording, as one of many', () => {
  test('asks for the link before its turn and the store in it, and ends it when the bytes are there', async () => {
    const { log, step, turn } = logged();
    const found = await run({ steps: [step('store', whole(audio))], turn: turn(5000) });
    expect(Buffer.compare(await savedBytes(found), audio)).toBe(0);
    expect(log).toEqual(['take', 'store', 'end']);
    expect(found).toMatchObject({ asked: '1@0', links: 1 });
  });

  test('keeps its turn over the attempts that it takes', async () => {
    const { log, step, turn } = logged();
    const steps = [step('cut', whole(audio, { etag, cutAfter: 2000 })), step('rest', rest(audio, { etag }))];
    await savedBytes(await run({ steps, turn: turn(0) }));
    expect(log).toEqual(['take', 'cut', 'rest', 'end']);
  });

  test.each([
    [10_000, 1],
    [10_001, 2],
  ])('uses a link that has waited %i ms for its turn by link %i', async (ms, link) => {
    const { turn } = logged();
    const found = await run({ steps: [whole(audio)], turn: turn(ms) });
    await savedBytes(found);
    expect(found).toMatchObject({ asked: `${link}@0`, links: link });
  });

  test('asks nobody when it was stopped while it waited', async () => {
    const stop = new AbortController();
    const { turn } = logged();
    const reason = new Error('enough');
    const found = await run({ steps: [], signal: stop.signal, turn: turn(0, () => stop.abort(reason)) });
    expect(found.error).toBe(reason);
    expect(found.asked).toBe('');
  });
});
