import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { inShard } from '../../src/batch/shard.ts';
import { runAlone, served } from './served.ts';

const ids = (count: number) => Array.from({ length: count }, (_, n) => `id-${n}`);
const lines = (...rows: string[]) => rows.map((row) => `${row}\n`).join('');

describe('batch', () => {
  it('saves every recording of a list, prints the paths, and sums up on standard error', async () => {
    const tool = await served();
    const list = await tool.write('ids.txt', lines('# today', 'sandbox-mp3', '', 'sandbox-wav', 'sandbox-mp3'));
    const ran = await tool.run(['batch', list, '-d', tool.path('calls')]);
    expect(ran.exitCode).toBe(0);
    expect(ran.lines.sort()).toEqual([tool.path('calls', 'sandbox-mp3.mp3'), tool.path('calls', 'sandbox-wav.wav')]);
    expect(ran.errLines).toEqual([
      expect.stringMatching(/^2 recordings in /),
      expect.stringMatching(/^ {2}2 {2}saved {2}\d/),
      'Passed over: 1 repeated id, 2 lines that name no recording.',
      `Archive: ${tool.path('calls')}`,
    ]);
    expect(await tool.files('calls')).toEqual(['manifest.jsonl', 'sandbox-mp3.mp3', 'sandbox-wav.wav']);
  });

  it('prints no paths on a terminal', async () => {
    const tool = await served();
    const list = await tool.write('ids.txt', lines('sandbox-mp3'));
    const { out, err } = await tool.run(['batch', list, '-d', tool.path('calls')], { tty: true });
    expect(out).toBe('');
    expect(err).toContain('1 recording in');
  });

  it('prints an object a recording with --json, and the summary last', async () => {
    const tool = await served();
    const list = await tool.write('ids.txt', lines('sandbox-mp3', 'sandbox-invalid', 'sandbox-down'));
    const { exitCode, json } = await tool.run(['batch', list, '-d', tool.path('calls'), '--json', '--retries', '0', '-q']);
    expect(exitCode).toBe(9);
    const told = json();
    expect(told.at(-1)).toEqual({
      summary: {
        ...{ total: 3, saved: 1, skipped: 0, gone: 0, failed: 2, notReached: 0 },
        ...{ duplicates: 0, blank: 0, passedOver: 0, filtered: 0 },
        ...{ bytes: expect.any(Number), durationMs: expect.any(Number) },
      },
    });
    expect(
      told
        .slice(0, -1)
        .map(({ id, status }) => `${id} ${status}`)
        .sort(),
    ).toEqual(['sandbox-down failed', 'sandbox-invalid failed', 'sandbox-mp3 saved']);
    const failed = (await tool.read('calls/failed.txt')).trimEnd().split('\n');
    expect(failed.sort()).toEqual(['sandbox-down', 'sandbox-invalid']);
  });

  it('tells with -q what failed or turned out gone alone, and ends with 9 then', async () => {
    const tool = await served();
    const list = await tool.write('ids.txt', lines('sandbox-expired'));
    const argv = ['batch', list, '-d', tool.path('calls'), '-q'];
    expect(await tool.run(argv)).toMatchObject({ exitCode: 9, out: '', errLines: [expect.stringMatching(/^gone sandbox-expired: /)] });
    // Known to be gone: counted, and no failure any more.
    expect(await tool.run(argv)).toMatchObject({ exitCode: 0, out: '', err: '' });
    expect((await tool.run([...argv, '--retry-gone'])).exitCode).toBe(9);
  });

  it('asks again for an id that is called invalid, for as many days as --recheck says or until the call is older', async () => {
    const tool = await served();
    const list = await tool.write(
      'calls.csv',
      lines('Recording ID,Start Time', 'sandbox-invalid-1,2026-01-01 09:00:00', 'sandbox-invalid-2,2025-12-20 09:00:00'),
    );
    const argv = ['batch', list, '-d', tool.path('calls'), '--json'];
    const ends = async (flags: string[] = [], now?: number) =>
      Object.fromEntries(
        (await tool.run([...argv, ...flags], now === undefined ? {} : { now })).json().map(({ id, status }) => [id, status]),
      );
    expect(await ends()).toMatchObject({ 'sandbox-invalid-1': 'failed', 'sandbox-invalid-2': 'gone' });
    expect(await tool.read('calls/failed.txt')).toBe(lines('Recording ID,Start Time', 'sandbox-invalid-1,2026-01-01 09:00:00'));
    expect(await ends(['--recheck', '30'], Date.UTC(2026, 0, 9))).toMatchObject({ 'sandbox-invalid-1': 'failed' });
    expect(await ends([], Date.UTC(2026, 0, 9))).toMatchObject({ 'sandbox-invalid-1': 'gone' });
    const asked = tool.requests.length;
    expect(await ends([], Date.UTC(2026, 0, 9))).toMatchObject({ 'sandbox-invalid-1': 'gone' });
    expect(tool.requests.length).toBe(asked);
    // Another account may know it.
    expect(await ends(['--sid', 'HXOTHER1IN'])).not.toMatchObject({ 'sandbox-invalid-1': 'gone' });
  });

  it('asks nothing a second time, and mends what is damaged', async () => {
    const tool = await served();
    const list = await tool.write('ids.txt', lines('sandbox-mp3', 'sandbox-wav'));
    const argv = ['batch', list, '-d', tool.path('calls'), '--json'];
    await tool.run(argv);
    const asked = tool.requests.length;
    expect((await tool.run(argv)).json().at(-1)).toMatchObject({ summary: { saved: 0, skipped: 2 } });
    expect((await tool.run([...argv, '--checksum'])).json().at(-1)).toMatchObject({ summary: { saved: 0, skipped: 2 } });
    expect(tool.requests.length).toBe(asked);
    await tool.write('calls/sandbox-mp3.mp3', 'short');
    expect((await tool.run(argv)).json().at(-1)).toMatchObject({ summary: { saved: 1, skipped: 1 } });
  });

  it('takes the list from standard input', async () => {
    const tool = await served();
    const { exitCode, json } = await tool.run(['batch', '-', '-d', tool.path('calls'), '--json'], { stdin: '\ufeffsandbox-mp3\r\n' });
    expect([exitCode, json().at(-1)]).toMatchObject([0, { summary: { total: 1, saved: 1 } }]);
  });

  it('takes its share of the list, and a scheduler’s word for which that is', async () => {
    const tool = await served();
    const list = await tool.write('ids.txt', lines(...ids(40)));
    const plan = async (shard: string, env = {}) => (await tool.run(['batch', list, '-n', '--shard', shard], { env })).lines;
    const first = await plan('1/3');
    expect(first).toEqual(ids(40).filter((id) => inShard(id, { index: 1, count: 3 })));
    expect([...first, ...(await plan('2/3')), ...(await plan('3/3'))].sort()).toEqual(ids(40).sort());
    expect(await plan('auto', { AWS_BATCH_JOB_ARRAY_INDEX: '0', AWS_BATCH_JOB_ARRAY_SIZE: '3' })).toEqual(first);
  });

  it('stops after as many as --limit says', async () => {
    const tool = await served();
    const list = await tool.write('ids.txt', lines('sandbox-mp3-1', 'sandbox-mp3-2', 'sandbox-mp3-3'));
    const argv = ['batch', list, '-d', tool.path('calls'), '--limit', '2'];
    expect((await tool.run(argv)).lines).toHaveLength(2);
    expect((await tool.run(argv)).lines).toHaveLength(1);
  });
});

