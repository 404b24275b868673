import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CredentialFlags, overruledBy, parseBaseUrl, resolveCredentials } from '../../src/credentials/resolve.ts';
import { credentialSources } from '../../src/credentials/sources.ts';
import type { Profile, ProfileStore } from '../../src/credentials/store.ts';
import { RecordingError } from '../../src/errors.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { testSystem } from '../helpers/test-system.ts';

const stored: Profile = { sid: 'HXSTORED', apiKey: 'Astored', baseUrl: 'https://stored.example/v1' };
const whole = { KALEYRA_SID: 'HXENV', KALEYRA_API_KEY: 'Aenv', KALEYRA_BASE_URL: 'https://env.example/v1' };

interface World {
  env?: Record<string, string>;
  profiles?: Record<string, Profile>;
  /** Anything else is a file that is not there. */
  files?: Record<string, string>;
}

/** Sources made of plain objects. `opened` counts how often the store was opened. */
function world({ env = {}, profiles = {}, files = {} }: World) {
  const seen = { opened: 0 };
  const store: Pick<ProfileStore, 'get' | 'list'> = {
    get: (name) => (Object.hasOwn(profiles, name) ? profiles[name] : undefined),
    list: () => Object.keys(profiles),
  };
  return {
    seen,
    env,
    openStore: async () => {
      seen.opened += 1;
      return store as ProfileStore;
    },
    readFile: async (path: string) => {
      const content = files[path];
      if (content === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return content;
    },
  };
}

async function failure(flags: CredentialFlags, given: World): Promise<RecordingError> {
  try {
    await resolveCredentials(flags, world(given));
  } catch (error) {
    if (error instanceof RecordingError) return error;
    throw error;
  }
  throw new Error('it was resolved');
}

describe('each setting by itself', () => {
  it('comes from the flag before the environment before the profile', async () => {
    const found = await resolveCredentials(
      { sid: 'HXFLAG' },
      world({ env: { KALEYRA_SID: 'HXENV', KALEYRA_BASE_URL: 'https://stored.example/v1/' }, profiles: { default: stored } }),
    );
    expect({ ...found, baseUrl: found.baseUrl.href }).toEqual({
      sid: 'HXFLAG',
      apiKey: 'Astored',
      baseUrl: 'https://stored.example/v1',
      profile: 'default',
      origin: { sid: '--sid', apiKey: 'profile default', baseUrl: 'KALEYRA_BASE_URL' },
    });
  });

  it('comes from the flags where everything names it', async () => {
    const found = await resolveCredentials(
      { sid: 'HXFLAG', baseUrl: 'https://flag.example/v1', profile: 'work' },
      world({ env: whole, profiles: { work: stored } }),
    );
    expect(found.origin).toEqual({ sid: '--sid', apiKey: 'KALEYRA_API_KEY', baseUrl: '--base-url' });
    expect(found.baseUrl.href).toBe('https://flag.example/v1');
  });

  it('comes from the profile where nothing else names it', async () => {
    const found = await resolveCredentials({}, world({ profiles: { default: stored } }));
    expect(found.origin).toEqual({ sid: 'profile default', apiKey: 'profile default', baseUrl: 'profile default' });
    expect(found.apiKey).toBe('Astored');
  });

  it('is not set by an empty variable', async () => {
    const found = await resolveCredentials(
      {},
      world({
        env: { KALEYRA_SID: '', KALEYRA_API_KEY: '', KALEYRA_API_KEY_FILE: '', KALEYRA_BASE_URL: '', KALEYRA_PROFILE: '' },
        profiles: { default: stored },
      }),
    );
    expect(found.sid).toBe('HXSTORED');
    expect(found.profile).toBe('default');
  });

  it('of a flag may not be empty', async () => {
    expect(await failure({ sid: '' }, { env: whole })).toMatchObject({ code: 'USAGE' });
    expect(await failure({ profile: '' }, { env: whole })).toMatchObject({ code: 'USAGE' });
    expect(await failure({ baseUrl: '' }, { env: whole })).toMatchObject({ code: 'USAGE' });
  });
});

describe('the store', () => {
  it('is not opened where flags and environment give everything', async () => {
    const sources = world({ env: whole });
    const found = await resolveCredentials({}, sources);
    expect(sources.seen.opened).toBe(0);
    expect(found.profile).toBeUndefined();
  });

  it.each(['KALEYRA_SID', 'KALEYRA_API_KEY', 'KALEYRA_BASE_URL'])('is opened once where %s is missing', async (name) => {
    const baseUrl = whole.KALEYRA_BASE_URL;
    const sources = world({ env: { ...whole, [name]: '' }, profiles: { default: { ...stored, baseUrl } } });
    expect((await resolveCredentials({}, sources)).profile).toBe('default');
    expect(sources.seen.opened).toBe(1);
  });

  it('that is damaged does no harm to a run that needs nothing of it', async () => {
    const configDir = await tempFolder();
    await writeFile(join(configDir, 'config.json'), 'no JSON');
    const system = testSystem({ env: { ...whole, KALEYRA_REC_CONFIG_DIR: configDir } });
    expect((await resolveCredentials({}, credentialSources(system))).sid).toBe('HXENV');
    await expect(resolveCredentials({ profile: 'work' }, credentialSources(system))).rejects.toMatchObject({ code: 'USAGE' });
  });

  it("is the one in KALEYRA_REC_CONFIG_DIR, relative to the run's folder", async () => {
    const cwd = await tempFolder();
    const store = await credentialSources(testSystem({ cwd, env: { KALEYRA_REC_CONFIG_DIR: 'here' } })).openStore();
    expect(store.path).toBe(join(cwd, 'here', 'config.json'));
  });
});

describe('the profile', () => {
  const profiles = { default: stored, work: { ...stored, sid: 'HXWORK' }, play: { ...stored, sid: 'HXPLAY' } };

  it('is --profile before KALEYRA_PROFILE before default', async () => {
    const env = { KALEYRA_PROFILE: 'work' };
    expect((await resolveCredentials({ profile: 'play' }, world({ env, profiles }))).sid).toBe('HXPLAY');
    expect((await resolveCredentials({}, world({ env, profiles }))).sid).toBe('HXWORK');
    expect((await resolveCredentials({}, world({ profiles }))).sid).toBe('HXSTORED');
  });

  it('must exist where it is named, even if nothing of it is needed', async () => {
    const error = await failure({ profile: 'gone' }, { env: whole, profiles });
    expect(error).toMatchObject({ code: 'CREDENTIALS_MISSING', message: expect.stringContaining('gone') });
    expect(error.hint).toContain('kaleyra-rec auth login --profile gone');
    expect(await failure({}, { env: { ...whole, KALEYRA_PROFILE: 'gone' }, profiles })).toMatchObject({ code: 'CREDENTIALS_MISSING' });
  });

  it.each(['../x', 'a b', '$(id)', '__proto__'])('cannot be named %j', async (name) => {
    expect(await failure({ profile: name }, { env: whole })).toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('--profile'),
    });
    expect(await failure({}, { env: { ...whole, KALEYRA_PROFILE: name } })).toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('KALEYRA_PROFILE'),
    });
  });

  it('whose values are wrong is named in the error, the key unseen', async () => {
    expect((await failure({}, { profiles: { default: { ...stored, sid: 'a/b' } } })).message).toContain('profile default');
    expect((await failure({}, { profiles: { default: { ...stored, baseUrl: 'http://h' } } })).message).toContain('profile default');
    const error = await failure({}, { profiles: { default: { ...stored, apiKey: 'Asecret key' } } });
    expect(error).toMatchObject({ code: 'USAGE', message: expect.stringContaining('profile default') });
    expect(error.message).not.toContain('Asecret');
  });
});

