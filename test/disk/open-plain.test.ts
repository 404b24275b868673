import { execFileSync } from 'node:child_process';
import { constants, existsSync } from 'node:fs';
import { link, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openPlain, openPlainSync } from '../../src/disk/open-plain.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;

/** Makes a pipe with a name. */
const makePipe = (file: string) => execFileSync('mkfifo', [file]);

describe('openPlain', () => {
  it('opens a file, and makes one where none stands', async () => {
    const file = join(await tempFolder(), 'file');
    for (const text of ['a', 'b']) {
      const handle = await openPlain(file, APPEND);
      await handle.write(text);
      await handle.close();
    }
    expect(await readFile(file, 'utf8')).toBe('ab');
  });

  it('says as the system does that a file is missing', async () => {
    const file = join(await tempFolder(), 'file');
    await expect(openPlain(file, constants.O_RDONLY)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(() => openPlainSync(file, constants.O_RDONLY)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });

  it.each<[string, (file: string, elsewhere: string) => unknown, RegExp]>([
    ['a symbolic link', (file, elsewhere) => symlink(elsewhere, file), /it is a symbolic link/],
    ['a link to nowhere', (file, elsewhere) => symlink(`${elsewhere}-not`, file), /it is a symbolic link/],
    ['a hard link', (file, elsewhere) => link(elsewhere, file), /it has 2 names/],
    ['a folder', (file) => mkdir(file), /a folder stands there/],
    ['a pipe, which nobody writes to', (file) => makePipe(file), /it is not a regular file/],
    ['a link to a device', (file) => symlink('/dev/zero', file), /it is a symbolic link/],
  ])('refuses %s, and makes nothing', async (_what, put, message) => {
    const folder = await tempFolder();
    const elsewhere = join(await tempFolder(), 'elsewhere');
    await writeFile(elsewhere, 'mine');
    const file = join(folder, 'file');
    await put(file, elsewhere);
    const error = expect.objectContaining({ code: 'FILE_SYSTEM', exitCode: 7, message: expect.stringMatching(message) });
    await expect(openPlain(file, APPEND)).rejects.toEqual(error);
    await expect(openPlain(file, constants.O_RDONLY)).rejects.toEqual(error);
    expect(() => openPlainSync(file, constants.O_RDONLY)).toThrow(error);
    expect(await readFile(elsewhere, 'utf8')).toBe('mine');
    expect(existsSync(`${elsewhere}-not`)).toBe(false);
  });

  it('refuses a device', async () => {
    await expect(openPlain('/dev/null', constants.O_WRONLY)).rejects.toMatchObject({
      message: expect.stringContaining('not a regular file'),
    });
  });

  it('lets a file have further names where that does no harm', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'one'), 'text');
    await link(join(folder, 'one'), join(folder, 'other'));
    const handle = await openPlain(join(folder, 'other'), constants.O_RDONLY, { links: 'any' });
    expect(await handle.readFile('utf8')).toBe('text');
    await handle.close();
  });
});
