import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ListRow } from '../../src/list/list-row.ts';
import { oldestFirst } from '../../src/list/oldest-first.ts';

const rowsOf = (dates: readonly string[]): ListRow[] =>
  dates.map((date, index) => ({ id: `${index}`, line: index + 2, raw: date, columns: [date] }));

const timeOf = ({ raw }: ListRow) => (raw === '' || raw === 'x' ? undefined : Date.parse(raw));

async function* inBatches(rows: readonly ListRow[], size: number) {
  for (let from = 0; from < rows.length; from += size) yield rows.slice(from, from + size);
}

async function sorted(dates: readonly string[], size = 3): Promise<ListRow[]> {
  const rows: ListRow[] = [];
  for await (const batch of oldestFirst(inBatches(rowsOf(dates), size), timeOf)) rows.push(...batch);
  return rows;
}

describe('oldest first', () => {
  it('gives rows without a date before all others, then by time, equal ones in their order', async () => {
    const rows = await sorted(['2026-05-02', '', '2026-05-01', 'x', '2026-05-01', '2026-05-01T01:00:00+02:00']);
    expect(rows.map(({ id }) => id)).toEqual(['1', '3', '5', '2', '4', '0']);
  });

  it('gives nothing of an empty list', async () => {
    expect(await sorted([])).toEqual([]);
  });

  it('gives every row once, sorted and stable, however many there are', async () => {
    const date = fc.oneof(
      fc.constantFrom('', 'x', '2026-01-01'),
      fc.integer({ min: 1, max: 28 }).map((day) => `2026-02-${String(day).padStart(2, '0')}`),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(date, { maxLength: 50 }), fc.integer({ min: 1, max: 7 }), async (dates, size) => {
        const rows = await sorted(dates, size);
        expect(rows.map(({ line }) => line).sort((one, other) => one - other)).toEqual(dates.map((_, index) => index + 2));
        const keys = rows.map((row) => ({ time: timeOf(row) ?? Number.NEGATIVE_INFINITY, line: row.line }));
        for (const [index, key] of keys.entries()) {
          const next = keys[index + 1] ?? { time: Number.POSITIVE_INFINITY, line: 0 };
          expect(key.time < next.time || (key.time === next.time && key.line < next.line)).toBe(true);
        }
      }),
    );
  });

  it('gives long lists in pieces', async () => {
    const sizes: number[] = [];
    const dates = Array.from({ length: 2500 }, (_, index) => `2026-01-${String((index % 28) + 1).padStart(2, '0')}`);
    for await (const batch of oldestFirst(inBatches(rowsOf(dates), 700), timeOf)) sizes.push(batch.length);
    expect(sizes).toEqual([1000, 1000, 500]);
  });

  it('fails as the list does', async () => {
    async function* broken() {
      yield rowsOf(['2026-01-01']);
      throw new Error('line 3');
    }
    await expect(oldestFirst(broken(), timeOf).next()).rejects.toThrow('line 3');
  });
});
