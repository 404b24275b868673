import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, open, readdir, readFile, rmdir, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { foldName } from '../../../src/archive/file-name.ts';
import { ArchiveFolder } from '../../../src/archive/folder/archive-folder.ts';
import { fileInFolder } from '../../../src/archive/folder/file-in-folder.ts';
import { MANIFEST_NAME, type ManifestLine } from '../../../src/archive/manifest.ts';
import { parseNameTemplate } from '../../../src/archive/name-template.ts';
import { sha256OfFile } from '../../../src/disk/hash-file.ts';
import { makeFolder } from '../../../src/disk/make-folder.ts';
import { RecordingError } from '../../../src/errors.ts';
import type { ListRow } from '../../../src/list/list-row.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { testSystem } from '../../helpers/test-system.ts';
import { put as archivePut, fetchedOf, write } from '../contract.ts';

const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');
const clock = testSystem();

/** A row of a list that holds ids alone. */
const rowOf = (id: string): ListRow => ({ id, line: 1, raw: id });

/** Opens a folder as a run does, and closes it when the work is done. */
async function inFolder<Result>(folder: string, work: (archive: ArchiveFolder) => Promise<Result>): Promise<Result> {
  const archive = await ArchiveFolder.open(folder, clock);
  try {
    return await work(archive);
  } finally {
    await archive.close();
  }
}

/** Saves a recording. Returns its path relative to the folder. */
async function put(archive: ArchiveFolder, folder: string, id: string, content = id, extension = 'mp3') {
  const draft = await archive.open(rowOf(id));
  try {
    await write(draft, content);
    return relative(folder, (await draft.commit(fetchedOf(content, { extension }))).file);
  } catch (error) {
    await draft.discard();
    throw error;
  }
}

/** Saves a recording in a run of its own. */
const save = (folder: string, id: string, content = id, extension = 'mp3'): Promise<string> =>
  inFolder(folder, (archive) => put(archive, folder, id, content, extension));

const know = (folder: string, id: string, checksum = false) => inFolder(folder, async (archive) => archive.know(id, { checksum }));
const read = (folder: string, file: string) => readFile(join(folder, file), 'utf8');
const gone = new RecordingError('RECORDING_EXPIRED', 'The recording is past its 6 months.', { hint: 'It cannot be had any more.' });
const network = new RecordingError('NETWORK', 'No connection.', { hint: 'Try again.' });

/** Writes a manifest as another hand may have left it. */
async function writeManifest(folder: string, ...lines: Partial<ManifestLine>[]) {
  const whole = { status: 'saved', bytes: 1, sha256: sha256('a'), contentType: null, etag: null, attempts: 1, at: '', error: null };
  await writeFile(join(folder, MANIFEST_NAME), lines.map((line) => `${JSON.stringify({ ...whole, ...line })}\n`).join(''));
}

