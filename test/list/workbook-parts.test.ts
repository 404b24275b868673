import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { interruptedError, usageError } from '../../src/errors.ts';
import { openList } from '../../src/list/id-list.ts';
import { damaged } from '../../src/list/workbook/damaged.ts';
import { decodeEscapes, TextCollector } from '../../src/list/workbook/parts.ts';
import { columnLetters } from '../../src/list/workbook/sheet-rows.ts';
import { readXml } from '../../src/list/workbook/xml.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { makeWorkbook, makeZip } from '../helpers/workbook.ts';
import { readList, readWhole, streamOf } from './read-list.ts';

const usage = (message: RegExp, hint = /./) =>
  expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(message), hint: expect.stringMatching(hint) });
const links = (...all: [id: string, type: string, target: string][]) =>
  `<Relationships>${all.map(([id, type, target]) => `<Relationship Id="${id}" Type="x/${type}" Target="${target}"/>`).join('')}</Relationships>`;
const sheetOf = (rows: string) => `<worksheet><sheetData>${rows}</sheetData></worksheet>`;
const ROWS = '<row><c t="str"><v>Recording ID</v></c></row><row><c t="str"><v>abc</v></c></row>';
const WORKBOOK = '<workbook><sheets><sheet name="S"/></sheets></workbook>';

/** The ids in an archive of these parts. */
async function idsIn(parts: Record<string, string>, options = {}) {
  const { rows, failure } = await readList(await makeZip(parts), options);
  if (failure !== undefined) throw failure;
  return rows.map(({ id }) => id);
}

/** The rows of a sheet with this XML, below a header of three columns. */
async function rowsIn(xml: string, shape: object = {}) {
  const header = ['Recording ID', 'B', 'C'].map((text) => `<c t="str"><v>${text}</v></c>`).join('');
  const read = await readList(await makeWorkbook({ ...shape, sheets: [{ name: 'S', xml: `<row r="1">${header}</row>${xml}` }] }));
  if (read.failure !== undefined) throw read.failure;
  return read.rows;
}

