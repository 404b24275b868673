import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SORT_LIMIT } from '../../src/list/oldest-first.ts';
import { type PreparationOptions, prepareList } from '../../src/list/prepared-list.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const NOW = Date.parse('2026-07-01T12:00:00Z');
const REPORT = 'Recording ID,Start Time\nnew,2026-06-30\nleaving,2026-01-10\npast,2025-12-24\nundated,?\n';

async function prepared(text: string, options: Partial<PreparationOptions> = {}) {
  const path = join(await tempFolder(), 'list.csv');
  await writeFile(path, text);
  return told(await prepareList({ path }, { order: 'oldest', now: NOW, ...options }));
}

async function piped(text: string, options: Partial<PreparationOptions> = {}) {
  return told(await prepareList({ stream: Readable.from([Buffer.from(text)]), name: '-' }, { order: 'oldest', now: NOW, ...options }));
}

async function told(list: Awaited<ReturnType<typeof prepareList>>) {
  const ids: string[] = [];
  for await (const batch of list.rows()) ids.push(...batch.map(({ id }) => id));
  await list.close();
  return { ...list, notices: list.notices, ids };
}

/** Lowers what may be sorted, for one test. */
function limit(more: Partial<typeof SORT_LIMIT>) {
  const before = { ...SORT_LIMIT };
  Object.assign(SORT_LIMIT, more);
  onTestFinished(() => void Object.assign(SORT_LIMIT, before));
}

const TOO_LONG = 'The report is too long to be sorted in memory, so its own order is kept.';
const PIPE = 'What comes through a pipe is worked through in its own order, not oldest first.';

describe('a report with dates', () => {
  it('is worked through oldest first, and what leaves or has left is told', async () => {
    expect(await prepared(REPORT)).toMatchObject({
      ids: ['undated', 'past', 'leaving', 'new'],
      total: 4,
      dates: { past: 1, leaving: 1, dated: 3, undated: 1 },
      notices: ["1 row will be past the service's 6 months within 14 days.", "1 row is past the service's 6 months already."],
    });
  });

  it('counts several rows in the plural', async () => {
    const { notices } = await prepared(`${REPORT}l2,2026-01-11\np2,2025-12-24\n`);
    expect(notices).toEqual([
      "2 rows will be past the service's 6 months within 14 days.",
      "2 rows are past the service's 6 months already.",
    ]);
  });

  it('keeps its order where that is asked for, and tells the rest all the same', async () => {
    const list = await prepared(REPORT, { order: 'report' });
    expect(list.ids).toEqual(['new', 'leaving', 'past', 'undated']);
    expect(list.notices).toHaveLength(2);
  });

  it('goes by the column that is named', async () => {
    const text = 'Recording ID,Start Time,Picked Up\na,2026-06-01,2026-06-09\nb,2026-06-02,2026-06-08\n';
    expect((await prepared(text)).ids).toEqual(['a', 'b']);
    expect((await prepared(text, { dateColumn: 'picked up' })).ids).toEqual(['b', 'a']);
  });

  it('is told how ambiguous dates are read, by its last row if need be', async () => {
    const text = 'Recording ID,Date\na,03/04/2026\nb,01/05/2026\n';
    expect(await prepared(text)).toMatchObject({
      ids: ['a', 'b'],
      dayOrder: 'day-first',
      notices: ['Dates like 03/04/2026 in column "Date" are read as day/month/year.'],
    });
    expect(await prepared(`${text}c,06/30/2026\n`)).toMatchObject({
      ids: ['b', 'a', 'c'],
      dayOrder: 'month-first',
      notices: [expect.stringContaining('1 row')],
    });
    // A call that was not recorded settles it as well.
    expect(await prepared(`${text},06/30/2026\n`)).toMatchObject({ ids: ['b', 'a', ''], dayOrder: 'month-first' });
  });

  it.each([
    [{ rows: 4 }, ['undated', 'past', 'leaving', 'new']],
    [{ rows: 3 }, ['new', 'leaving', 'past', 'undated']],
    [{ characters: 20 }, ['new', 'leaving', 'past', 'undated']],
  ])('keeps its order where it is too long to be sorted (%j)', async (most, ids) => {
    limit(most);
    const list = await prepared(REPORT);
    expect(list.ids).toEqual(ids);
    expect(list.notices.includes(TOO_LONG)).toBe(ids[0] === 'new');
    expect(list.notices).toContain("1 row is past the service's 6 months already.");
  });

  it('counts rows without an id among what must be held to be sorted', async () => {
    limit({ rows: 4 });
    expect((await prepared(`${REPORT},2026-01-01\n`)).notices).toContain(TOO_LONG);
  });

  it('does not complain of its length where its own order was asked for', async () => {
    limit({ rows: 1 });
    expect((await prepared(REPORT, { order: 'report' })).notices).not.toContain(TOO_LONG);
  });

  it('keeps its order where the dates cannot be read, and says so', async () => {
    expect(await prepared('Recording ID,Date\nb,tomorrow\na,monday\n')).toMatchObject({
      ids: ['b', 'a'],
      dates: undefined,
      notices: ['The dates in column "Date" cannot be read, so the report\'s own order is kept.'],
    });
  });

  it('goes by the dates that there are where most rows have none', async () => {
    expect(await prepared('Recording ID,Date\na,\nb,2026-06-01\nc,2026-05-01\nd,\ne,\n')).toMatchObject({
      ids: ['a', 'd', 'e', 'c', 'b'],
      notices: [],
    });
  });

  it.each(['Recording ID,Date\n', 'Recording ID,Date\na,\n'])('has nothing to tell where there are no dates: %j', async (text) => {
    expect((await prepared(text)).notices).toEqual([]);
  });
});

describe('a list without dates', () => {
  it.each(['a\nb\n', 'Recording ID,Caller\na,x\nb,y\n'])('keeps its order, and there is nothing to tell: %j', async (text) => {
    const expected = { ids: ['a', 'b'], dates: undefined, notices: [] };
    expect(await prepared(text)).toMatchObject({ ...expected, total: 2 });
    expect(await piped(text)).toMatchObject({ ...expected, total: undefined });
  });
});

describe('what comes through a pipe', () => {
  it('keeps its order, and says so where it has dates', async () => {
    expect(await piped(REPORT)).toMatchObject({
      ids: ['new', 'leaving', 'past', 'undated'],
      total: undefined,
      dates: undefined,
      dayOrder: 'day-first',
      notices: [PIPE],
    });
    expect((await piped(REPORT, { order: 'report' })).notices).toEqual([]);
  });
});

describe('a list that cannot be prepared', () => {
  it('for want of the named column of dates is closed, be it a file or a pipe', async () => {
    const missing = expect.objectContaining({ code: 'USAGE', hint: expect.stringContaining('--date-column') });
    for (const text of [REPORT, 'a\nb\n']) {
      await expect(prepared(text, { dateColumn: 'When' })).rejects.toEqual(missing);
      const stream = new Readable({ read() {} });
      stream.push(`${text}${'#\n'.repeat(40_000)}`);
      await expect(prepareList({ stream, name: '-' }, { order: 'oldest', now: NOW, dateColumn: 'When' })).rejects.toEqual(missing);
      expect(stream.destroyed).toBe(true);
    }
  });

  it('for a malformed row far down is refused whole, with its line', async () => {
    await expect(prepared(`${REPORT}"open,2026-01-01\n`)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('line 6'),
    });
  });
});
