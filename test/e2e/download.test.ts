import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { describe, expect } from 'vitest';
import { it } from '../helpers/tool-test.ts';

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe.concurrent('download', () => {
  it('saves into the current folder under the id and what the recording is, and prints the path', async ({ tool, sandbox }) => {
    const run = await tool.run(['download', 'sandbox-mp3']);
    expect(run).toMatchObject({ exitCode: 0, out: 'sandbox-mp3.mp3\n' });
    expect(tool.files()).toEqual(['sandbox-mp3.mp3']);
    expect((await tool.read('sandbox-mp3.mp3')).equals(sandbox.bytes('sandbox-mp3'))).toBe(true);
  });

  it('saves under the file that -o names, into folders that are not there yet', async ({ tool, sandbox }) => {
    const run = await tool.run(['download', 'sandbox-wav', '-o', 'a/b/call.wav']);
    expect(run).toMatchObject({ exitCode: 0, out: 'a/b/call.wav\n' });
    expect(tool.files()).toEqual(['a/b/call.wav']);
    expect((await tool.read('a/b/call.wav')).equals(sandbox.bytes('sandbox-wav'))).toBe(true);
  });

  it('saves into a folder that stands there, named without a separator', async ({ tool, sandbox: _ }) => {
    await mkdir(tool.path('calls'));
    expect(await tool.run(['download', 'sandbox-wav', '-o', 'calls'])).toMatchObject({ exitCode: 0, out: 'calls/sandbox-wav.wav\n' });
    expect(tool.files()).toEqual(['calls/sandbox-wav.wav']);
  });

  it.for(['9m', '20m'])('saves a recording of %s, which is hashed in a thread of its own', async (size, { tool, sandbox }) => {
    const id = `sandbox-size-${size}`;
    const run = await tool.run(['download', id, '-o', 'call.wav', '--json']);
    expect(run.exitCode).toBe(0);
    expect(run.json()).toMatchObject([{ id, status: 'saved', sha256: sha256(sandbox.bytes(id)) }]);
    expect((await tool.read('call.wav')).equals(sandbox.bytes(id))).toBe(true);
  });

  it('takes a path that ends in a separator for a folder, and makes it', async ({ tool, sandbox: _ }) => {
    expect(await tool.run(['download', 'sandbox-wav', '-o', 'calls/'])).toMatchObject({ exitCode: 0, out: 'calls/sandbox-wav.wav\n' });
    expect(tool.files()).toEqual(['calls/sandbox-wav.wav']);
  });

  it('writes the recording, and nothing else, to standard output with -o -', async ({ tool, sandbox }) => {
    const run = await tool.run(['download', 'sandbox-size-300k', '-o', '-']);
    expect(run.exitCode).toBe(0);
    expect(run.stdout.equals(sandbox.bytes('sandbox-size-300k'))).toBe(true);
    expect(tool.files()).toEqual([]);
  });

  it('leaves a file that stands there, and names both flags that say what to do', async ({ tool, sandbox }) => {
    await tool.write('call.wav', 'mine');
    const run = await tool.run(['download', 'sandbox-wav', '-o', 'call.wav', '--json']);
    expect(run.exitCode).toBe(7);
    expect(run.json()).toEqual([
      {
        id: 'sandbox-wav',
        status: 'failed',
        error: { code: 'FILE_EXISTS', message: 'call.wav already exists.', hint: expect.any(String), retryable: false },
      },
    ]);
    expect(run.errLines).toEqual(['error: call.wav already exists.', expect.stringMatching(/^hint: .*--force.*--skip-existing/)]);
    expect(String(await tool.read('call.wav'))).toBe('mine');
    expect(tool.files()).toEqual(['call.wav']);
    expect(sandbox.requests()).toBe(0);
  });

  it('leaves a file that stands in the folder under the name it would get', async ({ tool, sandbox }) => {
    await tool.write('calls/sandbox-wav.wav', 'mine');
    expect((await tool.run(['download', 'sandbox-wav', '-o', 'calls/'])).exitCode).toBe(7);
    expect(String(await tool.read('calls/sandbox-wav.wav'))).toBe('mine');
    expect(sandbox.requests()).toBe(0);
  });

  it('replaces a file that stands there with --force', async ({ tool, sandbox }) => {
    await tool.write('call.wav', 'old');
    expect(await tool.run(['download', 'sandbox-wav', '-o', 'call.wav', '--force'])).toMatchObject({ exitCode: 0, out: 'call.wav\n' });
    expect((await tool.read('call.wav')).equals(sandbox.bytes('sandbox-wav'))).toBe(true);
    expect(tool.files()).toEqual(['call.wav']);
  });

  it('keeps the file that stands there when what --force would replace it with is not the recording', async ({ tool, sandbox: _ }) => {
    await tool.write('call.wav', 'old');
    expect((await tool.run(['download', 'sandbox-access-denied', '-o', 'call.wav', '--force'])).exitCode).toBe(8);
    expect(String(await tool.read('call.wav'))).toBe('old');
    expect(tool.files()).toEqual(['call.wav']);
  });

  it('leaves a file that stands there and succeeds with --skip-existing, asking nothing', async ({ tool, sandbox }) => {
    await tool.write('call.wav', 'mine');
    const run = await tool.run(['download', 'sandbox-wav', '-o', 'call.wav', '--skip-existing']);
    expect(run).toMatchObject({ exitCode: 0, out: 'call.wav\n' });
    expect(String(await tool.read('call.wav'))).toBe('mine');
    expect(sandbox.requests()).toBe(0);
  });

  it('fetches with --skip-existing what does not stand there yet', async ({ tool, sandbox: _ }) => {
    await mkdir(tool.path('calls'));
    expect(await tool.run(['download', 'sandbox-wav', '-o', 'calls', '--skip-existing'])).toMatchObject({ exitCode: 0 });
    expect(tool.files()).toEqual(['calls/sandbox-wav.wav']);
  });

  it('with --json prints all that is known of the saved file', async ({ tool, sandbox }) => {
    const run = await tool.run(['download', 'sandbox-mp3', '-o', 'call.mp3', '--json', '-q']);
    const [line, ...more] = run.json();
    expect({ more, err: run.err, exitCode: run.exitCode }).toEqual({ more: [], err: '', exitCode: 0 });
    const keys = ['id', 'status', 'file', 'bytes', 'sha256', 'contentType', 'etag', 'attempts', 'durationMs'];
    expect(Object.keys(line ?? {})).toEqual(keys);
    const bytes = sandbox.bytes('sandbox-mp3');
    expect(line).toEqual({
      id: 'sandbox-mp3',
      status: 'saved',
      file: 'call.mp3',
      bytes: bytes.length,
      sha256: sha256(await tool.read('call.mp3')),
      contentType: 'audio/mpeg',
      etag: `"${createHash('md5').update(bytes).digest('hex')}"`,
      attempts: 1,
      durationMs: expect.any(Number),
    });
    expect(line?.sha256).toBe(sha256(bytes));
  });

  it('counts the attempts that it took', async ({ tool, sandbox: _ }) => {
    const run = await tool.run(['download', 'sandbox-flaky', '--json']);
    expect(run.json()).toEqual([expect.objectContaining({ status: 'saved', attempts: 2 })]);
  });

  it('gives every id a name of its own that stays in the folder', async ({ tool, sandbox }) => {
    const ids = ['../../x', '/etc/passwd', 'a b', '-rf', 'é+/==', 'CON', `${'long'.repeat(80)}`];
    const runs = await Promise.all(ids.map((id) => tool.run(['download', '-o', 'calls/', '--json', '--', id])));
    expect(runs.map((run) => run.exitCode)).toEqual(ids.map(() => 0));
    const files = runs.map((run) => String(run.json()[0]?.file));
    expect(tool.files()).toEqual([...files].sort());
    expect(files.map((file) => file.split('/').length)).toEqual(ids.map(() => 2));
    for (const [index, id] of ids.entries()) {
      expect((await tool.read(files[index] ?? '')).equals(sandbox.bytes(id))).toBe(true);
    }
  });
});