describe('what a folder knows', () => {
  it('nothing where it is not there', async () => {
    expect(await know(join(await tempFolder(), 'not-there'), 'a')).toEqual({ status: 'wanted' });
  });

  it('no recording as whole that a later run called failed or gone, and that is not', async () => {
    for (const error of [network, gone]) {
      const folder = await tempFolder();
      const file = await save(folder, 'a', 'abc');
      await inFolder(folder, (archive) => archive.refuse(rowOf('a'), error, 1));
      const otherwise = error === gone ? 'gone' : 'failed';
      await writeFile(join(folder, file), 'xyz');
      expect((await know(folder, 'a')).status).toBe(otherwise);
      await unlink(join(folder, file));
      expect((await know(folder, 'a')).status).toBe(otherwise);
    }
  });

  it('what the manifest says, where a signal cuts the hashing short', async () => {
    const folder = await tempFolder();
    const file = await save(folder, 'a');
    // Larger than a machine hashes in the time that this takes.
    await truncate(join(folder, file), 2 ** 36);
    await writeManifest(folder, { id: 'a', file, bytes: 2 ** 36 });
    const stop = new AbortController();
    setImmediate(() => stop.abort());
    const known = await inFolder(folder, async (archive) => archive.know('a', { checksum: true, signal: stop.signal }));
    expect(known).toMatchObject({ status: 'saved', recording: { bytes: 2 ** 36 } });
  });

  it.each<[string, (file: string) => Promise<void>]>([
    ['missing', unlink],
    ['shorter', (file) => writeFile(file, '')],
    ['longer', (file) => writeFile(file, 'abcd')],
    [
      'a folder by now',
      async (file) => {
        await unlink(file);
        await mkdir(file);
      },
    ],
  ])('a saved recording whose file is %s as wanted', async (_what, spoil) => {
    const folder = await tempFolder();
    await spoil(join(folder, await save(folder, 'abc')));
    expect(await know(folder, 'abc')).toEqual({ status: 'wanted' });
  });

  it('a changed file by its hash alone', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, await save(folder, 'abc')), 'xyz');
    expect(await know(folder, 'abc')).toMatchObject({ status: 'saved' });
    expect(await know(folder, 'abc', true)).toEqual({ status: 'wanted' });
  });

  it.skipIf(process.getuid?.() === 0)('a file that cannot be read as wanted, where it is to be hashed', async () => {
    const folder = await tempFolder();
    await chmod(join(folder, await save(folder, 'abc')), 0);
    expect(await know(folder, 'abc', true)).toEqual({ status: 'wanted' });
  });

  it.each(['../outside.mp3', '..', 'x/../../outside.mp3', '/etc/hostname', '', '.', 'a\0b'])(
    'no file that the manifest places at %j',
    async (file) => {
      const root = await tempFolder();
      const folder = join(root, 'folder');
      await mkdir(folder);
      await writeFile(join(root, 'outside.mp3'), 'a');
      await writeManifest(folder, { id: 'a', file });
      expect(await know(folder, 'a')).toEqual({ status: 'wanted' });
      expect(await know(folder, 'a', true)).toEqual({ status: 'wanted' });
    },
  );

  it('what another hand has left out as absent', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'a.mp3'), 'a');
    await writeManifest(folder, { id: 'a', file: 'a.mp3', contentType: undefined, etag: undefined, attempts: undefined } as never);
    expect(await know(folder, 'a')).toMatchObject({ recording: { contentType: null, etag: null, attempts: 1 } });
  });
});

describe('what a folder records', () => {
  it('a line with the file relative to the folder, and the time', async () => {
    const folder = await tempFolder();
    await save(folder, 'a');
    expect(JSON.parse(await read(folder, MANIFEST_NAME))).toEqual({
      id: 'a',
      status: 'saved',
      file: 'a.mp3',
      bytes: 1,
      sha256: sha256('a'),
      contentType: 'audio/mpeg',
      etag: '"e"',
      attempts: 2,
      at: '2026-01-02T03:04:05.000Z',
      error: null,
    });
  });

  it.each([
    ['gone', gone],
    ['failed', network],
  ])('why a recording is %s', async (status, error) => {
    const folder = await tempFolder();
    await inFolder(folder, (archive) => archive.refuse(rowOf('a'), error, 3));
    expect(JSON.parse(await read(folder, MANIFEST_NAME))).toEqual({
      id: 'a',
      status,
      file: null,
      bytes: null,
      sha256: null,
      contentType: null,
      etag: null,
      attempts: 3,
      at: '2026-01-02T03:04:05.000Z',
      error: error.toJSON(),
      ...(status === 'failed' && { raw: 'a' }),
    });
  });

  it('forward slashes between folders, and who was asked', async () => {
    const folder = await tempFolder();
    const naming = { template: parseNameTemplate('2026/{id}', undefined) };
    const archive = await ArchiveFolder.open(folder, clock, { naming, account: 'HX1@api.kaleyra.io/v1' });
    const { file } = await archivePut(archive, rowOf('a'));
    await archive.close();
    expect(file).toBe(join(folder, '2026', 'a.mp3'));
    expect(JSON.parse(await read(folder, MANIFEST_NAME))).toMatchObject({ file: '2026/a.mp3', account: 'HX1@api.kaleyra.io/v1' });
  });
});

