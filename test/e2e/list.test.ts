import { describe, expect } from 'vitest';
import { toneWav, writeArchive } from '../helpers/archive.ts';
import { hasTerminals } from '../helpers/pseudo-terminal.ts';
import { it as base } from '../helpers/terminal-test.ts';

const tone = toneWav(63);
const CALLS = [
  { id: 'one', content: tone, row: { Caller: '+39 02 1', 'Start Time': '03/11/2026 09:15:00', Note: '=1+1' } },
  { id: 'two', content: tone, row: { Caller: '+44 20 2', 'Start Time': '20/11/2026 10:00:00', Note: 'a\tb\n"c"' } },
  { id: 'three', row: { Caller: '+39 02 3', 'Start Time': '01/12/2025 08:00:00', Note: '' } },
];

/** A folder `calls` with three recordings, one of which failed. */
const it = base.extend<{ calls: string }>({
  calls: async ({ tool }, use) => {
    await writeArchive(tool.path('calls'), CALLS);
    await use('calls');
  },
});

describe.concurrent('list', () => {
  it('prints a row for each recording, with tabs between its columns', async ({ tool, calls }) => {
    const before = tool.files();
    const run = await tool.run(['list', calls]);
    expect(run).toMatchObject({ exitCode: 0, err: '' });
    expect(run.lines).toEqual([
      'date\tid\tstatus\tsize\tlength\tfile\tCaller\tStart Time\tNote',
      `2026-11-03 09:15:00\tone\tsaved\t${tone.length}\t63\tone.wav\t+39 02 1\t03/11/2026 09:15:00\t=1+1`,
      `2026-11-20 10:00:00\ttwo\tsaved\t${tone.length}\t63\ttwo.wav\t+44 20 2\t20/11/2026 10:00:00\ta\\u0009b\\u000a"c"`,
      '2025-12-01 08:00:00\tthree\tfailed\t\t\t\t+39 02 3\t01/12/2025 08:00:00\t',
    ]);
    expect(tool.files()).toEqual(before);
  });

  it('says so where nothing matches, and how a part of a value is found', async ({ tool, calls }) => {
    const run = await tool.run(['list', calls, '--where', 'Caller=02']);
    expect([run.exitCode, run.err]).toEqual([0, expect.stringMatching(/^No recording matches\. .*Caller=\*1234\*/)]);
    expect((await tool.run(['list', calls, '--where', 'Caller=*02*'])).lines).toHaveLength(3);
    expect(await tool.run(['list', calls, '--status', 'gone', '-q', '--json'])).toMatchObject({ exitCode: 0, out: '', err: '' });
  });

  it('with --json prints an object a recording, its report under row', async ({ tool, calls }) => {
    const run = await tool.run(['list', calls, '--json', '--sort', '-date', '--status', 'saved', '--limit', '1']);
    expect(run.json()).toEqual([
      {
        date: '2026-11-20 10:00:00',
        id: 'two',
        status: 'saved',
        bytes: tone.length,
        seconds: 63,
        file: 'two.wav',
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        at: '2026-11-20T10:00:00.000Z',
        error: null,
        row: CALLS[1]?.row,
      },
    ]);
  });

  it('with --csv prints what no spreadsheet runs, with --excel behind a byte order mark', async ({ tool, calls }) => {
    const csv = await tool.run(['list', calls, '--csv', '--where', 'Caller=+39*', '--since', '2026-01-01']);
    expect(csv.lines).toEqual([
      'date,id,status,size,length,file,Caller,Start Time,Note',
      `2026-11-03 09:15:00,one,saved,${tone.length},63,one.wav,'+39 02 1,03/11/2026 09:15:00,'=1+1`,
    ]);
    const excel = await tool.run(['list', calls, '--excel']);
    expect(excel.out.startsWith('\ufeffdate,id')).toBe(true);
    expect(excel.out).toContain(',"a\tb\n""c"""\n');
  });

  it('prints the header alone where nothing is left', async ({ tool, calls }) => {
    const run = await tool.run(['list', calls, '--status', 'gone']);
    expect(run).toMatchObject({ exitCode: 0, lines: [expect.stringMatching(/^date\tid\t/)] });
  });

  it.for([
    [['list', 'calls', '--sort', 'Nobody'], 'Nobody'],
    [['list', 'calls', '--where', 'Nobody=1'], 'Nobody'],
    [['list', 'calls', '--status', 'lost'], 'lost'],
    [['list', 'calls', '--csv', '--json'], '--csv'],
    [['list', '.'], 'manifest.jsonl'],
    [['list', 'nowhere'], 'manifest.jsonl'],
  ] as const)('ends with 2 for %j', async ([args, named], { tool, calls: _ }) => {
    const run = await tool.run(args);
    expect(run.exitCode).toBe(2);
    expect(run.errLines).toEqual([expect.stringContaining(named), expect.stringMatching(/^hint: /)]);
  });

  it('tells of damaged lines, and lists the rest', async ({ tool, calls }) => {
    await tool.write('calls/manifest.jsonl', `nonsense\n{"id":1}\n${await tool.read('calls/manifest.jsonl')}`);
    const run = await tool.run(['list', calls]);
    expect(run).toMatchObject({ exitCode: 0, errLines: [expect.stringMatching(/^2 lines of .*manifest\.jsonl are damaged/)] });
    expect(run.lines).toHaveLength(4);
  });

  it('ends quietly where its reader has seen enough', async ({ tool }) => {
    await writeArchive(
      tool.path('many'),
      Array.from({ length: 20_000 }, (_, n) => ({ id: `call-${n}` })),
    );
    const run = await tool.shell('kaleyra-rec list many | head -2');
    expect(run.err).toBe('');
    expect(run.lines).toHaveLength(2);
  });

  it.skipIf(!hasTerminals)('shows the whole id on a terminal, and first the columns that say something new', async ({ tool, terminal }) => {
    const id = '17a3c58af0b10giu587==';
    const row = { 'Recording ID': id, 'Start Time': '03/11/2026 09:15:00', Agent: 'Asha Rao', Caller: '+39 02 123456' };
    await writeArchive(tool.path('calls'), [{ id, file: `${id}.wav`, content: tone, row }]);
    const run = terminal.start(['list', 'calls'], { columns: 80 });
    expect(await run.ended).toBe(0);
    const [head = '', line = '', told = ''] = run.text.trimEnd().split(/\r?\n/);
    expect(head).toMatch(/^date +id +status +size +length +Agent$/);
    expect(line).toContain(id);
    expect(told).toContain('4 columns not shown for want of room: Caller, file, Recording ID, Start Time.');
  });

  it.skipIf(!hasTerminals).for([80, 100, 40])(
    'draws a table on a terminal of %i columns',
    async (columns, { tool: _, calls, terminal }) => {
      const run = terminal.start(['list', calls, '-q'], { columns });
      expect(await run.ended).toBe(0);
      const lines = run.text.trimEnd().split(/\r?\n/);
      expect(lines).toHaveLength(4);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
      expect(lines[0]).toMatch(/^date +id +status/);
      if (columns > 40) expect(lines[1]).toMatch(/^2026-11-03 09:15:00 {2}one {4}saved {3}1\.0 MB {4}1:03 {2}\+39 02 1 {2}=1\+1/);
    },
  );
});
