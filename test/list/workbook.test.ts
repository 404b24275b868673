import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openList } from '../../src/list/id-list.ts';
import { eventually } from '../helpers/eventually.ts';
import { type Cell, makeWorkbook, makeZip, type WorkbookShape } from '../helpers/workbook.ts';
import { readList, readWhole, streamOf } from './read-list.ts';

const usage = (message: RegExp, hint = /./) =>
  expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(message), hint: expect.stringMatching(hint) });

const sheet = (rows: readonly (readonly Cell[])[], name = 'Calls') => ({ name, rows });
const read = async (shape: WorkbookShape, options = {}) => readList(await makeWorkbook(shape), options);
const opening = async (shape: WorkbookShape, options = {}) => openList(streamOf(await makeWorkbook(shape)), options);

describe('a workbook', () => {
  it('is read as a report: texts, rich texts, formulas, booleans, errors, empty rows and cells', async () => {
    const texts = [
      '<si><t>Recording ID</t></si>',
      '<si><r><t>An</t></r><r><t xml:space="preserve">na </t></r><rPh sb="0" eb="1"><t>x</t></rPh></si>',
    ];
    const { header, rows, notices } = await read({
      texts,
      sheets: [
        sheet([
          [{ t: 's', v: 0 }, 'Caller', 'Note', 'Ok', 'Sum', ' '],
          ['1a2b==', { t: 's', v: 1 }, { t: 'str', v: 'a_x000D_b' }, { t: 'b', v: 1 }, { t: 'e', v: '#DIV/0!' }],
          [],
          [{ v: 1532 }, undefined, 'x & <y>'],
        ]),
      ],
    });
    expect(header).toEqual({
      headers: ['Recording ID', 'Caller', 'Note', 'Ok', 'Sum', ''],
      raw: 'Recording ID,Caller,Note,Ok,Sum,',
      delimiter: ',',
      idColumn: 0,
    });
    expect(rows).toEqual([
      { id: '1a2b==', line: 2, raw: '1a2b==,"Anna ","a\rb",TRUE,"#DIV/0!",', columns: ['1a2b==', 'Anna ', 'a\rb', 'TRUE', '#DIV/0!', ''] },
      { id: '1532', line: 4, raw: '1532,,x & <y>,,,', columns: ['1532', '', 'x & <y>', '', '', ''] },
    ]);
    expect(notices).toEqual([]);
  });

  it.each([
    [14, 46346, '2026-11-20'],
    [22, 46346.385416666664, '2026-11-20T09:15:00'],
    ['dd/mm/yyyy hh:mm:ss', 46346.385416666664, '2026-11-20T09:15:00'],
    ['[$-410]d mmmm yyyy', 46346, '2026-11-20'],
    ['yyyy"年"m"月"d"日"', 46346.5, '2026-11-20T12:00:00'],
    ['mmm-yy', 46346, '2026-11-20'],
    ['h:mm AM/PM', 0.385416666666667, '09:15:00'],
    [20, 46346.385416666664, '2026-11-20T09:15:00'],
    ['[h]:mm:ss', 1.0430902777777777, '25:02:03'],
    [45, 0.00107638888888889, '0:01:33'],
    ['dd/mm/yyyy', 59, '1900-02-28'],
    ['dd/mm/yyyy', 61, '1900-03-01'],
    ['0000000', 123, '0000123'],
    ['#,##0.00', 0.1 + 0.2, '0.3'],
    ['"days" 0', 5, '5'],
    ['General', 63, '63'],
    ['0.00E+00', 15, '15'],
    ['@', 12345, '12345'],
    [0, 1.0430902777777777, '1.04309027777778'],
  ])('has numbers of the format %s as their cells mean them: %s is %s', async (format, value, text) => {
    const { rows } = await read({
      formats: [format],
      sheets: [
        sheet([
          ['Recording ID', 'Value'],
          ['abc', { s: 1, v: value }],
        ]),
      ],
    });
    expect(rows[0]?.columns?.[1]).toBe(text);
  });

  it('counts its days from 1904 where it says so', async () => {
    const { rows } = await read({
      from1904: true,
      formats: [14],
      sheets: [
        sheet([
          ['Recording ID', 'Day'],
          ['abc', { s: 1, v: 44884 }],
        ]),
      ],
    });
    expect(rows[0]?.columns?.[1]).toBe('2026-11-20');
  });

  it.each([
    [{ v: '1.2345678901234567E+17' }, /cell B2 is a number that a spreadsheet has rounded/],
    [{ v: '1532.5' }, /cell B2 is a number that a spreadsheet has rounded/],
    [{ v: 46346, s: 1 }, /cell B2 is a date/],
    [{ t: 'e', v: '#NAME?' }, /cell B2: "#NAME\?" is an error/],
    [{ t: 'str', v: '1.23E+15' }, /cell B2: "1\.23E\+15" is a number/],
  ])('is refused, with the cell, for what cannot be an id: %j', async (cell, message) => {
    const shape = {
      formats: [14],
      sheets: [
        sheet([
          ['Caller', 'Recording ID'],
          ['1', cell],
        ]),
      ],
    };
    expect((await read(shape)).failure).toEqual(usage(message));
  });

  it('has its header below titles, and totals at its end', async () => {
    const { rows, notices, passedOver } = await read({
      formats: [22],
      sheets: [
        sheet([['Call report'], [], ['From', '01/11/2026'], ['Recording ID', 'Start'], ['abc', { s: 1, v: 46346.5 }], ['Total', 1]]),
      ],
    });
    expect(rows.map(({ id }) => id)).toEqual(['abc']);
    expect(passedOver).toBe(1);
    expect(notices).toEqual([expect.stringMatching(/header is in row 4/), expect.stringMatching(/cell A6 is passed over/)]);
  });

  it('is read from the sheet that is named, else from the first that is shown and has the column', async () => {
    const shape = {
      sheets: [
        { ...sheet([['Recording ID'], ['old']], 'Archive'), hidden: true },
        sheet(
          [
            ['Summary', 'Calls'],
            ['Anna', 3],
          ],
          'Summary',
        ),
        sheet([['recording_id'], ['nov']], 'November'),
        sheet([['Recording ID'], ['oct']], 'October'),
      ],
    };
    const first = await read(shape);
    expect(first.rows.map(({ id }) => id)).toEqual(['nov']);
    expect(first.notices).toEqual([expect.stringMatching(/sheet "November" is read; "October" could be read as well/)]);
    expect((await read(shape, { sheet: 'october' })).rows.map(({ id }) => id)).toEqual(['oct']);
    expect((await read(shape, { sheet: 'Archive' })).rows.map(({ id }) => id)).toEqual(['old']);
    await expect(opening(shape, { sheet: 'May' })).rejects.toEqual(usage(/no sheet "May"\. Its sheets: "Archive", "Summary"/, /--sheet/));
    await expect(opening(shape, { sheet: 'Summary' })).rejects.toEqual(usage(/sheet "Summary": "Summary", "Calls"/, /--column/));
    await expect(opening({ sheets: shape.sheets.slice(0, 2) })).rejects.toEqual(usage(/Hidden sheets .*"Archive"/));
    await expect(opening({ sheets: [sheet([])] })).rejects.toEqual(usage(/names no recordings/));
  });

  it('may have been written in ways that Excel does not: absolute parts, prefixed names, cells without addresses', async () => {
    const xml =
      '<row><c t="inlineStr"><is><t>Recording ID</t></is></c><c t="inlineStr"><is><t>B</t></is></c></row><row><c t="str"><v>abc</v></c></row>';
    for (const shape of [{ absolute: true }, { prefix: 'x' }]) {
      const { header, rows } = await read({ ...shape, sheets: [{ name: 'S', xml }] });
      expect(header?.headers).toEqual(['Recording ID', 'B']);
      expect(rows).toMatchObject([{ id: 'abc', line: 2 }]);
    }
  });

  it('with cells right of the last header tells of them', async () => {
    const { rows, notices } = await read({ sheets: [sheet([['Recording ID'], ['abc', undefined, 'a note']])] });
    expect(rows[0]?.columns).toEqual(['abc']);
    expect(notices).toEqual([expect.stringMatching(/row 2 has cells right of the last header/)]);
  });

  it('may come through a pipe, in pieces', async () => {
    const bytes = await makeWorkbook({ sheets: [sheet([['Recording ID'], ['abc']])] });
    expect((await readList(bytes, {}, 7)).rows.map(({ id }) => id)).toEqual(['abc']);
  });
});

