import { describe, expect } from 'vitest';
import { it } from '../helpers/tool-test.ts';
import { makeWorkbook } from '../helpers/workbook.ts';

const REPORT = ['Call ID;Recording ID;Caller', '1;one;"Doe; Jane"', '2;;Nobody', '3;two;"Two', 'lines"', '4;one;Again', ''].join('\r\n');

describe.concurrent('the list of a batch', () => {
  it.for([
    ['comments and blank lines', '# head\n\none\n  \n  # another\ntwo\n'],
    ['a byte order mark and CRLF', '\uFEFFone\r\ntwo\r\n'],
    ['outer blanks, and no line end behind the last row', '  one\t\n two'],
    ['repeated ids', 'one\ntwo\none\none\n'],
  ])('may hold %s', async ([, content], { tool, sandbox }) => {
    await tool.write('ids.txt', content ?? '');
    const run = await tool.run(['batch', 'ids.txt', '--json', '-q']);
    expect(run).toMatchObject({ exitCode: 0, err: '' });
    const duplicates = content?.includes('one\none') ? 2 : 0;
    expect(run.json().at(-1)?.summary).toMatchObject({ total: 2, saved: 2, duplicates, blank: 0 });
    expect(sandbox.questions()).toBe(2);
  });

  it('is read from standard input with -', async ({ tool, sandbox }) => {
    const run = await tool.run(['batch', '-', '--json', '-q'], { stdin: '\uFEFFone\r\n# no\r\ntwo' });
    expect(run.json().at(-1)?.summary).toMatchObject({ total: 2, saved: 2 });
    expect(sandbox.questions()).toBe(2);
  });

  it.for([
    ['nothing', ''],
    ['comments alone', '# none today\n\n'],
  ])('that holds %s is a usage error', async ([, stdin], { tool, sandbox }) => {
    const run = await tool.run(['batch', '-', '--json', '-q'], { stdin: stdin ?? '' });
    expect(run.exitCode).toBe(2);
    expect(run.errLines).toEqual([expect.stringMatching(/^error: standard input names no recordings/), expect.stringMatching(/^hint: /)]);
    expect(sandbox.requests()).toBe(0);
  });

  it('that is a report without recordings ends with 0, and a warning with -q too', async ({ tool, sandbox }) => {
    await tool.write('report.csv', 'Recording ID;Caller\r\n;+39\r\nNULL;+39\r\n');
    const run = await tool.run(['batch', 'report.csv', '--json', '-q']);
    expect(run.exitCode).toBe(0);
    expect(run.errLines).toEqual([expect.stringMatching(/report\.csv names no recordings/)]);
    expect(run.json()).toEqual([{ summary: expect.objectContaining({ total: 0, blank: 2 }) }]);
    expect(sandbox.requests()).toBe(0);
  });

  it('counts and tells what it passes over', async ({ tool, sandbox }) => {
    const rows = [
      'Call report;;',
      'Recording ID;Caller;Start',
      '1a;x;20/11/2026',
      '#gone;x;20/11/2026',
      'Recording ID;Caller;Start',
      'Total;1;',
    ];
    await tool.write('report.csv', rows.join('\r\n'));
    const run = await tool.run(['batch', 'report.csv', '--json']);
    expect(run.exitCode).toBe(0);
    expect(run.json().at(-1)?.summary).toMatchObject({ total: 1, saved: 1, passedOver: 3 });
    for (const told of [/header is on line 2/, /line 5 is passed over/, /line 6 is passed over/]) expect(run.err).toMatch(told);
    expect(sandbox.questions()).toBe(1);
  });

  it('is refused before anything is asked where one of its lines cannot be an id', async ({ tool, sandbox }) => {
    for (const line of ['these are the calls of Monday', 'https://h.example/rec/1.mp3', '1.23E+15', '#VALUE!', '{id}', 'x,y']) {
      await tool.write('ids.txt', `one\ntwo\nthree\n${line}\n`);
      const run = await tool.run(['batch', 'ids.txt']);
      expect(run.exitCode).toBe(2);
      expect(run.errLines[0]).toContain('ids.txt, line 4');
      expect(tool.files()).toEqual(['ids.txt']);
    }
    expect(sandbox.requests()).toBe(0);
  });

  it('may be a workbook, whose failed rows are a list that batch takes again', async ({ tool, sandbox: _ }) => {
    const rows = [
      ['Recording ID', 'Caller', 'Start'],
      ['one', 'Rossi, Anna', { v: 46346.5, s: 1 }],
      ['sandbox-flaky', 'Bruno', { v: 46345, s: 1 }],
    ];
    await tool.write(
      'report.xlsx',
      await makeWorkbook({
        formats: [22],
        sheets: [
          { name: 'Info', rows: [['x']] },
          { name: 'Calls', rows },
        ],
      }),
    );
    expect((await tool.run(['batch', 'report.xlsx', '--sheet', 'calls', '-q', '--retries', '0'])).exitCode).toBe(9);
    const manifest = await tool.readLines('recordings/manifest.jsonl');
    expect(manifest.find(({ id }) => id === 'one')).toMatchObject({
      row: { 'Recording ID': 'one', Caller: 'Rossi, Anna', Start: '2026-11-20T12:00:00' },
    });
    expect((await tool.run(['batch', 'recordings/failed.txt', '-q'])).exitCode).toBe(0);
    expect((await tool.run(['batch', 'report.xlsx', '--sheet', 'May'])).errLines[0]).toMatch(
      /no sheet "May"\. Its sheets: "Info", "Calls"/,
    );
  });

  it('may be JSON, from a file and through a pipe', async ({ tool, sandbox }) => {
    const answer = JSON.stringify({ code: 'R', data: [{ id: 'one', caller: { number: '+39' } }, { id: 'two' }] }, null, 2);
    await tool.write('calls.json', answer);
    expect((await tool.run(['batch', 'calls.json', '-q'])).exitCode).toBe(0);
    expect((await tool.run(['batch', '-', '--json', '-q'], { stdin: answer })).json().at(-1)?.summary).toMatchObject({ skipped: 2 });
    expect(
      (await tool.readLines('recordings/manifest.jsonl')).map(({ row }) => (row as Record<string, string>)['caller.number']).sort(),
    ).toEqual(['', '+39']);
    expect(sandbox.questions()).toBe(2);
  });

  it('is read on without rows that cannot be read with --skip-bad-rows, which lists them without a signature', async ({
    tool,
    sandbox: _,
  }) => {
    const signed = 'https://b.s3.amazonaws.com/a.mp3?X-Amz-Signature=0123456789abcdef0123456789abcdef';
    const report = (address: string) => `Recording ID,Address\none,x\ntwo,"${address}\nthree,x,y\nfour,x\n`;
    await tool.write('report.csv', report('x'));
    const refused = await tool.run(['batch', 'report.csv']);
    expect(refused.exitCode).toBe(2);
    expect(refused.errLines).toEqual([expect.stringContaining('line 3'), expect.stringContaining('--skip-bad-rows')]);
    const plan = await tool.run(['batch', 'report.csv', '--skip-bad-rows', '-n']);
    expect(plan.errLines.at(-1)).toBe('2 to fetch; 0 saved, 0 gone; passed over: 2 lines that name no recording.');
    const run = await tool.run(['batch', '-', '--skip-bad-rows', '-q', '--json'], { stdin: report(signed) });
    expect(run.exitCode).toBe(9);
    expect(run.err).toMatch(/line 3: a quote is opened and never closed.*line 4: the row has 3 fields.*bad-rows\.txt/s);
    expect(run.json().at(-1)?.summary).toMatchObject({ total: 2, saved: 2 });
    const bad = String(await tool.read('recordings/bad-rows.txt'));
    expect(bad).toContain('three,x,y');
    expect(bad).not.toContain('0123456789abcdef');
    expect((await tool.run(['verify', 'recordings', '--strict', '-q'])).exitCode).toBe(0);
  });

  it('may be a report, whose column headed Recording ID holds the ids', async ({ tool, sandbox }) => {
    await tool.write('report.csv', REPORT);
    const run = await tool.run(['batch', 'report.csv', '--json', '-q']);
    expect(run).toMatchObject({ exitCode: 0, err: '' });
    const lines = run.json();
    expect(
      lines
        .slice(0, -1)
        .map((line) => line.id)
        .sort(),
    ).toEqual(['one', 'two']);
    expect(lines.at(-1)?.summary).toMatchObject({ total: 2, saved: 2, duplicates: 1, blank: 1 });
    expect(sandbox.questions()).toBe(2);
  });

  it('may be a report in UTF-16 with tabs, as spreadsheets save it', async ({ tool, sandbox: _ }) => {
    await tool.write('report.txt', Buffer.from('\uFEFFcaller\trecording_id\r\nJané\tone\r\n', 'utf16le'));
    const run = await tool.run(['batch', 'report.txt', '--json', '-q']);
    expect(run.exitCode).toBe(0);
    expect(run.json()[0]).toMatchObject({ id: 'one', status: 'saved' });
  });

  it('may name its column with --column', async ({ tool, sandbox: _ }) => {
    await tool.write('report.csv', 'Call,File\n1,one\n');
    const run = await tool.run(['batch', 'report.csv', '--column', 'file', '--json', '-q']);
    expect(run.exitCode).toBe(0);
    expect(run.json()[0]).toMatchObject({ id: 'one', status: 'saved' });
  });

  it.for([
    ['no column', 'Call,File\n1,one\n', ['--column', 'Nothing'], ['"Call"', '"File"']],
    ['several columns', 'Recording ID,recording_id,Caller\none,two,x\n', [], ['"Recording ID"', '"recording_id"', '"Caller"']],
  ] as const)('with %s for the id is a usage error that lists the headers', async ([, content, flags, headers], { tool, sandbox }) => {
    await tool.write('report.csv', content);
    const run = await tool.run(['batch', 'report.csv', ...flags]);
    expect(run.exitCode).toBe(2);
    expect(run.errLines).toEqual([expect.stringMatching(/^error: /), expect.stringMatching(/^hint: .*--column/)]);
    for (const header of headers) expect(run.errLines[0]).toContain(header);
    expect(tool.files()).toEqual(['report.csv']);
    expect(sandbox.requests()).toBe(0);
  });

  it('is refused whole where a row of a report is malformed, naming its line, before anything is fetched', async ({ tool, sandbox }) => {
    await tool.write('report.csv', 'Recording ID,Caller\none,x\ntwo,"never closed\n');
    const run = await tool.run(['batch', 'report.csv']);
    expect(run.exitCode).toBe(2);
    expect(run.err).toMatch(/^error: report\.csv, line 3/);
    expect(tool.files()).toEqual(['report.csv']);
    expect(sandbox.requests()).toBe(0);
  });

  it('keeps the rows of a report that are worth another run as they came, under its header', async ({ tool, sandbox: _ }) => {
    await tool.write('report.csv', 'Caller;Recording ID\r\n"Doe; Jane";sandbox-flaky\r\nx;one\r\n');
    expect((await tool.run(['batch', 'report.csv', '-q', '--retries', '0'])).exitCode).toBe(9);
    expect(String(await tool.read('recordings/failed.txt'))).toBe('Caller;Recording ID\n"Doe; Jane";sandbox-flaky\n');
    expect((await tool.run(['batch', 'recordings/failed.txt', '-q'])).exitCode).toBe(0);
  });
});