describe('batch --dry-run', () => {
  it('prints the ids that would be fetched; asks nothing, writes nothing, needs no credentials', async () => {
    const tool = await served();
    const list = await tool.write('ids.txt', lines('b', 'a', 'b'));
    const env = { KALEYRA_SID: '', KALEYRA_API_KEY: '' };
    const argv = ['batch', list, '-n', '-d', tool.path('calls')];
    expect(await tool.run(argv, { env })).toMatchObject({
      exitCode: 0,
      lines: ['b', 'a'],
      errLines: ['2 to fetch; 0 saved, 0 gone; passed over: 1 repeated id.'],
    });
    expect((await tool.run([...argv, '--json'], { env })).json()).toEqual([
      { id: 'b', status: 'planned' },
      { id: 'a', status: 'planned' },
    ]);
    expect(tool.requests).toEqual([]);
    expect(await tool.files()).toEqual(['ids.txt']);
  });

  it('tells of damage in the manifest as a batch does, and plans what it said anew', async () => {
    const tool = await served();
    const list = await tool.write('ids.txt', lines('sandbox-mp3-1', 'sandbox-mp3-2'));
    const argv = ['batch', list, '-d', tool.path('calls'), '-c', '1'];
    await tool.run(argv);
    const manifest = await tool.write('calls/manifest.jsonl', (await tool.read('calls/manifest.jsonl')).replace('saved', 'raved'));
    const damaged = await tool.read('calls/manifest.jsonl');
    expect(await tool.run([...argv, '-n'])).toMatchObject({
      exitCode: 0,
      lines: ['sandbox-mp3-1'],
      errLines: [expect.stringContaining(`Line 1 of ${manifest} is damaged`), '1 to fetch; 1 saved, 0 gone.'],
    });
    expect(await tool.run([...argv, '-n', '-q'])).toMatchObject({ lines: ['sandbox-mp3-1'], errLines: [] });
    expect(await tool.read('calls/manifest.jsonl')).toBe(damaged);
  });
});

