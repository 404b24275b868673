import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { served } from './served.ts';

const KEYS = ['id', 'status', 'file', 'bytes', 'sha256', 'contentType', 'etag', 'attempts', 'durationMs'];

describe('download', () => {
  it('saves a recording under its id in a folder, prints the path, and says on standard error how much', async () => {
    const tool = await served();
    const { exitCode, lines, errLines } = await tool.run(['download', 'sandbox-mp3', '-o', tool.folder]);
    expect(exitCode).toBe(0);
    expect(lines).toEqual([tool.path('sandbox-mp3.mp3')]);
    expect(errLines).toEqual([expect.stringMatching(/^Saved \d.* in \d/)]);
    expect(await tool.files()).toEqual(['sandbox-mp3.mp3']);
  });

  it('prints an object with --json, as the contract has it', async () => {
    const tool = await served();
    const { json } = await tool.run(['download', 'sandbox-wav', '-o', tool.path('call.wav'), '--json']);
    const [told = {}] = json();
    const bytes = await tool.read('call.wav').then(() => stat(tool.path('call.wav')));
    expect(Object.keys(told)).toEqual(KEYS);
    expect(told).toMatchObject({ id: 'sandbox-wav', status: 'saved', file: tool.path('call.wav'), bytes: bytes.size, attempts: 1 });
    expect(told.contentType).toMatch(/wav/);
  });

  it('makes a folder that the path ends as', async () => {
    const tool = await served();
    const { exitCode, lines } = await tool.run(['download', 'sandbox-mp3', '-o', `${tool.path('new', 'deep')}/`]);
    expect(exitCode).toBe(0);
    expect(lines).toEqual([tool.path('new', 'deep', 'sandbox-mp3.mp3')]);
    expect(await tool.files('new/deep')).toEqual(['sandbox-mp3.mp3']);
  });

  it('leaves a file that stands there alone: an error that names both flags, and no request', async () => {
    const tool = await served();
    await tool.write('call.mp3', 'mine');
    const { exitCode, err, out } = await tool.run(['download', 'x', '-o', tool.path('call.mp3')]);
    expect([exitCode, out]).toEqual([7, '']);
    expect(err).toMatch(/--force.*--skip-existing/);
    expect(await tool.read('call.mp3')).toBe('mine');
    expect(tool.requests).toEqual([]);
  });

  it('replaces it with --force', async () => {
    const tool = await served();
    await tool.write('call.mp3', 'mine');
    expect((await tool.run(['download', 'sandbox-mp3', '-o', tool.path('call.mp3'), '--force'])).exitCode).toBe(0);
    expect(await tool.read('call.mp3')).not.toBe('mine');
  });

  it.each([
    ['as a file', 'call.mp3', 'call.mp3'],
    ['in a folder', '.', 'x.mp3'],
    ['in a folder, whatever it is', '.', 'x.flac'],
  ])('leaves it with --skip-existing and succeeds, %s, without credentials', async (_how, output, file) => {
    const tool = await served();
    await tool.write(file, 'mine');
    const argv = ['download', 'x', '-o', output === '.' ? tool.folder : tool.path(output), '--skip-existing'];
    const env = { KALEYRA_SID: '', KALEYRA_API_KEY: '' };
    expect(await tool.run(argv, { env })).toMatchObject({ exitCode: 0, lines: [tool.path(file)], err: '' });
    expect((await tool.run([...argv, '--json'], { env })).json()).toEqual([
      { id: 'x', status: 'skipped', file: tool.path(file), bytes: 4 },
    ]);
    expect(tool.requests).toEqual([]);
    expect(await tool.read(file)).toBe('mine');
  });

  it.each(['call.mp3', '.'])('takes no folder for a recording with --skip-existing: %s', async (output) => {
    const tool = await served();
    await tool.write('call.mp3/any', '');
    const { exitCode, errLines } = await tool.run(['download', 'call', '-o', tool.path(output), '--skip-existing', '--json']);
    // What is a folder where a file was meant is the folder to save in.
    expect(exitCode).toBe(output === '.' ? 7 : 0);
    if (output === '.') expect(errLines[0]).toMatch(/a folder stands there/);
  });

  it('saves with --skip-existing what is not there', async () => {
    const tool = await served();
    expect((await tool.run(['download', 'sandbox-mp3', '-o', tool.folder, '--skip-existing'])).exitCode).toBe(0);
    expect(await tool.files()).toEqual(['sandbox-mp3.mp3']);
  });

  it('writes the bytes alone to standard output with -o -', async () => {
    const tool = await served();
    const { system, errLines } = await tool.run(['download', 'sandbox-wav', '-o', '-']);
    const [told] = (await tool.run(['download', 'sandbox-wav', '-o', tool.folder, '--json'])).json();
    expect(createHash('sha256').update(system.stdoutBytes).digest('hex')).toBe(told?.sha256);
    expect(errLines).toEqual([expect.stringMatching(/^Saved /)]);
  });

  it.each<[string, string[], object, RegExp]>([
    ['-o - where standard output is a terminal', ['-o', '-'], { tty: { stdout: true } }, /terminal/],
    ['-o - with --json', ['-o', '-', '--json'], {}, /--json/],
    ['an empty -o', ['-o', ''], {}, /--output is empty/],
    ['--force with --skip-existing', ['--force', '--skip-existing'], {}, /cannot be used together/],
  ])('refuses %s, and asks nothing', async (_what, flags, surroundings, message) => {
    const tool = await served();
    const { exitCode, errLines } = await tool.run(['download', 'x', ...flags], surroundings);
    expect(exitCode).toBe(2);
    expect(errLines).toHaveLength(2);
    expect(errLines[0]).toMatch(message);
    expect(tool.requests).toEqual([]);
  });

  it('refuses an empty id', async () => {
    expect((await (await served()).run(['download', ''])).exitCode).toBe(2);
  });

  it.each([
    ['sandbox-invalid', 4, 'gone', 'RECORDING_NOT_FOUND'],
    ['sandbox-expired', 5, 'gone', 'RECORDING_EXPIRED'],
    ['sandbox-denied', 3, 'failed', 'CREDENTIALS_REJECTED'],
    ['sandbox-store-html', 8, 'failed', 'CONTENT_MISMATCH'],
    ['sandbox-empty', 8, 'failed', 'CONTENT_MISMATCH'],
    ['sandbox-access-denied', 8, 'failed', 'CONTENT_MISMATCH'],
    ['sandbox-no-link', 6, 'failed', 'UNEXPECTED_RESPONSE'],
  ])('of %s ends with %i, tells it in JSON too, and leaves nothing behind', async (id, code, status, name) => {
    const tool = await served();
    const { exitCode, json, errLines } = await tool.run(['download', id, '-o', tool.folder, '--json']);
    expect(exitCode).toBe(code);
    expect(json()).toMatchObject([{ id, status, error: { code: name, message: expect.any(String), hint: expect.any(String) } }]);
    expect(errLines.slice(-2)).toEqual([expect.stringMatching(/^error: /), expect.stringMatching(/^hint: /)]);
    expect(await tool.files()).toEqual([]);
  });

  it('goes on where a transfer breaks off, and says so unless it is quiet', async () => {
    const tool = await served();
    const loud = await tool.run(['download', 'sandbox-truncated', '-o', tool.path('a.mp3'), '--json']);
    expect(loud.json()).toMatchObject([{ status: 'saved', attempts: 2 }]);
    expect(loud.errLines).toEqual([expect.stringMatching(/broke.* Attempt 2 /), expect.stringMatching(/^Saved /)]);
    const quiet = await tool.run(['download', 'sandbox-truncated-2', '-o', tool.path('b.mp3'), '-q']);
    expect([quiet.exitCode, quiet.err]).toEqual([0, '']);
  });

  it('asks for a link of the validity that it was given', async () => {
    const tool = await served();
    // The sandbox signs for at most a week.
    const { err, exitCode } = await tool.run(['download', 'sandbox-mp3', '-o', tool.folder, '--validity', '10081']);
    expect(exitCode).toBe(2);
    expect(err).toContain('validity: Not a number of minutes from 1 to 10080');
  });

  it('draws its progress on a terminal, and leaves one line there', async () => {
    const tool = await served();
    const { err, lines } = await tool.run(['download', 'sandbox-mp3', '-o', tool.folder], { tty: { stderr: true } });
    expect(err).toContain('\u001b[?25l');
    expect(err.lastIndexOf('\u001b[?25h')).toBeGreaterThan(err.lastIndexOf('\u001b[?25l'));
    expect(err).toMatch(/✔.* Saved /);
    expect(lines).toHaveLength(1);
  });
});