describe('a recording that is named, and whose line cannot be written', () => {
  it('is only recorded when it is committed again', async () => {
    const folder = await tempFolder();
    await inFolder(folder, async (archive) => {
      const draft = await archive.open(rowOf('a'));
      await write(draft, 'abc');
      await mkdir(join(folder, MANIFEST_NAME));
      await expect(draft.commit(fetchedOf('abc'))).rejects.toMatchObject({ code: 'FILE_SYSTEM' });
      expect(await read(folder, 'a.mp3')).toBe('abc');
      await rmdir(join(folder, MANIFEST_NAME));
      expect(await draft.commit(fetchedOf('abc'))).toMatchObject({ id: 'a', file: join(folder, 'a.mp3') });
    });
    expect(await know(folder, 'a', true)).toMatchObject({ status: 'saved' });
    expect((await readdir(folder)).sort()).toEqual(['a.mp3', MANIFEST_NAME]);
  });

  it('keeps its name, and no part or note, where it is let go of in place of that', async () => {
    for (const how of ['keep', 'discard'] as const) {
      const folder = await tempFolder();
      await inFolder(folder, async (archive) => {
        const draft = await archive.open(rowOf('a'));
        await draft.restart({ etag: '"e"', totalBytes: 3 });
        await draft.write(Buffer.from('abc'));
        await mkdir(join(folder, MANIFEST_NAME));
        await expect(draft.commit(fetchedOf('abc'))).rejects.toMatchObject({ code: 'FILE_SYSTEM' });
        await draft[how]();
        await rmdir(join(folder, MANIFEST_NAME));
      });
      expect(await readdir(folder)).toEqual(['a.mp3']);
      // The next run takes it for its own by its bytes.
      expect(await save(folder, 'a', 'abc')).toBe('a.mp3');
    }
  });
});

