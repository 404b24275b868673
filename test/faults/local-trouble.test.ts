import { closeSync, openSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect } from 'vitest';
import type { JsonLine, ToolRun } from '../helpers/run-tool.ts';
import { it as base, LOGGED } from './fault-test.ts';
import { expectOneStory, lastLines } from './reconcile.ts';
import { answer } from './service-acts.ts';
import { it as itOnDisk } from './small-disk.ts';
import { cut, sendDocument, sendForever } from './store-acts.ts';
import { sha256, storedObject } from './stored-object.ts';

const IDS = Array.from({ length: 10 }, (_, index) => `call-${index}`);

/** The run must end with 7 and one error: two lines on stderr, what happened and what to do, and with `--json` its code on stdout. */
function expectFileSystemError(run: ToolRun, about = ''): void {
  expect(run.exitCode).toBe(7);
  const at = run.errLines.findIndex((line) => line.startsWith('error: '));
  expect(run.errLines.slice(at, at + 2)).toEqual([expect.stringMatching(/^error: .*cannot /i), expect.stringMatching(/^hint: /)]);
  expect(run.errLines[at]).toContain(about);
  expect(run.errLines.filter((line) => line.startsWith('error: '))).toHaveLength(1);
  expect(run.json().some(({ error }) => error?.code === 'FILE_SYSTEM')).toBe(true);
}

const savedIds = (lines: JsonLine[]) => lines.filter(({ status }) => status === 'saved').map(({ id }) => String(id));

