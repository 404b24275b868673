import { execFileSync } from 'node:child_process';
import { unlink } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { runAlone, type Served, served } from './served.ts';

/** A folder that a batch has filled with three recordings. */
async function filled(): Promise<Served> {
  const tool = await served();
  const list = await tool.write('ids.txt', 'sandbox-mp3\nsandbox-mp3-2\nsandbox-mp3-3\n');
  expect((await tool.run(['batch', list, '-d', tool.path('calls'), '-q'])).exitCode).toBe(0);
  return tool;
}

/** The same, of which one is missing, one short and one changed, with a stranger among them. */
async function damaged(): Promise<Served> {
  const tool = await filled();
  const bytes = (await tool.read('calls/sandbox-mp3.mp3')).length;
  expect(bytes).toBeGreaterThan(0);
  await unlink(tool.path('calls', 'sandbox-mp3.mp3'));
  await tool.write('calls/sandbox-mp3-2.mp3', 'short');
  await tool.write('calls/stranger\n.txt', '');
  return tool;
}

describe('verify', () => {
  it('says that a folder is whole, and nothing on standard output', async () => {
    const tool = await filled();
    expect(await tool.run(['verify', tool.path('calls')])).toMatchObject({
      exitCode: 0,
      out: '',
      errLines: [expect.stringMatching(/^3 recordings intact \(\d.*B\)\.$/)],
    });
    expect(await tool.run(['verify', tool.path('calls'), '-q', '--strict'])).toMatchObject({ exitCode: 0, out: '', err: '' });
  });

  it('names what is wrong on standard output, a line each, and ends with 8', async () => {
    const tool = await damaged();
    const { exitCode, lines, errLines } = await tool.run(['verify', tool.path('calls')]);
    expect(exitCode).toBe(8);
    expect(lines.sort()).toEqual(['missing sandbox-mp3.mp3', 'short sandbox-mp3-2.mp3', 'unrecorded stranger\\u000a.txt']);
    expect(errLines).toEqual([
      expect.stringMatching(/^1 recording intact/),
      `error: ${tool.path('calls')} does not hold what its manifest says: 1 missing, 1 of another size.`,
      expect.stringMatching(/^hint: .*kaleyra-rec verify .* --repair/),
    ]);
  });

  it('names it with --json as objects, then a summary, last', async () => {
    const tool = await damaged();
    const { exitCode, json } = await tool.run(['verify', tool.path('calls'), '--json']);
    expect(exitCode).toBe(8);
    const told = json();
    expect(told.at(-1)).toEqual({
      summary: {
        total: 3,
        whole: 1,
        missing: 1,
        short: 1,
        changed: 0,
        unreadable: 0,
        link: 0,
        shared: 0,
        damaged: 0,
        torn: 0,
        incomplete: 0,
        unrecorded: 1,
        moved: 0,
        bytes: expect.any(Number),
      },
    });
    expect(told.slice(0, -1)).toHaveLength(3);
    expect(told).toContainEqual({ status: 'missing', id: 'sandbox-mp3', file: 'sandbox-mp3.mp3' });
    expect(told).toContainEqual({ status: 'unrecorded', file: 'stranger\n.txt' });
  });

  it('finds bytes that have changed', async () => {
    const tool = await filled();
    const before = await tool.read('calls/manifest.jsonl');
    const [line = ''] = before.split('\n');
    await tool.write('calls/manifest.jsonl', before.replace(JSON.parse(line).sha256, '0'.repeat(64)));
    const { exitCode, lines, err } = await tool.run(['verify', tool.path('calls')]);
    expect([exitCode, lines]).toEqual([8, [`changed ${JSON.parse(line).file}`]]);
    expect(err).toContain('--repair');
  });

  it('names a command that mends what is broken, and that can be pasted', async () => {
    const tool = await damaged();
    const { errLines } = await tool.run(['verify', tool.path('calls'), '-q']);
    const [, command] = /`(.*)`/.exec(errLines.at(-1) ?? '') ?? [];
    const words = execFileSync('/bin/sh', ['-c', (command ?? '').replace('kaleyra-rec', "printf '%s\\n'")]).toString();
    expect(words).toBe(`verify\n${tool.path('calls')}\n--repair\n`);
    expect((await tool.run(words.trim().split('\n'))).exitCode).toBe(0);
    expect((await tool.run(['verify', tool.path('calls')])).exitCode).toBe(0);
  });

  it('says of a manifest with a damaged line which one it is, and checks the rest', async () => {
    const tool = await filled();
    const lines = (await tool.read('calls/manifest.jsonl')).split('\n');
    await tool.write('calls/manifest.jsonl', [lines[0], lines[1]?.replace('saved', 'raved'), lines[2], '{"id":"to'].join('\n'));
    const { exitCode, lines: told, errLines } = await tool.run(['verify', tool.path('calls')]);
    expect(exitCode).toBe(8);
    expect(told.slice(0, 2)).toEqual(['damaged manifest.jsonl:2', 'torn manifest.jsonl:4']);
    expect(errLines).toEqual([
      expect.stringMatching(/^2 recordings intact/),
      `error: ${tool.path('calls')} cannot be verified completely: 1 line of its manifest is damaged.`,
      expect.stringMatching(/^hint: Run the batch that filled the archive again/),
    ]);
  });

  it('is content with a recording that its own header says is not all there, and names it', async () => {
    const tool = await filled();
    const [line = '', ...rest] = (await tool.read('calls/manifest.jsonl')).split('\n');
    const marked = { ...JSON.parse(line), incomplete: { announced: 5000, bytes: 100 } };
    await tool.write('calls/manifest.jsonl', [JSON.stringify(marked), ...rest].join('\n'));
    expect(await tool.run(['verify', tool.path('calls'), '--strict'])).toMatchObject({
      exitCode: 0,
      lines: [expect.stringMatching(new RegExp(`^incomplete ${marked.file} \\(${marked.bytes} of the 5000 bytes`))],
      errLines: [expect.stringMatching(/^3 recordings intact/)],
    });
  });

  it('is content with files that nobody recorded, unless it is strict', async () => {
    const tool = await filled();
    await tool.write('calls/stranger.txt', '');
    expect(await tool.run(['verify', tool.path('calls')])).toMatchObject({ exitCode: 0, lines: ['unrecorded stranger.txt'] });
    const { exitCode, errLines } = await tool.run(['verify', tool.path('calls'), '--strict']);
    expect(exitCode).toBe(8);
    expect(errLines[1]).toMatch(/1 not in the manifest/);
    expect(errLines[2]).toBe('hint: Move those files elsewhere, or leave --strict out.');
  });

  it('is content again once a batch has mended the folder', async () => {
    const tool = await damaged();
    const { lines, exitCode } = await tool.run(['batch', tool.path('ids.txt'), '-d', tool.path('calls')]);
    expect([exitCode, lines.length]).toEqual([0, 2]);
    expect((await tool.run(['verify', tool.path('calls')])).exitCode).toBe(0);
  });

  it.each([[['verify', '/nowhere/at-all']], [['verify', '']]])('%j is a usage error, told in JSON too', async (argv) => {
    const { exitCode, errLines, json } = await runAlone([...argv, '--json']);
    expect(exitCode).toBe(2);
    expect(errLines).toHaveLength(2);
    expect(json()).toMatchObject([{ id: null, status: 'failed', error: { code: 'USAGE' } }]);
  });

  it('can be stopped', async () => {
    const tool = await filled();
    const { system, ended } = tool.start(['verify', tool.path('calls'), '--json']);
    system.interrupt('SIGTERM');
    const { exitCode, json } = await ended;
    expect(exitCode).toBe(143);
    expect(json().at(-1)).toMatchObject({ id: null, status: 'failed', error: { code: 'INTERRUPTED' } });
  });
});
