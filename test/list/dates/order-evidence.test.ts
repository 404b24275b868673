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
    // The year before last is recent; the one before is as old as any.
    [['24-Nov-20', '24-Nov-21'], 'year-first', 'age'],
    [['23-Nov-20', '23-Nov-21'], 'day-first', 'assumed'],
    // A call does not lie in the future.
    [['11/12/2026 09:00', '10/12/2026 09:00'], 'month-first', 'future'],
    [['12/11/2026', '12/10/2026'], 'day-first', 'future'],
    // The rows are in the order of time.
    [['30/01/2026', '02/02/2026', '01/03/2026'].slice(1).concat('05/03/2026', '01/04/2026'), 'day-first', 'sequence'],
    [['02/02/2026', '03/01/2026', '03/05/2026', '04/01/2026'], 'month-first', 'sequence'],
    [['04/01/2026', '03/05/2026', '03/01/2026', '02/02/2026'], 'month-first', 'sequence'],
    // Several rows of one day, in whatever order of time, are no step.
    [['02/02/2026 09:00', '02/02/2026 08:00', '03/01/2026', '03/01/2026', '03/05/2026', '04/01/2026'], 'month-first', 'sequence'],
    [['04/01/2026', '04/01/2026', '03/05/2026 08:00', '03/05/2026 09:00', '03/01/2026', '02/02/2026'], 'month-first', 'sequence'],
    // The first days of a month, and not the same day of many months.
    [['01/10/2026', '02/10/2026', '03/10/2026', '04/10/2026'], 'day-first', 'month'],
    [['10/01/2026', '10/02/2026', '10/03/2026', '10/04/2026'], 'month-first', 'month'],
    [['10/01/2026', '10/02/2026', '10/03/2026'], 'month-first', 'month'],
    [['10/01/2026', '10/02/2026'], 'day-first', 'assumed'],
    // Days that differ, if of several months, are as good as those of one or two.
    [['01/03/2026', '01/04/2026', '02/05/2026'], 'day-first', 'assumed'],
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
    // Years old either way.
    expect(verdictOf(['20-11-21'], { shared: 'year-first' })).toMatchObject({ order: 'year-first', reason: 'column' });
  });

  it('is that of other columns where these dates prove two, and then shown by one that has both readings', () => {
    expect(verdictOf(['03/04/2026', '25/04/2026', '04/26/2026'], { shared: 'month-first' })).toMatchObject({
      ...{ order: 'month-first', reason: 'column', example: '03/04/2026' },
      ...{ contradicted: 1, contradiction: '25/04/2026' },
    });
  });

  it.each([
    [50, 'month-first', 'sequence'],
    [49, 'day-first', 'assumed'],
  ])('bears one step back among %i forward', (steps, order, reason) => {
    const two = (number: number) => String(number).padStart(2, '0');
    // The first to the twelfth of each month.
    const days = Array.from({ length: steps + 1 }, (_, index) => `${two(Math.floor(index / 12) + 1)}/${two((index % 12) + 1)}/2025`);
    expect(verdictOf([...days, '01/02/2025'])).toMatchObject({ order, reason });
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

  it.each([
    // 14 hours ahead: somewhere it is that late by now.
    ['02/07/2026 14:00', 'day-first', 'sequence'],
    ['02/07/2026 14:01', 'month-first', 'future'],
    // By its own zone it is ten hours ahead.
    ['03/07/2026 00:00 +14:00', 'day-first', 'sequence'],
  ])('is told by a call in the future where no clock shows its time yet: %s', (last, order, reason) => {
    const dates = ['03/06/2026', '04/06/2026', '01/07/2026', last];
    expect(verdictOf(dates, { now: Date.parse('2026-07-02T00:00:00Z') })).toMatchObject({ order, reason });
  });

  it('of calls in the future is that in which the last of them, wherever it stands, is nearer', () => {
    // September or January; March or May.
    const dates = ['01/09/2026', '05/03/2026'];
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(verdictOf(dates, { now })).toMatchObject({ order: 'month-first', reason: 'now' });
    expect(verdictOf(dates.toReversed(), { now })).toMatchObject({ order: 'month-first', reason: 'now' });
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
    evidence.add('31/02/2026', readWrittenDate('31/02/2026') ?? expect.fail());
    expect(evidence.isOpen).toBe(false);
  });

  it.each(['03/04/2026', '20-Nov-26', 'Mon 02-09-09'])('matters to %s', (date) => {
    const evidence = new OrderEvidence(NOW);
    evidence.add(date, readWrittenDate(date) ?? expect.fail());
    expect(evidence.isOpen).toBe(true);
  });

  it('is shown by a date that has no other reading', () => {
    expect(verdictOf(['03/04/2026', '25/04/2026']).example).toBe('25/04/2026');
    expect(verdictOf(['03/03/2026', '03/04/2026']).example).toBe('03/04/2026');
  });
});
