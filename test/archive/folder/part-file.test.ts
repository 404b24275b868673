import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import fs, {
  appendFile,
  chown,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  symlink,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ObjectIdentity } from '../../../src/archive/draft.ts';
import { PartFile, type PartFileOptions } from '../../../src/archive/folder/part-file.ts';
import { syncFolder } from '../../../src/disk/sync-folder.ts';
import { RecordingError } from '../../../src/errors.ts';
import { eventually } from '../../helpers/eventually.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { type TestSystem, testSystem } from '../../helpers/test-system.ts';

const identity: ObjectIdentity = { etag: '"abc"', totalBytes: 10 };
const told = { bytes: 5, sha256: '0'.repeat(64), contentType: null, etag: null, attempts: 1, durationMs: 0 };
const proven = { extension: 'wav', ...told };

let folder: string;
let part: string;
let note: string;
let final: string;
let clock: TestSystem;
let closed: number;
let opened: PartFile[];

beforeEach(async () => {
  folder = await tempFolder();
  part = path.join(folder, 'a.part');
  note = `${part}.json`;
  final = path.join(folder, 'a.wav');
  clock = testSystem({ manualClock: true });
  closed = 0;
  opened = [];
});

// A killed run's files are closed by its end; here they must be.
afterEach(() => Promise.all(opened.map((draft) => draft.discard())));

async function openPart(change: Partial<PartFileOptions> = {}): Promise<PartFile> {
  const draft = await PartFile.open({
    path: part,
    id: 'a',
    place: async () => ({ path: final, replace: false }),
    syncFolder,
    onClose: async () => {
      closed += 1;
    },
    elapsed: () => clock.elapsed(),
    ...change,
  });
  opened.push(draft);
  return draft;
}

/** A part that an earlier run left, with its note. */
async function leave(text: string, left: ObjectIdentity = identity): Promise<void> {
  const draft = await openPart();
  await draft.restart(left);
  await draft.write(Buffer.from(text));
  await draft.keep();
}

async function textOf(draft: PartFile): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of draft.earlier()) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

/** Lets each write to a file wait before it is done, in this test; gives what counts them. */
async function slowDownWrites() {
  const later = setTimeout;
  const handle = await open(path.join(folder, 'any'), 'w');
  const prototype: typeof handle = Object.getPrototypeOf(handle);
  await handle.close();
  const { writev } = prototype;
  const spy = vi.spyOn(prototype, 'writev').mockImplementation(async function (this: typeof handle, ...args) {
    await new Promise((resolve) => later(resolve, 100));
    return writev.apply(this, args);
  });
  onTestFinished(() => spy.mockRestore());
  return spy;
}

function read(file: string): Promise<string> {
  return readFile(file, 'utf8');
}

