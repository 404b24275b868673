import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type AuthLoginOptions, runAuthLogin, runAuthLogout } from '../../src/commands/auth.ts';
import { type AuthStatusOptions, type CheckCredentials, runAuthStatus } from '../../src/commands/auth-status.ts';
import type { Credentials } from '../../src/credentials/resolve.ts';
import { openProfileStore } from '../../src/credentials/store.ts';
import { RecordingError } from '../../src/errors.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { type TestSystem, type TestSystemOptions, testContext, testSystem } from '../helpers/test-system.ts';

const KEY = 'A0123456789abcdef0123456789abcdef';
const NEW_KEY = 'Afedcba9876543210fedcba9876543210';
const stored = { sid: 'HXSTORED', apiKey: KEY, baseUrl: 'https://api.in.kaleyra.io/v1' };

/** A system whose store lies in a folder of its own. */
async function withStore(options: TestSystemOptions = {}) {
  const folder = await tempFolder();
  const system = testSystem({ ...options, env: { KALEYRA_REC_CONFIG_DIR: folder, ...options.env } });
  return { system, folder, store: openProfileStore({ configDir: folder }) };
}

const noCheck: CheckCredentials = async () => {
  throw new Error('nobody asked for a check');
};

const fine: CheckCredentials = async () => ({ outcome: 'fine', message: 'The service accepts them.' });

function login(system: TestSystem, options: Partial<AuthLoginOptions> = {}, check = fine) {
  return runAuthLogin({ apiKeyStdin: false, ...options }, testContext(system), check);
}

function status(system: TestSystem, options: Partial<AuthStatusOptions> = {}, check = noCheck) {
  return runAuthStatus({ check: false, ...options }, testContext(system), check);
}

/** Waits until the question stands on the terminal, then types the answer. */
async function answer(system: TestSystem, question: string, keys: string) {
  while (!system.stderrText.includes(question)) await new Promise((resolve) => setImmediate(resolve));
  system.type(keys);
}

