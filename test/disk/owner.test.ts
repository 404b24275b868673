import { chown, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isOwnFile } from '../../src/disk/owner.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const uid = process.getuid?.() ?? 0;

/** A file, and whether it counts as this user's own. */
async function isOwn(machine: { platform: NodeJS.Platform; uid: number | undefined }, owner = uid) {
  const folder = await tempFolder();
  const file = join(folder, 'a.part');
  await writeFile(file, '');
  if (owner !== uid) await chown(file, owner, owner);
  const own = await isOwnFile(await stat(file), file, 'probe', machine);
  expect(await readdir(folder)).toEqual(['a.part']);
  return own;
}

describe('isOwnFile', () => {
  it('knows a file of this user', async () => {
    expect(await isOwn({ platform: 'linux', uid })).toBe(true);
  });

  it.skipIf(uid !== 0)('refuses that of another user (to make one takes root)', async () => {
    expect(await isOwn({ platform: 'linux', uid }, 12345)).toBe(false);
  });

  it('takes for its own what the disk gives to somebody else, as it does with all that this user makes', async () => {
    expect(await isOwn({ platform: 'linux', uid: uid + 1 })).toBe(true);
  });

  it('asks nothing on Windows, which tells no owner', async () => {
    expect(await isOwn({ platform: 'win32', uid: undefined })).toBe(true);
  });
});