describe.concurrent('a full disk', () => {
  itOnDisk(
    'stops a batch at once; what was saved is whole and recorded; with room the next run saves the rest',
    async ({ tool, server, disk }) => {
      const args = ['batch', '-', '-d', 'disk/calls', '-c', '2', '--json', ...LOGGED];
      const run = await tool.run(args, { stdin: IDS.join('\n') });
      expectFileSystemError(run, 'the disk is full');
      const ends = await expectOneStory(tool, 'disk/calls', IDS, run);
      // 1 MB has room for three of 300 kB.
      expect(ends.saved.length).toBeGreaterThanOrEqual(2);
      // Two are fetched at once, for two the link is asked ahead, and two are brought to their end.
      expect(server.asked('service').length).toBeLessThanOrEqual(ends.saved.length + 6);
      for (const id of ends.saved) expect(sha256(await tool.read(`disk/calls/${id}.wav`))).toBe(sha256(server.object(id).bytes));
      const finals = tool.files().filter((file) => file.endsWith('.wav'));
      expect(finals).toEqual(expect.arrayContaining(ends.saved.map((id) => `disk/calls/${id}.wav`)));
      // One that got its name when there was no room left for its line in the manifest is whole all the same.
      for (const file of finals) expect(sha256(await tool.read(file))).toBe(sha256(server.object(path.basename(file, '.wav')).bytes));

      disk.resize(8 * 2 ** 20);
      const next = await tool.run(args, { stdin: IDS.join('\n') });
      expect(next.exitCode).toBe(0);
      expect(await expectOneStory(tool, 'disk/calls', IDS, next)).toMatchObject({ skipped: ends.saved });
      for (const id of IDS) expect(sha256(await tool.read(`disk/calls/${id}.wav`))).toBe(sha256(server.object(id).bytes));
      expect(tool.files()).toEqual([...IDS.map((id) => `disk/calls/${id}.wav`), 'disk/calls/manifest.jsonl']);
    },
  );

  itOnDisk(
    'has room for the lines of what was fetched, and says how many rows it did not reach, however long the list is',
    async ({ tool, server: _, disk: __ }) => {
      const ids = Array.from({ length: 5000 }, (_, index) => `call-${index}`);
      await tool.write('ids.txt', ids.join('\n'));
      const run = await tool.run(['batch', 'ids.txt', '-d', 'disk/calls', '-c', '1', '--json', ...LOGGED]);
      expectFileSystemError(run, 'the disk is full');
      const saved = savedIds(run.json());
      const recorded = [...(await lastLines(tool, 'disk/calls'))].filter(([, { status }]) => status === 'saved').map(([id]) => id);
      const finals = tool.files().filter((file) => file.endsWith('.wav'));
      expect(finals.length).toBeGreaterThanOrEqual(2);
      expect(saved.map((id) => `disk/calls/${id}.wav`).sort()).toEqual(finals);
      expect(recorded.sort()).toEqual(saved.sort());
      expect([...(await lastLines(tool, 'disk/calls')).keys()].sort(), 'nothing of the rows that were not reached').toEqual(saved.sort());
      expect(tool.files()).not.toContain('disk/calls/failed.txt');
      const notReached = ids.length - saved.length;
      expect(run.json().at(-1)?.summary).toMatchObject({ total: ids.length, saved: saved.length, failed: 0, notReached });
      expect(run.errLines).toContain(`Stopped: ${saved.length} saved, ${notReached} not reached. Run the same command again.`);
    },
  );

  itOnDisk('ends a download with 7, and nothing of it stays', async ({ tool, server, disk: _ }) => {
    server.plan('call', { object: storedObject('call', { bytes: 3_000_000 }) });
    const run = await tool.run(['download', 'call', '-o', 'disk/call.wav', '--json', ...LOGGED]);
    expectFileSystemError(run);
    expect(tool.files()).toEqual([]);
  });

  itOnDisk('ends a recording that never ends with 7, and nothing of it stays', async ({ tool, server, disk: _ }) => {
    const header = storedObject('call').bytes.subarray(0, 44).toString('latin1');
    server.plan('call', { store: [sendForever(200, { 'Content-Type': 'audio/wav' }, header, Buffer.alloc(65_536, 7), () => {})] });
    const run = await tool.run(['download', 'call', '-o', 'disk/', '--json', ...LOGGED]);
    expectFileSystemError(run);
    expect(tool.files()).toEqual([]);
  });

  itOnDisk('behind standard output ends with 7', async ({ tool, server, disk: _ }) => {
    server.plan('call', { object: storedObject('call', { bytes: 3_000_000 }) });
    const stdoutFd = openSync(tool.path('disk/call.wav'), 'w');
    const run = await tool.run(['download', 'call', '-o', '-', ...LOGGED], { stdoutFd });
    closeSync(stdoutFd);
    expect(run.exitCode).toBe(7);
    expect(run.err).toContain('the disk is full');
  });

  itOnDisk('behind standard output ends with 7, also where it has room for a part of the last piece', async ({ tool, server, disk }) => {
    await tool.write('disk/filler', Buffer.alloc(4096));
    disk.resize(4096 + 40 * 1024);
    server.plan('call', { object: storedObject('call', { bytes: 60_000 }) });
    const stdoutFd = openSync(tool.path('disk/call.wav'), 'w');
    const run = await tool.run(['download', 'call', '-o', '-', ...LOGGED], { stdoutFd });
    closeSync(stdoutFd);
    expect(run.exitCode).toBe(7);
    expect(run.err).toContain('the disk is full');
  });

  itOnDisk('behind standard output ends with 7, also where it has room for a part of a line', async ({ tool, server: _, disk }) => {
    await tool.write('disk/links.txt', 'x'.repeat(4096 - 100));
    disk.resize(4096);
    const stdoutFd = openSync(tool.path('disk/links.txt'), 'a');
    const run = await tool.run(['link', 'call'], { stdoutFd, printsSecrets: true });
    closeSync(stdoutFd);
    expect(run.exitCode).toBe(7);
    expect(run.err).toContain('the disk is full');
    await rm(tool.path('disk/links.txt'));
  });

  itOnDisk('from the beginning ends a batch with 7 before anything is asked', async ({ tool, server, disk }) => {
    await tool.write('disk/filler', Buffer.alloc(2 ** 20 - 4096));
    disk.resize(2 ** 20 - 4096);
    const run = await tool.run(['batch', '-', '-d', 'disk', '--json', ...LOGGED], { stdin: 'call\n' });
    expectFileSystemError(run);
    expect(server.asked('store')).toEqual([]);
    expect(tool.files()).toEqual(['disk/filler']);
  });
});

