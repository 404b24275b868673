import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interruptedError, isGone, usageError } from '../../src/errors.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { contentOf, endsOf, type Fate, listOf, rowsOf, run, type Told } from './batch-run.ts';

const IDS = ['a', 'A', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'];
const ORDINARY: Fate[] = ['saved', 'saved', 'saved', 'RECORDING_NOT_FOUND', 'RECORDING_EXPIRED', 'NETWORK', 'CONTENT_MISMATCH'];
const STOPPING: Fate[] = ['CREDENTIALS_REJECTED', 'FILE_SYSTEM', 'USAGE'];

const fateOfEach = (fates: Fate[]) => fc.array(fc.constantFrom(...fates), { minLength: IDS.length, maxLength: IDS.length });

/** A list, what becomes of each of its ids, what an earlier run has left, and when and why it all ends before its time. */
const scenarios = fc.record({
  ids: fc.array(fc.constantFrom('', ...IDS), { maxLength: 30 }),
  before: fc.record({ ids: fc.subarray(IDS), fates: fateOfEach(ORDINARY) }),
  fates: fc.oneof(fateOfEach(ORDINARY), fateOfEach([...ORDINARY, ...STOPPING])),
  turns: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: IDS.length, maxLength: IDS.length }),
  concurrency: fc.integer({ min: 1, max: 4 }),
  at: fc.integer({ min: 1, max: 8 }),
  retryGone: fc.boolean(),
  checksum: fc.boolean(),
  limit: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
  /** The event at which a signal comes; none does where there are fewer. */
  stopAt: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
  listBreaks: fc.boolean(),
  /** Whether the rows were counted beforehand. */
  isCounted: fc.boolean(),
});
type Scenario = typeof scenarios extends fc.Arbitrary<infer Value> ? Value : never;

const by =
  <Value>(values: readonly Value[]) =>
  (id: string): Value =>
    values[IDS.indexOf(id)] as Value;

async function play(folder: string, scenario: Scenario): Promise<Told> {
  const { ids, before, fates, turns, at, listBreaks, stopAt, isCounted, ...options } = scenario;
  await run(folder, { rows: listOf(rowsOf(before.ids)), fate: by(before.fates) });
  const stop = new AbortController();
  let events = 0;
  return run(folder, {
    ...options,
    ...(isCounted && options.limit === undefined && { total: ids.filter((id) => id !== '').length }),
    rows: listOf(rowsOf(ids), { at, ...(listBreaks && { failure: usageError('The list is damaged.', 'Mend it.') }) }),
    fate: by(fates),
    turns: by(turns),
    signal: stop.signal,
    onEvent: () => {
      if (events === stopAt) stop.abort(interruptedError('SIGINT'));
      events += 1;
    },
  });
}

describe('however a batch ends', () => {
  it('each row has one end, and summary, events, manifest, failed.txt and files tell the same story', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        const folder = await tempFolder();
        const told = await play(folder, scenario);
        expectOneEndEach(told, scenario);
        await expectOneStory(folder, told);
        expectBounds(told, scenario);
      }),
      { numRuns: 60 },
    );
  });

  it('a next run without faults asks for what is neither saved nor gone, and for nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        const folder = await tempFolder();
        const { manifest } = await play(folder, scenario);
        const wanted = [...new Set(scenario.ids)].filter((id) => id !== '' && !['saved', 'gone'].includes(manifest.get(id)?.status ?? ''));
        const next = await run(folder, { rows: listOf(rowsOf(scenario.ids)) });
        expect(next.asked).toEqual(wanted);
        expect(next).toMatchObject({ incomplete: false, stopped: undefined, summary: { failed: 0, notReached: 0 } });
        for (const raw of next.failedRows ?? []) expect(scenario.ids).not.toContain(raw.trim());
        expect((await run(folder, { rows: listOf(rowsOf(scenario.ids)) })).asked).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});

function expectOneEndEach(told: Told, { ids, limit }: Scenario): void {
  const { summary } = told;
  const ends = endsOf(told.events);
  const count = (end: string) => ends.filter((each) => each.end === end).length;
  expect(new Set(ends.map(({ id }) => id)).size, 'ids with an end').toBe(ends.length);
  expect(summary.total).toBe(summary.saved + summary.skipped + summary.gone + summary.failed + summary.notReached);
  expect(summary).toMatchObject({ saved: count('saved'), skipped: count('skipped'), gone: count('gone'), failed: count('failed') });
  const rows = summary.total + summary.duplicates;
  const named = ids.filter((id) => id !== '').length;
  if (limit === undefined && !told.restUnread) expect(rows, 'rows accounted for').toBe(named);
  else expect(rows).toBeLessThanOrEqual(named);
  if (told.stopped === undefined) expect([summary.notReached, told.restUnread]).toEqual([0, false]);
  expect(told.incomplete).toBe(ends.some(({ end, asked }) => end === 'failed' || (end === 'gone' && asked)));
}

async function expectOneStory(folder: string, told: Told): Promise<void> {
  const ends = endsOf(told.events);
  for (const { id, end } of ends) {
    const line = told.manifest.get(id);
    expect([id, line?.status]).toEqual([id, end === 'skipped' ? 'saved' : end]);
    if (line?.status === 'saved') expect(await readFile(join(folder, line.file ?? ''), 'utf8')).toBe(contentOf(id));
    if (line?.status === 'gone') expect(line.error && isGone(line.error.code)).toBe(true);
  }
  // Those of the run before that were not reached in this one are worth another run still.
  const failed = [...told.manifest.values()].filter(({ status }) => status === 'failed').map(({ id }) => id);
  expect((told.failedRows ?? []).map((raw) => raw.trim()).sort()).toEqual(failed.sort());
  expect(told.failedRows?.length).not.toBe(0);
  const bytes = told.events.reduce((sum, event) => sum + (event.type === 'saved' ? event.recording.bytes : 0), 0);
  expect(told.summary.bytes).toBe(bytes);
}

function expectBounds(told: Told, { concurrency, limit, stopAt, listBreaks, fates }: Scenario): void {
  expect(told.mostAtOnce).toBeLessThanOrEqual(concurrency);
  expect(told.asked.length).toBeLessThanOrEqual(limit ?? told.asked.length);
  expect(new Set(told.asked).size).toBe(told.asked.length);
  const mayStop = stopAt !== undefined || listBreaks || fates.some((fate) => STOPPING.includes(fate));
  if (!mayStop) expect(told.stopped).toBeUndefined();
}
