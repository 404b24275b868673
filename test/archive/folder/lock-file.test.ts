import { link, mkdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  hardLink,
  type LockOwner,
  openLockFile,
  parseOwner,
  publish,
  readLockFile,
  readTokenSync,
  serialiseOwner,
} from '../../../src/archive/folder/lock-file.ts';
import { openBelow, tellsOpenFiles } from '../../helpers/open-files.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const owner: LockOwner = {
  token: '0d7c1c1e-0000-4000-8000-0123456789ab',
  pid: 7,
  place: { host: 'here', bootId: 'boot', pidNamespace: 'pid:[1]' },
  startTime: '123',
  at: '2026-11-02T03:04:05.000Z',
};

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await tempFolder();
  path = join(folder, '.lock');
});

describe('what a lock file says', () => {
  it.each<[string, object]>([
    ['as it was written', owner],
    ['of a place of which only the host is known', { ...owner, place: { host: 'here' } }],
    ['of a run whose start is not known', { ...owner, startTime: null }],
    ['with the longest token', { ...owner, token: 'x'.repeat(64) }],
  ])('is read %s', (_what, said) => {
    expect(parseOwner(serialiseOwner(said as LockOwner))).toEqual(said);
  });

  it('is that the start is not known where it says nothing of it', () => {
    expect(parseOwner(JSON.stringify({ ...owner, startTime: undefined }))).toEqual({ ...owner, startTime: null });
  });

  it('is one line', () => {
    expect(serialiseOwner(owner)).toMatch(/^[^\n]+\n$/);
  });

  it.each<[string, unknown]>([
    ['nothing', null],
    ['no token', { ...owner, token: undefined }],
    ['an empty token', { ...owner, token: '' }],
    ['a token that is no text', { ...owner, token: 5 }],
    ['a token that is too long', { ...owner, token: 'x'.repeat(65) }],
    ['a token that leads to another folder', { ...owner, token: '../x' }],
    ['a token with a dot at its end', { ...owner, token: 'x.' }],
    ['no pid', { ...owner, pid: undefined }],
    ['a pid that is no number', { ...owner, pid: '7' }],
    ['no place', { ...owner, place: undefined }],
    ['a place without a host', { ...owner, place: { bootId: 'boot' } }],
    ['no time', { ...owner, at: undefined }],
  ])('is torn where there is %s', (_what, said) => {
    expect(parseOwner(JSON.stringify(said))).toBeUndefined();
  });
});

describe('a lock file', () => {
  it('is read with the time of its last sign of life', async () => {
    await writeFile(path, serialiseOwner(owner));
    await utimes(path, 1000, 2000);
    expect(await readLockFile(path)).toEqual({ token: owner.token, owner, modifiedMs: 2_000_000 });
    expect(readTokenSync(path)).toBe(owner.token);
  });

  it('is known again while it is torn, and for another once it was touched', async () => {
    await writeFile(path, '{');
    await utimes(path, 1000, 2000);
    const { ino } = await stat(path);
    expect(await readLockFile(path)).toEqual({ token: `torn-${ino}-2000000`, owner: undefined, modifiedMs: 2_000_000 });
    expect(readTokenSync(path)).toBeUndefined();
    await utimes(path, 1000, 2001);
    expect((await readLockFile(path))?.token).toBe(`torn-${ino}-2001000`);
  });

  it('is read under each of two names, as it has them while it is published', async () => {
    await writeFile(path, serialiseOwner(owner));
    await link(path, `${path}.draft`);
    expect((await readLockFile(path))?.token).toBe(owner.token);
    expect(readTokenSync(`${path}.draft`)).toBe(owner.token);
  });

  it('is none where there is none', async () => {
    expect(await readLockFile(path)).toBeUndefined();
    expect(readTokenSync(path)).toBeUndefined();
  });

  it('is never read through a link, and no folder', async () => {
    await writeFile(join(folder, 'other'), serialiseOwner(owner));
    await symlink('other', path);
    await mkdir(join(folder, 'sub'));
    for (const odd of [path, join(folder, 'sub')]) {
      await expect(readLockFile(odd)).rejects.toMatchObject({ code: 'FILE_SYSTEM' });
      expect(readTokenSync(odd)).toBeUndefined();
    }
  });

  it.skipIf(!tellsOpenFiles)('is let go of once it was read', async () => {
    await writeFile(path, serialiseOwner(owner));
    await readLockFile(path);
    readTokenSync(path);
    await writeFile(path, '{');
    readTokenSync(path);
    expect(openBelow(folder)).toEqual([]);
    const file = await openLockFile(path);
    expect(openBelow(folder)).toEqual(['.lock']);
    await file.close();
  });
});

describe('a lock file that is given its name', () => {
  const noLinks = () => Promise.reject(Object.assign(new Error('EPERM'), { code: 'EPERM', syscall: 'link' }));

  it.each([
    ['by a hard link', hardLink],
    ['by a copy, where there are no hard links', noLinks],
  ])('gets it %s, unless that is taken', async (_what, makeLink) => {
    const draft = join(folder, 'draft');
    await writeFile(draft, 'mine');
    expect(await publish(draft, path, makeLink)).toBe(true);
    expect(await readFile(path, 'utf8')).toBe('mine');
    await writeFile(draft, 'mine again');
    await writeFile(join(folder, 'taken'), 'taken');
    expect(await publish(draft, join(folder, 'taken'), makeLink)).toBe(false);
    expect(await readFile(join(folder, 'taken'), 'utf8')).toBe('taken');
  });

  it('is told where it can have none', async () => {
    for (const makeLink of [hardLink, noLinks]) {
      await expect(publish(join(folder, 'missing'), path, makeLink)).rejects.toMatchObject({ code: 'ENOENT' });
    }
  });
});