describe.concurrent('a folder that nobody may write to', () => {
  itOnDisk('ends a batch and a download with 7, and nothing is asked of the store', async ({ tool, server, disk }) => {
    await mkdir(tool.path('disk/calls'));
    disk.makeReadOnly();
    for (const args of [
      ['batch', '-', '-d', 'disk/calls'],
      ['batch', '-', '-d', 'disk/other'],
      ['download', 'call', '-o', 'disk/calls/'],
      ['download', 'call', '-o', 'disk/other/call.wav'],
    ]) {
      expectFileSystemError(await tool.run([...args, '--json', ...LOGGED], { stdin: 'call\n' }));
    }
    expect(server.asked('store')).toEqual([]);
    expect(tool.files()).toEqual([]);
  });
});

describe.concurrent('a folder that this user may not write to', () => {
  base.skipIf(process.getuid?.() === 0)('ends a batch with 7, and nothing is asked', async ({ tool, server }) => {
    await mkdir(tool.path('calls'), { mode: 0o555 });
    expectFileSystemError(await tool.run(['batch', '-', '-d', 'calls', '--json', ...LOGGED], { stdin: 'call\n' }));
    expect(server.requests).toEqual([]);
  });
});

describe.concurrent('a name that is taken', () => {
  base('by a folder ends a download with 7 before anything is asked', async ({ tool, server }) => {
    await mkdir(tool.path('call.wav'));
    expectFileSystemError(await tool.run(['download', 'call', '--json', ...LOGGED]), 'a folder stands there');
    expect(server.requests).toEqual([]);
  });

  base('by a folder gives a recording of a batch another one', async ({ tool, server }) => {
    await mkdir(tool.path('calls/call-2.wav'), { recursive: true });
    const run = await tool.run(['batch', '-', '-d', 'calls', '--json', ...LOGGED], { stdin: IDS.join('\n') });
    expect(run.exitCode).toBe(0);
    expect((await expectOneStory(tool, 'calls', IDS, run)).saved).toEqual(IDS);
    const file = String((await lastLines(tool, 'calls')).get('call-2')?.file);
    expect(file).toMatch(/^call-2~[\da-f]{16}\.wav$/);
    expect(sha256(await tool.read(`calls/${file}`))).toBe(sha256(server.object('call-2').bytes));
  });

  base('by a folder where a recording was saved before gives it another one', async ({ tool, server }) => {
    const args = ['batch', '-', '-d', 'calls', '--json', ...LOGGED];
    await tool.run(args, { stdin: 'call-0' });
    await rm(tool.path('calls/call-0.wav'));
    await mkdir(tool.path('calls/call-0.wav'));
    expect((await tool.run(args, { stdin: 'call-0' })).exitCode).toBe(0);
    const file = String((await lastLines(tool, 'calls')).get('call-0')?.file);
    expect(sha256(await tool.read(`calls/${file}`))).toBe(sha256(server.object('call-0').bytes));
  });

  base('that of one recording’s folder by a file fails that recording alone', async ({ tool, server: _ }) => {
    await tool.write('calls/Bob', 'mine');
    const report = 'Agent,Recording ID\nAnn,call-0\nBob,call-1\nCid,call-2\n';
    const run = await tool.run(['batch', '-', '-d', 'calls', '-c', '1', '--name', '{Agent}/{id}.{ext}', '--json', ...LOGGED], {
      stdin: report,
    });
    expect(run.exitCode).toBe(9);
    const ends = run.json().flatMap(({ id, status }) => (id ? [[id, status]] : []));
    expect(ends).toEqual([
      ['call-0', 'saved'],
      ['call-1', 'failed'],
      ['call-2', 'saved'],
    ]);
    expect(String(await tool.read('calls/failed.txt'))).toBe('Agent,Recording ID\nBob,call-1\n');
    expect(String(await tool.read('calls/Bob'))).toBe('mine');
  });

  base.for<[string, string]>([
    ['the manifest', 'calls/manifest.jsonl'],
    ['the lock', 'calls/.kaleyra-rec.lock'],
  ])('that of %s by a folder ends a batch with 7 before anything is asked', async ([, folder], { tool, server }) => {
    await mkdir(tool.path(folder), { recursive: true });
    const run = await tool.run(['batch', '-', '-d', 'calls', '--json', ...LOGGED], { stdin: 'call\n' });
    expectFileSystemError(run);
    expect(server.requests).toEqual([]);
    expect(tool.files()).toEqual([]);
  });

  base('that of failed.txt by a folder: the batch ends with 7, and the manifest tells all', async ({ tool, server }) => {
    await mkdir(tool.path('calls/failed.txt'), { recursive: true });
    server.plan('call-1', { store: [cut('reset', 10)] });
    const args = ['batch', '-', '-d', 'calls', '--retries', '0', '--json', ...LOGGED];
    const run = await tool.run(args, { stdin: 'call-0\ncall-1\n' });
    expectFileSystemError(run);
    const last = await lastLines(tool, 'calls');
    expect([...last].map(([id, { status }]) => [id, status]).sort()).toEqual([
      ['call-0', 'saved'],
      ['call-1', 'failed'],
    ]);
  });

  base.for<string[]>([[], ['-q'], ['--json']])(
    'that of failed.txt where the credentials are refused as well: both are told',
    async (flags, { tool, server }) => {
      await mkdir(tool.path('calls/failed.txt'), { recursive: true });
      server.plan('call-0', { store: [sendDocument('text/html', '<html>'), sendDocument('text/html', '<html>')] });
      server.plan('call-1', { service: [answer(401)] });
      const run = await tool.run(['batch', '-', '-d', 'calls', '-c', '1', ...flags], { stdin: 'call-0\ncall-1\n' });
      expect(run.exitCode).toBe(3);
      expect(run.errLines).toContainEqual(expect.stringMatching(/^Cannot write calls\/failed\.txt: a folder stands there\.$/));
      expect(run.err).not.toContain('listed in');
      expect(run.errLines.filter((line) => line.startsWith('error: '))).toHaveLength(1);
    },
  );

  base.for(['calls', 'calls/below'])('the folder is a file, or lies in one: %s', async (dir, { tool, server }) => {
    await tool.write('calls', 'mine');
    expectFileSystemError(await tool.run(['batch', '-', '-d', dir, '--json', ...LOGGED], { stdin: 'call\n' }));
    expectFileSystemError(await tool.run(['download', 'call', '-o', `${dir}/call.wav`, '--json', ...LOGGED]));
    expect(server.asked('store')).toEqual([]);
    expect(String(await tool.read('calls'))).toBe('mine');
  });
});

