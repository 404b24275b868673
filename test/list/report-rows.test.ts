import { describe, expect, it } from 'vitest';
import { interruptedError, usageError } from '../../src/errors.ts';
import { openList } from '../../src/list/id-list.ts';
import { Teller } from '../../src/list/notices.ts';
import { csvLine, leaveOut } from '../../src/list/report-table.ts';
import { idsOf, readList, streamOf } from './read-list.ts';

const refused = (message: string, hint: RegExp) => expect.objectContaining({ code: 'USAGE', message, hint: expect.stringMatching(hint) });

/** All rows of a list, those too that name no recording. */
async function allRows(text: string, options = {}, pieceSize?: number) {
  const list = await openList(streamOf(text, pieceSize), options);
  const rows = [];
  for await (const batch of list.batches()) {
    expect(batch).not.toEqual([]);
    rows.push(...batch);
  }
  return rows;
}

describe('rows of a report that are no calls', () => {
  it('are given to be counted: comments above the header and below it, headers once more, totals', async () => {
    const text = '# exported\n#\n\nRecording ID,Agent\n# page 1\nabc,Anna\nRecording ID,Agent\nTotal,\n';
    for (const size of [1, undefined]) {
      expect(await allRows(text, {}, size)).toEqual([
        { id: '', line: 0, raw: '', leftOut: 'passedOver' },
        { id: '', line: 0, raw: '', leftOut: 'passedOver' },
        { id: '', line: 5, raw: '# page 1', columns: ['# page 1'], leftOut: 'passedOver' },
        { id: 'abc', line: 6, raw: 'abc,Anna', columns: ['abc', 'Anna'] },
        { id: '', line: 7, raw: 'Recording ID,Agent', columns: ['Recording ID', 'Agent'], leftOut: 'passedOver' },
        { id: '', line: 8, raw: 'Total,', columns: ['Total', ''], leftOut: 'passedOver' },
      ]);
    }
  });

  it('are told with their lines, save comments', async () => {
    const { notices } = await readList('# a\nRecording ID,Agent\n# b\nabc,Anna\n\nRecording ID,Agent\nTotal,\n');
    expect(notices).toEqual([
      'list.csv, line 6 is passed over: it repeats the header.',
      'list.csv, line 7 is passed over: it is a total or a closing line of the report, not a call.',
    ]);
  });

  it.each<[what: string, text: string, ids: string[], passedOver: number]>([
    ['the header of the id alone', 'Recording ID,Agent\nabc,x\nrecording_id,\n', ['abc'], 1],
    ['the headers in another order', 'Recording ID,Agent\nabc,x\nAgent,Recording ID\n', ['abc'], 1],
    ['an id below a header without a name, though another value is a header', '_,Agent,\nabc,x,\n,agent,\n', ['abc'], 0],
    ['a value that is called like a column', 'Recording ID,Agent\nabc,Agent\nagent,x\n', ['abc', 'agent'], 0],
    ['a total whose quotes are wrong', 'Recording ID,Agent,Note\nabc,x,y\nTotal: 1,"2"3,\n', ['abc'], 1],
  ])('are told from others by their words: %s', async (_, text, ids, passedOver) => {
    const read = await readList(text, text.startsWith('_') ? { column: '_' } : {});
    expect(read.failure).toBeUndefined();
    expect([read.rows.map(({ id }) => id), read.passedOver]).toEqual([ids, passedOver]);
  });

  it('are given without an empty batch, and told one by one only as far as they are few', async () => {
    const ids = Array.from({ length: 25 }, (_, index) => `id${index},x\n`).join('');
    const text = `Recording ID,Agent\n${ids}\n\n${'Recording ID,Agent\n'.repeat(7)}\n`;
    expect((await allRows(text, {}, 1)).filter(({ leftOut }) => leftOut === undefined)).toHaveLength(25);
    const { notices } = await readList(text);
    expect(notices).toHaveLength(6);
    expect(notices[5]).toBe('2 more rows passed over.');
    await expect(allRows(`${text}def,x,y\n`, {}, 1)).rejects.toMatchObject({
      message: expect.stringContaining('3 fields under 2 headers'),
    });
  });

  it('are headings among headers that are repeated, which are no ids', async () => {
    const { failure, passedOver, notices } = await readList('Recording ID,Agent\nabc,x\nRecording ID,Agent\nTeam North,\nAgent,Agent\n');
    expect([failure, passedOver]).toEqual([undefined, 3]);
    expect(notices[2]).toBe('list.csv, line 5 is passed over: it repeats the header.');
  });

  it('are no comments where the id is in another column, or the header begins with # itself', async () => {
    expect(await idsOf('Agent,Recording ID\n#1,abc\n# 2,def\n')).toEqual(['abc', 'def']);
    expect(await idsOf('#,Agent\n#1,x\n#2,y\n', { column: '#' })).toEqual(['#1', '#2']);
    expect(await idsOf('Recording ID,Agent\n#1,x\n\u200b#2,y\nabc,z\n')).toEqual(['#2', 'abc']);
  });

  it.each<[what: string, rows: string, ids: string[] | RegExp]>([
    ['where the ids around it have none', 'Team: North,,\nabc,x,y\n', ['abc']],
    ['where ids with blanks around them have none in them', 'Team: North,,\n  abc  ,x,y\n', ['abc']],
    ['where an id came after the first rows', `${',x,y\n'.repeat(30)}abc,x,y\nTeam: North,,\n`, ['abc']],
    [
      'where no row before it has an id',
      `${',x,y\n'.repeat(30)}Team: North,,\nabc,x,y\n`,
      /line 32: "Team: North" cannot be a recording id/,
    ],
    ['where no row at all has an id', ',x,y\nTeam: North,,\n,x,y\n', /line 3: "Team: North" cannot be a recording id/],
    ['where most ids have one', 'a b,x,y\nc d,x,y\n', /line 2: "a b" cannot be a recording id/],
  ])('are headings, told by a blank in the place of the id, %s', async (_, rows, expected) => {
    const { rows: read, failure, passedOver, notices } = await readList(`Recording ID,Agent,Note\n${rows}`);
    if (expected instanceof RegExp) {
      expect(failure).toMatchObject({ code: 'USAGE', message: expect.stringMatching(expected), hint: expect.stringContaining('--column') });
      return;
    }
    expect(failure).toBeUndefined();
    expect([read.map(({ id }) => id), passedOver]).toEqual([expected, 1]);
    expect(notices).toEqual([expect.stringMatching(/is passed over: it has a blank in its id, where the other rows have none\.$/)]);
  });

  it('are all that there is where no row has an id, of which one is warned', async () => {
    const { warnings, notices } = await readList('Recording ID,Agent\n,x\nn/a,y\n');
    expect(warnings).toEqual(['list.csv names no recordings: none of its rows has an id.']);
    expect(notices).toEqual([]);
    expect((await readList('Recording ID,Agent\n,x\nabc,y\n')).warnings).toEqual([]);
  });
});