describe('the sheet of a workbook', () => {
  const CALLS = sheet([['Recording ID'], ['abc']]);
  const EMPTY = sheet([['Summary'], ['x']], 'Info');

  it.each<[what: string, sheets: WorkbookShape['sheets'], notices: string[]]>([
    ['is the only one', [CALLS], []],
    ['is one of several', [EMPTY, CALLS], ['list.csv: sheet "Calls" is read.']],
    ['stands beside a hidden one', [CALLS, { ...EMPTY, hidden: true }], ['list.csv: sheet "Calls" is read.']],
    [
      'is the first of several that could be read',
      [CALLS, { ...CALLS, name: 'B' }, { ...CALLS, name: 'C' }],
      ['list.csv: sheet "Calls" is read; "B", "C" could be read as well, with --sheet.'],
    ],
    ['has titles', [sheet([['Calls'], ['Recording ID'], ['abc']])], ['list.csv: the header is in row 2; the rows above it are ignored.']],
  ])('is told where it %s and need be', async (_, sheets, notices) => {
    expect((await read({ sheets })).notices).toEqual(notices);
  });

  it('is the one of that name, before one of the same name in other letters', async () => {
    const sheets = ['calls ', 'CALLS', 'Calls'].map((name) => sheet([['Recording ID'], [name.trim()]], name));
    const named = async (name: string) => (await read({ sheets }, { sheet: name })).rows[0]?.id;
    expect([await named('Calls'), await named('CALLS'), await named(' cAlls')]).toEqual(['Calls', 'CALLS', 'calls']);
    await expect(opening({ sheets }, { sheet: 'Call' })).rejects.toEqual(
      usage(/^list\.csv has no sheet "Call"\. Its sheets: "calls", "CALLS", "Calls"\.$/, /^Name one of them with --sheet\.$/),
    );
  });

  it('has its header in one of its first 20 rows', async () => {
    const titles = (count: number) => sheet([...Array.from({ length: count }, (_, n) => [`Title ${n}`]), ['Recording ID', 'A'], ['abc']]);
    expect((await read({ sheets: [titles(19)] })).rows).toMatchObject([{ id: 'abc', line: 21 }]);
    await expect(opening({ sheets: [titles(20)] })).rejects.toEqual(usage(/has no column headed "Recording ID" in any sheet\./));
  });

  it('is shown by its fullest row where it has no such column, and so are hidden ones', async () => {
    const shape = {
      sheets: [
        sheet([], 'Empty'),
        sheet([['Calls'], ['Agent', undefined, 'Queue'], ['x', 'y']], 'Info'),
        { ...sheet([['A', 'B', 'C']], 'Old'), hidden: true },
        { ...sheet([['A']], 'Older'), hidden: true },
      ],
    };
    const hint = /^Name the column that holds the recording ids with --column, and the sheet with --sheet\.$/;
    await expect(opening(shape)).rejects.toEqual(
      usage(
        /^list\.csv has no column headed "Recording ID" in any sheet\. The columns of sheet "Info": "Agent", "Queue"\. Hidden sheets were not looked at: "Old", "Older"\.$/,
        hint,
      ),
    );
    await expect(opening(shape, { column: 'Id', sheet: 'info' })).rejects.toEqual(
      usage(/^list\.csv has no column headed "Id" in sheet "Info"\. The columns of sheet "Info": "Agent", "Queue"\.$/, hint),
    );
    await expect(opening(shape, { sheet: 'Empty' })).rejects.toEqual(
      usage(/^list\.csv names no recordings: its sheets are empty\.$/, /--sheet/),
    );
  });

  it('has one column for the ids', async () => {
    const sheets = [
      sheet([
        ['Recording ID', 'recording_id'],
        ['abc', 'def'],
      ]),
    ];
    await expect(opening({ sheets })).rejects.toEqual(usage(/more than one column headed "Recording ID"/, /--column/));
    expect((await read({ sheets }, { column: 'recording_id' })).rows[0]?.id).toBe('def');
  });

  it('may have 5000 columns, and no more', async () => {
    const header = (count: number) => ['Recording ID', ...Array.from({ length: count - 1 }, (_, n) => `h${n}`)];
    const xml = (count: number) =>
      `<row/><row r="3">${header(count)
        .map((text) => `<c t="str"><v>${text}</v></c>`)
        .join('')}</row><row><c t="str"><v>abc</v></c></row>`;
    expect((await read({ sheets: [{ name: 'S', xml: xml(5000) }] })).rows).toMatchObject([{ id: 'abc', line: 4 }]);
    await expect(opening({ sheets: [{ name: 'S', xml: xml(5001) }] })).rejects.toEqual(
      usage(/^list\.csv, row 3: the header has more than 5000 columns\.$/, /^Check that this is the right file\.$/),
    );
  });

  it('has rows and cells by whose names it is told what is wrong', async () => {
    const below = (...rows: Cell[][]) => read({ sheets: [sheet([['Caller', 'Recording ID'], ['x', 'abc'], ['x', 'jkl'], ...rows])] });
    expect((await below(['x', 'a b'], ['Total'])).notices).toEqual([
      'list.csv, cell B4 is passed over: it has a blank in its id, where the other rows have none.',
      expect.stringMatching(/^list\.csv, cell B5 is passed over: it is a total/),
    ]);
    const wide = await below(['x', 'def', '', 'note'], ['x', 'ghi', undefined, 'note']);
    expect(wide.notices).toEqual([4, 5].map((row) => `list.csv, row ${row} has cells right of the last header: they are no column.`));
    expect(wide.rows.map(({ columns }) => columns?.length)).toEqual([2, 2, 2, 2]);
    expect((await below(['x', { v: 1.5 }, 'note'])).failure).toEqual(
      usage(/^list\.csv, row 4: the id "1\.5" in cell B4 is a number that a spreadsheet has rounded\.$/),
    );
  });

  it('is judged by the rows below its header', async () => {
    // Were the titles counted, half of the ids would have a blank in them.
    const { rows, passedOver } = await read({
      sheets: [sheet([['Calls of May'], ['of June'], ['Recording ID'], ['abc'], ['Team North'], ['def']])],
    });
    expect([rows.map(({ id }) => id), passedOver]).toEqual([['abc', 'def'], 1]);
  });
});

