import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect } from 'vitest';
import { SHELLS, type Shell } from '../../src/completion/shell.ts';
import { createProgram } from '../../src/program/program.ts';
import { describeShells, proposals, run } from '../completion/shells.ts';
import { testContext, testSystem } from '../helpers/test-system.ts';
import { it, type Tool } from '../helpers/tool-test.ts';

const KEY = 'A0123456789abcdef0123456789ab7e57';

/** What README tells to put into a shell's own settings. */
const SETUP: Readonly<Record<Shell, string>> = {
  bash: 'source <(kaleyra-rec completion bash)',
  zsh: 'source <(kaleyra-rec completion zsh)',
  fish: 'kaleyra-rec completion fish | source',
};

/** What the shell proposes in the tool's folder, behind `kaleyra-rec`. */
async function proposed(shell: Shell, tool: Tool, lines: readonly string[], setup = SETUP[shell]): Promise<Record<string, string[]>> {
  const typed = lines.map((line) => `kaleyra-rec ${line}`);
  const found = await proposals(shell, typed, { cwd: tool.folder, env: tool.env, setup });
  return Object.fromEntries(Object.entries(found).map(([line, words]) => [line.replace('kaleyra-rec ', ''), words]));
}

/** That the shell proposes exactly this behind each of the lines. */
async function expectProposals(shell: Shell, tool: Tool, expected: Record<string, string[]>, setup?: string): Promise<void> {
  expect(await proposed(shell, tool, Object.keys(expected), setup)).toEqual(expected);
}

async function login(tool: Tool, ...profiles: string[]): Promise<void> {
  tool.secrets.add(KEY);
  for (const profile of profiles) {
    const flags = ['--sid', 'HXIN1707324291IN', '--profile', profile, '--api-key-stdin'];
    expect((await tool.run(['auth', 'login', ...flags], { stdin: KEY })).exitCode).toBe(0);
  }
}

/** Every command with the long flags that its help shows. */
function flagsOf(command: Command, path: readonly string[] = []): [line: string, flags: string[]][] {
  const flags = command.createHelp().visibleOptions(command);
  const own = flags.flatMap(({ long }) => long ?? []).sort();
  return [[[...path, '--'].join(' '), own], ...command.commands.flatMap((each) => flagsOf(each, [...path, each.name()]))];
}

const COMMANDS = ['auth', 'batch', 'browse', 'completion', 'download', 'help', 'link', 'list', 'sandbox', 'verify'];
const REGIONS = ['ap', 'eu', 'global', 'in'];

