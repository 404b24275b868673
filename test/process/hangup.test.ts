import { expect, test } from 'vitest';
import { ignoresHangup, type ProcessFiles } from '../../src/process/hangup.ts';

/** A /proc of the test's own: links, and the text of files. */
function proc(content: Record<string, string> = {}): ProcessFiles {
  const look = (path: string) => {
    const found = content[path];
    if (found === undefined) throw new Error(`ENOENT ${path}`);
    return found;
  };
  return { read: look, link: look };
}

const TERMINAL = { '/proc/self/fd/0': '/dev/pts/1', '/proc/self/fd/1': '/dev/pts/1', '/proc/self/fdinfo/0': 'pos:\t0\nflags:\t0100002\n' };
const status = (ignored: string) => ({ '/proc/7/status': `Name:\tsh\nSigIgn:\t${ignored}\nSigCgt:\t0000000000010001\n` });

test.each<[how: string, ignored: boolean, env: Record<string, string>, content: Record<string, string>]>([
  ['a terminal', false, { _: '/usr/local/bin/kaleyra-rec' }, { ...TERMINAL, ...status('0000000000001000') }],
  ['no terminal', false, {}, { '/proc/self/fd/0': '/dev/null', '/proc/self/fdinfo/0': 'flags:\t0100000\n' }],
  ['nohup, as bash and zsh name it', true, { _: '/usr/bin/nohup' }, {}],
  ['a tool of another name', false, { _: '/usr/bin/nohup-like' }, {}],
  [
    'nohup, which took standard input away',
    true,
    {},
    { '/proc/self/fd/0': '/dev/null', '/proc/self/fdinfo/0': 'pos:\t0\nflags:\t0100001\n' },
  ],
  ['nohup, which keeps what is printed', true, {}, { '/proc/self/fd/1': '/home/me/nohup.out' }],
  ['a script that nohup runs', true, {}, { ...TERMINAL, ...status('0000000000000001') }],
  ['nothing to look at, as on macOS', false, {}, {}],
])('%s: %s', (_how, ignored, env, content) => {
  expect(ignoresHangup(env, 7, proc(content))).toBe(ignored);
});
