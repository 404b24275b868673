import { readFile } from 'node:fs/promises';
import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { RecordingError } from '../src/errors.ts';
import type { OutputStream } from '../src/system.ts';
import { ended, runAlone, served } from './commands/served.ts';
import { testSystem } from './helpers/test-system.ts';

describe('the command line alone', () => {
  it.each([['--version'], ['-V'], ['link', '--help', '--version']])('ends with 0 and no word on standard error for %s', async (...argv) => {
    expect(await runAlone(argv)).toMatchObject({ exitCode: 0, err: '' });
  });

  it('prints the version alone', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8'));
    expect((await runAlone(['--version'])).out).toBe(`${version}\n`);
  });

  it.each([[[]], [['help']], [['--help']]])('shows what to do first: %j', async (argv) => {
    const { exitCode, out, err } = await runAlone(argv);
    expect(exitCode).toBe(0);
    expect(err).toBe('');
    expect(out.match(/^Usage: /gm)).toHaveLength(1);
    for (const command of ['auth login', 'link', 'download', 'batch', 'sandbox']) expect(out).toContain(`kaleyra-rec ${command}`);
  });

  it('shows the help of a command that wants a subcommand', async () => {
    const { exitCode, out } = await runAlone(['auth']);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^Usage: kaleyra-rec auth/);
    expect(out.match(/^Usage: /gm)).toHaveLength(1);
  });
});

describe('a command line that is wrong', () => {
  it.each<[string[], string, string]>([
    [['lnk', 'x'], "Unknown command 'lnk'.", 'Did you mean link? See `kaleyra-rec --help`.'],
    [['nonsense'], "Unknown command 'nonsense'.", 'See `kaleyra-rec --help`.'],
    [['lnk', '--help'], "There is no command 'lnk'.", 'Did you mean link? See `kaleyra-rec --help`.'],
    [['auth', 'logn', '-h'], "There is no command 'logn'.", 'Did you mean login? See `kaleyra-rec auth --help`.'],
    [['auth', 'logn'], "Unknown command 'logn'.", 'Did you mean login? See `kaleyra-rec auth --help`.'],
    [['download', 'x', '--forse'], "Unknown option '--forse'.", 'Did you mean --force? See `kaleyra-rec download --help`.'],
    [['auth', 'login', '--bogus'], "Unknown option '--bogus'.", 'See `kaleyra-rec auth login --help`.'],
    [['--bogus'], "Unknown option '--bogus'.", 'See `kaleyra-rec --help`.'],
    [['link', 'x', '--json=3'], '--json takes no value.', 'See `kaleyra-rec link --help`.'],
    [['download'], "Missing required argument 'id'.", 'See `kaleyra-rec download --help`.'],
    [['link'], "Missing required argument 'id'.", 'See `kaleyra-rec link --help`.'],
    [['verify', 'a', 'b'], "Too many arguments for 'verify'. Expected 1 argument but got 2.", 'See `kaleyra-rec verify --help`.'],
    [['batch', 'l', '--dir'], '--dir needs a value: --dir <archive>.', 'See `kaleyra-rec batch --help`.'],
    [
      ['batch', 'l', '-c', '0'],
      "'0' is not a valid value for --concurrency. Give a whole number of 1 or more.",
      'See `kaleyra-rec batch --help`.',
    ],
    [
      ['link', 'x', '--method', 'PUT'],
      "'PUT' is not a valid value for --method. Allowed choices are post, get.",
      'See `kaleyra-rec link --help`.',
    ],
    [
      ['link', 'x', '--timeout', '1\n2\u001b[2J'],
      "'1\\u000a2\\u001b[2J' is not a valid value for --timeout. Give a number greater than 0.",
      'See `kaleyra-rec link --help`.',
    ],
  ])('%j is told in two lines, and ends with 2', async (argv, message, hint) => {
    const { exitCode, out, errLines } = await runAlone(argv);
    expect(exitCode).toBe(2);
    expect(out).toBe('');
    expect(errLines).toEqual([`error: ${message}`, `hint: ${hint}`]);
  });

  it('is told in JSON as well where that is asked for', async () => {
    const { exitCode, json, errLines } = await runAlone(['link', '--bogus', '--json', 'x']);
    expect(exitCode).toBe(2);
    expect(errLines).toHaveLength(2);
    const error = { code: 'USAGE', message: "Unknown option '--bogus'.", hint: 'See `kaleyra-rec link --help`.', retryable: false };
    expect(json()).toEqual([{ id: null, status: 'failed', error }]);
  });

  it('takes for its own no flag of the command that the sandbox is to run', async () => {
    const { out, exitCode } = await runAlone(['sandbox', '--bogus', '--', 'tool', '--json']);
    expect(exitCode).toBe(2);
    expect(out).toBe('');
  });
});

