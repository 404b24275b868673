import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseNameTemplate } from '../../src/archive/name-template.ts';
import { type CredentialCheck, runAuthStatus } from '../../src/commands/auth-status.ts';
import { EXIT_CODES, EXIT_DONE, EXIT_HUNG_UP, EXIT_INCOMPLETE, EXIT_TERMINATED, type RecordingError } from '../../src/errors.ts';
import { ColumnReader } from '../../src/list/dates/column-reader.ts';
import { dateColumnByHeader } from '../../src/list/dates/find-columns.ts';
import { formatReportDate } from '../../src/list/dates/report-date.ts';
import { ReportDates } from '../../src/list/dates/report-dates.ts';
import { idColumns } from '../../src/list/id-column.ts';
import { UTC } from '../../src/list/time-zone.ts';
import { served } from '../commands/served.ts';
import { testContext, testSystem } from '../helpers/test-system.ts';
import { everyDocument, readDocument } from './documents.ts';
import { blocksOf, blockWith, commandsIn, inlineCode, session, shownCommands, tableBelow } from './markdown.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [reports, archive, automation, scale] = ['reports', 'archive', 'automation', 'scale'].map((page) =>
  readDocument(`docs/${page}.md`),
) as [string, string, string, string];

/** The session in which the README archives a report: the report, the run, and the files that it leaves. */
const [report, run, found] = session(blockWith(reports, '$ cat report.csv'));
const headers = report?.seen.split('\n', 1)[0]?.split(';') ?? [];

describe('the report of the README', () => {
  test('ends as it shows', async () => {
    const tool = await served();
    const source = await tool.write('report.csv', report?.seen ?? '');
    const [words = []] = commandsIn(run?.command ?? '');
    const argv = words.map((word) => (word === 'report.csv' ? source : word === 'calls' ? tool.path('calls') : word));
    // One after the other: of two calls with one name, the one that is there first gets it.
    const { exitCode, err } = await tool.run([...argv, '--concurrency', '1'], { now: Date.UTC(2026, 10, 23, 19) });

    expect(exitCode).toBe(EXIT_INCOMPLETE);
    // A terminal breaks the lines, and no run takes as long as another.
    const plain = (text: string) => text.replaceAll('\n', '').replace(/ in (?:\d+\.\d s|\d+ ms)/, '');
    expect(plain(err.replaceAll(tool.path('calls'), 'calls'))).toBe(plain(run?.seen ?? ''));
    const folders = await Promise.all(
      ['2026-05', '2026-11'].map(async (month) => (await tool.files(join('calls', month))).map((file) => `calls/${month}/${file}`)),
    );
    expect([...folders.flat(), 'calls/manifest.jsonl']).toEqual(found?.seen.trimEnd().split('\n'));
  });

  test('leaves a manifest of the fields that are told, in their order', async () => {
    const tool = await served();
    const list = await tool.write('report.csv', report?.seen ?? '');
    await tool.run(['batch', list, '-d', tool.path('calls')]);
    const lines = (await tool.read('calls/manifest.jsonl')).trimEnd().split('\n');
    const told = tableBelow(archive, '## The manifest').map(([field = '']) => field.replaceAll('`', ''));
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(Object.keys(JSON.parse(line))).toEqual(told);
    const shown = JSON.parse(blockWith(archive, '"status":"saved","file"'));
    expect(Object.keys(shown)).toEqual(told);
    expect(Object.keys(shown.row)).toEqual(headers);
  });

  test('fits every template that is shown', () => {
    const templates = shownCommands(everyDocument).flatMap(({ words }) =>
      words.includes('--name') ? [words[words.indexOf('--name') + 1] ?? ''] : [],
    );
    expect(templates.length).toBeGreaterThan(2);
    for (const template of templates) {
      // A header that is not there throws.
      expect(parseNameTemplate(template, headers).fill({ id: 'a', columns: [] }, 'mp3').at(-1), template).toMatch(/\.mp3$/);
    }
  });
});

const NO_COLUMNS = { date: undefined, time: undefined };