describeShells((shell) => {
  it('proposes the commands, and those below them', async ({ tool }) => {
    await expectProposals(shell, tool, {
      '': COMMANDS,
      dow: ['download'],
      'auth ': ['help', 'login', 'logout', 'status'],
      'auth st': ['status'],
      'completion ': ['bash', 'fish', 'zsh'],
    });
  });

  it('proposes to help the commands that there is a help of', async ({ tool }) => {
    await expectProposals(shell, tool, {
      'help ': COMMANDS.filter((name) => name !== 'help'),
      'help ver': ['verify'],
      'auth help ': ['login', 'logout', 'status'],
    });
  });

  it('proposes every flag of every command', async ({ tool }) => {
    const expected = Object.fromEntries(flagsOf(createProgram(testContext(testSystem()), () => {})));
    // Behind `sandbox`, `--` is one itself: zsh and bash put it before the flags.
    const found = await proposed(shell, tool, Object.keys(expected));
    found['sandbox --'] = found['sandbox --']?.filter((name) => name !== '--') ?? [];
    expect(found).toEqual(expected);
  });

  it('proposes short flags, and knows the values behind them', async ({ tool }) => {
    await mkdir(tool.path('calls'));
    await tool.write('ids.txt', '');
    const found = await proposed(shell, tool, ['batch -', 'batch -d ', 'batch -qd ', 'batch -c 8 ', 'batch -d calls -qc 8 i']);
    expect(found).toMatchObject({
      'batch -': expect.arrayContaining(['-d', '--dir', '-c', '--concurrency', '-n', '-q']),
      'batch -d ': ['calls'],
      'batch -qd ': ['calls'],
      'batch -c 8 ': ['calls', 'ids.txt'],
      'batch -d calls -qc 8 i': ['ids.txt'],
    });
  });

  it('proposes the values that a flag can have, and none where it can have any', async ({ tool }) => {
    await tool.write('ids.txt', '');
    await expectProposals(shell, tool, {
      'link --region ': REGIONS,
      'link --region g': ['global'],
      'link --method ': ['get', 'post'],
      'link --sid ': [],
      'batch ids.txt --rate ': [],
      'link --region in --me': ['--method'],
    });
    expect(Object.values(await proposed(shell, tool, ['link --region=gl']))[0]).toEqual(['--region=global']);
  });

  it('proposes files where files belong, and folders where folders do', async ({ tool }) => {
    await mkdir(tool.path('my calls'));
    await tool.write('my ids.txt', '');
    const all = ['my calls', 'my ids.txt'];
    await expectProposals(shell, tool, {
      'batch ': all,
      'batch my\\ i': ['my ids.txt'],
      'batch x m': [],
      'download x -o ': all,
      'batch --dir ': ['my calls'],
      'verify ': ['my calls'],
      'link ': [],
      'download ': [],
    });
    expect(Object.values(await proposed(shell, tool, ['batch --dir=m']))[0]).toEqual(['--dir=my calls']);
  });

  it('proposes the names of the stored profiles', async ({ tool }) => {
    await login(tool, 'default', 'night', 'noon');
    await expectProposals(shell, tool, {
      'link --profile ': ['default', 'night', 'noon'],
      'link --profile n': ['night', 'noon'],
      'auth logout --profile ni': ['night'],
    });
  });

  it('proposes no profiles, and says nothing, where there is no store or it is damaged', async ({ tool }) => {
    await expectProposals(shell, tool, { 'link --profile ': [] });
    const file = join(tool.env.KALEYRA_REC_CONFIG_DIR ?? '', 'config.json');
    await expect(stat(dirname(file))).rejects.toMatchObject({ code: 'ENOENT' });
    await mkdir(dirname(file));
    await writeFile(file, '{"profiles": ');
    await expectProposals(shell, tool, { 'link --profile ': [] });
  });

  it('takes the value of a flag, and an operand, for no command', async ({ tool }) => {
    await expectProposals(shell, tool, {
      'link --profile batch --me': ['--method'],
      'link auth ': [],
      'link auth lo': [],
      'link 1a2b== --me': ['--method'],
      'nothing ': [],
      'auth nothing ': [],
    });
  });

  it('proposes no flag behind --', async ({ tool }) => {
    await tool.write('ids.txt', '');
    await expectProposals(shell, tool, {
      'link -- ': [],
      'link -- --': [],
      'link x -- -': [],
      'batch -- ': ['ids.txt'],
      'batch -- --': [],
    });
  });

  it("proposes to the sandbox's command what that takes", async ({ tool }) => {
    await tool.write('ids.txt', '');
    await expectProposals(shell, tool, {
      'sandbox -- kaleyra-rec dow': ['download'],
      'sandbox -- kaleyra-rec link --region ': REGIONS,
      'sandbox -- kaleyra-re': ['kaleyra-rec'],
      'sandbox -- cat id': ['ids.txt'],
    });
  });
});

describeShells((shell) => {
  it('is installed for good by one line', async ({ tool }) => {
    const home = tool.path('..', 'home');
    const env = { ...tool.env, HOME: home, ZDOTDIR: home, XDG_CONFIG_HOME: join(home, '.config') };
    const options = { cwd: tool.folder, env };
    const expected = { 'kaleyra-rec dow': ['download'] };
    await mkdir(join(home, '.config/fish/completions'), { recursive: true });
    switch (shell) {
      case 'bash':
        await writeFile(join(home, '.bashrc'), `${SETUP.bash}\n`);
        expect(await proposals(shell, Object.keys(expected), { ...options, setup: 'source ~/.bashrc' })).toEqual(expected);
        break;
      case 'fish':
        await run('sh', ['-c', 'kaleyra-rec completion fish > ~/.config/fish/completions/kaleyra-rec.fish'], options);
        expect(await proposals(shell, Object.keys(expected), { ...options, setup: '' })).toEqual(expected);
        break;
      case 'zsh': {
        // As a file in a folder of fpath, and sourced after zsh's own completion is set up.
        await run('sh', ['-c', 'mkdir ~/functions && kaleyra-rec completion zsh > ~/functions/_kaleyra-rec'], options);
        const fpath = 'fpath=(~/functions $fpath); autoload -Uz compinit; compinit -D';
        const sourced = `autoload -Uz compinit; compinit -D; ${SETUP.zsh}`;
        for (const setup of [fpath, sourced])
          expect(await proposals(shell, Object.keys(expected), { ...options, setup })).toEqual(expected);
      }
    }
  });

  if (shell !== 'bash') return;

  it('leaves out the flags that are on the line, under whichever name', async ({ tool }) => {
    const lines = ['auth logout --profile x -', 'auth logout -h --profile=x -', 'auth logout --help -'];
    await expectProposals(shell, tool, {
      [lines[0] ?? '']: ['--help', '--json', '-h'],
      [lines[1] ?? '']: ['--json'],
      [lines[2] ?? '']: ['--json', '--profile'],
    });
  });

  it('proposes files behind a redirection', async ({ tool }) => {
    await tool.write('ids.txt', '');
    // Made the arguments of echo, the words are shown without the redirection, which is carried out.
    const lines = ['link x 2>/dev/null --me', 'link x < ids.txt --me', 'link x > ids', 'link y 2>>ids'];
    const input = [SETUP.bash, ...lines.map((line) => `kaleyra-rec ${line}\t\x01echo `), ''].join('\n');
    const shown = await run('bash', ['--norc', '--noprofile', '-i'], { cwd: tool.folder, env: tool.env, input });
    expect(shown.split('\n')).toEqual(['kaleyra-rec link x --method', 'kaleyra-rec link x --method', 'kaleyra-rec link y', '']);
    expect(String(await tool.read('ids.txt'))).toBe('kaleyra-rec link x\n');
    expect(tool.files()).toEqual(['ids.txt']);
  });

  it('works as well in an older bash, and where = does not part words', async ({ tool }) => {
    await tool.write('ids.txt', '');
    await mkdir(tool.path('calls'));
    const expected = {
      'batch i': ['ids.txt'],
      'verify ': ['calls'],
      'batch --dir=c': ['--dir=calls'],
      'link --region=gl': ['--region=global'],
    };
    await expectProposals(shell, tool, expected, `enable -n compopt\n${SETUP.bash}`);
    await expectProposals(shell, tool, expected, `COMP_WORDBREAKS=\${COMP_WORDBREAKS//=}\n${SETUP.bash}`);
  });
});

