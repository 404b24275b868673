import { describe, expect, it } from 'vitest';
import { readBounds, readConditions } from '../../src/list/filters.ts';
import { type Span, spanOf, standing } from '../../src/list/span.ts';
import { readTimeZone, UTC } from '../../src/list/time-zone.ts';

const NOW = Date.parse('2026-11-25T20:15:00Z');
const shown = (time: number) => (Number.isFinite(time) ? new Date(time).toISOString().replace(':00.000Z', '') : String(time));
const bounds = (options: { since?: string; until?: string }, zone = UTC) => {
  const { from, to } = readBounds(options, NOW, zone) ?? expect.fail();
  return [shown(from), shown(to)];
};

describe('--since and --until', () => {
  it.each([
    [{ since: '2026-11-01' }, '2026-11-01T00:00', 'Infinity'],
    // A day is included whole, and so is a minute.
    [{ until: '2026-11-01' }, '-Infinity', '2026-11-02T00:00'],
    [{ until: '2026-11-01T08:00' }, '-Infinity', '2026-11-01T08:01'],
    [{ since: '2026-11-01 08:00' }, '2026-11-01T08:00', 'Infinity'],
    [{ since: '2026-11-01T08:00+05:30' }, '2026-11-01T02:30', 'Infinity'],
    [{ since: '2026-11-01', until: '2026-11-01' }, '2026-11-01T00:00', '2026-11-02T00:00'],
    [{ since: 'yesterday', until: 'yesterday' }, '2026-11-24T00:00', '2026-11-25T00:00'],
    [{ since: 'Today' }, '2026-11-25T00:00', 'Infinity'],
    [{ since: '7d' }, '2026-11-18T20:15', 'Infinity'],
    [{ since: '12h' }, '2026-11-25T08:15', 'Infinity'],
    [{ since: ' 7D ' }, '2026-11-18T20:15', 'Infinity'],
    [{ since: '00001h' }, '2026-11-25T19:15', 'Infinity'],
    [{ since: ' YESTERDAY ' }, '2026-11-24T00:00', 'Infinity'],
    [{ since: ' 2026-11-01t08:00z ' }, '2026-11-01T08:00', 'Infinity'],
    // So long ago is a moment.
    [{ since: '1h', until: '1h' }, '2026-11-25T19:15', '2026-11-25T19:15:00.001Z'],
  ])('of %j mean from %s to %s', (options, from, to) => {
    expect(bounds(options)).toEqual([from, to]);
  });

  it('are meant in the zone of the dates', () => {
    const rome = readTimeZone('Europe/Rome') ?? expect.fail();
    const kolkata = readTimeZone('Asia/Kolkata') ?? expect.fail();
    // Clocks change in Rome on the 25th of October: that day has 25 hours.
    expect(bounds({ since: '2026-10-25', until: '2026-10-25' }, rome)).toEqual(['2026-10-24T22:00', '2026-10-25T23:00']);
    // It is the 26th in India by now.
    expect(bounds({ since: 'today', until: 'today' }, kolkata)).toEqual(['2026-11-25T18:30', '2026-11-26T18:30']);
    expect(bounds({ since: 'yesterday', until: 'yesterday' }, kolkata)).toEqual(['2026-11-24T18:30', '2026-11-25T18:30']);
  });

  it('are none where neither is given', () => {
    expect(readBounds({}, NOW, UTC)).toBeUndefined();
  });

  it.each([
    '2026-02-30',
    '2026-13-01',
    '01/11/2026',
    '1 Nov 2026',
    'tomorrow',
    '',
    '7',
    '7w',
    '7dd',
    '7d 1h',
    'x7d',
    '123456d',
    'todays',
    'x2026-11-01',
    '20261-11-01',
    '-7d',
    '2026-11-01T25:00',
    '2026',
    '1778754153',
  ])('%j is a usage error that names the flag', (text) => {
    for (const flag of ['since', 'until']) {
      expect(() => readBounds({ [flag]: text }, NOW, UTC)).toThrow(
        expect.objectContaining({
          code: 'USAGE',
          message: `--${flag} ${JSON.stringify(text)} is not a date.`,
          hint: expect.stringContaining('7d'),
        }),
      );
    }
  });

  it('that leave nothing between them are a usage error', () => {
    expect(() => readBounds({ since: '2026-11-02', until: '2026-11-01' }, NOW, UTC)).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: '--since 2026-11-02 is after --until 2026-11-01: no call can be between them.',
        hint: 'Give --since the earlier of the two.',
      }),
    );
    const [same, next] = ['2026-11-01T08:00:00', '2026-11-01T08:00:01'];
    expect(bounds({ since: same, until: same })).toEqual(['2026-11-01T08:00', '2026-11-01T08:00:01.000Z']);
    expect(() => readBounds({ since: next, until: same }, NOW, UTC)).toThrow(/is after/);
    expect(() => readBounds({ since: '1h', until: '2h' }, NOW, UTC)).toThrow(/is after/);
  });
});

