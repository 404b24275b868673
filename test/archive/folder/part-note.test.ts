import fs, { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { clearReplacement, type PartNote, readPartNote, writePartNote } from '../../../src/archive/folder/part-note.ts';
import { openBelow, tellsOpenFiles } from '../../helpers/open-files.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const note: PartNote = { id: 'a', etag: '"abc"', totalBytes: 10, bytes: 5 };

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await tempFolder();
  file = join(folder, 'a.part.json');
});

/** What is read of a note that says this. */
async function readAs(said: object, padding = ''): Promise<PartNote | 'unreadable' | undefined> {
  await writeFile(file, JSON.stringify(said) + padding);
  return readPartNote(file);
}

describe('the note of a part', () => {
  it('is read as it was written, and written anew in its place', async () => {
    await writePartNote(file, note, false);
    expect(await readPartNote(file)).toEqual(note);
    await writePartNote(file, { ...note, bytes: 7 }, true);
    expect(await readPartNote(file)).toEqual({ ...note, bytes: 7 });
    expect(await readdir(folder)).toEqual(['a.part.json']);
  });

  it('takes the place of whatever stands there, and goes through no link', async () => {
    for (const isThere of [false, true]) {
      await writeFile(join(folder, 'mine'), 'mine');
      await symlink('mine', isThere ? `${file}.new` : file);
      await writePartNote(file, note, isThere);
      expect(await readPartNote(file)).toEqual(note);
      expect(await readFile(join(folder, 'mine'), 'utf8')).toBe('mine');
    }
    expect((await readdir(folder)).sort()).toEqual(['a.part.json', 'mine']);
  });

  it('leaves what a run that was killed has not brought to its place to be cleared away', async () => {
    await writePartNote(file, note, false);
    await clearReplacement(file);
    await writeFile(`${file}.new`, '{');
    await clearReplacement(file);
    expect(await readdir(folder)).toEqual(['a.part.json']);
  });

  it('is none where there is none', async () => {
    expect(await readPartNote(file)).toBeUndefined();
  });

  it.each<[string, object]>([
    ['of a part that is all there', { ...note, bytes: 10 }],
    ['of a part without a byte', { ...note, bytes: 0 }],
    ['of an object of no bytes', { ...note, totalBytes: 0, bytes: 0 }],
    ['of an object of unknown length', { ...note, totalBytes: null, bytes: 2 ** 40 }],
    ['with an ETag of all that a header can bear', { ...note, etag: '"!~ \u00e9\u00ff"' }],
    ['of an id that is empty', { ...note, id: '' }],
  ])('is read %s', async (_what, said) => {
    expect(await readAs(said)).toEqual(said);
  });

  it.each<[string, object]>([
    ['without an id', { ...note, id: undefined }],
    ['with an id that is no text', { ...note, id: 5 }],
    ['without an ETag', { ...note, etag: undefined }],
    ['with an ETag that is no text', { ...note, etag: ['"abc"'] }],
    ['with a weak ETag', { ...note, etag: 'W/"abc"' }],
    ['with an ETag that no header can bear', { ...note, etag: '"a\u0100"' }],
    ['without a length', { ...note, totalBytes: undefined }],
    ['with a length below nothing', { ...note, totalBytes: -1, bytes: -1 }],
    ['without the number of its bytes', { ...note, bytes: undefined }],
    ['with more bytes than the object', { ...note, bytes: 11 }],
    ['with half a byte', { ...note, bytes: 0.5 }],
    ['that is nothing', [null]],
  ])('is unreadable %s', async (_what, said) => {
    expect(await readAs(said)).toBe('unreadable');
  });

  it('is unreadable where it is torn, or longer than any of ours', async () => {
    const room = 16 * 1024 - JSON.stringify(note).length;
    expect(await readAs(note, ' '.repeat(room))).toEqual(note);
    expect(await readAs(note, ' '.repeat(room + 1))).toBe('unreadable');
    await writeFile(file, JSON.stringify(note).slice(0, -1));
    expect(await readPartNote(file)).toBe('unreadable');
    await writeFile(file, 'null');
    expect(await readPartNote(file)).toBe('unreadable');
  });

  it('is unreadable where a link or a folder stands there', async () => {
    await writeFile(join(folder, 'other'), JSON.stringify(note));
    await symlink('other', file);
    expect(await readPartNote(file)).toBe('unreadable');
    await mkdir(join(folder, 'sub'));
    expect(await readPartNote(join(folder, 'sub'))).toBe('unreadable');
  });

  it.each([
    ['EACCES', 'unreadable'],
    ['EPERM', 'unreadable'],
    ['ENOENT', undefined],
  ])('is unreadable where it may not be read, and none where it has vanished (%s)', async (code, expected) => {
    await writePartNote(file, note, false);
    vi.spyOn(fs, 'open').mockRejectedValueOnce(Object.assign(new Error(code), { code, syscall: 'open' }));
    syncBuiltinESMExports();
    onTestFinished(() => {
      vi.restoreAllMocks();
      syncBuiltinESMExports();
    });
    expect(await readPartNote(file)).toBe(expected);
  });

  it('is an error of the system where its place cannot be looked at', async () => {
    await expect(readPartNote(join(folder, 'x'.repeat(300)))).rejects.toMatchObject({ code: 'ENAMETOOLONG' });
  });

  it.skipIf(!tellsOpenFiles)('leaves no file open', async () => {
    for (const padding of ['', ' '.repeat(20_000)]) await readAs(note, padding);
    expect(openBelow(folder)).toEqual([]);
  });
});
