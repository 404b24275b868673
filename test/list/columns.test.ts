import { describe, expect, it } from 'vitest';
import { columnsNamed, distinctHeaders, findColumn } from '../../src/list/columns.ts';

const place = { list: 'report.csv', flag: '--where' };

describe('a column', () => {
  it('is found by its header, exactly before loosely', () => {
    expect(findColumn(['Call ID', 'call_id', 'Agent'], 'call_id', place)).toBe(1);
    expect(findColumn(['Call-ID ', 'Agent'], 'callid', place)).toBe(0);
    expect(columnsNamed(['Call ID', 'CALL ID'], 'call id')).toEqual([0, 1]);
    expect(columnsNamed(['Call ID'], 'Caller')).toEqual([]);
  });

  it('that is not there is a usage error that lists the headers and names the flag', () => {
    expect(() => findColumn(['Call ID', 'Agent'], 'Queue', place)).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: expect.stringMatching(/report\.csv has no column "Queue".*"Call ID", "Agent"/),
        hint: expect.stringContaining('--where'),
      }),
    );
  });

  it('that is there twice is a usage error, and can be named by its number', () => {
    const headers = ['Duration', 'Agent', 'Duration'];
    expect(() => findColumn(headers, 'duration', place)).toThrow(
      expect.objectContaining({ code: 'USAGE', hint: expect.stringContaining('"duration (2)"') }),
    );
    expect(findColumn(headers, 'Duration (1)', place)).toBe(0);
    expect(findColumn(headers, 'duration (2)', place)).toBe(2);
    expect(columnsNamed(headers, 'Duration (3)')).toEqual([]);
    expect(columnsNamed(['Cost (2)', 'Cost', 'Cost'], 'Cost (2)')).toEqual([0]);
  });
});

describe('headers as keys', () => {
  it.each([
    [
      ['A', 'B', 'A', 'A'],
      ['A', 'B', 'A (2)', 'A (3)'],
    ],
    [
      ['A (2)', 'A', 'A'],
      ['A (2)', 'A', 'A (3)'],
    ],
    [
      ['A', '', ''],
      ['A', 'Column 2', 'Column 3'],
    ],
    [
      ['__proto__', 'constructor'],
      ['__proto__', 'constructor'],
    ],
  ])('%j are each there once: %j', (headers, keys) => {
    expect(distinctHeaders(headers)).toEqual(keys);
  });
});
