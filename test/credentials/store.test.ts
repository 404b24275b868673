import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openProfileStore } from '../../src/credentials/store.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const work = { sid: 'HX1', apiKey: 'Awork', baseUrl: 'https://api.kaleyra.io/v1' };
const play = { sid: 'HX2', apiKey: 'Aplay', baseUrl: 'https://api.eu.kaleyra.io/v1' };
const posix = process.platform !== 'win32';

async function modeOf(path: string) {
  return (await stat(path)).mode & 0o777;
}

describe('the profile store', () => {
  it('keeps several profiles, each under its name', async () => {
    const configDir = await tempFolder();
    const store = openProfileStore({ configDir });
    store.set('work', work);
    store.set('play', play);

    const reopened = openProfileStore({ configDir });
    expect(reopened.list()).toEqual(['play', 'work']);
    expect(reopened.get('work')).toEqual(work);
    expect(reopened.get('play')).toEqual(play);
    expect(reopened.get('other')).toBeUndefined();
  });

  it('replaces a profile of the same name', async () => {
    const store = openProfileStore({ configDir: await tempFolder() });
    store.set('work', work);
    store.set('work', play);
    expect(store.list()).toEqual(['work']);
    expect(store.get('work')).toEqual(play);
  });

  it('deletes one profile and leaves the others', async () => {
    const store = openProfileStore({ configDir: await tempFolder() });
    store.set('work', work);
    store.set('play', play);
    expect(store.delete('work')).toBe(true);
    expect(store.delete('work')).toBe(false);
    expect(store.list()).toEqual(['play']);
  });

  it('creates neither file nor folder by being read', async () => {
    const parent = await tempFolder();
    const store = openProfileStore({ configDir: join(parent, 'not-there') });
    expect(store.get('default')).toBeUndefined();
    expect(store.list()).toEqual([]);
    expect(store.delete('default')).toBe(false);
    expect(await readdir(parent)).toEqual([]);
  });

  it.runIf(posix)(
    'is closed to others and still written where the file cannot be replaced, as one that is mounted by itself',
    async (context) => {
      const configDir = await tempFolder();
      const store = openProfileStore({ configDir });
      store.set('work', { ...work, sid: 'HX'.padEnd(500, '1') });
      await chmod(store.path, 0o644);
      const { ino } = await stat(store.path);
      try {
        execFileSync('mount', ['--bind', store.path, store.path], { stdio: 'ignore' });
      } catch {
        return context.skip('a file cannot be mounted here');
      }
      onTestFinished(() => void execFileSync('umount', [store.path]));
      store.set('work', work);
      store.set('play', play);
      expect((await stat(store.path)).ino).toBe(ino);
      expect(await modeOf(store.path)).toBe(0o600);
      expect(JSON.parse(await readFile(store.path, 'utf8'))).toEqual({ profiles: { work, play } });
    },
  );

  it.runIf(posix)('says that others can read it', async () => {
    const store = openProfileStore({ configDir: await tempFolder() });
    expect(store.looseRights()).toBeUndefined();
    store.set('work', work);
    expect(store.looseRights()).toBeUndefined();
    await chmod(store.path, 0o640);
    expect(store.looseRights()).toMatch(/can be read by other users.*0640.*chmod 600/);
  });

  it.runIf(posix)('is readable by its owner alone, folder and file', async () => {
    const configDir = join(await tempFolder(), 'deep', 'store');
    const store = openProfileStore({ configDir });
    store.set('work', work);
    expect(await modeOf(configDir)).toBe(0o700);
    expect(await modeOf(store.path)).toBe(0o600);
  });

  it.runIf(posix)('is closed to others by the next write where it stood open', async () => {
    const store = openProfileStore({ configDir: await tempFolder() });
    store.set('work', work);
    await chmod(store.path, 0o644);
    store.set('play', play);
    expect(await modeOf(store.path)).toBe(0o600);
  });

  it.runIf(posix)('is closed to others also where it is written in place, as under snap', async () => {
    vi.stubEnv('SNAP', '/snap/node/1');
    onTestFinished(() => void vi.unstubAllEnvs());
    const store = openProfileStore({ configDir: await tempFolder() });
    await writeFile(store.path, '{}', { mode: 0o644 });
    store.set('work', work);
    expect(await modeOf(store.path)).toBe(0o600);
    expect(store.get('work')).toEqual(work);
  });

  it.runIf(posix)('leaves the rights of a folder that was there', async () => {
    const configDir = join(await tempFolder(), 'shared');
    await mkdir(configDir, { mode: 0o755 });
    openProfileStore({ configDir }).set('work', work);
    expect(await modeOf(configDir)).toBe(0o755);
  });

  it.runIf(posix)('is written through a symbolic link, which stays one', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'real.json'), '{}');
    await symlink(join(folder, 'real.json'), join(folder, 'config.json'));
    openProfileStore({ configDir: folder }).set('work', work);
    expect(JSON.parse(await readFile(join(folder, 'real.json'), 'utf8'))).toEqual({ profiles: { work } });
  });

  it('leaves what it does not know in the file', async () => {
    const configDir = await tempFolder();
    const store = openProfileStore({ configDir });
    await writeFile(store.path, JSON.stringify({ later: 1, profiles: { work: { ...work, colour: 'red' } } }));
    store.set('play', play);
    expect(JSON.parse(await readFile(store.path, 'utf8'))).toEqual({ later: 1, profiles: { work: { ...work, colour: 'red' }, play } });
  });

  it.each(['constructor', 'toString', 'hasOwnProperty'])('has no profile %s until one is stored', async (name) => {
    const store = openProfileStore({ configDir: await tempFolder() });
    store.set('work', work);
    expect(store.get(name)).toBeUndefined();
    expect(store.delete(name)).toBe(false);
    store.set(name, play);
    expect(store.get(name)).toEqual(play);
    expect(store.list()).toHaveLength(2);
  });

  it.each(['', '__proto__', '__internal__', '-x', 'a b', 'a/b', 'a\n', 'x'.repeat(65)])('refuses %j as a name', async (name) => {
    const store = openProfileStore({ configDir: await tempFolder() });
    expect(() => store.set(name, work)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    expect(store.list()).toEqual([]);
  });
});

