import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAILED_NAME, FailedRows } from '../../src/archive/failed-rows.ts';
import type { ListRow, ReportHeader } from '../../src/list/list-row.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { idsOf } from '../list/read-list.ts';

const row = (raw: string, line = 1): ListRow => ({ id: raw.trim(), line, raw });
const header: ReportHeader = { headers: ['Caller', 'Recording ID'], raw: 'Caller;Recording ID', delimiter: ';', idColumn: 1 };

async function written(rows: readonly ListRow[], reportHeader?: ReportHeader) {
  const folder = await tempFolder();
  const failed = new FailedRows(folder, reportHeader);
  for (const each of rows) await failed.add(each);
  await failed.close();
  return { folder, text: await readFile(join(folder, FAILED_NAME), 'utf8') };
}

describe('failed.txt', () => {
  it('holds the rows as they came, blanks and all', async () => {
    expect((await written([row('a=='), row('  b\t'), row('#not a comment')])).text).toBe('a==\n  b\t\n#not a comment\n');
  });

  it('holds the header of a report once, above its rows', async () => {
    const { text } = await written([row('"Ada; ""A""";x1'), row('"two\nlines";x2')], header);
    expect(text).toBe('Caller;Recording ID\n"Ada; ""A""";x1\n"two\nlines";x2\n');
  });

  it('is a list that can be read again', async () => {
    expect(await idsOf((await written([row('a'), row(' b ')])).text)).toEqual(['a', 'b']);
    expect(await idsOf((await written([row('Ada;x1'), row('Bob;x2')], header)).text)).toEqual(['x1', 'x2']);
  });

  it('is not there where no row failed, and the one of an earlier run is taken away', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, FAILED_NAME), 'old\n');
    await writeFile(join(folder, `${FAILED_NAME}.part`), 'of a run that was killed\n');
    await new FailedRows(folder, header).close();
    expect(await readdir(folder)).toEqual([]);
    await new FailedRows(folder, header).close();
  });

  it('leaves the list of an earlier run as it is, where it is let go of', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, FAILED_NAME), 'old\n');
    const failed = new FailedRows(folder, undefined);
    await failed.add(row('x'.repeat(100_000)));
    await failed.add(row('y'));
    await failed.abandon();
    expect(await readdir(folder)).toEqual([FAILED_NAME]);
    expect(await readFile(join(folder, FAILED_NAME), 'utf8')).toBe('old\n');
  });

  it('replaces the list of an earlier run only at its end', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, FAILED_NAME), 'old\n');
    const failed = new FailedRows(folder, undefined);
    await failed.add(row('x'.repeat(100_000)));
    expect(await readFile(join(folder, FAILED_NAME), 'utf8')).toBe('old\n');
    await failed.close();
    expect(await readFile(join(folder, FAILED_NAME), 'utf8')).toBe(`${'x'.repeat(100_000)}\n`);
    expect(await readdir(folder)).toEqual([FAILED_NAME]);
  });

  it('loses no row of many that are added at once, and keeps their order', async () => {
    const folder = await tempFolder();
    const failed = new FailedRows(folder, undefined);
    // More than its buffer holds, many times over, with no turn for the disk in between.
    const rows = Array.from({ length: 300 }, (_, n) => row(`${n} ${'é'.repeat(5000)}`));
    await Promise.all(rows.map((each) => failed.add(each)));
    await failed.close();
    const lines = (await readFile(join(folder, FAILED_NAME), 'utf8')).split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line) => Number.parseInt(line, 10))).toEqual(rows.map((_, n) => n));
    expect(lines.every((line) => line.endsWith('é'.repeat(5000)))).toBe(true);
  });

  it('tells of a folder that is gone', async () => {
    const folder = join(await tempFolder(), 'gone');
    const failed = new FailedRows(folder, undefined);
    await failed.add(row('a'));
    await expect(failed.close()).rejects.toMatchObject({ code: 'FILE_SYSTEM', message: expect.stringContaining(FAILED_NAME) });
  });

  it('tells once that a row could not be written, and holds it all the same if the disk has recovered by its end', async () => {
    const folder = await tempFolder();
    const growing = join(folder, `${FAILED_NAME}.part`);
    await mkdir(growing);
    const failed = new FailedRows(folder, undefined);
    const long = 'x'.repeat(100_000);
    await expect(failed.add(row(long))).rejects.toMatchObject({ code: 'FILE_SYSTEM' });
    await failed.add(row('y'));
    await rm(growing, { recursive: true });
    await failed.close();
    expect(await readFile(join(folder, FAILED_NAME), 'utf8')).toBe(`${long}\ny\n`);
  });

  it('leaves the last whole list as it was where a row cannot be written at its end either', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, FAILED_NAME), 'old\n');
    await mkdir(join(folder, `${FAILED_NAME}.part`));
    const failed = new FailedRows(folder, undefined);
    await expect(failed.add(row('x'.repeat(100_000)))).rejects.toMatchObject({ code: 'FILE_SYSTEM' });
    await expect(failed.close()).rejects.toMatchObject({ code: 'FILE_SYSTEM' });
    expect(await readFile(join(folder, FAILED_NAME), 'utf8')).toBe('old\n');
  });

  it('leaves alone what another run writes, that took the folder for its own meanwhile', async () => {
    const folder = await tempFolder();
    const long = (letter: string) => row(letter.repeat(100_000));
    const [ours, theirs] = [new FailedRows(folder, undefined), new FailedRows(folder, undefined)];
    await ours.add(long('a'));
    await theirs.add(long('b'));
    await ours.add(long('c'));
    await expect(ours.close()).rejects.toMatchObject({ code: 'FILE_SYSTEM', message: expect.stringContaining('another run') });
    await theirs.close();
    expect(await readFile(join(folder, FAILED_NAME), 'utf8')).toBe(`${'b'.repeat(100_000)}\n`);
    expect(await readdir(folder)).toEqual([FAILED_NAME]);
  });

  it('takes nothing of another run away where it is let go of', async () => {
    const folder = await tempFolder();
    const [ours, theirs] = [new FailedRows(folder, undefined), new FailedRows(folder, undefined)];
    await ours.add(row('x'.repeat(100_000)));
    await theirs.add(row('x'.repeat(200_000)));
    await ours.abandon();
    await theirs.close();
    expect(await readdir(folder)).toEqual([FAILED_NAME]);
  });

  it('tells of a folder that has its name', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, FAILED_NAME));
    await writeFile(join(folder, FAILED_NAME, 'kept'), '');
    const failed = new FailedRows(folder, undefined);
    await failed.add(row('a'));
    await expect(failed.close()).rejects.toMatchObject({ code: 'FILE_SYSTEM' });
    await expect(new FailedRows(folder, undefined).close()).rejects.toMatchObject({ code: 'FILE_SYSTEM' });
    expect(await readdir(join(folder, FAILED_NAME))).toEqual(['kept']);
    // Rows of a report are personal data: what has no place does not stay beside it.
    expect(await readdir(folder)).toEqual([FAILED_NAME]);
  });
});