describe('a call', () => {
  const at = (text: string) => Date.parse(`${text}Z`);
  const day: Span = { from: at('2026-11-01T00:00'), to: at('2026-11-02T00:00') };
  const date = {
    year: 2026,
    month: 11,
    day: 1,
    hour: 8,
    minute: 0,
    second: 0,
    offset: undefined,
    precision: 'minute',
    zone: undefined,
  } as const;

  it('is somewhere in what its date leaves open', () => {
    expect(spanOf(date, UTC)).toEqual({ from: at('2026-11-01T08:00'), to: at('2026-11-01T08:01') });
    expect(spanOf({ ...date, precision: 'second' }, UTC).to).toBe(at('2026-11-01T08:00:01'));
    expect(spanOf({ ...date, hour: 0, precision: 'day' }, UTC)).toEqual(day);
    expect(spanOf({ ...date, offset: 330 }, UTC).from).toBe(at('2026-11-01T02:30'));
    expect(spanOf(date, readTimeZone('Asia/Kolkata') ?? UTC).from).toBe(at('2026-11-01T02:30'));
  });

  it.each([
    ['2026-11-01T00:00', '2026-11-02T00:00', 'within'],
    ['2026-10-31T00:00', '2026-11-03T00:00', 'within'],
    // The day is on both sides of the bound.
    ['2026-11-01T08:00', '2026-11-03T00:00', 'perhaps'],
    ['2026-10-01T00:00', '2026-11-01T08:00', 'perhaps'],
    ['2026-11-02T00:00', '2026-11-03T00:00', 'outside'],
    ['2026-10-01T00:00', '2026-11-01T00:00', 'outside'],
  ])('on a day without a time is, from %s to %s, %s', (from, to, expected) => {
    expect(standing(day, { from: at(from), to: at(to) })).toBe(expected);
  });

  it('at a minute is within what begins in it', () => {
    const minute = { from: at('2026-11-01T08:00'), to: at('2026-11-01T08:01') };
    expect(standing(minute, { from: at('2026-11-01T08:00:30'), to: Number.POSITIVE_INFINITY })).toBe('within');
    expect(standing(minute, { from: at('2026-11-01T08:01'), to: Number.POSITIVE_INFINITY })).toBe('outside');
  });
});

describe('--where', () => {
  const HEADERS = ['Status', 'Agent Name', 'a=b', 'Status '];
  const holds = (where: string[], columns: string[], headers: readonly string[] = ['Status', 'Agent Name', 'a=b']) =>
    readConditions(where, headers)?.(columns);

  it.each([
    [['Status=answered'], true],
    [['status=ANSWERED'], true],
    [['STATUS=ans*'], true],
    [['Status=missed'], false],
    [['Status!=missed'], true],
    [['Status!=answered'], false],
    [['agent_name=Test?'], true],
    [['Agent Name='], false],
    [['Agent Name!='], true],
    [['Status=answered', 'Agent Name=Test1'], true],
    [['Status=answered', 'Agent Name=Test2'], false],
    [['Status =answered'], true],
    [['Status!=missed', 'Status!=busy'], true],
    [['Status!=missed', 'Status!=answered'], false],
    // A header with a = in it, and a pattern with one.
    [['Status=a=b'], false],
    [['Status!=a=b'], true],
    [['a=b=x!=y'], false],
    [['a=b=x=y'], true],
    [['a=b!=x=y'], false],
  ])('%j holds: %s', (where, expected) => {
    expect(holds(where, ['Answered', 'test1', 'x=y'])).toBe(expected);
  });

  it('is nothing where it is not given, and takes what a row lacks for blank', () => {
    expect(readConditions([], HEADERS)).toBeUndefined();
    expect(readConditions(undefined, HEADERS)).toBeUndefined();
    expect(holds(['Agent Name='], ['x'])).toBe(true);
  });

  it.each([
    [['Status'], 'is not a condition'],
    [['=x'], 'is not a condition'],
    [[' =x'], 'is not a condition'],
    [[''], 'is not a condition'],
    [['Nobody!=x=y'], 'has no column "Nobody"'],
    [['Nobody=x!=y'], 'has no column "Nobody"'],
    [['!=x'], 'is not a condition'],
    [['Nobody=x'], 'has no column "Nobody". Its columns: "Status", "Agent Name", "a=b", "Status "'.replace('"Status "', '"Status"')],
    [['STATUS=x'], 'has more than one column "STATUS"'],
  ])('%j is a usage error: %s', (where, message) => {
    expect(() => readConditions(where, HEADERS)).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.stringContaining(message) }),
    );
  });

  it('is told how to be written', () => {
    expect(() => readConditions(['Status'], HEADERS)).toThrow(
      expect.objectContaining({
        message: '--where "Status" is not a condition.',
        hint: "Write it as column=pattern, such as --where 'Status=answered' or --where 'Agent!=test*'.",
      }),
    );
    expect(() => readConditions(['Nobody=x'], HEADERS, 'old.csv')).toThrow(/^old\.csv has no column "Nobody"/);
    expect(() => readConditions(['Nobody=x'], HEADERS)).toThrow(/^The report has no column "Nobody"/);
  });

  it('needs columns', () => {
    expect(() => readConditions(['Status=x'], undefined)).toThrow(/--where names the column "Status", but this is a list of ids/);
  });
});