describe('auth login', () => {
  it('asks on a terminal for SID and key, and stores them as the default profile', async () => {
    const { system, store } = await withStore({ tty: true });
    const done = login(system);
    await answer(system, 'SID: ', 'HX1\r');
    await answer(system, 'API key', `${KEY}\r`);
    expect(await done).toBe(0);
    expect(store.get('default')).toEqual({ sid: 'HX1', apiKey: KEY, baseUrl: 'https://api.kaleyra.io/v1' });
    expect(system.rawModes.at(-1)).toBe(false);
  });

  it('tells on stderr what it stored where, and of the key the end alone', async () => {
    const { system, store } = await withStore({ stdin: `${KEY}\n` });
    await login(system, { sid: 'HX1', region: 'eu', profile: 'work' });
    expect(system.stdoutText).toBe('');
    for (const told of ['work', store.path, 'HX1', 'https://api.eu.kaleyra.io/v1', '****cdef']) expect(system.stderrText).toContain(told);
    expect(system.stderrText).not.toContain(KEY.slice(0, -4));
  });

  it('with --json tells it on stdout too, as one object without the key', async () => {
    const { system, store } = await withStore({ stdin: KEY });
    await login(system, { sid: 'HX1', json: true });
    expect(JSON.parse(system.stdoutText)).toEqual({
      profile: 'default',
      sid: 'HX1',
      baseUrl: 'https://api.kaleyra.io/v1',
      file: store.path,
    });
  });

  it('takes the key from standard input that is no terminal, without a question', async () => {
    const { system, store } = await withStore({ stdin: `${KEY}\n`, env: { KALEYRA_SID: 'HXENV', KALEYRA_PROFILE: 'cron' } });
    expect(await login(system)).toBe(0);
    expect(store.get('cron')).toMatchObject({ sid: 'HXENV', apiKey: KEY });
    expect(system.stderrText).not.toContain('API key (not shown)');
  });

  it('prefers flags to the environment', async () => {
    const { system, store } = await withStore({
      stdin: KEY,
      env: { KALEYRA_SID: 'HXENV', KALEYRA_PROFILE: 'cron', KALEYRA_BASE_URL: 'https://env.example' },
    });
    await login(system, { sid: 'HXFLAG', profile: 'flag', baseUrl: 'https://flag.example/v1/' });
    expect(store.list()).toEqual(['flag']);
    expect(store.get('flag')).toEqual({ sid: 'HXFLAG', apiKey: KEY, baseUrl: 'https://flag.example/v1' });
  });

  it('keeps SID and base URL of the profile where only a new key is given', async () => {
    const { system, store } = await withStore({ stdin: NEW_KEY });
    store.set('default', stored);
    await login(system, { apiKeyStdin: true });
    expect(store.get('default')).toEqual({ ...stored, apiKey: NEW_KEY });
  });

  it('refuses the SID in the place of the key', async () => {
    const { system, store } = await withStore({ stdin: 'HXIN1707324291IN' });
    await expect(login(system, { sid: 'HXIN1707324291IN' })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('same as the SID'),
    });
    expect(store.list()).toEqual([]);
  });

  it('offers the SID of the profile, which Enter keeps', async () => {
    const { system, store } = await withStore({ tty: true });
    store.set('default', stored);
    const done = login(system);
    await answer(system, 'SID [HXSTORED]: ', '\r');
    await answer(system, 'API key', `${NEW_KEY}\r`);
    await done;
    expect(store.get('default')).toEqual({ ...stored, apiKey: NEW_KEY });
  });

  it('does not store a key of the environment, and says that it wins over the stored one', async () => {
    const { system, store } = await withStore({ stdin: KEY, env: { KALEYRA_API_KEY: 'Aenvironment' } });
    await login(system, { sid: 'HX1' });
    expect(store.get('default')?.apiKey).toBe(KEY);
    expect(system.stderrText).toMatch(/KALEYRA_API_KEY is set/);
    expect(system.stderrText).not.toContain('Aenvironment');
  });

  it.each([
    ['no SID, and nobody to ask', {}, KEY, 'CREDENTIALS_MISSING'],
    ['no key', { sid: 'HX1' }, '\n', 'CREDENTIALS_MISSING'],
    ['a key with a blank in it', { sid: 'HX1' }, `${KEY.slice(0, 20)} ${KEY.slice(20)}`, 'USAGE'],
    ['a key over several lines', { sid: 'HX1' }, `${KEY.slice(0, 20)}\n${KEY.slice(20)}`, 'USAGE'],
    ['a key in quotes', { sid: 'HX1' }, `"${KEY}"`, 'USAGE'],
    ['a key in typographic quotes', { sid: 'HX1' }, `“${KEY}”`, 'USAGE'],
    ['a key with its name', { sid: 'HX1' }, `KALEYRA_API_KEY=${KEY}`, 'USAGE'],
    ['a header', { sid: 'HX1' }, `api-key:${KEY}`, 'USAGE'],
    ['a key that is too short', { sid: 'HX1' }, KEY.slice(0, 15), 'USAGE'],
    ['a key as SID', { sid: KEY }, KEY, 'USAGE'],
    ['a SID that is none', { sid: 'a/b' }, KEY, 'USAGE'],
    ['a base URL over plain http', { sid: 'HX1', baseUrl: 'http://h' }, KEY, 'USAGE'],
    ['a region and a base URL', { sid: 'HX1', baseUrl: 'https://h', region: 'eu' }, KEY, 'USAGE'],
    ['a base URL with the SID in it', { sid: 'HX1', baseUrl: 'https://h/v1/HX1' }, KEY, 'USAGE'],
    ['a profile name that is none', { sid: 'HX1', profile: 'a b' }, KEY, 'USAGE'],
  ])('with %s stores nothing', async (_what, options, stdin, code) => {
    const { system, folder } = await withStore({ stdin });
    const error = await login(system, options).catch((thrown: RecordingError) => thrown);
    expect(error).toMatchObject({ code });
    expect(JSON.stringify(error)).not.toContain(KEY.slice(0, 8));
    expect(await readdir(folder)).toEqual([]);
  });

  it('does not ask for a key that a damaged store could not take', async () => {
    const { system, store } = await withStore({ tty: true });
    await writeFile(store.path, '{"profiles": ');
    await expect(login(system, { sid: 'HX1' })).rejects.toMatchObject({ code: 'USAGE', message: expect.stringContaining(store.path) });
    expect(system.stderrText).toBe('');
    expect(await readFile(store.path, 'utf8')).toBe('{"profiles": ');
  });

  it('with --api-key-stdin on a terminal asks for the key alone', async () => {
    const { system } = await withStore({ tty: true });
    await expect(login(system, { apiKeyStdin: true })).rejects.toMatchObject({
      code: 'CREDENTIALS_MISSING',
      hint: expect.stringContaining('--sid'),
    });
    expect(system.stderrText).toBe('');
  });

  it('does not ask where nobody would see the question', async () => {
    const { system } = await withStore({ tty: { stdin: true, stdout: true, stderr: false } });
    await expect(login(system, { sid: 'HX1' })).rejects.toMatchObject({ code: 'USAGE', hint: expect.stringContaining('--api-key-stdin') });
    expect(system.stderrText).toBe('');
    expect(system.rawModes).toEqual([]);
  });

  it('stores nothing when it is stopped at the key', async () => {
    const { system, folder } = await withStore({ tty: true });
    const done = login(system, { sid: 'HX1' });
    await Promise.all([expect(done).rejects.toMatchObject({ code: 'INTERRUPTED' }), answer(system, 'API key', 'A01\u0003')]);
    expect(await readdir(folder)).toEqual([]);
    expect(system.stderrText).not.toContain('A01');
  });
});