describe('the parts of a workbook', () => {
  it.each<[what: string, parts: Record<string, string>]>([
    ['where they usually are, although nothing names them', { 'xl/workbook.xml': WORKBOOK, 'xl/worksheets/sheet1.xml': sheetOf(ROWS) }],
    [
      'elsewhere, where links name them',
      {
        '_rels/.rels': links(['a', 'core-properties', 'x.xml'], ['b', 'officeDocument', 'book/main.xml']),
        'book/main.xml': '<workbook><sheets><sheet name="S" xmlns:r="x" r:id="q"/></sheets></workbook>',
        'book/_rels/main.xml.rels': links(['p', 'styles', 's.xml'], ['q', 'worksheet', '../sheets/one.xml']),
        'sheets/one.xml': sheetOf(ROWS),
      },
    ],
    [
      'behind a slash',
      { '_rels/.rels': links(['b', 'officeDocument', '/w.xml']), 'w.xml': WORKBOOK, 'worksheets/sheet1.xml': sheetOf(ROWS) },
    ],
    [
      'those of sheets without cells, such as charts, not counted',
      {
        'xl/workbook.xml': '<workbook><sheets><sheet name="Chart" xmlns:r="x" r:id="c"/><sheet name="S"/></sheets></workbook>',
        'xl/_rels/workbook.xml.rels': links(['c', 'chartsheet', 'chartsheets/sheet1.xml']),
        'xl/worksheets/sheet1.xml': sheetOf(ROWS),
      },
    ],
  ])('are found %s', async (_, parts) => {
    expect(await idsIn(parts)).toEqual(['abc']);
  });

  it.each<[parts: Record<string, string>]>([
    [{ 'xl/workbook.xml': '<notes/>' }],
    [{ '_rels/.rels': links(['b', 'officeDocument', 'w.txt']), 'w.txt': WORKBOOK }],
    [{ '_rels/.rels': links(['b', 'officeDocument', 'gone.xml']), 'w.xml': WORKBOOK }],
  ])('that are no workbook make a zip archive: %j', async (parts) => {
    await expect(idsIn(parts)).rejects.toEqual(usage(/: it is a zip archive\.$/, /^Unpack it first, and give the file that is in it\.$/));
  });

  it.each([
    ['word/document.xml', /a Word document \(\.docx\)\.$/, /CSV UTF-8/],
    ['ppt/presentation.xml', /a PowerPoint presentation \(\.pptx\)\.$/, /CSV UTF-8/],
    ['xl/workbook.bin', /a binary Excel workbook \(\.xlsb\)\.$/, /^Open it in a spreadsheet/],
    ['Index.zip', /a Numbers, Pages or Keynote document\.$/, /^Export it from there/],
    ['Index/Tables/x.iwa', /a Numbers, Pages or Keynote document\.$/, /^Export it from there/],
    ['content.xml', /an OpenDocument spreadsheet \(\.ods\) or text\.$/, /^Open it in a spreadsheet/],
    ['my/word/content.xml', /a zip archive\.$/, /^Unpack/],
  ])('tell what another archive is: %s', async (part, message, hint) => {
    await expect(idsIn({ 'a.xml': '<x/>', [part]: '<x/>' })).rejects.toEqual(usage(message, hint));
  });

  it('may name its days from 1904, in two words for it', async () => {
    for (const [value, day] of [
      ['1', '2026-11-21'],
      ['true', '2026-11-21'],
      ['0', '2022-11-20'],
      ['no', '2022-11-20'],
    ] as const) {
      const parts = {
        'xl/workbook.xml': `<workbook><workbookPr date1904="${value}"/><sheets><sheet name="S"/></sheets></workbook>`,
        'xl/_rels/workbook.xml.rels': links(['s', 'styles', 'styles.xml']),
        'xl/styles.xml': '<styleSheet><cellStyleXfs><xf numFmtId="0"/></cellStyleXfs><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>',
        'xl/worksheets/sheet1.xml': sheetOf(
          '<row><c t="str"><v>Recording ID</v></c><c t="str"><v>B</v></c></row><row><c t="str"><v>a1</v></c><c s="0"><v>44885</v></c></row>',
        ),
      };
      expect((await readList(await makeZip(parts))).rows[0]?.columns).toEqual(['a1', day]);
    }
  });

  it('may be hidden in two ways', async () => {
    for (const state of ['hidden', 'veryHidden']) {
      const book = `<workbook><sheets><sheet name="S" state="${state}"/></sheets></workbook>`;
      await expect(idsIn({ 'xl/workbook.xml': book, 'xl/worksheets/sheet1.xml': sheetOf(ROWS) })).rejects.toEqual(
        usage(
          /^list\.csv names no recordings: its sheets are empty\. Hidden sheets were not looked at: "S"\.$/,
          /or name a sheet with --sheet\.$/,
        ),
      );
    }
  });

  it('have formats for cells alone, by number where they have no code', async () => {
    const parts = {
      'xl/workbook.xml': WORKBOOK,
      'xl/_rels/workbook.xml.rels': links(['s', 'styles', 'styles.xml']),
      'xl/styles.xml':
        '<styleSheet><numFmts><numFmt numFmtId="165" formatCode="yyyy"/><numFmt numFmtId="166"/></numFmts><cellXfs><xf/><xf numFmtId="165"/><xf numFmtId="166"/></cellXfs><cellStyles><xf numFmtId="14"/></cellStyles></styleSheet>',
      'xl/worksheets/sheet1.xml': sheetOf(
        `<row><c t="str"><v>Recording ID</v></c></row><row><c t="str"><v>a1</v></c>${[0, 1, 2, 3].map((s) => `<c s="${s}"><v>46346</v></c>`).join('')}</row>`.replace(
          '</c></row>',
          `</c>${['B', 'C', 'D', 'E'].map((name) => `<c t="str"><v>${name}</v></c>`).join('')}</row>`,
        ),
      ),
    };
    expect((await readList(await makeZip(parts))).rows[0]?.columns).toEqual(['a1', '46346', '2026-11-20', '46346', '46346']);
  });

  it('are refused where one would unpack to more than 1 GB', async () => {
    const bytes = await makeZip({ '_rels/.rels': links(), 'xl/workbook.xml': WORKBOOK });
    // The first entry of the archive's directory, and the size in it.
    bytes.writeUInt32LE(1024 * 1024 * 1024 + 1, bytes.indexOf('PK\x01\x02', 0, 'latin1') + 24);
    await expect(openList(streamOf(bytes))).rejects.toEqual(
      usage(/^list\.csv is a damaged Excel workbook, or another archive: its part _rels\/\.rels unpacks to more than 1 GB\.$/, /CSV UTF-8/),
    );
  });

  it('are refused where there are more than 10,000', async () => {
    const parts = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`p${n}`, '']));
    await expect(openList(streamOf(await makeZip(parts(10_001))))).rejects.toEqual(usage(/another archive: it has too many parts\.$/));
    await expect(openList(streamOf(await makeZip(parts(10_000))))).rejects.toEqual(usage(/a zip archive\.$/));
  });
});

