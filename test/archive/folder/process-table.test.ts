import { execFileSync } from 'node:child_process';
import fs, { chmodSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { systemProcessTable } from '../../../src/archive/folder/process-table.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const onLinux = describe.skipIf(process.platform !== 'linux');

/** Has the running test take this machine for one of another kind. */
function on(platform: NodeJS.Platform): void {
  const real = process.platform;
  Object.defineProperty(process, 'platform', { value: platform });
  onTestFinished(() => void Object.defineProperty(process, 'platform', { value: real }));
}

/** Has the running test find a system tool that prints what it was called with, and no other tool but the shell's. */
async function onlyTool(name: string | undefined): Promise<void> {
  const folder = await tempFolder();
  if (name !== undefined) {
    writeFileSync(join(folder, name), '#!/bin/sh\necho " $LC_ALL $TZ: $* "\n');
    chmodSync(join(folder, name), 0o755);
  }
  vi.stubEnv('PATH', folder);
  onTestFinished(() => void vi.unstubAllEnvs());
}

/** Has the running test read this in the process's `stat`; undefined: it is hidden. */
function statReads(pid: number, stat: string | undefined): void {
  const { readFileSync } = fs;
  vi.spyOn(fs, 'readFileSync').mockImplementation((file, options) => {
    if (file !== `/proc/${pid}/stat`) return readFileSync(file, options);
    if (stat === undefined) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT', syscall: 'open' });
    return stat;
  });
  syncBuiltinESMExports();
  onTestFinished(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });
}

onLinux('on Linux', () => {
  it('a place is the machine, its boot and the container', () => {
    expect(systemProcessTable().place).toEqual({
      host: hostname(),
      bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').replace('\n', ''),
      pidNamespace: readlinkSync('/proc/self/ns/pid'),
    });
  });

  it.each([
    ['S', { alive: true, startTime: '12345' }],
    ['R', { alive: true, startTime: '12345' }],
    ['Z', { alive: false }],
    ['X', { alive: false }],
  ])('a process in the state %s is alive or not, and known by its start', (state, expected) => {
    statReads(process.pid, `${process.pid} (a) Z (b) ${state} 1 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 12345 1000 1`);
    expect(systemProcessTable().lookUp(process.pid)).toEqual(expected);
  });

  it('a process is alive though the system hides it', () => {
    statReads(process.pid, undefined);
    expect(systemProcessTable().lookUp(process.pid)).toEqual({ alive: true, startTime: undefined });
  });
});

describe('on any machine', () => {
  it.each<[string, object]>([
    ['EPERM', { alive: true }],
    ['ESRCH', { alive: false }],
  ])('a process is alive that belongs to another user, and not one that there is not (%s)', (code, expected) => {
    vi.spyOn(process, 'kill').mockImplementationOnce(() => {
      throw Object.assign(new Error(code), { code, syscall: 'kill' });
    });
    onTestFinished(() => void vi.restoreAllMocks());
    expect(systemProcessTable().lookUp(process.pid)).toMatchObject(expected);
  });

  it('a process is looked up without a signal that it would notice', () => {
    const kill = vi.spyOn(process, 'kill');
    onTestFinished(() => void vi.restoreAllMocks());
    systemProcessTable().lookUp(process.pid);
    expect(kill.mock.calls).toEqual([[process.pid, 0]]);
  });
});

onLinux('on macOS', () => {
  it('a boot is what the system calls it, and not known where it does not tell', async () => {
    on('darwin');
    await onlyTool('sysctl');
    expect(systemProcessTable().place.bootId).toBe('C UTC: -n kern.bootsessionuuid');
    await onlyTool(undefined);
    expect(systemProcessTable().place).not.toHaveProperty('bootId');
  });

  it('a process is known by its start, as it is told in every language and time zone, and alive where that is not told', async () => {
    on('darwin');
    await onlyTool('ps');
    expect(systemProcessTable().lookUp(process.pid)).toEqual({ alive: true, startTime: `C UTC: -o lstart= -p ${process.pid}` });
    await onlyTool(undefined);
    expect(systemProcessTable().lookUp(process.pid)).toEqual({ alive: true, startTime: undefined });
  });

  it.skipIf(!hasPs())('a start is what the real ps says', () => {
    on('darwin');
    vi.stubEnv('TZ', 'Asia/Tokyo');
    onTestFinished(() => void vi.unstubAllEnvs());
    const state = systemProcessTable().lookUp(process.pid);
    const startedAt = Date.now() - process.uptime() * 1000;
    // Read in another time zone, it would be hours off.
    const hoursOff = Math.abs(Date.parse(`${state.alive && state.startTime} UTC`) - startedAt) / 3_600_000;
    expect(Math.round(hoursOff)).toBe(0);
  });
});

describe('on Windows', () => {
  it('a process is alive, and not known by its start', async () => {
    on('win32');
    await onlyTool('ps');
    expect(systemProcessTable().lookUp(process.pid)).toEqual({ alive: true, startTime: undefined });
  });
});

function hasPs(): boolean {
  try {
    execFileSync('ps', ['-o', 'lstart=', '-p', String(process.pid)], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}