describe('auth login on a terminal', () => {
  it('asks again for a SID or key that cannot be one, and says why, without the key', async () => {
    const { system, store } = await withStore({ tty: true });
    const done = login(system);
    await answer(system, 'SID: ', '\r');
    await answer(system, 'An answer is needed.', 'no such\r');
    await answer(system, 'cannot be a SID', `${KEY}\r`);
    await answer(system, 'looks like an API key', 'HX1\r');
    await answer(system, 'API key (not shown): ', `"${KEY}"\r`);
    await answer(system, 'is in quotes', 'A0123\r');
    await answer(system, 'is too short', `${KEY}\r`);
    expect(await done).toBe(0);
    expect(store.get('default')).toMatchObject({ sid: 'HX1', apiKey: KEY });
    // A key that was typed as SID was shown by the terminal, and by nobody else.
    expect(system.stderrText.replaceAll(`SID: ${KEY}`, '').split(KEY).length).toBeLessThanOrEqual(2);
  });

  it('says that nothing was stored at Ctrl-C', async () => {
    const { system } = await withStore({ tty: true });
    const done = login(system, { sid: 'HX1' });
    const expected = { code: 'INTERRUPTED', exitCode: 130, message: 'Cancelled. Nothing was stored.' };
    await Promise.all([expect(done).rejects.toMatchObject(expected), answer(system, 'API key', '\u0003')]);
  });

  const outcomes: [outcome: 'fine' | 'unreachable' | 'rejected' | 'forbidden', told: RegExp, exitCode: number][] = [
    ['fine', /The outcome\.$/, 0],
    ['unreachable', /They are stored, but could not be checked: The outcome\.$/, 0],
    ['rejected', /Checking the credentials with api\.kaleyra\.io …$/, 3],
    ['forbidden', /Checking the credentials with api\.kaleyra\.io …$/, 3],
  ];
  it.each(outcomes)('checks what it has stored: %s', async (outcome, told, exitCode) => {
    const { system, store } = await withStore({ tty: true });
    const asked: Partial<Credentials>[] = [];
    const done = login(system, { sid: 'HX1', profile: 'work' }, async ({ sid, apiKey }) => {
      asked.push({ sid, apiKey });
      return { outcome, message: 'The outcome.' };
    }).catch((error: RecordingError) => error.exitCode);
    await answer(system, 'API key', `${KEY}\r`);
    expect(await done).toBe(exitCode);
    expect(system.stderrText.trimEnd()).toMatch(told);
    expect(asked).toEqual([{ sid: 'HX1', apiKey: KEY }]);
    expect(store.get('work')?.apiKey).toBe(KEY);
  });

  it('asks the service nothing where it is not one', async () => {
    const { system } = await withStore({ stdin: KEY });
    expect(await login(system, { sid: 'HX1' }, noCheck)).toBe(0);
  });
});

