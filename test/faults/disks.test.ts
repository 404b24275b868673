import { rm, symlink } from 'node:fs/promises';
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

  it.skipIf(process.platform !== 'linux')('a folder below /proc ends a command at once with 7', async ({ tool, server }) => {
    const run = await tool.run(['batch', '-', '-d', '/proc/foo'], { stdin: 'call-0\n' });
    expect(run.exitCode).toBe(7);
    expect(run.errLines).toEqual([expect.stringMatching(/^error: Cannot make the folder \/proc\/foo/), expect.stringMatching(/^hint: /)]);
    expect((await tool.run(['download', 'call-0', '-o', '/proc/foo/'])).exitCode).toBe(7);
    expect(server.asked('store')).toEqual([]);
  });
});