describe('PartFile, new', () => {
  test('puts nothing on the disk before the first byte', async () => {
    const draft = await openPart({ path: path.join(folder, 'new', 'a.part') });
    await draft.restart(identity);
    expect(await readdir(folder)).toEqual([]);
    await draft.write(Buffer.alloc(2 ** 18));
    await eventually(async () => expect(await readdir(path.join(folder, 'new'))).toEqual(['a.part']));
  });

  test('lets nobody wait for a few bytes, and writes them in order', async () => {
    const draft = await openPart();
    await draft.restart(identity);
    for (const piece of ['01', '2', '34']) expect(draft.write(Buffer.from(piece))).toBeUndefined();
    expect(draft.length).toBe(5);
    await draft.commit(proven);
    expect(await read(final)).toBe('01234');
  });

  test('writes a few bytes even where none follow, so that a run that is killed has them', async () => {
    const draft = await openPart();
    await draft.restart(identity);
    await draft.write(Buffer.from('0'));
    await eventually(async () => expect(await read(part)).toBe('0'));
    await draft.write(Buffer.from('1'));
    await eventually(async () => expect(await read(part)).toBe('01'));
    await draft.discard();
  });

  test('takes bytes while those before them are written, in order, and bids wait where they are too many', async () => {
    const draft = await openPart();
    await draft.restart({ etag: '"abc"', totalBytes: undefined });
    const pieces = Array.from({ length: 40 }, (_, index) => Buffer.alloc(100_000, index));
    const waits = pieces.map((piece) => draft.write(piece));
    expect(waits[2]).toBeUndefined();
    expect(waits[5]).toBeInstanceOf(Promise);
    await Promise.all(waits);
    await draft.commit(proven);
    expect(Buffer.compare(await readFile(final), Buffer.concat(pieces))).toBe(0);
  });

  test('starts again while bytes are being written', async () => {
    const draft = await openPart();
    await draft.restart({ etag: '"abc"', totalBytes: undefined });
    void draft.write(Buffer.alloc(2 ** 19, 'a'));
    await draft.restart({ etag: '"def"', totalBytes: undefined });
    await draft.write(Buffer.from('new'));
    await draft.commit(proven);
    expect(await read(final)).toBe('new');
  });

  test.each(['before it starts again', 'while it starts again'])(
    'puts nothing of what waited to be written into what comes next: its time comes %s',
    async (when) => {
      const writev = await slowDownWrites();
      const draft = await openPart();
      await draft.restart({ etag: '"abc"', totalBytes: undefined });
      await draft.write(Buffer.alloc(2 ** 18, 'a'));
      await eventually(() => expect(writev).toHaveBeenCalled(), 1);
      if (when === 'while it starts again') await eventually(async () => expect((await lstat(part)).size).toBe(2 ** 18));
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      onTestFinished(() => void vi.useRealTimers());
      void draft.write(Buffer.from('stale'));
      if (when === 'before it starts again') vi.advanceTimersByTime(1000);
      const restarted = draft.restart({ etag: '"def"', totalBytes: undefined });
      // Until it waits for the disk.
      for (let tick = 0; tick < 10; tick += 1) await Promise.resolve();
      vi.advanceTimersByTime(1000);
      await restarted;
      await draft.write(Buffer.from('fresh'));
      await draft.commit(proven);
      expect(await read(final)).toBe('fresh');
    },
  );

  test.each<[string, (draft: PartFile) => Promise<unknown>]>([
    ['gives no name to', (draft) => expect(draft.commit(proven)).rejects.toMatchObject({ code: 'CONTENT_MISMATCH' })],
    ['vouches by no note for', (draft) => draft.keep()],
  ])('%s another file that has taken the place of the part, and leaves it there', async (_, end) => {
    const draft = await openPart();
    await draft.restart(identity);
    await draft.write(Buffer.alloc(2 ** 18, 'a'));
    await eventually(async () => expect((await lstat(part)).size).toBe(2 ** 18));
    await writeFile(path.join(folder, 'other'), Buffer.alloc(2 ** 18, 'b'));
    await rename(path.join(folder, 'other'), part);
    await end(draft);
    await draft.discard();
    expect(await readdir(folder)).toEqual(['a.part']);
    expect(await read(part)).toMatch(/^b+$/);
  });

  test('gives no name to a file that somebody else has written to', async () => {
    const draft = await openPart();
    await draft.restart(identity);
    await draft.write(Buffer.alloc(2 ** 18, 'a'));
    await eventually(async () => expect((await lstat(part)).size).toBe(2 ** 18));
    await appendFile(part, 'more');
    const code = 'CONTENT_MISMATCH';
    await expect(draft.commit(proven)).rejects.toMatchObject({ code, message: expect.stringContaining('262148 bytes, and 262144 were') });
    expect(existsSync(final)).toBe(false);
  });

  test('gives the bytes their final name, and leaves nothing else', async () => {
    const draft = await openPart();
    await draft.restart(identity);
    await draft.write(Buffer.from('01234'));
    await draft.write(Buffer.from('56789'));
    expect(draft.length).toBe(10);
    expect(await draft.commit(proven)).toEqual({ id: 'a', file: final, ...told });
    expect(await read(final)).toBe('0123456789');
    expect(await readdir(folder)).toEqual(['a.wav']);
    expect((await lstat(final)).nlink).toBe(1);
    expect(closed).toBe(1);
  });

  test('asks where to go with what was proven, and makes the folders on the way', async () => {
    const asked: unknown[] = [];
    const below = path.join(folder, '2026', '01', 'a.wav');
    const synced: string[] = [];
    const draft = await openPart({
      place: async (of) => {
        asked.push(of);
        return { path: below, replace: false };
      },
      syncFolder: async (one) => void synced.push(one),
    });
    await draft.restart(undefined);
    await draft.write(Buffer.from('0'));
    await draft.commit(proven);
    expect(asked).toEqual([{ extension: 'wav', sha256: told.sha256 }]);
    expect(await read(below)).toBe('0');
    // The new folders' own names first, from the top down, then the recording's: all of them outlast a crash.
    expect(synced).toEqual([folder, path.join(folder, '2026'), path.dirname(below)]);
  });

  test('has given the name, and dropped the part, before it syncs the folder', async () => {
    const seen: string[][] = [];
    const draft = await openPart({ syncFolder: async (one) => void seen.push(await readdir(one)) });
    await draft.restart(identity);
    await draft.write(Buffer.from('0'));
    await draft.commit(proven);
    expect(seen).toEqual([['a.wav']]);
  });

  test('has flushed the bytes before they get their name, or a note', async () => {
    const probe = await open(path.join(await tempFolder(), 'probe'), 'w');
    const flushed: string[][] = [];
    const datasync = vi.spyOn(Object.getPrototypeOf(probe), 'datasync').mockImplementation(async () => {
      flushed.push([await read(part), ...(await readdir(folder))]);
    });
    onTestFinished(() => datasync.mockRestore());
    await probe.close();
    const kept = await openPart();
    await kept.restart(identity);
    await kept.write(Buffer.from('01234'));
    await kept.keep();
    expect(flushed).toEqual([['01234', 'a.part']]);
    const saved = await openPart();
    await saved.write(Buffer.from('56789'));
    await saved.commit(proven);
    expect(flushed.slice(1)).toEqual([['0123456789', 'a.part', 'a.part.json']]);
  });

  test('starts again from nothing', async () => {
    const draft = await openPart();
    await draft.restart(identity);
    await draft.write(Buffer.from('wrong, and longer'));
    await draft.restart({ etag: '"def"', totalBytes: 3 });
    expect(draft.length).toBe(0);
    expect(draft.identity).toEqual({ etag: '"def"', totalBytes: 3 });
    await draft.write(Buffer.from('new'));
    await draft.commit(proven);
    expect(await read(final)).toBe('new');
  });

  test('takes no bytes from a part that has no note, and replaces it', async () => {
    await writeFile(part, 'somebody else wrote this');
    const draft = await openPart();
    expect([draft.length, draft.identity]).toEqual([0, undefined]);
    await draft.restart(identity);
    await draft.write(Buffer.from('mine'));
    await draft.commit(proven);
    expect(await read(final)).toBe('mine');
  });
});

