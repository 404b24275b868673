import { appendFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAILED_NAME, FailedRows } from '../../src/archive/failed-rows.ts';
import type { Archive } from '../../src/archive/folder/archive-folder.ts';
import { MANIFEST_NAME } from '../../src/archive/manifest.ts';
import { runBatch } from '../../src/batch/run-batch.ts';
import { interruptedError, RecordingError, usageError } from '../../src/errors.ts';
import type { ListRow } from '../../src/list/list-row.ts';
import { systemClock } from '../../src/system.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { testSystem } from '../helpers/test-system.ts';
import { contentOf, endsOf, errorOf, type Fate, listOf, type RunSettings, rowsOf, run, turn } from './batch-run.ts';

const ids = (count: number) => Array.from({ length: count }, (_, n) => `id-${n}`);
const list = (names: readonly string[], options?: Parameters<typeof listOf>[1]) => listOf(rowsOf(names), options);
const fates =
  (by: Record<string, Fate>) =>
  (id: string): Fate =>
    by[id] ?? 'saved';

/** An archive that does as the given one, save what the test replaces. */
function archiveWith(archive: Archive, other: Partial<Archive>): Archive {
  return {
    know: (id, options) => archive.know(id, options),
    destinationFor: (row) => archive.destinationFor(row),
    record: (outcome) => archive.record(outcome),
    close: () => archive.close(),
    ...other,
  };
}

describe('a batch that comes to its end', () => {
  it('brings each row to its end, and counts repeated ids and blank rows apart', async () => {
    const told = await run(await tempFolder(), {
      rows: list(['a', 'b', '', 'a', 'gone', 'down', 'a', '']),
      fate: fates({ gone: 'RECORDING_NOT_FOUND', down: 'NETWORK' }),
    });
    const bytes = contentOf('a').length + contentOf('b').length;
    expect(told.summary).toEqual({ total: 4, saved: 2, skipped: 0, gone: 1, failed: 1, duplicates: 2, blank: 2, bytes, durationMs: 0 });
    expect(told.incomplete).toBe(true);
    expect(told.stopped).toBeUndefined();
    expect([...told.manifest.values()].map(({ id, status, attempts }) => [id, status, attempts]).sort()).toEqual([
      ['a', 'saved', 1],
      ['b', 'saved', 1],
      ['down', 'failed', 2],
      ['gone', 'gone', 1],
    ]);
    expect(told.failedRows).toEqual(['  down']);
    expect(told.events.filter(({ type }) => type === 'passed-over')).toEqual([
      { type: 'passed-over', why: 'blank' },
      { type: 'passed-over', why: 'duplicate' },
      { type: 'passed-over', why: 'duplicate' },
      { type: 'passed-over', why: 'blank' },
    ]);
  });

  it('is complete where all was saved, and leaves no failed.txt', async () => {
    const told = await run(await tempFolder(), { rows: list(['a', 'b']) });
    expect(told).toMatchObject({ incomplete: false, stopped: undefined, failedRows: undefined });
  });

  it('does nothing for an empty list', async () => {
    const told = await run(await tempFolder(), { rows: list([]) });
    expect(told.summary).toMatchObject({ total: 0, duplicates: 0, blank: 0 });
    expect(told.manifest.size).toBe(0);
  });

  it.each([1, 3, 8])('has never more than %i under way, and as many as there are', async (concurrency) => {
    const told = await run(await tempFolder(), { rows: list(ids(30)), concurrency, turns: (id) => (Number(id.slice(3)) % 4) + 1 });
    expect(told.mostAtOnce).toBe(concurrency);
    expect(told.summary.saved).toBe(30);
  });

  it('goes on with others while one takes long', async () => {
    let letGo = () => {};
    const others = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let ended = 0;
    const told = await run(await tempFolder(), {
      rows: list(ids(10)),
      concurrency: 2,
      waitsFor: (id) => (id === 'id-0' ? others : undefined),
      onEvent: ({ type }) => {
        if (type === 'saved') ended += 1;
        if (ended === 9) letGo();
      },
    });
    expect(endsOf(told.events).at(-1)).toEqual({ id: 'id-0', end: 'saved', asked: true });
  });

  it('goes no further while nobody takes what it tells, until that is taken or it is stopped', async () => {
    const folder = await tempFolder();
    await run(folder, { rows: list(['a']) });
    const stop = new AbortController();
    let told = 0;
    let waits = 0;
    let toldAtFirst = 0;
    // One file for all of these, as far as the manifest says.
    const many = await run(folder, {
      rows: list(ids(100_000)),
      signal: stop.signal,
      clock: systemClock,
      archive: (archive) =>
        archiveWith(archive, {
          know: (id) => ({
            status: 'saved',
            recording: { id, file: 'a', bytes: 1, sha256: '', contentType: null, etag: null, attempts: 1, durationMs: 0 },
          }),
        }),
      outputTaken: () => {
        waits += 1;
        if (waits > 1) return undefined;
        toldAtFirst = told;
        return new Promise((resolve) =>
          setTimeout(() => {
            expect(told).toBe(toldAtFirst);
            resolve();
          }, 30),
        );
      },
      onEvent: () => {
        told += 1;
      },
    });
    expect(waits).toBeGreaterThan(0);
    expect(toldAtFirst).toBeLessThan(100_000);
    expect(many.summary.skipped).toBe(100_000);

    const never = await run(folder, {
      rows: list(ids(2000)),
      signal: stop.signal,
      clock: systemClock,
      outputTaken: () => new Promise(() => setImmediate(() => stop.abort(interruptedError('SIGINT')))),
    });
    expect(never.stopped?.code).toBe('INTERRUPTED');
  });

  it('tells of each fetch that it began, before its end', async () => {
    const { events } = await run(await tempFolder(), { rows: list(['a']) });
    expect(events.map(({ type }) => type)).toEqual(['started', 'saved']);
  });

  it('hands on what a fetch tells', async () => {
    const { events } = await run(await tempFolder(), { rows: list(['a']), fate: () => 'NETWORK' });
    expect(events.map(({ type }) => type)).toEqual(['started', 'retrying', 'failed']);
  });

  it('takes what is thrown and is no error of ours for a fault of the tool, in that row alone', async () => {
    const folder = await tempFolder();
    const told = await run(folder, {
      rows: list(['a', 'b']),
      turns: (id) => {
        if (id === 'a') throw new TypeError('undefined is not a function');
        return 1;
      },
    });
    expect(told.summary).toMatchObject({ saved: 1, failed: 1 });
    expect(told.manifest.get('a')?.error?.code).toBe('UNEXPECTED');
  });
});