describe.concurrent('what vanishes under a run', () => {
  base('the part file: the batch stops with 7, and no name is given to nothing', async ({ tool, server }) => {
    const removePart = async () => {
      const part = tool.files().find((file) => file.endsWith('.part')) ?? '';
      await rm(tool.path(part));
    };
    server.plan('call-1', { store: [cut('end', 100_000, { atCut: removePart })] });
    const run = await tool.run(['batch', '-', '-d', 'calls', '-c', '1', '--json', ...LOGGED], { stdin: IDS.join('\n') });
    expectFileSystemError(run, 'vanished');
    const ends = await expectOneStory(tool, 'calls', IDS, run);
    expect(ends.saved).toEqual(['call-0']);
    expect(tool.files()).toEqual(['calls/call-0.wav', 'calls/manifest.jsonl']);
  });

  base('the folder: the run ends with 7, and the next one saves everything', async ({ tool, server }) => {
    const removeFolder = () => rm(tool.path('calls'), { recursive: true });
    server.plan('call-1', { store: [cut('end', 100_000, { atCut: removeFolder })] });
    const args = ['batch', '-', '-d', 'calls', '-c', '1', '--json', ...LOGGED];
    const run = await tool.run(args, { stdin: IDS.join('\n') });
    expect(run.exitCode).toBe(7);
    expect(run.json().find((line) => 'summary' in line)?.summary).toMatchObject({ saved: 1, failed: 0 });
    const next = await tool.run(args, { stdin: IDS.join('\n') });
    expect(next.exitCode).toBe(0);
    expect(savedIds(next.json()).sort()).toEqual(IDS);
    for (const id of IDS) expect(sha256(await tool.read(`calls/${id}.wav`))).toBe(sha256(server.object(id).bytes));
  });
});
