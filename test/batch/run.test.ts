import { unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Archive } from '../../src/archive/archive.ts';
import type { Draft } from '../../src/archive/draft.ts';
import type { BatchOptions } from '../../src/batch/run.ts';
import { interruptedError, RecordingError, usageError } from '../../src/errors.ts';
import type { ListRow } from '../../src/list/list-row.ts';
import { systemClock } from '../../src/system.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { testSystem } from '../helpers/test-system.ts';
import { contentOf, endsOf, type Fate, listOf, rowsOf, run } from './batch-run.ts';

const ids = (count: number) => Array.from({ length: count }, (_, n) => `id-${n}`);
const list = (names: readonly string[], options?: Parameters<typeof listOf>[1]) => listOf(rowsOf(names), options);
const fates =
  (by: Record<string, Fate>) =>
  (id: string): Fate =>
    by[id] ?? 'saved';

/** An archive that does as the given one, save what the test replaces. */
function archiveWith(archive: Archive, other: Partial<Archive>): Archive {
  return {
    isEmpty: archive.isEmpty,
    know: (id, options) => archive.know(id, options),
    saved: (id) => archive.saved(id),
    confirm: (row) => archive.confirm(row),
    open: (row) => archive.open(row),
    refuse: (row, error, attempts) => archive.refuse(row, error, attempts),
    listFailed: () => archive.listFailed(),
    listBadRows: (text) => archive.listBadRows(text),
    flush: () => archive.flush(),
    close: () => archive.close(),
    ...other,
  };
}