describe('a batch over a folder with recordings', () => {
  it('asks nothing a second time for what is saved or gone, and is complete', async () => {
    const folder = await tempFolder();
    const fate = fates({ gone: 'RECORDING_EXPIRED' });
    await run(folder, { rows: list(['a', 'gone', 'b']), fate });
    const again = await run(folder, { rows: list(['a', 'gone', 'b']), fate });
    expect(again.asked).toEqual([]);
    expect(again.summary).toMatchObject({ total: 3, saved: 0, skipped: 2, gone: 1, failed: 0, bytes: 0 });
    // A nightly job must not cry for ever.
    expect(again.incomplete).toBe(false);
    expect(endsOf(again.events)).toEqual([
      { id: 'a', end: 'skipped', asked: false },
      { id: 'gone', end: 'gone', asked: false },
      { id: 'b', end: 'skipped', asked: false },
    ]);
  });

  it('tells of what is known to be gone as the first run did', async () => {
    const folder = await tempFolder();
    const first = await run(folder, { rows: list(['gone']), fate: () => 'RECORDING_NOT_FOUND' });
    const again = await run(folder, { rows: list(['gone']) });
    const errorIn = (told: typeof first) => told.events.flatMap((event) => (event.type === 'gone' ? [event.error.toJSON()] : []));
    expect(errorIn(again)).toEqual(errorIn(first));
  });

  it('asks again for what failed, and takes failed.txt away when it is had', async () => {
    const folder = await tempFolder();
    expect((await run(folder, { rows: list(['a', 'b']), fate: fates({ b: 'TIMEOUT' }) })).failedRows).toEqual([' b']);
    const again = await run(folder, { rows: list(['a', 'b']) });
    expect(again.asked).toEqual(['b']);
    expect(again).toMatchObject({ incomplete: false, failedRows: undefined });
    expect(again.manifest.get('b')?.status).toBe('saved');
  });

  it('asks again for what is gone with --retry-gone', async () => {
    const folder = await tempFolder();
    await run(folder, { rows: list(['a', 'b']), fate: () => 'RECORDING_EXPIRED' });
    const again = await run(folder, { rows: list(['a', 'b']), retryGone: true, fate: fates({ b: 'RECORDING_EXPIRED' }) });
    expect(again.asked).toEqual(['a', 'b']);
    expect(again.summary).toMatchObject({ saved: 1, gone: 1 });
    expect(again.incomplete).toBe(true);
    expect([again.manifest.get('a')?.status, again.manifest.get('b')?.status]).toEqual(['saved', 'gone']);
  });

  it('mends what is missing or of another size by itself, and what has changed with --checksum', async () => {
    const folder = await tempFolder();
    const names = ['whole', 'missing', 'short', 'changed'];
    await run(folder, { rows: list(names) });
    const spoil = async () => {
      await unlink(join(folder, 'missing.mp3'));
      await writeFile(join(folder, 'short.mp3'), '');
      await writeFile(join(folder, 'changed.mp3'), contentOf('changed').toUpperCase());
    };
    await spoil();
    expect((await run(folder, { rows: list(names) })).asked.sort()).toEqual(['missing', 'short']);
    await spoil();
    const checked = await run(folder, { rows: list(names), checksum: true });
    expect(checked.asked.sort()).toEqual(['changed', 'missing', 'short']);
    expect(checked.summary).toMatchObject({ saved: 3, skipped: 1 });
    expect((await run(folder, { rows: list(names), checksum: true })).asked).toEqual([]);
  });
});