describe('download of several recordings', () => {
  const IDS = ['sandbox-mp3', 'sandbox-wav', 'call'];

  it('saves each in the folder, once, and prints their paths', async () => {
    const tool = await served();
    const { exitCode, lines } = await tool.run(['download', ...IDS, 'call', '-o', tool.folder]);
    expect(exitCode).toBe(0);
    expect(lines.sort()).toEqual(['call.wav', 'sandbox-mp3.mp3', 'sandbox-wav.wav'].map((file) => tool.path(file)));
    expect(await tool.files()).toEqual(['call.wav', 'sandbox-mp3.mp3', 'sandbox-wav.wav']);
  });

  it('goes on where one fails, names it, and ends with 9', async () => {
    const tool = await served();
    const argv = ['download', ...IDS, 'sandbox-invalid', 'sandbox-empty', '-o', `${tool.path('calls')}/`, '--json'];
    const { exitCode, json, err } = await tool.run(argv);
    expect(exitCode).toBe(9);
    const ends = json().map(({ id, status }) => `${id} ${status}`);
    expect(ends.sort()).toEqual([...IDS.map((id) => `${id} saved`), 'sandbox-empty failed', 'sandbox-invalid gone'].sort());
    expect(err).toMatch(/^error: sandbox-invalid: .*\nhint: /m);
    expect(await tool.files('calls')).toHaveLength(3);
  });

  it('leaves with --skip-existing what stands there, and without it fails that one alone', async () => {
    const tool = await served();
    await tool.write('call.wav', 'mine');
    const argv = ['download', ...IDS, '-o', tool.folder, '--json'];
    const { exitCode, json } = await tool.run([...argv, '--skip-existing']);
    expect(exitCode).toBe(0);
    expect(json()).toContainEqual({ id: 'call', status: 'skipped', file: tool.path('call.wav'), bytes: 4 });
    expect(await tool.read('call.wav')).toBe('mine');
    const asked = tool.requests.length;
    const none = await tool.run([...argv, '--skip-existing'], { env: { KALEYRA_API_KEY: '' } });
    expect([none.exitCode, none.json().length, tool.requests.length]).toEqual([0, 3, asked]);
    const again = await tool.run(argv);
    expect(again.exitCode).toBe(9);
    expect(again.json().map(({ error }) => (error as { code: string }).code)).toEqual(Array(3).fill('FILE_EXISTS'));
    expect((await tool.run([...argv, '--force'])).exitCode).toBe(0);
  });

  it('ends at once with 3 where the credentials are refused, told once, and with --json for each', async () => {
    const tool = await served();
    const { exitCode, json, errLines } = await tool.run(['download', ...IDS, '-o', tool.folder, '--json'], {
      env: { KALEYRA_API_KEY: 'Awrong' },
    });
    expect(exitCode).toBe(3);
    expect(json().map(({ id, error }) => `${id} ${(error as { code: string }).code}`)).toEqual(
      IDS.map((id) => `${id} CREDENTIALS_REJECTED`),
    );
    expect(errLines).toHaveLength(2);
    expect(await tool.files()).toEqual([]);
  });

  it('can be stopped: what is saved stays, the rest is not there', async () => {
    const tool = await served();
    const argv = ['download', 'sandbox-silent', 'sandbox-mp3', '-o', tool.folder, '--json'];
    const { system, ended } = tool.start(argv, { manualClock: true });
    while (!system.stdoutText.includes('"saved"')) await new Promise((resolve) => setImmediate(resolve));
    system.interrupt('SIGINT');
    const { exitCode, json } = await ended;
    expect(exitCode).toBe(130);
    expect(json().map(({ id, status }) => `${id} ${status}`)).toEqual(['sandbox-mp3 saved', 'sandbox-silent failed']);
    expect(await tool.files()).toEqual(['sandbox-mp3.mp3']);
  });

  it.each([
    ['a file', ['-o', 'call.wav'], /Several recordings need a folder/],
    ['standard output', ['-o', '-'], /Several recordings need a folder/],
    ['nothing', ['-o', ''], /--output is empty/],
    ['an empty id among them', [''], /id is empty/],
  ])('is a usage error for %s', async (_what, argv, message) => {
    const tool = await served();
    const { exitCode, err } = await tool.run(['download', 'a', 'b', ...argv]);
    expect(exitCode).toBe(2);
    expect(err).toMatch(message);
    expect(tool.requests).toEqual([]);
  });
});
