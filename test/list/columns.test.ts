import { describe, expect, it } from 'vitest';
import { columnsNamed, distinctHeaders, findColumn, listHeaders, normaliseHeader, quoteHeader } from '../../src/list/columns.ts';

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

describe('a header', () => {
  it('is the same whatever its case, blanks, underscores and hyphens', () => {
    for (const header of ['Recording ID', ' recording__id ', 'RECORDING - ID', 'recordingId', '-Recording\tId_']) {
      expect(normaliseHeader(header)).toBe('recordingid');
    }
    expect(normaliseHeader('Recording.ID')).toBe('recording.id');
  });

  it('is found by its name and number where there are several, the name being as loose as ever', () => {
    const headers = ['Call\nstart', 'Call\nstart', 'Duration (s)', 'duration', 'Duration', 'x (1) (2)'];
    expect(columnsNamed(headers, 'Call\nstart (2)')).toEqual([1]);
    expect(columnsNamed(headers, ' call start (1) ')).toEqual([0]);
    expect(columnsNamed(headers, 'Duration (s)')).toEqual([2]);
    expect(columnsNamed(headers, 'DURATION (2)')).toEqual([4]);
    expect(columnsNamed(headers, 'x (1) (2)')).toEqual([5]);
    for (const none of [
      'Duration (0)',
      'Duration (3)',
      'Duration(2)',
      'Duration (2) x',
      'Duration 2',
      'Duration (two)',
      '(1)',
      ' (1)',
      '',
      ' ',
    ]) {
      expect([none, columnsNamed(headers, none)]).toEqual([none, []]);
    }
    expect(columnsNamed(['a', 'A', 'a'], 'a (2)')).toEqual([2]);
    expect(columnsNamed(['', 'x', ''], '')).toEqual([0, 2]);
  });

  it('is told from its like by number, where there are several', () => {
    expect(() => findColumn(['Agent', 'agent '], ' AGENT ', place)).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: 'report.csv has more than one column " AGENT ". Its columns: "Agent", "agent".',
        hint: 'Tell them apart by number, as "AGENT (1)" and "AGENT (2)".',
      }),
    );
    expect(() => findColumn(['Agent'], 'Queue', place)).toThrow(
      expect.objectContaining({
        message: 'report.csv has no column "Queue". Its columns: "Agent".',
        hint: 'Name one of them with --where.',
      }),
    );
  });

  it('is shown in quotes, cut where it is longer than 60 characters', () => {
    expect(quoteHeader('a"b\n')).toBe('"a\\"b\\n"');
    expect(quoteHeader('x'.repeat(60))).toBe(`"${'x'.repeat(60)}"`);
    expect(quoteHeader('x'.repeat(61))).toBe(`"${'x'.repeat(59)}…"`);
  });

  it('is listed with at most 29 others', () => {
    const headers = (count: number) => Array.from({ length: count }, (_, index) => ` h${index} `);
    expect(listHeaders([])).toBe('');
    expect(listHeaders(headers(2))).toBe('"h0", "h1"');
    expect(listHeaders(headers(30))).toMatch(/"h28", "h29"$/);
    expect(listHeaders(headers(31))).toMatch(/"h28", "h29" and 1 more$/);
    expect(listHeaders(headers(45))).toMatch(/"h29" and 15 more$/);
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
      ['A', 'A', 'A (2)', 'A (2)'],
      ['A', 'A (2)', 'A (2) (2)', 'A (2) (3)'],
    ],
    [
      ['Column 2', ''],
      ['Column 2', 'Column 2 (2)'],
    ],
    [
      ['__proto__', 'constructor'],
      ['__proto__', 'constructor'],
    ],
  ])('%j are each there once: %j', (headers, keys) => {
    expect(distinctHeaders(headers)).toEqual(keys);
  });
});