describe('an error', () => {
  it('has the exit code of its kind', async () => {
    const { exitCode, errLines } = await runAlone(['link', 'x']);
    expect(exitCode).toBe(3);
    expect(errLines).toEqual([expect.stringMatching(/^error: No SID/), expect.stringMatching(/^hint: .*auth login/)]);
  });

  it.each<[string, string[], Record<string, string>, boolean]>([
    ['a terminal', [], {}, true],
    ['a terminal with --no-color', ['--no-color'], {}, false],
    ['a terminal with NO_COLOR', [], { NO_COLOR: '1' }, false],
  ])('is coloured, or not, on %s', async (_where, flags, env, colored) => {
    const { err } = await runAlone(['link', 'x', ...flags], { env, tty: { stderr: true } });
    expect(err.startsWith('\u001b[31;1merror:\u001b[0m ')).toBe(colored);
    expect(err.includes('\u001b')).toBe(colored);
  });

  it('tells where it came from with --verbose, each cause behind the other, and not without', async () => {
    const tool = await served();
    const argv = ['link', 'x', '--retries', '0', '--base-url', 'http://127.0.0.1:9/v1'];
    expect((await tool.run(argv)).errLines).toHaveLength(2);
    const { errLines, exitCode, err } = await tool.run([...argv, '-v']);
    expect(exitCode).toBe(6);
    expect(errLines.filter((line) => line.startsWith('cause: ')).length).toBeGreaterThan(0);
    expect(err).toContain('ECONNREFUSED');
    expect(err).not.toContain(tool.sandbox.apiKey);
  });

  it('that is a fault of the tool ends it with 1, and says how to report it', async () => {
    const system = testSystem({ argv: ['link', 'x'] });
    // Whatever reads the environment first fails; what tells of the error reads it again.
    Object.defineProperty(system, 'env', {
      get: once(() => {
        throw new TypeError('env is not there');
      }, {}),
    });
    const { exitCode, errLines } = await ended(system);
    expect(exitCode).toBe(1);
    expect(errLines).toEqual([
      'error: Unexpected error in kaleyra-rec: env is not there',
      expect.stringMatching(/--verbose, and report its output to whoever gave you this tool/),
    ]);
  });
});

describe('a run that waits for what cannot come', () => {
  it('says so, and ends with 1', async () => {
    const tool = await served();
    const { system, ended } = tool.start(['link', 'sandbox-silent']);
    await until(() => system.stdout.listenerCount('error') > 0);
    system.standStill();
    expect(system.exits).toEqual([1]);
    expect(system.stderrText).toMatch(/^error: Unexpected error in kaleyra-rec: there is nothing left to wait for\nhint: .*--verbose/);
    system.interrupt('SIGINT');
    await ended;
  });

  it('is none once it is over', async () => {
    const { system } = await runAlone(['link']);
    system.standStill();
    expect(system.exits).toEqual([]);
  });
});

describe('what nobody catches', () => {
  it('stops the work, and ends as a fault of the tool: two lines, code 1, no stack, secrets masked', async () => {
    const tool = await served();
    const { system, ended } = tool.start(['link', 'sandbox-silent']);
    await until(() => tool.requests.length > 0 || system.stdout.listenerCount('error') > 0);
    system.crash(new TypeError(`a listener threw\n    at stack; api-key: ${tool.sandbox.apiKey}`));
    system.crash(new TypeError('and once more on the way out'));
    const { exitCode, errLines, err } = await ended;
    expect(exitCode).toBe(1);
    expect(errLines).toEqual([
      'error: Unexpected error in kaleyra-rec: a listener threw',
      expect.stringMatching(/^hint: .*--verbose, and report/),
    ]);
    expect(err).not.toContain(tool.sandbox.apiKey);
  });

  it.each<[unknown, string]>([
    ['a text', 'a text'],
    [undefined, 'undefined'],
    [new RecordingError('NETWORK', 'No connection.', { hint: 'Try again.' }), 'No connection.'],
  ])('may be anything: %s', async (thrown, shown) => {
    const tool = await served();
    const { system, ended } = tool.start(['link', 'sandbox-silent']);
    await until(() => system.stdout.listenerCount('error') > 0);
    system.crash(thrown);
    const { exitCode, errLines } = await ended;
    expect([exitCode, errLines[0]]).toEqual([1, `error: Unexpected error in kaleyra-rec: ${shown}`]);
  });

  it('is listened for no more when the run is over', async () => {
    const { system, err } = await runAlone(['link']);
    system.crash(new Error('late'));
    expect(system.stderrText).toBe(err);
  });
});

