// @ts-check
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where Debian puts what a plain user's PATH does not name. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/sbin'];
const JS_MODULES = ['/usr/lib/nginx/modules/ngx_http_js_module.so', '/usr/lib64/nginx/modules/ngx_http_js_module.so'];

/** Each program that the bench needs, and the Debian package that it comes in. */
const PROGRAMS = {
  nginx: 'nginx-light',
  curl: 'curl',
  aria2c: 'aria2',
  time: 'time',
  xargs: 'findutils',
  sha256sum: 'coreutils',
  npm: 'npm',
};

/** What it measures against where they are there. Each is the Debian package's: another one in PATH may need an environment of its own. */
const CHOICES = { rclone: '/usr/bin/rclone', aws: '/usr/bin/aws' };

/**
 * @typedef {Record<keyof typeof PROGRAMS, string> & { jsModule: string } & Record<keyof typeof CHOICES, string | undefined>} Programs
 *   each as an absolute path
 */

/**
 * Finds what the bench needs.
 *
 * @returns {Programs}
 * @throws {Error} naming the apt-get line that installs what is missing
 */
export function findPrograms() {
  const found = Object.fromEntries(Object.keys(PROGRAMS).map((name) => [name, findProgram(name)]));
  const missing = Object.entries(PROGRAMS).flatMap(([name, debianPackage]) => (found[name] === undefined ? [debianPackage] : []));
  const jsModule = JS_MODULES.find((path) => existsSync(path));
  if (jsModule === undefined) missing.push('libnginx-mod-http-js');
  if (missing.length > 0) {
    throw new Error(
      `The bench needs what is not installed here:\n\n  apt-get install --no-install-recommends ${missing.join(' ')}\n\n` +
        'Installing nginx may start a server on port 80; the bench starts one of its own and has no need of that one.',
    );
  }
  const chosen = Object.fromEntries(Object.entries(CHOICES).map(([name, path]) => [name, isExecutable(path) ? path : undefined]));
  return /** @type {Programs} */ ({ ...found, ...chosen, jsModule });
}

/** @param {string} name */
function findProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM_FOLDERS];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
