import { lchown, mkdir, readFile, rename, symlink, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ArchiveFolder } from '../../../src/archive/folder/archive-folder.ts';
import { MANIFEST_NAME, type ManifestLine } from '../../../src/archive/manifest.ts';
import { RecordingError } from '../../../src/errors.ts';
import type { ListRow } from '../../../src/list/list-row.ts';
import { openBelow, tellsOpenFiles } from '../../helpers/open-files.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { testSystem } from '../../helpers/test-system.ts';
import { saved, sha256 } from '../checked-folder.ts';
import { put } from '../contract.ts';

const rowOf = (id: string): ListRow => ({ id, line: 1, raw: id });
const isRoot = process.getuid?.() === 0;

async function inRun<Result>(folder: string, work: (archive: ArchiveFolder) => Promise<Result> | Result): Promise<Result> {
  const archive = await ArchiveFolder.open(folder, testSystem());
  try {
    return await work(archive);
  } finally {
    await archive.close();
  }
}

/** A folder into which a run has saved each of these ids, with its own letters for bytes. */
async function folderOf(...ids: string[]): Promise<string> {
  const folder = await tempFolder();
  await inRun(folder, async (archive) => {
    for (const id of ids) await put(archive, rowOf(id));
  });
  return folder;
}

async function move(folder: string, from: string, to: string): Promise<void> {
  await mkdir(dirname(join(folder, to)), { recursive: true });
  await rename(join(folder, from), join(folder, to));
}

const know = (folder: string, id: string) => inRun(folder, (archive) => archive.know(id, { checksum: false }));

async function lastLine(folder: string): Promise<ManifestLine> {
  const lines = (await readFile(join(folder, MANIFEST_NAME), 'utf8')).trimEnd().split('\n');
  return JSON.parse(lines.at(-1) ?? '');
}

describe('a recording whose file bears another name', () => {
  it('is known by its bytes, and recorded under that name when it is confirmed', async () => {
    const folder = await folderOf('call-a');
    await move(folder, 'call-a.mp3', '2026/11/Ann.mp3');
    await inRun(folder, async (archive) => {
      const known = await archive.know('call-a', { checksum: false });
      expect(known).toMatchObject({
        status: 'saved',
        denied: true,
        recording: { id: 'call-a', file: join(folder, '2026', '11', 'Ann.mp3') },
      });
      await archive.confirm(rowOf('call-a'));
    });
    expect(await lastLine(folder)).toMatchObject({ id: 'call-a', status: 'saved', file: '2026/11/Ann.mp3', sha256: sha256('call-a') });
    const known = await know(folder, 'call-a');
    expect(known).toMatchObject({ status: 'saved', recording: { file: join(folder, '2026', '11', 'Ann.mp3') } });
    expect(known).not.toHaveProperty('denied');
  });

  it('is not known by the file of another recording', async () => {
    const folder = await folderOf('call-a');
    await inRun(folder, (archive) => put(archive, rowOf('call-b'), 'call-a'));
    await unlink(join(folder, 'call-a.mp3'));
    expect(await know(folder, 'call-a')).toEqual({ status: 'wanted' });
  });

  it('is not known where a signal has come', async () => {
    const folder = await folderOf('call-a');
    await move(folder, 'call-a.mp3', 'Ann.mp3');
    const signal = AbortSignal.abort();
    expect(await inRun(folder, (archive) => archive.know('call-a', { checksum: false, signal }))).toEqual({ status: 'wanted' });
  });

  it('is known under a name that is only composed in another way, as it lies there', async () => {
    const folder = await folderOf('Jos\u00e9');
    await move(folder, 'Jos\u00e9.mp3', 'Jose\u0301.mp3');
    const known = await know(folder, 'Jos\u00e9');
    expect(known).toMatchObject({ status: 'saved', recording: { file: join(folder, 'Jose\u0301.mp3') } });
    expect(known).not.toHaveProperty('denied');
  });

  it('is wanted where its name has a folder that is a file by now', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, MANIFEST_NAME), `${JSON.stringify(saved('a', 'Jos\u00e9/a.mp3', 'abc'))}\n`);
    await writeFile(join(folder, 'Jos\u00e9'), '');
    expect(await know(folder, 'a')).toEqual({ status: 'wanted' });
  });
});

describe('a recording in whose place a link stands', () => {
  /** A folder whose recording lies elsewhere, behind a link. */
  async function linked(content = 'call-a') {
    const folder = await folderOf('call-a');
    const file = join(folder, 'call-a.mp3');
    const elsewhere = join(await tempFolder(), 'a.mp3');
    await unlink(file);
    await writeFile(elsewhere, content);
    await symlink(elsewhere, file);
    return { folder, file };
  }

  it('is there where this user made the link, and what it leads to has the size', async () => {
    const { folder, file } = await linked();
    expect(await know(folder, 'call-a')).toMatchObject({ status: 'saved', recording: { file } });
    expect(await know((await linked('short')).folder, 'call-a')).toEqual({ status: 'wanted' });
  });

  it('is wanted where the link leads nowhere', async () => {
    const { folder, file } = await linked();
    await unlink(file);
    await symlink('nowhere', file);
    expect(await know(folder, 'call-a')).toEqual({ status: 'wanted' });
  });

  it.skipIf(!isRoot)('is wanted where another user made the link (to make one takes root)', async () => {
    const { folder, file } = await linked();
    await lchown(file, 12345, 12345);
    expect(await know(folder, 'call-a')).toEqual({ status: 'wanted' });
  });
});

describe('what a folder has recorded of an id', () => {
  it('is the file and the hash that it was last saved with, whatever was said of it since', async () => {
    const folder = await folderOf('call-a');
    const error = new RecordingError('NETWORK', 'No connection.', { hint: 'Try again.' });
    await inRun(folder, (archive) => archive.refuse(rowOf('call-a'), error, 1));
    await inRun(folder, (archive) => {
      expect(archive.saved('call-a')).toEqual({ file: 'call-a.mp3', sha256: sha256('call-a') });
      expect(archive.saved('call-b')).toBeUndefined();
    });
  });

  it('is not changed by confirming what was never saved', async () => {
    const folder = await folderOf('call-a');
    await inRun(folder, (archive) => archive.confirm(rowOf('call-b')));
    expect(await lastLine(folder)).toMatchObject({ id: 'call-a' });
  });

  it.skipIf(!tellsOpenFiles)('is let go of when the archive is closed', async () => {
    const folder = await folderOf('call-a');
    const archive = await ArchiveFolder.open(folder, testSystem());
    await put(archive, rowOf('call-b'));
    await archive.flush();
    expect(openBelow(folder)).toEqual([MANIFEST_NAME, MANIFEST_NAME]);
    await archive.close();
    expect(openBelow(folder)).toEqual([]);
  });
});
