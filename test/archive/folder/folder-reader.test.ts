import { appendFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { folderReader } from '../../../src/archive/folder/folder-reader.ts';
import { openBelow, tellsOpenFiles } from '../../helpers/open-files.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { saved } from '../checked-folder.ts';

const signal = new AbortController().signal;
const line = (id: string) => `${JSON.stringify(saved(id, `${id}.mp3`, id))}\n`;

async function readFrom(folder: string, from?: string) {
  const found: [id: string | undefined, next: string][] = [];
  for await (const { line, next } of folderReader(folder).lines(from, signal)) found.push([line?.id, next]);
  return found;
}

describe('the lines of a folder that is looked through', () => {
  it('come in their order, the ones that cannot be read as such, and a torn one when it is whole', async () => {
    const folder = await tempFolder();
    const manifest = join(folder, 'manifest.jsonl');
    await writeFile(manifest, `${line('a')}x\n${line('b')}${line('c').slice(0, 20)}`);
    const lengths = [line('a').length, 2, line('b').length];
    const places = lengths.map((_, at) => String(lengths.slice(0, at + 1).reduce((sum, length) => sum + length, 0)));
    expect(await readFrom(folder)).toEqual([
      ['a', places[0]],
      [undefined, places[1]],
      ['b', places[2]],
    ]);
    expect(await readFrom(folder, places[1])).toEqual([['b', places[2]]]);
    expect(await readFrom(folder, places[2])).toEqual([]);
    await appendFile(manifest, `${line('c').slice(20)}${line('d')}`);
    expect((await readFrom(folder, places[2])).map(([id]) => id)).toEqual(['c', 'd']);
  });

  it('are found across the pieces that they are read in, and behind one without end', async () => {
    const folder = await tempFolder();
    const ids = Array.from({ length: 4000 }, (_, at) => `call-${at}-${'é'.repeat(30)}`);
    await writeFile(join(folder, 'manifest.jsonl'), `${ids.map(line).join('')}${'x'.repeat(20 * 2 ** 20)}\n${line('last')}`);
    expect((await readFrom(folder)).map(([id]) => id)).toEqual([...ids, undefined, 'last']);
  });

  it('are a usage error where there are none, and end with the signal', async () => {
    const folder = await tempFolder();
    await expect(readFrom(folder)).rejects.toMatchObject({
      code: 'USAGE',
      message: `${folder} has no manifest.jsonl.`,
      hint: expect.stringContaining('batch'),
    });
    await writeFile(join(folder, 'manifest.jsonl'), line('a'));
    const reason = new Error('enough');
    await expect(folderReader(folder).lines(undefined, AbortSignal.abort(reason))[Symbol.asyncIterator]().next()).rejects.toBe(reason);
    await expect(readFrom(join(folder, 'manifest.jsonl'))).rejects.toMatchObject({ code: 'USAGE' });
    await mkdir(join(folder, 'other/manifest.jsonl'), { recursive: true });
    await expect(readFrom(join(folder, 'other'))).rejects.toMatchObject({ code: 'FILE_SYSTEM' });
  });

  it.skipIf(!tellsOpenFiles)('leave no file open, whether they are read to the end or not', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'manifest.jsonl'), line('a') + line('b'));
    await readFrom(folder);
    for await (const { line } of folderReader(folder).lines(undefined, signal)) {
      expect([line?.id, openBelow(folder)]).toEqual(['a', ['manifest.jsonl']]);
      break;
    }
    expect(openBelow(folder)).toEqual([]);
  });
});

describe('a file of a folder that is looked through', () => {
  it('has the length and the bytes that are there, within the folder alone', async () => {
    const outside = await tempFolder();
    const folder = await tempFolder();
    await writeFile(join(outside, 'secret'), 'secret');
    await mkdir(join(folder, '2026'));
    await writeFile(join(folder, '2026/a.mp3'), '0123456789');
    await symlink(outside, join(folder, 'out'));
    await symlink('2026/a.mp3', join(folder, 'within'));
    const reader = folderReader(folder);
    expect(await reader.size('2026/a.mp3')).toBe(10);
    for (const file of ['2026', 'within', 'missing', 'out/secret', '../x', '', '/etc/passwd'])
      expect([file, await reader.size(file)]).toEqual([file, undefined]);
    expect(await text(reader.read('2026/a.mp3'))).toBe('0123456789');
    expect(await text(reader.read('2026/a.mp3', { from: 2, to: 4 }))).toBe('234');
    expect(reader.locate('2026/a.mp3')).toBe(resolve(folder, '2026/a.mp3'));
    expect(reader.locate('../x')).toBe('../x');
  });

  it('is had through a link to a folder that lies in the archive too, and never through a link in its own place', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, '2026'));
    await writeFile(join(folder, '2026/a.mp3'), '0123456789');
    await symlink('2026', join(folder, 'month'));
    await symlink('a.mp3', join(folder, '2026/link'));
    const reader = folderReader(`${folder}/`);
    expect(await reader.size('month/a.mp3')).toBe(10);
    expect(await text(reader.read('month/a.mp3'))).toBe('0123456789');
    await expect(text(reader.read('2026/link'))).rejects.toMatchObject({ code: 'ELOOP' });
  });

  it('is not had from a folder whose name only begins as that of the archive', async () => {
    const folder = await tempFolder();
    for (const name of ['calls', 'calls-old']) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'a.mp3'), '0123456789');
    }
    await symlink('../calls-old', join(folder, 'calls/month'));
    const reader = folderReader(join(folder, 'calls'));
    expect([await reader.size('a.mp3'), await reader.size('month/a.mp3')]).toEqual([10, undefined]);
  });
});
