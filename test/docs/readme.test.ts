import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, CommanderError, type Option } from 'commander';
import { describe, expect, test } from 'vitest';
import { EXIT_CODES, EXIT_DONE, EXIT_HUNG_UP, EXIT_INCOMPLETE, EXIT_TERMINATED } from '../../src/errors.ts';
import { createProgram } from '../../src/program/program.ts';
import { SPECIAL_IDS } from '../../src/sandbox/scenarios.ts';
import { testContext, testSystem } from '../helpers/test-system.ts';
import { inlineCode, type ShownCommand, shownCommands, tableBelow } from './markdown.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** The program tree, with actions that do nothing. */
async function programTree(): Promise<Command> {
  const program = createProgram(testContext(testSystem()), () => {});
  for (const command of leavesOf(program)) command.action(() => {});
  return program;
}

/** The commands that do something: `link`, `auth login`, but not `auth`. */
function leavesOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}

/** A command as it is typed behind the tool's name; the tool's own name for the root. */
function nameOf(command: Command): string {
  return command.parent?.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();
}

function optionsOf(command: Command): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}

/** A default as a user would type it. Where the help does not say otherwise, seconds are kept as milliseconds. */
function defaultOf(option: Option): string | undefined {
  const { defaultValue, defaultValueDescription, flags } = option;
  if (defaultValue === undefined || typeof defaultValue === 'boolean') return undefined;
  return defaultValueDescription ?? String(flags.includes('<seconds>') ? Number(defaultValue) / 1000 : defaultValue);
}

/** What parsing the command line says against it; undefined for nothing. What asks for the help or the version is right too. */
async function faultOf({ words, isWhole }: ShownCommand): Promise<string | undefined> {
  try {
    await (await programTree()).parseAsync(words, { from: 'user' });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const isHelp = error.exitCode === 0;
    const isMention = !isWhole && ['commander.missingArgument', 'commander.help'].includes(error.code);
    return isHelp || isMention ? undefined : error.message;
  }
}

const cellCode = (cell = '') => cell.replaceAll('`', '');

describe('the flags of the README', () => {
  const rows = tableBelow(readme, '## Flags');

  test('are those of the program, each with its commands', async () => {
    const program = await programTree();
    const commands = [program, ...leavesOf(program)];
    const actual = new Map<string, string[]>();
    for (const command of commands) {
      for (const { flags } of optionsOf(command)) actual.set(flags, [...(actual.get(flags) ?? []), nameOf(command)]);
    }
    const everywhere = commands.map(nameOf);
    const shown = rows.map(([flag, names = '']) => [cellCode(flag), names === 'all' ? everywhere : names.split(', ')] as const);
    const sorted = (entries: Iterable<readonly [string, string[]]>) =>
      Object.fromEntries([...entries].map(([flag, names]) => [flag, [...names].sort()]));

    expect(new Set(shown.map(([flag]) => flag)).size).toBe(shown.length);
    expect(sorted(shown)).toEqual(sorted(actual));
  });

  test('tell their defaults', async () => {
    const meanings = new Map(rows.map(([flag, , meaning = '']) => [cellCode(flag), cellCode(meaning)]));
    const defaults = leavesOf(await programTree()).flatMap((command) =>
      optionsOf(command).flatMap((option) => {
        const value = defaultOf(option);
        return value === undefined ? [] : [[option.flags, value] as const];
      }),
    );
    expect(defaults.length).toBeGreaterThan(0);
    for (const [flags, value] of defaults) expect(meanings.get(flags), flags).toContain(`(${value})`);
  });
});

test('the exit codes of the README are those of the program', () => {
  const rows = tableBelow(readme, '## Exit codes').map(([codes = '', names = '']) => ({
    codes: codes.split(', ').map(Number),
    names: names === '' ? [] : names.split(', ').map(cellCode),
  }));
  const byName = new Map(rows.flatMap(({ codes, names }) => names.map((name) => [name, codes] as const)));

  expect([...byName.keys()].sort()).toEqual(Object.keys(EXIT_CODES).sort());
  for (const [name, code] of Object.entries(EXIT_CODES)) expect(byName.get(name), name).toContain(code);
  const all = new Set([EXIT_DONE, EXIT_HUNG_UP, EXIT_INCOMPLETE, EXIT_TERMINATED, ...Object.values(EXIT_CODES)]);
  expect(rows.flatMap(({ codes }) => codes)).toEqual([...all].sort((one, other) => one - other));
});

test('the special ids of the README are those of the sandbox', () => {
  const shown = tableBelow(readme, '## The sandbox').map(([id, does]) => ({ id: cellCode(id), does }));
  expect(shown).toEqual(SPECIAL_IDS);
});

test('the settings of the README are those that the sources read', () => {
  const names = (text: string) => new Set(text.match(/\bKALEYRA_[A-Z_]*[A-Z]/g));
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const sources = files.map((file) => readFileSync(join(root, 'src', file), 'utf8'));
  const shown = tableBelow(readme, '## Environment').map(([variables = '']) => variables);
  expect([...names(shown.join())].sort()).toEqual([...names(sources.join('\n'))].sort());
});

test('the flags that the README mentions are there', async () => {
  const program = await programTree();
  const flags = new Set([program, ...leavesOf(program)].flatMap((command) => optionsOf(command).map(({ long }) => long)));
  const mentioned = inlineCode(readme).flatMap((code) => code.match(/(?<!\S)--[a-z][a-z-]*/g) ?? []);
  expect(mentioned.length).toBeGreaterThan(0);
  for (const flag of mentioned) expect(flags).toContain(flag);
});

describe('the commands of the README', () => {
  const commands = shownCommands(readme);

  test('show every command at work', async () => {
    const shown = commands.filter(({ isWhole }) => isWhole).map(({ words }) => words.join(' '));
    for (const name of leavesOf(await programTree())
      .map(nameOf)
      .filter((name) => name !== 'auth logout')) {
      expect(
        shown.some((line) => line === name || line.startsWith(`${name} `)),
        name,
      ).toBe(true);
    }
  });

  test.each([...new Map(commands.map((command) => [command.words.join(' '), command]))])('kaleyra-rec %s', async (_line, command) => {
    expect(await faultOf(command)).toBeUndefined();
  });

  test.each([
    ['download a --colour', "error: unknown option '--colour'"],
    ['batch', "error: missing required argument 'source'"],
    ['fetch a', "error: unknown command 'fetch'"],
  ])('would not be let through as %s', async (line, fault) => {
    expect(await faultOf({ words: line.split(' '), isWhole: true })).toContain(fault);
  });
});

test('the links within the README lead somewhere', () => {
  const headings = [...readme.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
  const targets = [...readme.matchAll(/\]\(#([^)]+)\)/g)].map(([, target]) => target);
  expect(targets.length).toBeGreaterThan(0);
  for (const target of targets) expect(headings).toContain(target);
});

test("the version in the README is the package's", () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const tarballs = new Set(readme.match(/kaleyra-rec-\d[\w.-]*\.tgz/g));
  expect([...tarballs]).toEqual([`kaleyra-rec-${version}.tgz`]);
});
