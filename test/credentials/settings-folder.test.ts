import { describe, expect, it } from 'vitest';
import { settingsFolder } from '../../src/credentials/settings-folder.ts';
import { openProfileStore } from '../../src/credentials/store.ts';

const listed = () => '/home/listed';

describe('the folder for settings', () => {
  it.each<[NodeJS.Platform, Record<string, string>, string]>([
    ['linux', { HOME: '/home/me' }, '/home/me/.config/kaleyra-rec'],
    ['linux', { HOME: '/home/me', XDG_CONFIG_HOME: '/etc/me' }, '/etc/me/kaleyra-rec'],
    ['darwin', { HOME: '/Users/me', XDG_CONFIG_HOME: '/etc/me' }, '/Users/me/Library/Preferences/kaleyra-rec'],
    ['win32', { APPDATA: 'C:\\Users\\me\\AppData\\Roaming' }, 'C:\\Users\\me\\AppData\\Roaming\\kaleyra-rec\\Config'],
    ['win32', { USERPROFILE: 'C:\\Users\\me' }, 'C:\\Users\\me\\AppData\\Roaming\\kaleyra-rec\\Config'],
  ])('is that of %s, with %j', (platform, env, folder) => {
    expect(settingsFolder(env, platform, listed)).toBe(folder);
  });

  it.each<Record<string, string>>([
    {},
    { HOME: '' },
    { HOME: '.' },
    { HOME: 'me' },
    { HOME: 'me', XDG_CONFIG_HOME: 'x' },
    { XDG_CONFIG_HOME: '' },
  ])('is never below the current one: with %j it is that of the listed home', (env) => {
    expect(settingsFolder(env, 'linux', listed)).toBe('/home/listed/.config/kaleyra-rec');
    expect(settingsFolder(env, 'darwin', listed)).toBe('/home/listed/Library/Preferences/kaleyra-rec');
  });

  it('passes over a relative XDG_CONFIG_HOME alone', () => {
    expect(settingsFolder({ HOME: '/home/me', XDG_CONFIG_HOME: '.config' }, 'linux', listed)).toBe('/home/me/.config/kaleyra-rec');
  });

  it.each([undefined, '', '.'])('is none where the system knows no home either (%j)', (home) => {
    expect(settingsFolder({ HOME: '' }, 'linux', () => home)).toBeUndefined();
  });

  it('that is none leaves nothing to find, and a sentence for who would store', () => {
    const store = openProfileStore({ env: {}, platform: 'win32' });
    if (store.path.startsWith('(')) {
      expect(store.get('default')).toBeUndefined();
      expect(() => store.set('default', { sid: 'HX1', apiKey: 'A1', baseUrl: 'https://h' })).toThrow(/no folder to store the key in/);
    }
  });
});
