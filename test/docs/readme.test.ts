import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, CommanderError } from 'commander';
import { describe, expect, test } from 'vitest';
import { EXIT_CODES, EXIT_DONE, EXIT_HUNG_UP, EXIT_INCOMPLETE, EXIT_TERMINATED } from '../../src/errors.ts';
import { createProgram } from '../../src/program/program.ts';
import { SPECIAL_IDS } from '../../src/sandbox/scenarios.ts';
import { testContext, testSystem } from '../helpers/test-system.ts';
import { documents, everyDocument, readDocument } from './documents.ts';
import { leavesOf, nameOf, optionsOf } from './flags-page.ts';
import { inlineCode, type ShownCommand, shownCommands, tableBelow } from './markdown.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The program tree, with actions that do nothing. */
async function programTree(): Promise<Command> {
  const program = createProgram(testContext(testSystem()), () => {});
  for (const command of leavesOf(program)) command.action(() => {});
  return program;
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

test('the exit codes of the README are those of the program', () => {
  const rows = tableBelow(readDocument('README.md'), '## Exit codes').map(([codes = '', names = '']) => ({
    codes: codes.split(', ').map(Number),
    names: names === '' ? [] : names.split(', ').map(cellCode),
  }));
  const byName = new Map(rows.flatMap(({ codes, names }) => names.map((name) => [name, codes] as const)));

  expect([...byName.keys()].sort()).toEqual(Object.keys(EXIT_CODES).sort());
  for (const [name, code] of Object.entries(EXIT_CODES)) expect(byName.get(name), name).toContain(code);
  const all = new Set([EXIT_DONE, EXIT_HUNG_UP, EXIT_INCOMPLETE, EXIT_TERMINATED, ...Object.values(EXIT_CODES)]);
  expect(rows.flatMap(({ codes }) => codes)).toEqual([...all].sort((one, other) => one - other));
});

test('the special ids of the page on the sandbox are those of the sandbox', () => {
  const shown = tableBelow(readDocument('docs/sandbox.md'), '## Special ids').map(([id, does]) => ({ id: cellCode(id), does }));
  expect(shown).toEqual(SPECIAL_IDS);
});

test('the settings that are told are those that the sources read', () => {
  const names = (text: string) => new Set(text.match(/\bKALEYRA_[A-Z_]*[A-Z]/g));
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const sources = files.map((file) => readFileSync(join(root, 'src', file), 'utf8'));
  const shown = tableBelow(readDocument('docs/settings.md'), '# Settings').map(([variables = '']) => variables);
  expect([...names(shown.join())].sort()).toEqual([...names(sources.join('\n'))].sort());
});

test('the flags that are mentioned are there', async () => {
  const program = await programTree();
  const flags = new Set([program, ...leavesOf(program)].flatMap((command) => optionsOf(command).map(({ long }) => long)));
  const mentioned = inlineCode(everyDocument).flatMap((code) => code.match(/(?<!\S)--[a-z][a-z-]*/g) ?? []);
  expect(mentioned.length).toBeGreaterThan(0);
  for (const flag of mentioned) expect(flags).toContain(flag);
});

describe('the commands that are shown', () => {
  const commands = shownCommands(everyDocument);

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

describe('the links of', () => {
  const anchors = (text: string) =>
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );

  test.each([...documents])('%s lead somewhere', (path, text) => {
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
      const [file = '', anchor] = target.split('#');
      const found = file === '' ? path : posix.join(posix.dirname(path), file);
      expect(existsSync(join(root, found)), `${path}: ${target}`).toBe(true);
      if (anchor !== undefined) expect(anchors(readDocument(found)), `${path}: ${target}`).toContain(anchor);
    }
  });

  test('README lead to every page', () => {
    for (const path of documents.keys()) if (path !== 'README.md') expect(readDocument('README.md')).toContain(`](${path})`);
  });
});

test('the README takes five minutes', () => {
  expect(readDocument('README.md').split('\n').length).toBeLessThanOrEqual(251);
});

test("the version that is shown is the package's", () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const tarballs = new Set(everyDocument.match(/kaleyra-rec-\d[\w.-]*\.tgz/g));
  expect([...tarballs]).toEqual([`kaleyra-rec-${version}.tgz`]);
});