describe('what is missing', () => {
  it.each([
    [{}, 'No SID and no API key', ['KALEYRA_SID', 'KALEYRA_API_KEY', 'KALEYRA_API_KEY_FILE']],
    [{ KALEYRA_SID: 'HX1' }, 'No API key', ['KALEYRA_API_KEY']],
    [{ KALEYRA_API_KEY: 'A1' }, 'No SID', ['KALEYRA_SID']],
  ])('with %j is named, with login and the variables that mend it', async (env, message, variables) => {
    const error = await failure({}, { env });
    expect(error).toMatchObject({ code: 'CREDENTIALS_MISSING', exitCode: 3, message: expect.stringContaining(message) });
    for (const name of ['kaleyra-rec auth login', ...variables]) expect(error.hint).toContain(name);
  });
});

describe('a stored key', () => {
  const elsewhere: [how: string, flags: CredentialFlags, env: Record<string, string>][] = [
    ['--base-url', { baseUrl: 'https://other.example/v1' }, {}],
    ['--region', { region: 'eu' }, {}],
    ['KALEYRA_BASE_URL', {}, { KALEYRA_BASE_URL: 'https://stored.example/v2' }],
  ];
  it.each(elsewhere)('goes only to the address that it was stored with: %s', async (how, flags, env) => {
    const error = await failure(flags, { env, profiles: { default: stored } });
    expect(error).toMatchObject({ code: 'USAGE', hint: expect.stringContaining('auth login') });
    expect(error.message).toMatch(
      new RegExp(`^The API key of profile default was stored for https://stored.example/v1, but ${how} names `),
    );
    expect(error.message + error.hint).not.toContain(stored.apiKey);
  });

  it.each(elsewhere)('does not matter where the key comes from the environment: %s', async (_how, flags, env) => {
    const found = await resolveCredentials(flags, world({ env: { ...env, KALEYRA_API_KEY: 'Aenv' }, profiles: { default: stored } }));
    expect(found.origin).toMatchObject({ apiKey: 'KALEYRA_API_KEY', sid: 'profile default' });
  });
});