test('the names of files are made as the README says', () => {
  const name = (template: string) =>
    parseNameTemplate(template, headers)
      .fill({ id: 'a', columns: ['a', '+39/02', '20/11/2026 09:15:00', ''] }, 'wav', new ReportDates(new Map(), NO_COLUMNS, UTC))
      .join('/');
  const cells = tableBelow(reports, '## File names').map(([shown = '']) => shown);
  expect(cells).toHaveLength(6);
  expect(name('{id}.{ext}')).toBe('a.wav');
  expect(name('{id}')).toBe('a.wav');
  expect(name('{CALLER}/{start_time:yyyy-MM-dd}')).toBe('+39%2F02/2026-11-20.wav');
  expect(name('{{{id}}}')).toBe('{a}.wav');
  expect(name('{Duration}')).toBe('_.wav');
});

test('the tokens of a date are those that the README names', () => {
  const [, row] = tableBelow(reports, '## File names').filter(([shown = '']) => shown.includes('Any Header'));
  const tokens = inlineCode(row?.[1] ?? '');
  expect(tokens).toEqual(['yyyy', 'MM', 'dd', 'HH', 'mm', 'ss']);
  const date = { year: 2026, month: 5, day: 14, hour: 10, minute: 22, second: 33 };
  expect(tokens.map((token) => formatReportDate(date, token))).toEqual(['2026', '05', '14', '10', '22', '33']);
});

test.each(
  tableBelow(reports, '## Dates').flatMap(([form = '', note = '']) => [
    ...inlineCode(form),
    ...inlineCode(note).filter((code) => /\d{4}/.test(code)),
  ]),
)('%s is read as a date, as the README says', (text) => {
  expect(new ColumnReader({ orders: new Map(), serials: true }).date(text)).toMatchObject({ year: 2026, month: 5, day: 14 });
});

test('columns headed as the README says are found', () => {
  const section = reports.split('## Dates\n')[1]?.split('\n#')[0] ?? '';
  const [sentence = ''] = /else from one headed like [^.]*\./.exec(section) ?? [];
  const names = inlineCode(sentence);
  expect(names.length).toBeGreaterThan(3);
  for (const name of names) {
    expect(dateColumnByHeader({ headers: ['Recording ID', name], idColumn: 0, raw: '', delimiter: ';' }), name).toBe(1);
  }
  expect(idColumns(['Caller', 'recording_id'], undefined)).toEqual([1]);
});

test('the checks of `auth status` are those of the README, each with its exit code', async () => {
  const rows = tableBelow(automation, '## Profiles').map(([outcome = '', , code]) => [outcome.replaceAll('`', ''), Number(code)] as const);
  const every: Record<CredentialCheck['outcome'], true> = { fine: true, rejected: true, forbidden: true, unreachable: true };
  expect(rows.map(([outcome]) => outcome)).toEqual(Object.keys(every));
  const system = testSystem({ env: { KALEYRA_SID: 'HX1', KALEYRA_API_KEY: 'A1', KALEYRA_REC_CONFIG_DIR: '/nowhere/kaleyra-rec' } });
  for (const [outcome, code] of rows) {
    const check = async () => ({ outcome: outcome as CredentialCheck['outcome'], message: 'So it is.' });
    const ended = await runAuthStatus({ check: true }, testContext(system), check).catch((error: RecordingError) => error.exitCode);
    expect(ended, outcome).toBe(code);
  }
});

test('there is help for every exit code but that of success', () => {
  const codes = tableBelow(readDocument('docs/troubleshooting.md'), '# Troubleshooting').flatMap(([cell = '']) =>
    cell.split(', ').map(Number),
  );
  const all = new Set<number>([EXIT_HUNG_UP, EXIT_INCOMPLETE, EXIT_TERMINATED, ...Object.values(EXIT_CODES)]);
  expect(all).not.toContain(EXIT_DONE);
  expect(codes).toEqual([...all].sort((one, other) => one - other));
});

