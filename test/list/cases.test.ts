import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { ListOptions } from '../../src/list/id-list.ts';
import { readWhole, type WholeList } from './read-list.ts';

const folder = fileURLToPath(new URL('../fixtures/lists/', import.meta.url));
const THREE = ['1a2b==', '1a2c==', '1a2d=='];

interface Right extends Partial<Pick<WholeList, 'blank' | 'passedOver'>> {
  ids?: readonly string[];
  /** What is told; everything else is told of nothing. */
  told?: RegExp;
  warned?: RegExp;
  /** What the usage error says, and advises. */
  refused?: readonly [message: RegExp, hint: RegExp];
  /** The values of the first row. */
  columns?: readonly string[];
  options?: ListOptions;
}

const CASES: readonly (readonly [file: string, right: Right])[] = [
  ['01-sep-semicolon.csv', { ids: THREE }],
  ['02-sep-bom.csv', { ids: THREE }],
  ['12-title-line.csv', { ids: THREE, told: /header is on line 2/ }],
  ['14-title-padded.csv', { ids: THREE, told: /header is on line 4/ }],
  ['59-quote-title.csv', { ids: THREE, told: /header is on line 2/ }],
  ['17-totals.csv', { ids: THREE, passedOver: 1, told: /line 5 is passed over/ }],
  ['17d-footer-unsplit.csv', { ids: THREE, passedOver: 1, told: /line 6 is passed over/ }],
  ['18b-dup-other-header.csv', { ids: THREE, columns: ['1a2b==', '+390212345', '20/11/2026 09:15:00', '63'] }],
  ['19-it.csv', { refused: [/"ID registrazione", "Chiamante", "Data e ora", "Durata"/, /--column/] }],
  ['19-it.csv', { ids: THREE, options: { column: 'ID registrazione' } }],
  ['23-sci.csv', { refused: [/line 2: "1\.23E\+15" .*rounded/, /as text/] }],
  ['26-float-ids.csv', { refused: [/line 2: "1532\.0" .*rounded/, /as text/] }],
  ['24-formula.csv', { ids: ['1a2b=='], columns: ['1a2b==', '+390212345', '20/11/2026 09:15', '63'] }],
  ['25-apostrophe.csv', { ids: ['1a2b=='], columns: ['1a2b==', '+390212345', '20/11/2026 09:15:00', '63'] }],
  ['27-nulls.csv', { ids: ['1a2b==', '0'], blank: 9 }],
  ['28-urls.csv', { refused: [/line 4: "https:\/\/s3\.example\/bucket\/rec\/1a2b\.mp3" is an address/, /--column/] }],
  ['28b-url-list.txt', { ids: ['ABC==', 'ABD=='] }],
  ['30-repeated-header.csv', { ids: [...THREE, '1a2e=='], passedOver: 1, told: /line 5 is passed over: it repeats the header/ }],
  ['33b-one-column-known.csv', { ids: ['1a2b==', '1a2c=='] }],
  ['33c-one-col-quoted-no-header.txt', { ids: ['1a2b==', '1a2c=='] }],
  ['44-json-strings.json', { ids: ['1a2b==', '1a2c=='] }],
  ['33e-comma-list.txt', { refused: [/one id on each line/, /tr ',' '\\n' < .*33e-comma-list\.txt \| kaleyra-rec batch -/] }],
  ['34-zero-width.csv', { ids: THREE, columns: ['1a2b==', '+390212345', '20/11/2026 09:15:00', '63'] }],
  ['37-mixed-delims.csv', { refused: [/line 2: the row is separated by semicolons, the header by commas/, /./] }],
  ['38-fewer-fields.csv', { ids: ['1a2b==', '1a2c=='], columns: ['1a2b==', '', '', ''] }],
  ['40-json-array-min.json', { ids: ['1a2b==', '1a2c=='], columns: ['1a2b==', '+39'] }],
  ['42-jsonl.jsonl', { ids: ['1a2b==', '1a2c=='], columns: ['1a2b==', '2026-11-20T09:15:00Z'] }],
  ['43-json-api.json', { ids: ['1a2b==', '1a2c=='], columns: ['1a2b==', '+39'] }],
  ['46-html-table.xls', { refused: [/a web page \(HTML\)/, /CSV/] }],
  ['47-md.md', { refused: [/a Markdown table/, /CSV/] }],
  ['51-empty.csv', { refused: [/51-empty\.csv names no recordings/, /./] }],
  ['52-header-only.csv', { ids: [], warned: /names no recordings/ }],
  ['53-only-blank-ids.csv', { ids: [], blank: 1, warned: /names no recordings/ }],
  ['hash.txt', { refused: [/line 1: "#NAME\?" is an error of a spreadsheet/, /as text/] }],
  ['hash1.csv', { refused: [/line 2: "#NAME\?" is an error of a spreadsheet/, /as text/] }],
  ['hash2.csv', { refused: [/line 2: "#NAME\?" is an error of a spreadsheet/, /as text/] }],
  ['hash3.csv', { refused: [/line 2: "#NAME\?" is an error of a spreadsheet/, /as text/] }],
  [
    'clid.csv',
    {
      ids: ['1504525166.228', '1504525135.222'],
      columns: ['2026-11-20 12:39:26', '"Anna" <114>', '114', '113', '8', '1504525166.228'],
      options: { column: 'uniqueid' },
    },
  ],
  ['signed.csv', { ids: ['1a2b==', 'sandbox-down-9'] }],
];

describe('what people have', () => {
  it.each(CASES)('%s is read, or refused, as it should be: from a file, and from a pipe', async (file, right) => {
    const path = join(folder, file);
    for (const size of [undefined, 1, 7, 100]) {
      const bytes = readFileSync(path);
      const pieces = function* () {
        for (let at = 0; at < bytes.length; at += size ?? 1) yield bytes.subarray(at, at + (size ?? 1));
      };
      const { Readable } = await import('node:stream');
      const source = size === undefined ? { path } : { stream: Readable.from(pieces()), name: path };
      let read: WholeList;
      try {
        read = await readWhole(source, right.options);
        if (read.failure !== undefined) throw read.failure;
      } catch (error) {
        const [message, hint] = right.refused ?? [];
        expect(error).toMatchObject({ code: 'USAGE', message: expect.stringMatching(message ?? /^never$/) });
        expect(error).toMatchObject({ hint: expect.stringMatching(hint ?? /^never$/) });
        continue;
      }
      expect(right.refused).toBeUndefined();
      expect(read.rows.map(({ id }) => id)).toEqual(right.ids);
      expect([read.blank, read.passedOver]).toEqual([right.blank ?? 0, right.passedOver ?? 0]);
      expect(read.notices).toEqual(right.told === undefined ? [] : [expect.stringMatching(right.told)]);
      expect(read.warnings).toEqual(right.warned === undefined ? [] : [expect.stringMatching(right.warned)]);
      if (right.columns !== undefined) expect(read.rows[0]?.columns).toEqual(right.columns);
    }
  });
});
