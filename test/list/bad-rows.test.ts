import { describe, expect, it } from 'vitest';
import { readList } from './read-list.ts';

describe('rows that cannot be read', () => {
  const REPORT = 'Recording ID,Caller,Note\na1,x,1\nb2,"open,2\nc3,y,3,4\n1.5E+9,z,5\nd4,"fine ""one""",6\n';

  it('are handed over and passed over where somebody takes them: each alone, whatever its quotes', async () => {
    const bad: unknown[] = [];
    const { rows, failure, warnings } = await readList(REPORT, { onBadRow: (raw, line) => bad.push([raw, line]) }, 5);
    expect(failure).toBeUndefined();
    expect(rows.map(({ id }) => id)).toEqual(['a1', 'd4']);
    expect(bad).toEqual([
      ['b2,"open,2', 3],
      ['c3,y,3,4', 4],
      ['1.5E+9,z,5', 5],
    ]);
    expect(warnings).toEqual([
      expect.stringMatching(/line 3: a quote is opened and never closed\. The row is left out/),
      expect.stringMatching(/line 4: the row has 4 fields under 3 headers/),
      expect.stringMatching(/line 5: "1\.5E\+9" is a number/),
    ]);
  });

  it('end the reading with the first of them where nobody does', async () => {
    const { rows, failure } = await readList(REPORT);
    expect(rows.map(({ id }) => id)).toEqual(['a1']);
    expect(failure).toMatchObject({ code: 'USAGE', message: expect.stringContaining('line 3') });
  });

  it('of a list are its lines that cannot be ids, among its first lines too', async () => {
    const ids = Array.from({ length: 30 }, (_, index) => `id${index}`);
    const bad: unknown[] = [];
    const { rows } = await readList(`${ids.join('\n')}\na sentence\nlast\n`, { onBadRow: (raw, line) => bad.push([raw, line]) });
    expect(rows).toHaveLength(31);
    expect(bad).toEqual([['a sentence', 31]]);
    expect((await readList('a1\nb c\nd2\n', { onBadRow: () => {} })).rows.map(({ id }) => id)).toEqual(['a1', 'd2']);
  });

  it('are told one by one only as far as they are few', async () => {
    const { warnings, notices } = await readList(`Recording ID,A\nok,1\n${'x,1,2\n'.repeat(50)}`, { onBadRow: () => {} });
    expect(warnings).toHaveLength(5);
    expect(notices).toEqual(['45 more rows could not be read.']);
  });
});
