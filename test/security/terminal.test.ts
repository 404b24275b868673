import { describe, expect } from 'vitest';
import { hasTerminals, startOnTerminal } from '../helpers/pseudo-terminal.ts';
import type { ToolRun } from '../helpers/run-tool.ts';
import { always, it, told, WAYS } from './hostile.ts';

/** A screen cleared, a title set, a link, a colour, C1, a change of direction, zero width, a line separator, a tag, halves of a pair. */
const ATTACKS = [
  '\u001b[2J',
  '\u001b]0;owned\u0007',
  '\u001b]8;;http://evil.example\u001b\\',
  '\u001b[8m',
  '\u009b31m',
  '\r',
  '\u202e',
  '\u2066',
  '\u200b',
  '\u2028',
  '\u{e0041}',
  '\ud800',
  '\u3164',
];
const ALL = ATTACKS.join('x');
/** As a file's name or an argument can hold them: what is no text ends as U+FFFD there. */
const NAMED = ALL.replace('\ud800', '');

const STEERS = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u3164]/u;

/** Expects that nothing was printed that a terminal obeys or does not show, save line ends and tabs. */
function expectHarmless({ out, err }: Pick<ToolRun, 'out' | 'err'>): void {
  for (const text of [out, err]) expect(text.replace(/[\n\t]/g, '')).not.toMatch(STEERS);
}

describe.concurrent('what steers a terminal', () => {
  it.for(WAYS.map((way) => [way.join(' '), way] as const))(
    'in the service’s words is shown as what it is: %s',
    async ([, way], { tool, hosts }) => {
      hosts.answer = always(400, JSON.stringify({ code: `R${ALL}`, message: `No ${ALL}`, data: [], error: { [`f${ALL}`]: `bad ${ALL}` } }));
      expect((await told(tool, way, 2)).replace(/[\n\t]/g, '')).not.toMatch(STEERS);
    },
  );

  it('in headers of service and store is shown as what it is', async ({ tool, hosts }) => {
    // All that a header can hold of it.
    const header = Buffer.from('a\u009b31m\u202e').toString('latin1');
    hosts.answer = (_, response) => void response.writeHead(301, { Location: `${hosts.store.origin}/a.wav?X-Amz-Signature=1` }).end();
    hosts.storeAnswer = (_, response) =>
      void response.writeHead(200, { 'Content-Type': header, ETag: header, 'Content-Length': 4 }).end('nope');
    for (const args of [
      ['download', 'one', '--json'],
      ['batch', '-', '--json'],
      ['download', 'one', '-v'],
    ]) {
      expectHarmless(await tool.run([...args, '--retries', '0'], { stdin: 'one\n' }));
    }
    hosts.answer = always(301, '', { Location: `https://x${header}.example/` });
    expectHarmless(await tool.run(['link', 'one', '--json', '-v', '--retries', '0']));
  });

  it('in an id is shown as what it is, on the screen and in JSON', async ({ tool, sandbox }) => {
    const id = `sandbox-invalid-${NAMED}`;
    for (const args of [
      ['link', id, 'two'],
      ['link', id, 'two', '--json'],
      ['download', id, '--json', '-v'],
      ['link', id, '-v'],
    ]) {
      expectHarmless(await tool.run([...args, '--retries', '0'], { printsSecrets: true }));
    }
    // Of a list it is refused with its line, and repeated as what it is.
    const shown = `sandbox-invalid-\u202e\u2066\u{e0041}\u3164x`;
    for (const flags of [[], ['--json'], ['--dry-run', '--json']]) {
      const run = await tool.run(['batch', '-', '-v', ...flags], { stdin: `${shown}\n` });
      expectHarmless(run);
      expect(run.exitCode).toBe(2);
    }
    expect(sandbox.questions()).toBeGreaterThan(0);
  });

  it('in arguments, paths and profiles is shown as what it is', async ({ tool }) => {
    tool.env.KALEYRA_REC_CONFIG_DIR = tool.path(`store${NAMED}`);
    const runs = [
      ['auth', 'login', '--sid', 'HX1'],
      ['auth', 'login', '--sid', `HX${NAMED}`],
      ['auth', 'status', '--json'],
      ['auth', 'status', '--profile', NAMED],
      ['auth', 'logout', '--profile', 'none'],
      ['auth', 'logout'],
      ['batch', `none${NAMED}.csv`, '-v', '--json'],
      ['batch', '-', '--column', NAMED],
      ['batch', '-', '-d', `none${NAMED}/deep`, '-n'],
      ['verify', `none${NAMED}`, '--json'],
      ['download', 'one', '-o', `none${NAMED}/x`, '--json'],
      ['link', 'one', `--no-such${NAMED}`, '--json'],
      [`no-such-command${NAMED}`],
      ['sandbox', '--', `no-such-command${NAMED}`],
      ['link', 'one', '-v', '--log-file', `none${NAMED}/log`],
    ];
    for (const args of runs) expectHarmless(await tool.run(args, { stdin: 'A0123456789abcdef0123456789abcdef\n' }));
  });

  it('in the path of a damaged store, and in what caused an error, is shown as what it is', async ({ tool }) => {
    tool.env.KALEYRA_REC_CONFIG_DIR = tool.path(`store${NAMED}`);
    await tool.write(`store${NAMED}/config.json`, '{"profiles":{"a\u001b[2J":{}}}');
    const env = { KALEYRA_SID: 'HX1', KALEYRA_API_KEY: 'A0123456789abcdef0123456789abcdef' };
    expectHarmless(await tool.run(['auth', 'status'], { env }));
    expectHarmless(await tool.run(['auth', 'status']));
    const unreadable = await tool.run(['link', 'one', '-v'], { env: { KALEYRA_SID: 'HX1', KALEYRA_API_KEY_FILE: `none${NAMED}` } });
    expect(unreadable.err).toContain('cause: ');
    expectHarmless(unreadable);
  });

  it('in an answer of a thousand characters and more is cut', async ({ tool, hosts }) => {
    hosts.answer = always(400, JSON.stringify({ code: 'x'.repeat(5000), message: 'y'.repeat(500_000), error: { z: 'w'.repeat(9000) } }));
    const id = `i${'d'.repeat(3000)}`;
    const run = await tool.run(['link', id, 'two', '--retries', '0']);
    expect(run.errLines.every((line) => line.length < 1500)).toBe(true);
    const unknown = await tool.run([`--${'f'.repeat(100_000)}`, '--json']);
    expect(unknown.err.length).toBeLessThan(5000);
    expect(unknown.out.length).toBeLessThan(5000);
  });

  it.skipIf(!hasTerminals)(
    'in the path of a file is shown as what it is where standard output is a terminal',
    async ({ tool, sandbox: _ }) => {
      const file = `call\u001b[2J\u202e.mp3`;
      const run = startOnTerminal(['download', 'sandbox-mp3', '-o', file, '-q'], { cwd: tool.folder, env: tool.env, columns: 80 });
      expect(await run.ended).toBe(0);
      expect(run.text).toContain('call\\u001b[2J\\u202e.mp3');
      // For a script it is the path itself.
      expect((await tool.run(['download', 'sandbox-mp3', '-o', file, '-q', '--force'])).out).toBe(`${file}\n`);
    },
  );
});
