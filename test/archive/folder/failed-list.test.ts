import { existsSync } from 'node:fs';
import fs, { type FileHandle, mkdir, open, readdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { FAILED_NAME } from '../../../src/archive/failed-rows.ts';
import { writeFailedList } from '../../../src/archive/folder/failed-list.ts';
import { MANIFEST_NAME, type ManifestLine } from '../../../src/archive/manifest.ts';
import { eventually } from '../../helpers/eventually.ts';
import { openBelow, tellsOpenFiles } from '../../helpers/open-files.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { idsOf } from '../../list/read-list.ts';

/** A folder whose manifest has these lines of rows that failed. */
async function folderOf(...lines: Partial<ManifestLine>[]): Promise<string> {
  const folder = await tempFolder();
  const failed = { status: 'failed', file: null, attempts: 1, at: '2026-01-02T03:04:05.000Z', error: null };
  await writeFile(join(folder, MANIFEST_NAME), lines.map((line) => `${JSON.stringify({ ...failed, ...line })}\n`).join(''));
  return folder;
}

const list = (folder: string) => readFile(join(folder, FAILED_NAME), 'utf8');
const leave = (folder: string, text: string) => writeFile(join(folder, FAILED_NAME), text);

/** What all open files do: to be spied on in the running test. */
async function fileHandles(): Promise<FileHandle> {
  const handle = await open(join(await tempFolder(), 'any'), 'w');
  await handle.close();
  onTestFinished(() => void vi.restoreAllMocks());
  return Object.getPrototypeOf(handle);
}

describe('failed.txt of a folder', () => {
  it('is told of by its path, and is not there where no row failed', async () => {
    const folder = await folderOf({ id: 'a', raw: 'a' });
    expect(await writeFailedList(folder, 0)).toBeUndefined();
    expect(await readdir(folder)).toEqual([MANIFEST_NAME]);
    expect(await writeFailedList(folder, 1)).toBe(join(folder, FAILED_NAME));
    expect(await writeFailedList(folder, 0)).toBeUndefined();
    expect(await readdir(folder)).toEqual([MANIFEST_NAME]);
  });

  it('is a list that can be read again, whatever lists its rows came from', async () => {
    const plain = await folderOf({ id: 'a', raw: 'a' }, { id: 'b', raw: ' b ' });
    await writeFailedList(plain, 2);
    expect(await idsOf(await list(plain))).toEqual(['a', 'b']);
    const mixed = await folderOf(
      { id: 'a', raw: 'a' },
      { id: 'b"', raw: 'Ann\tb', header: 'Caller\tRecording-ID', row: { Caller: 'Ann\t;', 'Recording-ID': 'b"' } },
      { id: 'c', raw: 'c', header: 'recording_id', row: { recording_id: 'c' } },
    );
    await writeFailedList(mixed, 3);
    expect(await idsOf(await list(mixed))).toEqual(['a', 'b"', 'c']);
  });

  it('holds each row once, as its last line has it', async () => {
    const folder = await folderOf({ id: 'a', raw: 'a' }, { id: 'b', raw: 'b' }, { id: 'a', raw: ' a' });
    await writeFailedList(folder, 2);
    expect(await list(folder)).toBe('b\n a\n');
  });

  it('holds all of many rows, which are written many at a time', async () => {
    const ids = Array.from({ length: 3000 }, (_, n) => `call-${n}`);
    const folder = await folderOf(...ids.map((id) => ({ id, raw: `${id} ${'é'.repeat(50)}` })));
    const writes = vi.spyOn(await fileHandles(), 'writev');
    await writeFailedList(folder, ids.length);
    expect(writes.mock.calls.length).toBeGreaterThan(1);
    expect(writes.mock.calls.length).toBeLessThan(10);
    expect((await list(folder)).trimEnd().split('\n')).toEqual(ids.map((id) => `${id} ${'é'.repeat(50)}`));
    expect((await readdir(folder)).sort()).toEqual([FAILED_NAME, MANIFEST_NAME]);
  });

  it('takes over the list of an old release, whose manifest kept no rows', async () => {
    const old = await folderOf({ id: 'a' }, { id: 'b' });
    await leave(old, 'a\nb\n');
    await writeFailedList(old, 2);
    expect(await list(old)).toBe('a\nb\n');
    const report = await folderOf({ id: 'a', row: { Caller: 'Ann', 'Recording ID': 'a' } });
    await leave(report, 'Caller;Recording ID\nAnn;a\n');
    await writeFailedList(report, 1);
    expect(await list(report)).toBe('Recording ID,Caller\na,Ann\n');
  });

  it('takes the place of an empty file, of one with Windows line ends, and of one without a last line end', async () => {
    for (const text of ['', 'a\r\nb\r\n', 'a\nb']) {
      const folder = await folderOf({ id: 'a', raw: 'a' }, { id: 'b', raw: 'b' });
      await leave(folder, text);
      await writeFailedList(folder, 2);
      expect(await list(folder)).toBe('a\nb\n');
    }
  });

  it.each<[string, string]>([
    ['of more bytes than are read at once', `x${'é'.repeat(600_000)}`],
    ['with half a Windows line end in it', 'a\rb'],
  ])('takes the place of its own list when there is a row %s', async (_what, raw) => {
    const folder = await folderOf({ id: 'a', raw });
    for (let times = 0; times < 2; times += 1) await writeFailedList(folder, 1);
    expect(await list(folder)).toBe(`${raw}\n`);
  });

  it("takes the place of an empty file for a report's rows as well", async () => {
    const folder = await folderOf({ id: 'a', raw: 'a,Ann', header: 'Ref,Agent', row: { Ref: 'a', Agent: 'Ann' } });
    await leave(folder, '');
    await writeFailedList(folder, 1);
    expect(await list(folder)).toBe('Ref,Agent\na,Ann\n');
  });

  it.each<[string, (file: string) => unknown]>([
    ['with a line that is none of its rows', (file) => writeFile(file, 'a\nmine\n')],
    ['whose last line, without an end, is none of its rows', (file) => writeFile(file, 'a\nmine')],
    [
      'of which the first line never ends',
      async (file) => {
        await writeFile(file, '');
        // A hole: it reads as 64 GB of zeros.
        await truncate(file, 2 ** 36);
      },
    ],
  ])('never takes the place of a file %s, nor takes it away', async (_what, put) => {
    const folder = await folderOf({ id: 'a', raw: 'a' });
    await put(join(folder, FAILED_NAME));
    const message = `Cannot list the rows that failed: ${join(folder, FAILED_NAME)} was not written by kaleyra-rec.`;
    await expect(writeFailedList(folder, 1)).rejects.toMatchObject({ code: 'FILE_EXISTS', message, hint: expect.stringContaining('away') });
    expect(await writeFailedList(folder, 0)).toBeUndefined();
    expect((await readdir(folder)).sort()).toEqual([FAILED_NAME, MANIFEST_NAME]);
  });

  it('never goes through a link that bears its name, nor takes it away', async () => {
    const folder = await folderOf({ id: 'a', raw: 'a' });
    await writeFile(join(folder, 'mine'), 'a\n');
    await symlink('mine', join(folder, FAILED_NAME));
    await expect(writeFailedList(folder, 1)).rejects.toMatchObject({ code: 'FILE_EXISTS', hint: expect.stringContaining('away') });
    expect(await writeFailedList(folder, 0)).toBeUndefined();
    expect((await readdir(folder)).sort()).toEqual([FAILED_NAME, MANIFEST_NAME, 'mine'].sort());
  });

  it('tells of a folder that has its name, and leaves nothing beside it', async () => {
    const folder = await folderOf({ id: 'a', raw: 'a' });
    await mkdir(join(folder, FAILED_NAME));
    await expect(writeFailedList(folder, 1)).rejects.toMatchObject({
      code: 'FILE_SYSTEM',
      message: `Cannot write ${join(folder, FAILED_NAME)}: a folder stands there.`,
      hint: expect.stringContaining('away'),
    });
    expect((await readdir(folder)).sort()).toEqual([FAILED_NAME, MANIFEST_NAME]);
  });

  it('tells where it cannot be written, and leaves the last one as it was', async () => {
    const folder = await folderOf({ id: 'a', raw: 'a' });
    await leave(folder, 'a\n');
    await mkdir(join(folder, `${FAILED_NAME}.part`));
    await expect(writeFailedList(folder, 1)).rejects.toMatchObject({
      code: 'FILE_SYSTEM',
      message: expect.stringContaining(`Cannot write ${join(folder, FAILED_NAME)}: `),
    });
    expect(await list(folder)).toBe('a\n');
  });

  it('tells where it cannot be seen whose the last one is, and leaves that as it was', async () => {
    const folder = await folderOf({ id: 'a', raw: 'a' });
    await leave(folder, 'mine\n');
    vi.spyOn(fs, 'open').mockRejectedValueOnce(Object.assign(new Error('EACCES'), { code: 'EACCES', syscall: 'open' }));
    syncBuiltinESMExports();
    onTestFinished(() => {
      vi.restoreAllMocks();
      syncBuiltinESMExports();
    });
    await expect(writeFailedList(folder, 1)).rejects.toMatchObject({
      ...{ code: 'FILE_SYSTEM', message: `Cannot write ${join(folder, FAILED_NAME)}: permission is denied.` },
    });
    expect(await list(folder)).toBe('mine\n');
  });

  it('leaves nothing beside the last one where the disk does not take it', async () => {
    const folder = await folderOf({ id: 'a', raw: 'a' }, { id: 'b', raw: 'b' });
    await leave(folder, 'a\n');
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC', syscall: 'fdatasync' });
    vi.spyOn(await fileHandles(), 'datasync').mockRejectedValueOnce(full);
    await expect(writeFailedList(folder, 2)).rejects.toMatchObject({
      code: 'FILE_SYSTEM',
      message: expect.stringContaining('disk is full'),
    });
    expect(await list(folder)).toBe('a\n');
    expect((await readdir(folder)).sort()).toEqual([FAILED_NAME, MANIFEST_NAME]);
  });

  it('has its bytes on the disk before it bears its name, and then the name', async () => {
    const folder = await folderOf({ id: 'a', raw: 'a' });
    const handles = await fileHandles();
    const { datasync, sync } = handles;
    const flushed: string[] = [];
    const stands = () => (existsSync(join(folder, FAILED_NAME)) ? 'with its name' : 'without a name');
    vi.spyOn(handles, 'datasync').mockImplementation(function (this: FileHandle) {
      flushed.push(`bytes ${stands()}`);
      return datasync.call(this);
    });
    vi.spyOn(handles, 'sync').mockImplementation(function (this: FileHandle) {
      flushed.push(`folder ${stands()}`);
      return sync.call(this);
    });
    await writeFailedList(folder, 1);
    expect(flushed).toEqual(['bytes without a name', 'folder with its name']);
  });

  it.skipIf(!tellsOpenFiles)('leaves no file open, however it ends', async () => {
    const folder = await folderOf({ id: 'a', raw: 'a' });
    await writeFailedList(folder, 1);
    expect(openBelow(folder)).toEqual([]);
    await leave(folder, 'mine\n');
    await expect(writeFailedList(folder, 1)).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    await leave(folder, 'a\n');
    await writeFailedList(folder, 0);
    await eventually(() => expect(openBelow(folder)).toEqual([]));
  });

  it('is taken from a run that was killed while it wrote', async () => {
    const folder = await folderOf({ id: 'a', raw: 'a' });
    await writeFile(join(folder, `${FAILED_NAME}.part`), 'torn');
    await writeFailedList(folder, 1);
    expect((await readdir(folder)).sort()).toEqual([FAILED_NAME, MANIFEST_NAME]);
  });
});
