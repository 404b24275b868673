import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { HEAD } from '../../src/list/dates/report-survey.ts';
import { type PreparationOptions, type PreparedList, prepareList } from '../../src/list/prepared-list.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const REPORT = [
  'Recording ID,Start Time,Status',
  'a,2026-11-19 23:30,answered',
  'b,2026-11-20 09:00,missed',
  'c,2026-11-20,Answered',
  'd,?,answered',
  ',2026-11-20 09:00,answered',
  'e,2026-11-21 00:30,answered',
  '',
].join('\n');

type Options = Partial<PreparationOptions>;

async function fromFile(text: string, options: Options) {
  const path = join(await tempFolder(), 'list.csv');
  await writeFile(path, text);
  return told(await prepareList({ path }, { order: 'report', now: NOW, ...options }));
}

async function fromPipe(text: string | readonly string[], options: Options) {
  const stream = Readable.from([text].flat().map((piece) => Buffer.from(piece)));
  return told(await prepareList({ stream, name: '-' }, { order: 'report', now: NOW, ...options }));
}

/** The ids that are wanted, those that are filtered out, and all that is told. */
async function told(list: PreparedList) {
  const ids: string[] = [];
  const filtered: string[] = [];
  for await (const batch of list.rows()) {
    for (const { id, leftOut } of batch) {
      if (id !== '') (leftOut === 'filtered' ? filtered : ids).push(id);
    }
  }
  await list.close();
  return {
    ids: ids.join(''),
    filtered: filtered.join(''),
    total: list.total,
    notices: [...list.notices, ...list.lateNotices()].map(({ message }) => message),
  };
}

const UNDATED = '1 of 5 rows has no date in column "Start Time" that can be read, for example "?" on line 5.';
const PARTLY = '1 row is of the day on which --since or --until falls, without a time in column "Start Time", and is kept.';

describe.each([
  ['a file', fromFile],
  ['a pipe', fromPipe],
])('of %s', (kind, read) => {
  it.each<[Options, string, string[]]>([
    [{ since: '2026-11-20' }, 'bce', [`${UNDATED} They are left out; --undated keeps them.`]],
    [{ until: '2026-11-20' }, 'abc', [`${UNDATED} They are left out; --undated keeps them.`]],
    [{ since: '2026-11-20', until: '2026-11-20', undated: true }, 'bcd', [`${UNDATED} They are kept.`]],
    // Whether a day without a time is before or after eight o'clock, nothing tells.
    [{ since: '2026-11-20T09:30', undated: true }, 'cde', [`${UNDATED} They are kept.`, PARTLY]],
    [{ until: '2026-11-20T09:00', undated: true }, 'abcd', [`${UNDATED} They are kept.`, PARTLY]],
    [{ since: '2026-11-20', until: '2026-11-20', timeZone: 'America/New_York', undated: true }, 'bcd', [`${UNDATED} They are kept.`]],
    [
      { since: '2026-11-19T23:30Z', until: '2026-11-20T04:00Z', timeZone: 'Asia/Kolkata', undated: true },
      'bcd',
      [`${UNDATED} They are kept.`, PARTLY],
    ],
    [{ since: '5d', undated: true }, 'cde', [`${UNDATED} They are kept.`, PARTLY]],
  ])('the rows of %j are %s', async (options, ids, notices) => {
    const list = await read(REPORT, options);
    expect(list.ids).toBe(ids);
    expect([...list.ids, ...list.filtered].sort().join('')).toBe('abcde');
    expect(list.total).toBe(kind === 'a file' ? ids.length : undefined);
    expect(list.notices).toEqual(notices);
  });

  it.each<[string[], string]>([
    [['Status=answered'], 'acde'],
    [['status!=ANS*'], 'b'],
    [['Status=answered', 'Start Time=2026-11-2*'], 'ce'],
    [['Status=nothing'], ''],
  ])('the rows of --where %j are %s', async (where, ids) => {
    const list = await read(REPORT, { where });
    expect(list).toMatchObject({ ids, total: kind === 'a file' ? ids.length : undefined });
  });

  it('what one filter leaves out is not told of by another', async () => {
    const list = await read(REPORT, { where: ['Status=missed'], since: '2026-11-20' });
    expect(list).toMatchObject({ ids: 'b', notices: [] });
  });

  it.each<[Options, string, RegExp]>([
    [{ since: '2026-11-20' }, 'a\nb\n', /^--since needs dates, but this is a list of ids/],
    [{ until: '7d' }, 'a\nb\n', /^--until needs dates/],
    [{ where: ['Status=x'] }, 'a\nb\n', /^--where names the column "Status", but this is a list of ids/],
    [
      { since: '7d' },
      'Recording ID,Agent\na,x\n',
      /^--since needs dates, but the report has no column of dates. Its columns: "Recording ID", "Agent"\./,
    ],
    [{ until: '7d' }, 'Recording ID,Date\na,soon\n', /^--until needs dates, but no value in column "Date" can be read as a date/],
    [{ where: ['State=x'] }, REPORT, /^The report has no column "State"\. Its columns: "Recording ID", "Start Time", "Status"\./],
    [{ since: '2026-11-31' }, REPORT, /^--since "2026-11-31" is not a date/],
    [{ since: '2026-11-21', until: '2026-11-20' }, REPORT, /^--since 2026-11-21 is after --until 2026-11-20/],
    [{ timeZone: 'Milan' }, REPORT, /^--time-zone "Milan" is not a time zone/],
  ])('%j of %j is a usage error', async (options, text, message) => {
    await expect(read(text, options)).rejects.toMatchObject({ code: 'USAGE', message: expect.stringMatching(message), hint: /./ });
  });

  it('a report without any row that has a date is no error', async () => {
    expect(await read('Recording ID,Date\n', { since: '7d' })).toMatchObject({ ids: '' });
    expect(await read('Recording ID,Date\na,\n', { since: '7d' })).toMatchObject({ ids: '', filtered: 'a' });
  });
});

