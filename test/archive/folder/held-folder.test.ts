import { chown, lchown, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DigestMap } from '../../../src/archive/digest-map.ts';
import { type HeldFolder, holdFolder } from '../../../src/archive/folder/held-folder.ts';
import { PartFile } from '../../../src/archive/folder/part-file.ts';
import { Places } from '../../../src/archive/folder/places.ts';
import { parseNameTemplate } from '../../../src/archive/name-template.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const isRoot = process.getuid?.() === 0;

/** An archive, and a folder outside of it that holds something of the same name as a recording. */
async function surroundings() {
  const [archive, outside] = await Promise.all([tempFolder(), tempFolder()]);
  await writeFile(join(outside, 'a.mp3'), 'precious');
  /** What another user does who may write to the archive. */
  const swap = async (name = 'month') => {
    await rename(join(archive, name), join(archive, 'away'));
    await symlink(outside, join(archive, name));
  };
  return { archive, outside, swap };
}

function held(archive: string, ...names: string[]): HeldFolder {
  const folder = holdFolder(archive, join(archive, ...names));
  if (folder === undefined) throw new Error('not held');
  return folder;
}

describe.skipIf(process.platform !== 'linux')('a folder that is held', () => {
  it('is made where it is missing, with those above it, which are told', async () => {
    const { archive } = await surroundings();
    const folder = held(archive, 'year', 'month', 'a.mp3');
    expect(folder.made).toEqual([join(archive, 'year'), join(archive, 'year', 'month')]);
    await writeFile(folder.at('a.mp3'), 'call');
    expect(folder.isInPlace()).toBe(true);
    folder.close();
    expect(await readFile(join(archive, 'year', 'month', 'a.mp3'), 'utf8')).toBe('call');
    expect(held(archive, 'year', 'month', 'b.mp3').made).toEqual([]);
  });

  it('is not needed for what lies in the archive itself', async () => {
    const { archive } = await surroundings();
    expect(holdFolder(archive, join(archive, 'a.mp3'))).toBeUndefined();
  });

  it('stays the one that was opened, whatever comes to bear its name', async () => {
    const { archive, outside, swap } = await surroundings();
    const folder = held(archive, 'month', 'a.mp3');
    await swap();
    await writeFile(folder.at('a.mp3'), 'call');
    expect(folder.isInPlace()).toBe(false);
    folder.close();
    expect(await readFile(join(outside, 'a.mp3'), 'utf8')).toBe('precious');
    expect(await readFile(join(archive, 'away', 'a.mp3'), 'utf8')).toBe('call');
  });

  it('may be a link that this user has made', async () => {
    const { archive, outside } = await surroundings();
    await symlink(outside, join(archive, 'month'));
    const folder = held(archive, 'month', 'day', 'b.mp3');
    await writeFile(folder.at('b.mp3'), 'call');
    expect(folder.isInPlace()).toBe(true);
    folder.close();
    expect(await readdir(join(outside, 'day'))).toEqual(['b.mp3']);
  });

  it.skipIf(!isRoot)("is none that another user's link leads to (to make one takes root)", async () => {
    const { archive, outside } = await surroundings();
    await symlink(outside, join(archive, 'month'));
    await lchown(join(archive, 'month'), 12345, 12345);
    expect(() => held(archive, 'month', 'day', 'a.mp3')).toThrow(
      expect.objectContaining({ code: 'FILE_SYSTEM', message: expect.stringContaining('another user has put a symbolic link') }),
    );
    expect(await readdir(outside)).toEqual(['a.mp3']);
    await chown(archive, 12345, 12345);
    held(archive, 'month', 'a.mp3').close();
  });

  it('says of a file in its place that it is one', async () => {
    const { archive } = await surroundings();
    await writeFile(join(archive, 'month'), '');
    expect(() => held(archive, 'month', 'a.mp3')).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
  });

  it('keeps a recording from being saved outside, and from being called saved, where a link is swapped in at the last moment', async () => {
    const { archive, outside, swap } = await surroundings();
    const HEADERS = ['Recording ID'];
    const places = new Places({
      folder: archive,
      naming: { headers: HEADERS, template: parseNameTemplate('month/{id}.{ext}', HEADERS) },
      owners: async () => new DigestMap(),
      savedLine: () => undefined,
      pathOf: () => undefined,
      onMovedAside: () => expect.unreachable(),
      holds: async () => false,
    });
    const draft = await PartFile.open({
      path: join(archive, 'a.part'),
      id: 'a',
      elapsed: () => 0,
      syncFolder: async () => {},
      place: async (proven) => {
        const place = await places.find({ id: 'a', line: 2, raw: 'a', columns: ['a'] }, proven);
        await swap();
        return place;
      },
      record: () => expect.unreachable(),
    });
    await draft.restart(undefined);
    await draft.write(Buffer.from('call'));
    const fetched = { extension: 'mp3', sha256: '0'.repeat(64), bytes: 4, contentType: null, etag: null, attempts: 1, durationMs: 1 };
    await expect(draft.commit(fetched)).rejects.toMatchObject({
      code: 'FILE_SYSTEM',
      message: expect.stringContaining('another folder took the place'),
    });
    expect(await readFile(join(outside, 'a.mp3'), 'utf8')).toBe('precious');
  });
});
