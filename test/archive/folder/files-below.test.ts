import { execFileSync } from 'node:child_process';
import { rmdirSync, rmSync, writeFileSync } from 'node:fs';
import fs, { mkdir, symlink, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Entry, filesBelow } from '../../../src/archive/folder/files-below.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

async function folderWith(files: Record<string, string>): Promise<string> {
  const folder = await tempFolder();
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), content);
  }
  return folder;
}

interface Look {
  passes?: (file: string) => boolean;
  entersLink?: (file: string) => boolean;
  signal?: AbortSignal;
}

/** All that stands below a folder, by name. */
async function below(folder: string, { passes = () => true, entersLink = () => false, signal }: Look = {}): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of filesBelow(folder, passes, entersLink, signal)) entries.push(entry);
  return entries.sort((one, other) => (one.file < other.file ? -1 : 1));
}

describe('what stands below a folder', () => {
  it('is each file with its size, however deep it lies, and no folder', async () => {
    const folder = await folderWith({ a: 'x', 'b/c': '', 'b/d/e': 'xyz' });
    await mkdir(join(folder, 'empty'));
    expect(await below(folder)).toEqual([
      { file: 'a', bytes: 1 },
      { file: join('b', 'c'), bytes: 0 },
      { file: join('b', 'd', 'e'), bytes: 3 },
    ]);
  });

  it('is nothing of a folder that is passed over', async () => {
    const folder = await folderWith({ a: '', b: '', 'c/a': '', 'c/d/e': '' });
    expect(await below(folder, { passes: (file) => file !== 'a' && file !== join('c', 'd') })).toEqual([
      { file: 'b', bytes: 0 },
      { file: join('c', 'a'), bytes: 0 },
    ]);
  });

  it('has no size where it is no regular file', async () => {
    const folder = await folderWith({ a: 'x' });
    await symlink('a', join(folder, 'link'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect(await below(folder)).toEqual([
      { file: 'a', bytes: 1 },
      { file: 'link', bytes: -1 },
      { file: 'pipe', bytes: -1 },
    ]);
  });

  it('is what a linked folder holds where that is to be entered, and else the link', async () => {
    const elsewhere = await folderWith({ a: 'x' });
    const folder = await folderWith({ a: 'xx' });
    for (const name of ['entered', 'passed']) await symlink(elsewhere, join(folder, name));
    expect(await below(folder, { entersLink: (file) => file === 'entered' })).toEqual([
      { file: 'a', bytes: 2 },
      { file: join('entered', 'a'), bytes: 1 },
      { file: 'passed', bytes: -1 },
    ]);
  });

  it('is the link itself where that leads to a file, to nowhere or round in a circle', async () => {
    const folder = await folderWith({ a: 'x' });
    for (const [link, target] of Object.entries({ file: 'a', loop: 'loop', nowhere: 'gone' })) await symlink(target, join(folder, link));
    expect(await below(folder, { entersLink: () => true })).toEqual([
      { file: 'a', bytes: 1 },
      { file: 'file', bytes: -1 },
      { file: 'loop', bytes: -1 },
      { file: 'nowhere', bytes: -1 },
    ]);
  });

  it('is told of a folder that vanishes before it is read', async () => {
    const folder = await folderWith({ a: '' });
    await mkdir(join(folder, 'b'));
    const passes = (file: string) => {
      if (file === 'b') rmdirSync(join(folder, 'b'));
      return true;
    };
    expect(await below(folder, { passes })).toEqual([
      { file: 'a', bytes: 0 },
      { file: 'b', unreadable: 'ENOENT' },
    ]);
  });

  it.each(['EACCES', 'EPERM', 'EIO', 'ESTALE'])('is told of a folder that cannot be read (%s)', async (code) => {
    const folder = await folderWith({ a: '', 'b/c': '', 'd/e': '' });
    const { opendir } = fs;
    vi.spyOn(fs, 'opendir').mockImplementation(async (place, options) => {
      if (place === join(folder, 'b')) throw Object.assign(new Error(code), { code, syscall: 'opendir' });
      return opendir(place, options);
    });
    syncBuiltinESMExports();
    onTestFinished(() => {
      vi.restoreAllMocks();
      syncBuiltinESMExports();
    });
    expect(await below(folder)).toEqual([
      { file: 'a', bytes: 0 },
      { file: 'b', unreadable: code },
      { file: join('d', 'e'), bytes: 0 },
    ]);
    await expect(below(join(folder, 'b'))).rejects.toMatchObject({ code });
  });

  it.each<[string, (file: string) => void]>([
    ['vanishes', (file) => rmSync(file)],
    [
      'loses its folder to a file',
      (file) => {
        rmSync(dirname(file), { recursive: true });
        writeFileSync(dirname(file), '');
      },
    ],
  ])('is a file of no size where that %s meanwhile', async (_what, spoil) => {
    const folder = await folderWith({ 'x/a': 'abc' });
    const passes = (file: string) => {
      if (file === join('x', 'a')) spoil(join(folder, file));
      return true;
    };
    expect(await below(folder, { passes })).toEqual([{ file: join('x', 'a'), bytes: -1 }]);
  });

  it('is an error where a folder turns into something else', async () => {
    const folder = await folderWith({ 'x/a': '' });
    const passes = (file: string) => {
      rmSync(join(folder, file), { recursive: true });
      writeFileSync(join(folder, file), '');
      return true;
    };
    await expect(below(folder, { passes })).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it('is an error where the folder itself is missing', async () => {
    await expect(below(join(await tempFolder(), 'not-there'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is cut short by a signal, with its reason', async () => {
    const folder = await folderWith({ a: '' });
    await expect(below(folder, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });
});
