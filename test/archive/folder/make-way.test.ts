import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chown, lchown, lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeWay, refuseStrangersLink } from '../../../src/archive/folder/make-way.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');
const asideOf = (content: string) => `a.mp3.changed-${sha256(content).slice(0, 8)}`;
const isRoot = process.getuid?.() === 0;

describe('the way for a recording', () => {
  it('is free where nothing stands there, or a folder does', async () => {
    const folder = await tempFolder();
    expect(await makeWay(join(folder, 'a.mp3'), [])).toBeUndefined();
    await mkdir(join(folder, 'a.mp3'));
    expect(await makeWay(join(folder, 'a.mp3'), [])).toBeUndefined();
    expect(await readdir(folder)).toEqual(['a.mp3']);
  });

  it('is free where a file has the bytes that were recorded, which are replaced', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'a.mp3'), 'old');
    expect(await makeWay(join(folder, 'a.mp3'), [sha256('other'), null, sha256('old')])).toBeUndefined();
    expect(await readdir(folder)).toEqual(['a.mp3']);
  });

  it('is cleared of a file with other bytes, which is kept under a name of its own', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'a.mp3'), 'edited');
    expect(await makeWay(join(folder, 'a.mp3'), [sha256('old')])).toBe(join(folder, asideOf('edited')));
    expect(await readdir(folder)).toEqual([asideOf('edited')]);
    expect(await readFile(join(folder, asideOf('edited')), 'utf8')).toBe('edited');
  });

  it('never costs what was moved aside before', async () => {
    const folder = await tempFolder();
    for (let times = 1; times <= 3; times += 1) {
      await writeFile(join(folder, 'a.mp3'), 'edited');
      await makeWay(join(folder, 'a.mp3'), []);
    }
    await writeFile(join(folder, asideOf('else')), 'mine');
    await writeFile(join(folder, 'a.mp3'), 'else');
    await makeWay(join(folder, 'a.mp3'), []);
    expect((await readdir(folder)).sort()).toEqual(
      [asideOf('edited'), `${asideOf('edited')}-2`, `${asideOf('edited')}-3`, asideOf('else'), `${asideOf('else')}-2`].sort(),
    );
    expect(await readFile(join(folder, asideOf('else')), 'utf8')).toBe('mine');
  });

  it('is cleared of a link, which stays one, and of a pipe that nobody writes to', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'elsewhere'), 'mine');
    await symlink('elsewhere', join(folder, 'a.mp3'));
    const aside = await makeWay(join(folder, 'a.mp3'), [sha256('mine')]);
    expect(aside).toMatch(/a\.mp3\.changed-[0-9a-f]{8}$/);
    expect(await readlink(aside ?? '')).toBe('elsewhere');
    execFileSync('mkfifo', [join(folder, 'a.mp3')]);
    expect((await lstat((await makeWay(join(folder, 'a.mp3'), [])) ?? '')).isFIFO()).toBe(true);
    expect(await readFile(join(folder, 'elsewhere'), 'utf8')).toBe('mine');
  });
});

describe('a link on the way to a recording', () => {
  /** An archive whose folder `month` is a link. */
  async function linked() {
    const folder = await tempFolder();
    await symlink(await tempFolder(), join(folder, 'month'));
    return { folder, file: join(folder, 'month', 'day', 'a.mp3') };
  }

  it('is meant so where this user made it', async () => {
    const { folder, file } = await linked();
    refuseStrangersLink(folder, file);
    refuseStrangersLink(folder, join(folder, 'a.mp3'));
    refuseStrangersLink(folder, join(folder, 'not', 'there', 'a.mp3'));
  });

  it.skipIf(!isRoot)('is refused where another user made it (to make one takes root)', async () => {
    const { folder, file } = await linked();
    await lchown(join(folder, 'month'), 12345, 12345);
    expect(() => refuseStrangersLink(folder, file)).toThrow(
      expect.objectContaining({ code: 'FILE_SYSTEM', message: expect.stringContaining(join(folder, 'month')) }),
    );
    expect(() => refuseStrangersLink(folder, file, { uid: undefined })).not.toThrow();
  });

  it.skipIf(!isRoot)("is meant so where the archive's owner made it, for the others who work on it (to make one takes root)", async () => {
    const { folder, file } = await linked();
    await lchown(join(folder, 'month'), 12345, 12345);
    await chown(folder, 12345, 12345);
    refuseStrangersLink(folder, file, { uid: 54321 });
  });
});
