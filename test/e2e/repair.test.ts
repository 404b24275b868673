import { rename, rm } from 'node:fs/promises';
import { describe, expect } from 'vitest';
import { it as base, type Tool } from '../helpers/tool-test.ts';

const REPORT = 'Recording ID,Caller\none,+39 02 1\ntwo,+39 02 2\nthree,+39 02 3\n';

/** A folder `calls` that a batch has filled from a report, with names from its columns. */
const it = base.extend<{ files: Record<'one' | 'two' | 'three', string> }>({
  files: async ({ tool, sandbox: _ }, use) => {
    await tool.write('report.csv', REPORT);
    const run = await tool.run(['batch', 'report.csv', '-d', 'calls', '--name', '{Caller}/{id}', '--json', '-q']);
    const files = Object.fromEntries(run.json().map((line) => [line.id, line.file]));
    await use({ one: files.one, two: files.two, three: files.three });
  },
});

const inFolder = (file: string) => file.replace('calls/', '');
const repair = ['verify', 'calls', '--repair'];

async function lastLine(tool: Tool, id: string) {
  return (await tool.readLines('calls/manifest.jsonl')).filter((line) => line.id === id).at(-1);
}

/** Turns the last byte of a file. */
async function change(tool: Tool, file: string): Promise<void> {
  const bytes = await tool.read(file);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 0xff;
  await tool.write(file, bytes);
}