describe('completion', () => {
  it.for([...SHELLS])('prints the script of %s and nothing else', async (shell, { tool }) => {
    const printed = await tool.run(['completion', shell]);
    expect(printed).toMatchObject({ exitCode: 0, err: '' });
    expect(printed.lines.join('\n')).toContain(`${shell} completion of kaleyra-rec`);
  });

  it.for(['tcsh', 'BASH', '', 'profile'])('of %j is a usage error that names the three', async (name, { tool }) => {
    const refused = await tool.run(['completion', name]);
    expect(refused).toMatchObject({ exitCode: 2, out: '' });
    expect(refused.errLines).toEqual([
      expect.stringMatching(/^error: .*bash, zsh, fish\.$/),
      expect.stringMatching(/^hint: .*kaleyra-rec completion --help/),
    ]);
  });

  it('shows in its help how it is installed, and not what the scripts ask for', async ({ tool }) => {
    const help = await tool.run(['completion', '--help']);
    for (const line of [
      'source <(kaleyra-rec completion bash)',
      'source <(kaleyra-rec completion zsh)',
      'completion fish > ~/.config/fish',
    ]) {
      expect(help.out).toContain(line);
    }
    expect(help.out).not.toContain('__complete');
  });

  it('of profiles leaves out what cannot be the name of one', async ({ tool }) => {
    await login(tool, 'good');
    const file = join(tool.env.KALEYRA_REC_CONFIG_DIR ?? '', 'config.json');
    const { profiles } = JSON.parse(await readFile(file, 'utf8'));
    const names = ['$(touch pwned)', 'two\nlines', '\u001b[31mred', '', '-n', KEY.repeat(3)];
    await writeFile(file, JSON.stringify({ profiles: Object.fromEntries(['good', ...names].map((name) => [name, profiles.good])) }));
    const asked = await tool.run(['__complete', 'link', '--profile', '']);
    expect(asked).toMatchObject({ exitCode: 0, lines: ['nothing', '', '', 'good\t'], err: '' });
  });

  it.for<[string, string | undefined]>([
    ['is absent', undefined],
    ['is no JSON', `{"profiles": {"night": {"apiKey": "${KEY}"`],
    ['is a list', '[]'],
    ['has a profile without its key', '{"profiles": {"night": {"sid": "HX1"}}}'],
  ])('of profiles proposes nothing, and ends well, where the store %s', async ([, content], { tool }) => {
    tool.secrets.add(KEY);
    const folder = tool.env.KALEYRA_REC_CONFIG_DIR ?? '';
    if (content !== undefined) {
      await mkdir(folder);
      await writeFile(join(folder, 'config.json'), content);
    }
    expect(await tool.run(['__complete', 'link', '--profile', ''])).toMatchObject({ exitCode: 0, out: 'nothing\n\n\n', err: '' });
    if (content === undefined) await expect(stat(folder)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