describe('a named profile', () => {
  it('that is not there is answered with the one that was meant', async () => {
    const error = await failure({ profile: 'nigth' }, { profiles: { default: stored, night: stored } });
    expect(error).toMatchObject({ message: 'There is no profile nigth.', hint: expect.stringMatching(/^Did you mean night\? /) });
    expect((await failure({ profile: 'other' }, { profiles: { night: stored } })).hint).toBe(
      'Run `kaleyra-rec auth login --profile other` to store it.',
    );
  });

  it.each<[CredentialFlags, Record<string, string>, string | undefined]>([
    [
      { profile: 'night' },
      { KALEYRA_SID: 'HX1' },
      'Note: KALEYRA_SID is set in the environment, and used instead of what profile night holds.',
    ],
    [
      { profile: 'night' },
      { KALEYRA_SID: 'HX1', KALEYRA_API_KEY: 'Aenv' },
      'Note: KALEYRA_SID and KALEYRA_API_KEY are set in the environment, and used instead of what profile night holds.',
    ],
    [{ profile: 'night' }, {}, undefined],
    [{ profile: 'night', sid: 'HX2' }, { KALEYRA_SID: 'HX1' }, undefined],
    [{}, { KALEYRA_SID: 'HX1', KALEYRA_PROFILE: 'night' }, undefined],
  ])('%j beside %j is told: %s', async (flags, env, note) => {
    const { origin } = await resolveCredentials(flags, world({ env, profiles: { night: stored } }));
    expect(overruledBy(flags, origin)).toBe(note);
  });
});

describe('a key in the wrong place', () => {
  const KEY = 'A0123456789abcdef0123456789ab7e57';
  it.each<[CredentialFlags, Record<string, string>]>([
    [{ sid: KEY }, {}],
    [{ profile: KEY }, {}],
    [{}, { KALEYRA_SID: KEY }],
    [{}, { KALEYRA_PROFILE: KEY }],
    [{}, { KALEYRA_SID: 'HX1', KALEYRA_API_KEY_FILE: KEY }],
    [{}, { KALEYRA_SID: 'HX1', KALEYRA_API_KEY_FILE: KEY.toLowerCase() }],
  ])('is known by its form, and not repeated: %#', async (flags, env) => {
    const error = await failure(flags, { env });
    expect(error).toMatchObject({ code: 'USAGE', message: expect.stringContaining('looks like an API key') });
    expect(JSON.stringify(error).toUpperCase()).not.toContain(KEY.slice(0, 8).toUpperCase());
  });
});

