import { Argument, Command, Option } from 'commander';
import { describe, expect, test } from 'vitest';
import { type CommandNode, commandsOf, commandTree, type Value } from '../../src/completion/command-tree.ts';
import { createProgram } from '../../src/program/program.ts';
import { testContext, testSystem } from '../helpers/test-system.ts';

const program = () => new Command('tool').helpOption('-h, --help', 'show this help').helpCommand('help [command]', 'show a help');
const FREE: Value = { kind: 'free' };

function flagsOf(command: Command): Record<string, unknown> {
  return Object.fromEntries(commandTree(command).flags.map(({ names, value, label }) => [names.join(' '), value && [label, value]]));
}

describe('a command', () => {
  test('comes with its names, its description and the way to it', () => {
    const root = program();
    const group = root.command('group').alias('g').description('A group. With more to say.');
    group.command('leaf').aliases(['l', 'lf']).summary('short').description('long');
    const [node] = commandTree(root).commands;
    expect(node).toMatchObject({ path: ['group'], names: ['group', 'g'], description: 'A group' });
    expect(node?.commands[0]).toMatchObject({ path: ['group', 'leaf'], names: ['leaf', 'l', 'lf'], description: 'short' });
  });

  test('that is hidden is left out, as is a hidden flag', () => {
    const root = program().addOption(new Option('--secret').hideHelp());
    root.command('shown');
    root.command('hidden', { hidden: true });
    const tree = commandTree(root);
    expect(tree.commands.map(({ names }) => names[0])).toEqual(['shown', 'help']);
    expect(tree.flags.map(({ names }) => names)).toEqual([['-h', '--help']]);
  });

  test('help takes the name of one that stands beside it, and not its own', () => {
    const root = program();
    root.command('one').description('The first. Of two.');
    const group = root.command('group');
    group.command('two');
    const [, groupNode, help] = commandTree(root).commands;
    const choices = (node: CommandNode | undefined) => node?.operands.map(({ value }) => value);
    expect(choices(help)).toEqual([
      {
        kind: 'choice',
        choices: [
          { name: 'one', description: 'The first' },
          { name: 'group', description: '' },
        ],
      },
    ]);
    expect(choices(groupNode?.commands[1])).toEqual([{ kind: 'choice', choices: [{ name: 'two', description: '' }] }]);
  });
});

describe('a flag', () => {
  test('is a switch or takes a value, under both its names', () => {
    const command = program().option('-q, --quiet').option('-c, --concurrency <n>').option('--no-color').option('-x').option('--maybe [n]');
    expect(flagsOf(command)).toEqual({
      '-q --quiet': undefined,
      '-c --concurrency': ['n', FREE],
      '--no-color': undefined,
      '-x': undefined,
      '--maybe': ['n', FREE],
      '-h --help': undefined,
    });
  });

  test('takes a file, a folder, a profile or one of its choices', () => {
    const command = program()
      .option('-o, --output <path>')
      .option('-d, --dir <dir>')
      .option('--profile <name>')
      .option('--column <name>')
      .option('--files <file...>')
      .addOption(new Option('--region <region>').choices(['in', 'eu']));
    expect(flagsOf(command)).toMatchObject({
      '-o --output': ['path', { kind: 'file' }],
      '-d --dir': ['dir', { kind: 'folder' }],
      '--profile': ['name', { kind: 'profile' }],
      '--column': ['name', FREE],
      '--files': ['file', { kind: 'file' }],
      '--region': [
        'region',
        {
          kind: 'choice',
          choices: [
            { name: 'in', description: '' },
            { name: 'eu', description: '' },
          ],
        },
      ],
    });
  });

  test.each(['constructor', 'toString', '__proto__'])('whose value is called %s takes anything', (label) => {
    expect(flagsOf(program().option(`--odd <${label}>`))).toMatchObject({ '--odd': [label, FREE] });
  });
});

test('operands tell whether they are wanted, how many there are, and what they are', () => {
  const command = program()
    .argument('<source>')
    .argument('[dir]')
    .addArgument(new Argument('<shell>').choices(['zsh']))
    .argument('[command...]');
  expect(commandTree(command).operands).toEqual([
    { label: 'source', required: true, variadic: false, value: { kind: 'file' } },
    { label: 'dir', required: false, variadic: false, value: { kind: 'folder' } },
    { label: 'shell', required: true, variadic: false, value: { kind: 'choice', choices: [{ name: 'zsh', description: '' }] } },
    { label: 'command', required: false, variadic: true, value: { kind: 'command' } },
  ]);
});

describe('the tree of this tool', () => {
  test('knows what the contract says is a file, a folder, a profile or a command', async () => {
    const all = commandsOf(commandTree(await createProgram(testContext(testSystem()), () => {})));
    const places = all.flatMap(({ path, flags, operands }) => [
      ...flags.map(({ names, value }) => [...path, names.at(-1), value?.kind]),
      ...operands.map(({ label, value }) => [...path, `<${label}>`, value.kind]),
    ]);
    const found = new Map(places.map((words) => [words.slice(0, -1).join(' '), words.at(-1)]));
    expect(Object.fromEntries(found)).toMatchObject({
      'download --output': 'file',
      'batch <source>': 'file',
      'batch --dir': 'folder',
      'verify <dir>': 'folder',
      'link --profile': 'profile',
      'auth logout --profile': 'profile',
      'link --region': 'choice',
      'link --method': 'choice',
      'completion <shell>': 'choice',
      'sandbox <command>': 'command',
      'auth help <command>': 'choice',
      'link <id>': 'free',
      'link --sid': 'free',
    });
  });
});
