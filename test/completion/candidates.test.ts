import { Argument, Command, Option } from 'commander';
import { describe, expect, test } from 'vitest';
import { candidatesFor } from '../../src/completion/candidates.ts';

function program(): Command {
  const root = new Command('tool').helpOption('-h, --help', 'show this help').helpCommand('help [command]', 'show a help');
  root
    .command('save')
    .description('Save one. And say so.')
    .argument('<source>')
    .argument('[dir]')
    .option('-q, --quiet', 'say\n nothing')
    .option('-d, --dir <dir>', 'where to')
    .option('--odd <toString>')
    .option('--profile <name>')
    .addOption(new Option('--hidden').hideHelp())
    .addOption(new Option('--region <region>').choices(['in', 'eu']));
  root.command('secret', { hidden: true });
  root
    .command('shell')
    .summary('short')
    .addArgument(new Argument('<shell>').choices(['zsh', 'bash']));
  root.command('with').argument('[command...]').option('-v, --verbose');
  root.command('group').command('leaf').argument('<id...>');
  return root;
}

/** The words that are proposed behind a line, and what the shell adds. */
async function proposed(...words: string[]): Promise<[string[], string]> {
  const { words: found, also } = await candidatesFor(program(), words, async () => ['night', 'day']);
  return [found.map(({ word }) => word), also];
}

describe('proposed are', () => {
  test.each<[words: string[], proposed: string[], also: string]>([
    [[''], ['save', 'shell', 'with', 'group', 'help'], 'nothing'],
    [['help', ''], ['save', 'shell', 'with', 'group'], 'nothing'],
    [['group', 'help', ''], ['leaf'], 'nothing'],
    [['save', ''], [], 'files'],
    [['save', 'x', ''], [], 'folders'],
    [['save', 'x', 'y', ''], [], 'nothing'],
    [['save', '--dir', ''], [], 'folders'],
    [['save', '-qd', ''], [], 'folders'],
    [['save', '-dx', ''], [], 'files'],
    [['save', '--region', ''], ['in', 'eu'], 'nothing'],
    [['save', '--region=i'], ['in', 'eu'], 'nothing'],
    [['save', '--quiet=i'], [], 'nothing'],
    [['save', '--odd', ''], [], 'nothing'],
    [['save', '--profile', ''], ['night', 'day'], 'nothing'],
    [['save', '--', '-'], [], 'files'],
    [['shell', ''], ['zsh', 'bash'], 'nothing'],
    [['group', 'leaf', 'a', 'b', ''], [], 'nothing'],
    [['nothing', ''], [], 'nothing'],
    [['with', ''], ['--'], 'nothing'],
    [['with', '--', ''], [], 'commands'],
    [['with', '--', 'cat', ''], [], 'command'],
    [['with', '--', 'tool', 'save', '--region', ''], ['in', 'eu'], 'nothing'],
    [['with', '--', 'tool', 'with', '--', 'cat', ''], [], 'command'],
  ])('behind %j: %j and %s', async (words, expected, also) => {
    expect(await proposed(...words)).toEqual([expected, also]);
  });

  test('flags that are not given yet, under no name, and none that is hidden', async () => {
    expect((await proposed('save', '-'))[0]).toEqual(['--quiet', '-q', '--dir', '-d', '--odd', '--profile', '--region', '--help', '-h']);
    expect((await proposed('save', '-qd', 'x', '--region=in', '--'))[0]).toEqual(['--odd', '--profile', '--help', '-h']);
  });

  test('described in one line', async () => {
    const { words } = await candidatesFor(program(), [''], async () => []);
    expect(words.slice(0, 2).map(({ does }) => does)).toEqual(['Save one', 'short']);
    const flags = await candidatesFor(program(), ['save', '-'], async () => []);
    expect(flags.words[0]?.does).toBe('say nothing');
  });
});