describe('a part of a list', () => {
  it('ends after so many that were asked for; what is saved already does not count', async () => {
    const folder = await tempFolder();
    await run(folder, { rows: list(['id-1']) });
    const told = await run(folder, { rows: list(ids(9)), limit: 3 });
    expect(told.asked).toEqual(['id-0', 'id-2', 'id-3']);
    expect(told.summary).toMatchObject({ total: 4, saved: 3, skipped: 1 });
    expect(told).toMatchObject({ incomplete: false, stopped: undefined });
  });

  it('does not wait for another row once it has asked for so many', async () => {
    async function* silent(): AsyncGenerator<ListRow[]> {
      yield rowsOf(['a', 'b']);
      await new Promise(() => {});
    }
    expect((await run(await tempFolder(), { rows: silent(), limit: 2 })).summary.saved).toBe(2);
  });

  it('accounts for no more than so many when it is stopped', async () => {
    const told = await run(await tempFolder(), { rows: list(ids(20)), limit: 5, concurrency: 1, fate: () => 'CREDENTIALS_REJECTED' });
    expect(told.summary).toMatchObject({ total: 5, failed: 5 });
  });

  it('passes without a word over ids that are another machine’s', async () => {
    const told = await run(await tempFolder(), { rows: list(['a', 'x', '', 'x', 'b']), isOurs: (id) => id !== 'x' });
    expect(told.summary).toMatchObject({ total: 2, saved: 2, duplicates: 0, blank: 1 });
    expect(told.asked).toEqual(['a', 'b']);
  });
});