describe.concurrent('the rows that are wanted', () => {
  const ROWS =
    'Recording ID,Call Date,Call Time,Status\na,19/11/2026,23:59,answered\nb,20/11/2026,09:15,missed\nc,20/11/2026,9:30 p.m.,Answered\n';

  it('are those of the flags, in a run as in its dry run, and nobody asks for the others', async ({ tool, sandbox }) => {
    await tool.write('report.csv', ROWS);
    const flags = [
      '--since',
      '2026-11-20',
      '--until',
      '2026-11-20T23:00',
      '--where',
      'Status=ans*',
      '--name',
      '{Call Date:yyyyMMdd-HHmm}',
      '--json',
    ];
    const plan = await tool.run(['batch', 'report.csv', ...flags, '-n']);
    expect(plan.json()).toEqual([{ id: 'c', status: 'planned', file: '20261120-2130.{ext}' }]);
    expect(sandbox.requests()).toBe(0);
    const run = await tool.run(['batch', 'report.csv', ...flags, '-q']);
    expect(run.exitCode).toBe(0);
    expect(run.json().at(-1)?.summary).toMatchObject({ total: 1, saved: 1 });
    expect(sandbox.questions()).toBe(1);
  });

  it('are told what is not known of them, also at the end of a pipe', async ({ tool, sandbox: _ }) => {
    const run = await tool.run(['batch', '-', '--since', '2026-11-20', '-n'], { stdin: `${ROWS}d,?,,x\n` });
    expect(run.lines).toEqual(['b', 'c']);
    expect(run.errLines.at(-2)).toBe(
      '1 of 4 rows has no date in column "Call Date" that can be read, for example "?" on line 5. They are left out; --undated keeps them.',
    );
  });

  it.for([
    [['--since', 'soon'], '--since "soon" is not a date.'],
    [['--where', 'Status'], '--where "Status" is not a condition.'],
    [['--where', 'Nobody=x'], 'The report has no column "Nobody".'],
    [['--time-zone', 'Milan'], '--time-zone "Milan" is not a time zone.'],
  ] as const)('with %j are a usage error that names the flag', async ([flags, message], { tool, sandbox }) => {
    await tool.write('report.csv', ROWS);
    const run = await tool.run(['batch', 'report.csv', ...flags]);
    expect(run.exitCode).toBe(2);
    expect(run.errLines[0]).toContain(message);
    expect(sandbox.requests()).toBe(0);
    expect(tool.files()).toEqual(['report.csv']);
  });
});
