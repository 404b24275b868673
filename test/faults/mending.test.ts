import { rm } from 'node:fs/promises';
import { describe, expect } from 'vitest';
import { it as base, LOGGED } from './fault-test.ts';
import { expectOneStory } from './reconcile.ts';
import { answer } from './service-acts.ts';
import { cut, damage } from './store-acts.ts';
import { sha256 } from './stored-object.ts';

const IDS = ['call-0', 'call-1', 'call-2', 'call-3', 'call-4'];
const batch = ['batch', '-', '-d', 'calls', '--json', ...LOGGED];
const stdin = IDS.join('\n');

/** A folder with five recordings, of which the first is missing, the second short, the third changed, and beside which a file lies that nobody recorded. */
const it = base.extend<{ damaged: string }>({
  damaged: async ({ tool, server }, use) => {
    expect((await tool.run(batch, { stdin })).exitCode).toBe(0);
    await rm(tool.path('calls/call-0.wav'));
    await tool.write('calls/call-1.wav', server.object('call-1').bytes.subarray(0, 1000));
    const changed = Buffer.from(server.object('call-2').bytes);
    changed[200_000] = (changed[200_000] ?? 0) ^ 1;
    await tool.write('calls/call-2.wav', changed);
    await tool.write('calls/notes.txt', 'mine');
    await use('calls');
  },
});

describe.concurrent('a damaged folder', () => {
  it('is told by verify, file for file, and asks nobody', async ({ tool, server, damaged }) => {
    const asked = server.requests.length;
    const run = await tool.run(['verify', damaged, '--json']);
    expect(run.exitCode).toBe(8);
    const findings = run.json().slice(0, -1);
    expect(findings.map(({ status, file }) => `${status} ${file}`).sort()).toEqual([
      'changed call-2.wav',
      'missing call-0.wav',
      'short call-1.wav',
      'unrecorded notes.txt',
    ]);
    expect(run.json().at(-1)?.summary).toMatchObject({ whole: 2, missing: 1, short: 1, changed: 1, unrecorded: 1 });
    expect(server.requests.length).toBe(asked);
  });

  it('is mended by batch: what is missing or short by itself, what is changed with --checksum', async ({ tool, server, damaged }) => {
    // The mending meets faults of its own.
    server.otherwise = ({ side, id, nth }) => (side === 'store' && nth === 2 ? cut(id === 'call-1' ? 'end' : 'reset', 100_000) : undefined);
    const first = await tool.run(batch, { stdin });
    expect(await expectOneStory(tool, damaged, IDS, first)).toMatchObject({
      saved: ['call-0', 'call-1'],
      skipped: ['call-2', 'call-3', 'call-4'],
    });
    expect((await tool.run(['verify', damaged, '-q'])).lines).toEqual([
      'changed call-2.wav',
      expect.stringMatching(/^unrecorded call-1\.wav\.changed-[0-9a-f]{8}$/),
      'unrecorded notes.txt',
    ]);

    const second = await tool.run([...batch, '--checksum'], { stdin });
    expect(await expectOneStory(tool, damaged, IDS, second)).toMatchObject({ saved: ['call-2'] });
    for (const id of IDS) {
      expect(sha256(await tool.read(`calls/${id}.wav`))).toBe(sha256(server.object(id).bytes));
      expect(server.asked('service', id).length).toBe(['call-0', 'call-1', 'call-2'].includes(id) ? 2 : 1);
    }
    expect((await tool.run(['verify', damaged, '-q'])).exitCode).toBe(0);
    expect((await tool.run(['verify', damaged, '-q', '--strict'])).exitCode).toBe(8);
    expect(tool.files().filter((file) => !/\.changed-[0-9a-f]{8}$/.test(file))).toEqual([
      ...IDS.map((id) => `calls/${id}.wav`),
      'calls/manifest.jsonl',
      'calls/notes.txt',
    ]);
    expect(String(await tool.read('calls/notes.txt'))).toBe('mine');
  });

  it('that cannot be mended now is mended by a later run', async ({ tool, server, damaged }) => {
    let isDown = true;
    server.otherwise = ({ side, id }) => {
      if (!isDown) return undefined;
      if (side === 'service') return id === 'call-0' ? answer(503) : undefined;
      return damage;
    };
    const down = await tool.run([...batch, '--checksum', '--retries', '0'], { stdin });
    expect(await expectOneStory(tool, damaged, IDS, down)).toMatchObject({
      failed: ['call-0', 'call-1', 'call-2'],
      skipped: ['call-3', 'call-4'],
    });
    isDown = false;
    const up = await tool.run(batch, { stdin });
    expect(await expectOneStory(tool, damaged, IDS, up)).toMatchObject({ saved: ['call-0', 'call-1', 'call-2'], failed: [] });
    for (const id of IDS) expect(sha256(await tool.read(`calls/${id}.wav`))).toBe(sha256(server.object(id).bytes));
    expect(tool.files().filter((file) => !/\.changed-[0-9a-f]{8}$/.test(file))).toEqual([
      ...IDS.map((id) => `calls/${id}.wav`),
      'calls/manifest.jsonl',
      'calls/notes.txt',
    ]);
  });
});
