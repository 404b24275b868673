import { existsSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { tempFolder } from '../helpers/temp-folder.ts';
import { testSystem } from '../helpers/test-system.ts';
import { ask } from '../sandbox/requests.ts';
import { ended, runAlone } from './served.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Starts `sandbox` with some arguments, and waits until it says where it serves. */
async function serving(...flags: string[]) {
  const system = testSystem({ argv: ['sandbox', ...flags] });
  const over = ended(system);
  while (!system.stdoutText.includes('KALEYRA_API_KEY=')) await turn();
  const settings = Object.fromEntries(
    system.stdoutText
      .trim()
      .split('\n')
      .map((line) => line.replace(/^export /, '').split(/=(.*)/s, 2)),
  );
  return { system, over, settings };
}

/** Runs `sandbox -- node -e <script>`; what stands in `extra` is the script's arguments. */
const runNode = (script: string, ...extra: string[]) => runAlone(['sandbox', '--', process.execPath, '-e', script, ...extra]);

describe('sandbox without a command', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('prints its settings as a shell reads them, and serves until %s, which is no error', async (signal, code) => {
    const { system, over, settings } = await serving();
    expect(Object.keys(settings)).toEqual(['KALEYRA_BASE_URL', 'KALEYRA_SID', 'KALEYRA_API_KEY']);
    const url = `${settings.KALEYRA_BASE_URL}/${settings.KALEYRA_SID}/voice/recordings?id=a`;
    expect((await ask(url, { headers: { 'api-key': settings.KALEYRA_API_KEY } })).status).toBe(200);
    system.interrupt(signal);
    expect(await over).toMatchObject({
      exitCode: code,
      errLines: [expect.stringMatching(/^The sandbox serves at http:\S+ until Ctrl-C\.$/)],
    });
    await expect(ask(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('tells of each request with --verbose, without the key', async () => {
    const { system, over, settings } = await serving('-v');
    const url = `${settings.KALEYRA_BASE_URL}/${settings.KALEYRA_SID}/voice/recordings?id=abc`;
    await ask(url, { headers: { 'api-key': settings.KALEYRA_API_KEY } });
    while (!system.stderrText.includes('voice')) await turn();
    system.interrupt('SIGINT');
    const { err } = await over;
    expect(err).toMatch(/^GET \S+\/voice\/recordings .*id=abc .*200/m);
    expect(err).not.toContain(settings.KALEYRA_API_KEY);
  });

  it('serves on the port that it is given', async () => {
    const port = await freePort();
    const { system, over, settings } = await serving('--port', String(port));
    expect(settings.KALEYRA_BASE_URL).toBe(`http://127.0.0.1:${port}/v1`);
    system.interrupt('SIGINT');
    await over;
  });

  it('says that a port is taken, and names the flag', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    while (!server.listening) await turn();
    const { exitCode, errLines } = await runAlone(['sandbox', '--port', String((server.address() as AddressInfo).port)]);
    expect(exitCode).toBe(2);
    expect(errLines[1]).toContain('--port');
  });
});

describe('sandbox with a command', () => {
  it.each([0, 1, 9, 255])('ends with the code of the command: %i', async (code) => {
    expect(await runNode(`process.exit(${code})`)).toMatchObject({ exitCode: code, out: '', err: '' });
  });

  it('ends as a shell tells it where a signal has ended the command', async () => {
    expect((await runNode("process.kill(process.pid, 'SIGKILL')")).exitCode).toBe(137);
  });

  it('hands the settings on, in place of those that would win over them', async () => {
    const file = join(await tempFolder(), 'env.json');
    const system = testSystem({
      argv: ['sandbox', '--', process.execPath, '-e', 'fs.writeFileSync(process.argv[1], JSON.stringify(process.env))', file],
      env: { KALEYRA_API_KEY_FILE: '/secret', KALEYRA_PROFILE: 'real', KALEYRA_SID: 'HXREAL', OTHER: 'kept' },
    });
    expect((await ended(system)).exitCode).toBe(0);
    const env = JSON.parse(await readFile(file, 'utf8'));
    expect(env).toMatchObject({ KALEYRA_SID: 'HXIN0000000000IN', OTHER: 'kept' });
    expect(env.KALEYRA_BASE_URL).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
    expect(env.KALEYRA_API_KEY).toMatch(/^A[0-9a-f]{32}$/);
    expect(Object.keys(env)).not.toContain('KALEYRA_API_KEY_FILE');
    expect(Object.keys(env)).not.toContain('KALEYRA_PROFILE');
  });

  it('leaves the command’s flags to the command', async () => {
    const file = join(await tempFolder(), 'argv.json');
    await runNode('fs.writeFileSync(process.argv[1], JSON.stringify(process.argv.slice(2)))', '--', file, '--port', '--help', '-v', 'a b');
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(['--port', '--help', '-v', 'a b']);
  });

  it('says that a command was not found, with 127', async () => {
    const { exitCode, errLines } = await runAlone(['sandbox', '--', '/nowhere/no-such-command']);
    expect(exitCode).toBe(127);
    expect(errLines).toEqual(['error: /nowhere/no-such-command was not found.', expect.stringMatching(/^hint: /)]);
  });

  it('says that a file cannot be run, with 126', async () => {
    const file = join(await tempFolder(), 'script');
    await writeFile(file, '#!/bin/sh\n');
    await chmod(file, 0o644);
    const { exitCode, errLines } = await runAlone(['sandbox', '--', file]);
    expect(exitCode).toBe(126);
    expect(errLines).toEqual([`error: ${file} cannot be run: permission is denied.`, expect.stringMatching(/^hint: .*chmod/)]);
  });

  it.each([
    ['SIGTERM', false, 143],
    ['SIGTERM', true, 143],
    ['SIGINT', false, 130],
  ] as const)('hands %s on to the command (on a terminal: %s), and ends as that does', async (signal, tty, code) => {
    const { system, over } = await runningCommand(tty);
    system.interrupt(signal);
    expect(await over).toMatchObject({ exitCode: code, err: '' });
  });

  it('leaves Ctrl-C to the terminal, which sends it to the command itself', async () => {
    const { system, over, end } = await runningCommand(true);
    system.interrupt('SIGINT');
    await end();
    expect(await over).toMatchObject({ exitCode: 7, err: '' });
  });
});

/** A sandbox whose command runs until it gets a signal, or is told to end with 7. */
async function runningCommand(tty: boolean) {
  const folder = await tempFolder();
  const started = join(folder, 'started');
  const finish = join(folder, 'finish');
  const script = `fs.writeFileSync(process.argv[1], ''); setInterval(() => fs.existsSync(process.argv[2]) && process.exit(7), 5)`;
  const system = testSystem({ argv: ['sandbox', '--', process.execPath, '-e', script, started, finish], tty });
  const over = ended(system);
  while (!existsSync(started)) await turn();
  return { system, over, end: () => writeFile(finish, '') };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  while (!server.listening) await turn();
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