describe.runIf(process.platform === 'linux')('the file of a workbook', () => {
  let path: string;
  beforeAll(() => {
    path = join(mkdtempSync(join(tmpdir(), 'workbook-')), 'calls.xlsx');
  });
  afterAll(() => rmSync(join(path, '..'), { recursive: true, force: true }));

  const isOpen = () =>
    readdirSync('/proc/self/fd').some((descriptor) => {
      try {
        return readlinkSync(`/proc/self/fd/${descriptor}`) === path;
      } catch {
        return false;
      }
    });
  const expectClosed = () => eventually(() => expect(isOpen()).toBe(false));

  it('is closed when it was read, and when its reading stops', async () => {
    writeFileSync(path, await makeWorkbook({ sheets: [sheet([['Recording ID'], ['abc'], ['def']])] }));
    const list = await openList({ path });
    expect(isOpen()).toBe(true);
    for await (const _ of list.batches());
    await expectClosed();
    const stopped = await openList({ path });
    for await (const _ of stopped.batches()) break;
    await expectClosed();
  });

  it.each<[what: string, bytes: () => Promise<Buffer>]>([
    ['has no column of ids', () => makeWorkbook({ sheets: [sheet([['A'], ['x']])] })],
    ['is another archive', () => makeZip({ 'a.txt': 'x' })],
    ['has too many parts', () => makeZip(Object.fromEntries(Array.from({ length: 10_001 }, (_, n) => [`p${n}`, ''])))],
  ])('is closed when it %s', async (_, bytes) => {
    writeFileSync(path, await bytes());
    await expect(openList({ path })).rejects.toEqual(usage(/./));
    await expectClosed();
  });
});

