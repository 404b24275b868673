import { describe, expect } from 'vitest';
import { it, type Tool } from '../helpers/tool-test.ts';

const SETTINGS = ['KALEYRA_BASE_URL', 'KALEYRA_SID', 'KALEYRA_API_KEY'];
const serve = (tool: Tool, ...args: string[]) => tool.run(['sandbox', ...args], { printsSecrets: true });

describe.concurrent('sandbox', () => {
  it('prints a report to try batch with, whose columns a filter and a name can use', async ({ tool, sandbox: _ }) => {
    expect(await tool.shell('kaleyra-rec sandbox --report >report.csv')).toMatchObject({ exitCode: 0, out: '', err: '' });
    const run = await tool.run([
      'batch',
      'report.csv',
      '-d',
      'calls',
      '--name',
      '{Start Time:yyyy-MM-dd}/{Caller}',
      '--since',
      '30d',
      '--json',
    ]);
    expect(run.exitCode).toBe(9);
    expect(run.json().at(-1)).toEqual({ summary: expect.objectContaining({ total: 19, saved: 18, gone: 1, blank: 1, filtered: 0 }) });
    expect(tool.files()).toContainEqual(expect.stringMatching(/^calls\/20\d\d-\d\d-\d\d\/\+91 98\d{8}\.(?:mp3|wav)$/));
    const longer = await tool.run(['sandbox', '--report', '--count', '500']);
    expect(longer.lines).toHaveLength(501);
    expect(new Set(longer.lines).size).toBe(501);
  });

  it('makes an archive for show in a new folder alone', async ({ tool }) => {
    expect((await tool.run(['sandbox', '--archive', 'calls', '--count', '3'])).exitCode).toBe(0);
    const again = await tool.run(['sandbox', '--archive', 'calls', '--count', '3']);
    expect([again.exitCode, again.errLines]).toEqual([2, ['error: calls already exists.', 'hint: Name a new folder.']]);
  });

  it('prints its settings as lines that a shell can read, and serves until it is stopped', async ({ tool }) => {
    const running = tool.start(['sandbox'], { printsSecrets: true });
    let out = '';
    await running.until((soFar) => {
      out = soFar.out;
      return out.split('\n').length > 3;
    });
    const settings = out
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/^export /, '').split('=') as [string, string]);
    expect(settings.map(([name]) => name)).toEqual(SETTINGS);
    expect(out).toMatch(/^export KALEYRA_BASE_URL=http:\/\/127\.0\.0\.1:\d+\/v1$/m);

    const run = await tool.run(['download', 'sandbox-wav', '-o', 'call.wav'], { env: Object.fromEntries(settings) });
    expect(run.exitCode).toBe(0);
    running.kill('SIGINT');
    // To be stopped is how it is meant to end: no error is told.
    expect((await running.ended).exitCode).toBe(130);
  });

  it('prints settings that a shell takes as they are, and says on standard error how it ends', async ({ tool }) => {
    const script = `kaleyra-rec sandbox >settings 2>told & sandbox=$!
      until grep -q API_KEY settings && grep -q Ctrl-C told; do sleep 0.05; done
      . ./settings
      kaleyra-rec download sandbox-wav; code=$?
      rm settings; kill $sandbox; exit $code`;
    expect(await tool.shell(script)).toMatchObject({ exitCode: 0, out: 'sandbox-wav.wav\n' });
    expect(String(await tool.read('told'))).toMatch(/^The sandbox serves at http:\S+ until Ctrl-C\.\n$/);
  });

  it('runs a command with its settings, and ends with that command’s exit code', async ({ tool }) => {
    expect((await serve(tool, '--', 'sh', '-c', 'exit 37')).exitCode).toBe(37);
    const run = await serve(tool, '--', 'sh', '-c', 'echo "$KALEYRA_BASE_URL $KALEYRA_SID $KALEYRA_API_KEY"');
    expect(run.out).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1 HX\w+ A[0-9a-f]{32}\n$/);
  });

  it('hands over streams as they are, and its flags to nobody', async ({ tool }) => {
    const run = await tool.run(['sandbox', '--', 'sh', '-c', 'cat; echo aside >&2; echo "$1"', 'sh', '--json'], { stdin: 'through\n' });
    expect(run).toMatchObject({ exitCode: 0, out: 'through\n--json\n', err: 'aside\n' });
  });

  it('carries the tool itself, whatever profile or key stands in the environment', async ({ tool }) => {
    const env = { KALEYRA_PROFILE: 'none', KALEYRA_API_KEY_FILE: 'nowhere' };
    const run = await tool.run(['sandbox', '--', 'kaleyra-rec', 'download', 'sandbox-mp3'], { env });
    expect(run).toMatchObject({ exitCode: 0, out: 'sandbox-mp3.mp3\n' });
    expect((await tool.run(['sandbox', '--', 'kaleyra-rec', 'download', '-q', 'sandbox-expired'], { env })).exitCode).toBe(5);
  });

  it('ends as shells do where the command is not found, or a signal ends it', async ({ tool }) => {
    const missing = await serve(tool, '--', 'no-such-command-anywhere');
    expect(missing.exitCode).toBe(127);
    expect(missing.errLines).toEqual([expect.stringContaining('no-such-command-anywhere'), expect.stringMatching(/^hint: /)]);
    expect((await serve(tool, '--', 'sh', '-c', 'kill -TERM $$')).exitCode).toBe(143);
  });

  it('tells of each request with -v, without key or signature', async ({ tool }) => {
    const run = await tool.run(['sandbox', '-v', '--', 'kaleyra-rec', 'download', '-q', 'sandbox-mp3']);
    expect(run.errLines).toEqual([
      expect.stringMatching(/^POST \/v1\/HX\w+\/voice\/recordings id=sandbox-mp3 301$/),
      expect.stringMatching(/^GET \/store\/\S+\/sandbox-mp3\.mp3 bytes 0-(\d+) of \1 200$/),
    ]);
  });

  it('listens on the port that --port names, and says so where it is taken', async ({ tool, sandbox }) => {
    const { port } = new URL(sandbox.baseUrl);
    const run = await tool.run(['sandbox', '--port', port, '--', 'true']);
    expect(run.exitCode).toBe(2);
    expect(run.errLines).toEqual([expect.stringContaining(port), expect.stringContaining('--port')]);
  });

  it('lists every special id', async ({ tool }) => {
    const run = await tool.run(['sandbox', '--list']);
    expect(run).toMatchObject({ exitCode: 0, err: '' });
    for (const id of ['sandbox-invalid', 'sandbox-flaky', 'sandbox-size-<n>']) expect(run.out).toContain(id);
  });
});
