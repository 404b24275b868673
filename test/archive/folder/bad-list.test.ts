import fs, { chmod, link, mkdir, open, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { BAD_ROWS_FIRST_LINE, BadRows } from '../../../src/archive/bad-rows.ts';
import { writeBadList } from '../../../src/archive/folder/bad-list.ts';
import { openBelow, tellsOpenFiles } from '../../helpers/open-files.ts';
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

  it('is its own though it has a second name, which is left alone', async () => {
    const folder = await tempFolder();
    await writeBadList(folder, text('a'));
    await link(join(folder, 'bad-rows.txt'), join(folder, 'copy'));
    await writeBadList(folder, text('b'));
    expect(await readFile(join(folder, 'bad-rows.txt'), 'utf8')).toBe(text('b'));
    expect(await readFile(join(folder, 'copy'), 'utf8')).toBe(text('a'));
  });

  it('is told of where a folder stands in its way', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, 'bad-rows.txt.part'));
    const message = expect.stringContaining(`Cannot write ${join(folder, 'bad-rows.txt')}: `);
    await expect(writeBadList(folder, text('a'))).rejects.toMatchObject({ code: 'FILE_SYSTEM', message });
    expect(await readdir(folder)).toEqual(['bad-rows.txt.part']);
  });

  it('leaves no row beside the last one where it cannot be put in its place', async () => {
    const folder = await tempFolder();
    await writeBadList(folder, text('a'));
    vi.spyOn(fs, 'rename').mockRejectedValueOnce(Object.assign(new Error('EIO'), { code: 'EIO', syscall: 'rename' }));
    syncBuiltinESMExports();
    onTestFinished(() => {
      vi.restoreAllMocks();
      syncBuiltinESMExports();
    });
    await expect(writeBadList(folder, text('b'))).rejects.toMatchObject({ code: 'FILE_SYSTEM' });
    expect(await readdir(folder)).toEqual(['bad-rows.txt']);
    expect(await readFile(join(folder, 'bad-rows.txt'), 'utf8')).toBe(text('a'));
  });

  it.skipIf(!tellsOpenFiles)('leaves no file open', async () => {
    const folder = await tempFolder();
    for (const row of ['a', 'b']) await writeBadList(folder, text(row));
    expect(openBelow(folder)).toEqual([]);
  });

  it.skipIf(process.getuid?.() === 0)('is FILE_SYSTEM where the folder may not be written to', async () => {
    const folder = await tempFolder();
    await chmod(folder, 0o500);
    await expect(writeBadList(folder, text('a'))).rejects.toMatchObject({ code: 'FILE_SYSTEM', message: expect.stringContaining('write') });
    await chmod(folder, 0o700);
  });
});