/** Makes the manifest say of a recording what the service's copy is not. */
async function recordOtherHash(tool: Tool, id: string): Promise<void> {
  const lines = await tool.readLines('calls/manifest.jsonl');
  const told = lines.map((line) => (line.id === id ? { ...line, sha256: 'a'.repeat(64) } : line));
  await tool.write('calls/manifest.jsonl', told.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

describe.concurrent('verify --repair', () => {
  it('fetches what is missing, short and changed under the same names, from the manifest alone', async ({ tool, sandbox, files }) => {
    const before = await lastLine(tool, 'one');
    await rm(tool.path('report.csv'));
    await rm(tool.path(files.one));
    await tool.write(files.two, 'short');
    await change(tool, files.three);
    const run = await tool.run([...repair, '-q']);
    expect(run).toMatchObject({ exitCode: 0, err: expect.not.stringContaining('error') });
    expect(run.lines.filter((line) => line.startsWith('repaired')).sort()).toEqual(
      Object.values(files)
        .map((file) => `repaired ${inFolder(file)}`)
        .sort(),
    );
    for (const [id, file] of Object.entries(files)) expect((await tool.read(file)).equals(sandbox.bytes(id)), id).toBe(true);
    // What was changed is kept, and the columns of the report stay in the manifest.
    expect(tool.files().filter((file) => /\.changed-[0-9a-f]{8}$/.test(file))).toHaveLength(2);
    expect(await lastLine(tool, 'one')).toMatchObject({ file: before?.file, sha256: before?.sha256, row: before?.row });
    expect((await tool.run(['verify', 'calls', '-q'])).exitCode).toBe(0);
  });

  it('says under which name it saves what the manifest has outside of the archive', async ({ tool, sandbox, files }) => {
    await rm(tool.path(files.one));
    const lines = await tool.readLines('calls/manifest.jsonl');
    const told = lines.map((line) => (line.id === 'one' ? { ...line, file: '../outside.mp3' } : line));
    await tool.write('calls/manifest.jsonl', told.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const run = await tool.run([...repair, '-q']);
    const [, saved = ''] = /^repaired \.\.\/outside\.mp3 as (\S+)$/m.exec(run.out) ?? [];
    expect(saved).toMatch(/^calls\/one\.\w+$/);
    expect((await tool.read(saved)).equals(sandbox.bytes('one'))).toBe(true);
    expect(tool.files()).not.toContain('outside.mp3');
  });

  it('asks the service nothing where all is whole', async ({ tool, sandbox, files: _ }) => {
    const asked = sandbox.requests();
    const before = tool.files();
    expect(await tool.run(repair)).toMatchObject({ exitCode: 0, out: '' });
    expect(sandbox.requests()).toBe(asked);
    expect(tool.files()).toEqual(before);
  });

  it('never keeps another recording, and tells its hash', async ({ tool, files }) => {
    await recordOtherHash(tool, 'two');
    await rm(tool.path(files.two));
    await rm(tool.path(files.one));
    const manifest = String(await tool.read('calls/manifest.jsonl'));
    const run = await tool.run([...repair, '--json']);
    expect(run.exitCode).toBe(8);
    expect(run.json()).toContainEqual(
      expect.objectContaining({
        id: 'two',
        status: 'failed',
        error: expect.objectContaining({ code: 'CONTENT_MISMATCH', retryable: false }),
      }),
    );
    expect(run.json()).toContainEqual(expect.objectContaining({ id: 'one', status: 'saved' }));
    expect(run.json().at(-1)).toEqual({ summary: expect.objectContaining({ total: 3, whole: 2, missing: 1 }) });
    const inArchive = tool.files().filter((file) => file.startsWith('calls/'));
    expect(inArchive.sort()).toEqual(['calls/manifest.jsonl', files.one, files.three].sort());
    expect(String(await tool.read('calls/manifest.jsonl')).startsWith(manifest)).toBe(true);
    expect(await lastLine(tool, 'two')).toMatchObject({ status: 'saved', sha256: 'a'.repeat(64) });
  });

  it('leaves a changed file where it is if another recording comes', async ({ tool, files }) => {
    await recordOtherHash(tool, 'two');
    await tool.write(files.two, 'mine');
    expect((await tool.run([...repair, '-q'])).exitCode).toBe(8);
    expect(String(await tool.read(files.two))).toBe('mine');
  });

  it('tells why a recording cannot be had, and ends with 8', async ({ tool, files }) => {
    const line = { ...(await lastLine(tool, 'one')), id: 'sandbox-expired', file: 'old.wav' };
    await tool.write('calls/manifest.jsonl', `${await tool.read('calls/manifest.jsonl')}${JSON.stringify(line)}\n`);
    await rm(tool.path(files.one));
    const run = await tool.run(repair);
    expect(run.exitCode).toBe(8);
    expect(run.lines).toContain(`repaired ${inFolder(files.one)}`);
    expect(run.err).toMatch(/gone.*sandbox-expired|sandbox-expired.*gone/);
    expect(run.errLines).toContainEqual('error: calls does not hold what its manifest says: 1 missing.');
    expect(await lastLine(tool, 'sandbox-expired')).toMatchObject({ status: 'saved' });
    expect(tool.files()).not.toContain('calls/failed.txt');
    expect(run.err).not.toMatch(/another run|run the same/i);
    expect(run.errLines.at(-1)).toBe('hint: The service no longer has it as recorded: restore it from a backup.');
  });

  it('says which part of what it could not fetch another run may', async ({ tool, files }) => {
    const line = await lastLine(tool, 'one');
    const more = ['sandbox-expired', 'sandbox-down'].map((id) => `${JSON.stringify({ ...line, id, file: `${id}.wav` })}\n`);
    await tool.write('calls/manifest.jsonl', `${await tool.read('calls/manifest.jsonl')}${more.join('')}`);
    const run = await tool.run([...repair, '--retries', '0']);
    expect(run.exitCode).toBe(8);
    expect(run.err).not.toContain('worth another run');
    expect(run.errLines.at(-1)).toBe(
      'hint: The service no longer has 1 of them as recorded: restore that one from a backup. Run the same command again later for the others, if the reasons given above may pass.',
    );
    expect(tool.files()).toContain(files.one);
  });

  it('with --dry-run says what it would fetch, and does nothing', async ({ tool, sandbox, files }) => {
    await rm(tool.path(files.one));
    const before = tool.files();
    const asked = sandbox.requests();
    const run = await tool.run([...repair, '--dry-run'], { env: { KALEYRA_API_KEY: '', KALEYRA_SID: '' } });
    expect(run.exitCode).toBe(8);
    expect(run.lines).toEqual([`missing ${inFolder(files.one)}`, `would fetch ${inFolder(files.one)}`]);
    const json = await tool.run([...repair, '-n', '--json']);
    expect(json.json()).toContainEqual({ id: 'one', status: 'planned', file: inFolder(files.one) });
    expect(sandbox.requests()).toBe(asked);
    expect(tool.files()).toEqual(before);
  });

  it('records a recording that bears another name now, and fetches nothing', async ({ tool, sandbox, files }) => {
    await rename(tool.path(files.one), tool.path('calls/renamed.wav'));
    const asked = sandbox.requests();
    expect(await tool.run([...repair, '-q'])).toMatchObject({ exitCode: 0 });
    expect(sandbox.requests()).toBe(asked);
    expect(await lastLine(tool, 'one')).toMatchObject({ status: 'saved', file: 'renamed.wav', row: { Caller: '+39 02 1' } });
  });

  it('stops at once where the credentials are refused', async ({ tool, files }) => {
    await rm(tool.path(files.one));
    tool.secrets.add('not-the-right-key-at-all');
    const run = await tool.run([...repair, '-q'], { env: { KALEYRA_API_KEY: 'not-the-right-key-at-all' } });
    expect(run.exitCode).toBe(3);
  });

  it('leaves no lock in a folder that is no archive', async ({ tool, sandbox: _ }) => {
    expect((await tool.run(['verify', '.', '--repair'])).exitCode).toBe(2);
    expect((await tool.run(['verify', 'nowhere', '--repair'])).exitCode).toBe(2);
    expect((await tool.run(['verify', '.', '--dry-run'])).exitCode).toBe(2);
    expect(tool.files()).toEqual([]);
  });
});
