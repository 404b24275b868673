import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { interruptedError } from '../../src/errors.ts';
import { SORT_LIMIT } from '../../src/list/oldest-first.ts';
import { type PreparationOptions, prepareList } from '../../src/list/prepared-list.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { makeWorkbook } from '../helpers/workbook.ts';

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
  return { ...list, notices: list.notices.map(({ message }) => message), ids };
}

/** Lowers what may be sorted, for one test. */
function limit(more: Partial<typeof SORT_LIMIT>) {
  const before = { ...SORT_LIMIT };
  Object.assign(SORT_LIMIT, more);
  onTestFinished(() => void Object.assign(SORT_LIMIT, before));
}

const UNDATED = '1 of 4 rows has no date in column "Start Time" that can be read, for example "?" on line 5.';
const NO_DATES =
  "No column of dates was found, so the report's own order is kept, and recordings that the service is about to delete are not pointed out. If there is one, name it with --date-column.";
const TOO_LONG = 'The report is too long to be sorted in memory, so its own order is kept.';
const PIPE = 'What comes through a pipe is worked through in its own order, not oldest first.';

describe('a report with dates', () => {
  it('is worked through oldest first, and what leaves or has left is told', async () => {
    expect(await prepared(REPORT)).toMatchObject({
      ids: ['undated', 'past', 'leaving', 'new'],
      total: 4,
      dates: { past: 1, leaving: 1, dated: 3, undated: 1 },
      notices: [
        UNDATED,
        '1 call will be more than 6 months old within 14 days. After that, the service no longer has the recording.',
        '1 call is more than 6 months old, so the service may no longer have the recording.',
      ],
    });
  });

  it('counts several rows in the plural', async () => {
    const { notices } = await prepared(`${REPORT}l2,2026-01-11\np2,2025-12-24\n`);
    expect(notices).toEqual([
      UNDATED.replace('1 of 4 rows', '1 of 6 rows'),
      '2 calls will be more than 6 months old within 14 days. After that, the service no longer has the recording.',
      '2 calls are more than 6 months old, so the service may no longer have the recording.',
    ]);
  });

  it('keeps its order where that is asked for, and tells the rest all the same', async () => {
    const list = await prepared(REPORT, { order: 'report' });
    expect(list.ids).toEqual(['new', 'leaving', 'past', 'undated']);
    expect(list.notices).toHaveLength(3);
  });

  it('goes by the column that is named', async () => {
    const text = 'Recording ID,Start Time,Picked Up\na,2026-06-01,2026-06-09\nb,2026-06-02,2026-06-08\n';
    expect((await prepared(text)).ids).toEqual(['a', 'b']);
    expect((await prepared(text, { dateColumn: 'picked up' })).ids).toEqual(['b', 'a']);
  });

  it('is told how ambiguous dates are read, and why, by its last row if need be', async () => {
    const text = 'Recording ID,Date\na,03/04/2026\nb,01/05/2026\n';
    expect(await prepared(text)).toMatchObject({
      ids: ['a', 'b'],
      notices: [
        'Dates such as "03/04/2026" in column "Date" are read as day, month, year: the report does not show which, so this is a guess. If it is wrong, export the dates with the year first.',
      ],
    });
    const monthFirst = 'Dates such as "06/30/2026" in column "Date" are read as month, day, year: "06/30/2026" cannot be read otherwise.';
    expect(await prepared(`${text}c,06/30/2026\n`)).toMatchObject({
      ids: ['b', 'a', 'c'],
      notices: [monthFirst, expect.stringContaining('1 call')],
    });
    // A call that was not recorded settles it as well.
    expect(await prepared(`${text},06/30/2026\n`)).toMatchObject({
      ids: ['b', 'a', ''],
      notices: [monthFirst, expect.stringContaining('1 call')],
    });
  });

  it('is told what speaks against it', async () => {
    const { notices } = await prepared('Recording ID,Date\na,03/04/2026\nb,04/25/2026\nc,04/26/2026\nd,25/04/2026\n');
    expect(notices).toEqual([
      'Dates such as "04/25/2026" in column "Date" are read as month, day, year: "04/25/2026" cannot be read otherwise. But one value, such as "25/04/2026", can only be read in another order: check them.',
    ]);
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
    expect(list.notices).toContain('1 call is more than 6 months old, so the service may no longer have the recording.');
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
      notices: [
        'Most values in column "Date" cannot be read as dates, so the report\'s own order is kept, and recordings that the service is about to delete are not pointed out.',
        '2 of 2 rows have no date in column "Date" that can be read, for example "tomorrow" on line 2.',
      ],
    });
  });

  it('goes by the dates that there are where most rows have none', async () => {
    expect(await prepared('Recording ID,Date\na,\nb,2026-06-01\nc,2026-05-01\nd,\ne,\n')).toMatchObject({
      ids: ['a', 'd', 'e', 'c', 'b'],
      notices: ['3 of 5 rows have no date in column "Date".'],
    });
  });

  it('has nothing to tell where there are no rows', async () => {
    expect((await prepared('Recording ID,Date\n')).notices).toEqual([expect.stringContaining('no recordings')]);
  });
});

