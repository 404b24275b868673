import { describe, expect } from 'vitest';
import type { JsonLine } from '../helpers/run-tool.ts';
import { it, type Tool } from '../helpers/tool-test.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** A day so many days ago, as `2026-05-14`. */
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);

const lines = (...rows: string[]) => rows.map((row) => `${row}\r\n`).join('');
const recordsOf = async (tool: Tool, dir = 'recordings') => (await tool.readLines(`${dir}/manifest.jsonl`)) as JsonLine[];
const recordingsIn = (tool: Tool, dir = 'recordings') =>
  tool.files().filter((file) => file.startsWith(`${dir}/`) && !file.endsWith('/manifest.jsonl') && !file.endsWith('/failed.txt'));

describe.concurrent('a report', () => {
  const HEADER = ['Call ID', 'Recording ID', 'Caller', 'Note'];
  const ROWS = [
    ['1', 'one', 'Doe; Jane, "J"', 'two\nlines'],
    ['2', '', 'nobody', ''],
    ['3', 'two', 'Jané', ''],
  ];
  const csv = (delimiter: string) =>
    [HEADER, ...ROWS].map((row) => `${row.map((field) => `"${field.replaceAll('"', '""')}"`).join(delimiter)}\r\n`).join('');

  it.for([
    ['commas', csv(','), 'utf8'],
    ['semicolons', csv(';'), 'utf8'],
    ['semicolons and a BOM', `\uFEFF${csv(';')}`, 'utf8'],
    ['tabs, in UTF-16', `\uFEFF${csv('\t')}`, 'utf16le'],
    ['sep= of Excel', `sep=;\r\n${csv(';')}`, 'utf8'],
  ] as const)('with %s is taken as it comes, and its rows go into the manifest', async ([, content, encoding], { tool, sandbox }) => {
    await tool.write('report.csv', Buffer.from(content, encoding));
    const run = await tool.run(['batch', 'report.csv', '--json', '-q']);
    expect(run).toMatchObject({ exitCode: 0, err: '' });
    expect(run.json().at(-1)?.summary).toMatchObject({ total: 2, saved: 2, blank: 1 });
    expect(sandbox.questions()).toBe(2);
    const rows = (await recordsOf(tool)).map(({ id, row }) => [id, row]).sort();
    expect(rows).toEqual([
      ['one', Object.fromEntries(HEADER.map((name, index) => [name, ROWS[0]?.[index]]))],
      ['two', Object.fromEntries(HEADER.map((name, index) => [name, ROWS[2]?.[index]]))],
    ]);
  });

  it.for([
    ['a quote never closed', 'Recording ID,Caller\none,x\n"two,y\n', 'line 3'],
    ['a row with too many fields', 'Recording ID,Caller\none,x\n\ntwo,y,z\n', 'line 4'],
    ['a quote in the middle', 'Recording ID,Caller\n"one\r\none",x\ntwo,a"b\n', 'line'],
  ] as const)('with %s is refused whole, with the line, before anything is fetched', async ([, content, line], { tool, sandbox }) => {
    await tool.write('report.csv', content);
    const run = await tool.run(['batch', 'report.csv', '--json']);
    expect(run.exitCode).toBe(2);
    expect(run.errLines).toHaveLength(2);
    expect(run.errLines[0]).toContain(line);
    expect(run.json()).toMatchObject([{ id: null, status: 'failed', error: { code: 'USAGE' } }]);
    expect(sandbox.requests()).toBe(0);
    expect(tool.files()).toEqual(['report.csv']);
  });

  it.for([
    ['report.xlsx', 'PK\x03\x04\x14\x00\x06\x00', /Excel workbook/],
    ['report.xls', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', /Excel workbook/],
    ['report.pdf', '%PDF-1.7\n%\xe2\xe3\xcf\xd3', /PDF document/],
    ['report.csv', '<!DOCTYPE html><title>Sign in</title>', /web page/],
  ] as const)('that is none (%s) is told what it is and what to do', async ([file, content, what], { tool, sandbox }) => {
    await tool.write(file, Buffer.from(content, 'latin1'));
    const run = await tool.run(['batch', file]);
    expect(run.exitCode).toBe(2);
    expect(run.errLines).toEqual([expect.stringMatching(what), expect.stringMatching(/^hint: .*CSV/)]);
    expect(sandbox.requests()).toBe(0);
    expect(tool.files()).toEqual([file]);
  });

  it('whose rows failed leaves a list of them that batch takes again', async ({ tool, sandbox: _ }) => {
    const rows = ['"Doe, Jane";sandbox-flaky;"a ""b"""', 'x;one;', '"two\r\nlines";sandbox-flaky-2;'];
    await tool.write('report.csv', lines('Caller;Recording ID;Note', ...rows));
    const argv = ['--name', '{Caller}', '--json', '-q', '--retries', '0', '-c', '1'];
    expect((await tool.run(['batch', 'report.csv', ...argv])).exitCode).toBe(9);
    expect(String(await tool.read('recordings/failed.txt'))).toBe(`Caller;Recording ID;Note\n${rows[0]}\n${rows[2]}\n`);
    const again = await tool.run(['batch', 'recordings/failed.txt', ...argv]);
    expect(again.exitCode).toBe(0);
    expect(again.json().at(-1)?.summary).toMatchObject({ total: 2, saved: 2 });
    expect(tool.files()).not.toContain('recordings/failed.txt');
    const last = new Map((await recordsOf(tool)).map((record) => [record.id, record]));
    expect(last.get('sandbox-flaky')).toMatchObject({ status: 'saved', row: { Caller: 'Doe, Jane', Note: 'a "b"' } });
    expect(last.get('sandbox-flaky-2')).toMatchObject({ status: 'saved', row: { Caller: 'two\r\nlines' } });
  });
});

describe.concurrent('--name', () => {
  it('makes folders and names from the columns, dates among them', async ({ tool, sandbox }) => {
    await tool.write(
      'report.csv',
      lines(
        'Recording ID,Caller,Start Time',
        'sandbox-mp3,+39 02/5,14/05/2026 10:22',
        'sandbox-wav,../../x,?',
        'sandbox-mp3-2,,25/12/2026 00:01',
      ),
    );
    const name = '{Start Time:yyyy/MM-dd}/{Caller} {ID}.{ext}';
    const run = await tool.run(['batch', 'report.csv', '--name', name]);
    expect(run.exitCode).toBe(0);
    const expected = [
      'recordings/2026/05-14/+39 02%2F5 sandbox-mp3.mp3',
      'recordings/2026/12-25/_ sandbox-mp3-2.mp3',
      'recordings/_/%2E.%2F..%2Fx sandbox-wav.wav',
    ];
    expect(recordingsIn(tool)).toEqual(expected);
    expect([...run.lines].sort()).toEqual(expected);
    expect((await tool.read(expected[0] ?? '')).equals(sandbox.bytes('sandbox-mp3'))).toBe(true);
    expect((await recordsOf(tool)).map(({ file }) => `recordings/${file}`).sort()).toEqual(expected);
    expect((await tool.run(['verify', 'recordings', '--strict'])).exitCode).toBe(0);
  });

  it.for([
    ['that are the same', ['Ann', 'Ann', 'Ann', 'Ann']],
    ['that differ in letter case alone', ['Ann', 'ANN', 'ann', 'aNn']],
  ] as const)('resolves names %s without loss, and finds all again', async ([, callers], { tool, sandbox }) => {
    const ids = callers.map((_, index) => `id${index}`);
    await tool.write('report.csv', lines('Recording ID,Caller', ...callers.map((caller, index) => `${ids[index]},${caller}`)));
    const argv = ['batch', 'report.csv', '--name', '{Caller}/call.{ext}', '--json', '-q'];
    expect((await tool.run(argv)).exitCode).toBe(0);
    const files = recordingsIn(tool);
    expect(new Set(files.map((file) => file.toLowerCase())).size).toBe(4);
    for (const { id, file } of await recordsOf(tool)) {
      expect((await tool.read(`recordings/${file}`)).equals(sandbox.bytes(id)), file).toBe(true);
    }
    const asked = sandbox.requests();
    expect((await tool.run(argv)).json().at(-1)?.summary).toMatchObject({ saved: 0, skipped: 4 });
    expect(sandbox.requests()).toBe(asked);
    expect(recordingsIn(tool)).toEqual(files);
    expect((await tool.run(['verify', 'recordings', '--strict'])).exitCode).toBe(0);
  });

  it('never names what the folder keeps for itself', async ({ tool, sandbox: _ }) => {
    const callers = ['manifest.jsonl', 'Failed.TXT', '.kaleyra-rec.lock', 'failed.txt.part', 'x.part'];
    await tool.write(
      'report.csv',
      lines('Recording ID,Caller', ...callers.map((caller, index) => `id${index},${caller}`), 'sandbox-down,x'),
    );
    const argv = ['batch', 'report.csv', '--name', '{Caller}/{id}', '-q', '--retries', '0', '-c', '1'];
    expect((await tool.run(argv)).exitCode).toBe(9);
    expect(recordingsIn(tool)).toHaveLength(5);
    expect(await recordsOf(tool)).toHaveLength(6);
    expect(String(await tool.read('recordings/failed.txt'))).toBe('Recording ID,Caller\nsandbox-down,x\n');
    expect((await tool.run(['verify', 'recordings', '--strict'])).exitCode).toBe(0);
  });

  it.for([
    ['{Nobody}/{id}', /no column "Nobody": the columns are "Recording ID", "Caller"/],
    ['../{id}', /empty segment, \. or \.\./],
    ['/tmp/{id}', /leads out of the folder/],
    ['{id', /stands alone/],
    ['{Caller:YYYY}', /no date in its pattern/],
  ] as const)('%s is refused before anything is fetched', async ([name, message], { tool, sandbox }) => {
    await tool.write('report.csv', lines('Recording ID,Caller', 'one,x'));
    const run = await tool.run(['batch', 'report.csv', '--name', name]);
    expect(run.exitCode).toBe(2);
    expect(run.errLines).toEqual([expect.stringMatching(message), expect.stringMatching(/^hint: ./)]);
    expect(sandbox.requests()).toBe(0);
    expect(tool.files()).toEqual(['report.csv']);
  });

  it('is planned by --dry-run, which asks nothing and writes nothing', async ({ tool, sandbox }) => {
    await tool.write('report.csv', lines('Recording ID,Caller,Date', 'b,Ann/Ben,2026-05-02', ',x,', 'a,,2026-05-01', 'b,again,2026-05-03'));
    const argv = ['batch', 'report.csv', '-n', '-q', '--name', '{Date:yyyy}/{Caller}-{id}'];
    const run = await tool.run([...argv, '--json']);
    expect(run).toMatchObject({ exitCode: 0, err: '' });
    expect(run.json()).toEqual([
      { id: 'a', status: 'planned', file: '2026/_-a.{ext}' },
      { id: 'b', status: 'planned', file: '2026/Ann%2FBen-b.{ext}' },
    ]);
    expect((await tool.run(argv)).lines).toEqual(['a', 'b']);
    expect(sandbox.requests()).toBe(0);
    expect(tool.files()).toEqual(['report.csv']);
  });
});

describe.concurrent('the share of a machine', () => {
  const ids = Array.from({ length: 40 }, (_, index) => `id-${index}`);

  it('and those of the others hold every row once, whatever their order', async ({ tool, sandbox }) => {
    await tool.write('report.csv', lines('Recording ID,Caller', ...ids.map((id) => `${id},x`)));
    await tool.write('turned.csv', lines('Caller,Recording ID', ...ids.toReversed().map((id) => `x,${id}`)));
    const first = await tool.run(['batch', 'report.csv', '--shard', '1/2', '-d', 'one', '--json', '-q']);
    const second = await tool.run(['batch', 'turned.csv', '--shard', '2/2', '-d', 'two', '--json', '-q']);
    expect([first.exitCode, second.exitCode]).toEqual([0, 0]);
    const saved = [...first.json(), ...second.json()].flatMap(({ id }) => (id === undefined ? [] : [id]));
    expect(saved.sort()).toEqual([...ids].sort());
    expect(first.json().at(-1)?.summary.total).toBeGreaterThan(5);
    expect(second.json().at(-1)?.summary.total).toBeGreaterThan(5);
    expect(sandbox.questions()).toBe(40);
    const plan = await tool.run(['batch', 'turned.csv', '--shard', '1/2', '-d', 'other', '-n']);
    expect(plan.lines.toSorted()).toEqual(
      recordingsIn(tool, 'one')
        .map((file) => file.replace(/^one\/|\.\w+$/g, ''))
        .sort(),
    );
  });

  it('is taken from a Kubernetes Indexed Job with auto', async ({ tool }) => {
    await tool.write('ids.txt', `${ids.join('\n')}\n`);
    const plan = async (shard: string, env = {}) => (await tool.run(['batch', 'ids.txt', '-n', '--shard', shard], { env })).lines;
    const third = await plan('3/4');
    expect(third.length).toBeGreaterThan(0);
    expect(await plan('auto', { JOB_COMPLETION_INDEX: '2', JOB_COMPLETIONS: '4' })).toEqual(third);
  });

  it('stops after --limit, and goes on from there next time', async ({ tool, sandbox }) => {
    await tool.write('report.csv', lines('Recording ID,Caller', ...ids.slice(0, 5).map((id) => `${id},x`)));
    const argv = ['batch', 'report.csv', '--limit', '3', '--json', '-q', '-c', '1'];
    const saved = async () => (await tool.run(argv)).json().flatMap(({ id, status }) => (status === 'saved' ? [id] : []));
    expect(await saved()).toEqual(ids.slice(0, 3));
    expect(await saved()).toEqual(ids.slice(3, 5));
    expect(await saved()).toEqual([]);
    expect(sandbox.questions()).toBe(5);
  });
});

describe.concurrent('what is gone', () => {
  it('fails the run that finds it out, is counted by the next, and is asked for again with --retry-gone', async ({ tool, sandbox }) => {
    await tool.write('report.csv', lines('Recording ID,Caller', 'sandbox-expired,x', 'sandbox-invalid,y', 'one,z'));
    const argv = ['batch', 'report.csv', '--json', '-q', '--recheck', '0'];
    const first = await tool.run(argv);
    expect([first.exitCode, first.json().at(-1)?.summary]).toMatchObject([9, { saved: 1, gone: 2 }]);
    const asked = sandbox.requests();
    const second = await tool.run(argv);
    expect([second.exitCode, second.json().at(-1)?.summary]).toMatchObject([0, { skipped: 1, gone: 2 }]);
    expect(sandbox.requests()).toBe(asked);
    expect((await tool.run([...argv, '--retry-gone'])).exitCode).toBe(9);
    expect(sandbox.questions()).toBe(3 + 2);
    expect((await recordsOf(tool)).filter(({ status }) => status === 'gone').map(({ row }) => row.Caller)).toEqual(
      expect.arrayContaining(['x', 'y']),
    );
  });
});

describe.concurrent('the dates of a report', () => {
  const dated = () =>
    lines('Recording ID,Start Time,Answered', `new,${daysAgo(2)},a`, `leaving,${daysAgo(176)},b`, `past,${daysAgo(300)},c`, 'undated,,d');

  it('put the oldest first, and tell what leaves the service', async ({ tool, sandbox: _ }) => {
    await tool.write('report.csv', dated());
    const run = await tool.run(['batch', 'report.csv', '--json', '-c', '1']);
    expect(run.exitCode).toBe(0);
    expect(run.json().flatMap(({ id }) => id ?? [])).toEqual(['undated', 'past', 'leaving', 'new']);
    expect(run.errLines).toContain(
      '1 call will be more than 6 months old within 14 days. After that, the service no longer has the recording.',
    );
    expect(run.errLines).toContain('1 call is more than 6 months old, so the service may no longer have the recording.');
  });

  it('leave the order as it is with --order report, and tell the same in a dry run', async ({ tool }) => {
    await tool.write('report.csv', dated());
    const run = await tool.run(['batch', 'report.csv', '-n', '--order', 'report']);
    expect(run.lines).toEqual(['new', 'leaving', 'past', 'undated']);
    expect(run.errLines).toHaveLength(4);
    expect(run.errLines.at(-1)).toBe('4 to fetch; 0 saved, 0 gone.');
    expect((await tool.run(['batch', 'report.csv', '-n'])).lines).toEqual(['undated', 'past', 'leaving', 'new']);
    expect((await tool.run(['batch', 'report.csv', '-n', '-q'])).err).toBe('');
  });

  it('are in the column that --date-column names; one that is not there is a usage error', async ({ tool, sandbox }) => {
    await tool.write(
      'report.csv',
      lines('Recording ID,Start Time,Picked Up', `a,${daysAgo(9)},${daysAgo(3)}`, `b,${daysAgo(8)},${daysAgo(4)}`),
    );
    expect((await tool.run(['batch', 'report.csv', '-n', '--date-column', 'picked_up'])).lines).toEqual(['b', 'a']);
    for (const [source, stdin] of [
      ['report.csv', ''],
      ['-', 'Recording ID,Start Time\na,2026-05-01\n'],
      ['-', 'a\nb\n'],
    ] as const) {
      // Whoever writes into the pipe may keep it open: the run ends all the same.
      const run = await tool.run(['batch', source, '--date-column', 'When'], {
        stdin: `${stdin}${'#\n'.repeat(40_000)}`,
        keepsStdinOpen: true,
      });
      expect(run.exitCode).toBe(2);
      expect(run.errLines).toEqual([
        expect.stringMatching(/no column "When"|the column "When", but this is a list of ids/),
        expect.stringContaining('--date-column'),
      ]);
    }
    expect(sandbox.requests()).toBe(0);
    expect(tool.files()).toEqual(['report.csv']);
  });

  it('do not put a pipe in order, which is said', async ({ tool, sandbox: _ }) => {
    const run = await tool.run(['batch', '-', '--json', '-c', '1'], { stdin: dated() });
    expect(run.json().flatMap(({ id }) => id ?? [])).toEqual(['new', 'leaving', 'past', 'undated']);
    expect(run.errLines[0]).toBe('What comes through a pipe is worked through in its own order, not oldest first.');
  });
});
