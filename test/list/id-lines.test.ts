import { describe, expect, it } from 'vitest';
import { idRows, linesOf, type NumberedLine } from '../../src/list/id-lines.ts';
import { openList } from '../../src/list/id-list.ts';
import { MAX_ROW_LENGTH } from '../../src/list/list-row.ts';
import { Teller } from '../../src/list/notices.ts';
import { idsOf, readList, streamOf } from './read-list.ts';

async function* given<Item>(...items: Item[]) {
  yield* items;
}

async function all<Item>(batches: AsyncIterable<Item[]>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const batch of batches) {
    expect(batch).not.toEqual([]);
    items.push(...batch);
  }
  return items;
}

/** All rows of a list, those too that name no recording. */
const allRows = async (text: string, options = {}) => all((await openList(streamOf(text), options)).batches());

describe('the lines of a list', () => {
  it('that name no recording are given to be counted', async () => {
    expect(await allRows('# a\n\nabc\n\n \t\n# b\n  # c\nn/a\n"-"\n')).toEqual([
      { id: '', line: 0, raw: '', leftOut: 'passedOver' },
      { id: '', line: 0, raw: '', leftOut: 'passedOver' },
      { id: 'abc', line: 3, raw: 'abc' },
      { id: '', line: 4, raw: '', leftOut: 'passedOver' },
      { id: '', line: 5, raw: ' \t', leftOut: 'passedOver' },
      { id: '', line: 6, raw: '# b', leftOut: 'passedOver' },
      { id: '', line: 7, raw: '  # c', leftOut: 'passedOver' },
      { id: '', line: 8, raw: 'n/a', leftOut: 'blank' },
      { id: '', line: 9, raw: '"-"', leftOut: 'blank' },
    ]);
  });

  it.each(['a b', 'a,b', 'a;b', 'a|b', 'a\u00a0b'])('are refused where they hold several values: %j', async (line) => {
    const ids = Array.from({ length: 30 }, (_, index) => `id${index}`);
    const { rows, failure } = await readList(`${ids.join('\n')}\n${line}\n`);
    expect(rows).toHaveLength(30);
    expect(failure).toMatchObject({
      code: 'USAGE',
      message: `list.csv, line 31: ${JSON.stringify(line)} cannot be a recording id.`,
      hint: expect.stringContaining('one id on each line'),
    });
  });

  it('are given without an empty batch, whatever comes at once', async () => {
    const pieces = ['a', 'b\n', '\n', '', 'c\r\nd', '\re'];
    expect(await all(linesOf(given(...pieces), 5))).toEqual([
      { text: 'ab', line: 5 },
      { text: '', line: 6 },
      { text: 'c', line: 7 },
      { text: 'd', line: 8 },
      { text: 'e', line: 9 },
    ]);
    expect(await all(linesOf(given('a\n'), 1))).toEqual([{ text: 'a', line: 1 }]);
    expect(await all(linesOf(given<string>(), 1))).toEqual([]);
  });

  it('tell of those that were left out how many more there were, at the end', async () => {
    const { rows, warnings, notices } = await readList(`abc\n${'a b\n'.repeat(7)}${'def\n'.repeat(20)}`, { onBadRow: () => {} });
    expect(rows).toHaveLength(21);
    expect(warnings).toHaveLength(5);
    expect(notices).toEqual(['2 more rows could not be read.']);
  });

  it('are refused where there is an id in none of them', async () => {
    const reading = { name: 'list.csv', teller: new Teller(), onBadRow: () => {} };
    const lines: NumberedLine[] = [
      { text: 'a b', line: 1 },
      { text: 'null', line: 2 },
    ];
    await expect(all(idRows(given(lines), reading))).rejects.toMatchObject({
      code: 'USAGE',
      message: 'list.csv names no recordings: it has no line with an id.',
      hint: 'Check that this is the right file, and that what wrote it worked.',
    });
  });
});

describe('a line of a list that is longer than 16 MB', () => {
  const x = (length: number) => 'x'.repeat(length);
  const HINT = 'A list has one id on each line; check that this is the right file.';

  it('is one character longer than a line may be', async () => {
    for (const end of ['\n', '']) {
      const reading = { name: 'x', teller: new Teller(), onBadRow: undefined };
      const read = (length: number) => all(idRows(linesOf(given('abc\n', x(length), end), 1), reading));
      await expect(read(MAX_ROW_LENGTH)).rejects.toMatchObject({ message: `x, line 2: "${x(79)}…" cannot be a recording id.` });
      await expect(read(MAX_ROW_LENGTH + 1)).rejects.toMatchObject({ message: 'x, line 2: the line is longer than 16 MB.', hint: HINT });
    }
  });

  it.each(['\n', '\r\n', '\r'])('is left out as one row where such rows are (line ends %j)', async (end) => {
    const bad: unknown[] = [];
    const onBadRow = (raw: string, line: number) => bad.push([raw.length, line]);
    const pieces = [`abc${end}${x(MAX_ROW_LENGTH)}`, 'y', 'z'.repeat(9), x(MAX_ROW_LENGTH + 9), `z${end}def${end}`, `ghi${end}`];
    const teller = new Teller();
    const rows = await all(idRows(linesOf(given(...pieces), 1), { name: 'x', teller, onBadRow }));
    expect(rows.map(({ id, line }) => [id, line])).toEqual([
      ['abc', 1],
      ['def', 3],
      ['ghi', 4],
    ]);
    expect(bad).toEqual([[MAX_ROW_LENGTH, 2]]);
  });

  it('is left out to the end of the list, where that is its own', async () => {
    const onBadRow = () => {};
    expect(await idsOf(`abc\n${x(2 * MAX_ROW_LENGTH)}`, { onBadRow }, 1024 * 1024)).toEqual(['abc']);
  });
});
