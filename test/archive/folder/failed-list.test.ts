import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAILED_NAME } from '../../../src/archive/failed-rows.ts';
import { writeFailedList } from '../../../src/archive/folder/failed-list.ts';
import { MANIFEST_NAME, type ManifestLine } from '../../../src/archive/manifest.ts';
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

describe('failed.txt of a folder', () => {
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

  it('holds all of many rows', async () => {
    const ids = Array.from({ length: 3000 }, (_, n) => `call-${n}`);
    const folder = await folderOf(...ids.map((id) => ({ id, raw: `${id} ${'é'.repeat(50)}` })));
    await writeFailedList(folder, ids.length);
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
    await expect(writeFailedList(folder, 1)).rejects.toMatchObject({ exitCode: 7 });
    expect((await readdir(folder)).sort()).toEqual([FAILED_NAME, MANIFEST_NAME]);
  });

  it('tells where it cannot be written, and leaves the last one as it was', async () => {
    const folder = await folderOf({ id: 'a', raw: 'a' });
    await leave(folder, 'a\n');
    await mkdir(join(folder, `${FAILED_NAME}.part`));
    await expect(writeFailedList(folder, 1)).rejects.toMatchObject({ code: 'FILE_SYSTEM', message: expect.stringContaining(FAILED_NAME) });
    expect(await list(folder)).toBe('a\n');
  });

  it('is taken from a run that was killed while it wrote', async () => {
    const folder = await folderOf({ id: 'a', raw: 'a' });
    await writeFile(join(folder, `${FAILED_NAME}.part`), 'torn');
    await writeFailedList(folder, 1);
    expect((await readdir(folder)).sort()).toEqual([FAILED_NAME, MANIFEST_NAME]);
  });
});