describe('PartFile, the name at its end', () => {
  async function commitTo(replace: boolean): Promise<PartFile> {
    const draft = await openPart({ place: async () => ({ path: final, replace }) });
    await draft.restart(identity);
    await draft.write(Buffer.from('new'));
    return draft;
  }

  test('never replaces a file unless it was told to', async () => {
    await writeFile(final, 'old');
    const draft = await commitTo(false);
    await expect(draft.commit(proven)).rejects.toMatchObject({
      code: 'FILE_EXISTS',
      hint: expect.stringMatching(/--force.*--skip-existing/),
    });
    expect(await read(final)).toBe('old');
  });

  test('replaces a file in one step where it was told to', async () => {
    await writeFile(final, 'old');
    await (await commitTo(true)).commit(proven);
    expect(await read(final)).toBe('new');
    expect(await readdir(folder)).toEqual(['a.wav']);
  });

  test('does not write through a link that stands there, dangling or not', async () => {
    const elsewhere = path.join(folder, 'elsewhere');
    await symlink(elsewhere, final);
    await expect((await commitTo(false)).commit(proven)).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    await writeFile(elsewhere, 'old');
    await (await commitTo(true)).commit(proven);
    expect(await read(elsewhere)).toBe('old');
    expect((await lstat(final)).isFile()).toBe(true);
  });

  test.each([true, false])('says that a folder stands there (replace: %s)', async (replace) => {
    await mkdir(final);
    const draft = await commitTo(replace);
    await expect(draft.commit(proven)).rejects.toMatchObject({
      code: 'FILE_SYSTEM',
      message: expect.stringContaining('a folder stands there'),
    });
    await draft.discard();
    expect(await readdir(folder)).toEqual(['a.wav']);
  });

  test('is tried for again while something holds the file', async () => {
    const held = Object.assign(new Error('rename'), { code: 'EBUSY', syscall: 'rename' });
    const rename = vi.spyOn(fs, 'rename').mockRejectedValueOnce(held).mockRejectedValueOnce(held);
    syncBuiltinESMExports();
    onTestFinished(() => {
      vi.restoreAllMocks();
      syncBuiltinESMExports();
    });
    const patient = testSystem();
    const draft = await openPart({ place: async () => ({ path: final, replace: true }), sleep: patient.sleep });
    await draft.restart(identity);
    await draft.write(Buffer.from('new'));
    await draft.commit(proven);
    expect(rename).toHaveBeenCalledTimes(3);
    expect(patient.sleeps).toHaveLength(2);
    expect(await read(final)).toBe('new');
  });

  test('keeps the bytes for a later run where the name was taken meanwhile', async () => {
    const draft = await openPart();
    await draft.restart(identity);
    await draft.write(Buffer.from('01234'));
    clock.advance(5000);
    await draft.write(Buffer.from('56789'));
    await writeFile(final, 'old');
    await expect(draft.commit(proven)).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    await draft.keep();
    const later = await openPart();
    expect([later.length, later.identity]).toEqual([10, identity]);
    expect(await textOf(later)).toBe('0123456789');
    await later.discard();
    expect(await readdir(folder)).toEqual(['a.wav']);
    expect(await read(final)).toBe('old');
  });

  test('hands on the error of whoever says where to go, and can be kept after it', async () => {
    const error = new RecordingError('FILE_EXISTS', 'Taken.', { hint: 'Wait.' });
    const draft = await openPart({ place: () => Promise.reject(error) });
    await draft.restart(identity);
    await draft.write(Buffer.from('0'));
    await expect(draft.commit(proven)).rejects.toBe(error);
    await draft.keep();
    expect((await openPart()).length).toBe(1);
    expect(closed).toBe(1);
  });

  test('keeps the final name where only the sync of the folder failed', async () => {
    const draft = await openPart({
      syncFolder: () => Promise.reject(Object.assign(new Error('fsync'), { code: 'EIO', syscall: 'fsync' })),
    });
    await draft.restart(identity);
    await draft.write(Buffer.from('0'));
    await expect(draft.commit(proven)).rejects.toMatchObject({
      code: 'FILE_SYSTEM',
      message: expect.stringContaining('read or write error'),
    });
    await draft.discard();
    expect(await readdir(folder)).toEqual(['a.wav']);
  });
});

