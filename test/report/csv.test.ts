import { describe, expect, it } from 'vitest';
import { csvLine } from '../../src/report/csv.ts';

describe('a line of CSV', () => {
  it.each(['=1', '+cmd', '-cmd', '@SUM', '\t=1', '\r=1', '\n=1', '＝1', '＋1', '－1', '＠1'])('runs no formula: %j', (value) => {
    const quoted = /[\r\n]/.test(value) ? `"'${value}"` : `'${value}`;
    expect(csvLine(['a', value])).toBe(`a,${quoted}`);
  });

  it.each(['+390212345', '-5', '-1.5', 'a=1', ''])('leaves what is none as it is: %j', (value) => {
    expect(csvLine([value])).toBe(value);
  });
});
