import fs, { chmod, link, rm, symlink, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { FolderCheck } from '../../../src/archive/folder/folder-check.ts';
import { MANIFEST_NAME } from '../../../src/archive/manifest.ts';
import type { ManifestLine } from '../../../src/archive/manifest-line.ts';
import type { OtherFile } from '../../../src/archive/verify.ts';
import { openBelow, tellsOpenFiles } from '../../helpers/open-files.ts';
import { folderWith, saved, sha256 } from '../checked-folder.ts';

const { signal } = new AbortController();
const stopped = AbortSignal.abort(new Error('enough'));

async function open(folder: string): Promise<FolderCheck> {
  const check = await FolderCheck.open(folder, signal);
  onTestFinished(() => check.close());
  return check;
}

async function others(check: FolderCheck, isRecorded: (file: string) => boolean = () => false, until = signal): Promise<OtherFile[]> {
  const found: OtherFile[] = [];
  for await (const other of check.others(isRecorded, until)) found.push(other);
  return found.sort((one, other) => (one.file < other.file ? -1 : 1));
}

const lineOf = (check: FolderCheck, id: string) => check.manifest.findSaved(id) as ManifestLine;

describe('a folder that is checked', () => {
  it('says beforehand that others can write to it, where they can', async () => {
    const folder = await folderWith({}, []);
    expect((await open(folder)).notice).toBeUndefined();
    await chmod(folder, 0o777);
    expect((await open(folder)).notice).toContain(folder);
  });

  it('calls its manifest by its name, and has several recordings checked at once', async () => {
    const check = await open(await folderWith({}, []));
    expect(check.manifestName).toBe(MANIFEST_NAME);
    expect(check.atOnce).toBeGreaterThan(1);
  });

  it('takes a file for whole that has a second name', async () => {
    const folder = await folderWith({ 'a.mp3': 'abc' }, [saved('a', 'a.mp3', 'abc')]);
    await link(join(folder, 'a.mp3'), join(folder, 'same.mp3'));
    const check = await open(folder);
    expect(await check.check(lineOf(check, 'a'), signal)).toEqual({ status: 'whole', id: 'a', file: 'a.mp3', bytes: 3 });
    expect(await check.hashOf('same.mp3', signal)).toBe(sha256('abc'));
  });

  it.each(['a.mp3', 'missing.mp3'])('is not checked any more once a signal has come: %s', async (file) => {
    const folder = await folderWith({ 'a.mp3': 'abc' }, [saved('a', 'a.mp3', 'abc')]);
    const check = await open(folder);
    await expect(check.check(lineOf(check, 'a'), stopped)).rejects.toThrow('enough');
    await expect(check.hashOf(file, stopped)).rejects.toThrow('enough');
    await expect(others(check, () => false, stopped)).rejects.toThrow('enough');
  });

  // What lies there is a file to look at, and an error of the disk (EIO) to read.
  it.skipIf(process.platform !== 'linux')('calls a file unreadable that the disk does not give, and says why', async () => {
    const folder = await folderWith({}, [saved('a', 'self/mem', '')]);
    await symlink('/proc/self', join(folder, 'self'));
    const check = await open(folder);
    expect(await check.check(lineOf(check, 'a'), signal)).toEqual({
      status: 'unreadable',
      id: 'a',
      file: 'self/mem',
      why: expect.stringContaining('EIO'),
    });
    expect(await check.hashOf('self/mem', signal)).toBeUndefined();
  });

  it.each(['EACCES', 'EPERM'])('calls a file unreadable that may not be read (%s)', async (code) => {
    const folder = await folderWith({ 'a.mp3': 'abc' }, [saved('a', 'a.mp3', 'abc')]);
    const check = await open(folder);
    vi.spyOn(fs, 'open').mockRejectedValueOnce(Object.assign(new Error(code), { code, syscall: 'open' }));
    syncBuiltinESMExports();
    onTestFinished(() => {
      vi.restoreAllMocks();
      syncBuiltinESMExports();
    });
    expect(await check.check(lineOf(check, 'a'), signal)).toMatchObject({ status: 'unreadable', why: 'permission is denied' });
  });

  it('has no hash of what is not there, or no file', async () => {
    const folder = await folderWith({ 'x/a': '' }, []);
    await symlink('x/a', join(folder, 'link'));
    const check = await open(folder);
    for (const file of ['missing', 'x', 'link']) expect(await check.hashOf(file, signal)).toBeUndefined();
    expect(await check.hashOf('x/a', signal)).toBe(sha256(''));
  });

  it('names what lies there and is not recorded, with its size', async () => {
    const folder = await folderWith({ 'a.mp3': 'a', 'x/b.mp3': 'bb', 'x/c.mp3': 'ccc', 'failed.txt': '', 'x/.DS_Store': '' }, []);
    expect(await others(await open(folder), (file) => file === 'x/b.mp3')).toEqual([
      { file: 'a.mp3', bytes: 1 },
      { file: 'x/c.mp3', bytes: 3 },
    ]);
  });

  it('is an error of the file system where it cannot be read any more', async () => {
    const folder = await folderWith({}, []);
    const check = await open(folder);
    await rm(folder, { recursive: true });
    await expect(others(check)).rejects.toMatchObject({
      code: 'FILE_SYSTEM',
      message: expect.stringContaining(`Cannot read the folder ${folder}: `),
    });
    await writeFile(folder, '');
    await expect(others(check)).rejects.toMatchObject({ code: 'FILE_SYSTEM' });
  });

  it.skipIf(!tellsOpenFiles)('is let go of, and each file when it was looked at', async () => {
    const folder = await folderWith({ 'a.mp3': 'abc', 'b.mp3': 'x' }, [saved('a', 'a.mp3', 'abc')]);
    const check = await open(folder);
    await check.check(lineOf(check, 'a'), signal);
    await check.hashOf('b.mp3', signal);
    await others(check);
    expect(openBelow(folder)).toEqual([MANIFEST_NAME]);
    await check.close();
    expect(openBelow(folder)).toEqual([]);
  });
});
