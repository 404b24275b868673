import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/program/program.ts';
import { runAlone } from '../commands/served.ts';
import { testContext, testSystem } from '../helpers/test-system.ts';

/** The words of every command that does something, as `['auth', 'login']`. */
async function commands(): Promise<string[][]> {
  const program = await createProgram(testContext(testSystem()), () => {});
  return program.commands.flatMap((command) => {
    const below = command.commands.map((each) => [command.name(), each.name()]);
    return below.length > 0 ? below : [[command.name()]];
  });
}

const all = await commands();

describe('the commands', () => {
  it('are those of the contract', () => {
    const names = all.map((words) => words.join(' '));
    const promised = ['link', 'download', 'batch', 'verify', 'auth login', 'auth status', 'auth logout', 'sandbox', 'completion'];
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

  it('has three worked examples of the command itself, each with what it is for', async () => {
    const [, examples = ''] = (await help()).split(/^Examples:\n/m);
    const lines = examples.split('\n\n')[0]?.split('\n') ?? [];
    expect(lines.filter((line) => line.includes(`kaleyra-rec ${name}`)).length).toBeGreaterThanOrEqual(3);
    expect(lines.filter((line) => /(^ | ) # \S/.test(line)).length).toBeGreaterThanOrEqual(3);
  });

  it('fits a screen, its special ids apart', async () => {
    const [page = ''] = (await help()).split('\n\nEvery id is');
    expect(page.split('\n').length).toBeLessThanOrEqual(name === 'batch' ? 60 : 45);
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
    expect(steps.split('\n\n')[0]?.split('\n')[0]).toContain('kaleyra-rec sandbox -- ');
    expect(out.split('\n').length).toBeLessThanOrEqual(35);
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
    for (const code of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 130, 143]) expect(out).toMatch(new RegExp(`\\b${code}\\b`));
  });

  it('is as wide as 80 columns where the output has no width, and no wider', async () => {
    const widest = async (columns: number) =>
      Math.max(...(await runAlone(['batch', '--help'], { columns })).out.split('\n').map(({ length }) => length));
    expect(await widest(0)).toBe(await widest(80));
    expect(await widest(500)).toBeLessThanOrEqual(80);
  });

  it('of the time limits tells their defaults in the seconds that they take', async () => {
    const { out } = await runAlone(['link', '--help']);
    expect(out.replace(/\s+/g, ' ')).toContain('--timeout <seconds> for each request to answer (default: 30)');
    expect(out).not.toContain('30000');
  });

  it('of the sandbox lists its special ids', async () => {
    for (const argv of [
      ['sandbox', '--help'],
      ['help', 'sandbox'],
    ]) {
      const { out } = await runAlone(argv);
      for (const id of ['sandbox-invalid', 'sandbox-changed', 'sandbox-size-<n>']) expect(out).toContain(`\n  ${id} `);
    }
    expect((await runAlone(['link', '--help'])).out).not.toContain('sandbox-invalid');
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