describe('a batch that is stopped', () => {
  it.each(['CREDENTIALS_REJECTED', 'CREDENTIALS_MISSING', 'FILE_SYSTEM', 'USAGE'] as const)(
    'asks for nothing more at %s, and accounts for the rest with the same error',
    async (code) => {
      const told = await run(await tempFolder(), { rows: list(ids(20)), concurrency: 2, fate: fates({ 'id-2': code }) });
      expect(told.stopped?.code).toBe(code);
      expect(told.asked.length).toBeLessThanOrEqual(4);
      expect(told.summary).toMatchObject({ total: 20, failed: 20 - told.summary.saved });
      expect(told.manifest.size).toBe(20);
      const unreached = told.manifest.get('id-19');
      expect(unreached).toMatchObject({ status: 'failed', attempts: 0, error: { code } });
      expect(told.failedRows).toHaveLength(told.summary.failed);
    },
  );

  it.each(['NETWORK', 'TIMEOUT', 'RATE_LIMITED', 'SERVICE_UNAVAILABLE', 'UNEXPECTED_RESPONSE', 'CONTENT_MISMATCH', 'FILE_EXISTS'] as const)(
    'is not stopped by %s',
    async (code) => {
      const told = await run(await tempFolder(), { rows: list(ids(5)), concurrency: 1, fate: fates({ 'id-0': code }) });
      expect(told).toMatchObject({ stopped: undefined, incomplete: true, summary: { saved: 4, failed: 1 } });
    },
  );

  it('cuts what is under way, and records it', async () => {
    const stop = new AbortController();
    const told = await run(await tempFolder(), {
      rows: list(ids(6)),
      concurrency: 3,
      signal: stop.signal,
      turns: () => 1000,
      onEvent: (event) => event.type === 'started' && event.id === 'id-2' && stop.abort(interruptedError('SIGTERM')),
    });
    expect(told.asked).toEqual(['id-0', 'id-1', 'id-2']);
    expect(told.stopped).toMatchObject({ code: 'INTERRUPTED', exitCode: 143 });
    expect(told.summary).toMatchObject({ total: 6, failed: 6 });
    expect(told.failedRows).toHaveLength(6);
    expect(endsOf(told.events).map(({ asked }) => asked)).toEqual(expect.arrayContaining([true, false]));
  });

  it('says nothing in a manifest that has become another run’s of what it has not saved', async () => {
    const stop = new AbortController();
    const told = await run(await tempFolder(), {
      rows: list(ids(6)),
      concurrency: 2,
      signal: stop.signal,
      turns: (id) => (id === 'id-0' ? 1 : 1000),
      onEvent: (event) => event.type === 'saved' && stop.abort(new RecordingError('LOCKED', 'The lock is lost.', { hint: 'Wait.' })),
    });
    expect(told.stopped?.code).toBe('LOCKED');
    expect(told.summary.failed).toBeGreaterThan(3);
    expect([...told.manifest.values()].map(({ status }) => status)).toEqual(Array(told.summary.saved).fill('saved'));
  });

  it('asks for nothing where it was stopped before it began', async () => {
    const told = await run(await tempFolder(), { rows: list(ids(4)), signal: AbortSignal.abort(interruptedError('SIGINT')) });
    expect(told.asked).toEqual([]);
    expect(told.summary).toMatchObject({ total: 4, failed: 4 });
  });

  it('still counts as saved or gone what was so before', async () => {
    const folder = await tempFolder();
    await run(folder, { rows: list(['a', 'gone']), fate: fates({ gone: 'RECORDING_EXPIRED' }) });
    const told = await run(folder, { rows: list(['a', 'gone', 'new']), signal: AbortSignal.abort(interruptedError('SIGINT')) });
    expect(told.summary).toMatchObject({ total: 3, skipped: 1, gone: 1, failed: 1 });
  });

  it('does not write once more of what failed before and was not reached', async () => {
    const folder = await tempFolder();
    await run(folder, { rows: list(['a']), fate: () => 'TIMEOUT' });
    const told = await run(folder, { rows: list(['a']), signal: AbortSignal.abort(interruptedError('SIGINT')) });
    expect(told.manifest.get('a')).toMatchObject({ attempts: 1, error: { code: 'TIMEOUT' } });
    expect(told.failedRows).toEqual(['a']);
  });

  it.each<[string, boolean, Partial<RunSettings>]>([
    ['the whole list', false, {}],
    ['a limit', true, { limit: 2 }],
    ['a shard', true, { isOurs: (id) => id !== 'b' }],
    ['a list that cannot be read on', true, { rows: listOf(rowsOf(['a', 'b']), { failure: errorOf('USAGE') }) }],
    ['a stop after which the rest was accounted for', false, { fate: () => 'CREDENTIALS_REJECTED' }],
  ])('tells whether rows are left: %s', async (_, hasRowsLeft, settings) => {
    const told = await run(await tempFolder(), { rows: listOf(rowsOf(['a', 'b', 'c', 'd'])), ...settings });
    expect(told.hasRowsLeft).toBe(hasRowsLeft);
  });

  it('does not wait for rows from a source that has fallen silent', async () => {
    let closed = false;
    async function* silent(): AsyncGenerator<ListRow[]> {
      try {
        yield rowsOf(['a']);
        await new Promise(() => {});
      } finally {
        closed = true;
      }
    }
    // The clock of this system moves by itself wherever something sleeps.
    const clock = testSystem();
    const folder = await tempFolder();
    const result = await runBatch(
      silent(),
      {
        fetch: async () => {
          await turn();
          throw errorOf('CREDENTIALS_REJECTED');
        },
        archive: emptyArchive(),
        failedRows: new FailedRows(folder, undefined),
        onEvent() {},
        clock,
      },
      { concurrency: 1, checksum: false, retryGone: false, signal: new AbortController().signal },
    );
    expect(result.summary).toMatchObject({ total: 1, failed: 1 });
    expect(result.stopped?.code).toBe('CREDENTIALS_REJECTED');
    expect(result.hasRowsLeft).toBe(true);
    expect(clock.sleeps).toEqual([1000]);
    expect(closed).toBe(false);
  });

  it('leaves no timer behind', async () => {
    let waiting: AbortSignal | undefined;
    const clock = testSystem({ manualClock: true });
    const sleep = clock.sleep.bind(clock);
    const watched = {
      ...clock,
      sleep: (ms: number, signal?: AbortSignal) => {
        waiting = signal;
        return sleep(ms, signal);
      },
    };
    const tools = { fetch: async () => Promise.reject(errorOf('USAGE')), archive: emptyArchive(), onEvent() {}, clock: watched };
    const failedRows = new FailedRows(await tempFolder(), undefined);
    const options = { concurrency: 1, checksum: false, retryGone: false, signal: new AbortController().signal };
    await runBatch(list(['a', 'b']), { ...tools, failedRows }, options);
    expect(waiting?.aborted).toBe(true);
  });
});

