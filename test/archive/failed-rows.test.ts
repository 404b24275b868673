import { describe, expect, it } from 'vitest';
import { failedList, OwnList } from '../../src/archive/failed-rows.ts';
import type { ManifestLine } from '../../src/archive/manifest-line.ts';

/** The line of a row that failed, as a run of today keeps it; of a report with its header and its columns. */
const failed = (id: string, more: Partial<ManifestLine> = {}) => ({ id, status: 'failed', raw: id, ...more }) as ManifestLine;
const reported = (raw: string, header: string, row: Record<string, string>) => failed(Object.values(row)[0] ?? '', { raw, header, row });
/** The same as a release left it that kept no rows. */
const old = (id: string, row?: Record<string, string>) => ({ id, status: 'failed', ...(row && { row }) }) as ManifestLine;

const listOf = (...lines: ManifestLine[]) => [...failedList(() => lines)];

describe('the list of failed rows', () => {
  it.each<[string, ManifestLine[], string[]]>([
    ['nothing where none failed', [], []],
    ['ids as they came', [failed('a'), failed('b', { raw: ' b\t' })], ['a', ' b\t']],
    ['ids whose rows an old release did not keep', [old('a'), failed('b', { raw: ' b' })], ['a', ' b']],
    [
      'the rows of a report as they came, under its header',
      [reported('a;"Ann"', 'Ref;Agent', { Ref: 'a', Agent: 'Ann' }), reported('b;', 'Ref;Agent', { Ref: 'b', Agent: '' })],
      ['Ref;Agent', 'a;"Ann"', 'b;'],
    ],
    ['ids as they came though a report has told of them before', [failed('a', { raw: ' a', row: { Agent: 'Ann' } })], [' a']],
    [
      'one report of all columns where the reports differ, in the order in which the columns were met',
      [reported('a,x', 'Ref,Agent', { Ref: 'a', Agent: 'x' }), reported('b;y;z', 'Ref;Queue;Agent', { Ref: 'b', Queue: 'y', Agent: 'z' })],
      ['Recording ID,Ref,Agent,Queue', 'a,a,x,', 'b,b,z,y'],
    ],
    [
      'one report where a report and a list of ids failed',
      [reported('a,x', 'Ref,Agent', { Ref: 'a', Agent: 'x' }), failed('b')],
      ['Recording ID,Ref,Agent', 'a,a,x', 'b,,'],
    ],
    [
      'one report where it is not known how the rows stood in theirs',
      [old('a', { Agent: 'Ann' }), old('b', { Agent: 'Bob' })],
      ['Recording ID,Agent', 'a,Ann', 'b,Bob'],
    ],
  ])('holds %s', (_what, lines, expected) => {
    expect(listOf(...lines)).toEqual(expected);
  });

  it.each(['Recording ID', 'recording_id', 'RECORDING-ID', 'RecordingId', ' Recording -_ Id '])(
    'has the ids once, though the reports have them under %j',
    (header) => {
      expect(listOf(old('a', { Agent: 'Ann', [header]: 'a' }))).toEqual(['Recording ID,Agent', 'a,Ann']);
    },
  );

  it.each(['Recording', 'ID', 'Recording ID 2', 'My Recording ID'])('keeps a column headed %j', (header) => {
    expect(listOf(old('a', { [header]: 'x' }))).toEqual([`Recording ID,${header}`, 'a,x']);
  });

  it.each([
    ['Ann Lee', 'Ann Lee'],
    ['Ann, Lee', '"Ann, Lee"'],
    ['Ann;', '"Ann;"'],
    ['Ann\tLee', '"Ann\tLee"'],
    ['"Ann" "Lee"', '"""Ann"" ""Lee"""'],
    [' Ann', '" Ann"'],
    ['Ann ', '"Ann "'],
    ['Ann\r\n\nLee', 'Ann Lee'],
    ['Ann\n', '"Ann "'],
  ])('writes the value %j so that it is read again as one', (value, written) => {
    expect(listOf(old('a', { Agent: value }))).toEqual(['Recording ID,Agent', `a,${written}`]);
  });

  it('takes for the value of a row only what the row itself has', () => {
    expect(listOf(old('a', { constructor: 'x' }), old('b', { toString: 'y' }))).toEqual([
      'Recording ID,constructor,toString',
      'a,x,',
      'b,,y',
    ]);
  });
});