describe('PartFile, left for a later run', () => {
  test('goes on from the bytes that were kept', async () => {
    await leave('01234');
    expect(await readdir(folder)).toEqual(['a.part', 'a.part.json']);
    const draft = await openPart();
    expect([draft.length, draft.identity]).toEqual([5, identity]);
    expect(await textOf(draft)).toBe('01234');
    await draft.write(Buffer.from('56789'));
    await draft.commit(proven);
    expect(await read(final)).toBe('0123456789');
    expect(await readdir(folder)).toEqual(['a.wav']);
  });

  test('knows the object by its ETag alone where the store told no length', async () => {
    await leave('01234', { etag: '"abc"', totalBytes: undefined });
    expect((await openPart()).identity).toEqual({ etag: '"abc"', totalBytes: undefined });
  });

  test.each([
    ['nothing was written', async (draft: PartFile) => draft.restart(identity)],
    [
      'the object cannot be named',
      async (draft: PartFile) => {
        await draft.restart(undefined);
        await draft.write(Buffer.from('0'));
      },
    ],
    ['nothing has begun', async () => undefined],
  ])('leaves nothing where %s', async (_, work) => {
    const draft = await openPart();
    await work(draft);
    await draft.keep();
    expect(await readdir(folder)).toEqual([]);
    expect(closed).toBe(1);
  });

  test('leaves nothing that is thrown away, taken up or new', async () => {
    await leave('01234');
    await (await openPart()).discard();
    expect(await readdir(folder)).toEqual([]);
    expect(closed).toBe(2);
  });

  test('leaves nothing, a torn note included, where the note cannot be written', async () => {
    const draft = await openPart();
    await draft.restart(identity);
    await draft.write(Buffer.from('0'));
    await mkdir(note);
    await expect(draft.keep()).resolves.toBeUndefined();
    expect(await readdir(folder)).toEqual(['a.part.json']);
    expect(closed).toBe(1);
  });

  test('is not taken up for another recording', async () => {
    await leave('01234');
    const draft = await openPart({ id: 'A' });
    expect([draft.length, draft.identity]).toEqual([0, undefined]);
    await draft.restart(identity);
    await draft.write(Buffer.from('other'));
    await draft.commit(proven);
    expect(await read(final)).toBe('other');
    expect(await readdir(folder)).toEqual(['a.wav']);
  });

  test.each([
    ['empty', ''],
    ['torn', '{"id":"a","etag":"\\"ab'],
    ['zeros, as a crash can leave them', '\0'.repeat(60)],
    ['no object', 'null'],
    ['a list', '[]'],
    ['without an id', '{"etag":"\\"abc\\"","totalBytes":10,"bytes":5}'],
    ['without an ETag', '{"id":"a","totalBytes":10,"bytes":5}'],
    ['with an ETag that guards nothing', '{"id":"a","etag":"","totalBytes":10,"bytes":5}'],
    ['with a weak ETag', '{"id":"a","etag":"W/\\"abc\\"","totalBytes":10,"bytes":5}'],
    ['without the number of its bytes', '{"id":"a","etag":"\\"abc\\"","totalBytes":10}'],
    ['with a negative number of bytes', '{"id":"a","etag":"\\"abc\\"","totalBytes":10,"bytes":-1}'],
    ['with half a byte', '{"id":"a","etag":"\\"abc\\"","totalBytes":10,"bytes":0.5}'],
    ['with a length that is none', '{"id":"a","etag":"\\"abc\\"","totalBytes":"10","bytes":5}'],
    ['with more bytes than the object', '{"id":"a","etag":"\\"abc\\"","totalBytes":4,"bytes":5}'],
    ['with more bytes than the part', '{"id":"a","etag":"\\"abc\\"","totalBytes":10,"bytes":6}'],
    ['with an ETag that no header can bear', JSON.stringify({ id: 'a', etag: '"a\nb"', totalBytes: 10, bytes: 5 })],
    ['with an ETag of characters that no header can bear', JSON.stringify({ id: 'a', etag: '"日本"', totalBytes: 10, bytes: 5 })],
    ['huge', JSON.stringify({ id: 'a', etag: `"${'x'.repeat(100_000)}"`, totalBytes: 10, bytes: 5 })],
  ])('starts anew where the note is %s', async (_, text) => {
    await writeFile(part, '01234');
    await writeFile(note, text);
    const draft = await openPart();
    expect([draft.length, draft.identity]).toEqual([0, undefined]);
    expect(await readdir(folder)).toEqual(['a.part']);
    await draft.restart(undefined);
    await draft.write(Buffer.from('new'));
    await draft.commit(proven);
    expect(await read(final)).toBe('new');
    expect(await readdir(folder)).toEqual(['a.wav']);
  });

  test('starts anew where the part is gone, or shorter than its note', async () => {
    await leave('01234');
    await truncate(part, 4);
    expect((await openPart()).length).toBe(0);
    await writeFile(note, JSON.stringify({ id: 'a', etag: '"abc"', totalBytes: 10, bytes: 0 }));
    await (await openPart()).discard();
    await writeFile(note, JSON.stringify({ id: 'a', etag: '"abc"', totalBytes: 10, bytes: 5 }));
    expect((await openPart()).length).toBe(0);
    expect(await readdir(folder)).toEqual([]);
  });

  test('never writes to a part that has a second name: that is a finished recording', async () => {
    await leave('01234');
    await link(part, final);
    const draft = await openPart({ place: async () => ({ path: path.join(folder, 'b.wav'), replace: false }) });
    expect(draft.length).toBe(0);
    await draft.restart(identity);
    await draft.write(Buffer.from('new'));
    await draft.commit(proven);
    expect(await read(final)).toBe('01234');
    expect(await read(path.join(folder, 'b.wav'))).toBe('new');
  });

  test.each(['with its note', 'without a note'])('never writes through a link in the place of the part, %s', async (how) => {
    const elsewhere = path.join(folder, 'elsewhere');
    await leave('01234');
    await writeFile(elsewhere, '01234, and more');
    await unlink(part);
    if (how === 'without a note') await unlink(note);
    await symlink(elsewhere, part);
    const draft = await openPart();
    expect(draft.length).toBe(0);
    await draft.restart(identity);
    await draft.write(Buffer.from('new'));
    await draft.commit(proven);
    expect(await read(elsewhere)).toBe('01234, and more');
    expect(await read(final)).toBe('new');
  });

  test.each<[string, () => unknown]>([
    ['a pipe, which nobody writes to', () => execFileSync('mkfifo', [note])],
    ['a link to a device that never ends', () => symlink('/dev/zero', note)],
  ])('does not wait for a note that is %s', async (_what, put) => {
    await writeFile(part, '01234');
    await put();
    const draft = await openPart();
    expect([draft.length, draft.identity]).toEqual([0, undefined]);
    expect(await readdir(folder)).toEqual(['a.part']);
  });

  test.skipIf(process.getuid?.() !== 0)(
    'goes on with no part of another user, and gives no name to it (to make one takes root)',
    async () => {
      await leave('01234');
      await chown(part, 12345, 12345);
      const planted = await open(part, 'r+');
      const draft = await openPart();
      expect(draft.length).toBe(0);
      await draft.restart(identity);
      await draft.write(Buffer.from('mine'));
      await draft.commit(proven);
      await planted.write('changed by him');
      await planted.close();
      expect(await read(final)).toBe('mine');
      expect((await lstat(final)).uid).toBe(0);
    },
  );

  test('that starts again is a new file, which nobody else holds open', async () => {
    await leave('01234');
    const watched = await open(part, 'r+');
    const draft = await openPart();
    expect(draft.length).toBe(5);
    await draft.restart(identity);
    await draft.write(Buffer.from('new'));
    await draft.commit(proven);
    await watched.write('changed later');
    await watched.close();
    expect(await read(final)).toBe('new');
  });

  test('never writes its note through a link either', async () => {
    const elsewhere = path.join(folder, 'elsewhere');
    await writeFile(elsewhere, 'precious');
    const draft = await openPart();
    await draft.restart(identity);
    await draft.write(Buffer.from('01234'));
    await symlink(elsewhere, note);
    await draft.keep();
    expect(await read(elsewhere)).toBe('precious');
    expect((await openPart()).length).toBe(5);
  });
});

