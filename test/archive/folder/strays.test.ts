import { createHash } from 'node:crypto';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Strays } from '../../../src/archive/folder/strays.ts';
import type { ManifestLine } from '../../../src/archive/manifest-line.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const lineOf = (content: string) =>
  ({ bytes: Buffer.byteLength(content), sha256: createHash('sha256').update(content).digest('hex') }) as ManifestLine;

async function straysIn(files: Record<string, string>, recorded: readonly string[] = []) {
  const folder = await tempFolder();
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), content);
  }
  const strays = new Strays(folder, async (file) => recorded.includes(file));
  return { folder, find: async (content: string) => (await strays.find(lineOf(content)))?.slice(folder.length + 1) };
}

describe('recordings whose files were renamed', () => {
  it('are found by their bytes, wherever they lie', async () => {
    const { find } = await straysIn({ 'x/renamed.mp3': 'abc', 'other.mp3': 'abd' });
    expect(await find('abc')).toBe(join('x', 'renamed.mp3'));
    expect(await find('xyz')).toBeUndefined();
    expect(await find('')).toBeUndefined();
  });

  it('are not found in the file of another recording, nor twice in one file', async () => {
    const { find } = await straysIn({ 'a.mp3': 'abc', 'b.mp3': 'abc' }, ['a.mp3']);
    expect([await find('abc'), await find('abc')]).toEqual(['b.mp3', undefined]);
  });

  it('that are missed at once do not share a file', async () => {
    const { find } = await straysIn({ 'a.mp3': 'abc', 'b.mp3': 'abc' });
    const found = await Promise.all([find('abc'), find('abc'), find('abc')]);
    expect(found.filter((file) => file !== undefined).sort()).toEqual(['a.mp3', 'b.mp3']);
  });

  it('are not found in the file of another recording in a folder below', async () => {
    const { find } = await straysIn({ 'x/a.mp3': 'abc', 'y/a.mp3': 'abc' }, ['x/a.mp3']);
    expect([await find('abc'), await find('abc')]).toEqual([join('y', 'a.mp3'), undefined]);
  });

  it("are not looked for in the tool's own files, nor in what desktops leave behind", async () => {
    const { find } = await straysIn({ 'a~0.part': 'abc', 'failed.txt': 'abc', 'manifest.jsonl': 'abc', 'x/._a.mp3': 'abc' });
    expect(await find('abc')).toBeUndefined();
  });

  it('are not looked for in links, whether to a file or a folder', async () => {
    const elsewhere = await straysIn({ 'a.mp3': 'abc' });
    const { folder, find } = await straysIn({ other: '' });
    await symlink(join(elsewhere.folder, 'a.mp3'), join(folder, 'link.mp3'));
    await symlink(elsewhere.folder, join(folder, 'month'));
    expect(await find('abc')).toBeUndefined();
  });

  it('are not found where they were empty: any empty file would do', async () => {
    const { find } = await straysIn({ 'a.mp3': '' });
    expect(await find('')).toBeUndefined();
  });

  it('are not found where the folder cannot be read', async () => {
    const strays = new Strays(join(await tempFolder(), 'not-there'), async () => false);
    expect(await strays.find(lineOf('abc'))).toBeUndefined();
  });

  it('are not looked for any more once a signal has come', async () => {
    const { folder } = await straysIn({ 'a.mp3': 'abc' });
    const strays = new Strays(folder, async () => false);
    expect(await strays.find(lineOf('abd'))).toBeUndefined();
    expect(await strays.find(lineOf('abc'), AbortSignal.abort())).toBeUndefined();
    expect(await strays.find(lineOf('abc'))).toBe(join(folder, 'a.mp3'));
  });
});
