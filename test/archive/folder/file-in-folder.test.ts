import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findInFolder } from '../../../src/archive/folder/file-in-folder.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

async function folderWith(...files: string[]): Promise<string> {
  const folder = await tempFolder();
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), file);
  }
  return folder;
}

/** Where a manifest's file lies, relative to the folder. */
const find = (folder: string, file: string | null) => findInFolder(folder, file)?.path.slice(folder.length + 1);

const [composed, decomposed] = ['Jos\u00e9', 'Jose\u0301'];

describe("a manifest's file", () => {
  it.each<[string, lies: string, file: string]>([
    ['as it is named', 'x/a.mp3', 'x/a.mp3'],
    ['by another way to it', 'x/a.mp3', './y/../x//a.mp3'],
    ['decomposed', `${decomposed}.mp3`, `${composed}.mp3`],
    ['composed', `${composed}.mp3`, `${decomposed}.mp3`],
    ['in a folder that was decomposed, itself composed', `${decomposed}/${composed}.mp3`, `${composed}/${composed}.mp3`],
    ['in a folder that was composed, itself decomposed', `${composed}/${decomposed}.mp3`, `${decomposed}/${composed}.mp3`],
    ['in a folder as it is named, itself decomposed', `x/${decomposed}.mp3`, `x/${composed}.mp3`],
  ])('is found %s', async (_what, lies, file) => {
    expect(find(await folderWith(lies), file)).toBe(join(lies));
  });

  it('is found in the one of two folders that has it, and as it is named where both have', async () => {
    const folder = await folderWith(`${composed}/a.mp3`, `${decomposed}/b.mp3`, `${composed}/c.mp3`, `${decomposed}/c.mp3`);
    for (const name of ['a', 'b']) {
      const at = `${name === 'a' ? composed : decomposed}/${name}.mp3`;
      expect([find(folder, `${composed}/${name}.mp3`), find(folder, `${decomposed}/${name}.mp3`)]).toEqual([at, at]);
    }
    for (const form of [composed, decomposed]) expect(find(folder, `${form}/c.mp3`)).toBe(`${form}/c.mp3`);
    await rm(join(folder, composed), { recursive: true });
    expect(find(folder, `${composed}/c.mp3`)).toBe(`${decomposed}/c.mp3`);
  });

  it.each([null, '', '..', '../x/a.mp3', '/etc/hostname', 'a\0b', 'missing', `missing-${composed}`, `x/a.mp3/${composed}`])(
    'is not found where it is %j',
    async (file) => {
      expect(find(await folderWith('x/a.mp3'), file)).toBeUndefined();
    },
  );

  it('is not found where its name is longer than any, or links go round in a circle', async () => {
    const folder = await folderWith();
    await symlink('loop', join(folder, 'loop'));
    for (const file of [`${'x'.repeat(300)}.mp3`, `${composed.repeat(100)}.mp3`, 'loop/a.mp3']) expect(find(folder, file)).toBeUndefined();
  });

  it('is told as it stands there: of a link, the link', async () => {
    const folder = await folderWith('a.mp3');
    await symlink('a.mp3', join(folder, 'link'));
    expect(findInFolder(folder, 'link')?.stats.isSymbolicLink()).toBe(true);
    expect(findInFolder(folder, 'a.mp3')?.stats.size).toBe(5);
  });
});
