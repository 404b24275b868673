import { describe, expect } from 'vitest';
import { hasTerminals, type TerminalRun } from '../helpers/pseudo-terminal.ts';
import { it, listOf } from '../helpers/terminal-test.ts';
import { screenOf } from '../report/screen.ts';

const screen = (run: TerminalRun) => screenOf(run.text);
/** As in a shell in which nothing was set. */
const NOTHING_SET = { KALEYRA_SID: '', KALEYRA_API_KEY: '', KALEYRA_BASE_URL: '' };
const KEY = 'A0123456789abcdef0123456789ab7e57';

/** Neither a count of the status line, nor the cursor hidden for it. */
function expectNothingDrawn(text: string): void {
  expect(text).not.toMatch(/\d\/\d+ /);
  expect(text).not.toContain('\u001b[?25l');
}

describe.skipIf(!hasTerminals).concurrent(`under the job control of a shell${hasTerminals ? '' : ' (skipped)'}`, () => {
  const SHELL = { command: ['bash', '--norc', '--noprofile', '-i'], env: { PS1: '$ ' } };

  it('Ctrl-Z at the key gives the terminal to the shell, and fg takes it again', async ({ tool, sandbox, terminal }) => {
    const run = terminal.start([], { ...SHELL, env: { ...SHELL.env, ...NOTHING_SET } });
    tool.secrets.add(KEY);
    run.type(`kaleyra-rec auth login --sid HX1 --base-url ${sandbox.baseUrl}\r`);
    await run.until(/API key \(not shown\): /);
    run.type(KEY.slice(0, 9));
    run.type('\u001a');
    await run.until(/Stopped/);
    const stopped = run.text.length;
    run.type('echo shell-$((40 + 2))\r');
    await run.until(/shell-42/, stopped);
    run.type('fg\r');
    await run.until(/API key \(not shown\): /, stopped);
    run.type(`${KEY.slice(9)}\r`);
    await run.until(/Saved profile default/, stopped);
    await run.until(/does not accept them/, stopped);
    run.type('exit\r');
    await run.ended;
    // What was typed was not shown, neither before nor after.
    expect(run.text).not.toContain(KEY.slice(9, 20));
    expect(run.text).toContain('****7e57');
  });

  it('Ctrl-Z shows the cursor again, bg draws nothing, and fg goes on', async ({ tool, sandbox: _, terminal }) => {
    await listOf(tool, 60);
    const run = terminal.start([], SHELL);
    run.type('kaleyra-rec batch ids.txt --rate 8 -c 4\r');
    await run.until(/ [3-9]\/62/);
    run.type('\u001a');
    await run.until(/Stopped/);
    expect(screen(run).cursorShown).toBe(true);
    run.type('bg\r');
    await run.until(/&\r?\n/);
    const inBackground = run.text.length;
    run.type('jobs\r');
    await run.until(/Running/, inBackground);
    run.type('sleep 1; echo slept-$((40 + 2))\r');
    await run.until(/slept-42/, inBackground);
    expectNothingDrawn(run.text.slice(inBackground));
    const before = run.text.length;
    run.type('fg\r');
    await run.until(/ \d+\/62/, before);
    run.type('\u0003');
    await run.until(/Stopped by SIGINT/, before);
    run.type('exit\r');
    await run.ended;
    expect(screen(run).cursorShown).toBe(true);
  });

  it('a job that is begun in the background draws nothing over the prompt', async ({ tool, sandbox: _, terminal }) => {
    await listOf(tool, 8);
    const run = terminal.start([], SHELL);
    run.type('kaleyra-rec batch ids.txt --rate 8 -c 4 &\r');
    await run.until(/recordings in /);
    run.type('exit\r');
    await run.ended;
    expectNothingDrawn(run.text);
  });

  it('a closed terminal ends a batch in good order, and under nohup does nothing to it', async ({ tool, sandbox: _ }) => {
    await listOf(tool, 60);
    const script = (how: string, dir: string) =>
      `${how} kaleyra-rec batch ids.txt --rate 8 -d ${dir} 2>${dir}.err >/dev/null & pid=$!; until grep -qs call-3 ${dir}/manifest.jsonl; do sleep 0.05; done; kill -HUP $pid; wait $pid; echo $?`;
    const [heard, ignored] = await Promise.all([tool.shell(script('', 'heard')), tool.shell(`_= bash -c '${script('nohup', 'ignored')}'`)]);
    expect([heard.lines, ignored.lines]).toEqual([['129'], ['9']]);
    expect(String(await tool.read('heard.err'))).toContain('Stopped by SIGHUP: ');
  });
});