describe('the API key', () => {
  it('is read from KALEYRA_API_KEY_FILE, without what editors put around it', async () => {
    for (const content of ['Akey', 'Akey\n', 'Akey\r\n', 'Akey \n', '\uFEFFAkey\n']) {
      const found = await resolveCredentials({}, world({ env: { KALEYRA_SID: 'HX1', KALEYRA_API_KEY_FILE: 'f' }, files: { f: content } }));
      expect(found.apiKey).toBe('Akey');
      expect(found.origin.apiKey).toBe('KALEYRA_API_KEY_FILE');
    }
  });

  it('in the environment goes before the file, which is not read then', async () => {
    const found = await resolveCredentials({}, world({ env: { ...whole, KALEYRA_API_KEY_FILE: 'not-there' } }));
    expect(found.apiKey).toBe('Aenv');
  });

  it('file that cannot be read is named', async () => {
    expect(await failure({}, { env: { KALEYRA_API_KEY_FILE: 'not-there' }, profiles: { default: stored } })).toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/not-there.*ENOENT/),
      hint: expect.stringContaining('KALEYRA_API_KEY_FILE'),
    });
  });

  it('file that is empty is no key, whatever the profile holds', async () => {
    const given = { env: { KALEYRA_API_KEY_FILE: 'f' }, files: { f: '\n' }, profiles: { default: stored } };
    expect(await failure({}, given)).toMatchObject({ code: 'CREDENTIALS_MISSING', message: expect.stringContaining('f') });
  });

  it.each(['Asecret key', 'Asecret\nkey', 'Asecret\r', 'Asecreté', 'Asecret\u0000', `Asecret${'x'.repeat(5000)}`])(
    'that no header can bear is refused unseen (%#)',
    async (key) => {
      const fromEnv = await failure({}, { env: { ...whole, KALEYRA_API_KEY: key } });
      expect(fromEnv).toMatchObject({ code: 'USAGE', message: expect.stringContaining('KALEYRA_API_KEY') });
      expect(inspectAll(fromEnv)).not.toContain('Asecret');
      const fromFile = await failure({}, { env: { KALEYRA_API_KEY_FILE: 'f' }, files: { f: `${key}!` } });
      expect(inspectAll(fromFile)).not.toContain('Asecret');
    },
  );

  it('file is read from the disk, and no further than a key can reach', async () => {
    const cwd = await tempFolder();
    await writeFile(join(cwd, 'key'), 'Akey\n');
    await writeFile(join(cwd, 'film'), Buffer.alloc(1_000_000, 'x'));
    const { readFile } = credentialSources(testSystem({ cwd }));
    expect(await readFile('key')).toBe('Akey\n');
    expect((await readFile('film')).length).toBeLessThan(10_000);
    await expect(readFile('.')).rejects.toMatchObject({ code: 'EISDIR' });
  });
});

function inspectAll(error: RecordingError): string {
  return [error.message, error.hint, error.stack, String(error.cause)].join('\n');
}

describe('the SID', () => {
  it.each(['a/b', '../x', 'a b', 'a?b', 'é', 'a%2Fb', 'x'.repeat(200)])('cannot be %j', async (sid) => {
    expect(await failure({ sid }, { env: whole })).toMatchObject({ code: 'USAGE', message: expect.stringContaining('--sid') });
    expect(await failure({}, { env: { ...whole, KALEYRA_SID: sid } })).toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('KALEYRA_SID'),
    });
  });

  it('at the end of the base URL, as the documentation prints it, is found out', async () => {
    expect(await failure({ sid: 'HX1', baseUrl: 'https://api.kaleyra.io/v1/HX1/' }, { env: whole })).toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('--base-url'),
    });
  });
});