describe('PartFile, killed', () => {
  /** Writes `text` without an end, as a run that is killed does. */
  async function writeAndDie(...pieces: Uint8Array[]): Promise<PartFile> {
    const draft = await openPart();
    await draft.restart({ etag: '"abc"', totalBytes: 2 ** 30 });
    for (const piece of pieces) await draft.write(piece);
    return draft;
  }

  /** Resolves when the note, which is written while others go on, tells of so many bytes. */
  const notedAs = (bytes: number) => eventually(async () => expect(JSON.parse(await read(note)).bytes).toBe(bytes));

  test('is worth nothing within its first moments', async () => {
    await writeAndDie(Buffer.alloc(2 ** 20 - 1));
    await eventually(async () => expect((await lstat(part)).size).toBe(2 ** 20 - 1));
    expect(await readdir(folder)).toEqual(['a.part']);
    expect((await openPart()).length).toBe(0);
  });

  test('is taken up as far as it was noted, after so many bytes', async () => {
    const dead = await writeAndDie(Buffer.alloc(2 ** 20, 'a'));
    await notedAs(2 ** 20);
    await dead.write(Buffer.alloc(2 ** 18, 'b'));
    await eventually(async () => expect((await lstat(part)).size).toBe(2 ** 20 + 2 ** 18));
    const draft = await openPart();
    expect(draft.length).toBe(2 ** 20);
    expect((await lstat(part)).size).toBe(2 ** 20);
  });

  test('is taken up as far as it was noted, after so long a time', async () => {
    const draft = await openPart();
    await draft.restart(identity);
    clock.advance(999);
    await draft.write(Buffer.from('0'));
    await eventually(async () => expect(await read(part)).toBe('0'));
    expect(await readdir(folder)).toEqual(['a.part']);
    clock.advance(1);
    await draft.write(Buffer.from('1'));
    await notedAs(2);
    await draft.write(Buffer.from('2'));
    expect((await openPart()).length).toBe(2);
  });

  test('counts the time from the beginning, and again from each note', async () => {
    clock.advance(60_000);
    const draft = await openPart();
    await draft.restart(identity);
    await draft.write(Buffer.from('0'));
    await eventually(async () => expect(await read(part)).toBe('0'));
    expect(await readdir(folder)).toEqual(['a.part']);
    for (const more of ['1', '2']) {
      clock.advance(1000);
      await draft.write(Buffer.from(more));
      await notedAs(draft.length);
    }
    await draft.write(Buffer.from('3'));
    expect((await openPart()).length).toBe(3);
  });

  test('is noted when it has doubled, and then every 16 MiB', async () => {
    const steps = [1, 2, 4, 8, 16, 32, 48];
    const noted = new Set<number>();
    const draft = await openPart();
    await draft.restart({ etag: '"abc"', totalBytes: undefined });
    const piece = Buffer.alloc(2 ** 19);
    while (draft.length < 50 * 2 ** 20) {
      await draft.write(piece);
      if (steps.includes(draft.length / 2 ** 20)) await notedAs(draft.length);
      const text = await read(note).catch(() => '{"bytes":0}');
      noted.add(JSON.parse(text).bytes / 2 ** 20);
    }
    expect([...noted]).toEqual([0, ...steps]);
    await draft.discard();
  });

  test('has a note at every moment once it had one, and writes none through a link that stands in its way', async () => {
    const draft = await openPart();
    await draft.restart({ etag: '"abc"', totalBytes: undefined });
    await draft.write(Buffer.alloc(2 ** 20));
    await notedAs(2 ** 20);
    const victim = path.join(folder, 'victim');
    await writeFile(victim, 'precious');
    await symlink(victim, `${note}.new`);
    let missing = 0;
    const watching = setInterval(() => {
      if (!existsSync(note)) missing += 1;
    }, 0);
    await draft.write(Buffer.alloc(2 ** 20));
    await notedAs(2 ** 21);
    clearInterval(watching);
    expect(missing).toBe(0);
    expect(await read(victim)).toBe('precious');
    await draft.discard();
    expect(await readdir(folder)).toEqual(['victim']);
  });

  test('clears away a note that was not yet in its place', async () => {
    await leave('01234');
    await writeFile(`${note}.new`, '{');
    const draft = await openPart();
    expect(draft.length).toBe(5);
    await draft.commit(proven);
    expect(await readdir(folder)).toEqual(['a.wav']);
  });

  test('takes up nothing of what stood there before it started again', async () => {
    await leave('01234');
    const draft = await openPart();
    await draft.restart({ etag: '"def"', totalBytes: 10 });
    await draft.write(Buffer.from('56789'));
    expect((await openPart()).length).toBe(0);
  });
});

