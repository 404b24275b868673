import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { it as base, type Tool } from '../helpers/tool-test.ts';

const KEY = 'A0123456789abcdef0123456789ab7e57';
const SID = 'HXIN1707324291IN';
const storeOf = (tool: Tool) => join(tool.env.KALEYRA_REC_CONFIG_DIR ?? '', 'config.json');

/** The store alone: no setting stands in the environment, and the key is a secret from the start. */
const it = base.extend<{ tool: Tool }>({
  tool: async ({ tool }, use) => {
    tool.secrets.add(KEY);
    await use(tool);
  },
});

const login = (tool: Tool, ...flags: string[]) =>
  tool.run(['auth', 'login', '--sid', SID, '--api-key-stdin', ...flags], { stdin: `${KEY}\n` });

describe.concurrent('auth', () => {
  it('login stores SID and key from standard input, in a file that its owner alone can read', async ({ tool }) => {
    const run = await login(tool);
    expect(run).toMatchObject({ exitCode: 0, out: '' });
    expect(run.err).toContain('****7e57');
    const { mode } = await stat(storeOf(tool));
    expect((mode & 0o777).toString(8)).toBe('600');
    expect(tool.files()).toEqual([]);
  });

  it('login reads the key from a pipe without the flag, too', async ({ tool }) => {
    expect((await tool.run(['auth', 'login', '--sid', SID], { stdin: KEY })).exitCode).toBe(0);
    expect((await tool.run(['auth', 'status', '--json'])).json()).toEqual([expect.objectContaining({ keyLastFour: '7e57' })]);
  });

  it('login keeps the file at 0600 when it is written again', async ({ tool }) => {
    await login(tool);
    await login(tool, '--profile', 'night');
    expect(((await stat(storeOf(tool))).mode & 0o777).toString(8)).toBe('600');
  });

  it('login without a key, or without a SID, ends with 3 and stores nothing', async ({ tool }) => {
    expect((await tool.run(['auth', 'login', '--sid', SID, '--api-key-stdin'], { stdin: '\n' })).exitCode).toBe(3);
    expect((await tool.run(['auth', 'login', '--api-key-stdin'], { stdin: KEY })).exitCode).toBe(3);
    await expect(stat(storeOf(tool))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('status shows the profile, where each setting comes from, and the last characters of the key', async ({ tool }) => {
    await login(tool, '--region', 'in');
    const run = await tool.run(['auth', 'status'], { env: { KALEYRA_SID: 'HX1' } });
    expect(run).toMatchObject({ exitCode: 0, err: '' });
    expect(run.lines).toEqual([
      'Profile   default',
      'SID       HX1 (KALEYRA_SID)',
      'API key   ****7e57 (profile default)',
      'Base URL  https://api.in.kaleyra.io/v1 (profile default)',
      '',
      'Stored profiles (* in use):',
      expect.stringMatching(/^\* default {2}HX\w+ {2}\*{4}7e57 {2}https:\/\/api\.in\.kaleyra\.io\/v1$/),
    ]);
  });

  it('status --json shows the same as one object', async ({ tool }) => {
    await login(tool);
    const run = await tool.run(['auth', 'status', '--json', '--sid', 'HX2']);
    expect(run.json()).toEqual([
      {
        profile: 'default',
        sid: 'HX2',
        baseUrl: 'https://api.kaleyra.io/v1',
        keyLastFour: '7e57',
        origin: { sid: '--sid', apiKey: 'profile default', baseUrl: 'profile default' },
        profiles: [{ profile: 'default', inUse: true, sid: SID, baseUrl: 'https://api.kaleyra.io/v1', keyLastFour: '7e57' }],
      },
    ]);
  });

  it('status ends with 3 where nothing is stored, and shows what is missing all the same', async ({ tool }) => {
    const run = await tool.run(['auth', 'status', '--json']);
    expect(run.exitCode).toBe(3);
    expect(run.json()).toEqual([expect.objectContaining({ sid: null, keyLastFour: null })]);
    expect(run.errLines).toEqual([expect.stringMatching(/^error: /), expect.stringContaining('kaleyra-rec auth login')]);
  });

  it('logout deletes the profile, and a second one says that there is none', async ({ tool }) => {
    await login(tool);
    await login(tool, '--profile', 'night');
    expect((await tool.run(['auth', 'logout'])).exitCode).toBe(0);
    expect((await tool.run(['auth', 'status'])).exitCode).toBe(3);
    expect((await tool.run(['auth', 'status', '--profile', 'night'])).exitCode).toBe(0);
    const again = await tool.run(['auth', 'logout']);
    expect(again.exitCode).toBe(3);
    expect(again.errLines).toEqual([expect.stringContaining('no profile default'), expect.stringContaining('night')]);
  });

  it('the stored profile carries a run, and KALEYRA_PROFILE names another one', async ({ tool, sandbox: { baseUrl, sid, apiKey } }) => {
    for (const name of ['KALEYRA_BASE_URL', 'KALEYRA_SID', 'KALEYRA_API_KEY']) delete tool.env[name];
    await tool.run(['auth', 'login', '--profile', 'good', '--sid', sid, '--base-url', baseUrl], { stdin: apiKey });
    await tool.run(['auth', 'login', '--profile', 'bad', '--sid', sid, '--base-url', baseUrl], { stdin: KEY });
    expect((await tool.run(['link', 'one'])).exitCode).toBe(3);
    expect((await tool.run(['link', 'one'], { env: { KALEYRA_PROFILE: 'good' } })).exitCode).toBe(0);
    expect((await tool.run(['link', 'one'], { env: { KALEYRA_PROFILE: 'bad' } })).exitCode).toBe(3);
    expect((await tool.run(['link', 'one', '--profile', 'good'], { env: { KALEYRA_PROFILE: 'bad' } })).exitCode).toBe(0);
    expect((await tool.run(['link', 'one'], { env: { KALEYRA_PROFILE: 'none' } })).exitCode).toBe(3);
  });

  it('the key is read from the file that KALEYRA_API_KEY_FILE names', async ({ tool, sandbox: { apiKey } }) => {
    delete tool.env.KALEYRA_API_KEY;
    const file = join(tool.folder, '..', 'key.txt');
    await tool.write('../key.txt', `${apiKey}\n`);
    expect((await tool.run(['link', 'one'], { env: { KALEYRA_API_KEY_FILE: file } })).exitCode).toBe(0);
  });

  it('status --check tells a key that is taken from one that is refused', async ({ tool, sandbox: _ }) => {
    const fine = await tool.run(['auth', 'status', '--check']);
    expect(fine.exitCode).toBe(0);
    expect(fine.lines.at(-1)).toMatch(/^Check +fine: /);
    const refused = await tool.run(['auth', 'status', '--check', '--json'], { env: { KALEYRA_API_KEY: KEY } });
    expect(refused.exitCode).toBe(3);
    expect(refused.json()).toEqual([expect.objectContaining({ check: { outcome: 'rejected', message: expect.any(String) } })]);
  });
});
