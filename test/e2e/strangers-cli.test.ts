import { describe, expect } from 'vitest';
import { writeArchive } from '../helpers/archive.ts';
import { it } from '../helpers/tool-test.ts';

// What people report of other command-line tools, each tried on this one.

describe.concurrent('a flag without its value', () => {
  it.for([
    ['batch', 'ids.txt', '--dry-run', '--dir', '--json'],
    ['batch', 'ids.txt', '--json', '-d', '-n'],
    ['batch', 'ids.txt', '--dry-run', '--out', '--json'],
    ['download', 'call-1', '--output', '--force'],
  ])('does not take the flag behind it for one: %j', async (args, { tool }) => {
    await tool.write('ids.txt', 'call-1\n');
    const run = await tool.run(args);
    expect(run.exitCode).toBe(2);
    expect(run.errLines[0]).toMatch(
      /^error: '-[-\w]+' is not a valid value for --(?:dir|out|output)\. It is a flag: give --\w+ a value in front of it\.$/,
    );
    expect(tool.files()).toEqual(['ids.txt']);
  });

  it('takes what only looks like a flag', async ({ tool }) => {
    await writeArchive(tool.path('calls'), [{ id: 'a' }, { id: 'b' }]);
    expect((await tool.run(['list', 'calls', '--sort', '-id'])).lines.slice(1).map((line) => line.split('\t')[1])).toEqual(['b', 'a']);
  });
});

describe.concurrent('an argument from a variable that is empty', () => {
  it.for([
    ['batch', ''],
    ['link', ''],
    ['download', 'a', '-o', ''],
    ['list', ''],
    ['verify', ''],
  ])('is said to be that: %j', async (args, { tool }) => {
    const run = await tool.run(args);
    expect([run.exitCode, run.errLines.length, run.errLines[0]]).toEqual([2, 2, expect.stringMatching(/ is empty\.$/)]);
  });
});

describe.concurrent('standard input that stays open and silent', () => {
  it('keeps no command that does not read it', async ({ tool, sandbox: _ }) => {
    await writeArchive(tool.path('calls'), [{ id: 'a' }]);
    await tool.write('ids.txt', 'call-1\n');
    const silent = (command: string) => tool.shell(`mkfifo p; exec 3<>p; ${command} <p; code=$?; rm p; exit $code`);
    expect((await silent('kaleyra-rec list calls')).exitCode).toBe(0);
    expect((await silent('kaleyra-rec download call-1')).exitCode).toBe(0);
    expect((await silent('kaleyra-rec batch ids.txt')).exitCode).toBe(0);
    expect((await silent('kaleyra-rec auth status')).exitCode).toBe(0);
  });
});

describe.concurrent('a log that is no terminal', () => {
  it('gets plain lines, also where the environment is one of a terminal', async ({ tool, sandbox: _ }) => {
    await tool.write('ids.txt', 'call-1\ncall-2\nsandbox-expired\n');
    const env = { TERM: 'xterm-256color', COLORTERM: 'truecolor', CI: 'true' };
    const run = await tool.run(['batch', 'ids.txt'], { env });
    expect(run.exitCode).toBe(9);
    for (const drawn of ['\u001b', '\r', '░']) expect(run.out + run.err).not.toContain(drawn);
  });
});
