import { expect, test } from 'vitest';
import { configFolder } from '../../src/credentials/config-folder.ts';

const nobody = () => {
  throw new Error('uv_os_get_passwd returned ENOENT');
};

test.each<[platform: NodeJS.Platform, env: Record<string, string>, home: string | undefined, folder: string | undefined]>([
  ['linux', { HOME: '/home/me' }, undefined, '/home/me/.config/kaleyra-rec'],
  ['linux', { HOME: '/home/me', XDG_CONFIG_HOME: '/settings' }, undefined, '/settings/kaleyra-rec'],
  ['linux', { HOME: '/home/me', XDG_CONFIG_HOME: 'settings' }, undefined, '/home/me/.config/kaleyra-rec'],
  ['linux', { HOME: '' }, '/home/known', '/home/known/.config/kaleyra-rec'],
  ['linux', { HOME: 'relative' }, '/home/known', '/home/known/.config/kaleyra-rec'],
  ['linux', {}, undefined, undefined],
  ['linux', { HOME: '.' }, undefined, undefined],
  ['linux', { XDG_CONFIG_HOME: '/settings' }, undefined, '/settings/kaleyra-rec'],
  ['linux', { KALEYRA_REC_CONFIG_DIR: '/mine' }, undefined, '/mine'],
  ['linux', { KALEYRA_REC_CONFIG_DIR: 'mine' }, undefined, '/work/mine'],
  ['linux', { KALEYRA_REC_CONFIG_DIR: '', HOME: '/h' }, undefined, '/h/.config/kaleyra-rec'],
  ['darwin', { HOME: '/Users/me', XDG_CONFIG_HOME: '/settings' }, undefined, '/Users/me/Library/Preferences/kaleyra-rec'],
  ['darwin', {}, undefined, undefined],
  ['win32', { APPDATA: 'C:\\Users\\me\\AppData\\Roaming' }, undefined, 'C:\\Users\\me\\AppData\\Roaming\\kaleyra-rec\\Config'],
  ['win32', { USERPROFILE: 'C:\\Users\\me' }, undefined, 'C:\\Users\\me\\AppData\\Roaming\\kaleyra-rec\\Config'],
  ['win32', { HOME: '/c/Users/me' }, 'C:\\Users\\known', 'C:\\Users\\known\\AppData\\Roaming\\kaleyra-rec\\Config'],
])('on %s with %j and home %s it is %s', (platform, env, home, folder) => {
  expect(configFolder({ platform, env, cwd: '/work' }, home === undefined ? nobody : () => home)).toBe(folder);
});