describe('a list that runs over an archive wrote', () => {
  const ownOf = (...lines: ManifestLine[]) => {
    const own = new OwnList();
    for (const line of lines) own.add(line);
    return (...file: string[]) => file.every((text) => own.holds(text, file[0] ?? ''));
  };

  it.each<[string, ManifestLine[], string[]]>([
    ['of ids', [failed('a'), failed('b', { raw: ' b' })], ['a', ' b']],
    ['of ids of which some do not fail any more', [failed('a'), failed('b'), { ...failed('a'), status: 'saved' }], ['a', 'b']],
    ['of a report', [reported('a;x', 'Ref;Agent', { Ref: 'a', Agent: 'x' })], ['Ref;Agent', 'a;x']],
    [
      'of a report whose rows and header are of several lines',
      [reported('a,"x\r\ny\nz"', 'Ref,"Agent\r\n2"', { Ref: 'a', 'Agent\r\n2': 'x\r\ny\nz' })],
      ['Ref,"Agent', '2"', 'a,"x', 'y', 'z"'],
    ],
    ['of an old release', [old('a')], ['a']],
    ['of an old release, of a report with commas', [old('a', { Ref: 'a', Agent: 'x' })], ['Ref,Agent', 'a,x']],
    ['of an old release, of a report with semicolons', [old('a', { Ref: 'a', Agent: 'x' })], ['Ref;Agent', 'a;x']],
    ['of an old release, of a report with tabs', [old('a', { Ref: 'a', Agent: 'x' })], ['Ref\tAgent', 'a\tx']],
    ['of ids, with blank lines', [failed('a')], ['a', '', '']],
    ['of several reports', [failed('call-1'), failed('call-2')], ['Recording ID,Anything', 'call-1,x', 'call-2,']],
    ['of several reports without a column but the ids', [failed('call-1')], ['Recording ID', 'call-1']],
    ['of several reports, with ids in quotes', [failed('a,1'), failed('b"')], ['Recording ID,Any', '"a,1",x', '"b""",""']],
  ])('is known as such: one %s', (_what, lines, file) => {
    expect(ownOf(...lines)(...file)).toBe(true);
  });

  it.each<[string, ManifestLine[], string[]]>([
    [
      'holds an id that never failed',
      [
        { ...failed('a'), status: 'saved' },
        { ...failed('a'), status: 'gone' },
      ],
      ['a'],
    ],
    ['holds a line that is none of a row', [failed('a')], ['a', 'note']],
    ['has a row with other delimiters', [reported('a;x', 'Ref;Agent', { Ref: 'a', Agent: 'x' })], ['Ref,Agent', 'a,x']],
    ['has only begun like a row', [reported('a;x', 'Ref;Agent', { Ref: 'a', Agent: 'x' })], ['Ref;Agent', 'a']],
    ['is of several reports, and has an id that never failed', [failed('call-1')], ['Recording ID,Any', 'call-1,x', 'call-2,x']],
    ['is of several reports, and has a cut id', [failed('call-1')], ['Recording ID,Any', 'call']],
    ['is of several reports, and has a quote without an end', [failed('a')], ['Recording ID,Any', '"a,x']],
    ['is of several reports, and has an id behind another column', [failed('a')], ['Recording ID,Any', 'x,a']],
    ['has a header that only begins as ours', [failed('a')], ['Recording ID 2,Any', 'a,x']],
    ['has our header further down', [failed('a')], ['a', 'Recording ID,Any', 'a,x']],
  ])('is not taken for one that %s', (_what, lines, file) => {
    expect(ownOf(...lines)(...file)).toBe(false);
  });
});