describe('a batch that ends before its time', () => {
  it('stops at once where the credentials are refused, with 3, and says how many rows it did not reach', async () => {
    const tool = await served();
    const list = await tool.write('ids.txt', lines(...ids(50)));
    const argv = ['batch', list, '-d', tool.path('calls'), '--json', '-c', '4'];
    const { exitCode, json, errLines } = await tool.run(argv, { env: { KALEYRA_API_KEY: 'Awrong' }, manualClock: true });
    expect(exitCode).toBe(3);
    expect(tool.requests.length).toBeLessThanOrEqual(4);
    const told = json();
    expect(told).toEqual([
      { id: null, status: 'failed', error: expect.objectContaining({ code: 'CREDENTIALS_REJECTED' }) },
      { summary: expect.objectContaining({ total: 50, saved: 0, failed: 0, notReached: 50 }) },
    ]);
    expect(errLines).toContain('Stopped: 0 saved, 50 not reached. Run the same command again.');
    expect(errLines.slice(-2)).toEqual([expect.stringMatching(/^error: .*refuses/), expect.stringMatching(/^hint: /)]);
    expect(await tool.files('calls')).toEqual([]);
  });

  it('does not wait for a pipe that has fallen silent', async () => {
    const tool = await served();
    const stdin = new Readable({ read() {} });
    stdin.push('sandbox-denied\n');
    const { exitCode, json, err } = await tool.run(['batch', '-', '-d', tool.path('calls'), '--json'], { stdin });
    expect(exitCode).toBe(3);
    expect(json().at(-1)).toMatchObject({ summary: { total: 1, notReached: 1 } });
    expect(err).toContain('The rest of the list was not read.');
    expect(stdin.destroyed).toBe(true);
  });

  it('records nothing of what a signal has cut, nor of what it did not come to, and counts them', async () => {
    const tool = await served();
    // More than is read at once.
    const rest = Array.from({ length: 2000 }, (_, n) => `${n}-${'x'.repeat(200)}`);
    const list = await tool.write('ids.txt', lines('sandbox-mp3', 'sandbox-silent', ...rest));
    const argv = ['batch', list, '-d', tool.path('calls'), '--json', '-c', '1'];
    const { system, ended } = tool.start(argv, { manualClock: true });
    while (!system.stdoutText.includes('"saved"')) await new Promise((resolve) => setImmediate(resolve));
    system.interrupt('SIGTERM');
    const { exitCode, json, errLines } = await ended;
    expect(exitCode).toBe(143);
    expect(json().at(-1)).toMatchObject({ summary: { total: 2002, saved: 1, failed: 0, notReached: 2001 } });
    expect(errLines).toContain('Stopped by SIGTERM: 1 saved, 2001 not reached. Run the same command again.');
    expect(errLines.filter((line) => /^(?:error|hint):/.test(line))).toEqual([]);
    expect(await tool.files('calls')).toEqual(['manifest.jsonl', 'sandbox-mp3.mp3']);
    expect((await tool.read('calls/manifest.jsonl')).split('\n')).toHaveLength(2);
  });

  it('tells of a signal with --quiet too, where no summary does', async () => {
    const tool = await served();
    const list = await tool.write('ids.txt', lines('a', 'sandbox-silent'));
    const { system, ended } = tool.start(['batch', list, '-d', tool.path('calls'), '-q'], { manualClock: true });
    while (tool.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    system.interrupt('SIGINT');
    expect((await ended).errLines).toEqual(['error: Stopped by SIGINT.', expect.stringMatching(/^hint: Run the same command again/)]);
  });

  it('can be stopped while it waits for the list', async () => {
    const tool = await served();
    const stdin = new Readable({ read() {} });
    const { system, ended } = tool.start(['batch', '-', '-d', tool.path('calls')], { stdin });
    await new Promise((resolve) => setImmediate(resolve));
    system.interrupt('SIGINT');
    expect((await ended).exitCode).toBe(130);
    expect(await tool.files()).toEqual([]);
  });

  it('that breaks in the list brings to its end what is under way, and tells the line', async () => {
    const tool = await served();
    // Standard input is read once: what is wrong with it shows when the rows before have begun.
    const stdin = Readable.from([Buffer.from(`Recording ID\nsandbox-mp3\n`), Buffer.from('a,b,c\n')]);
    const { exitCode, json } = await tool.run(['batch', '-', '-d', tool.path('calls'), '--json', '--column', 'Recording ID'], { stdin });
    expect(exitCode).toBe(2);
    const told = json();
    expect(told.at(-1)).toMatchObject({ summary: { total: 1, saved: 1 } });
    expect(told.at(-2)).toMatchObject({ id: null, error: { code: 'USAGE', message: expect.stringContaining('line 3') } });
  });

  it('ends at once with 10 where another run is at work in the folder', async () => {
    const tool = await served();
    const list = await tool.write('ids.txt', lines('sandbox-mp3', 'sandbox-silent'));
    const argv = ['batch', list, '-d', tool.path('calls'), '--json'];
    const first = tool.start(argv, { manualClock: true });
    while (!first.system.stdoutText.includes('"saved"')) await new Promise((resolve) => setImmediate(resolve));
    const { exitCode, json, errLines } = await tool.run(argv);
    expect(exitCode).toBe(10);
    expect(json()).toMatchObject([{ id: null, status: 'failed', error: { code: 'LOCKED', retryable: true } }]);
    expect(errLines).toHaveLength(2);
    first.system.interrupt('SIGINT');
    expect((await first.ended).exitCode).toBe(130);
  });
});

describe('a batch that cannot begin', () => {
  it.each<[string, string[], number, RegExp]>([
    ['a list that is not there', ['batch', '/nowhere/ids.txt'], 2, /There is no file \/nowhere\/ids\.txt/],
    ['a folder in place of a list', ['batch', '/'], 2, /is a folder/],
    ['an empty --dir', ['batch', '-', '-d', ''], 2, /--dir is empty/],
    ['a share that is none', ['batch', '-', '--shard', '4/3'], 2, /--shard/],
    ['a column of a list without one', ['batch', '-', '--column', 'Id'], 2, /./],
    ['no credentials', ['batch', '-'], 3, /No SID/],
  ])('for %s is told in two lines and in JSON', async (_what, argv, code, message) => {
    const { exitCode, errLines, json } = await runAlone([...argv, '--json'], { stdin: 'a\nb\n' });
    expect(exitCode).toBe(code);
    expect(errLines).toHaveLength(2);
    expect(errLines[0]).toMatch(message);
    expect(json()).toMatchObject([{ id: null, status: 'failed', error: { code: code === 2 ? 'USAGE' : 'CREDENTIALS_MISSING' } }]);
  });

  it('for a file in the place of the folder ends with 7, and names the flag', async () => {
    const tool = await served();
    const list = await tool.write('ids.txt', lines('a'));
    const { exitCode, errLines } = await tool.run(['batch', list, '-d', list]);
    expect(exitCode).toBe(7);
    expect(errLines[1]).toContain('--dir');
    expect(tool.requests).toEqual([]);
  });
});
