import type { FileHandle } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { WriteBehind, type WriteBehindOptions } from '../../src/disk/write-behind.ts';

const KIB = 1024;

/** A file that is written when the test says so, and as far as it says. */
function slowFile() {
  const writes: { pieces: Uint8Array[]; position: number; settle: (bytesWritten?: number) => void; fail: (error: Error) => void }[] = [];
  const writev = (pieces: readonly NodeJS.ArrayBufferView[], position?: number) =>
    new Promise<{ bytesWritten: number; buffers: never[] }>((resolve, reject) => {
      const all = pieces.reduce((bytes, { byteLength }) => bytes + byteLength, 0);
      writes.push({
        pieces: [...pieces] as Uint8Array[],
        position: position ?? Number.NaN,
        settle: (bytesWritten = all) => resolve({ bytesWritten, buffers: [] }),
        fail: reject,
      });
    });
  return { writes, open: async () => ({ writev }) as Pick<FileHandle, 'writev'> };
}

function writeBehind(file: ReturnType<typeof slowFile>, options: Partial<WriteBehindOptions> = {}) {
  return new WriteBehind({ path: 'call.part', file: file.open, onWritten: () => undefined, ...options });
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Whether a promise is still open after a turn. */
async function isOpen(promise: Promise<unknown> | undefined): Promise<boolean> {
  return (await Promise.race([promise?.then(() => 'settled'), turn().then(() => 'open')])) === 'open';
}

describe('writing behind', () => {
  it('writes at once what comes together, and together what comes during that', async () => {
    const file = slowFile();
    const bytes = writeBehind(file);
    for (let piece = 0; piece < 3; piece += 1) expect(bytes.write(Buffer.alloc(64 * KIB, piece))).toBeUndefined();
    await turn();
    expect(file.writes).toHaveLength(1);
    expect(file.writes[0]?.pieces.map(([first]) => first)).toEqual([0, 1, 2]);
    for (const piece of [3, 4]) expect(bytes.write(Buffer.alloc(64 * KIB, piece))).toBeUndefined();
    expect(bytes).toMatchObject({ length: 320 * KIB, written: 0 });
    file.writes[0]?.settle();
    await turn();
    expect(file.writes[1]?.pieces.map(([first]) => first)).toEqual([3, 4]);
    file.writes[1]?.settle();
    await bytes.flush();
    expect(bytes.written).toBe(320 * KIB);
  });

  it('takes more while it writes, and lets nobody send on when half a megabyte is waiting', async () => {
    const file = slowFile();
    const bytes = writeBehind(file);
    bytes.write(Buffer.alloc(256 * KIB));
    await turn();
    const full = bytes.write(Buffer.alloc(256 * KIB));
    expect(await isOpen(full)).toBe(true);
    expect(file.writes).toHaveLength(1);
    file.writes[0]?.settle();
    await turn();
    expect(file.writes[1]).toMatchObject({ position: 256 * KIB });
    expect(await isOpen(full)).toBe(true);
    file.writes[1]?.settle();
    await full;
  });

  it('goes on where a writing took only a part, whichever piece it ended in', async () => {
    const file = slowFile();
    const bytes = writeBehind(file, { length: 10 });
    for (const piece of ['abc', 'def', 'ghi']) bytes.write(Buffer.from(piece));
    const done = bytes.flush();
    const taken = [];
    for (const count of [2, 1, 4, 2]) {
      await turn();
      const write = file.writes.at(-1);
      taken.push([write?.position, String(Buffer.concat(write?.pieces ?? []))]);
      write?.settle(count);
    }
    await done;
    expect(taken).toEqual([
      [10, 'abcdefghi'],
      [12, 'cdefghi'],
      [13, 'defghi'],
      [17, 'hi'],
    ]);
    expect(bytes).toMatchObject({ length: 19, written: 19 });
  });

  it('waits after each writing for what is done then, and tells of its failure', async () => {
    const file = slowFile();
    let told: (error: Error) => void = () => {};
    const bytes = writeBehind(file, { onWritten: () => new Promise((_, reject) => (told = reject)) });
    bytes.write(Buffer.from('x'));
    const done = bytes.flush();
    await turn();
    file.writes[0]?.settle();
    expect(await isOpen(done)).toBe(true);
    told(Object.assign(new Error('i/o error'), { code: 'EIO', syscall: 'fdatasync' }));
    await expect(done).rejects.toMatchObject({ code: 'FILE_SYSTEM' });
  });

  it('fails for good where a writing failed, also for who comes later', async () => {
    const file = slowFile();
    const bytes = writeBehind(file);
    bytes.write(Buffer.alloc(256 * KIB));
    await turn();
    file.writes[0]?.fail(Object.assign(new Error('no space left on device'), { code: 'ENOSPC', syscall: 'write' }));
    const failure = { code: 'FILE_SYSTEM', message: expect.stringContaining('call.part') };
    await expect(bytes.flush()).rejects.toMatchObject(failure);
    await expect(bytes.write(Buffer.alloc(256 * KIB))).rejects.toMatchObject(failure);
    await expect(bytes.flush()).rejects.toMatchObject(failure);
    await expect(bytes.drop()).rejects.toMatchObject(failure);
    expect(file.writes).toHaveLength(1);
  });

  it('writes nothing more once it is dropped, and says when what it was at is over', async () => {
    const file = slowFile();
    const bytes = writeBehind(file);
    bytes.write(Buffer.alloc(256 * KIB));
    await turn();
    bytes.write(Buffer.from('later'));
    const dropped = bytes.drop();
    expect(await isOpen(dropped)).toBe(true);
    file.writes[0]?.settle();
    await dropped;
    await turn();
    expect(file.writes).toHaveLength(1);
  });
});
