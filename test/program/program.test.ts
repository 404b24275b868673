import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/program/program.ts';
import { runAlone } from '../commands/served.ts';
import { type TestSystemOptions, testContext, testSystem } from '../helpers/test-system.ts';

/** The words of every command that does something, as `['auth', 'login']`. */
function commands(): string[][] {
  const program = createProgram(testContext(testSystem()), () => {});
  return program.commands.flatMap((command) => {
    const below = command.commands.map((each) => [command.name(), each.name()]);
    return below.length > 0 ? below : [[command.name()]];
  });
}

const all = commands();

describe('the commands', () => {
  it('are those of the contract', () => {
    const names = all.map((words) => words.join(' '));
    const promised = [
      'link',
      'download',
      'batch',
      'verify',
      'list',
      'browse',
      'auth login',
      'auth status',
      'auth logout',
      'sandbox',
      'completion',
    ];
    expect(names.sort()).toEqual(promised.sort());
  });
});

describe.each(all.map((words) => [words.join(' '), words] as const))('the help of %s', (name, words) => {
  const help = async (columns?: number) => {
    const { exitCode, out, err } = await runAlone([...words, '--help'], { ...(columns && { columns }) });
    expect([exitCode, err]).toEqual([0, '']);
    return out;
  };

  it('begins with how it is used', async () => {
    expect(await help()).toMatch(new RegExp(`^Usage: kaleyra-rec ${name} `));
  });

  it('has three worked examples before its flags, each alone on its line below what it is for', async () => {
    const page = await help();
    const [, shown = ''] = page.split(/^Examples:\n/m);
    const lines = shown.split('\n\n')[0]?.split('\n') ?? [];
    expect(page.indexOf('Examples:')).toBeLessThan(page.indexOf('--help  ') + 1 || page.length);
    expect(lines.length).toBeGreaterThanOrEqual(6);
    for (const [index, line] of lines.entries()) {
      // zsh takes # for an argument.
      expect(line).toMatch(index % 2 === 0 ? /^ {2}\S.*:$/ : /^ {4}\S[^#]*$/);
      if (index % 2 === 1) expect(line).toContain(`kaleyra-rec ${name}`);
    }
  });

  it('fits a screen', async () => {
    expect((await help()).split('\n').length).toBeLessThanOrEqual(name === 'batch' ? 75 : 50);
  });

  it('has every flag under a heading that says what it is about', async () => {
    const headings = (await help()).match(/^\S.*:$/gm) ?? [];
    if (!['sandbox', 'completion'].includes(name)) expect(headings).not.toContain('Options:');
    expect(new Set(headings).size).toBe(headings.length);
  });

  it('fits 80 columns', async () => {
    expect((await help(80)).split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('tells no default that says nothing', async () => {
    expect(await help()).not.toContain('default: false');
  });
});

describe('the help', () => {
  it('alone says first what to do first, in lines that the commands take', async () => {
    const { out } = await runAlone(['--help']);
    const [, steps = ''] = out.split(/^First steps:\n/m);
    expect(out.indexOf('First steps:')).toBeLessThan(out.indexOf('Commands:'));
    expect(steps.split('\n')[1]).toContain('    kaleyra-rec sandbox -- ');
    expect(out.split('\n').length).toBeLessThanOrEqual(40);
    expect((await runAlone([])).out).toBe(out);
  });

  it('of a flag with choices names them, and its default', async () => {
    const { out } = await runAlone(['batch', '--help']);
    expect(out).toMatch(/^ {2}--region <global\|in\|ap\|eu> {2}\S/m);
    expect(out).toMatch(/^ {2}--order <oldest\|report> .*\(default: oldest\)$/m);
  });

  it('alone fits 80 columns, and lists every command and exit code', async () => {
    const { out } = await runAlone(['--help']);
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
    for (const [command = ''] of all) expect(out).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
    for (const code of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 129, 130, 143]) expect(out).toMatch(new RegExp(`\\b${code}\\b`));
  });

  it('is as wide as the terminal, and 80 columns where there is none', async () => {
    const page = async (columns?: number) => (await runAlone(['batch', '--help'], columns === undefined ? {} : { tty: true, columns })).out;
    // The commands of examples are not wrapped, so that they can be pasted; they alone stand so far in.
    const wrapped = (text: string) => stripVTControlCharacters(text).replace(/^ {4}\S.*\n/gm, '');
    const widest = (text: string) =>
      Math.max(
        ...wrapped(text)
          .split('\n')
          .map(({ length }) => length),
      );
    expect(widest(await page())).toBeLessThanOrEqual(80);
    for (const columns of [60, 45, 40]) expect(widest(await page(columns))).toBeLessThanOrEqual(columns);
    expect(widest(await page(120))).toBeGreaterThan(100);
    expect(widest(await page(0))).toBeLessThanOrEqual(80);
  });

  it('has bold headings on a terminal, unless colors are not wanted', async () => {
    const page = async (options: TestSystemOptions, ...argv: string[]) => (await runAlone(['link', '--help', ...argv], options)).out;
    expect(await page({ tty: true })).toContain('\u001b[1mExamples:\u001b[0m');
    for (const plain of [page({}), page({ tty: true, env: { NO_COLOR: '1' } }), page({ tty: true }, '--no-color')]) {
      expect(await plain).not.toContain('\u001b');
    }
  });

  it('of the time limits tells their defaults in the seconds that they take', async () => {
    const { out } = await runAlone(['link', '--help']);
    expect(out.replace(/\s+/g, ' ')).toContain('--timeout <seconds> wait this long for each answer (default: 30)');
    expect(out).not.toContain('30000');
  });

  it('offers no flag that does nothing, and takes it all the same', async () => {
    expect((await runAlone(['link', 'x', '--stall-timeout', '5'])).exitCode).toBe(3);
    expect((await runAlone(['link', '--help'])).out).not.toContain('--stall-timeout');
    expect((await runAlone(['auth', 'status', '--help'])).out).not.toMatch(/--retries|--stall-timeout/);
  });

  it.each([
    ['help', 'auth', 'login'],
    ['auth', 'help', 'login'],
    ['help', 'link', '--json'],
    ['help', 'help'],
  ])('%s %s %s is shown', async (...argv) => {
    const { exitCode, out } = await runAlone(argv);
    expect([exitCode, out]).toEqual([0, expect.stringMatching(/^Usage: kaleyra-rec /)]);
  });

  it.each([
    [['help', 'lnk'], 'Did you mean link? See `kaleyra-rec --help`.'],
    [['help', 'auth', 'logn'], 'Did you mean login? See `kaleyra-rec auth --help`.'],
    [['auth', 'help', 'nothing'], 'See `kaleyra-rec auth --help`.'],
  ])('of what is no command is an error: %j', async (argv, hint) => {
    const { exitCode, out, errLines } = await runAlone(argv);
    expect([exitCode, out, errLines[1]]).toEqual([2, '', `hint: ${hint}`]);
  });
});

describe('the special ids of the sandbox', () => {
  it('are listed, within the width of a terminal', async () => {
    const { exitCode, lines } = await runAlone(['sandbox', '--list']);
    expect(exitCode).toBe(0);
    for (const id of ['sandbox-invalid', 'sandbox-changed', 'sandbox-size-<n>'])
      expect(lines.filter((line) => line.startsWith(`${id} `))).toHaveLength(1);
    const narrow = await runAlone(['sandbox', '--list'], { tty: true, columns: 60 });
    expect(narrow.lines.filter((line) => line.length > 60)).toEqual([]);
  });
});

describe('what people type', () => {
  it.each([[['version']], [['--version']], [['-V']]])('%j tells the version', async (argv) => {
    expect((await runAlone(argv)).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('login and logout are those of auth', async () => {
    expect((await runAlone(['login', '--help'])).out).toMatch(/^Usage: kaleyra-rec auth login /);
    expect((await runAlone(['logout', '--help'])).out).toMatch(/^Usage: kaleyra-rec auth logout /);
  });

  const KEY = 'A0123456789abcdef0123456789ab7e57';
  it.each([
    [['link', '--api-key', KEY, 'x']],
    [['link', 'x', `--key=${KEY}`]],
    [['auth', 'login', `--api_key=${KEY}`]],
    [['batch', '--token', KEY]],
  ])('a flag for the key is refused with the reason, and the key not repeated: %#', async (argv) => {
    const { exitCode, out, err, errLines } = await runAlone([...argv, '--json']);
    expect(exitCode).toBe(2);
    expect(errLines[0]).toContain('every user of this machine can read a command line');
    expect(errLines[1]).toContain('kaleyra-rec auth login');
    expect(out + err).not.toContain(KEY);
  });

  it.each([
    [[KEY]],
    [['help', KEY]],
    [['link', `--sid=${KEY}`, 'x']],
    [['link', 'x', '--profile', KEY]],
    [['link', `--foo=${KEY}`]],
    [['link', '--region', KEY]],
  ])('a key in the wrong place is not repeated: %#', async (argv) => {
    const { exitCode, out, err } = await runAlone([...argv, '--json']);
    expect(exitCode).toBe(2);
    expect(out + err).not.toContain(KEY.slice(4));
  });

  it.each([
    ['link', '-1a2b=='],
    ['download', '-+a/b=='],
  ])('%s %s is answered with how to ask for an id that begins with a dash', async (...argv) => {
    const { exitCode, errLines } = await runAlone(argv);
    expect(exitCode).toBe(2);
    expect(errLines[1]).toContain(`\`kaleyra-rec ${argv[0]} -- ${argv[1]}\``);
  });
});

describe('a slip of the fingers', () => {
  it.each([
    ['dowload x', 'download', 'kaleyra-rec --help'],
    ['auth logn', 'login', 'kaleyra-rec auth --help'],
    ['link x --validty 3', '--validity', 'kaleyra-rec link --help'],
    ['batch x --concurency 3', '--concurrency', 'kaleyra-rec batch --help'],
  ])('%s is answered with %s, and where to read on', async (line, right, page) => {
    const { exitCode, errLines } = await runAlone(line.split(' '));
    expect(exitCode).toBe(2);
    expect(errLines[1]).toBe(`hint: Did you mean ${right}? See \`${page}\`.`);
  });
});