describe('where a recording goes', () => {
  it('under its id, and nothing else stays behind', async () => {
    const folder = await tempFolder();
    expect(await save(folder, 'a/b')).toBe('a%2Fb.mp3');
    expect((await readdir(folder)).sort()).toEqual(['a%2Fb.mp3', MANIFEST_NAME].sort());
  });

  it('into a folder that is made by the first one', async () => {
    const folder = join(await tempFolder(), 'deep', 'down');
    expect(await save(folder, 'a')).toBe('a.mp3');
  });

  it('under a name with a hash where another id of this run has the name on a disk that ignores letter case', async () => {
    const folder = await tempFolder();
    await inFolder(folder, async (archive) => {
      const names = await Promise.all(['abc', 'ABC', 'Abc'].map((id) => put(archive, folder, id)));
      expect(names.filter((name) => /^[abc]{3}\.mp3$/i.test(name))).toHaveLength(1);
      expect(new Set(names.map(foldName)).size).toBe(3);
      expect(await Promise.all(names.map((name) => read(folder, name)))).toEqual(['abc', 'ABC', 'Abc']);
    });
  });

  it('under a name with a hash where another id of an earlier run has it', async () => {
    const folder = await tempFolder();
    await save(folder, 'abc');
    const second = await save(folder, 'ABC');
    expect(second).toMatch(/^ABC~[0-9a-f]{16}\.mp3$/);
    expect(await read(folder, 'abc.mp3')).toBe('abc');
    // The next runs find both where they are.
    expect(await save(folder, 'ABC', 'new')).toBe(second);
    expect(await save(folder, 'abc', 'newer')).toBe('abc.mp3');
    expect([await read(folder, second), await read(folder, 'abc.mp3')]).toEqual(['new', 'newer']);
  });

  it('over its own file of an earlier run', async () => {
    const folder = await tempFolder();
    await save(folder, 'a', 'old');
    expect(await save(folder, 'a', 'new')).toBe('a.mp3');
    expect(await read(folder, 'a.mp3')).toBe('new');
  });

  it('beside its own file of an earlier run where it is of another kind by now', async () => {
    const folder = await tempFolder();
    await save(folder, 'a', 'old');
    expect(await save(folder, 'a', 'new', 'wav')).toBe('a.wav');
    expect(await read(folder, 'a.mp3')).toBe('old');
  });

  it('where its own file was, also in a folder below', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, '2026'));
    await writeManifest(folder, { id: 'a', file: '2026/call.mp3' });
    expect(await save(folder, 'a')).toBe(join('2026', 'call.mp3'));
  });

  it('beside a file that nobody recorded, which stays as it is', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'a.mp3'), 'mine');
    const file = await save(folder, 'a', 'bytes');
    expect(file).toMatch(/^a~[0-9a-f]{16}\.mp3$/);
    expect([await read(folder, 'a.mp3'), await read(folder, file)]).toEqual(['mine', 'bytes']);
    // In the next run as well, though its own file is gone by then.
    await unlink(join(folder, file));
    expect(await save(folder, 'a', 'bytes')).toBe(file);
    expect(await read(folder, 'a.mp3')).toBe('mine');
  });

  it('beside a file that nobody recorded, also where that comes while the disk is flushed', async () => {
    const folder = await tempFolder();
    const probe = await open(join(folder, 'probe'), 'w');
    const prototype: typeof probe = Object.getPrototypeOf(probe);
    await probe.close();
    const { datasync } = prototype;
    const flushing = vi.spyOn(prototype, 'datasync').mockImplementation(async function (this: typeof probe) {
      await writeFile(join(folder, 'a.mp3'), 'mine');
      return datasync.call(this);
    });
    onTestFinished(() => flushing.mockRestore());
    const file = await save(folder, 'a', 'bytes');
    expect([await read(folder, 'a.mp3'), await read(folder, file)]).toEqual(['mine', 'bytes']);
  });

  it('beside files that nobody recorded under every name it would take', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'a.mp3'), 'mine');
    const hashed = await save(folder, 'a', 'bytes');
    await unlink(join(folder, MANIFEST_NAME));
    await writeFile(join(folder, hashed), 'mine too');
    const third = await save(folder, 'a', 'bytes');
    expect(third).toMatch(/^a~[0-9a-f]{16}\.mp3$/);
    expect([await read(folder, 'a.mp3'), await read(folder, hashed), await read(folder, third)]).toEqual(['mine', 'mine too', 'bytes']);
  });

  it('over a file with the very same bytes, though nobody recorded it: a run was killed before its line', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'a.mp3'), 'bytes');
    expect(await save(folder, 'a', 'bytes')).toBe('a.mp3');
    expect((await readdir(folder)).sort()).toEqual(['a.mp3', MANIFEST_NAME].sort());
  });

  it('to one of two ids alone, where both find a file with their bytes', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'abc.mp3'), 'same');
    await inFolder(folder, async (archive) => {
      const names = await Promise.all(['abc', 'ABC'].map((id) => put(archive, folder, id, 'same')));
      expect(new Set(names.map(foldName)).size).toBe(2);
    });
  });

  it('beside a symbolic link, and never through it', async () => {
    const root = await tempFolder();
    const folder = join(root, 'folder');
    await mkdir(folder);
    await writeFile(join(root, 'outside'), 'precious');
    await symlink(join(root, 'outside'), join(folder, 'a.mp3'));
    expect(await save(folder, 'a', 'precious')).toMatch(/^a~/);
    expect((await lstat(join(folder, 'a.mp3'))).isSymbolicLink()).toBe(true);
    expect(await readFile(join(root, 'outside'), 'utf8')).toBe('precious');
  });

  it('under another name where a folder has its own, which is left alone', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, 'a.mp3'));
    expect(await save(folder, 'a')).toMatch(/^a~[\da-f]{16}\.mp3$/);
    expect(await readdir(join(folder, 'a.mp3'))).toEqual([]);
  });

  it('under another name where a folder stands in place of its own file', async () => {
    const folder = await tempFolder();
    const file = await save(folder, 'a');
    await unlink(join(folder, file));
    await mkdir(join(folder, file));
    expect(await save(folder, 'a')).toMatch(/^a~[\da-f]{16}\.mp3$/);
  });

  it('never out of the folder, wherever the manifest says that it was', async () => {
    const root = await tempFolder();
    const folder = join(root, 'folder');
    await mkdir(folder);
    await writeFile(join(root, 'outside.mp3'), 'precious');
    await writeManifest(folder, { id: 'a', file: '../outside.mp3' });
    expect(await save(folder, 'a')).toBe('a.mp3');
    expect(await readFile(join(root, 'outside.mp3'), 'utf8')).toBe('precious');
  });

  it("never over another id's file, though the manifest names it for both", async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'shared.mp3'), 'of b');
    await writeManifest(folder, { id: 'a', file: 'shared.mp3' }, { id: 'b', file: 'shared.mp3' });
    expect(await save(folder, 'a')).toBe('a.mp3');
    expect(await read(folder, 'shared.mp3')).toBe('of b');
  });

  it('to names that meet on no disk, whatever the ids', async () => {
    const id = fc.string({
      unit: fc.constantFrom('a', 'A', 'é', 'e\u0301', 'ß', 'ss', 'ſ', '~', '/', '%', '.', 'İ', 'i'),
      minLength: 1,
      maxLength: 3,
    });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(id, { maxLength: 6 }), async (ids) => {
        const folder = await tempFolder();
        await inFolder(folder, async (archive) => {
          const names = await Promise.all(ids.map((each) => put(archive, folder, each)));
          expect(new Set(names.map(foldName)).size).toBe(ids.length);
          expect(await Promise.all(names.map((name) => read(folder, name)))).toEqual(ids);
        });
      }),
      { numRuns: 25 },
    );
  });
});