describe('PartFile, where the disk stands in the way', () => {
  test('says that a folder stands in the place of the part', async () => {
    await mkdir(part);
    const draft = await openPart();
    await draft.restart(identity);
    await draft.write(Buffer.from('0'));
    await expect(draft.commit(proven)).rejects.toMatchObject({ code: 'FILE_SYSTEM', message: expect.stringContaining(part) });
    await draft.discard();
    expect(await readdir(folder)).toEqual(['a.part']);
  });

  test('says that a folder stands in the place of the note, and closes', async () => {
    await mkdir(note);
    await expect(openPart()).rejects.toMatchObject({ code: 'FILE_SYSTEM', message: expect.stringContaining('a folder stands there') });
    expect(closed).toBe(1);
  });

  test.each([
    ['when it is committed', (draft: PartFile) => draft.commit(proven)],
    ['when it starts again', (draft: PartFile) => draft.restart(undefined)],
    [
      'with what is written later',
      async (draft: PartFile) => {
        for (let n = 0; n < 4; n += 1) await draft.write(Buffer.alloc(2 ** 22));
      },
    ],
  ])('tells of a note that could not be written %s', async (_, next) => {
    const draft = await openPart();
    await draft.restart({ etag: '"abc"', totalBytes: undefined });
    await mkdir(note);
    await draft.write(Buffer.alloc(2 ** 20));
    await eventually(async () => expect((await lstat(part)).size).toBe(2 ** 20));
    await expect(next(draft)).rejects.toMatchObject({ code: 'FILE_SYSTEM' });
    await draft.discard();
    expect(await readdir(folder)).toEqual(['a.part.json']);
  });

  test('keeps nothing that could not be noted', async () => {
    const draft = await openPart();
    await draft.restart({ etag: '"abc"', totalBytes: undefined });
    await mkdir(note);
    await draft.write(Buffer.alloc(2 ** 20));
    await draft.keep();
    expect(await readdir(folder)).toEqual(['a.part.json']);
    expect(closed).toBe(1);
  });

  test('says that a file stands where a folder belongs', async () => {
    await writeFile(path.join(folder, 'file'), '');
    const opening = openPart({ path: path.join(folder, 'file', 'a.part') });
    await expect(opening).rejects.toMatchObject({
      code: 'FILE_SYSTEM',
      message: expect.stringContaining('a file stands where a folder belongs'),
    });
  });

  test('says that the part became shorter while it was read', async () => {
    await leave('01234');
    const draft = await openPart();
    await truncate(part, 2);
    await expect(textOf(draft)).rejects.toMatchObject({ code: 'FILE_SYSTEM', message: expect.stringContaining('shorter') });
  });
});
