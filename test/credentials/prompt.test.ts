import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ask, readKey } from '../../src/credentials/prompt.ts';
import { interruptedError } from '../../src/errors.ts';
import type { InputStream } from '../../src/system.ts';
import { eventually } from '../helpers/eventually.ts';
import { type TestSystem, testSystem } from '../helpers/test-system.ts';

const never = new AbortController().signal;
const hidden = { hidden: true };
const shown = { hidden: false };

function terminal(): TestSystem {
  return testSystem({ tty: true });
}

function askFor(system: TestSystem, options = hidden, signal = never) {
  return ask('Key: ', options, { ...system, signal });
}

/** The terminal must be as it was before: out of raw mode, and nobody reading from it. */
function expectRestored(system: TestSystem) {
  expect(system.rawModes[0]).toBe(true);
  expect(system.rawModes.at(-1)).toBe(false);
  expect(system.stdin.isPaused()).toBe(true);
}

describe('a hidden question', () => {
  it('gives the line that was typed, and shows the question alone', async () => {
    const system = terminal();
    const answer = askFor(system);
    system.type('Asecret\r');
    expect(await answer).toBe('Asecret');
    expect(system.stderrText).toBe('Key: \n');
    expect(system.stdoutText).toBe('');
    expectRestored(system);
  });

  it('is shown only once the terminal has stopped echoing', async () => {
    const system = terminal();
    const rawWhenShown: unknown[] = [];
    const write = system.stderr.write.bind(system.stderr);
    system.stderr.write = (chunk: unknown) => {
      rawWhenShown.push(system.rawModes.at(-1));
      return write(chunk);
    };
    const answer = askFor(system);
    system.type('Asecret\r');
    await answer;
    expect(rawWhenShown[0]).toBe(true);
  });

  it.each([
    ['backspace', 'Asecrett\u007F\r', 'Asecret'],
    ['backspace as some terminals send it', 'Asecrett\b\r', 'Asecret'],
    ['backspace past the start', 'x\u007F\u007F\u007FAsecret\r', 'Asecret'],
    ['Ctrl-U, which drops the line', 'wrong\u0015Asecret\r', 'Asecret'],
    ['arrow keys', 'Ase\u001B[A\u001B[Bcret\u001B[C\u001BOA\r', 'Asecret'],
    ['Home and function keys', 'Asecret\u001B[H\u001BOP\u001B[15~\u001B[F\u001B[3;5~\r', 'Asecret'],
    ['blanks around what was pasted', '  Asecret \t\r', 'Asecret'],
    ['a line feed in place of Enter', 'Asecret\n', 'Asecret'],
    ['a byte for every key', [...'Asecret\r'], 'Asecret'],
    ['nothing', '\r', ''],
  ])('takes %s', async (_what, keys, expected) => {
    const system = terminal();
    const answer = askFor(system);
    for (const key of Array.isArray(keys) ? keys : [keys]) system.type(key);
    expect(await answer).toBe(expected);
    expect(system.stderrText).toBe('Key: \n');
    expectRestored(system);
  });

  it.each(['Asecret\nmore\n', 'Asec\nret', 'Asecret\r\rx'])('refuses several lines that are pasted together: %j', async (keys) => {
    const system = terminal();
    const answer = askFor(system);
    system.type(keys);
    await expect(answer).rejects.toMatchObject({ code: 'USAGE', message: expect.stringContaining('more than one line') });
    expect(system.stderrText).toBe('Key: \n');
    expectRestored(system);
  });

  it('lets the terminal go at Ctrl-Z, and takes it again when it is continued', async () => {
    const system = terminal();
    const answer = askFor(system);
    system.type('Ase');
    system.type('\u001a');
    await eventually(() => expect(system.rawModes.at(-1)).toBe(false));
    system.continued();
    expect(system.rawModes.at(-1)).toBe(true);
    system.type('cret\r');
    expect(await answer).toBe('Asecret');
    expect(system.stderrText).toBe('Key: Key: \n');
    expectRestored(system);
    // Nobody holds it any more.
    const { length } = system.rawModes;
    system.suspend();
    expect(system.rawModes).toHaveLength(length);
  });

  it('ends as interrupted at Ctrl-C', async () => {
    const system = terminal();
    const answer = askFor(system);
    system.type('Asec\u0003');
    await expect(answer).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    expect(system.stderrText).toBe('Key: \n');
    expectRestored(system);
  });

  it('ends without an answer at Ctrl-D', async () => {
    const system = terminal();
    const answer = askFor(system);
    system.type('\u0004');
    await expect(answer).rejects.toMatchObject({ code: 'CREDENTIALS_MISSING' });
    expectRestored(system);
  });

  it('ends without an answer where the terminal goes away', async () => {
    const system = terminal();
    const answer = askFor(system);
    (system.stdin as PassThrough).end();
    await expect(answer).rejects.toMatchObject({ code: 'CREDENTIALS_MISSING' });
    expect(system.rawModes.at(-1)).toBe(false);
  });

  it('ends with the reason of the signal, and lets the terminal go', async () => {
    const system = terminal();
    const controller = new AbortController();
    const answer = askFor(system, hidden, controller.signal);
    const reason = interruptedError('SIGTERM');
    controller.abort(reason);
    await expect(answer).rejects.toBe(reason);
    expectRestored(system);
  });

  it('is not even asked once the signal is aborted', async () => {
    const system = terminal();
    const reason = interruptedError('SIGINT');
    await expect(askFor(system, hidden, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(system.stderrText).toBe('');
    expect(system.rawModes).toEqual([]);
  });
});

describe('an open question', () => {
  it('shows what is typed, on standard error', async () => {
    const system = terminal();
    const answer = askFor(system, shown);
    system.type('HX1\r');
    expect(await answer).toBe('HX1');
    expect(system.stderrText).toContain('Key: ');
    expect(system.stderrText).toContain('HX1');
    expect(system.stdoutText).toBe('');
    expectRestored(system);
  });

  it('can be followed by another one', async () => {
    const system = terminal();
    const first = askFor(system, shown);
    system.type('HX1\r');
    expect(await first).toBe('HX1');
    const second = askFor(system);
    system.type('Asecret\r');
    expect(await second).toBe('Asecret');
    expect(system.stderrText).not.toContain('Asecret');
    expectRestored(system);
  });
});

describe('a key on standard input', () => {
  const read = (content: string | Readable) => readKey(testSystem({ stdin: content }).stdin, never);

  it.each([
    ['Akey', 'Akey'],
    ['Akey\n', 'Akey'],
    ['Akey\r\n', 'Akey'],
    ['\uFEFFAkey\r\n', 'Akey'],
    ['  Akey \n\n', 'Akey'],
    ['', ''],
    ['\n \n', ''],
    ['\nAkey\n', 'Akey'],
  ])('%j gives %j', async (content, key) => {
    expect(await read(content)).toBe(key);
  });

  it('may come in pieces', async () => {
    expect(await read(Readable.from([Buffer.from('Ak'), Buffer.from('ey\n')]))).toBe('Akey');
  });

  it.each(['Akey\nmore\n', 'A0123456789abcdef\n0123456789ab7e57', 'Akey\r\nmore'])('is refused in several lines: %j', async (content) => {
    await expect(read(content)).rejects.toMatchObject({ code: 'USAGE', message: expect.stringContaining('more than one line') });
  });

  it('is had before the other side has closed', async () => {
    const pipe = new PassThrough();
    pipe.write('Akey\n');
    expect(await read(pipe)).toBe('Akey');
  });

  it('is given up where the line has no end', async () => {
    let sent = 0;
    const endless = new Readable({
      read() {
        sent += 1;
        this.push(Buffer.alloc(1024, 'x'));
      },
    });
    await expect(read(endless)).rejects.toMatchObject({ code: 'USAGE' });
    expect(sent).toBeLessThan(100);
  });

  it('is no longer waited for when the signal is aborted', async () => {
    const controller = new AbortController();
    const silent: InputStream = new PassThrough();
    const key = readKey(silent, controller.signal);
    const reason = interruptedError('SIGINT');
    controller.abort(reason);
    await expect(key).rejects.toBe(reason);
  });
});