describe('fileInFolder', () => {
  it.each([
    ['a.mp3', 'a.mp3'],
    ['2026/a.mp3', join('2026', 'a.mp3')],
    ['./x/../a.mp3', 'a.mp3'],
    ['..a.mp3', '..a.mp3'],
    ['.../a.mp3', join('...', 'a.mp3')],
  ])('finds %s in the folder', (file, path) => {
    expect(fileInFolder('folder', file)).toBe(join('folder', path));
  });

  it.each([null, '', '..', '../a.mp3', 'a/../../b.mp3', '/a.mp3', 'a\0.mp3'])('refuses %j', (file) => {
    expect(fileInFolder('folder', file)).toBeUndefined();
  });
});

describe('sha256OfFile', () => {
  it('hashes the bytes', async () => {
    const folder = await tempFolder();
    const bytes = 'x'.repeat(1_000_000);
    await writeFile(join(folder, 'f'), bytes);
    expect(await sha256OfFile(join(folder, 'f'))).toBe(sha256(bytes));
  });

  it('tells of a file that is not there', async () => {
    await expect(sha256OfFile(join(await tempFolder(), 'f'))).rejects.toMatchObject({ code: 'FILE_SYSTEM' });
  });
});

describe('makeFolder', () => {
  it('makes a folder with those above it, and is content with one that stands', async () => {
    const folder = join(await tempFolder(), 'a', 'b');
    await makeFolder(folder);
    await makeFolder(folder);
    expect((await lstat(folder)).isDirectory()).toBe(true);
  });

  it.each(['file', join('file', 'below')])('tells of a file that stands in the way of %s', async (below) => {
    const root = await tempFolder();
    await writeFile(join(root, 'file'), '');
    await expect(makeFolder(join(root, below))).rejects.toMatchObject({
      code: 'FILE_SYSTEM',
      message: expect.stringMatching(/file stands there/),
      hint: expect.stringContaining('--dir'),
    });
  });
});
