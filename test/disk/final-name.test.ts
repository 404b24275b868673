import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { giveFinalName } from '../../src/disk/final-name.ts';
import { folderOnOtherDisk } from '../helpers/other-disk.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { testSystem } from '../helpers/test-system.ts';

const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');
const clock = testSystem();

/** A part with this content, in a folder of its own. */
async function part(content: string) {
  const folder = await tempFolder();
  await fs.writeFile(join(folder, 'a.part'), content);
  return { folder, file: join(folder, 'a.part') };
}

describe('a final name', () => {
  it.each([true, false])('on another disk is given to a copy that is proven, and nothing else stays (replace: %s)', async (replace) => {
    const { folder, file } = await part('bytes');
    const elsewhere = await folderOnOtherDisk(folder);
    if (elsewhere === undefined) return expect.soft(process.getuid?.()).not.toBe(0);
    if (replace) await fs.writeFile(join(elsewhere, 'a.mp3'), 'old');
    await giveFinalName(file, join(elsewhere, 'a.mp3'), { replace, sha256: sha256('bytes'), sleep: clock.sleep });
    expect(await fs.readFile(join(elsewhere, 'a.mp3'), 'utf8')).toBe('bytes');
    expect(await fs.readdir(elsewhere)).toEqual(['a.mp3']);
    expect(await fs.readdir(folder)).toEqual([]);
  });

  it('on another disk is not taken from a file that stands there, and the part stays', async () => {
    const { folder, file } = await part('bytes');
    const elsewhere = await folderOnOtherDisk(folder);
    if (elsewhere === undefined) return;
    await fs.writeFile(join(elsewhere, 'a.mp3'), 'old');
    const given = giveFinalName(file, join(elsewhere, 'a.mp3'), { replace: false, sha256: sha256('bytes'), sleep: clock.sleep });
    await expect(given).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    expect(await fs.readFile(join(elsewhere, 'a.mp3'), 'utf8')).toBe('old');
    expect(await fs.readdir(elsewhere)).toEqual(['a.mp3']);
    expect(await fs.readdir(folder)).toEqual(['a.part']);
  });

  it('on another disk is given to nothing that came out differently', async () => {
    const { folder, file } = await part('bytes');
    const elsewhere = await folderOnOtherDisk(folder);
    if (elsewhere === undefined) return;
    const given = giveFinalName(file, join(elsewhere, 'a.mp3'), { replace: true, sha256: sha256('other'), sleep: clock.sleep });
    await expect(given).rejects.toMatchObject({ code: 'CONTENT_MISMATCH' });
    expect(await fs.readdir(elsewhere)).toEqual([]);
    expect(await fs.readdir(folder)).toEqual(['a.part']);
  });

  it('on a disk without hard links is given by a rename, and never over a file that stands there', async () => {
    vi.spyOn(fs, 'link').mockRejectedValue(Object.assign(new Error('link'), { code: 'EPERM', syscall: 'link' }));
    syncBuiltinESMExports();
    onTestFinished(() => {
      vi.restoreAllMocks();
      syncBuiltinESMExports();
    });
    const { folder, file } = await part('bytes');
    await giveFinalName(file, join(folder, 'a.mp3'), { replace: false, sha256: sha256('bytes'), sleep: clock.sleep });
    expect(await fs.readdir(folder)).toEqual(['a.mp3']);
    await fs.writeFile(file, 'new');
    const taken = giveFinalName(file, join(folder, 'a.mp3'), { replace: false, sha256: sha256('new'), sleep: clock.sleep });
    await expect(taken).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    expect(await fs.readFile(join(folder, 'a.mp3'), 'utf8')).toBe('bytes');
    expect(fs.link).toHaveBeenCalledTimes(2);
  });

  it('is right where a network share says that it is taken, and it is the file itself that has it', async () => {
    const { folder, file } = await part('bytes');
    await fs.link(file, join(folder, 'a.mp3'));
    await giveFinalName(file, join(folder, 'a.mp3'), { replace: false, sha256: sha256('bytes'), sleep: clock.sleep });
    expect(await fs.readdir(folder)).toEqual(['a.mp3']);
  });
});
