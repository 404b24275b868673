import { describe, expect, it } from 'vitest';
import { openList } from '../../src/list/id-list.ts';
import { looksLikeJson } from '../../src/list/list-head.ts';
import { idsOf, readList, streamOf } from './read-list.ts';

const refused = (message: string, hint: RegExp | string) =>
  expect.objectContaining({ code: 'USAGE', message, hint: expect.stringMatching(hint) });
const opening = (text: string, options = {}, name = 'list.csv') => openList({ ...streamOf(text), name }, options);

describe('a list whose lines hold several values', () => {
  it.each<[text: string, line: number, delimiters: string, hint: string, name?: string]>([
    ['a1,b2\nc3,d4\n', 1, 'commas', "Put each id on a line of its own: tr ',' '\\n' < list.csv | kaleyra-rec batch -"],
    ['# calls\n\na1;b==\n', 3, 'semicolons', "Put each id on a line of its own: tr ';' '\\n' < list.csv | kaleyra-rec batch -"],
    ['a1\tb2\n', 1, 'tabs', "Put each id on a line of its own: tr '\\t' '\\n' < list.csv | kaleyra-rec batch -"],
    ['a1|b2|\n', 1, 'bars', "Put each id on a line of its own: tr '|' '\\n' < FILE | kaleyra-rec batch -", 'my list.csv'],
    ['a1,b2\nc3,d4\ne5\nf6\n', 1, 'commas', "Put each id on a line of its own: tr ',' '\\n' < list.csv | kaleyra-rec batch -"],
  ])('is refused, and told how to be split: %j', async (text, line, delimiters, hint, name = 'list.csv') => {
    await expect(opening(text, {}, name)).rejects.toMatchObject({
      code: 'USAGE',
      message: `${name}, line ${line} has several values separated by ${delimiters}, and no header; a list has one id on each line.`,
      hint,
    });
  });

  it.each([
    ['Agent,Call\nx,y\n', '"Agent", "Call"'],
    ['12,34\n56,78\n', '"12", "34"'],
    ['2026-11-20,+39 02\n', '"2026-11-20", "+39 02"'],
    ['a1,two words\n', '"a1", "two words"'],
    ['a1,b\n', '"a1", "b"'],
    ['a1,#NAME?\n', '"a1", "#NAME?"'],
    ['Calls\n\nAgent;Call\nx;y\n', '"Agent", "Call"'],
    ['Agent;Name, first;Call\nx;y, z;1\n', '"Agent", "Name, first", "Call"'],
    ['Agent,Call\na,b,c\n1,2\n3,4,5\n6,7\n', '"Agent", "Call"'],
    ['a,b\nAgent,Call,Queue\n', '"Agent", "Call", "Queue"'],
  ])('is a report without such a column where they may be headers: %j', async (text, columns) => {
    await expect(opening(text)).rejects.toEqual(
      refused(`list.csv has no column headed "Recording ID". Its columns: ${columns}.`, /^Name the column .* with --column\./),
    );
    await expect(opening(text, { column: 'Id' })).rejects.toEqual(
      refused(`list.csv has no column headed "Id". Its columns: ${columns}.`, /^Name the column .* with --column\./),
    );
  });

  it('is refused for its first such line where the others are ids', async () => {
    const hint = /^Put one id on each line and nothing else/;
    for (const [text, line, value] of [
      ['a1,b2\nc3\n', 1, 'a1,b2'],
      ['c3\nd4\na1,b2\na1,b2\na1,b2\ne5\nf6\ng7\n', 3, 'a1,b2'],
      ['a1\nb c d\n', 2, 'b c d'],
    ] as const) {
      await expect(opening(text)).rejects.toEqual(
        refused(`list.csv, line ${line}: ${JSON.stringify(value)} cannot be a recording id.`, hint),
      );
    }
  });

  it('is refused for its header where the quotes there are wrong', async () => {
    await expect(opening('"Agent" x,Call\n1,2\n')).rejects.toEqual(
      refused('list.csv, line 1: a quoted field goes on behind its closing quote.', /^Correct the row, or export the report again\.$/),
    );
  });

  it('may be read without such lines where they are fewer than half', async () => {
    const onBadRow = () => {};
    expect(await idsOf('a1\nb c\nd2\n', { onBadRow })).toEqual(['a1', 'd2']);
    await expect(opening('a1\nb c\n', { onBadRow })).rejects.toEqual(refused('list.csv, line 2: "b c" cannot be a recording id.', /./));
  });
});

