import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvReader } from '../../src/list/csv-reader.ts';
import { readId, unguard } from '../../src/list/recording-id.ts';
import { readList } from './read-list.ts';

const value = fc
  .string({
    unit: fc.constantFrom('a', 'Z', '0', ' ', ',', ';', '\t', '|', '"', '\n', '\r', '\r\n', '#', 'é', '😀', '\ufeff'),
    maxLength: 8,
  })
  .filter((text) => unguard(text) === text && !/^ *"|^=/u.test(text));
const id = fc.oneof(
  { weight: 5, arbitrary: fc.base64String({ minLength: 4, maxLength: 24 }).filter((text) => readId(text) === text) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 99_999 }).map(String) },
  { weight: 1, arbitrary: fc.constantFrom('', 'NULL', 'n/a', '-', ' ') },
);
const row = fc.record({ before: value, id, day: fc.integer({ min: 1, max: 28 }), after: value, quoteAll: fc.boolean() });
const LOCALES = [
  { headers: ['Caller', 'Recording ID', 'Start Time', 'Note'], footer: 'Total', date: (day: number) => `2026-11-${day} 09:15:00` },
  { headers: ['Chiamante', 'recording_id', 'Data e ora', 'Nota'], footer: 'Totale:', date: (day: number) => `${day}/11/2026 09:15` },
  { headers: ['Anrufer', 'RECORDING-ID', 'Datum', 'Notiz'], footer: 'Gesamt', date: (day: number) => `${day}.11.2026 09:15:00` },
  { headers: ['Appelant', 'RecordingId', 'Date', 'Remarque'], footer: 'Total', date: (day: number) => `Nov ${day}, 2026 9:15 AM` },
] as const;
const shape = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t'),
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  encoding: fc.constantFrom('utf8', 'utf8-bom', 'utf16le', 'utf16be'),
  locale: fc.constantFrom(...LOCALES),
  titles: fc.array(fc.constantFrom('Call report', '"Calls, November; all"', 'From 01/11/2026 to 30/11/2026', ''), { maxLength: 4 }),
  padTitles: fc.boolean(),
  sep: fc.boolean(),
  footer: fc.boolean(),
  repeatsHeader: fc.boolean(),
  lastEnd: fc.boolean(),
  size: fc.integer({ min: 1, max: 60 }),
});

const encode = (text: string, encoding: string) => {
  if (encoding === 'utf8') return Buffer.from(text);
  if (encoding === 'utf8-bom') return Buffer.from(`\ufeff${text}`);
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return encoding === 'utf16le' ? bytes : bytes.swap16();
};

describe('a report made at random', () => {
  it('is read back as it was meant, whatever its delimiter, quotes, titles, language, encoding, line ends and last rows', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 12 }), shape, async (rows, how) => {
        const { delimiter, lineEnd, locale, titles, padTitles } = how;
        const quote = (field: string, always = false) =>
          always || /["\r\n,;\t|]|^#/u.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
        const header = locale.headers.join(delimiter);
        const above = how.sep ? [`sep=${delimiter}`] : titles.map((title) => (padTitles ? title + delimiter.repeat(3) : title));
        const body = rows.map(({ before, id, day, after, quoteAll }) => {
          const columns = [before, id, locale.date(day), after];
          return { id: readId(id), columns, raw: columns.map((field) => quote(field, quoteAll)).join(delimiter) };
        });
        const lines = [...above, header, ...body.map(({ raw }) => raw)];
        if (how.repeatsHeader) lines.push(header);
        if (how.footer) lines.push([locale.footer, '3', '', ''].join(delimiter));
        const text = lines.join(lineEnd) + (how.lastEnd ? lineEnd : '');
        // A CR in the last field and the LF behind it would read as one CRLF.
        fc.pre(!(lineEnd === '\n' && body.some(({ raw }) => raw.endsWith('\r'))));
        const read = await readList(encode(text, how.encoding), {}, how.size);
        expect(read.failure).toBeUndefined();
        expect(read.header).toMatchObject({ headers: locale.headers, delimiter, idColumn: 1 });
        const called = body.filter(({ id }) => id !== '');
        const idRead = (columns: readonly string[]) => columns.map((field, index) => (index === 1 ? String(readId(field)) : field));
        expect(read.rows.map(({ id, raw, columns }) => ({ id, raw, columns }))).toEqual(
          called.map(({ id, raw, columns }) => ({ id, raw, columns: idRead(columns) })),
        );
        expect(read.blank).toBe(body.length - called.length);
        expect(read.passedOver).toBe(Number(how.repeatsHeader) + Number(how.footer));
      }),
      { numRuns: 400 },
    );
  });
});

describe('CSV', () => {
  it('is read as csv-parse reads it, in pieces of any size', () => {
    const field = fc.string({ unit: fc.constantFrom('a', 'b', ' ', ',', '"', '\n', '\r\n', '😀', '='), maxLength: 6 });
    const table = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(table, fc.integer({ min: 1, max: 20 }), (rows, size) => {
        const text = rows.map((row) => row.map((field) => `"${field.replaceAll('"', '""')}"`).join(',')).join('\n');
        const reader = new CsvReader(',');
        const read: string[][] = [];
        for (let at = 0; at < text.length; ) {
          let end = at + size;
          if (text[end - 1] === '\r') end++;
          for (const record of reader.read(text.slice(at, end), false)) read.push(record.fields);
          at = end;
        }
        for (const record of reader.read('', true)) read.push(record.fields);
        expect(read).toEqual(parse(text, { relax_column_count: true, record_delimiter: ['\n', '\r\n'] }));
      }),
      { numRuns: 500 },
    );
  });
});