describe('the fields of a row', () => {
  it('are as many as there are headers: blank ones are added and dropped', async () => {
    const { rows } = await readList('Recording ID,Agent,Note\nabc\ndef,x,y, ,\nghi,x,\njkl, \nmno,x, , \n');
    expect(rows.map(({ columns }) => columns)).toEqual([
      ['abc', '', ''],
      ['def', 'x', 'y'],
      ['ghi', 'x', ''],
      ['jkl', ' ', ''],
      ['mno', 'x', ' '],
    ]);
  });

  it.each<[delimiter: string, name: string, other: string, otherName: string]>([
    [',', 'commas', ';', 'semicolons'],
    [';', 'semicolons', ',', 'commas'],
    ['\t', 'tabs', '|', 'bars'],
    ['|', 'bars', '\t', 'tabs'],
  ])('of a report that is separated by %j are refused where a row has others', async (delimiter, name, other, otherName) => {
    const header = ['Recording ID', 'Agent', 'Note', 'Day'].join(delimiter);
    const { failure } = await readList(`${header}\nabc\ndef${other}x${other}y\n`);
    expect(failure).toEqual(
      refused(
        `list.csv, line 3: the row is separated by ${otherName}, the header by ${name}.`,
        /^Correct the row .* belongs in quotes\), or go on without such rows with --skip-bad-rows\.$/,
      ),
    );
    // A single one is no proof where there should be three.
    const { failure: single } = await readList(`${header}\ndef${other}x\n`);
    expect(String(single)).not.toContain('separated');
    // Nor are those within one of several fields.
    expect(await idsOf(`${header}\ndef${delimiter}x${other}y${other}z\n`)).toEqual(['def']);
  });

  it('may hold delimiters in quotes, in the only field that there is', async () => {
    expect((await readList('Agent,Recording ID,Note\n"a,b,c"\nx,abc\n')).blank).toBe(1);
    expect(await idsOf('sep=;\nRecording ID\nabc\n')).toEqual(['abc']);
  });

  it('are not looked at where the quotes are wrong: that is what is said', async () => {
    const { failure } = await readList('Recording ID,Agent,Note\n"a;b;c\n');
    expect(failure).toEqual(refused('list.csv, line 2: a quote is opened and never closed.', /quotes/));
  });

  it('are refused where there are more of them than headers', async () => {
    const { failure } = await readList('Recording ID,Agent\nabc,x,,y\n');
    expect(failure).toEqual(refused('list.csv, line 2: the row has 4 fields under 2 headers.', /--skip-bad-rows/));
  });

  it.each(['abc,def', 'abc;def', 'abc|def'])('are no ids in a report of one column where they are several: %s', async (value) => {
    const { failure } = await readList(`Recording ID\nxyz\n"${value}"\n`);
    expect(failure).toEqual(refused(`list.csv, line 3: "${value}" cannot be a recording id.`, /--column/));
    expect(await idsOf(`Recording ID,Agent\n"${value}",x\n`)).toEqual([value]);
  });

  it('have the id freed of what is around it, unless it comes out of an address or is none', async () => {
    const { rows } = await readList('Recording ID,Agent\n" abc ",x\nhttps://h.example/?id=def&to=1,y\n');
    expect(rows.map(({ id, columns }) => [id, columns?.[0]])).toEqual([
      ['abc', 'abc'],
      ['def', 'https://h.example/?id=def&to=1'],
    ]);
    expect((await allRows('Recording ID,Agent\n NULL ,x\nabc,y\n'))[0]).toMatchObject({ leftOut: 'blank', columns: [' NULL ', 'x'] });
  });

  it('lose the guards of a spreadsheet: all apostrophes where the id has one, else those that guard something', async () => {
    const { rows } = await readList('Recording ID,A,B,C\n\'abc,\'t Hooft,\'+39,="1"\ndef,\'t Hooft,\'+39,"=""1"""\n');
    expect(rows.map(({ columns }) => columns)).toEqual([
      ['abc', 't Hooft', '+39', '1'],
      ['def', "'t Hooft", '+39', '1'],
    ]);
  });

  it('keep apostrophes and formulas where no spreadsheet wrote them as text', async () => {
    const { rows } = await readList(JSON.stringify([{ id: 'abc', a: "'+39", b: '="1"' }]));
    expect(rows[0]?.columns).toEqual(['abc', "'+39", '="1"']);
  });

  it('are refused for an id that lost its last digits, as all long ones of the report did', async () => {
    const { rows, failure } = await readList('Recording ID,Agent\nabc,x\n123456789012345000,y\n223456789012345000,z\n');
    expect(rows.map(({ id }) => id)).toEqual(['abc']);
    expect(failure).toEqual(
      refused(
        'list.csv, line 3: "123456789012345000" is a number that a spreadsheet has rounded to 15 digits, like the other long ids of the report.',
        /^Export the report again with the id column formatted as text\.$/,
      ),
    );
  });
});

