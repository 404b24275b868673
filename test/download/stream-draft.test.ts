import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { Draft } from '../../src/archive/draft.ts';
import { streamDestination } from '../../src/download/stream-draft.ts';
import { testSystem } from '../helpers/test-system.ts';

const identity = { etag: '"abc"', totalBytes: 10 };
const told = { bytes: 10, sha256: '0'.repeat(64), contentType: null, etag: null, attempts: 1, durationMs: 0 };
const proven = { extension: 'wav', ...told };

/** A draft on a standard output that keeps what it gets. */
async function open(): Promise<{ draft: Draft; text: () => string }> {
  const system = testSystem();
  return { draft: await streamDestination(system.stdout).open('a'), text: () => system.stdoutText };
}

describe('streamDestination', () => {
  test('hands the bytes on as they come, and is named -', async () => {
    const { draft, text } = await open();
    await draft.restart(identity);
    await draft.write(Buffer.from('01234'));
    expect(text()).toBe('01234');
    await draft.write(Buffer.from('56789'));
    expect([draft.length, draft.identity]).toEqual([10, identity]);
    expect(await draft.commit(proven)).toEqual({ id: 'a', file: '-', ...told });
    expect(text()).toBe('0123456789');
  });

  test('has nothing from earlier runs, and leaves nothing', async () => {
    const { draft, text } = await open();
    for await (const _ of draft.earlier()) expect.unreachable();
    await draft.keep();
    await draft.discard();
    expect(text()).toBe('');
  });

  test.each([[['0123456789']], [['01', '23', '456', '789']], [['01234', '56789']], [['012345', '6789']], [['0', '123456789']]])(
    'after a restart writes only what is new of %j',
    async (pieces) => {
      const { draft, text } = await open();
      await draft.restart(identity);
      await draft.write(Buffer.from('01234'));
      await draft.restart(identity);
      expect(draft.length).toBe(0);
      for (const piece of pieces) await draft.write(Buffer.from(piece));
      expect(draft.length).toBe(10);
      await draft.commit(proven);
      expect(text()).toBe('0123456789');
    },
  );

  test('goes through any number of restarts, each cut where it may', async () => {
    const { draft, text } = await open();
    for (const cut of [3, 1, 5, 5, 4, 7, 10]) {
      await draft.restart(identity);
      for (const character of '0123456789'.slice(0, cut)) await draft.write(Buffer.from(character));
    }
    await draft.commit(proven);
    expect(text()).toBe('0123456789');
  });

  test.each([
    ['in its first byte', 'X123456789'],
    ['in the last byte that was written', '0123X56789'],
  ])('writes nothing more where what comes again differs %s', async (_, again) => {
    const { draft, text } = await open();
    await draft.restart(identity);
    await draft.write(Buffer.from('01234'));
    await draft.restart(identity);
    const writing = async () => {
      for (const character of again) await draft.write(Buffer.from(character));
    };
    await expect(writing()).rejects.toMatchObject({ code: 'CONTENT_MISMATCH', message: expect.stringContaining('changed') });
    expect(text()).toBe('01234');
  });

  test('is not done where what came again is shorter than what was written', async () => {
    const { draft } = await open();
    await draft.restart(identity);
    await draft.write(Buffer.from('01234'));
    await draft.restart(identity);
    await draft.write(Buffer.from('0123'));
    await expect(draft.commit(proven)).rejects.toMatchObject({ code: 'CONTENT_MISMATCH', message: expect.stringContaining('shorter') });
  });

  test('waits until a slow reader has taken what was written', async () => {
    const taken: (() => void)[] = [];
    const output = new Writable({ write: (_chunk, _encoding, done) => void taken.push(done) });
    const draft = await streamDestination(output).open('a');
    await draft.restart(identity);
    let done = false;
    const writing = draft.write(Buffer.from('0'))?.then(() => {
      done = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toBe(false);
    taken.shift()?.();
    await writing;
  });

  test('says what is wrong with the file behind it, at the write or at the end', async () => {
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC', syscall: 'write' });
    for (const fails of ['write', 'end']) {
      let writes = 0;
      const output = new Writable({
        write(_chunk, _encoding, done) {
          writes += 1;
          done(fails === 'write' || writes === 2 ? full : null);
        },
      }).on('error', () => undefined);
      const draft = await streamDestination(output).open('a');
      await draft.restart(identity);
      const saving = async () => {
        await draft.write(Buffer.from('0'));
        await draft.commit(proven);
      };
      await expect(saving()).rejects.toMatchObject({ code: 'FILE_SYSTEM', message: 'Cannot write to standard output: the disk is full.' });
    }
  });

  test('does not wait for ever on an output that was closed', async () => {
    const output = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => done() }).on('error', () => undefined);
    const draft = await streamDestination(output).open('a');
    await draft.restart(identity);
    output.destroy();
    await expect(draft.write(Buffer.from('01234'))).rejects.toThrow();
  });
});