describe('the cells of a sheet', () => {
  const cell = (value: string, attributes = '') => `<c ${attributes}><v>${value}</v></c>`;

  it('stand where their addresses say, else one behind the other', async () => {
    const rows = await rowsIn(
      `<row r="3">${cell('a1', 't="str"')}${cell('c3', 'r="C3" t="str"')}</row><row>${cell('b4', 'r="b4" t="str"')}${cell('c4', 'r="4" t="str"')}</row><row r="9">${cell('a9', 't="str" r="A9"')}</row>`,
    );
    expect(rows.map(({ line, columns }) => [line, columns])).toEqual([
      [3, ['a1', '', 'c3']],
      [9, ['a9', '', '']],
    ]);
  });

  it.each<[what: string, xml: string, text: string]>([
    ['a number', '<v>12</v>', '12'],
    ['a number without a type that is none', '<v>twelve</v>', 'twelve'],
    ['nothing', '<v></v>', ''],
    ['a formula and its result', '<f>A1+B1</f><v>3</v>', '3'],
    ['CDATA', '<v><![CDATA[12]]></v>', '12'],
  ])('hold %s', async (_, xml, text) => {
    expect((await rowsIn(`<row><c t="str"><v>a1</v></c><c>${xml}</c></row>`))[0]?.columns).toEqual(['a1', text, '']);
  });

  it.each<[type: string, value: string, text: string]>([
    ['b', '1', 'TRUE'],
    ['b', 'true', 'TRUE'],
    ['b', '0', 'FALSE'],
    ['e', '#DIV/0!', '#DIV/0!'],
    ['d', '2026-11-20', '2026-11-20'],
    ['str', 'a_x0041_', 'aA'],
    ['s', '0', 'shared'],
    ['s', '7', ''],
    ['n', '1e3', '1000'],
  ])('of the type %s hold %s as %s', async (type, value, text) => {
    const texts = ['<si><t>shared</t></si>'];
    expect((await rowsIn(`<row>${cell('a1', 't="str"')}${cell(value, `t="${type}"`)}</row>`, { texts }))[0]?.columns?.[1]).toBe(text);
  });

  it('are none where all of a row are empty', async () => {
    const empty = '<row><c t="str"><v></v></c><c/><c t="inlineStr"><is><t></t></is></c></row>';
    const rows = await rowsIn(`${empty}<row>${cell('a1', 't="str"')}</row>${empty}<row>${cell('a2', 't="str"')}</row>`);
    expect(rows.map(({ id, line }) => [id, line])).toEqual([
      ['a1', 3],
      ['a2', 5],
    ]);
  });

  it('end at column XFD', async () => {
    expect(await rowsIn(`<row>${cell('a1', 't="str"')}${cell('', 'r="XFD2"')}</row>`)).toHaveLength(1);
    await expect(rowsIn(`<row>${cell('a1', 't="str"')}${cell('', 'r="XFE2"')}</row>`)).rejects.toEqual(
      usage(/damaged Excel workbook, or another archive: a cell stands right of the last column that a sheet can have\.$/),
    );
  });

  it.each([
    ['999999999999999', '999999999999999'],
    ['-7', '-7'],
    ['1000000000000000', /cell A2 is a number that a spreadsheet has rounded/],
    ['-1000000000000000', /cell A2 is a number that a spreadsheet has rounded/],
    ['0.5', /the id "0\.5" in cell A2 is a number that a spreadsheet has rounded/],
  ])('hold ids as numbers up to 15 digits: %s', async (value, id) => {
    const rows = rowsIn(`<row>${cell(value)}</row>`);
    if (id instanceof RegExp) await expect(rows).rejects.toEqual(usage(id));
    else expect((await rows)[0]?.id).toBe(id);
  });

  it('hold ids that are padded with zeros, but no dates for ids', async () => {
    const formats = ['0000000', 14];
    expect((await rowsIn(`<row>${cell('123', 's="1"')}</row>`, { formats }))[0]?.id).toBe('0000123');
    await expect(rowsIn(`<row>${cell('46346', 's="2"')}</row>`, { formats })).rejects.toEqual(
      usage(/^list\.csv, row 2: the id "2026-11-20" in cell A2 is a date that a spreadsheet has made of the id\.$/),
    );
  });
});

it('a column is called as a sheet calls it', () => {
  const columns = { A: 0, B: 1, Z: 25, AA: 26, AZ: 51, BA: 52, ZZ: 701, AAA: 702, XFD: 16_383 };
  for (const [letters, column] of Object.entries(columns)) expect(columnLetters(column)).toBe(letters);
});

