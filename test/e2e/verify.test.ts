import { rm } from 'node:fs/promises';
import { describe, expect } from 'vitest';
import { it as base, type Tool } from '../helpers/tool-test.ts';

/** A folder `calls` that a batch has filled with the recordings one, two and three. */
const it = base.extend<{ files: Record<'one' | 'two' | 'three', string> }>({
  files: async ({ tool, sandbox: _ }, use) => {
    const run = await tool.run(['batch', '-', '-d', 'calls', '--json', '-q'], { stdin: 'one\ntwo\nthree\n' });
    const files = Object.fromEntries(run.json().map((line) => [line.id, line.file]));
    await use({ one: files.one, two: files.two, three: files.three });
  },
});

/** Turns the last byte of a file. */
async function change(tool: Tool, file: string): Promise<void> {
  const bytes = await tool.read(file);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 0xff;
  await tool.write(file, bytes);
}

const inFolder = (file: string) => file.replace('calls/', '');

describe.concurrent('verify', () => {
  it('ends with 0, names nothing and asks nobody where all is whole', async ({ tool, sandbox, files: _ }) => {
    const asked = sandbox.requests();
    const before = tool.files();
    const run = await tool.run(['verify', 'calls']);
    expect(run).toMatchObject({ exitCode: 0, out: '' });
    expect(run.err).toContain('3 recordings intact');
    expect(sandbox.requests()).toBe(asked);
    expect(tool.files()).toEqual(before);
  });

  it('names what is missing, short and changed, and ends with 8', async ({ tool, files }) => {
    await rm(tool.path(files.one));
    await tool.write(files.two, 'short');
    await change(tool, files.three);
    const run = await tool.run(['verify', 'calls', '-q']);
    expect(run.exitCode).toBe(8);
    expect([...run.lines].sort()).toEqual([
      `changed ${inFolder(files.three)}`,
      `missing ${inFolder(files.one)}`,
      `short ${inFolder(files.two)}`,
    ]);
    expect(run.errLines).toEqual([expect.stringMatching(/^error: /), expect.stringMatching(/^hint: .*kaleyra-rec verify calls --repair/)]);
  });

  it('with --json prints an object a finding, and a summary', async ({ tool, files }) => {
    await tool.write(files.two, 'short');
    await tool.write('calls/notes.txt', 'mine');
    const run = await tool.run(['verify', 'calls', '-q', '--json']);
    expect(run.exitCode).toBe(8);
    const short = { status: 'short', id: 'two', file: inFolder(files.two), bytes: 5, expectedBytes: expect.any(Number) };
    expect(run.json()).toEqual([
      short,
      { status: 'unrecorded', file: 'notes.txt' },
      { summary: expect.objectContaining({ total: 3, whole: 2, missing: 0, short: 1, changed: 0, unrecorded: 1 }) },
    ]);
  });

  it('names a file that nobody recorded, which is an error with --strict alone', async ({ tool, files: _ }) => {
    await tool.write('calls/notes.txt', 'mine');
    expect(await tool.run(['verify', 'calls', '-q'])).toMatchObject({ exitCode: 0, out: 'unrecorded notes.txt\n', err: '' });
    const strict = await tool.run(['verify', 'calls', '-q', '--strict']);
    expect(strict).toMatchObject({ exitCode: 8, out: 'unrecorded notes.txt\n' });
    expect(strict.errLines).toHaveLength(2);
  });

  it('finds whole again what a batch has mended', async ({ tool, files }) => {
    await change(tool, files.three);
    const mended = await tool.run(['batch', '-', '-d', 'calls', '-q', '--checksum'], { stdin: 'one\ntwo\nthree\n' });
    expect(mended.exitCode).toBe(0);
    // What stood in its place is kept.
    const aside = tool.files().filter((file) => /\.changed-[0-9a-f]{8}$/.test(file));
    expect(aside).toHaveLength(1);
    expect(await tool.run(['verify', 'calls', '-q'])).toMatchObject({ exitCode: 0, lines: [`unrecorded ${inFolder(aside[0] ?? '')}`] });
  });

  it('looks at nothing outside the folder, whatever its manifest says', async ({ tool, files }) => {
    await tool.write('outside.wav', await tool.read(files.one));
    const manifest = String(await tool.read('calls/manifest.jsonl'));
    await tool.write('calls/manifest.jsonl', manifest.replaceAll(`"${inFolder(files.one)}"`, '"../outside.wav"'));
    const run = await tool.run(['verify', 'calls', '-q']);
    expect(run.exitCode).toBe(8);
    expect(run.lines).toContain('missing ../outside.wav');
  });

  it('is a usage error for a folder without a manifest', async ({ tool }) => {
    const run = await tool.run(['verify', '.']);
    expect(run.exitCode).toBe(2);
    expect(run.errLines).toEqual([expect.stringContaining('manifest.jsonl'), expect.stringMatching(/^hint: /)]);
  });
});