describe('a list without dates', () => {
  const expected = { ids: ['a', 'b'], dates: undefined, notices: [] };

  it('keeps its order, and there is nothing to tell of ids', async () => {
    expect(await prepared('a\nb\n')).toMatchObject({ ...expected, total: 2 });
    expect(await piped('a\nb\n')).toMatchObject({ ...expected, total: undefined });
  });

  it('is told where it is a report', async () => {
    const text = 'Recording ID,Caller\na,x\nb,y\n';
    expect(await prepared(text)).toMatchObject({ ...expected, total: 2, notices: [NO_DATES] });
    expect(await piped(text)).toMatchObject({ ...expected, total: undefined });
  });
});

describe('what comes through a pipe', () => {
  it('keeps its order, and says so where it has dates', async () => {
    expect(await piped(REPORT)).toMatchObject({
      ids: ['new', 'leaving', 'past', 'undated'],
      total: undefined,
      dates: undefined,
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

describe('a list that is prepared', () => {
  type Options = Partial<PreparationOptions>;
  const file = async (bytes: string | Buffer, options: Options = {}) => {
    const path = join(await tempFolder(), 'list.csv');
    await writeFile(path, bytes);
    return prepareList({ path }, { order: 'oldest', now: NOW, ...options });
  };
  const pipe = (bytes: string | Buffer, options: Options = {}) =>
    prepareList({ stream: Readable.from([Buffer.from(bytes)]), name: '-' }, { order: 'oldest', now: NOW, ...options });
  const rowsOf = async (list: Awaited<ReturnType<typeof file>>) => {
    const rows = [];
    for await (const batch of list.rows()) rows.push(...batch);
    return rows;
  };
  const ways = [
    ['a file', file],
    ['a pipe', pipe],
  ] as const;

  it.each(ways)('from %s has the column and the sheet that are named', async (_, read) => {
    const report = await read('Call,Recording ID\na,b\n', { column: 'Call' });
    expect(report.header).toMatchObject({ headers: ['Call', 'Recording ID'], idColumn: 0 });
    expect((await rowsOf(report)).map(({ id }) => id)).toEqual(['a']);
    const sheets = ['May', 'June'].map((name) => ({ name, rows: [['Recording ID'], [name]] }));
    const workbook = await read(await makeWorkbook({ sheets }), { sheet: 'June' });
    expect((await rowsOf(workbook)).map(({ id }) => id)).toEqual(['June']);
  });

  it.each(ways)('from %s hands over each row that cannot be read once', async (_, read) => {
    const bad: unknown[] = [];
    const list = await read('Recording ID,A\nabc,1\ndef,1,2\n', { onBadRow: (raw, line) => bad.push([raw, line]) });
    expect(bad).toEqual([]);
    expect((await rowsOf(list)).map(({ id }) => id)).toEqual(['abc']);
    expect(bad).toEqual([['def,1,2', 3]]);
  });

  it('tells once what turns up in it: of a file beforehand, of a pipe when that was read', async () => {
    const text = 'Title\nRecording ID,A\nabc,1\nRecording ID,A\n';
    const title = expect.objectContaining({ message: expect.stringContaining('the header is on line 2') });
    const repeated = expect.objectContaining({ message: expect.stringContaining('line 4 is passed over') });
    const first = await file(text, { order: 'report' });
    await rowsOf(first);
    expect([first.notices.slice(0, 2), first.lateNotices()]).toEqual([[title, repeated], []]);
    const second = await pipe(text, { order: 'report' });
    expect([second.notices, second.lateNotices()]).toEqual([[title], []]);
    await rowsOf(second);
    expect([second.lateNotices(), second.lateNotices()]).toEqual([[repeated], []]);
  });

  it('knows when a call was, where that is asked for and can be read', async () => {
    const times = async (list: Awaited<ReturnType<typeof file>>) => (await rowsOf(list)).map((row) => list.timeOf(row));
    const [day, late] = [Date.parse('2026-06-30T00:00Z'), Date.parse('2026-06-30T02:00Z')];
    const text = 'Recording ID,Start Time\na,2026-06-30\nb,2026-06-30 02:00\nc,?\n';
    expect(await times(await file(text))).toEqual([undefined, day, late]);
    expect(await times(await file(text, { timeZone: 'Europe/Rome' }))).toEqual([undefined, day - 7_200_000, late - 7_200_000]);
    expect(await times(await pipe(text, { since: '7d', order: 'report' }))).toEqual([day, late, undefined]);
    expect(await times(await pipe(text))).toEqual([undefined, undefined, undefined]);
    expect(await times(await file('Recording ID,Date\na,soon\n'))).toEqual([undefined]);
    for (const read of [file, pipe]) expect(await times(await read('a\nb\n'))).toEqual([undefined, undefined]);
  });

  it('has dates for names where it is a report, of a pipe where names need them', async () => {
    const namedDates = (headers: readonly string[] | undefined) => {
      expect(headers).toEqual(['Recording ID', 'Day']);
      return new Map([[1, 'day'] as const]);
    };
    const text = 'Recording ID,Day\na,30/06/2026\n';
    for (const list of [await file(text), await pipe(text, { namedDates })]) {
      expect(list.reportDates?.date(['a', '30/06/2026'], 1)).toMatchObject({ year: 2026, month: 6, day: 30 });
      await list.close();
    }
    expect((await pipe(text)).reportDates).toBeUndefined();
    for (const read of [file, pipe]) expect(await read('a\nb\n')).toMatchObject({ header: undefined, reportDates: undefined });
  });

  it('is told that a pipe keeps its order wherever there are dates, by header or by name', async () => {
    const messages = async (text: string, options: Options = {}) => (await pipe(text, options)).notices.map(({ message }) => message);
    expect(await messages('Recording ID,X\na,2026-06-30\n')).toEqual([]);
    expect(await messages('Recording ID,X\na,2026-06-30\n', { dateColumn: 'X' })).toEqual([PIPE]);
    expect(await messages('Recording ID,X\na,2026-06-30\n', { dateColumn: 'X', since: '7d' })).toEqual([PIPE]);
    expect(await messages('Recording ID,X\na,2026-06-30\n', { dateColumn: 'X', order: 'report' })).toEqual([]);
  });

  it('tells of the dates that names take, of a pipe when they were read', async () => {
    const namedDates = () => new Map([[1, 'day'] as const]);
    const text = 'Recording ID,X\na,06/07/2026\nb,06/29/2026\nc,soon\n';
    const read = expect.stringContaining('in column "X" are read as month, day, year: "06/29/2026" cannot be read otherwise.');
    const undated = expect.stringContaining('1 of 3 rows has no date in column "X"');
    const messages = (notices: readonly { message: string }[]) => notices.map(({ message }) => message);
    const piped = await pipe(text, { namedDates, order: 'report' });
    expect(messages(piped.notices)).toEqual([read]);
    await rowsOf(piped);
    expect(messages(piped.lateNotices())).toEqual([undated]);
    expect(messages((await file(text, { namedDates, order: 'report' })).notices)).toEqual(expect.arrayContaining([read, undated]));
  });

  it.each([
    ['a list of ids', 'a\nb\n', {}],
    ['a report', 'Recording ID,Date\na,2026-06-30\n', {}],
    ['a report whose dates matter', 'Recording ID,Date\na,2026-06-30\n', { since: '7d' }],
  ])('that is %s lets go of its pipe when it is closed', async (_, text, options) => {
    const stream = Readable.from([Buffer.from(text)]);
    const list = await prepareList({ stream, name: '-' }, { order: 'report', now: NOW, ...options });
    await list.close();
    expect(stream.destroyed).toBe(true);
  });

  it('is not prepared any more once that is given up', async () => {
    const reason = interruptedError('SIGINT');
    for (const [, read] of ways) await expect(read('a\nb\n', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