describe('texts in a workbook', () => {
  it('are put together of their runs, without what tells how they are pronounced', () => {
    const texts = new TextCollector();
    texts.text('x');
    for (const [tag, text] of [
      ['t', 'a'],
      ['r', 'x'],
      ['t', '_x0042_'],
    ] as const) {
      texts.open(tag);
      texts.text(text);
      texts.close(tag);
      texts.text('x');
    }
    texts.open('rPh');
    texts.open('t');
    texts.text('x');
    texts.close('t');
    texts.close('rPh');
    texts.open('t');
    texts.text('c');
    expect(texts.take()).toBe('aBc');
    expect(texts.take()).toBe('');
  });

  it('have characters that XML has none for', () => {
    const escaped = {
      a_x000D_b: 'a\rb',
      _x005F_x000D_: '_x000D_',
      _x00e9__x00E9_: 'éé',
      _x00D_: '_x00D_',
      x000D_: 'x000D_',
      _x000G_: '_x000G_',
    };
    for (const [text, plain] of Object.entries(escaped)) expect(decodeEscapes(text)).toBe(plain);
  });
});

describe('XML', () => {
  async function* given(...pieces: string[]) {
    yield* pieces;
  }
  const never = new AbortController().signal;
  const read = async (pieces: AsyncIterable<string>, signal = never) => {
    const seen: string[] = [];
    const handlers = {
      open: (name: string, attributes: object) => void seen.push(`<${name} ${JSON.stringify(attributes)}`),
      text: (text: string) => void seen.push(text),
      close: (name: string) => void seen.push(`/${name}`),
    };
    for await (const _ of readXml(pieces, handlers, signal));
    return seen;
  };

  it('is read with its names without prefixes', async () => {
    expect(await read(given('<x:a b="1"><', 'c:d>t</c:d><e/><![CDATA[<u>]]></x:a>'))).toEqual([
      '<a {"b":"1"}',
      '<d {}',
      't',
      '/d',
      '<e {}',
      '/e',
      '<u>',
      '/a',
    ]);
  });

  it('is nothing where nothing comes, and damaged where it breaks off', async () => {
    expect(await read(given())).toEqual([]);
    await expect(read(given(''))).rejects.toThrow();
    await expect(read(given('<a><b></b>'))).rejects.toThrow(/unclosed tag: a/);
    await expect(read(given('<a>&x;</a>'))).rejects.toThrow(/undefined entity/);
  });

  it('may be long, but not one text or tag in it', async () => {
    const half = 'x'.repeat(8 * 1024 * 1024);
    const seen = await read(given('<a>', half, half.slice(1), '<b/>', half, half.slice(9), '</a>'));
    expect(seen.filter((piece) => piece.startsWith('x')).join('').length).toBe(4 * half.length - 10);
    await expect(read(given('<a>', half, half, 'x'))).rejects.toThrow('a cell in it is larger than 16 MB');
  });

  it('is read no further once that is given up', async () => {
    const stop = new AbortController();
    const reason = interruptedError('SIGINT');
    async function* pieces() {
      yield '<a>';
      stop.abort(reason);
      yield '<b>';
    }
    await expect(read(pieces(), stop.signal)).rejects.toBe(reason);
  });
});

describe('the error for a damaged workbook', () => {
  it('says in one sentence what is wrong with it', () => {
    const message = 'a.xlsx is a damaged Excel workbook, or another archive: no end.';
    for (const cause of [new Error('no end.\nat 7'), new Error('no end'), 'no end']) {
      expect(damaged('a.xlsx', cause)).toMatchObject({ code: 'USAGE', message, hint: expect.stringContaining('Fetch or export it again') });
    }
  });

  it('is no other than ours', () => {
    const ours = usageError('It is no workbook.', 'Give one.');
    expect(damaged('a.xlsx', ours)).toBe(ours);
  });

  it('is not told for a file that nobody waits for any more', async () => {
    const path = join(await tempFolder(), 'a.xlsx');
    await writeFile(
      path,
      await makeWorkbook({ sheets: [{ name: 'S', rows: [['Recording ID'], ...Array.from({ length: 9000 }, (_, n) => [`id${n}`])] }] }),
    );
    const stop = new AbortController();
    const reason = interruptedError('SIGINT');
    const list = await openList({ path }, { signal: stop.signal });
    const rows = list.batches();
    await rows.next();
    stop.abort(reason);
    await expect(
      (async () => {
        for await (const _ of rows);
      })(),
    ).rejects.toBe(reason);
    expect((await readWhole({ path })).rows).toHaveLength(9000);
  });
});
