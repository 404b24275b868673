import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { chmod, link, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLogFile } from '../../src/disk/open-log.ts';
import { looseRights, writableByOthers } from '../../src/disk/rights.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

function add(file: string, text: string): void {
  const descriptor = openLogFile(file);
  writeSync(descriptor, text);
  closeSync(descriptor);
}

describe('openLogFile', () => {
  it('makes a file that only its owner can read, and adds to it', async () => {
    const file = join(await tempFolder(), 'run.log');
    add(file, 'a');
    add(file, 'b');
    expect(readFileSync(file, 'utf8')).toBe('ab');
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it.each<[string, (file: string, elsewhere: string) => unknown]>([
    ['a link', (file, elsewhere) => symlink(elsewhere, file)],
    ['a link to nowhere', (file, elsewhere) => symlink(`${elsewhere}-not`, file)],
    ['a hard link', (file, elsewhere) => link(elsewhere, file)],
  ])('does not write through %s', async (_what, put) => {
    const folder = await tempFolder();
    const elsewhere = join(folder, 'elsewhere');
    await writeFile(elsewhere, 'mine');
    const file = join(folder, 'run.log');
    await put(file, elsewhere);
    expect(() => add(file, 'x')).toThrow(expect.objectContaining({ code: 'FILE_SYSTEM' }));
    expect(readFileSync(elsewhere, 'utf8')).toBe('mine');
    expect(existsSync(`${elsewhere}-not`)).toBe(false);
  });

  it.skipIf(process.platform === 'win32')('takes a device, and the names that the system gives to streams', async () => {
    add('/dev/null', 'x');
    const file = join(await tempFolder(), 'target');
    const descriptor = openSync(file, 'a');
    add(`/dev/fd/${descriptor}`, 'x');
    closeSync(descriptor);
    expect(readFileSync(file, 'utf8')).toBe('x');
  });

  it.skipIf(process.platform === 'win32')('does not wait for a pipe that nobody reads', async () => {
    const file = join(await tempFolder(), 'pipe');
    execFileSync('mkfifo', [file]);
    expect(() => add(file, 'x')).toThrow(expect.objectContaining({ code: 'ENXIO' }));
  });
});

describe.skipIf(process.platform === 'win32')('rights', () => {
  it.each([
    [0o600, undefined],
    [0o400, undefined],
    [0o700, undefined],
    [0o640, /read by other users.*mode 0640/],
    [0o644, /read by other users/],
    [0o602, /read or changed by other users/],
  ])('of mode %o are told where others have any', async (mode, told) => {
    const file = join(await tempFolder(), "it's a log");
    await writeFile(file, '');
    await chmod(file, mode);
    const said = looseRights(statSync(file), 'The log', file, { platform: 'linux' });
    if (told === undefined) expect(said).toBeUndefined();
    else expect(said).toMatch(told);
    if (told !== undefined) expect(said).toContain(`chmod 600 '${file.replace("'", "'\\''")}'`);
    expect(looseRights(statSync(file), 'The log', file, { platform: 'win32' })).toBeUndefined();
  });

  it.each([
    [0o755, undefined],
    [0o700, undefined],
    [0o777, /^Every user of this machine can write.*chmod o-w/],
    [0o1777, /^Every user/],
  ])('of a folder of mode %o are told where others can write to it', async (mode, told) => {
    const folder = await tempFolder();
    await chmod(folder, mode);
    const said = writableByOthers(folder, { platform: 'linux' });
    if (told === undefined) expect(said).toBeUndefined();
    else expect(said).toMatch(told);
    expect(writableByOthers(folder, { platform: 'win32' })).toBeUndefined();
    expect(writableByOthers(join(folder, 'not-there'), { platform: 'linux' })).toBeUndefined();
  });
});