describe('auth status', () => {
  it('shows what a run would use, and where each came from', async () => {
    const { system, store } = await withStore({ env: { KALEYRA_SID: 'HXENV' } });
    store.set('default', stored);
    expect(await status(system, { region: 'in' })).toBe(0);
    expect(system.stdoutText).toBe(
      [
        'Profile   default',
        'SID       HXENV (KALEYRA_SID)',
        'API key   ****cdef (profile default)',
        'Base URL  https://api.in.kaleyra.io/v1 (--region)',
        '',
        'Stored profiles (* in use):',
        '* default  HXSTORED  ****cdef  https://api.in.kaleyra.io/v1',
        '',
      ].join('\n'),
    );
    expect(system.stderrText).toBe('');
  });

  it('with --json is one object', async () => {
    const { system, store } = await withStore();
    store.set('work', stored);
    expect(await status(system, { profile: 'work', json: true })).toBe(0);
    expect(JSON.parse(system.stdoutText)).toEqual({
      profile: 'work',
      sid: 'HXSTORED',
      baseUrl: 'https://api.in.kaleyra.io/v1',
      keyLastFour: 'cdef',
      origin: { sid: 'profile work', apiKey: 'profile work', baseUrl: 'profile work' },
    });
  });

  it('shows what is there where something is missing, then fails', async () => {
    const { system } = await withStore({ env: { KALEYRA_SID: 'HXENV' } });
    await expect(status(system, { check: true })).rejects.toMatchObject({ code: 'CREDENTIALS_MISSING', exitCode: 3 });
    expect(system.stdoutText).toContain('HXENV (KALEYRA_SID)');
    expect(system.stdoutText).toContain('API key   missing');
    expect(system.stdoutText).toContain('Profile   none');
  });

  it('with --json shows what is missing as null, then fails', async () => {
    const { system } = await withStore();
    await expect(status(system, { json: true })).rejects.toMatchObject({ exitCode: 3 });
    expect(JSON.parse(system.stdoutText)).toEqual({
      profile: null,
      sid: null,
      baseUrl: 'https://api.kaleyra.io/v1',
      keyLastFour: null,
      origin: { sid: null, apiKey: null, baseUrl: 'default' },
      profiles: [],
    });
  });

  it('lists all stored profiles where none is named, the one in use marked, as a table', async () => {
    const { system, store } = await withStore();
    store.set('default', stored);
    store.set('a-longer-name', { sid: 'HX1', apiKey: 'Anightkey0123456781234', baseUrl: 'https://api.kaleyra.io/v1' });
    expect(await status(system)).toBe(0);
    expect(system.stdoutText.split('\n').slice(4)).toEqual([
      '',
      'Stored profiles (* in use):',
      '  a-longer-name  HX1       ****1234  https://api.kaleyra.io/v1',
      '* default        HXSTORED  ****cdef  https://api.in.kaleyra.io/v1',
      '',
    ]);
  });

  it('with --json has them too, without their keys', async () => {
    const { system, store } = await withStore({ env: { KALEYRA_SID: 'HX1', KALEYRA_API_KEY: KEY, KALEYRA_BASE_URL: 'https://h/v1' } });
    store.set('night', stored);
    expect(await status(system, { json: true })).toBe(0);
    expect(JSON.parse(system.stdoutText)).toMatchObject({
      profile: null,
      profiles: [{ profile: 'night', inUse: false, sid: 'HXSTORED', baseUrl: 'https://api.in.kaleyra.io/v1', keyLastFour: 'cdef' }],
    });
    expect(system.stdoutText).not.toContain(KEY);
  });

  it('lists them where the one by default is missing, which is an error all the same', async () => {
    const { system, store } = await withStore();
    store.set('night', stored);
    await expect(status(system)).rejects.toMatchObject({ code: 'CREDENTIALS_MISSING' });
    expect(system.stdoutText).toContain('\n  night  HXSTORED');
  });

  it.each<[string, Partial<AuthStatusOptions>, Record<string, string>]>([
    ['--profile', { profile: 'work' }, {}],
    ['KALEYRA_PROFILE', {}, { KALEYRA_PROFILE: 'work' }],
  ])('shows the one that %s names, and no other', async (_how, options, env) => {
    const { system, store } = await withStore({ env });
    store.set('work', stored);
    store.set('night', stored);
    await status(system, options);
    expect(system.stdoutText).toContain('Profile   work');
    expect(system.stdoutText).not.toContain('night');
  });

  it('says so, and does not fail, where the store is damaged and a run would not need it', async () => {
    const { system, store } = await withStore({ env: { KALEYRA_SID: 'HX1', KALEYRA_API_KEY: KEY, KALEYRA_BASE_URL: 'https://h/v1' } });
    await writeFile(store.path, '{"profiles": ', { mode: 0o600 });
    expect(await status(system)).toBe(0);
    expect(system.stderrText).toMatch(/^Note: The profile store .* is damaged/);
  });

  it('lets nothing of a store that somebody wrote by hand steer the terminal', async () => {
    const { system, store } = await withStore({ env: { KALEYRA_SID: 'HX1', KALEYRA_API_KEY: KEY } });
    await writeFile(store.path, JSON.stringify({ profiles: { 'a\u001b[2J': { ...stored, sid: 'HX\u009b1m' } } }));
    await status(system);
    expect(system.stdoutText.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    expect(system.stdoutText).toContain('a\\u001b[2J');
  });

  it('leaves no trace of a store that is not there', async () => {
    const { system, folder } = await withStore();
    await expect(status(system)).rejects.toMatchObject({ code: 'CREDENTIALS_MISSING' });
    expect(await readdir(folder)).toEqual([]);
  });

  it('never shows a short key whole', async () => {
    const { system } = await withStore({ env: { KALEYRA_SID: 'HX1', KALEYRA_API_KEY: 'abcd' } });
    await status(system);
    expect(system.stdoutText).not.toContain('abcd');
  });
});

describe('auth status --check', () => {
  it('asks with the credentials that a run would use, and shows the answer', async () => {
    const { system, store } = await withStore();
    store.set('default', stored);
    let asked: Credentials | undefined;
    const exitCode = await status(system, { check: true }, async (credentials) => {
      asked = credentials;
      return { outcome: 'fine', message: 'The service takes the key.' };
    });
    expect(exitCode).toBe(0);
    expect(asked).toMatchObject({ sid: 'HXSTORED', apiKey: KEY, profile: 'default' });
    expect(asked?.baseUrl.href).toBe('https://api.in.kaleyra.io/v1');
    expect(system.stdoutText).toContain('The service takes the key.');
  });

  it.each([
    ['rejected', 'CREDENTIALS_REJECTED', 3],
    ['forbidden', 'CREDENTIALS_REJECTED', 3],
    ['unreachable', 'NETWORK', 6],
  ] as const)('fails where the outcome is %s, after showing it', async (outcome, code, exitCode) => {
    const { system, store } = await withStore();
    store.set('default', stored);
    const check: CheckCredentials = async () => ({ outcome, message: 'So it is.' });
    await expect(status(system, { check: true, json: true }, check)).rejects.toMatchObject({ code, exitCode, message: 'So it is.' });
    expect(JSON.parse(system.stdoutText)).toMatchObject({ sid: 'HXSTORED', check: { outcome, message: 'So it is.' } });
  });

  it('that did not reach the service ends with what went wrong on the way, and what to do about it', async () => {
    const { system, store } = await withStore();
    store.set('default', stored);
    const error = new RecordingError('TIMEOUT', 'No answer within 30 s.', { hint: 'Raise --timeout.' });
    const check: CheckCredentials = async () => ({ outcome: 'unreachable', message: error.message, error });
    await expect(status(system, { check: true, json: true }, check)).rejects.toBe(error);
    expect(JSON.parse(system.stdoutText).check).toEqual({
      outcome: 'unreachable',
      message: 'No answer within 30 s.',
      error: { code: 'TIMEOUT', message: 'No answer within 30 s.', hint: 'Raise --timeout.', retryable: true },
    });
  });

  it('shows the settings before the service has answered', async () => {
    const { system, store } = await withStore();
    store.set('default', stored);
    const check: CheckCredentials = async () => {
      expect(system.stdoutText).toContain('HXSTORED');
      return { outcome: 'fine', message: 'Fine.' };
    };
    expect(await status(system, { check: true }, check)).toBe(0);
  });
});

describe('auth logout', () => {
  it('deletes the profile, and no other', async () => {
    const { system, store } = await withStore();
    store.set('default', stored);
    store.set('work', stored);
    expect(await runAuthLogout({}, testContext(system))).toBe(0);
    expect(store.list()).toEqual(['work']);
    expect(system.stdoutText).toBe('');
    expect(system.stderrText).toContain('default');
    expect(await readFile(store.path, 'utf8')).toContain('work');
  });

  it('deletes the profile that is named, by flag before environment', async () => {
    const { system, store } = await withStore({ env: { KALEYRA_PROFILE: 'cron' } });
    for (const name of ['default', 'cron', 'work']) store.set(name, stored);
    await runAuthLogout({ profile: 'work' }, testContext(system));
    await runAuthLogout({ json: true }, testContext(system));
    expect(store.list()).toEqual(['default']);
    expect(JSON.parse(system.stdoutText)).toEqual({ profile: 'cron', file: store.path });
  });

  it('leaves nothing of the key in the folder', async () => {
    const { system, store, folder } = await withStore();
    store.set('default', stored);
    await runAuthLogout({}, testContext(system));
    for (const name of await readdir(folder)) expect(await readFile(join(folder, name), 'utf8')).not.toContain(KEY);
  });

  it('fails where there is no such profile, and names those there are', async () => {
    const { system, store } = await withStore();
    store.set('work', stored);
    await expect(runAuthLogout({ profile: 'wrok' }, testContext(system))).rejects.toMatchObject({
      code: 'CREDENTIALS_MISSING',
      exitCode: 3,
      message: expect.stringContaining('wrok'),
      hint: expect.stringContaining('work'),
    });
    expect(store.list()).toEqual(['work']);
  });

  it('fails where nothing is stored, and creates nothing', async () => {
    const { system, folder } = await withStore();
    await expect(runAuthLogout({}, testContext(system))).rejects.toMatchObject({ code: 'CREDENTIALS_MISSING' });
    expect(await readdir(folder)).toEqual([]);
  });

  it('says that the environment still gives a key', async () => {
    const { system, store } = await withStore({ env: { KALEYRA_API_KEY: 'Aenvironment' } });
    store.set('default', stored);
    await runAuthLogout({}, testContext(system));
    expect(system.stderrText).toMatch(/KALEYRA_API_KEY is set/);
  });
});
