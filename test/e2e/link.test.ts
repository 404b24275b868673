import { describe, expect } from 'vitest';
import { it } from '../helpers/tool-test.ts';
import { ask } from '../sandbox/requests.ts';

const LINK = /^http:\/\/127\.0\.0\.1:\d+\/\S+X-Amz-Signature=[0-9a-f]{64}\S*$/;

describe.concurrent('link', () => {
  it('prints the link alone, and it leads to the recording', async ({ tool, sandbox }) => {
    const run = await tool.run(['link', 'a+b/c=é 1==']);
    expect(run).toMatchObject({ exitCode: 0, err: '' });
    expect(run.lines).toEqual([expect.stringMatching(LINK)]);
    const recording = await ask(run.lines[0] ?? '');
    expect(recording.body.equals(sandbox.bytes('a+b/c=é 1=='))).toBe(true);
  });

  it('prints a link a line, in the order asked', async ({ tool, sandbox }) => {
    const { lines, exitCode } = await tool.run(['link', 'three', 'one', 'two', 'one']);
    expect(exitCode).toBe(0);
    expect(lines.map((line) => /recordings\/(\w+)\./.exec(line)?.[1])).toEqual(['three', 'one', 'two', 'one']);
    expect(sandbox.questions()).toBe(4);
  });

  it('goes on when one of several fails, names it on stderr, and ends with 9', async ({ tool, sandbox: _ }) => {
    const run = await tool.run(['link', 'one', 'sandbox-invalid', 'two', 'sandbox-expired']);
    expect(run.exitCode).toBe(9);
    expect(run.lines).toEqual([expect.stringContaining('/one.'), expect.stringContaining('/two.')]);
    expect(run.errLines).toEqual([
      expect.stringMatching(/^error: sandbox-invalid: .*Invalid Id/),
      expect.stringMatching(/^hint: /),
      expect.stringMatching(/^error: sandbox-expired: .*Id Expired/),
      expect.stringMatching(/^hint: /),
    ]);
  });

  it('with --json prints an object a link', async ({ tool, sandbox: _ }) => {
    const askedAt = Date.now();
    const [line, ...more] = (await tool.run(['link', '--json', '--validity', '60', 'one'])).json();
    expect(more).toEqual([]);
    expect(Object.keys(line ?? {})).toEqual(['id', 'link', 'validityMinutes', 'expiresAt']);
    expect(line).toEqual({ id: 'one', link: expect.stringMatching(LINK), validityMinutes: 60, expiresAt: expect.any(String) });
    const expiresAt = Date.parse(line?.expiresAt);
    expect(expiresAt - askedAt).toBeGreaterThan(58 * 60_000);
    expect(expiresAt - askedAt).toBeLessThan(62 * 60_000);
  });

  it('with --json prints a failure in place of the link', async ({ tool, sandbox: _ }) => {
    const run = await tool.run(['link', '--json', 'sandbox-expired', 'two']);
    expect(run.exitCode).toBe(9);
    expect(run.json()).toEqual([
      {
        id: 'sandbox-expired',
        status: 'gone',
        error: { code: 'RECORDING_EXPIRED', message: expect.stringContaining('Id Expired'), hint: expect.any(String), retryable: false },
      },
      expect.objectContaining({ id: 'two', link: expect.stringMatching(LINK) }),
    ]);
    expect(run.errLines).toHaveLength(2);
  });

  it('asks for the validity that --validity names, and for none of its own where it is left out', async ({ tool, sandbox: _ }) => {
    const expires = (run: { lines: readonly string[] }) => new URL(run.lines[0] ?? '').searchParams.get('X-Amz-Expires');
    expect(expires(await tool.run(['link', '--validity', '90', 'one']))).toBe('5400');
    expect(expires(await tool.run(['link', 'one']))).toBe('300');
  });

  it.for([
    ['sandbox-invalid', 4, 'RECORDING_NOT_FOUND'],
    ['sandbox-expired', 5, 'RECORDING_EXPIRED'],
    ['sandbox-denied', 3, 'CREDENTIALS_REJECTED'],
    ['sandbox-down', 6, 'SERVICE_UNAVAILABLE'],
    ['sandbox-html', 6, 'UNEXPECTED_RESPONSE'],
  ] as const)('ends for %s alone with %i', async ([id, exitCode, code], { tool, sandbox: _ }) => {
    const run = await tool.run(['link', '--json', '--retries', '0', id]);
    expect(run.exitCode).toBe(exitCode);
    expect(run.json()).toEqual([{ id, status: expect.stringMatching(/^(gone|failed)$/), error: expect.objectContaining({ code }) }]);
    expect(run.errLines).toEqual([expect.stringMatching(/^error: /), expect.stringMatching(/^hint: /)]);
  });

  it('turns to GET where POST is answered 405, and stays with it', async ({ tool, sandbox }) => {
    expect((await tool.run(['link', 'sandbox-get-only', 'two'])).exitCode).toBe(0);
    expect(sandbox.log.map((line) => line.split(' ')[0])).toEqual(['POST', 'GET', 'GET']);
  });

  it('asks by GET alone with --method get', async ({ tool, sandbox }) => {
    expect((await tool.run(['link', '--method', 'get', 'a+b/c=='])).exitCode).toBe(0);
    expect(sandbox.log).toEqual([expect.stringMatching(/^GET \S+ id=a%2Bb%2Fc%3D%3D 200$/)]);
  });
});

it('has no flag for the key', async ({ tool }) => {
  const run = await tool.run(['link', '--api-key', 'A123', 'one']);
  expect(run.exitCode).toBe(2);
});