describe('the base URL', () => {
  it("is the documentation's own where nothing names one", async () => {
    const found = await resolveCredentials({}, world({ env: { KALEYRA_SID: 'HX1', KALEYRA_API_KEY: 'A1' } }));
    expect(found.baseUrl.href).toBe('https://api.kaleyra.io/v1');
    expect(found.origin.baseUrl).toBe('default');
  });

  it.each([
    ['global', 'https://api.kaleyra.io/v1'],
    ['in', 'https://api.in.kaleyra.io/v1'],
    ['ap', 'https://api.ap.kaleyra.io/v1'],
    ['eu', 'https://api.eu.kaleyra.io/v1'],
  ])('of the region %s is %s', async (region, url) => {
    const found = await resolveCredentials({ region }, world({ env: whole }));
    expect(found.baseUrl.href).toBe(url);
    expect(found.origin.baseUrl).toBe('--region');
  });

  it.each(['us', 'EU', '', 'constructor'])('of a region %j is not known', async (region) => {
    expect(await failure({ region }, { env: whole })).toMatchObject({ code: 'USAGE', hint: expect.stringContaining('global, in, ap, eu') });
  });

  it('cannot be given twice', async () => {
    expect(await failure({ region: 'eu', baseUrl: 'https://h' }, { env: whole })).toMatchObject({ code: 'USAGE' });
  });

  it.each([
    ['https://api.kaleyra.io/v1', 'https://api.kaleyra.io/v1'],
    ['https://api.kaleyra.io/v1//', 'https://api.kaleyra.io/v1'],
    ['https://proxy.example', 'https://proxy.example/'],
    ['HTTPS://Proxy.Example:443/A/', 'https://proxy.example/A'],
    ['http://localhost:8080/v1', 'http://localhost:8080/v1'],
    ['http://127.0.0.1/v1', 'http://127.0.0.1/v1'],
    ['http://127.1/v1', 'http://127.0.0.1/v1'],
    ['http://127.255.0.9/v1', 'http://127.255.0.9/v1'],
    ['http://[::1]:80/v1', 'http://[::1]/v1'],
  ])('%s is taken', (text, href) => {
    expect(parseBaseUrl(text).href).toBe(href);
  });

  it.each([
    '',
    'api.kaleyra.io/v1',
    '/v1',
    'ftp://api.kaleyra.io',
    'file:///v1',
    'http://api.kaleyra.io/v1',
    'http://localhost.example/v1',
    'http://127.0.0.1.example/v1',
    'http://128.0.0.1/v1',
    'http://0.0.0.0/v1',
    'http://[::2]/v1',
    'http://localhost@api.kaleyra.io/v1',
    'https://user:hunter2@api.kaleyra.io/v1',
    'https://:hunter2@api.kaleyra.io/v1',
    'https://api.kaleyra.io/v1?x=hunter2',
    'https://api.kaleyra.io/v1?',
    'https://api.kaleyra.io/v1#',
    'https://',
  ])('%j is refused by the name of its setting, and never repeated', (text) => {
    try {
      parseBaseUrl(text, 'KALEYRA_BASE_URL');
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'USAGE', message: expect.stringContaining('KALEYRA_BASE_URL') });
      expect((error as Error).message).not.toContain('hunter2');
    }
  });

  it('once taken, is https or leads to this machine, and carries nothing but an address', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.webUrl({ validSchemes: ['http', 'https'], withQueryParameters: true, withFragments: true }), fc.string()),
        (text) => {
          let url: URL;
          try {
            url = parseBaseUrl(text);
          } catch (error) {
            expect(error).toBeInstanceOf(RecordingError);
            return;
          }
          expect(url.protocol).toBe('https:');
          expect(url.href).toBe(url.origin + url.pathname);
          expect(url.pathname === '/' || !url.pathname.endsWith('/')).toBe(true);
        },
      ),
    );
  });
});