describe('a row that cannot be read', () => {
  const reading = (bad: unknown[], told: unknown[]) => ({
    name: 'list.csv',
    teller: new Teller((notice) => told.push(notice)),
    onBadRow: (...row: unknown[]) => void bad.push(row),
  });

  it('is handed over with its line and the reason, and told of', () => {
    const [bad, told]: unknown[][] = [[], []];
    leaveOut(usageError('line 3: no.', 'Mend it.'), 'a,b', 3, reading(bad ?? [], told ?? []));
    expect(bad).toEqual([['a,b', 3, 'line 3: no.']]);
    expect(told).toEqual([{ message: 'line 3: no. The row is left out.', always: true }]);
  });

  it.each([interruptedError('SIGINT'), new TypeError('x')])('is none where the error is another: %s', (error) => {
    const bad: unknown[] = [];
    expect(() => leaveOut(error, 'a,b', 3, reading(bad, []))).toThrow(error);
    expect(() => leaveOut(error, 'a,b', 3, { ...reading(bad, []), onBadRow: undefined })).toThrow(error);
    expect(bad).toEqual([]);
  });
});

describe('fields that are written as a row of CSV', () => {
  it.each([
    [['a', 'b c', "it's"], "a,b c,it's"],
    [['a,b', 'a"b', 'a\nb', 'a\rb'], '"a,b","a""b","a\nb","a\rb"'],
    [[' a', 'a ', '\ta'], '" a","a ","\ta"'],
    [['#1', '1#'], '"#1",1#'],
    [['', ''], ','],
  ])('%j have quotes where they need them', (fields, line) => {
    expect(csvLine(fields)).toBe(line);
  });

  it('are read back as they were', async () => {
    const columns = ['#1', 'a,b', ' x ', '"', 'a\r\nb', ''];
    const { rows } = await readList(`${csvLine(['Recording ID', 'A', 'B', 'C', 'D', 'E'])}\n${csvLine(columns)}\n`);
    expect(rows).toEqual([]);
    const { rows: below } = await readList(
      `${csvLine(['A', 'Recording ID', 'B', 'C', 'D', 'E'])}\n${csvLine(['#1', 'abc', ...columns.slice(2)])}\n`,
    );
    expect(below.map((row) => row.columns)).toEqual([['#1', 'abc', ...columns.slice(2)]]);
  });
});
