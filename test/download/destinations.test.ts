import { execFileSync } from 'node:child_process';
import { link, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Destination } from '../../src/archive/draft.ts';
import { partNameBeside } from '../../src/archive/file-name.ts';
import { acquireLock } from '../../src/archive/folder/lock.ts';
import { fileDestination, folderDestination, type SingleOptions, standingRecording } from '../../src/download/destinations.ts';
import { eventually } from '../helpers/eventually.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { testSystem } from '../helpers/test-system.ts';

const identity = { etag: '"abc"', totalBytes: 5 };
const told = { bytes: 5, sha256: '0'.repeat(64), contentType: null, etag: null, attempts: 1, durationMs: 0 };
const proven = { extension: 'wav', ...told };
const ID = '1abC/9+==';

let folder: string;

beforeEach(async () => {
  folder = await tempFolder();
});

function options(replace = false): SingleOptions {
  const system = testSystem();
  return { replace, elapsed: system.elapsed, lock: (file) => acquireLock(file, system) };
}

async function save(destination: Destination, text = 'audio', id = ID): Promise<string> {
  const draft = await destination.open(id);
  await draft.restart(identity);
  await draft.write(Buffer.from(text));
  return (await draft.commit(proven)).file;
}

describe('fileDestination', () => {
  test('saves under the very name that was given, and leaves neither part nor lock', async () => {
    const file = path.join(folder, 'call.bin');
    expect(await save(fileDestination(file, options()))).toBe(file);
    expect(await readFile(file, 'utf8')).toBe('audio');
    expect(await readdir(folder)).toEqual(['call.bin']);
  });

  test('makes the folders on the way', async () => {
    const file = path.join(folder, 'new', 'er', 'call.wav');
    await save(fileDestination(file, options()));
    expect(await readFile(file, 'utf8')).toBe('audio');
  });

  test('refuses a file that stands there before anything is asked, and names the flags', async () => {
    const file = path.join(folder, 'call.wav');
    await writeFile(file, 'old');
    await expect(fileDestination(file, options()).open(ID)).rejects.toMatchObject({
      code: 'FILE_EXISTS',
      hint: expect.stringMatching(/--force.*--skip-existing/),
    });
    expect(await readdir(folder)).toEqual(['call.wav']);
    await save(fileDestination(file, options(true)));
    expect(await readFile(file, 'utf8')).toBe('audio');
  });

  test('leaves what was to be replaced until the new one is proven', async () => {
    const file = path.join(folder, 'call.wav');
    await writeFile(file, 'old');
    const draft = await fileDestination(file, options(true)).open(ID);
    await draft.restart(identity);
    await draft.write(Buffer.from('half'));
    await draft.discard();
    expect(await readFile(file, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['call.wav']);
  });

  test.each([true, false])('refuses a folder that stands there (replace: %s)', async (replace) => {
    await mkdir(path.join(folder, 'call.wav'));
    const opening = fileDestination(path.join(folder, 'call.wav'), options(replace)).open(ID);
    await expect(opening).rejects.toMatchObject({ code: 'FILE_SYSTEM', message: expect.stringContaining('a folder stands there') });
  });

  test.skipIf(process.platform === 'win32')('does not replace what is no file, such as a pipe or a device', async () => {
    const pipe = path.join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await expect(fileDestination(pipe, options(true)).open(ID)).rejects.toMatchObject({
      code: 'FILE_SYSTEM',
      message: `Cannot replace ${pipe}: it is not a file.`,
      hint: 'Choose another name with --output, or use --output - and send standard output there.',
    });
    await expect(fileDestination(pipe, options()).open(ID)).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    expect(await readdir(folder)).toEqual(['pipe']);
  });

  test('says that a file stands where a folder belongs', async () => {
    await writeFile(path.join(folder, 'file'), '');
    const opening = fileDestination(path.join(folder, 'file', 'call.wav'), options()).open(ID);
    await expect(opening).rejects.toMatchObject({ code: 'FILE_SYSTEM' });
  });

  test('touches no other file that is called a part of it', async () => {
    await writeFile(path.join(folder, 'call.wav.part'), 'a finished recording');
    await writeFile(path.join(folder, 'call.wav.part.json'), 'as well');
    const draft = await fileDestination(path.join(folder, 'call.wav'), options()).open(ID);
    await draft.restart(identity);
    await draft.write(Buffer.from('audio'));
    await draft.commit(proven);
    expect(await readdir(folder)).toEqual(['call.wav', 'call.wav.part', 'call.wav.part.json']);
    expect(await readFile(path.join(folder, 'call.wav.part'), 'utf8')).toBe('a finished recording');
  });

  test('goes on with what an earlier run kept under the same name, of the same recording alone', async () => {
    const file = path.join(folder, 'call.wav');
    const draft = await fileDestination(file, options()).open(ID);
    await draft.restart(identity);
    await draft.write(Buffer.from('au'));
    await draft.keep();
    expect(await readdir(folder)).toEqual(['', '.json'].map((end) => `${partNameBeside('call.wav', 'download.part')}${end}`));
    const again = await fileDestination(file, options()).open(ID);
    expect(again.length).toBe(2);
    await again.keep();
    const other = await fileDestination(file, options()).open('other');
    expect(other.length).toBe(0);
    await other.discard();
  });

  test('lets one download at a time work on a part', async () => {
    const file = path.join(folder, 'call.wav');
    const draft = await fileDestination(file, options()).open(ID);
    await expect(fileDestination(file, options()).open(ID)).rejects.toMatchObject({ code: 'LOCKED' });
    await draft.keep();
    await save(fileDestination(file, options()));
  });

  test('gives the lock back where the part cannot be opened', async () => {
    const file = path.join(folder, 'call.wav');
    const note = `${partNameBeside('call.wav', 'download.part')}.json`;
    await mkdir(path.join(folder, note));
    await expect(fileDestination(file, options()).open(ID)).rejects.toMatchObject({ code: 'FILE_SYSTEM' });
    expect(await readdir(folder)).toEqual([note]);
  });
});

describe('folderDestination', () => {
  test('names the file after the id and what it turned out to be', async () => {
    const file = await save(folderDestination(folder, options()));
    expect(file).toBe(path.join(folder, '1abC%2F9+==.wav'));
    expect(await readdir(folder)).toEqual(['1abC%2F9+==.wav']);
  });

  test('replaces what stands there where that is asked for', async () => {
    await writeFile(path.join(folder, '1abC%2F9+==.wav'), 'old');
    const file = await save(folderDestination(folder, options(true)));
    expect(await readFile(file, 'utf8')).toBe('audio');
    expect(await readdir(folder)).toEqual(['1abC%2F9+==.wav']);
  });

  test('says where it cannot make its folder', async () => {
    await writeFile(path.join(folder, 'file'), '');
    const inner = path.join(folder, 'file', 'calls');
    await expect(folderDestination(inner, options(true)).open(ID)).rejects.toMatchObject({
      code: 'FILE_SYSTEM',
      message: expect.stringContaining(`make the folder ${inner}`),
    });
  });

  test('makes a folder that is not there yet', async () => {
    await save(folderDestination(path.join(folder, 'new'), options()));
    expect(await readdir(path.join(folder, 'new'))).toEqual(['1abC%2F9+==.wav']);
  });

  test('stays in the folder, whatever the id', async () => {
    const inner = path.join(folder, 'inner');
    for (const id of ['../out', '..', '.', '/etc/passwd', 'a/../../b']) {
      expect(path.dirname(await save(folderDestination(inner, options()), 'audio', id))).toBe(inner);
    }
    expect(await readdir(folder)).toEqual(['inner']);
    expect(await readdir(inner)).toHaveLength(5);
  });

  test.each(['wav', 'mp3'])('refuses a recording that stands there as .%s before anything is asked', async (extension) => {
    await writeFile(path.join(folder, `1abC%2F9+==.${extension}`), 'old');
    await expect(folderDestination(folder, options()).open(ID)).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    expect(await readdir(folder)).toHaveLength(1);
  });

  test.each(['ogg', 'bin'])('refuses one that stands there under any extension, before anything is fetched: %s', async (extension) => {
    await writeFile(path.join(folder, `1abC%2F9+==.${extension}`), 'old');
    await expect(folderDestination(folder, options()).open(ID)).rejects.toMatchObject({ code: 'FILE_EXISTS' });
  });

  test('refuses, at the end, one that has come meanwhile', async () => {
    const file = path.join(folder, '1abC%2F9+==.ogg');
    const draft = await folderDestination(folder, options()).open(ID);
    await writeFile(file, 'old');
    await draft.restart(identity);
    await draft.write(Buffer.from('audio'));
    await expect(draft.commit({ ...proven, extension: 'ogg' })).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    await draft.discard();
    expect(await readFile(file, 'utf8')).toBe('old');
  });

  test('keeps the parts of ids apart that differ in letter case alone', async () => {
    const one = await folderDestination(folder, options()).open('abc');
    const two = await folderDestination(folder, options()).open('ABC');
    for (const draft of [one, two]) {
      await draft.restart(identity);
      await draft.write(Buffer.alloc(2 ** 18));
    }
    await eventually(async () => {
      const parts = (await readdir(folder)).filter((name) => name.endsWith('.part'));
      expect(new Set(parts.map((name) => name.toLowerCase())).size).toBe(2);
    });
    await one.discard();
    await two.discard();
    expect(await readdir(folder)).toEqual([]);
  });

  test('never writes to a recording that a crash has left with the part as its second name', async () => {
    const draft = await folderDestination(folder, options()).open(ID);
    await draft.restart(identity);
    await draft.write(Buffer.from('whole'));
    await draft.keep();
    const [part = ''] = (await readdir(folder)).filter((name) => name.endsWith('.part'));
    const final = path.join(folder, 'moved.wav');
    await link(path.join(folder, part), final);
    await save(folderDestination(folder, options()), 'other');
    expect(await readFile(final, 'utf8')).toBe('whole');
  });
});

describe('standingRecording', () => {
  test('finds the recording under its usual names', async () => {
    expect(await standingRecording(folder, ID)).toBeUndefined();
    const file = path.join(folder, '1abC%2F9+==.wav');
    await writeFile(file, '');
    expect(await standingRecording(folder, ID)).toBe(file);
    expect(await standingRecording(folder, '1abC/9+=')).toBeUndefined();
  });

  test('is content with a folder that is not there, and not with one that it cannot look into', async () => {
    expect(await standingRecording(path.join(folder, 'none'), ID)).toBeUndefined();
    await symlink('loop', path.join(folder, 'loop'));
    await expect(standingRecording(path.join(folder, 'loop'), ID)).rejects.toMatchObject({
      code: 'FILE_SYSTEM',
      message: expect.stringContaining(`look at ${path.join(folder, 'loop')}`),
    });
  });
});
