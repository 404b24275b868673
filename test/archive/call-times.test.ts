import { describe, expect, it } from 'vitest';
import { CallTimes, type RecordedRow } from '../../src/archive/call-times.ts';
import { namedTimeZone } from '../../src/list/time-zone.ts';

const NOW = Date.UTC(2026, 10, 26);
const at = (hour: number, minute = 0, second = 0) => Date.UTC(2026, 10, 20, hour, minute, second);

function timesOf(...rows: RecordedRow[]): CallTimes {
  const times = new CallTimes(NOW);
  for (const row of rows) times.learn(row);
  return times;
}

describe('when a call was', () => {
  it.each<[string, RecordedRow, object | undefined]>([
    [
      'to the second',
      { Caller: '+39', 'Start Time': '2026-11-20 09:15:30' },
      { day: '2026-11-20', text: '2026-11-20 09:15:30', column: 'Start Time', span: { from: at(9, 15, 30), to: at(9, 15, 31) } },
    ],
    [
      'to the minute',
      { Caller: '+39', 'Start Time': '2026-11-20 09:15' },
      { day: '2026-11-20', text: '2026-11-20 09:15', column: 'Start Time', span: { from: at(9, 15), to: at(9, 16) } },
    ],
    [
      'to the day',
      { Date: '20/11/2026', Caller: '+39' },
      { day: '2026-11-20', text: '2026-11-20', column: 'Date', span: { from: at(0), to: at(24) } },
    ],
    [
      'by a date and a time in columns of their own',
      { Date: '20/11/2026', Time: '09:15' },
      { day: '2026-11-20', text: '2026-11-20 09:15', column: 'Date', span: { from: at(9, 15), to: at(9, 16) } },
    ],
    ['not by a report without dates', { Caller: '+39', Duration: '12' }, undefined],
    ['not by a report without columns', {}, undefined],
  ])('is told %s', (_what, row, expected) => {
    const found = timesOf(row).of(row);
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject(expected);
  });

  it("is told in UTC, or in the zone of the report's clock", () => {
    const row = { Date: '2026-11-20 09:15' };
    const times = new CallTimes(NOW, namedTimeZone('+05:30'));
    times.learn(row);
    expect(times.of(row)).toMatchObject({ text: '2026-11-20 09:15', span: { from: at(3, 45), to: at(3, 46) } });
  });

  it('is not told by a row whose date is blank or none', () => {
    const times = timesOf({ Date: '20/11/2026' }, { Date: '' }, { Date: '21/11/2026' });
    expect([times.of({ Date: '' }), times.of({ Date: 'soon' })]).toEqual([undefined, undefined]);
  });

  it('is read in the order of day and month that the other rows prove, and anew when more are shown', () => {
    const row = { Date: '03/04/2026' };
    const dayFirst = timesOf(row, { Date: '25/04/2026' });
    expect(dayFirst.of(row)?.day).toBe('2026-04-03');
    const monthFirst = timesOf(row);
    monthFirst.of(row);
    monthFirst.learn({ Date: '04/25/2026' });
    expect(monthFirst.of(row)?.day).toBe('2026-03-04');
  });

  it('is read for each make of report by itself', () => {
    const times = timesOf({ Date: '03/04/2026' }, { Date: '25/04/2026' }, { 'Call Date': '03/04/2026' }, { 'Call Date': '04/25/2026' });
    expect(times.of({ Date: '03/04/2026' })?.day).toBe('2026-04-03');
    expect(times.of({ 'Call Date': '03/04/2026' })?.day).toBe('2026-03-04');
  });

  it('is read by all of the first rows, and by one in sixteen of very many', () => {
    const row = { Date: '03/04/2026' };
    const rows = (count: number) => Array.from({ length: count }, () => row);
    const withProof = (before: number) => timesOf(...rows(before), { Date: '04/25/2026' }, ...rows(16)).of(row)?.day;
    expect(withProof(19_999)).toBe('2026-03-04');
    expect(withProof(20_000)).not.toBe('2026-03-04');
    expect(withProof(20_015)).toBe('2026-03-04');
  });

  it('says which row is the first one with its columns', () => {
    const times = new CallTimes(NOW);
    const rows: RecordedRow[] = [{ Date: '' }, { Date: '' }, { Date: '', Caller: '' }, { Caller: '', Date: '' }, { Date: '' }, {}, {}];
    expect(rows.map((row) => times.learn(row))).toEqual([true, false, true, true, false, true, false]);
  });
});
