import { describe, expect } from 'vitest';
import { hasTerminals, type TerminalRun } from '../helpers/pseudo-terminal.ts';
import { it, listOf } from '../helpers/terminal-test.ts';
import { screenOf } from '../report/screen.ts';

/** What a terminal shows in the end. */
const screen = (run: TerminalRun) => screenOf(run.text);
/** As in a shell in which nothing was set. */
const NOTHING_SET = { KALEYRA_SID: '', KALEYRA_API_KEY: '', KALEYRA_BASE_URL: '' };
const KEY = 'A0123456789abcdef0123456789ab7e57';
const SPINNER = /^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/u;
const title = hasTerminals ? 'on a real terminal' : 'on a real terminal (skipped: python3 is not there to make one)';

describe.skipIf(!hasTerminals).concurrent(title, () => {
  it.for([80, 40])(
    'a batch draws its bar within %i columns, and leaves failures and summary alone',
    async (columns, { tool, sandbox: _, terminal }) => {
      const run = terminal.start(await listOf(tool, 12), { columns });
      await run.until(/[1-9]\d*\/14/);
      expect(await run.ended).toBe(9);
      const { lines, cursorShown } = screen(run);
      expect(cursorShown).toBe(true);
      expect(lines.filter((line) => SPINNER.test(line))).toEqual([]);
      expect(lines.slice(-5)).toEqual([
        expect.stringMatching(/^14 recordings in \d/),
        expect.stringMatching(/^ {2}12 {2}saved {3}\d/),
        expect.stringMatching(/^ {3}1 {2}gone {4}invalid or expired/),
        `   1  failed  ${columns === 40 ? 'see' : 'listed in'} recordings/failed.txt`,
        'Archive: recordings',
      ]);
      // Only what is written once may be longer than the terminal is wide.
      const drawn = run.text
        .split('\u001b[?2026h')
        .slice(1)
        .map((frame) => frame.split('\u001b[?2026l')[0] ?? '');
      expect(drawn.length).toBeGreaterThan(5);
      for (const frame of drawn) expect(screenOf(frame).widest).toBeLessThan(columns);
    },
  );

  it('a batch follows the terminal when it is made narrower', async ({ tool, sandbox: _, terminal }) => {
    const run = terminal.start(await listOf(tool, 20));
    await run.until(/ [3-6]\/22/);
    const before = run.text.length;
    run.resize(40);
    await run.until(/ ([7-9]|1\d)\/22/, before);
    const drawn = run.text.slice(before).split('\u001b[?2026h').slice(1);
    const widths = drawn.map((frame) => screenOf(frame.split('\u001b[?2026l')[0] ?? '').widest);
    // Some pictures may have been on their way. From the first narrow one on, none is wider.
    const since = widths.findIndex((width) => width < 40);
    expect(since).toBeGreaterThanOrEqual(0);
    expect(Math.max(...widths.slice(since))).toBeLessThan(40);
    run.type('\u0003');
    expect(await run.ended).toBe(130);
  });

  it('Ctrl-C ends a batch with its summary, the cursor there and nothing of the bar left', async ({ tool, sandbox: _, terminal }) => {
    const run = terminal.start(await listOf(tool, 40));
    await run.until(/ [3-9]\/42/);
    run.type('\u0003');
    expect(await run.ended).toBe(130);
    const { lines, cursorShown } = screen(run);
    expect(cursorShown).toBe(true);
    expect(lines.filter((line) => SPINNER.test(line) || line.includes('░'))).toEqual([]);
    expect(lines.at(-1)).toBe('Archive: recordings');
    expect(lines.filter((line) => /[Ss]topped|same command/.test(line))).toHaveLength(1);
    expect(lines.some((line) => /^42 recordings in /.test(line))).toBe(true);
    expect(lines).toContainEqual(expect.stringMatching(/^Stopped by SIGINT: \d+ saved, .*\d+ not reached\. Run the same command again\.$/));
  });

  it('a second Ctrl-C ends it at once, and gives the cursor back', async ({ sandbox: _, terminal }) => {
    const run = terminal.start(['download', 'sandbox-slow']);
    await run.until(/\d%/);
    run.type('\u0003\u0003');
    expect(await run.ended).toBe(130);
    expect(screen(run).cursorShown).toBe(true);
  });

  it('a batch says that all wait, for how long and why', async ({ tool, sandbox: _, terminal }) => {
    await tool.write('ids.txt', 'sandbox-rate-limited\nsandbox-mp3\n');
    const run = terminal.start(['batch', 'ids.txt']);
    await run.until(/waiting \d+ s: too many requests/);
    expect(await run.ended).toBe(0);
    expect(screen(run).lines.at(-2)).toMatch(/^ {2}2 {2}saved {2}\d/);
  });

  it('a download shows its bar, then one line and its path', async ({ sandbox: _, terminal }) => {
    const run = terminal.start(['download', 'sandbox-slow']);
    await run.until(/█░+ {2}\d+%/);
    expect(await run.ended).toBe(0);
    expect(screen(run)).toMatchObject({ lines: [expect.stringMatching(/^✔ Saved 250 kB in \d/), 'sandbox-slow.wav'], cursorShown: true });
  });

  it('verify shows how far it is, then what it found', async ({ tool, sandbox: _, terminal }) => {
    await tool.write('ids.txt', 'sandbox-size-60m\nsandbox-size-60m-2\n');
    expect((await tool.run(['batch', 'ids.txt', '-q'])).exitCode).toBe(0);
    const run = terminal.start(['verify', 'recordings']);
    await run.until(/ [01]\/2 checked/);
    expect(await run.ended).toBe(0);
    expect(screen(run)).toMatchObject({ lines: ['2 recordings intact (120 MB).'], cursorShown: true });
  });

  it.for<[string, Record<string, string>]>([
    ['a dumb terminal', { TERM: 'dumb' }],
    ["a CI system's terminal, without colours", { CI: 'true', NO_COLOR: '1' }],
  ])('%s is sent lines alone', async ([, env], { tool, sandbox: _, terminal }) => {
    const run = terminal.start(await listOf(tool, 3), { env });
    expect(await run.ended).toBe(9);
    expect(run.text).not.toContain('\u001b');
    expect(screen(run).lines.at(-5)).toMatch(/^5 recordings in /);
  });

  it.for<[string, Record<string, string>, boolean]>([
    ['NO_COLOR', { NO_COLOR: '1' }, false],
    ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, false],
    ['FORCE_COLOR=3', { FORCE_COLOR: '3' }, true],
    ['nothing said', {}, true],
  ])('colours follow %s', async ([, env, colored], { tool, sandbox: _, terminal }) => {
    const run = terminal.start(await listOf(tool, 1), { env });
    expect(await run.ended).toBe(9);
    expect(run.text.includes('\u001b[31mfailed\u001b[39m')).toBe(colored);
    // All the foreground colours that are used: red, green, yellow and the spinner's cyan.
    expect([31, 32, 33, 36].some((code) => run.text.includes(`\u001b[${code}m`))).toBe(colored);
    expect(screen(run).lines.some((line) => line.startsWith('failed sandbox-empty: '))).toBe(true);
  });

  it('the bar is of ASCII where the terminal has nothing else', async ({ tool, sandbox: _, terminal }) => {
    const run = terminal.start(await listOf(tool, 6), { env: { TERM: 'linux' } });
    await run.until(/#-+ {2}\d/);
    await run.ended;
    expect(run.text).toMatch(/^\p{ASCII}*$/u);
  });

  it('the key is asked for without being shown, and checked when it is stored', async ({ tool, sandbox, terminal }) => {
    const run = terminal.start(['auth', 'login', '--base-url', sandbox.baseUrl], { env: NOTHING_SET });
    await run.until(/SID: /);
    run.type('HX1\r');
    await run.until(/API key \(not shown\): /);
    run.type(`${KEY}\r`);
    // The sandbox knows neither.
    expect(await run.ended).toBe(3);
    tool.secrets.add(KEY);
    const { lines } = screen(run);
    expect(lines.slice(0, 2)).toEqual(['SID: HX1', 'API key (not shown):']);
    expect(lines.join('')).toContain('****7e57');
    expect(lines.join('')).toMatch(/error: The credentials were stored, but the service does not accept them\./);
    expect((await tool.run(['auth', 'status', '--json'], { env: NOTHING_SET })).json()[0]).toMatchObject({
      sid: 'HX1',
      keyLastFour: '7e57',
    });
  });

  it('Ctrl-C at the key gives the terminal back, and stores nothing', async ({ tool, terminal }) => {
    const run = terminal.start(['auth', 'login', '--sid', 'HX1']);
    await run.until(/API key/);
    run.type('A012\u0003');
    expect(await run.ended).toBe(130);
    expect(run.text).not.toContain('A012');
    expect(screen(run).lines).toContain('error: Cancelled. Nothing was stored.');
    expect((await tool.run(['auth', 'status'])).exitCode).toBe(3);
  });
});