describe('a header alone on its line', () => {
  it.each(['ID', 'Call Id', 'recording_url', '\u200bUUID ', 'File-Name'])(
    '%j begins a report whose column has to be named',
    async (header) => {
      const shown = JSON.stringify(header.replace('\u200b', '').trim());
      await expect(opening(`${header}\nabc\ndef\n`)).rejects.toEqual(
        refused(
          `list.csv has no column headed "Recording ID". Its columns: ${shown}.`,
          `Name the column that holds the recording ids with --column, as --column ${shown}\\.`,
        ),
      );
      expect(await idsOf(`${header}\nabc\ndef\n`, { column: header.replace('\u200b', '') })).toEqual(['abc', 'def']);
    },
  );

  it('is an id below another line, and where it is no such word', async () => {
    expect(await idsOf('abc\nuuid\n')).toEqual(['abc', 'uuid']);
    expect(await idsOf('calls\nabc\n')).toEqual(['calls', 'abc']);
  });

  it('is an id as well below lines that look like ids: several lists in one', async () => {
    expect(await idsOf('a1==\nb2\nrecording_id\nc3\n')).toEqual(['a1==', 'b2', 'recording_id', 'c3']);
    await expect(opening('a1==\nRecording ID\nc3\n')).rejects.toEqual(
      refused('list.csv, line 2: "Recording ID" cannot be a recording id.', /./),
    );
    // A title is none: it has no digit, or cannot be an id.
    for (const title of ['Calls', 'Calls of 2026']) {
      const { rows, notices } = await readList(`${title}\nRecording ID\nc3\n`);
      expect(rows).toEqual([{ id: 'c3', line: 3, raw: 'c3', columns: ['c3'] }]);
      expect(notices).toEqual(['list.csv: the header is on line 2; the lines above it are ignored.']);
    }
    expect(await idsOf('a1\nRecording ID,Agent\nc3,x\n')).toEqual(['c3']);
  });
});

describe('the header of a report', () => {
  it.each<[what: string, text: string, line: number]>([
    ['with which most of the rows below agree', 'Recording ID,of,calls,below\nAgent,Recording ID\nx,a1\ny,b2\n', 2],
    ['that is the wider one', 'Recording ID\nAgent,Recording ID\nx,a1\n', 2],
    ['that comes first', 'Agent,Recording ID\nx,a1\nAgent,Recording ID\n', 1],
  ])('is, of several lines that could be it, the one %s', async (_, text, line) => {
    const { header, rows } = await readList(text);
    expect(header?.headers).toEqual(['Agent', 'Recording ID']);
    expect(rows[0]?.line).toBe(line + 1);
  });

  it('is in one of the first 20 lines that tell something', async () => {
    const titles = (count: number) => Array.from({ length: count }, (_, n) => `Title no. ${n}\n\n# x\n`).join('');
    expect(await idsOf(`${titles(19)}Recording ID,A\nabc,1\n`)).toEqual(['abc']);
    await expect(opening(`${titles(20)}Recording ID,A\nabc,1\n`)).rejects.toEqual(expect.objectContaining({ code: 'USAGE' }));
  });

  it.each(['sep=;', 'SEP=;', '"sep=;"', 'sep=; '])('stands below a line of Excel, which is no title: %j', async (line) => {
    const { header, notices, rows } = await readList(`${line}\r\nRecording ID;A,B\r\nabc;1\r\n`);
    expect(header).toMatchObject({ delimiter: ';', headers: ['Recording ID', 'A,B'] });
    expect([rows[0]?.line, notices]).toEqual([3, []]);
    await expect(opening(`${line}\r\nAgent;Call\r\nx;y\r\n`)).rejects.toEqual(
      refused('list.csv has no column headed "Recording ID". Its columns: "Agent", "Call".', /--column/),
    );
  });

  it('is missed where a column is named', async () => {
    await expect(opening('abc\ndef\n', { column: 'Call' })).rejects.toEqual(
      refused(
        'list.csv has no header row, so no column "Call".',
        /^Leave --column out for a list of ids, or give the report with its header row\.$/,
      ),
    );
  });

  it('may have 5000 columns, and no more', async () => {
    const header = (count: number) => ['Recording ID', ...Array.from({ length: count - 1 }, (_, n) => `h${n}`)].join(',');
    expect(await idsOf(`Title\n${header(5000)}\nabc\n`)).toEqual(['abc']);
    await expect(opening(`Title\n${header(5001)}\nabc\n`)).rejects.toEqual(
      refused('list.csv, line 2: the header has 5001 columns, more than 5000.', /^Check that the line breaks of the file are still there/),
    );
  });

  it('has to be read itself', async () => {
    await expect(opening('Recording ID,"A" b\nabc,1\n')).rejects.toEqual(
      refused(
        'list.csv, line 1: a quoted field goes on behind its closing quote, in the header row.',
        /^Export the report again, or correct its header row\.$/,
      ),
    );
  });
});

it.each<[text: string, does: boolean]>([
  ...['[{', '[', ' [ ', '["a"', '[]', '[1', '[-1', '[null', '\n[\n [', '{"a"', '{}', '{', ' {\n "a"'].map(
    (text) => [text, true] as [string, boolean],
  ),
  ...['[a', '{a', '{{id}}', '[nul', 'x[1', 'x{}', '(1', '[ x', ''].map((text) => [text, false] as [string, boolean]),
])('%j looks like JSON: %s', (text, does) => {
  expect(looksLikeJson(text)).toBe(does);
});