describe('a damaged profile store', () => {
  it.each([
    ['nothing', ''],
    ['cut short', '{"profiles": {"work": {"sid": "HX1", "apiKey": "Asecretkey'],
    ['a key and no JSON', 'Asecretkey'],
    ['a list', '[1]'],
    ['a string', '"abc"'],
    ['null', 'null'],
    ['profiles that are a list', '{"profiles": []}'],
    ['profiles that are null', '{"profiles": null}'],
    ['a profile that is a string', '{"profiles": {"work": "Asecretkey"}}'],
    ['a profile without its key', '{"profiles": {"work": {"sid": "HX1", "baseUrl": "https://h"}}}'],
    ['a SID that is a number', '{"profiles": {"work": {"sid": 1, "apiKey": "Asecretkey", "baseUrl": "https://h"}}}'],
  ])('(%s) is an error that names the file, and stays as it is', async (_what, content) => {
    const store = openProfileStore({ configDir: await tempFolder() });
    await writeFile(store.path, content);
    const error = expect.objectContaining({
      code: 'USAGE',
      message: expect.stringContaining(store.path),
      hint: expect.stringContaining('auth login'),
    });
    expect(() => store.get('work')).toThrow(error);
    expect(() => store.list()).toThrow(error);
    expect(() => store.set('work', work)).toThrow(error);
    expect(() => store.delete('work')).toThrow(error);
    expect(await readFile(store.path, 'utf8')).toBe(content);
  });

  it('gives nothing of its content away, not even in the cause', async () => {
    const store = openProfileStore({ configDir: await tempFolder() });
    await writeFile(store.path, 'Asecretkey');
    try {
      store.get('work');
      expect.unreachable();
    } catch (error) {
      expect((error as Error).message).not.toContain('Asecret');
      expect((error as Error).cause).toBeUndefined();
    }
  });

  it('that is a folder cannot be read', async () => {
    const configDir = await tempFolder();
    await mkdir(join(configDir, 'config.json'));
    const store = openProfileStore({ configDir });
    expect(() => store.get('work')).toThrow(expect.objectContaining({ code: 'FILE_SYSTEM', message: expect.stringContaining(store.path) }));
  });

  it('whose folder is a file cannot be written', async () => {
    const file = join(await tempFolder(), 'file');
    await writeFile(file, 'mine');
    const store = openProfileStore({ configDir: file });
    expect(() => store.set('work', work)).toThrow(
      expect.objectContaining({ code: 'FILE_SYSTEM', hint: expect.stringContaining('KALEYRA_REC_CONFIG_DIR') }),
    );
    expect(await readFile(file, 'utf8')).toBe('mine');
  });
});