describe('arrays of jobs', () => {
  test('are told apart by the variables that the README names', () => {
    const names = (text: string) => new Set(text.match(/\b(?:JOB_COMPLETION|AWS_BATCH|SLURM)[A-Z_]*[A-Z]\b/g));
    const shown = tableBelow(scale, '## On several machines').flat().join(' ');
    expect([...names(shown)].sort()).toEqual([...names(readFileSync(join(root, 'src/batch/shard.ts'), 'utf8'))].sort());
  });

  test('have as many shares in Kubernetes as pods', () => {
    const job = blockWith(scale, 'completionMode: Indexed');
    const [, completions] = /^ {2}completions: (\d+)$/m.exec(job) ?? [];
    const [, told] = /name: JOB_COMPLETIONS.*\n +value: '(\d+)'$/m.exec(job) ?? [];
    expect(completions).toMatch(/\d/);
    expect(told).toBe(completions);
  });

  test('have on AWS Batch a command that is one', () => {
    const job = JSON.parse(blockWith(scale, '"arrayProperties"'));
    const [, , script = ''] = job.containerOverrides.command;
    expect(commandsIn(script)).toEqual([['batch', '/tmp/report.csv', '-d', 's3://my-bucket/calls', '--shard', 'auto']]);
    expect(JSON.parse(blockWith(scale, '"jobDefinitionName"')).jobDefinitionName).toBe(job.jobDefinition);
  });

  test('are tried again after every exit code but those that no other try mends', () => {
    const job = blockWith(scale, 'completionMode: Indexed');
    const [, codes = ''] = /action: FailJob.*\n +onExitCodes:\n +operator: In\n +values: \[(.*)\]$/m.exec(job) ?? [];
    const final = [EXIT_CODES.USAGE, EXIT_CODES.CREDENTIALS_REJECTED];
    expect(codes.split(', ').map(Number)).toEqual(final);
    const { evaluateOnExit } = JSON.parse(blockWith(scale, '"jobDefinitionName"')).retryStrategy;
    expect(evaluateOnExit).toEqual(final.map((code) => ({ onExitCode: `${code}`, action: 'EXIT' })));
    const told = tableBelow(scale, '## Kubernetes').map(([code]) => code);
    expect(told).toEqual([final.join(', '), EXIT_CODES.BUCKET, EXIT_INCOMPLETE, EXIT_CODES.LOCKED, EXIT_TERMINATED].map(String));
  });
});

test("the image of the page is Node's slim one, runs the tool as nobody of rights, and holds no secret", () => {
  const lines = blockWith(scale, 'FROM ').trimEnd().split('\n');
  const { engines, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const [, node = ''] = /^FROM node:(\d+)-slim$/.exec(lines[0] ?? '') ?? [];
  expect(Number(node)).toBeGreaterThanOrEqual(Number.parseInt(engines.node.replace('>=', ''), 10));
  expect(lines.slice(1).map((line) => line.split(' ', 1)[0])).toEqual(['COPY', 'RUN', 'USER']);
  expect(lines[1]).toBe(`COPY kaleyra-rec-${version}.tgz /tmp/`);
  // By its number, as Kubernetes cannot tell of a name whether it is root.
  expect(lines.at(-1)).toMatch(/^USER [1-9]\d*$/);
  expect(blockWith(scale, 'completionMode: Indexed')).toContain('runAsNonRoot: true');
  expect(scale).not.toMatch(/A[0-9a-f]{32}|AKIA[0-9A-Z]{16}/);
});

test('what the README shows as JSON is JSON', () => {
  const blocks = blocksOf(everyDocument).filter(({ language }) => language === 'json');
  expect(blocks.length).toBeGreaterThan(2);
  for (const { text } of blocks) expect(() => JSON.parse(text), text).not.toThrow();
});

test('every script of the README says which file it is, or what it is for', () => {
  const scripts = blocksOf(everyDocument).filter(({ text }) => text.startsWith('#!'));
  expect(scripts).toHaveLength(5);
  for (const { text } of scripts) expect(text).toMatch(/^#!\/bin\/sh\n#(?: \S+\.sh\b.*: |SBATCH )/);
});
