import { createHash } from 'node:crypto';
import { describe, expect } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { linesOf } from '../helpers/run-tool.ts';
import { it, type Tool } from '../helpers/tool-test.ts';

const SUMMARY_KEYS = [
  ...['total', 'saved', 'skipped', 'gone', 'failed', 'notReached'],
  ...['duplicates', 'blank', 'passedOver', 'filtered', 'bytes', 'durationMs'],
];
const MANIFEST_KEYS = ['id', 'status', 'file', 'bytes', 'sha256', 'contentType', 'etag', 'attempts', 'at', 'account', 'error'];

/** What a batch with one of each outcome is run over; `sandbox-down` fails whenever it is asked for. */
const MIXED = 'one\nsandbox-invalid\ntwo\nsandbox-down\nsandbox-expired\none\n';
const IMPATIENT = ['--retries', '0'];

/** The last line that `--json` prints. */
const summaryOf = (run: { json(): Record<string, unknown>[] }) => run.json().at(-1)?.summary as Record<string, number>;

/** The manifest's last line for each id. */
async function manifestOf(tool: Tool, folder = 'recordings') {
  const lines = await tool.readLines(`${folder}/manifest.jsonl`);
  return new Map(lines.map((line) => [line.id, line]));
}

describe.concurrent('batch', () => {
  it('saves every recording of a list, prints their paths, and ends with 0', async ({ tool, sandbox }) => {
    await tool.write('ids.txt', 'one\nsandbox-mp3\nsandbox-wav\n');
    const run = await tool.run(['batch', 'ids.txt']);
    expect(run.exitCode).toBe(0);
    expect([...run.lines].sort()).toEqual(['recordings/one.wav', 'recordings/sandbox-mp3.mp3', 'recordings/sandbox-wav.wav']);
    expect(tool.files()).toEqual(['ids.txt', 'recordings/manifest.jsonl', ...[...run.lines].sort()]);
    for (const [id, { file }] of await manifestOf(tool)) {
      expect((await tool.read(`recordings/${file}`)).equals(sandbox.bytes(String(id)))).toBe(true);
    }
    expect(run.errLines[0]).toMatch(/^3 recordings in /);
  });

  it('brings each row to one end, and tells the same story everywhere', async ({ tool, sandbox }) => {
    await tool.write('ids.txt', MIXED);
    const run = await tool.run(['batch', 'ids.txt', '-d', 'calls', '--json', ...IMPATIENT]);
    expect(run.exitCode).toBe(9);

    const lines = run.json();
    const ends = new Map(lines.slice(0, -1).map((line) => [line.id, line]));
    expect([...ends].map(([id, { status }]) => [id, status]).sort()).toEqual([
      ['one', 'saved'],
      ['sandbox-down', 'failed'],
      ['sandbox-expired', 'gone'],
      ['sandbox-invalid', 'failed'],
      ['two', 'saved'],
    ]);
    expect(ends.get('sandbox-expired')).toEqual({
      id: 'sandbox-expired',
      status: 'gone',
      error: { code: 'RECORDING_EXPIRED', message: expect.any(String), hint: expect.any(String), retryable: false },
    });

    const summary = summaryOf(run);
    const bytes = sandbox.bytes('one').length + sandbox.bytes('two').length;
    expect(Object.keys(summary)).toEqual(SUMMARY_KEYS);
    expect(summary).toMatchObject({ total: 5, saved: 2, skipped: 0, gone: 1, failed: 2, notReached: 0, duplicates: 1, bytes });

    const manifest = await manifestOf(tool, 'calls');
    expect([...manifest.keys()].sort()).toEqual([...ends.keys()].sort());
    for (const [id, line] of manifest) {
      const { status, error } = ends.get(String(id)) ?? {};
      expect(Object.keys(line)).toEqual(status === 'failed' ? [...MANIFEST_KEYS, 'raw'] : MANIFEST_KEYS);
      expect(line).toMatchObject({ status, error: error ?? null, account: expect.stringMatching(/^HX\w+@127\.0\.0\.1:\d+\/v1$/) });
      expect(new Date(String(line.at)).toISOString()).toBe(line.at);
    }
    expect(linesOf(String(await tool.read('calls/failed.txt'))).sort()).toEqual(['sandbox-down', 'sandbox-invalid']);
    expect(ends.get('sandbox-invalid')).toMatchObject({ error: { code: 'RECORDING_NOT_FOUND', retryable: true } });
    expect(run.err).toMatch(/2 +saved/);
    expect(run.err).toMatch(/1 +gone/);
    expect(run.err).toMatch(/2 +failed +listed in calls\/failed\.txt/);
    expect(run.errLines.at(-1)).toBe('Archive: calls');
  });

  it('records what was saved: relative path, bytes, hash, type, ETag, attempts', async ({ tool, sandbox }) => {
    const run = await tool.run(['batch', '-', '-d', 'calls', '--json'], { stdin: 'sandbox-mp3\n' });
    const bytes = sandbox.bytes('sandbox-mp3');
    const saved = {
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      contentType: 'audio/mpeg',
      etag: `"${createHash('md5').update(bytes).digest('hex')}"`,
      attempts: 1,
    };
    expect(run.json()[0]).toEqual({
      id: 'sandbox-mp3',
      status: 'saved',
      file: 'calls/sandbox-mp3.mp3',
      ...saved,
      durationMs: expect.any(Number),
    });
    expect((await manifestOf(tool, 'calls')).get('sandbox-mp3')).toMatchObject({ status: 'saved', file: 'sandbox-mp3.mp3', ...saved });
  });

  it('asks the service nothing in a second run for what is saved or gone', async ({ tool, sandbox }) => {
    await tool.write('ids.txt', 'one\ntwo\nsandbox-expired\n');
    expect((await tool.run(['batch', 'ids.txt'])).exitCode).toBe(9);
    const asked = sandbox.requests();
    const before = await tool.read('recordings/manifest.jsonl');

    const again = await tool.run(['batch', 'ids.txt', '--json']);
    expect(again.exitCode).toBe(0);
    expect(sandbox.requests()).toBe(asked);
    expect(summaryOf(again)).toMatchObject({ total: 3, saved: 0, skipped: 2, gone: 1, failed: 0, bytes: 0 });
    expect(again.json()[0]).toMatchObject({ id: 'one', status: 'skipped', file: 'recordings/one.wav' });
    expect((await tool.read('recordings/manifest.jsonl')).equals(before)).toBe(true);
  });

  it('asks in a second run for what failed, and takes failed.txt away when nothing fails any more', async ({ tool, sandbox }) => {
    await tool.write('ids.txt', 'one\nsandbox-flaky\n');
    expect((await tool.run(['batch', 'ids.txt', ...IMPATIENT])).exitCode).toBe(9);
    expect(tool.files()).toContain('recordings/failed.txt');
    const asked = sandbox.questions();

    const again = await tool.run(['batch', 'recordings/failed.txt', '--json']);
    expect(again.exitCode).toBe(0);
    expect(summaryOf(again)).toMatchObject({ total: 1, saved: 1 });
    expect(sandbox.questions()).toBe(asked + 1);
    expect(tool.files()).not.toContain('recordings/failed.txt');
  });

  it('asks again for what is gone with --retry-gone', async ({ tool, sandbox }) => {
    const args = ['batch', '-', '-q', '--recheck', '0'];
    await tool.run(args, { stdin: 'sandbox-invalid\n' });
    expect((await tool.run(args, { stdin: 'sandbox-invalid\n' })).exitCode).toBe(0);
    expect((await tool.run([...args, '--retry-gone'], { stdin: 'sandbox-invalid\n' })).exitCode).toBe(9);
    expect(sandbox.questions()).toBe(2);
  });

  it('fetches again what vanished or became shorter, and with --checksum what changed', async ({ tool, sandbox }) => {
    const stdin = 'one\ntwo\n';
    await tool.run(['batch', '-', '-q'], { stdin });
    await tool.write('recordings/one.wav', 'short');
    expect(summaryOf(await tool.run(['batch', '-', '--json'], { stdin }))).toMatchObject({ saved: 1, skipped: 1 });
    expect((await tool.read('recordings/one.wav')).equals(sandbox.bytes('one'))).toBe(true);

    const { file } = (await manifestOf(tool)).get('two') ?? {};
    const changed = Buffer.from(sandbox.bytes('two'));
    changed[changed.length - 1] = 0x55;
    await tool.write(`recordings/${file}`, changed);
    expect(summaryOf(await tool.run(['batch', '-', '--json'], { stdin }))).toMatchObject({ saved: 0, skipped: 2 });
    expect(summaryOf(await tool.run(['batch', '-', '--json', '--checksum'], { stdin }))).toMatchObject({ saved: 1, skipped: 1 });
    expect((await tool.read(`recordings/${file}`)).equals(sandbox.bytes('two'))).toBe(true);
  });

  it('ends at once with 3 when the key is refused', async ({ tool, sandbox }) => {
    const ids = Array.from({ length: 50 }, (_, index) => `id-${index}`);
    const run = await tool.run(['batch', '-', '--json', '-c', '2'], {
      stdin: ids.join('\n'),
      env: { KALEYRA_API_KEY: 'A0000000000000000000000000000wrong' },
    });
    expect(run.exitCode).toBe(3);
    expect(sandbox.questions()).toBeLessThanOrEqual(2);
    const { total, saved, failed, notReached } = summaryOf(run);
    expect([saved, failed, notReached]).toEqual([0, 0, total]);
    expect(run.err).toContain(`Stopped: 0 saved, ${total} not reached. The rest of the list was not read. Run the same command again.`);
    expect(run.errLines.slice(-2)).toEqual([expect.stringMatching(/^error: /), expect.stringMatching(/^hint: /)]);
    expect(tool.files()).toEqual([]);
  });

  it('stops with 4 where the service knows none of the first 20 ids, and records nothing', async ({ tool, sandbox: _ }) => {
    await tool.write('ids.txt', Array.from({ length: 60 }, (_, index) => `sandbox-invalid-${index}`).join('\n'));
    const run = await tool.run(['batch', 'ids.txt', '--json']);
    expect(run.exitCode).toBe(4);
    expect(summaryOf(run)).toMatchObject({ total: 60, failed: 0, gone: 0, notReached: 60 });
    expect(run.err).toMatch(/^error: The service knows none of the first 20 .*\nhint: .*--region.*SID.*list/m);
    expect(tool.files()).toEqual(['ids.txt']);
  });

  it('stops with 6 where 20 rows in a row do not reach the service', async ({ tool }) => {
    Object.assign(tool.env, { KALEYRA_BASE_URL: 'http://127.0.0.1:9/v1', KALEYRA_SID: 'HX1', KALEYRA_API_KEY: 'A0123456789abcdef' });
    await tool.write('ids.txt', Array.from({ length: 60 }, (_, index) => `call-${index}`).join('\n'));
    const run = await tool.run(['batch', 'ids.txt', '--json', ...IMPATIENT]);
    expect(run.exitCode).toBe(6);
    expect(summaryOf(run)).toMatchObject({ total: 60, failed: 0, notReached: 60 });
    expect(tool.files()).toEqual(['ids.txt']);
  });

  it.for<[how: string, script: string]>([
    ['named, with a limit', 'kaleyra-rec batch calls/failed.txt -d calls --limit 1'],
    ['on standard input, with a limit', 'kaleyra-rec batch - -d calls --limit 1 < calls/failed.txt'],
    ['of another shard', 'kaleyra-rec batch calls/failed.txt -d calls --shard 1/2'],
  ])('loses no row of failed.txt that it has not come to: %s', async ([, script], { tool, sandbox: _ }) => {
    const rows = Array.from({ length: 4 }, (_, index) => `sandbox-flaky-${index}`);
    expect((await tool.run(['batch', '-', '-d', 'calls', ...IMPATIENT], { stdin: rows.join('\n') })).exitCode).toBe(9);
    expect((await tool.shell(script)).exitCode).toBe(0);
    const saved = () => tool.files().flatMap((file) => /^calls\/(.*)\.(?:wav|mp3)$/.exec(file)?.[1] ?? []);
    const first = saved();
    expect(first.length).toBeGreaterThan(0);
    expect(first.length).toBeLessThan(4);
    expect(linesOf(String(await tool.read('calls/failed.txt'))).sort()).toEqual(rows.filter((id) => !first.includes(id)));
    expect((await tool.shell('kaleyra-rec batch calls/failed.txt -d calls')).exitCode).toBe(0);
    expect(saved().sort()).toEqual(rows);
    expect(tool.files()).not.toContain('calls/failed.txt');
  });

  it('prints the ids that it would fetch with --dry-run, asks nothing and writes nothing', async ({ tool, sandbox }) => {
    await tool.run(['batch', '-', '-q'], { stdin: 'one\n' });
    const before = { asked: sandbox.requests(), files: tool.files() };
    const dry = await tool.run(['batch', '-', '--dry-run'], { stdin: 'two\none\n# none\ntwo\nthree\n' });
    expect(dry).toMatchObject({ exitCode: 0, out: 'two\nthree\n' });
    const json = await tool.run(['batch', '-', '-n', '--json', '-d', 'elsewhere'], { stdin: 'one\n' });
    expect(json).toMatchObject({ exitCode: 0, out: '{"id":"one","status":"planned"}\n' });
    expect({ asked: sandbox.requests(), files: tool.files() }).toEqual(before);
  });

  it('needs no credentials for --dry-run', async ({ tool }) => {
    expect(await tool.run(['batch', '-', '-n'], { stdin: 'one\n' })).toMatchObject({ exitCode: 0, out: 'one\n' });
  });

  it('plans many rows in their order, and holds none back that came', async ({ tool }) => {
    const ids = Array.from({ length: 2500 }, (_, n) => `call-${n}`);
    const running = tool.start(['batch', '-', '--dry-run'], { stdin: `${ids.join('\n')}\n`, keepsStdinOpen: true });
    await running.until(({ out }) => out.endsWith('call-2499\n'));
    running.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ exitCode: 143, out: `${ids.join('\n')}\n` });
  });

  it('stops after --limit recordings', async ({ tool, sandbox }) => {
    const run = await tool.run(['batch', '-', '--limit', '2', '--json'], { stdin: 'one\ntwo\nthree\nfour\n' });
    expect(run.exitCode).toBe(0);
    expect(summaryOf(run)).toMatchObject({ total: 2, saved: 2 });
    expect(sandbox.questions()).toBe(2);
  });

  it('fetches each recording once over all shards', async ({ tool, sandbox }) => {
    const ids = Array.from({ length: 12 }, (_, index) => `sandbox-size-1k-${index}`);
    const shards = ['1/3', '2/3', '3/3'];
    const runs = await Promise.all(
      shards.map((shard, index) => tool.run(['batch', '-', '-d', `calls-${index}`, '--shard', shard, '--json'], { stdin: ids.join('\n') })),
    );
    expect(runs.map((run) => run.exitCode)).toEqual([0, 0, 0]);
    expect(
      runs
        .flatMap((run) =>
          run
            .json()
            .slice(0, -1)
            .map((line) => line.id),
        )
        .sort(),
    ).toEqual([...ids].sort());
    expect(sandbox.questions()).toBe(12);
  });

  it('ends with 10 where another run is at work in the folder', async ({ tool, sandbox }) => {
    const first = tool.start(['batch', '-', '-q'], { stdin: 'sandbox-stalled\n' });
    await eventually(() => expect(tool.files().some((file) => file.endsWith('.part'))).toBe(true), 20);
    const asked = sandbox.requests();
    const second = await tool.run(['batch', '-', '--json'], { stdin: 'one\n' });
    expect(second.exitCode).toBe(10);
    expect(second.json()).toEqual([{ id: null, status: 'failed', error: expect.objectContaining({ code: 'LOCKED' }) }]);
    expect(second.errLines).toEqual([expect.stringMatching(/^error: Another run/), expect.stringMatching(/^hint: .*--dir/)]);
    expect(sandbox.requests()).toBe(asked);
    first.kill('SIGTERM');
    expect((await first.ended).exitCode).toBe(143);

    expect((await tool.run(['batch', '-', '-q'], { stdin: 'one\n' })).exitCode).toBe(0);
  });

  it('replaces nothing that nobody recorded', async ({ tool, sandbox }) => {
    await tool.write('recordings/one.wav', 'mine');
    const run = await tool.run(['batch', '-'], { stdin: 'one\n' });
    expect(run.exitCode).toBe(0);
    expect(String(await tool.read('recordings/one.wav'))).toBe('mine');
    expect((await tool.read(run.lines[0] ?? '')).equals(sandbox.bytes('one'))).toBe(true);
  });

  it('keeps two ids apart that differ in letter case alone', async ({ tool, sandbox }) => {
    const run = await tool.run(['batch', '-', '--json', '-c', '1'], { stdin: 'sandbox-mp3-Ab\nsandbox-mp3-aB\n' });
    const files = run
      .json()
      .slice(0, -1)
      .map((line) => String(line.file));
    expect(new Set(files.map((file) => file.toLowerCase())).size).toBe(2);
    expect((await tool.read(files[0] ?? '')).equals(sandbox.bytes('sandbox-mp3-Ab'))).toBe(true);
    expect((await tool.read(files[1] ?? '')).equals(sandbox.bytes('sandbox-mp3-aB'))).toBe(true);
  });
});
