import { describe, expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { screenOf } from '../report/screen.ts';
import { runAlone, served } from './served.ts';

describe('link', () => {
  it('prints a link for each id, in the order asked, and nothing else', async () => {
    const tool = await served();
    const { exitCode, lines, err } = await tool.run(['link', 'b==', 'a/+ é', 'b==']);
    expect([exitCode, err]).toEqual([0, '']);
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(new URL(line).searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/);
    expect(new URL(lines[1] ?? '').pathname).not.toBe(new URL(lines[0] ?? '').pathname);
    expect(tool.requests.length).toBe(3);
  });

  it.each([
    ['that is asked for', ['--validity', '60'], 60],
    ['of the service’s own 5 minutes', [], 5],
  ])('prints an object a line with --json, as the contract has it, with the validity %s', async (_what, flags, minutes) => {
    const tool = await served();
    const [told = {}] = (await tool.run(['link', '--json', ...flags, 'a'])).json();
    expect(Object.keys(told)).toEqual(['id', 'link', 'validityMinutes', 'expiresAt']);
    const { searchParams } = new URL(String(told.link));
    expect(searchParams.get('X-Amz-Expires')).toBe(String(minutes * 60));
    const signedAt = (searchParams.get('X-Amz-Date') ?? '').replace(/^(....)(..)(..T..)(..)(..)Z$/, '$1-$2-$3:$4:$5Z');
    const expiresAt = new Date(Date.parse(signedAt) + minutes * 60_000).toISOString();
    expect(told).toMatchObject({ id: 'a', validityMinutes: minutes, expiresAt });
  });

  it('goes on after an id that fails, names it, and ends with 9', async () => {
    const tool = await served();
    const { exitCode, lines, errLines } = await tool.run(['link', 'a', 'sandbox-invalid', 'b', 'sandbox-expired']);
    expect(exitCode).toBe(9);
    expect(lines).toHaveLength(2);
    expect(errLines).toHaveLength(4);
    expect(errLines[0]).toMatch(/^error: sandbox-invalid: .*Invalid Id/);
    expect(errLines[1]).toMatch(/^hint: /);
    expect(errLines[2]).toMatch(/^error: sandbox-expired: .*Id Expired/);
  });

  it('tells in its place in JSON too which failed, and whether it is gone', async () => {
    const tool = await served();
    const { json, exitCode } = await tool.run(['link', '--json', 'sandbox-invalid', 'a', 'sandbox-down', '--retries', '0']);
    expect(exitCode).toBe(9);
    expect(json()).toMatchObject([
      { id: 'sandbox-invalid', status: 'gone', error: { code: 'RECORDING_NOT_FOUND', retryable: false } },
      { id: 'a', link: expect.any(String) },
      { id: 'sandbox-down', status: 'failed', error: { code: 'SERVICE_UNAVAILABLE', retryable: true } },
    ]);
  });

  it.each([
    ['sandbox-invalid', 4, 'RECORDING_NOT_FOUND'],
    ['sandbox-expired', 5, 'RECORDING_EXPIRED'],
    ['sandbox-denied', 3, 'CREDENTIALS_REJECTED'],
    ['sandbox-html', 6, 'UNEXPECTED_RESPONSE'],
  ])('ends with the code of the error of its only id: %s', async (id, code, name) => {
    const tool = await served();
    const { exitCode, json, errLines } = await tool.run(['link', '--json', id]);
    expect(exitCode).toBe(code);
    expect(json()).toMatchObject([{ id, error: { code: name } }]);
    expect(errLines).toHaveLength(2);
    expect(errLines[0]).not.toContain(`${id}:`);
  });

  it('tries again what passes, and says no word of it', async () => {
    const tool = await served();
    const { exitCode, lines, err, system } = await tool.run(['link', 'sandbox-flaky']);
    expect([exitCode, lines.length, err]).toEqual([0, 1, '']);
    expect(system.sleeps).toHaveLength(1);
    expect((await tool.run(['link', 'sandbox-flaky-2', '--retries', '0'])).exitCode).toBe(6);
  });

  it('colours the errors of several ids unless --no-color says otherwise', async () => {
    const tool = await served();
    const argv = ['link', 'sandbox-invalid', 'sandbox-expired'];
    expect((await tool.run(argv, { tty: { stderr: true } })).err).toContain('\u001b[31;1merror:');
    expect((await tool.run([...argv, '--no-color'], { tty: { stderr: true } })).err).not.toContain('\u001b');
    expect((await tool.run(argv)).err).not.toContain('\u001b');
  });

  it('says in JSON once, of no id, why nothing could be asked', async () => {
    const { exitCode, json, errLines } = await runAlone(['link', '--json', 'a', 'b']);
    expect(exitCode).toBe(3);
    expect(json()).toMatchObject([{ id: null, status: 'failed', error: { code: 'CREDENTIALS_MISSING' } }]);
    expect(errLines).toHaveLength(2);
  });

  it('says in JSON which id was asked for when it was stopped, and nothing of those that were not', async () => {
    const tool = await served();
    const { system, ended } = tool.start(['link', '--json', 'a', 'sandbox-silent', 'c']);
    while (system.stdoutText === '') await new Promise((resolve) => setImmediate(resolve));
    system.interrupt('SIGINT');
    const { exitCode, json, errLines } = await ended;
    expect(exitCode).toBe(130);
    expect(json().map(({ id, error }) => [id, (error as { code: string } | undefined)?.code])).toEqual([
      ['a', undefined],
      ['sandbox-silent', 'INTERRUPTED'],
    ]);
    expect(errLines[0]).toBe('error: Stopped by SIGINT.');
  });

  it('tells once that the key is refused, and asks no more', async () => {
    const tool = await served();
    const argv = ['link', 'a', 'sandbox-denied', 'b', 'c', '--json'];
    const { exitCode, json, errLines } = await tool.run(argv);
    expect(exitCode).toBe(3);
    expect(errLines).toHaveLength(2);
    expect(json().map(({ id, error }) => [id, (error as { code: string } | undefined)?.code])).toEqual([
      ['a', undefined],
      ['sandbox-denied', 'CREDENTIALS_REJECTED'],
    ]);
    expect(tool.requests).toHaveLength(2);
  });

  it('takes an id without the blanks and invisible marks that were copied with it', async () => {
    const tool = await served();
    const { exitCode, json } = await tool.run(['link', '--json', ' a==\u200b', '\ufeffb\n']);
    expect([exitCode, json().map(({ id }) => id)]).toEqual([0, ['a==', 'b']]);
  });

  it('tells a wait of a second or more where nothing is drawn, and not with --quiet', async () => {
    const tool = await served();
    const { exitCode, errLines } = await tool.run(['link', 'sandbox-rate-limited']);
    expect(exitCode).toBe(0);
    expect(errLines).toEqual([expect.stringMatching(/ Attempt 2 in 1\.0 s\.$/), expect.stringMatching(/ Attempt 3 in 1\.0 s\.$/)]);
    expect((await tool.run(['link', 'sandbox-rate-limited-2', '-q'])).err).toBe('');
  });

  it('draws on a terminal what it waits for, and leaves nothing of it behind', async () => {
    const tool = await served();
    const { system, ended } = tool.start(['link', 'sandbox-silent', 'b'], { tty: { stderr: true }, manualClock: true });
    await eventually(() => {
      system.advance(500);
      expect(system.stderrText).toContain('no answer for ');
    });
    expect(screenOf(system.stderrText).lines[0]).toMatch(/^\S {2}Asking for link 1 of 2 {2}no answer for \d+ s$/);
    system.interrupt('SIGINT');
    await ended;
    expect(screenOf(system.stderrText)).toMatchObject({
      lines: [expect.stringMatching(/^error: /), expect.stringMatching(/^hint: /)],
      cursorShown: true,
    });
  });

  it('refuses an id that is empty before it asks anything', async () => {
    const tool = await served();
    expect(await tool.run(['link', 'a', ''])).toMatchObject({ exitCode: 2, out: '' });
    expect(tool.requests).toEqual([]);
  });

  it('keeps key and signature out of the log of --verbose', async () => {
    const tool = await served();
    const { err, lines } = await tool.run(['link', 'a', '-v']);
    expect(err).toContain(`request to=service method=POST address="${new URL(tool.sandbox.baseUrl).origin}/…`);
    expect(err).not.toContain(tool.sandbox.apiKey);
    expect(err).not.toContain(new URL(lines[0] ?? '').searchParams.get('X-Amz-Signature'));
  });

  it('asks as --method says', async () => {
    const tool = await served();
    await tool.run(['link', 'a', '--method', 'get']);
    await tool.run(['link', 'a']);
    expect(tool.requests.map((line) => line.split(' ')[0])).toEqual(['GET', 'POST']);
  });
});
