import { existsSync } from 'node:fs';
import { mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolder, makeFolders } from '../../src/disk/make-folder.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

describe('makeFolders', () => {
  it('makes what is missing, and tells it from the top down', async () => {
    const folder = await tempFolder();
    expect(await makeFolders(join(folder, 'a', 'b', 'c'))).toEqual([
      join(folder, 'a'),
      join(folder, 'a', 'b'),
      join(folder, 'a', 'b', 'c'),
    ]);
    expect((await stat(join(folder, 'a', 'b', 'c'))).isDirectory()).toBe(true);
    expect(await makeFolders(join(folder, 'a', 'b', 'd'))).toEqual([join(folder, 'a', 'b', 'd')]);
    expect(await makeFolders(join(folder, 'a'))).toEqual([]);
  });

  it('makes one folder once, however many ask for it', async () => {
    const folder = await tempFolder();
    const made = await Promise.all(Array.from({ length: 20 }, () => makeFolders(join(folder, 'a', 'b'))));
    expect(made.flat().sort()).toEqual([join(folder, 'a'), join(folder, 'a', 'b')]);
  });

  it('goes through a folder that is a link', async () => {
    const folder = await tempFolder();
    const elsewhere = await tempFolder();
    await symlink(elsewhere, join(folder, 'month'));
    await makeFolders(join(folder, 'month', 'day'));
    expect(existsSync(join(elsewhere, 'day'))).toBe(true);
  });

  it.skipIf(process.platform !== 'linux')('ends where a folder that exists says that it does not', async () => {
    await expect(makeFolders('/proc/kaleyra-rec/below')).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(makeFolder('/proc/kaleyra-rec')).rejects.toMatchObject({
      code: 'FILE_SYSTEM',
      message: expect.stringContaining('Cannot make the folder /proc/kaleyra-rec'),
    });
  });
});

describe('makeFolder', () => {
  it.each(['file', 'file/below'])('says that a file stands where the folder %s belongs', async (name) => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'file'), '');
    await expect(makeFolder(join(folder, name))).rejects.toMatchObject({
      code: 'FILE_SYSTEM',
      message: expect.stringContaining('a file stands'),
    });
  });

  it('is content with one that is there', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, 'a'));
    await makeFolder(join(folder, 'a'));
  });
});
