import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, symlink, unlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ArchiveOptions } from '../../../src/archive/archive.ts';
import { ArchiveFolder } from '../../../src/archive/folder/archive-folder.ts';
import { MANIFEST_NAME } from '../../../src/archive/manifest.ts';
import { parseNameTemplate } from '../../../src/archive/name-template.ts';
import type { ListRow } from '../../../src/list/list-row.ts';
import { openBelow, tellsOpenFiles } from '../../helpers/open-files.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { testSystem } from '../../helpers/test-system.ts';
import { fetchedOf, put, write } from '../contract.ts';

const rowOf = (id: string): ListRow => ({ id, line: 1, raw: id });
const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');
const inFolderX: ArchiveOptions = { naming: { template: parseNameTemplate('x/{id}', undefined) } };

/** Works on a folder as a run does; gives what a person was told. */
async function inRun(folder: string, work: (archive: ArchiveFolder) => Promise<unknown>, options: ArchiveOptions = {}): Promise<string[]> {
  const told: string[] = [];
  const archive = await ArchiveFolder.open(folder, testSystem(), { ...options, onNotice: (message) => void told.push(message) });
  try {
    await work(archive);
  } finally {
    await archive.close();
  }
  return told;
}

/** Tries to save a recording, and lets go of it where that fails. */
async function save(archive: ArchiveFolder, id: string, content = id): Promise<void> {
  const draft = await archive.open(rowOf(id));
  try {
    await write(draft, content);
    await draft.commit(fetchedOf(content));
  } catch (error) {
    await draft.discard();
    throw error;
  }
}

const read = (folder: string, file: string) => readFile(join(folder, file), 'utf8');

describe('what a person is told of a folder', () => {
  it('is nothing where nothing is odd', async () => {
    const folder = join(await tempFolder(), 'calls');
    for (let times = 0; times < 2; times += 1) expect(await inRun(folder, (archive) => put(archive, rowOf('a')))).toEqual([]);
  });

  it('is that a recording had changed, and under which name it is now', async () => {
    const folder = await tempFolder();
    await inRun(folder, (archive) => put(archive, rowOf('a'), 'abc'));
    await writeFile(join(folder, 'a.mp3'), 'edited');
    const aside = `a.mp3.changed-${sha256('edited').slice(0, 8)}`;
    expect(await inRun(folder, (archive) => put(archive, rowOf('a'), 'abc'))).toEqual([
      `${join(folder, 'a.mp3')} had changed since it was saved. It was renamed to ${aside}, and the recording saved anew.`,
    ]);
    expect([await read(folder, 'a.mp3'), await read(folder, aside)]).toEqual(['abc', 'edited']);
  });

  it('is which lines of the manifest are damaged', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, MANIFEST_NAME), 'x\n');
    const told = await inRun(folder, async () => {});
    expect(told).toEqual([expect.stringContaining(`Line 1 of ${join(folder, MANIFEST_NAME)} is damaged`)]);
  });

  it('is once that others can write to it', async () => {
    const folder = await tempFolder();
    await chmod(folder, 0o777);
    const told = await inRun(folder, async (archive) => {
      for (const id of ['a', 'b']) await put(archive, rowOf(id));
    });
    expect(told).toEqual([expect.stringContaining(folder)]);
    await chmod(folder, 0o700);
  });

  it('is that others can write to it as soon as it is there', async () => {
    const folder = join(await tempFolder(), 'calls');
    const told = await inRun(folder, async (archive) => {
      await mkdir(folder);
      await chmod(folder, 0o777);
      await put(archive, rowOf('a'));
    });
    expect(told).toEqual([expect.stringContaining(folder)]);
  });
});

describe('the place of a recording', () => {
  it('is the same where it is saved twice in one run, and what it had before is kept', async () => {
    const folder = await tempFolder();
    await inRun(folder, async (archive) => {
      for (const content of ['old', 'new']) await save(archive, 'a', content);
      expect(await read(folder, 'a.mp3')).toBe('new');
      expect(await read(folder, `a.mp3.changed-${sha256('old').slice(0, 8)}`)).toBe('old');
      await unlink(join(folder, 'a.mp3'));
      await save(archive, 'a', 'newer');
    });
    expect(await read(folder, 'a.mp3')).toBe('newer');
    expect(await readdir(folder)).toHaveLength(3);
  });

  it('is another one where a folder has come to stand there in the same run', async () => {
    const folder = await tempFolder();
    await inRun(folder, async (archive) => {
      await save(archive, 'a');
      await unlink(join(folder, 'a.mp3'));
      await mkdir(join(folder, 'a.mp3'));
      const { file } = await put(archive, rowOf('a'));
      expect(relative(folder, file)).toMatch(/^a~[0-9a-f]{16}\.mp3$/);
    });
  });

  it.each<[string, (at: string) => unknown, string]>([
    ['a file stands in the place of its folder', (at) => writeFile(at, ''), 'a file stands where a folder belongs'],
    ['a link to nowhere stands in the place of its folder', (at) => symlink('nowhere', at), 'it does not exist, or has vanished'],
  ])('is told where it cannot be had, as %s', async (_what, stand, why) => {
    const folder = await tempFolder();
    await stand(join(folder, 'x'));
    const message = `Cannot save ${join(folder, 'x', 'a.mp3')}: ${why}.`;
    await inRun(folder, (archive) => expect(save(archive, 'a')).rejects.toMatchObject({ code: 'FILE_SYSTEM', message }), inFolderX);
    expect((await readdir(folder)).filter((name) => name !== MANIFEST_NAME)).toEqual(['x']);
  });

  it.each(['', 'x/'])('is told where what stands there can get no other name, and no folder stays open: in ./%s', async (below) => {
    const folder = await tempFolder();
    const file = `${below}${'a'.repeat(245)}.mp3`;
    await mkdir(join(folder, 'x'));
    await writeFile(join(folder, file), 'edited');
    const line = { id: 'a', status: 'saved', file, bytes: 3, sha256: sha256('abc') };
    await writeFile(join(folder, MANIFEST_NAME), `${JSON.stringify(line)}\n`);
    await inRun(folder, async (archive) => {
      await expect(save(archive, 'a', 'abc')).rejects.toMatchObject({
        code: 'FILE_SYSTEM',
        message: `Cannot move ${join(folder, file)} aside: the path is too long.`,
      });
      if (tellsOpenFiles) expect(openBelow(folder)).toEqual([MANIFEST_NAME]);
    });
    expect(await read(folder, file)).toBe('edited');
  });
});
