import { chmod, mkdir, open, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BAD_ROWS_FIRST_LINE, BadRows } from '../../../src/archive/bad-rows.ts';
import { writeBadList } from '../../../src/archive/folder/bad-list.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const text = (...rows: string[]) => {
  const bad = new BadRows();
  for (const row of rows) bad.add(row, 2, 'Line 2 is odd.');
  return bad.text;
};

describe('bad-rows.txt', () => {
  it('holds the rows that could not be read, and takes the place of those of an earlier run', async () => {
    const folder = await tempFolder();
    const file = join(folder, 'bad-rows.txt');
    expect(await writeBadList(folder, text('a', 'b'))).toBe(file);
    expect(await readFile(file, 'utf8')).toBe(`${BAD_ROWS_FIRST_LINE}\n# Line 2 is odd.\na\n# Line 2 is odd.\nb\n`);
    await writeFile(`${file}.part`, 'what a run that was killed has left');
    expect(await writeBadList(folder, text('c'))).toBe(file);
    expect(await readFile(file, 'utf8')).toBe(`${BAD_ROWS_FIRST_LINE}\n# Line 2 is odd.\nc\n`);
    expect(await readdir(folder)).toEqual(['bad-rows.txt']);
  });

  it('is taken away where every row could be read, and nothing is done where there is none', async () => {
    const folder = await tempFolder();
    expect(await writeBadList(folder, text())).toBeUndefined();
    await writeBadList(folder, text('a'));
    expect(await writeBadList(folder, text())).toBeUndefined();
    expect(await readdir(folder)).toEqual([]);
  });

  it.each<[string, (file: string) => Promise<unknown>]>([
    ['another’s file', (file) => writeFile(file, 'mine')],
    ['an empty file', (file) => writeFile(file, '')],
    ['the beginning of our first line', (file) => writeFile(file, BAD_ROWS_FIRST_LINE.slice(0, -1))],
    ['a folder', (file) => mkdir(file)],
    ['a link', (file) => symlink('elsewhere', file)],
    [
      'a file of 5 GB',
      async (file) => {
        const handle = await open(file, 'w');
        await handle.truncate(5e9);
        await handle.close();
      },
    ],
  ])('leaves %s alone, and says so where rows could not be read', async (_, put) => {
    const folder = await tempFolder();
    await put(join(folder, 'bad-rows.txt'));
    await expect(writeBadList(folder, text('a'))).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    expect(await writeBadList(folder, text())).toBeUndefined();
    expect(await readdir(folder)).toEqual(['bad-rows.txt']);
  });

  it.skipIf(process.getuid?.() === 0)('is FILE_SYSTEM where the folder may not be written to', async () => {
    const folder = await tempFolder();
    await chmod(folder, 0o500);
    await expect(writeBadList(folder, text('a'))).rejects.toMatchObject({ code: 'FILE_SYSTEM', message: expect.stringContaining('write') });
    await chmod(folder, 0o700);
  });
});