describe('a pipe', () => {
  const long = (last: string) =>
    `Recording ID,Date\n${Array.from({ length: HEAD.rows }, (_, index) => `r${index},${(index % 9) + 1}/13/2026\n`).join('')}${last}`;
  const namedDates = () => new Map([[1, 'day'] as const]);

  it('is given no further once a row contradicts what its first rows have shown', async () => {
    const [head, last] = [long(''), 'y,10/10/2026\nx,25/10/2026\n'];
    const stream = { stream: Readable.from([Buffer.from(head), Buffer.from(last)]), name: '-' };
    const list = await prepareList(stream, { order: 'report', now: NOW, namedDates });
    const given: string[] = [];
    const reading = (async () => {
      for await (const batch of list.rows()) given.push(...batch.map(({ id }) => id));
    })();
    await expect(reading).rejects.toMatchObject({
      code: 'USAGE',
      message: 'standard input, line 1003: "25/10/2026" in column "Date" is not written as the dates before it are.',
      hint: expect.stringContaining('file'),
    });
    expect(given).not.toContain('x');
  });

  it('is given to its end where nothing contradicts', async () => {
    expect((await fromPipe([long(''), 'x,10/11/2026\ny,10/31/2026\nz,soon\n'], { namedDates })).ids).toMatch(/xyz$/);
  });

  it('is given to its end where what contradicts is no call', async () => {
    const last = 'Total calls,25/10/2026\nx,10/11/2026\n';
    expect((await fromPipe([long(''), last], { namedDates })).ids).toMatch(/r999x$/);
  });

  it('is closed where it is wanted no further, be it among its first rows', async () => {
    const stream = new Readable({ read() {} });
    stream.push(long('x,10/11/2026\n'.repeat(10 * HEAD.rows)));
    const list = await prepareList({ stream, name: '-' }, { order: 'report', now: NOW, namedDates });
    for await (const _ of list.rows()) break;
    expect(stream.destroyed).toBe(true);
    await list.close();
  });

  it('is given at once where no dates are needed', async () => {
    const stream = new Readable({ read() {} });
    stream.push('Recording ID,Date\n');
    // What comes first may be held back by whoever finds out what it is.
    for (const id of 'abcde') setImmediate(() => stream.push(`${id},03/04/2026\n`));
    const list = await prepareList({ stream, name: '-' }, { order: 'oldest', now: NOW });
    const first = await list.rows()[Symbol.asyncIterator]().next();
    expect(first.value?.[0]).toMatchObject({ id: 'a' });
    stream.destroy();
    await list.close().catch(() => undefined);
  });
});
