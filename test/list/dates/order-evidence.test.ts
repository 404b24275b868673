import { describe, expect, it } from 'vitest';
import { OrderEvidence } from '../../../src/list/dates/order-evidence.ts';
import { type DayOrder, readWrittenDate } from '../../../src/list/dates/written-date.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');

function verdictOf(dates: readonly string[], { now = NOW, shared }: { now?: number; shared?: DayOrder } = {}) {
  const evidence = new OrderEvidence(now);
  for (const date of dates) evidence.add(date, readWrittenDate(date) ?? expect.fail(date));
  return evidence.verdict(shared);
}

describe('the order of day, month and year', () => {
  it.each([
    // A number over 12.
    [['03/04/2026', '25/04/2026'], 'day-first', 'values'],
    [['25/04/2026', '03/04/2026'], 'day-first', 'values'],
    [['03/04/2026', '04/25/2026'], 'month-first', 'values'],
    [['11/20/26 9:15', '11/8/26 9:15', '11/9/2026 9:15'], 'month-first', 'values'],
    // A weekday that fits one reading alone.
    [['Fri 06/11/2026', 'Sat 07/11/2026'], 'day-first', 'values'],
    [['Fri 11/06/2026', 'Sat 11/07/2026'], 'month-first', 'values'],
    // Two digits that can be the year or the day.
    [['20-Nov-26', '08-Nov-26'], 'day-first', 'age'],
    [['26-Nov-20', '26-Nov-08'], 'year-first', 'age'],
    [['20-11-26', '21-11-26'], 'day-first', 'age'],
    [['26-11-20', '26-11-21'], 'year-first', 'age'],
    // A call does not lie in the future.
    [['11/12/2026 09:00', '10/12/2026 09:00'], 'month-first', 'future'],
    [['12/11/2026', '12/10/2026'], 'day-first', 'future'],
    // The rows are in the order of time.
    [['30/01/2026', '02/02/2026', '01/03/2026'].slice(1).concat('05/03/2026', '01/04/2026'), 'day-first', 'sequence'],
    [['02/02/2026', '03/01/2026', '03/05/2026', '04/01/2026'], 'month-first', 'sequence'],
    [['04/01/2026', '03/05/2026', '03/01/2026', '02/02/2026'], 'month-first', 'sequence'],
    // The first days of a month, and not the same day of many months.
    [['01/10/2026', '02/10/2026', '03/10/2026', '04/10/2026'], 'day-first', 'month'],
    [['10/01/2026', '10/02/2026', '10/03/2026', '10/04/2026'], 'month-first', 'month'],
    // Nothing tells.
    [['03/04/2026', '05/06/2026'], 'day-first', 'assumed'],
    [['03/04/2026'], 'day-first', 'assumed'],
  ] as const)('of %j is %s by %s', (dates, order, reason) => {
    expect(verdictOf(dates)).toMatchObject({ order, reason, contradicted: 0 });
  });

  it.each([
    [['03/04/2026', '04/25/2026', '04/26/2026', '25/04/2026'], 'month-first', 1, '25/04/2026'],
    [['03/04/2026', '04/25/2026', '25/04/2026', '26/04/2026'], 'day-first', 1, '04/25/2026'],
  ] as const)('of %j is %s, and what speaks against it is known', (dates, order, contradicted, contradiction) => {
    expect(verdictOf(dates)).toMatchObject({ order, reason: 'values', contradicted, contradiction });
  });

  it('does not turn the years of all dates around for one that is mistyped', () => {
    expect(verdictOf(['20-Nov-26', '21-Nov-26', '31-Feb-26'])).toMatchObject({
      order: 'day-first',
      reason: 'age',
      contradiction: '31-Feb-26',
    });
  });

  it('is that of other columns where these dates prove nothing', () => {
    expect(verdictOf(['03/04/2026'], { shared: 'month-first' })).toMatchObject({ order: 'month-first', reason: 'column' });
    expect(verdictOf(['25/04/2026'], { shared: 'month-first' })).toMatchObject({ order: 'day-first', reason: 'values' });
  });

  it('is no other because of a clock that is hours ahead, where the rows tell', () => {
    // Five hours in the future for UTC, and in the past for India.
    const dates = ['03/06/2026', '04/06/2026', '01/07/2026', '02/07/2026 04:00'];
    const now = Date.parse('2026-07-01T23:00:00Z');
    expect(verdictOf(dates, { now })).toMatchObject({ order: 'day-first', reason: 'sequence' });
    expect(verdictOf(['11/12/2026 09:00'], { now: Date.parse('2026-12-10T23:00:00Z') })).toMatchObject({
      order: 'month-first',
      reason: 'now',
    });
  });

  it.each(['2026-07-01', '2026-11-13', '2026-12-10'])(
    'of calls that lie in the future either way (on %s) is that of the nearer future',
    (today) => {
      expect(verdictOf(['11/12/2026 09:00', '10/12/2026 09:00'], { now: Date.parse(`${today}T00:00:00Z`) })).toMatchObject({
        order: 'month-first',
      });
    },
  );

  it('tells nothing by dates that have one reading', () => {
    const evidence = new OrderEvidence(NOW);
    for (const date of ['25/04/2026', '11/11/2026']) evidence.add(date, readWrittenDate(date) ?? expect.fail());
    expect(evidence.isOpen).toBe(false);
    evidence.add('03/04/2026', readWrittenDate('03/04/2026') ?? expect.fail());
    expect(evidence.isOpen).toBe(true);
  });

  it('is shown by a date that has no other reading', () => {
    expect(verdictOf(['03/04/2026', '25/04/2026']).example).toBe('25/04/2026');
    expect(verdictOf(['03/03/2026', '03/04/2026']).example).toBe('03/04/2026');
  });
});