/** An archive whose drafts ask the test before they commit. */
function committing(archive: Archive, before: (id: string) => void): Archive {
  return archiveWith(archive, {
    async open(row) {
      const draft = await archive.open(row);
      const commit: Draft['commit'] = async (fetched) => {
        before(row.id);
        return draft.commit(fetched);
      };
      return new Proxy(draft, {
        get: (target, name) => {
          if (name === 'commit') return commit;
          const value = Reflect.get(target, name, target);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
    },
  });
}

describe('a batch that comes to its end', () => {
  it('brings each row to its end, and counts repeated ids and blank rows apart', async () => {
    const told = await run(await tempFolder(), {
      rows: list(['a', 'b', '', 'a', 'gone', 'down', 'a', '']),
      fate: fates({ gone: 'RECORDING_NOT_FOUND', down: 'NETWORK' }),
    });
    const bytes = contentOf('a').length + contentOf('b').length;
    const rows = { total: 4, saved: 2, skipped: 0, gone: 1, failed: 1, notReached: 0, duplicates: 2, blank: 2, passedOver: 0, filtered: 0 };
    expect(told.summary).toEqual({ ...rows, bytes, durationMs: 0 });
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

  it('counts rows that are left out by why they are', async () => {
    const rows: ListRow[] = [...rowsOf(['a', '']), ...rowsOf(['x', 'y', 'z']).map((row) => ({ ...row, leftOut: 'filtered' as const }))];
    rows.push({ id: 'Total', line: 9, raw: 'Total', leftOut: 'passedOver' });
    const told = await run(await tempFolder(), { rows: listOf(rows) });
    expect(told.summary).toMatchObject({ total: 1, saved: 1, blank: 1, filtered: 3, passedOver: 1 });
    expect(told.asked).toEqual(['a']);
  });

  it('passes without a word over ids that are another machine’s', async () => {
    const told = await run(await tempFolder(), { rows: list(['a', 'x', '', 'x', 'b']), inShare: (id) => id !== 'x' });
    expect(told.summary).toMatchObject({ total: 2, saved: 2, duplicates: 0, blank: 1 });
    expect(told.asked).toEqual(['a', 'b']);
  });
});

describe('a batch that is stopped', () => {
  const stopAt = (stop: AbortController, id: string) => (event: { type: string; id?: string }) =>
    event.type === 'started' && event.id === id && stop.abort(interruptedError('SIGTERM'));

  it.each(['CREDENTIALS_REJECTED', 'CREDENTIALS_MISSING', 'FILE_SYSTEM', 'USAGE'] as const)(
    'asks for nothing more at %s, and neither tells nor records anything of the rows that it did not reach',
    async (code) => {
      const told = await run(await tempFolder(), { rows: list(ids(20)), total: 20, concurrency: 2, fate: fates({ 'id-2': code }) });
      expect(told.stopped?.code).toBe(code);
      expect(told.asked.length).toBeLessThanOrEqual(6);
      const { saved } = told.summary;
      expect(told.summary).toMatchObject({ total: 20, failed: 0, notReached: 20 - saved });
      expect([...told.manifest.values()].map(({ status }) => status)).toEqual(Array(saved).fill('saved'));
      expect(endsOf(told.events)).toHaveLength(saved);
      expect(told).toMatchObject({ failedRows: undefined, incomplete: false, restUnread: false });
    },
  );

  it.each(['NETWORK', 'TIMEOUT', 'RATE_LIMITED', 'SERVICE_UNAVAILABLE', 'UNEXPECTED_RESPONSE', 'CONTENT_MISMATCH', 'FILE_EXISTS'] as const)(
    'is not stopped by %s',
    async (code) => {
      const told = await run(await tempFolder(), { rows: list(ids(5)), concurrency: 1, fate: fates({ 'id-0': code }) });
      expect(told).toMatchObject({ stopped: undefined, incomplete: true, summary: { saved: 4, failed: 1 } });
    },
  );

  it('cuts what is under way, and counts it as not reached', async () => {
    const stop = new AbortController();
    const told = await run(await tempFolder(), {
      rows: list(ids(6)),
      total: 6,
      concurrency: 3,
      signal: stop.signal,
      turns: () => 1_000_000,
      onEvent: stopAt(stop, 'id-2'),
    });
    expect(told.asked).toEqual(['id-0', 'id-1', 'id-2']);
    expect(told.stopped).toMatchObject({ code: 'INTERRUPTED', exitCode: 143 });
    expect(told.summary).toMatchObject({ total: 6, notReached: 6, failed: 0 });
    expect([told.failedRows, told.manifest.size, endsOf(told.events)]).toEqual([undefined, 0, []]);
  });

  it('reads nothing more, however long the list is', async () => {
    const stop = new AbortController();
    let read = 0;
    async function* endless(): AsyncGenerator<ListRow[]> {
      for (;;) {
        read += 1;
        yield rowsOf([`id-${read}`]);
      }
    }
    const told = await run(await tempFolder(), { rows: endless(), concurrency: 2, signal: stop.signal, onEvent: stopAt(stop, 'id-9') });
    expect(told.stopped?.code).toBe('INTERRUPTED');
    expect(read).toBeLessThanOrEqual(10);
    const { total, saved, notReached } = told.summary;
    expect([total, notReached]).toEqual([read, read - saved]);
    expect(told.restUnread).toBe(true);
  });

  it('takes repeated ids off the rows that it did not reach', async () => {
    const rows = list(['a', 'a', 'b', 'down', 'c', 'd'], { at: 1 });
    const told = await run(await tempFolder(), { rows, total: 6, concurrency: 1, fate: fates({ down: 'CREDENTIALS_REJECTED' }) });
    expect(told.summary).toMatchObject({ total: 5, saved: 2, duplicates: 1, notReached: 3 });
  });

  it('records nothing more in an archive that has become another run’s but what was fetched', async () => {
    const stop = new AbortController();
    const told = await run(await tempFolder(), {
      rows: list(ids(6)),
      concurrency: 2,
      signal: stop.signal,
      turns: (id) => (id === 'id-0' ? 1 : 1_000_000),
      onEvent: (event) => event.type === 'saved' && stop.abort(new RecordingError('LOCKED', 'The lock is lost.', { hint: 'Wait.' })),
    });
    expect(told.stopped?.code).toBe('LOCKED');
    expect([...told.manifest.values()].map(({ status }) => status)).toEqual(['saved']);
  });

  it('asks for nothing, and reads nothing, where it was stopped before it began', async () => {
    let read = 0;
    async function* rows(): AsyncGenerator<ListRow[]> {
      read += 1;
      yield rowsOf(['a']);
    }
    const told = await run(await tempFolder(), { rows: rows(), total: 4, signal: AbortSignal.abort(interruptedError('SIGINT')) });
    expect([told.asked, read]).toEqual([[], 0]);
    expect(told.summary).toMatchObject({ total: 4, notReached: 4 });
  });

  it('leaves a row that failed before and was not reached as it was', async () => {
    const folder = await tempFolder();
    await run(folder, { rows: list(['a']), fate: () => 'TIMEOUT' });
    const told = await run(folder, { rows: list(['a']), signal: AbortSignal.abort(interruptedError('SIGINT')) });
    expect(told.manifest.get('a')).toMatchObject({ attempts: 1, error: { code: 'TIMEOUT' } });
    expect(told.failedRows).toEqual(['a']);
  });

  it('does not wait for rows from a source that has fallen silent', async () => {
    async function* silent(): AsyncGenerator<ListRow[]> {
      yield rowsOf(['a']);
      await new Promise(() => {});
    }
    const told = await run(await tempFolder(), { rows: silent(), fate: () => 'CREDENTIALS_REJECTED' });
    expect(told).toMatchObject({ summary: { total: 1, notReached: 1 }, restUnread: true, stopped: { code: 'CREDENTIALS_REJECTED' } });
  });

  it('sleeps for nothing', async () => {
    const stop = new AbortController();
    const clock = { ...systemClock, sleep: () => Promise.reject(new Error('nothing is to be waited for')) };
    const told = await run(await tempFolder(), { rows: list(ids(9)), signal: stop.signal, clock, onEvent: stopAt(stop, 'id-3') });
    expect(told.stopped?.code).toBe('INTERRUPTED');
  });

  it('ends with the fault where a reporter throws, and leaves nothing under way', async () => {
    for (const type of ['started', 'saved']) {
      const told = await run(await tempFolder(), {
        rows: list(ids(30)),
        concurrency: 2,
        onEvent: (event) => {
          if (event.type === type) throw new TypeError('no such colour');
        },
      });
      expect(told.stopped).toMatchObject({ code: 'UNEXPECTED', message: expect.stringContaining('no such colour') });
    }
  });
});

describe('a list that cannot be read on', () => {
  it('brings what is under way to its end, and tells what was wrong', async () => {
    const told = await run(await tempFolder(), {
      rows: list(['a', 'b', 'c'], { failure: usageError('line 4 is damaged', 'Export it again.') }),
      turns: () => 20,
    });
    expect(told.stopped).toMatchObject({ code: 'USAGE', message: 'line 4 is damaged' });
    expect(told.summary).toMatchObject({ total: 3, saved: 3, failed: 0, notReached: 0 });
    expect(told).toMatchObject({ incomplete: false, restUnread: true });
  });

  it('can still be stopped by a signal meanwhile', async () => {
    const stop = new AbortController();
    async function* broken(): AsyncGenerator<ListRow[]> {
      yield rowsOf(['a', 'b']);
      setImmediate(() => setImmediate(() => stop.abort(interruptedError('SIGINT'))));
      throw usageError('line 3 is damaged', 'Export it again.');
    }
    const told = await run(await tempFolder(), { rows: broken(), signal: stop.signal, turns: () => 1_000_000 });
    expect(told.stopped?.message).toBe('line 3 is damaged');
    expect(told.summary).toMatchObject({ total: 2, notReached: 2 });
  });
});

describe('a disk that fails', () => {
  const full = () => new RecordingError('FILE_SYSTEM', 'The disk is full.', { hint: 'Make room.' });

  it('stops the batch where a recording cannot be committed, and calls no row failed', async () => {
    const told = await run(await tempFolder(), {
      rows: list(ids(10)),
      total: 10,
      concurrency: 2,
      archive: (folder) =>
        committing(folder, (id) => {
          if (id !== 'id-0') throw full();
        }),
    });
    expect(told.stopped).toMatchObject({ code: 'FILE_SYSTEM', message: 'The disk is full.' });
    expect(told.summary).toMatchObject({ total: 10, saved: 1, failed: 0, notReached: 9 });
    expect([told.failedRows, told.manifest.size]).toEqual([undefined, 1]);
  });

  it('commits once more, when nothing is under way, what there was no room for before', async () => {
    const folder = await tempFolder();
    const refused = new Set<string>();
    const told = await run(folder, {
      rows: list(ids(10)),
      concurrency: 3,
      archive: (archive) =>
        committing(archive, (id) => {
          if (id === 'id-0' || refused.has(id)) return;
          refused.add(id);
          throw full();
        }),
    });
    expect(told.stopped).toMatchObject({ code: 'FILE_SYSTEM' });
    const saved = endsOf(told.events).map(({ id }) => id);
    expect(refused.size).toBeGreaterThan(0);
    expect(saved.sort()).toEqual(['id-0', ...refused].sort());
    for (const id of saved) expect(told.manifest.get(id)?.status).toBe('saved');
    expect((await run(folder, { rows: list(ids(10)) })).summary).toMatchObject({ skipped: saved.length, saved: 10 - saved.length });
  });

  it('stops the batch where a failure cannot be recorded', async () => {
    const told = await run(await tempFolder(), {
      rows: list(ids(20)),
      concurrency: 1,
      fate: () => 'TIMEOUT',
      archive: (folder) => archiveWith(folder, { refuse: () => Promise.reject(full()) }),
    });
    expect(told.stopped?.code).toBe('FILE_SYSTEM');
    expect(told.asked).toEqual(['id-0']);
    expect(endsOf(told.events)).toEqual([]);
  });

  it('stops the batch where what is saved after all cannot be confirmed', async () => {
    const folder = await tempFolder();
    await run(folder, { rows: list(['a', 'b']) });
    await run(folder, {
      rows: list(['b']),
      archive: (archive) => archiveWith(archive, { know: () => ({ status: 'wanted' }) }),
      fate: () => 'TIMEOUT',
    });
    const confirmed = (await run(folder, { rows: list(['b']), archive: (archive) => archiveWith(archive, { confirm: async () => {} }) }))
      .manifest;
    expect(confirmed.get('b')?.status).toBe('failed');
    const told = await run(folder, {
      rows: list(['a', 'b']),
      archive: (archive) => archiveWith(archive, { confirm: () => Promise.reject(full()) }),
    });
    expect(told).toMatchObject({ stopped: { code: 'FILE_SYSTEM' }, summary: { total: 2, skipped: 1, notReached: 1 } });
    const last = await run(folder, { rows: list(['a', 'b']) });
    expect(last).toMatchObject({ asked: [], summary: { skipped: 2 }, failedRows: undefined });
    expect(last.manifest.get('b')?.status).toBe('saved');
  });

  it.each<[string, () => never | Promise<never>]>([
    [
      'at once',
      () => {
        throw full();
      },
    ],
    ['after a while', () => Promise.reject(full())],
  ])('ends the batch where the archive cannot be read, told %s; no row is lost', async (_how, know) => {
    const told = await run(await tempFolder(), {
      rows: list(ids(6)),
      total: 6,
      archive: (folder) => archiveWith(folder, { know: (id, options) => (id === 'id-3' ? know() : folder.know(id, options)) }),
    });
    expect(told.stopped?.code).toBe('FILE_SYSTEM');
    expect(told.summary).toMatchObject({ total: 6, saved: 3, notReached: 3 });
  });
});

describe('an id that the service calls invalid', () => {
  const DAY = 24 * 60 * 60 * 1000;
  const at = (days: number) => testSystem({ manualClock: true, now: Date.UTC(2026, 10, 1) + days * DAY });
  const invalid = { fate: (): Fate => 'RECORDING_NOT_FOUND', recheckDays: 3 };

  it('is asked for again until the service has said so for some days, and is gone then', async () => {
    const folder = await tempFolder();
    const first = await run(folder, { rows: list(['a']), ...invalid, clock: at(0) });
    expect(first).toMatchObject({ incomplete: true, summary: { failed: 1 }, failedRows: ['a'] });
    expect(first.manifest.get('a')).toMatchObject({ status: 'failed', error: { code: 'RECORDING_NOT_FOUND', retryable: true } });
    expect(first.manifest.get('a')?.error?.message).toContain('2026-11-04 00:00 UTC');

    const other = await run(folder, { rows: list(['a']), ...invalid, fate: () => 'TIMEOUT', clock: at(1) });
    expect(other.manifest.get('a')?.error?.code).toBe('TIMEOUT');
    const second = await run(folder, { rows: list(['a']), ...invalid, clock: at(2.9) });
    expect(second.manifest.get('a')).toMatchObject({ status: 'failed' });
    expect(second.manifest.get('a')?.error?.message).toContain('2026-11-04 00:00 UTC');
    const third = await run(folder, { rows: list(['a']), ...invalid, clock: at(3) });
    expect(third).toMatchObject({ incomplete: true, summary: { gone: 1 }, failedRows: undefined });
    const fourth = await run(folder, { rows: list(['a']), clock: at(4) });
    expect(fourth).toMatchObject({ asked: [], incomplete: false, summary: { gone: 1 } });
    const fifth = await run(folder, { rows: list(['a']), ...invalid, clock: at(5), retryGone: true });
    expect(fifth).toMatchObject({ asked: ['a'], incomplete: true, summary: { gone: 1 } });
  });

  it('is saved by a run that finds it there at last', async () => {
    const folder = await tempFolder();
    await run(folder, { rows: list(['a']), ...invalid });
    expect(await run(folder, { rows: list(['a']) })).toMatchObject({ summary: { saved: 1 }, failedRows: undefined });
  });

  it.each([
    [4, 'gone'],
    [3, 'gone'],
    [2.9, 'failed'],
    [-1, 'failed'],
  ] as const)('whose call was %d days ago is %s', async (days, end) => {
    const clock = at(0);
    const told = await run(await tempFolder(), { rows: list(['a']), ...invalid, clock, timeOf: () => clock.now() - days * DAY });
    expect(endsOf(told.events)).toEqual([{ id: 'a', end, asked: true }]);
  });

  it('is gone at once where it is not to be asked for again, and an expired one always', async () => {
    expect((await run(await tempFolder(), { rows: list(['a']), ...invalid, recheckDays: 0 })).summary.gone).toBe(1);
    expect((await run(await tempFolder(), { rows: list(['a']), ...invalid, fate: () => 'RECORDING_EXPIRED' })).summary.gone).toBe(1);
  });

  it('is gone for the account that was asked alone, and for that one again', async () => {
    const folder = await tempFolder();
    const wrong = { opened: { account: 'HX1@api.eu.kaleyra.io/v1' } };
    await run(folder, { rows: list(['a', 'b']), fate: () => 'RECORDING_EXPIRED', ...wrong });
    expect((await run(folder, { rows: list(['a', 'b']), ...wrong })).asked).toEqual([]);
    const right = await run(folder, { rows: list(['a']), opened: { account: 'HX1@api.in.kaleyra.io/v1' } });
    expect(right).toMatchObject({ asked: ['a'], summary: { saved: 1 } });
    expect(right.manifest.get('a')).toMatchObject({ status: 'saved', account: 'HX1@api.in.kaleyra.io/v1' });
    // What an old release recorded names no account, and holds for any.
    await run(folder, { rows: list(['c']), fate: () => 'RECORDING_EXPIRED' });
    expect((await run(folder, { rows: list(['c']), ...wrong })).asked).toEqual([]);
  });

  it('has its days counted for each account by itself', async () => {
    const folder = await tempFolder();
    await run(folder, { rows: list(['a']), ...invalid, clock: at(0), opened: { account: 'one' } });
    const told = await run(folder, { rows: list(['a']), ...invalid, clock: at(5), opened: { account: 'two' } });
    expect(told.summary).toMatchObject({ failed: 1, gone: 0 });
  });
});

describe('a batch whose settings seem wrong', () => {
  const options: Partial<BatchOptions> = { concurrency: 1, recheckDays: 3 };

  it('stops with RECORDING_NOT_FOUND where none of the first 20 ids is known, and records nothing of them', async () => {
    const told = await run(await tempFolder(), { rows: list(ids(100)), total: 100, ...options, fate: () => 'RECORDING_NOT_FOUND' });
    expect(told.stopped).toMatchObject({ code: 'RECORDING_NOT_FOUND', exitCode: 4, hint: expect.stringMatching(/region.*--sid.*list/) });
    expect(told.asked).toHaveLength(20);
    expect(told.summary).toMatchObject({ total: 100, notReached: 100 });
    expect([told.manifest.size, told.failedRows, endsOf(told.events)]).toEqual([0, undefined, []]);
  });

  it.each(['saved', 'RECORDING_EXPIRED', 'CONTENT_MISMATCH'] as const)(
    'goes on where the service knows one of them: %s; all that was held back is recorded',
    async (fate) => {
      const told = await run(await tempFolder(), {
        rows: list(ids(40)),
        ...options,
        fate: (id) => (id === 'id-19' ? fate : 'RECORDING_NOT_FOUND'),
      });
      expect(told.stopped).toBeUndefined();
      expect(told.manifest.size).toBe(40);
      expect(endsOf(told.events)).toHaveLength(40);
    },
  );

  it('goes on in an archive that holds something, and at the end of a shorter list', async () => {
    const folder = await tempFolder();
    const few = await run(folder, { rows: list(ids(19)), ...options, fate: () => 'RECORDING_NOT_FOUND' });
    expect(few).toMatchObject({ stopped: undefined, summary: { failed: 19 } });
    const many = await run(folder, { rows: list(ids(60)), ...options, fate: () => 'RECORDING_NOT_FOUND' });
    expect(many).toMatchObject({ stopped: undefined, summary: { failed: 60 } });
  });

  it('stops with the network’s error where 20 rows in a row do not reach the service, and records nothing of these', async () => {
    const folder = await tempFolder();
    const fate = (id: string): Fate => (Number(id.slice(3)) < 10 ? 'saved' : 'NETWORK');
    const told = await run(folder, { rows: list(ids(100)), total: 100, ...options, fate });
    expect(told.stopped).toMatchObject({
      code: 'NETWORK',
      exitCode: 6,
      message: expect.stringMatching(/^The service could not be reached for 20 recordings in a row\. The last time: ./),
      hint: expect.stringContaining('Check the network'),
    });
    expect(told.asked).toHaveLength(30);
    expect(told.summary).toMatchObject({ total: 100, saved: 10, failed: 0, notReached: 90 });
    expect(told.manifest.size).toBe(10);
  });

  it.each(['saved', 'RECORDING_EXPIRED', 'RECORDING_NOT_FOUND', 'CONTENT_MISMATCH'] as const)(
    'goes on where a row in between reaches it (%s), and tells of those that did not',
    async (fate) => {
      const fateOf = (id: string): Fate => (Number(id.slice(3)) % 20 === 19 ? fate : 'NETWORK');
      const told = await run(await tempFolder(), { rows: list(ids(70)), ...options, fate: fateOf });
      expect(told.stopped).toBeUndefined();
      expect(endsOf(told.events)).toHaveLength(70);
      expect([...told.manifest.values()].filter(({ error }) => error?.code === 'NETWORK')).toHaveLength(67);
    },
  );

  it('holds nothing against a store that fails', async () => {
    const told = await run(await tempFolder(), { rows: list(ids(70)), ...options, fate: () => 'TIMEOUT' });
    expect(told).toMatchObject({ stopped: undefined, summary: { failed: 70 } });
  });

  it('forgets what it holds back where it is stopped', async () => {
    const stop = new AbortController();
    const told = await run(await tempFolder(), {
      rows: list(ids(60)),
      ...options,
      fate: () => 'NETWORK',
      signal: stop.signal,
      onEvent: (event) => event.type === 'started' && event.id === 'id-15' && stop.abort(interruptedError('SIGINT')),
    });
    expect([told.manifest.size, told.summary.failed]).toEqual([0, 0]);
  });
});
