import { execFileSync } from 'node:child_process';
import { link, mkdir, rename, rm, rmdir, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect } from 'vitest';
import { folderOnOtherDisk } from '../helpers/other-disk.ts';
import { shim } from '../helpers/shim.ts';
import { it, LOGGED } from './fault-test.ts';
import { sha256 } from './stored-object.ts';

const REPORT = 'Month,Recording ID\n2026-10,call-0\n2026-11,call-1\n2026-12,call-2\n';
const IDS = ['call-0', 'call-1', 'call-2'];
const BATCH = ['batch', '-', '-d', 'calls', '--name', '{Month}/{id}.{ext}', ...LOGGED];

/** Calls that say that this disk has no flushing. */
const NO_FSYNC = (code: string) => `
int fsync(int fd) { errno = ${code}; return -1; }
int fdatasync(int fd) { errno = ${code}; return -1; }
`;

describe('disks that are not like others', () => {
  it('a month of an archive may be a link to another disk', async ({ tool, server, skip }) => {
    const elsewhere = await folderOnOtherDisk(tool.folder);
    if (elsewhere === undefined) return skip('this machine has one disk alone');
    await tool.write('calls/any', '');
    await symlink(elsewhere, tool.path('calls/2026-11'));
    const run = await tool.run(BATCH, { stdin: REPORT });
    expect(run.exitCode).toBe(0);
    expect(sha256(await tool.read('calls/2026-11/call-1.wav'))).toBe(sha256(server.object('call-1').bytes));
    expect((await tool.run(['verify', 'calls', '-q'])).lines).toEqual(['unrecorded any']);
    expect(tool.files().filter((file) => file.includes('.part'))).toEqual([]);
    // What searches the folder for secrets at the end takes whatever is no folder for a file.
    await rm(tool.path('calls/2026-11'));
  });

  it.for(['ENOSYS', 'EINVAL', 'EOPNOTSUPP'])('one without flushing (%s) takes all the same', async (code, { tool, server: _, skip }) => {
    const library = await shim(NO_FSYNC(code));
    if (library === undefined) return skip('no library can be put before the system’s here');
    const run = await tool.run(BATCH, { stdin: REPORT, env: { LD_PRELOAD: library } });
    expect(run.exitCode).toBe(0);
    expect((await tool.readLines('calls/manifest.jsonl')).map(({ id }) => id).sort()).toEqual(IDS);
    expect((await tool.run(['verify', 'calls', '-q', '--strict'])).exitCode).toBe(0);
    expect((await tool.run(['download', 'call-0', '-o', 'x/'], { env: { LD_PRELOAD: library } })).exitCode).toBe(0);
  });

  it('one that cannot make a folder’s names safe fails what it was asked for, and the next run takes it in', async ({
    tool,
    server,
    skip,
  }) => {
    const library = await shim(`
#include <stdlib.h>
#include <sys/stat.h>
int fsync(int fd) {
  static int (*real)(int);
  static int times;
  struct stat found;
  if (fstat(fd, &found) == 0 && S_ISDIR(found.st_mode) && __sync_fetch_and_add(&times, 1) < atoi(getenv("FAILS"))) { errno = EIO; return -1; }
  if (!real) real = dlsym(RTLD_NEXT, "fsync");
  return real(fd);
}`);
    if (library === undefined) return skip('no library can be put before the system’s here');
    const batch = (fails: string) =>
      tool.run(['batch', '-', '-d', 'calls', '-c', '1', ...LOGGED], { stdin: IDS.join('\n'), env: { LD_PRELOAD: library, FAILS: fails } });
    const never = await batch('1000');
    expect(never.exitCode).toBe(7);
    expect(never.err).toContain('the disk reports a read or write error');
    expect(String(await tool.read('calls/manifest.jsonl'))).toBe('');
    expect((await batch('1')).exitCode).toBe(9);
    expect((await tool.readLines('calls/manifest.jsonl')).map(({ id, status }) => `${id} ${status}`)).toEqual([
      'call-0 failed',
      'call-1 saved',
      'call-2 saved',
    ]);
    expect(String(await tool.read('calls/failed.txt'))).toBe('call-0\n');
    expect((await batch('0')).exitCode).toBe(0);
    for (const id of IDS) expect(sha256(await tool.read(`calls/${id}.wav`))).toBe(sha256(server.object(id).bytes));
    expect((await tool.run(['verify', 'calls', '-q', '--strict'])).exitCode).toBe(0);
    expect(tool.files()).toHaveLength(IDS.length + 1);
  });

  it('one that refuses a single folder fails the recordings of that folder alone', async ({ tool, server: _, skip }) => {
    const library = await shim(`
int mkdir(const char *path, unsigned mode) {
  static int (*real)(const char *, unsigned);
  if (strstr(path, "2026-11")) { errno = EACCES; return -1; }
  if (!real) real = dlsym(RTLD_NEXT, "mkdir");
  return real(path, mode);
}`);
    if (library === undefined) return skip('no library can be put before the system’s here');
    const run = await tool.run([...BATCH, '--json'], { stdin: REPORT, env: { LD_PRELOAD: library } });
    expect(run.exitCode).toBe(9);
    expect(
      run
        .json()
        .flatMap(({ id, status }) => (id ? [`${id} ${status}`] : []))
        .sort(),
    ).toEqual(['call-0 saved', 'call-1 failed', 'call-2 saved']);
    expect((await tool.run(BATCH, { stdin: REPORT })).exitCode).toBe(0);
    expect((await tool.run(['verify', 'calls', '-q', '--strict'])).exitCode).toBe(0);
  });

  it.for(['EBUSY', 'ESTALE', 'EPERM'])('one that is busy for a moment (%s) is asked again', async (code, { tool, server: _, skip }) => {
    const library = await shim(`
int rename(const char *from, const char *to) {
  static int (*real)(const char *, const char *);
  static int times;
  if (strstr(to, ".wav") && __sync_fetch_and_add(&times, 1) < 3) { errno = ${code}; return -1; }
  if (!real) real = dlsym(RTLD_NEXT, "rename");
  return real(from, to);
}`);
    if (library === undefined) return skip('no library can be put before the system’s here');
    expect((await tool.run(BATCH, { stdin: REPORT, env: { LD_PRELOAD: library } })).exitCode).toBe(0);
    expect((await tool.run(['verify', 'calls', '-q', '--strict'])).exitCode).toBe(0);
  });

  it('one whose quota is used up ends the batch, as a full one does', async ({ tool, server: _, skip }) => {
    const library = await shim(`
int rename(const char *from, const char *to) {
  static int (*real)(const char *, const char *);
  if (strstr(to, "call-1")) { errno = EDQUOT; return -1; }
  if (!real) real = dlsym(RTLD_NEXT, "rename");
  return real(from, to);
}`);
    if (library === undefined) return skip('no library can be put before the system’s here');
    const run = await tool.run([...BATCH, '-c', '1'], { stdin: REPORT, env: { LD_PRELOAD: library } });
    expect(run.exitCode).toBe(7);
    expect(run.err).toContain('the disk quota is used up');
    expect((await tool.run(BATCH, { stdin: REPORT })).exitCode).toBe(0);
    expect((await tool.run(['verify', 'calls', '-q', '--strict'])).exitCode).toBe(0);
  });

  it('names that macOS has decomposed are found, and nothing is asked for again', async ({ tool, server }) => {
    const report = 'Agent,Recording ID\nJos\u00e9 Nu\u00f1ez,call-0\n';
    const args = ['batch', '-', '-d', 'calls', '--name', '{Agent}/Gespr\u00e4ch {id}.{ext}', ...LOGGED];
    expect((await tool.run(args, { stdin: report })).exitCode).toBe(0);
    const [file = ''] = tool.files().filter((name) => name.endsWith('.wav'));
    await mkdir(dirname(tool.path(file.normalize('NFD'))));
    await rename(tool.path(file), tool.path(file.normalize('NFD')));
    await rmdir(dirname(tool.path(file)));
    const asked = server.requests.length;
    expect((await tool.run(args, { stdin: report })).exitCode).toBe(0);
    expect(server.requests.length).toBe(asked);
    expect((await tool.run(['verify', 'calls', '-q', '--strict'])).exitCode).toBe(0);
  });

  it('a file that was renamed is taken in under its new name, and nothing is asked for again', async ({ tool, server }) => {
    expect((await tool.run(BATCH, { stdin: REPORT })).exitCode).toBe(0);
    await rename(tool.path('calls/2026-11/call-1.wav'), tool.path('calls/2026-12/renamed.wav'));
    const missing = await tool.run(['verify', 'calls', '-q']);
    expect(missing.lines).toEqual([
      'missing 2026-11/call-1.wav',
      'unrecorded 2026-12/renamed.wav',
      'moved 2026-11/call-1.wav -> 2026-12/renamed.wav',
    ]);
    const asked = server.requests.length;
    expect((await tool.run(BATCH, { stdin: REPORT })).exitCode).toBe(0);
    expect(server.requests.length).toBe(asked);
    expect((await tool.run(['verify', 'calls', '-q', '--strict'])).exitCode).toBe(0);
  });

  it('a file that is not as it was saved is moved aside, told, and kept', async ({ tool, server }) => {
    expect((await tool.run(BATCH, { stdin: REPORT })).exitCode).toBe(0);
    await tool.write('calls/2026-11/call-1.wav', 'edited');
    const run = await tool.run([...BATCH, '--checksum'], { stdin: REPORT });
    expect(run.exitCode).toBe(0);
    const aside = `call-1.wav.changed-${sha256(Buffer.from('edited')).slice(0, 8)}`;
    expect(run.err).toContain(aside);
    expect(String(await tool.read(`calls/2026-11/${aside}`))).toBe('edited');
    expect(sha256(await tool.read('calls/2026-11/call-1.wav'))).toBe(sha256(server.object('call-1').bytes));
    expect((await tool.run(['verify', 'calls', '-q'])).lines).toEqual([`unrecorded 2026-11/${aside}`]);
  });

  it('damage in the manifest is told once, and what it said is asked for again', async ({ tool, server }) => {
    expect((await tool.run(BATCH, { stdin: REPORT })).exitCode).toBe(0);
    const lines = String(await tool.read('calls/manifest.jsonl')).split('\n');
    await tool.write('calls/manifest.jsonl', [lines[0]?.replace('saved', 'raved'), ...lines.slice(1)].join('\n'));
    const asked = server.asked('store').length;
    const run = await tool.run(BATCH, { stdin: REPORT });
    expect(run.exitCode).toBe(0);
    expect(run.errLines.filter((line) => line.startsWith('Line 1 of calls/manifest.jsonl is damaged'))).toHaveLength(1);
    expect(server.asked('store').length).toBe(asked + 1);
    expect((await tool.run(['verify', 'calls', '-q'])).lines).toEqual(['damaged manifest.jsonl:1']);
  });

  it.for<[string, (file: string, elsewhere: string) => unknown]>([
    ['a link', (file, elsewhere) => symlink(elsewhere, file)],
    ['a hard link', (file, elsewhere) => link(elsewhere, file)],
    ['a pipe', (file) => execFileSync('mkfifo', [file])],
  ])('%s in the place of the manifest is refused with 7 before anything is asked', async ([, put], { tool, server }) => {
    await tool.write('calls/any', '');
    await tool.write('elsewhere', '');
    await put(tool.path('calls/manifest.jsonl'), tool.path('elsewhere'));
    for (const args of [BATCH, ['verify', 'calls']]) {
      const run = await tool.run(args, { stdin: REPORT });
      expect(run.exitCode).toBe(7);
      expect(run.errLines.slice(-2)).toEqual([expect.stringMatching(/^error: .*manifest\.jsonl/), expect.stringMatching(/^hint: /)]);
    }
    expect(server.requests).toEqual([]);
    expect(String(await tool.read('elsewhere'))).toBe('');
    await rm(tool.path('calls/manifest.jsonl'));
  });

  it.skipIf(process.platform !== 'linux')('a folder below /proc ends a command at once with 7', async ({ tool, server }) => {
    const run = await tool.run(['batch', '-', '-d', '/proc/foo'], { stdin: 'call-0\n' });
    expect(run.exitCode).toBe(7);
    expect(run.errLines).toEqual([expect.stringMatching(/^error: Cannot make the folder \/proc\/foo/), expect.stringMatching(/^hint: /)]);
    expect((await tool.run(['download', 'call-0', '-o', '/proc/foo/'])).exitCode).toBe(7);
    expect(server.asked('store')).toEqual([]);
  });
});