describe('what is no workbook, though an archive or old document', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'workbook-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const OLE = Buffer.from('d0cf11e0a1b11ae1', 'hex');
  const ole = (stream: string) => Promise.resolve(Buffer.concat([OLE, Buffer.alloc(3000), Buffer.from(stream, 'utf16le')]));
  it.each([
    ['an .ods', () => makeZip({ mimetype: 'application/vnd.oasis.opendocument.spreadsheet', 'content.xml': '<x/>' }), /OpenDocument/],
    ['an .xlsb', () => makeZip({ 'xl/workbook.bin': '' }), /binary Excel workbook/],
    ['a .docx', () => makeZip({ 'word/document.xml': '<x/>' }), /Word document/],
    ['a Numbers document', () => makeZip({ 'Index/Document.iwa': '' }), /Numbers/],
    ['a zip of CSV', () => makeZip({ 'calls.csv': 'Recording ID\nabc\n' }), /a zip archive/],
    ['an .xls', () => ole('Workbook'), /old Excel workbook/],
    ['an encrypted workbook', () => ole('EncryptedPackage'), /encrypted/],
    ['an old Word document', () => ole('WordDocument'), /Word document/],
    [
      'an archive cut short',
      async () => (await makeWorkbook({ sheets: [sheet([['Recording ID'], ['abc']])] })).subarray(0, 900),
      /damaged/,
    ],
    ['a workbook with damaged XML', () => makeWorkbook({ sheets: [{ name: 'S', xml: '<row><c' }] }), /damaged/],
    [
      'a workbook that defines entities',
      () => makeWorkbook({ sheets: [{ name: 'S', xml: '<row><c t="str"><v>&lol;</v></c></row>' }] }),
      /damaged/,
    ],
  ])('%s is told by name', async (_, make, message) => {
    const bytes = await make();
    const path = join(folder, 'calls.xlsx');
    writeFileSync(path, bytes);
    const run = async (source: Parameters<typeof readWhole>[0]) => {
      const { failure } = await readWhole(source);
      throw failure;
    };
    await expect(run({ path })).rejects.toEqual(usage(message));
    await expect(run(streamOf(bytes, 100))).rejects.toEqual(usage(message));
  });

  it('a cell that unpacks to more than 16 MB is refused, however small the file', async () => {
    const bytes = await makeWorkbook({ sheets: [{ name: 'S', xml: `<row><c t="str"><v>${'x'.repeat(17 * 1024 * 1024)}</v></c></row>` }] });
    expect(bytes.length).toBeLessThan(100_000);
    await expect(openList(streamOf(bytes))).rejects.toEqual(usage(/larger than 16 MB/));
  });
});
