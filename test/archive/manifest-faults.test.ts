import { appendFile, type FileHandle, mkdir, open, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { MANIFEST_NAME, Manifest, type ManifestLine } from '../../src/archive/manifest.ts';
import { openBelow, tellsOpenFiles } from '../helpers/open-files.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const saved = (id: string) => ({ id, status: 'saved', file: `${id}.mp3`, bytes: 3, sha256: 'a'.repeat(64) }) as ManifestLine;
const failed = (id: string) => ({ id, status: 'failed' }) as ManifestLine;
const gone = (id: string) =>
  ({ id, status: 'gone', error: { code: 'RECORDING_EXPIRED', message: 'It is too old.', hint: 'It is gone.' } }) as ManifestLine;
const text = (...lines: ManifestLine[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await tempFolder();
  file = join(folder, MANIFEST_NAME);
});

/** The manifest of the test's folder, where this is what it says. */
async function opened(content: string): Promise<Manifest> {
  await writeFile(file, content);
  const manifest = await Manifest.open(folder);
  onTestFinished(() => manifest.close());
  return manifest;
}

/** What all open files do: to be spied on in the running test. */
async function fileHandles(): Promise<FileHandle> {
  const handle = await open(join(await tempFolder(), 'any'), 'w');
  await handle.close();
  onTestFinished(() => void vi.restoreAllMocks());
  return Object.getPrototypeOf(handle);
}

const systemError = (code: string, syscall: string) => Object.assign(new Error(code), { code, syscall });
const read = () => readFile(file, 'utf8');

describe('the lines of a manifest', () => {
  it('are given by what the last one of each id says, in the order in which they stand', async () => {
    const manifest = await opened(
      text(failed('a'), saved('b'), gone('c'), failed('d'), saved('e'), failed('b'), gone('d'), failed('f'), saved('e')),
    );
    expect([...manifest.lastLines()].map(({ line }) => `${line.id} ${line.status}`)).toEqual([
      ...['a failed', 'c gone', 'b failed', 'd gone', 'f failed', 'e saved'],
    ]);
    expect([...manifest.failedLines()].map(({ id }) => id)).toEqual(['a', 'b', 'f']);
    expect([...manifest.savedLines()].map(({ id }) => id)).toEqual(['b', 'e']);
    expect([manifest.size, manifest.savedCount]).toEqual([6, 2]);
  });

  it('are found again by the place that was given with each', async () => {
    const manifest = await opened(text(failed('a'), saved('b')));
    for (const { place, line } of manifest.lastLines()) expect(manifest.lineAt(place)).toEqual(line);
  });

  it('are passed over where they cannot be read any more', async () => {
    const manifest = await opened(text(failed('a'), saved('b'), gone('c')));
    await truncate(file, 0);
    expect([...manifest.lastLines(), ...manifest.savedLines(), ...manifest.failedLines()]).toEqual([]);
    expect([manifest.find('a'), manifest.findSaved('b')]).toEqual([undefined, undefined]);
  });

  it('are passed over where others have come to stand there', async () => {
    const manifest = await opened(text(failed('a'), saved('b')));
    await writeFile(file, text(failed('x'), saved('y')));
    expect([...manifest.savedLines(), ...manifest.failedLines()]).toEqual([]);
    expect([manifest.find('a'), manifest.findSaved('b')]).toEqual([undefined, undefined]);
  });

  it('are no damage where they are blank', async () => {
    const manifest = await opened(`\n \t\r\n${text(saved('a'))}  \n`);
    expect(manifest.damage).toMatchObject({ count: 0, torn: undefined });
    expect(manifest.find('a')).toEqual(saved('a'));
  });
});

describe('a manifest that cannot be had', () => {
  it('ends a batch, as every recording needs it', async () => {
    await writeFile(join(folder, 'calls'), '');
    const below = join(folder, 'calls', MANIFEST_NAME);
    await expect(Manifest.open(join(folder, 'calls'))).rejects.toMatchObject({
      ...{ code: 'FILE_SYSTEM', of: 'all', message: `Cannot read ${below}: a file stands where a folder belongs.` },
    });
    const manifest = await Manifest.open(join(folder, 'missing'));
    await expect(manifest.append(saved('a'))).rejects.toMatchObject({
      ...{ code: 'FILE_SYSTEM', of: 'all', message: expect.stringMatching(/^Cannot write .*manifest\.jsonl: it does not exist/) },
    });
    await mkdir(file);
    await expect(Manifest.open(folder)).rejects.toMatchObject({ code: 'FILE_SYSTEM', of: 'all' });
  });

  it('says nothing any more once it is closed', async () => {
    const manifest = await opened(text(saved('a')));
    await manifest.close();
    await manifest.close();
    expect([manifest.exists, manifest.find('a')]).toEqual([false, undefined]);
  });

  it.skipIf(!tellsOpenFiles)('leaves no file open, however it ends', async () => {
    const manifest = await opened(text(saved('a')));
    await manifest.append(saved('b'));
    expect(openBelow(folder)).toEqual([MANIFEST_NAME, MANIFEST_NAME]);
    await manifest.close();
    expect(openBelow(folder)).toEqual([]);
    await expect(Manifest.open(folder, undefined, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    expect(openBelow(folder)).toEqual([]);
  });
});

describe('a manifest on a disk that says no', () => {
  it('has its name made safe before its first line, and its bytes with each', async () => {
    const handles = await fileHandles();
    const { datasync, sync } = handles;
    const flushed: string[] = [];
    vi.spyOn(handles, 'datasync').mockImplementation(async function (this: FileHandle) {
      flushed.push(`bytes of ${(await read()).split('\n').length - 1} lines`);
      return datasync.call(this);
    });
    vi.spyOn(handles, 'sync').mockImplementation(async function (this: FileHandle) {
      flushed.push(`name of ${(await read()).split('\n').length - 1} lines`);
      return sync.call(this);
    });
    const manifest = await Manifest.open(folder);
    for (const id of ['a', 'b']) await manifest.append(saved(id));
    await manifest.close();
    const again = await Manifest.open(folder);
    await again.append(saved('c'));
    await again.close();
    expect(flushed).toEqual(['name of 0 lines', 'bytes of 1 lines', 'bytes of 2 lines', 'bytes of 3 lines']);
  });

  it('gets no line while its name is not safe, and makes that safe with the next one', async () => {
    const sync = vi.spyOn(await fileHandles(), 'sync').mockRejectedValueOnce(systemError('EIO', 'fsync'));
    const manifest = await Manifest.open(folder);
    await expect(manifest.append(saved('a'))).rejects.toMatchObject({ code: 'FILE_SYSTEM' });
    expect(await read()).toBe('');
    await manifest.append(saved('b'));
    await manifest.close();
    expect(sync).toHaveBeenCalledTimes(2);
    expect(await read()).toBe(text(saved('b')));
  });

  it('begins a line of its own behind a torn one that may not be cut off', async () => {
    const manifest = await opened(`${text(saved('a'))}{"id":"b`);
    vi.spyOn(await fileHandles(), 'truncate').mockRejectedValueOnce(systemError('EPERM', 'ftruncate'));
    for (const id of ['c', 'd']) await manifest.append(saved(id));
    expect(await read()).toBe(`${text(saved('a'))}{"id":"b\n${text(saved('c'), saved('d'))}`);
  });

  it.each<[string, string, RegExp]>([
    ['that may not be cut off', '', /^\{"id":"b"[^\n]{0,11}\n$/],
    ['behind which another hand has added more', 'x'.repeat(1000), /^\{"id":"b"[^\n]{0,11}x{1000}\n$/],
  ])('begins a line of its own behind what a full disk took of one %s', async (_what, added, between) => {
    const manifest = await opened(text(saved('a')));
    const handles = await fileHandles();
    vi.spyOn(handles, 'appendFile').mockImplementationOnce(async function (this: FileHandle, data) {
      await this.write(String(data).slice(0, 20));
      if (added !== '') await appendFile(file, added);
      throw systemError('ENOSPC', 'write');
    });
    if (added === '') vi.spyOn(handles, 'truncate').mockRejectedValueOnce(systemError('EPERM', 'ftruncate'));
    await expect(manifest.append(saved('b'))).rejects.toMatchObject({ code: 'FILE_SYSTEM' });
    for (const id of ['c', 'd']) await manifest.append(saved(id));
    const [before, after] = [text(saved('a')), text(saved('c'), saved('d'))];
    const all = await read();
    expect([all.startsWith(before), all.endsWith(after)]).toEqual([true, true]);
    expect(all.slice(before.length, -after.length)).toMatch(between);
  });

  it('is cut back where the whole line was written, and not flushed', async () => {
    const manifest = await opened(text(saved('a')));
    vi.spyOn(await fileHandles(), 'appendFile').mockImplementationOnce(async function (this: FileHandle, data) {
      await this.write(String(data));
      throw systemError('EIO', 'write');
    });
    await expect(manifest.append(saved('b'))).rejects.toMatchObject({ code: 'FILE_SYSTEM' });
    expect(await read()).toBe(text(saved('a')));
  });
});