describe('a signal', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGHUP', 129],
    ['SIGTERM', 143],
  ] as const)('%s stops the work in good order, with %i', async (signal, exitCode) => {
    const tool = await served();
    const { system, ended } = tool.start(['link', 'sandbox-silent']);
    await until(() => system.stdout.listenerCount('error') > 0);
    system.interrupt(signal);
    const ran = await ended;
    expect(ran.exitCode).toBe(exitCode);
    expect(ran.errLines[0]).toBe(`error: Stopped by ${signal}.`);
    expect(system.exits).toEqual([]);
  });

  it('ends the process at once when it comes a second time', async () => {
    const tool = await served();
    const { system, ended } = tool.start(['link', 'sandbox-silent']);
    await until(() => system.stdout.listenerCount('error') > 0);
    system.interrupt('SIGINT');
    system.interrupt('SIGTERM');
    expect(system.exits).toEqual([143]);
    await ended;
  });

  it('of a terminal that is closed counts once, however often it comes', async () => {
    const tool = await served();
    const { system, ended } = tool.start(['link', 'sandbox-silent']);
    await until(() => system.stdout.listenerCount('error') > 0);
    system.interrupt('SIGTERM');
    system.interrupt('SIGHUP');
    system.interrupt('SIGHUP');
    expect((await ended).exitCode).toBe(143);
    expect(system.exits).toEqual([]);
  });

  it('is left to the process again when the run is over', async () => {
    const { system } = await runAlone(['--version']);
    system.interrupt('SIGINT');
    system.interrupt('SIGINT');
    expect(system.exits).toEqual([]);
  });
});

describe('standard output', () => {
  it('that is closed ends the run quietly, and what was under way with it', async () => {
    const tool = await served();
    const system = testSystem({ argv: ['link', ...Array.from({ length: 50 }, (_, n) => `id-${n}`)], env: envOf(tool) });
    const written = replaceStdout(system, failingAfter(1, 'EPIPE'));
    expect(await ended(system)).toMatchObject({ exitCode: 0, err: '' });
    expect(written.length).toBe(1);
    expect(tool.requests.length).toBeLessThan(10);
  });

  it('that is closed leaves a batch’s rows to the next run, without a word', async () => {
    const tool = await served();
    const list = await tool.write('ids.txt', Array.from({ length: 30 }, (_, n) => `id-${n}\n`).join(''));
    const argv = ['batch', list, '--dir', tool.path('calls'), '--concurrency', '2'];
    const system = testSystem({ argv, env: envOf(tool), manualClock: true });
    replaceStdout(system, failingAfter(1, 'EPIPE'));
    expect(await ended(system)).toMatchObject({ exitCode: 0, err: '' });
    const lines = (await tool.read('calls/manifest.jsonl')).trimEnd().split('\n');
    expect(lines.length).toBeLessThan(10);
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ status: 'saved' });
    expect(await tool.files('calls')).not.toContain('failed.txt');
  });

  it.each([0, 1])('that is on a full disk is an error, wherever it shows (after %i lines)', async (lines) => {
    const tool = await served();
    const system = testSystem({ argv: ['link', 'a', 'b', 'c'], env: envOf(tool) });
    replaceStdout(system, failingAfter(lines, 'ENOSPC'));
    const { exitCode, errLines } = await ended(system);
    expect(exitCode).toBe(7);
    expect(errLines).toEqual([
      'error: Cannot write to standard output: the disk is full.',
      expect.stringMatching(/^hint: Free some space/),
    ]);
  });

  it('whose last line fails when the work is done is an error as well', async () => {
    const tool = await served();
    const system = testSystem({ argv: ['link', 'a'], env: envOf(tool) });
    replaceStdout(system, failingAfter(0, 'ENOSPC'));
    expect((await ended(system)).exitCode).toBe(7);
  });

  it('that is closed when nothing is left to write changes no exit code', async () => {
    const system = testSystem({ argv: ['bogus'] });
    replaceStdout(system, failingAfter(0, 'EPIPE'));
    expect((await ended(system)).exitCode).toBe(2);
  });

  it('may be closed together with standard error', async () => {
    const system = testSystem({ argv: ['link', 'x'] });
    const stderr = new PassThrough();
    stderr.on('error', () => {});
    Object.assign(system, { stderr });
    stderr.destroy(new Error('gone'));
    expect((await ended(system)).exitCode).toBe(3);
  });
});

/** The environment in which the service of a test is known. */
function envOf({ sandbox }: Awaited<ReturnType<typeof served>>): Record<string, string> {
  return { KALEYRA_BASE_URL: sandbox.baseUrl, KALEYRA_SID: sandbox.sid, KALEYRA_API_KEY: sandbox.apiKey };
}

/** A stream that takes so many writes, then fails, each time. */
function failingAfter(writes: number, code: string) {
  const taken: string[] = [];
  const stream = new Writable({
    autoDestroy: false,
    write(chunk: Buffer, _encoding, done) {
      if (taken.length < writes) {
        taken.push(chunk.toString());
        return done();
      }
      setImmediate(() => done(Object.assign(new Error(`write ${code}`), { code, syscall: 'write', errno: -1 })));
    },
  });
  return { stream: stream as OutputStream, taken };
}

function replaceStdout(system: object, { stream, taken }: ReturnType<typeof failingAfter>): string[] {
  Object.assign(system, { stdout: stream });
  return taken;
}

async function until(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((resolve) => setImmediate(resolve));
}

/** A function that does one thing when it is called first, and gives a value from then on. */
function once<Value>(first: () => never, then: Value): () => Value {
  let called = false;
  return () => {
    if (called) return then;
    called = true;
    return first();
  };
}
