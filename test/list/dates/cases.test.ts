import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseNameTemplate } from '../../../src/archive/name-template.ts';
import { type PreparationOptions, prepareList } from '../../../src/list/prepared-list.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const pathOf = (name: string) => fileURLToPath(new URL(`../../fixtures/dates/${name}.csv`, import.meta.url));

/** The names that a template gives to a report's recordings, in the order of the report. */
async function namesOf(name: string, template: string, { piped = false, now = NOW } = {}) {
  const namedDates: PreparationOptions['namedDates'] = (headers) => parseNameTemplate(template, headers).dateColumns;
  const source = piped ? { stream: Readable.from([await readFile(pathOf(name))]), name: '-' } : { path: pathOf(name) };
  const list = await prepareList(source, { order: 'report', now, namedDates });
  const names: string[] = [];
  const { fill } = parseNameTemplate(template, list.header?.headers);
  for await (const batch of list.rows()) for (const row of batch) names.push(fill(row, 'x', list.reportDates)[0]?.replace('.x', '') ?? '');
  await list.close();
  return names;
}

/** Reports as people have them, the column to name by, and the days that are meant. */
const CASES = [
  ['a', 'Call Started', ['2026-01-20', '2026-02-08', '2026-02-09']],
  ['c', 'End Date', ['2026-11-20', '2026-11-08', '2026-11-09']],
  ['e', 'Date', ['2026-01-20', '2026-02-08']],
  ['f', 'Start Time', ['2026-11-05', '2026-10-05', '2026-11-05', '2026-09-05', '2026-11-07']],
  ['g', 'Date', ['2026-11-20', '2026-11-05']],
  ['i', 'Start Time', ['2026-11-12', '2026-10-12']],
  ['k', 'Start Time', ['2026-11-20', '2026-11-08', '2026-11-09']],
] as const;

describe.each(CASES)('the report %s', (name, column, days) => {
  it(`is named by the days that column ${column} means`, async () => {
    expect(await namesOf(name, `{${column}:yyyy-MM-dd}`)).toEqual(days);
  });

  it('is named so through a pipe, too', async () => {
    expect(await namesOf(name, `{${column}:yyyy-MM-dd}`, { piped: true })).toEqual(days);
  });
});

it('a time in a column of its own names files, alone or with its day', async () => {
  expect(await namesOf('e', '{Time:HHmm}')).toEqual(['0900', '1000']);
  expect(await namesOf('e', '{Date:yyyyMMdd-HHmm}')).toEqual(['20260120-0900', '20260208-1000']);
  expect(await namesOf('g', '{Date:dd HHmmss}', { piped: true })).toEqual(['20 091500', '05 081500']);
});

it.each(['2026-11-13', '2026-12-01', '2026-12-10'])('a call does not lie in the future: on %s, too', async (today) => {
  expect(await namesOf('i', '{Start Time:yyyy-MM-dd}', { now: Date.parse(`${today}T10:00:00Z`) })).toEqual(['2026-11-12', '2026-10-12']);
});
