import { describe, expect, it } from 'vitest';
import { openList } from '../../src/list/id-list.ts';
import { idsOf, readList, streamOf } from './read-list.ts';

const usage = (message: RegExp, hint = /./) =>
  expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(message), hint: expect.stringMatching(hint) });

describe('a report', () => {
  it('gives each row with its values, its line and itself as it came', async () => {
    const text = '\ufeffCaller,"Recording ID" ,Note\r\n"+39 02", abc== ,"a ""b""\r\nc"\r\n1,def==,\r\n'.replace('" ,', '",');
    expect(await readList(text)).toMatchObject({
      header: { headers: ['Caller', 'Recording ID', 'Note'], raw: 'Caller,"Recording ID",Note', delimiter: ',', idColumn: 1 },
      rows: [
        { id: 'abc==', line: 2, raw: '"+39 02", abc== ,"a ""b""\r\nc"', columns: ['+39 02', 'abc==', 'a "b"\r\nc'] },
        { id: 'def==', line: 4, raw: '1,def==,', columns: ['1', 'def==', ''] },
      ],
    });
  });

  it.each([',', ';', '\t'])('is told by its first row when %j separates the fields', async (delimiter) => {
    const { header, rows } = await readList(`A${delimiter}Recording ID\nx${delimiter}abc\n`);
    expect(header).toMatchObject({ delimiter, idColumn: 1 });
    expect(rows).toMatchObject([{ id: 'abc' }]);
  });

  it.each([
    ['the one that sets the id apart', 'Recording ID;Name, first, last, all\nabc;x\n', ';'],
    ['the most frequent otherwise', 'Id;Name, first;Note\nabc;x;y\n', ';'],
    ['not the one within quotes', '"Name;first;last",Recording ID\nx,abc\n', ','],
    ['the one that sep= names', 'sep=;\r\nRecording ID;A,B,C,D\r\nabc;1\r\n', ';'],
    ['the one that sep= names in quotes', '"sep=;"\r\nRecording ID;A,B,C,D\r\nabc;1\r\n', ';'],
    ['a tab that sep= names', 'sep=\t\nRecording ID\tA\nabc\t1\n', '\t'],
  ])('is separated by %s', async (_, text, delimiter) => {
    const { header, rows } = await readList(text, /Id;/.test(text) ? { column: 'Id' } : {});
    expect(header?.delimiter).toBe(delimiter);
    expect(rows).toMatchObject([{ id: 'abc' }]);
  });

  it.each(['Recording ID', 'recording_id', 'RECORDING-ID', 'RecordingId', ' Recording  Id '])(
    'finds the id under the header %j',
    async (header) => {
      expect(await idsOf(`Caller,${header}\n1,abc\n`)).toEqual(['abc']);
      expect(await idsOf(`${header}\nabc\n`)).toEqual(['abc']);
    },
  );

  it('finds the id under the header that --column names, exactly before loosely', async () => {
    const text = 'Recording ID,call id,Call ID\na,b,c\n';
    expect(await idsOf(text, { column: 'Call ID' })).toEqual(['c']);
    expect(await idsOf(text, { column: 'recording_id' })).toEqual(['a']);
    expect(await idsOf('Call\nabc\n', { column: 'call' })).toEqual(['abc']);
  });

  it.each([
    ['no header reads like it', 'Caller,Call Id\n1,2\n', undefined, /no column headed "Recording ID".*"Caller", "Call Id"/],
    ['several do', 'Recording ID,recording_id\n1,2\n', undefined, /more than one column headed "Recording ID"/],
    ['none is named so', 'Recording ID,A\n1,2\n', 'Call', /no column headed "Call".*"Recording ID", "A"/],
    ['two are named so', 'call id,CALL ID\n1,2\n', 'Call Id', /more than one column headed "Call Id"/],
    ['the first row of a list has a delimiter', 'abc,def\n', undefined, /"abc", "def"/],
  ])("lists the headers when the id's column cannot be told: %s", async (_, text, column, message) => {
    await expect(openList(streamOf(text), { column })).rejects.toEqual(usage(message, /--column/));
  });

  it('lists no more headers than can be read', async () => {
    const headers = Array.from({ length: 200 }, (_, index) => `${'x'.repeat(500)}${'y'.repeat(index)}`);
    const error = await openList(streamOf(headers.join(','))).catch((thrown) => thrown);
    expect(error.message).toMatch(/and 170 more\.$/);
    expect(error.message.length).toBeLessThan(3000);
  });

  it('gives a row without an id with an empty one, also when it lacks the field', async () => {
    const list = await openList(streamOf('Caller,Recording ID,Note\n1, ,x\n2\n,,\n3,abc\n'));
    const rows = [];
    for await (const batch of list.batches()) rows.push(...batch);
    expect(rows).toMatchObject([
      { id: '', line: 2, columns: ['1', ' ', 'x'], leftOut: 'blank' },
      { id: '', line: 3, columns: ['2', '', ''], leftOut: 'blank' },
      { id: '', line: 4, leftOut: 'blank' },
      { id: 'abc', line: 5, columns: ['3', 'abc', ''] },
    ]);
    expect(rows.at(-1)).not.toHaveProperty('leftOut');
  });

  it('passes over empty lines, and over empty fields beyond the last header', async () => {
    const { rows } = await readList('Caller,Recording ID\n\n1,abc,,\n\r\n2,def\n\n');
    expect(rows).toEqual([
      { id: 'abc', line: 3, raw: '1,abc,,', columns: ['1', 'abc'] },
      { id: 'def', line: 5, raw: '2,def', columns: ['2', 'def'] },
    ]);
  });

  it('counts lines from the first of the file, whatever stands before the header', async () => {
    const { header, rows } = await readList('\n# exported on monday\n\nCaller,Recording ID\n1,abc\n');
    expect(header?.raw).toBe('Caller,Recording ID');
    expect(rows).toMatchObject([{ line: 5 }]);
  });

  it('tells a header that begins with # from a comment', async () => {
    const { rows } = await readList('#,Recording ID\n#1,abc\n');
    expect(rows).toEqual([{ id: 'abc', line: 2, raw: '#1,abc', columns: ['#1', 'abc'] }]);
  });

  it('of one column has comments and blank lines as a list has', async () => {
    expect(await idsOf('Recording ID\n# monday\n\nabc\n"def"\n')).toEqual(['abc', 'def']);
  });

  it('has a header that goes over two lines', async () => {
    const { header, rows } = await readList('"Call\nstart",Recording ID\n1,abc', {}, 3);
    expect(header?.headers).toEqual(['Call\nstart', 'Recording ID']);
    expect(rows).toEqual([{ id: 'abc', line: 3, raw: '1,abc', columns: ['1', 'abc'] }]);
  });

  it('has a header with doubled quotes, and a line break behind them', async () => {
    const { header } = await readList('"Call ""x\ny""",Recording ID\n1,abc');
    expect(header?.headers).toEqual(['Call "x\ny"', 'Recording ID']);
  });

  it('is read by its own header where a line of Excel announces another delimiter', async () => {
    expect(await idsOf('sep=,\nCalls\nRecording ID;Caller\na;1\nb;2\n')).toEqual(['a', 'b']);
    expect(await idsOf('sep=;\nRecording ID;A,B,C\na;1,2,3\n')).toEqual(['a']);
  });

  it('may have the apostrophe of a spreadsheet before its headers, too', async () => {
    const { header } = await readList("'Recording ID;'Caller;'Days'\n'a;'1;'2\n");
    expect(header?.headers).toEqual(['Recording ID', 'Caller', 'Days']);
  });

  it.each(['Gesamtzahl,3', 'Recuento,3', 'Contagem,3', 'Max,', 'Mínimo,', 'EOF'])('is not asked for its last row %j', async (last) => {
    const { rows, passedOver, notices } = await readList(`Recording ID,Start Time\nabc,2026-11-20\n${last}\n`);
    expect([rows.length, passedOver, notices]).toEqual([1, 1, [expect.stringContaining('line 3 is passed over')]]);
  });

  it('may have headings and closing lines among few rows', async () => {
    const groups = await readList('Recording ID,Date,Agent\nAgent: Asha,,\nabc,2026-11-20,Asha\nAgent: Bob,,\ndef,2026-11-21,Bob\n');
    expect([groups.rows.map(({ id }) => id), groups.passedOver, groups.notices.length]).toEqual([['abc', 'def'], 2, 2]);
    const client = await readList('"Recording ID","Date"\n"abc","20-NOV-26"\n\n1 row selected.\n');
    expect([client.rows.map(({ id }) => id), client.passedOver]).toEqual([['abc'], 1]);
    // Where such rows are as full as any, it is another column that has the ids.
    expect((await readList('Recording ID,Date\nCall of Asha,2026-11-20\nabc,2026-11-21\n')).failure).toEqual(
      usage(/cannot be a recording id/),
    );
  });

  it('takes a line that is drawn in the place of an id for none', async () => {
    const { rows, blank } = await readList('Recording ID,Caller\n------------,------\nabc,1\n=====,\n____,\n***,\n');
    expect([rows.map(({ id }) => id), blank]).toEqual([['abc'], 4]);
  });

  it.each([
    ['letters', 'z'],
    ['blanks between two letters', ' '],
    ['digits', '1'],
    ['words', 'ab '],
    ['slashes', '/'],
  ])('is read in time that grows with the length of a cell of a million %s alone', async (_, filling) => {
    const cell = `a${filling.repeat(1_000_000 / filling.length)}b`;
    const { rows, passedOver } = await readList(`Recording ID,Caller,Date\nabc,${cell},\ndef,1,${cell}\nTotal,${cell},\n`);
    expect(rows.length + passedOver).toBe(3);
  });

  it('may end with its header', async () => {
    expect(await readList('Caller,Recording ID')).toMatchObject({ header: { idColumn: 1 }, rows: [] });
  });

  it('may have line ends of all kinds', async () => {
    const { rows } = await readList('A,Recording ID\r\n"1\r\n2",a\r2,b\n3,c', {}, 1);
    expect(rows.map((row) => [row.id, row.line, row.raw])).toEqual([
      ['a', 2, '"1\r\n2",a'],
      ['b', 4, '2,b'],
      ['c', 5, '3,c'],
    ]);
  });

  it.each([
    ['a quote that is never closed', '2,"def\n3,ghi\n4,jkl\n', /list\.csv, line 3: a quote is opened and never closed\./],
    ['text behind a closing quote', '"2"x,"d,e"f,g\n', /line 3: a quoted field goes on behind its closing quote/],
    ['a quote that swallows a line', '2,"def\n3,"ghi"\n', /line 3: a quote is opened and never closed/],
    ['more fields than headers', '2,def,ghi\n', /line 3: the row has 3 fields under 2 headers/],
    ['a line break in the id', '2,"de\nf"\n', /line 3: "de\\nf" cannot be a recording id: it holds control characters/],
    ['a row without end', `2,${'x'.repeat(17 * 1024 * 1024)}\n`, /line 3: the line is longer than 16 MB/],
  ])('is refused for %s, with the line its row starts on, after the rows before it', async (_, bad, message) => {
    for (const size of [5, 4096, undefined]) {
      if (size === 5 && bad.length > 1000) continue;
      const { rows, failure } = await readList(`A,Recording ID\n1,abc\n${bad}`, {}, size);
      expect(rows.map((row) => row.id)).toEqual(['abc']);
      expect(failure).toEqual(usage(message));
    }
  });

  it.each([
    ['a name in quotes with more behind it', '"Anna" <114>', '"Anna" <114>'],
    ['a delimiter in such a name', '"Rossi, Anna" <114>', '"Rossi, Anna" <114>'],
    ['quotes escaped by a backslash', '"Anna \\"the voice\\""', 'Anna "the voice"'],
    ['inches', '"a 24" screen"', 'a 24" screen'],
    ['a quote in the middle', '5" screen', '5" screen'],
    ['blanks around its quotes', ' "Rossi, Anna" ', 'Rossi, Anna'],
    ['the formula of a spreadsheet', '="Rossi, Anna"', 'Rossi, Anna'],
  ])('goes on where one field has %s, and the number of fields is right', async (_, field, value) => {
    const { rows, failure } = await readList(`Caller,Recording ID,Note\n${field},abc,x\ny,def,"z"\n`, {}, 9);
    expect(failure).toBeUndefined();
    expect(rows.map(({ id, columns }) => [id, columns?.[0]])).toEqual([
      ['abc', value],
      ['def', 'y'],
    ]);
  });

  it('is refused for a malformed header', async () => {
    await expect(openList(streamOf('"Recording ID,Note\nabc,x\n'))).rejects.toEqual(usage(/line 1: a quote is opened and never closed/));
    await expect(openList(streamOf('Recording ID,"Note\nabc,x\n'))).rejects.toEqual(usage(/line 1: a quote is opened and never closed/));
  });
});
