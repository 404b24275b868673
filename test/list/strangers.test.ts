import { describe, expect, it } from 'vitest';
import { idsOf, readList } from './read-list.ts';

/** Shapes of files that broke other readers, each named after the public report of it; what is in them is invented. */
describe('a file that broke another reader', () => {
  it.each([
    [
      'a comma in each date, rows with and without a last semicolon (mechatroner/vscode_rainbow_csv#134)',
      'Date;Recording ID;Fee;State;\nApril 15, 2026;a1bcd;4.00;pending;\nApril 14, 2026;a2bcd;4.00;\n',
      ['a1bcd', 'a2bcd'],
    ],
    [
      'commas in a header between tabs (ExcelDataReader/ExcelDataReader#463)',
      'Recording ID\tCaller\t"Cost per 1,000"\na1bcd\tx\t"10,143.27"\na2bcd\ty\t"1,0"\n',
      ['a1bcd', 'a2bcd'],
    ],
    [
      'quotes escaped with a backslash, and an address behind them (adaltas/node-csv#183)',
      'Recording ID,Time,Note,Page\na1bcd,"2026-11-20 09:15:00","\\"voice\\"",search?id=20&q=%5C\n',
      ['a1bcd'],
    ],
    ['a mark before a quoted header (johnkerl/miller#161)', '\ufeff"Recording ID","b"\n"a1bcd","2"\n', ['a1bcd']],
    [
      'a mark amid files put together (turicas/rows#273)',
      '\ufeffRecording ID,x\na1bcd,1\n\ufeffRecording ID,x\na2bcd,2\n',
      ['a1bcd', 'a2bcd'],
    ],
    [
      'rows that end earlier and earlier (dilshod/xlsx2csv#96)',
      'Recording ID,a,b\na1bcd,1,\na2bcd,1\na3bcd\n',
      ['a1bcd', 'a2bcd', 'a3bcd'],
    ],
    ['comments with a tab (ControlSystemStudio/phoebus#3321)', '# Export\t\n#\t\nTime\tRecording ID\n09:15\ta1bcd\n', ['a1bcd']],
    ['several objects on a line (oven-sh/bun#36029)', '{"id":"a1bcd"} {"id":"a2bcd"}\n{"id":"a3bcd"}\n', ['a1bcd', 'a2bcd', 'a3bcd']],
  ])('is read: %s', async (_, text, ids) => {
    for (const size of [1, 64]) expect(await idsOf(text, {}, size)).toEqual(ids);
  });

  it.each([
    [
      'another delimiter in the header (jschicht/Mft2Csv#10)',
      'No|Recording ID|Size\n5;a1bcd;56\n',
      'line 2: the row is separated by semicolons',
    ],
    [
      'a quote that is never closed (adaltas/node-csv-parse#273)',
      'Recording ID,a\na1bcd,"x"\na2bcd,"x\na3bcd,x\n',
      'line 3: a quote is opened',
    ],
    ['words behind an object (oven-sh/bun#36029)', '{"id":"a1bcd"} more junk\n{"id":"a2bcd"}\n', 'line 1'],
    ['a comma behind the last key (johnkerl/miller#947)', '{"id":"a1bcd",}\n{"id":"a2bcd"}\n', 'line 1'],
    ['whole rows in quotes (specify/specify7#3106)', '"Recording ID\tGenus",,\n"a1bcd\tx",,\n', 'no column headed'],
    ['NUL characters (turicas/rows#273)', 'Recording ID,x\na1bcd,\0\n', 'NUL characters'],
  ])('is refused, with the place: %s', async (_, text, message) => {
    const read = readList(text).then(({ failure }) => Promise.reject(failure));
    await expect(read).rejects.toMatchObject({ code: 'USAGE', message: expect.stringContaining(message) });
  });
});