describe('a list that cannot be read on', () => {
  it('brings what is under way to its end, and tells what was wrong', async () => {
    const told = await run(await tempFolder(), {
      rows: list(['a', 'b', 'c'], { failure: usageError('line 4 is damaged', 'Export it again.') }),
      turns: () => 20,
    });
    expect(told.stopped).toMatchObject({ code: 'USAGE', message: 'line 4 is damaged' });
    expect(told.summary).toMatchObject({ total: 3, saved: 3, failed: 0 });
    expect(told.incomplete).toBe(false);
  });

  it('can still be stopped by a signal meanwhile', async () => {
    const stop = new AbortController();
    async function* broken(): AsyncGenerator<ListRow[]> {
      yield rowsOf(['a', 'b']);
      setImmediate(() => setImmediate(() => stop.abort(interruptedError('SIGINT'))));
      throw usageError('line 3 is damaged', 'Export it again.');
    }
    const told = await run(await tempFolder(), { rows: broken(), signal: stop.signal, turns: () => 100_000 });
    expect(told.stopped?.message).toBe('line 3 is damaged');
    expect(told.summary).toMatchObject({ total: 2, failed: 2 });
    expect(told.manifest.get('a')?.error?.code).toBe('INTERRUPTED');
  });
});

describe('a disk that fails', () => {
  const full = () => new RecordingError('FILE_SYSTEM', 'The disk is full.', { hint: 'Make room.' });

  it('stops the batch where an outcome cannot be recorded, and calls the row failed', async () => {
    const told = await run(await tempFolder(), {
      rows: list(ids(10)),
      concurrency: 2,
      archive: (folder) =>
        archiveWith(folder, {
          record: async (outcome) => {
            if ('saved' in outcome && outcome.saved.id !== 'id-0') throw full();
            await folder.record(outcome);
          },
        }),
    });
    expect(told.stopped).toMatchObject({ code: 'FILE_SYSTEM', message: 'The disk is full.' });
    expect(told.summary).toMatchObject({ total: 10, saved: 1, failed: 9 });
    expect(told.failedRows).toHaveLength(9);
  });

  it('records at its end what there was no room for before, and calls saved what is', async () => {
    const folder = await tempFolder();
    // Full from the third outcome on, until what was fetched has been cut.
    const refused = new Set<string>();
    const told = await run(folder, {
      rows: list(ids(10)),
      concurrency: 3,
      fate: fates({ 'id-3': 'RECORDING_NOT_FOUND' }),
      archive: (archive) => {
        let recorded = 0;
        return archiveWith(archive, {
          record: async (outcome) => {
            const { id } = outcome.row;
            recorded += 1;
            const wasFetched = 'saved' in outcome || outcome.attempts > 0;
            if (recorded > 2 && wasFetched && !refused.has(id)) {
              refused.add(id);
              throw full();
            }
            await archive.record(outcome);
          },
        });
      },
    });
    expect(told.stopped).toMatchObject({ code: 'FILE_SYSTEM' });
    expect(refused.size).toBeGreaterThan(0);
    const ends = endsOf(told.events);
    expect(ends.map(({ id }) => id).sort()).toEqual(ids(10));
    expect(ends.find(({ id }) => id === 'id-2')).toEqual({ id: 'id-2', end: 'saved', asked: true });
    for (const { id, end } of ends) expect({ id, status: told.manifest.get(id)?.status }).toEqual({ id, status: end });
    expect(told.failedRows).toHaveLength(told.summary.failed);
    expect((await run(folder, { rows: list(ids(10)) })).summary).toMatchObject({ skipped: told.summary.saved, failed: 0 });
  });

  it('ends all the same where nothing can be recorded any more', async () => {
    let asked = 0;
    const told = await run(await tempFolder(), {
      rows: list(ids(20_000)),
      archive: (folder) =>
        archiveWith(folder, {
          record: () => {
            asked += 1;
            return Promise.reject(full());
          },
        }),
    });
    expect(told.summary).toMatchObject({ total: 20_000, failed: 20_000 });
    expect(told.failedRows).toHaveLength(20_000);
    // Not for each of the rows that were not reached: what waits to be written must not grow with the list.
    expect(asked).toBeLessThan(6000);
  });

  it('stops the batch where what is saved after all cannot be recorded', async () => {
    const folder = await tempFolder();
    const first = await run(folder, { rows: list(['a', 'b']) });
    expect(first.summary.saved).toBe(2);
    await appendFile(join(folder, MANIFEST_NAME), `${JSON.stringify({ id: 'b', status: 'failed', file: null })}\n`);
    const told = await run(folder, {
      rows: list(['a', 'b']),
      archive: (archive) => archiveWith(archive, { record: () => Promise.reject(full()) }),
    });
    expect(told.summary).toMatchObject({ total: 2, skipped: 2 });
    expect(told.stopped).toMatchObject({ code: 'FILE_SYSTEM' });
  });

  it.each<[string, () => never | Promise<never>]>([
    [
      'at once',
      () => {
        throw full();
      },
    ],
    ['after a while', () => Promise.reject(full())],
  ])('stops the batch where the manifest cannot be read, told %s; no row is lost', async (_how, know) => {
    const told = await run(await tempFolder(), {
      rows: list(ids(6)),
      archive: (folder) => archiveWith(folder, { know: (id, options) => (id === 'id-3' ? know() : folder.know(id, options)) }),
    });
    expect(told.stopped?.code).toBe('FILE_SYSTEM');
    expect(told.summary.total).toBe(6);
    expect(endsOf(told.events).find(({ id }) => id === 'id-3')).toEqual({ id: 'id-3', end: 'failed', asked: false });
  });

  it('stops the batch where failed.txt cannot be written', async () => {
    const folder = await tempFolder();
    const failedRows = new FailedRows(join(folder, 'gone'), undefined);
    const rows = ids(9).map((id, index) => ({ id, line: index + 1, raw: id + ' '.repeat(70_000) }));
    const told = await run(folder, { rows: listOf(rows), concurrency: 1, failedRows, fate: () => 'TIMEOUT' });
    expect(told.stopped).toMatchObject({ code: 'FILE_SYSTEM', message: expect.stringContaining(FAILED_NAME) });
    expect(told.asked).toEqual(['id-0']);
    expect(told.summary).toMatchObject({ total: 9, failed: 9 });
  });
});

/** An archive that has nothing, and forgets everything. */
function emptyArchive(): Archive {
  return {
    know: () => ({ status: 'wanted' }),
    destinationFor: () => ({ open: () => Promise.reject(new Error('nothing is fetched here')) }),
    record: async () => {},
    close: async () => {},
  };
}
