import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { it } from '../helpers/tool-test.ts';

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex');

/** What was typed, and what the first line of the error must tell of it. */
type Mistake = readonly [args: readonly string[], names: RegExp, hint: RegExp];

const MISTAKES: readonly Mistake[] = [
  // Commands and flags
  [['lnik', 'one'], /lnik/, /link/],
  [['link'], /argument 'id'/, /kaleyra-rec link --help/],
  [['verify', 'one', 'two'], /[Tt]oo many arguments/, /verify --help/],
  [['link', 'one', '--jsno'], /--jsno/, /--json/],
  [['link', 'one', '--api-key', 'A1'], /no flag for the API key/, /auth login/],
  [['auth', 'signin'], /signin/, /./],
  [['download', 'one', '--force', '--skip-existing'], /--force.*--skip-existing/, /./],
  [['download', 'one', '-o', ''], /--output/, /./],
  // Numbers
  [['link', 'one', '--validity', '0'], /--validity/, /./],
  [['link', 'one', '--validity', '1.5'], /--validity/, /./],
  [['link', 'one', '--timeout', 'soon'], /--timeout/, /./],
  [['link', 'one', '--retries', '-1'], /--retries/, /./],
  [['batch', 'ids.txt', '-c', '0'], /--concurrency/, /./],
  [['batch', 'ids.txt', '--rate', 'NaN'], /--rate/, /./],
  [['batch', 'ids.txt', '--limit', '1e3'], /--limit/, /./],
  [['batch', 'ids.txt', '--shard', '3/2'], /3\/2/, /--shard/],
  [['sandbox', '--port', '65536'], /65536.*--port/, /sandbox --help/],
  // Settings
  [['link', 'one', '--base-url', 'http://api.kaleyra.io/v1'], /--base-url.*plain http/, /https:/],
  [['link', 'one', '--base-url', 'ftp://127.0.0.1/v1'], /--base-url.*not https/, /https:/],
  [['link', 'one', '--base-url', 'api.kaleyra.io'], /--base-url/, /https:/],
  [['link', 'one', '--base-url', 'https://user:word@api.kaleyra.io'], /--base-url/, /./],
  [['link', 'one', '--region', 'mars'], /mars/, /./],
  [['link', 'one', '--sid', '../other'], /SID/, /./],
  [['link', ''], /empty/, /./],
  [['download', ''], /empty/, /./],
  // Lists
  [['batch', 'nowhere.txt'], /nowhere\.txt/, /./],
  [['batch', 'folder'], /folder/, /./],
  [['batch', 'picture.png'], /picture\.png/, /./],
  [['batch', 'workbook.xlsx'], /workbook\.xlsx/, /CSV/],
  [['batch', 'latin1.txt'], /latin1\.txt.*line 2/, /./],
  [['batch', 'page.html'], /page\.html/, /./],
  [['batch', 'control.txt'], /control\.txt.*line 2/, /./],
  [['batch', 'ids.txt', '--column', 'Recording ID'], /ids\.txt.*header/, /--column/],
];

describe.concurrent('bad input', () => {
  it.for(MISTAKES)('%j is a usage error: two lines, nothing asked, nothing written', async ([args, names, hint], { tool, sandbox }) => {
    await mkdir(tool.path('folder'));
    await tool.write('ids.txt', 'one\n');
    await tool.write('picture.png', PNG);
    await tool.write('workbook.xlsx', Buffer.from('504b0304140006000800000021', 'hex'));
    await tool.write('latin1.txt', Buffer.from('one\ncaf\xe9\n', 'latin1'));
    await tool.write('page.html', '<!DOCTYPE html>\n<title>Sign in</title>\n');
    await tool.write('control.txt', 'one\ntw\u0007o\n');
    const before = tool.files();
    const run = await tool.run(args);
    expect(run.exitCode).toBe(2);
    expect(run.out).toBe('');
    expect(run.errLines).toEqual([expect.stringMatching(/^error: /), expect.stringMatching(/^hint: /)]);
    expect(run.errLines[0]).toMatch(names);
    expect(run.errLines[1]).toMatch(hint);
    expect(run.err).not.toMatch(/\n +at |user:word/);
    expect(tool.files()).toEqual(before);
    expect(sandbox.requests()).toBe(0);
  });

  it('is told on stdout as well with --json', async ({ tool, sandbox: _ }) => {
    for (const args of [
      ['batch', 'nowhere.txt', '--json'],
      ['link', 'one', '--json', '--validity', 'x'],
      ['download', 'one', '--json', '--base-url', 'http://example.com'],
      ['download', 'one', '--json', '-o', '-'],
    ]) {
      const run = await tool.run(args, { printsSecrets: false });
      expect(run.exitCode).toBe(2);
      expect(run.json()).toEqual([
        {
          id: args[0] === 'download' ? 'one' : null,
          status: 'failed',
          error: { code: 'USAGE', message: expect.any(String), hint: expect.any(String), retryable: false },
        },
      ]);
      expect(run.errLines).toHaveLength(2);
    }
  });

  it('shows the help of a command on stdout, and the version alone', async ({ tool }) => {
    for (const command of ['link', 'download', 'batch', 'verify', 'auth', 'sandbox']) {
      const run = await tool.run([command, '--help'], { printsSecrets: false });
      expect(run).toMatchObject({ exitCode: 0, err: '' });
      expect(run.out).toContain(`Usage: kaleyra-rec ${command}`);
    }
    expect((await tool.run(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.for(['link', 'download', 'batch'])('%s without SID and key ends with 3 and says how to store them', async (command, { tool }) => {
    await tool.write('ids.txt', 'one\n');
    const run = await tool.run([command, 'ids.txt']);
    expect(run).toMatchObject({ exitCode: 3, out: '' });
    expect(run.errLines).toEqual([expect.stringMatching(/^error: /), expect.stringMatching(/^hint: .*kaleyra-rec auth login/)]);
    expect(tool.files()).toEqual(['ids.txt']);
  });

  it.for([
    ['no JSON', '{"profiles": {"default": '],
    ['no object', '[]'],
    ['no profile', '{"profiles": {"default": {"sid": 1}}}'],
  ])('a store that is %s is told, and left as it is', async ([, content = ''], { tool }) => {
    const folder = tool.env.KALEYRA_REC_CONFIG_DIR ?? '';
    await mkdir(folder);
    await writeFile(join(folder, 'config.json'), content, { mode: 0o600 });
    for (const args of [
      ['link', 'one'],
      ['auth', 'status'],
      ['auth', 'logout'],
      ['auth', 'login', '--sid', 'HX1'],
    ]) {
      const run = await tool.run(args, { stdin: 'A0123456789', printsSecrets: false });
      expect(run).toMatchObject({ exitCode: 2, out: '' });
      expect(run.errLines).toEqual([expect.stringMatching(/config\.json is damaged/), expect.stringMatching(/^hint: /)]);
    }
    expect(String(await tool.read('../config/config.json'))).toBe(content);
  });

  it.for(['../../x', '/etc/passwd', '..', 'a/../../b'])('the id %s stays in the folder of a batch', async (id, { tool, sandbox }) => {
    const run = await tool.run(['batch', '-', '-d', 'a/b'], { stdin: `${id}\n` });
    expect(run.exitCode).toBe(0);
    expect(run.lines).toEqual([expect.stringMatching(/^a\/b\/[^/]+$/)]);
    expect(tool.files()).toEqual(['a/b/manifest.jsonl', ...run.lines].sort());
    expect((await tool.read(run.lines[0] ?? '')).equals(sandbox.bytes(id))).toBe(true);
  });

  it('a list that goes bad half-way costs nothing of what came before, and ends with 2', async ({ tool, sandbox: _ }) => {
    const stdin = Buffer.concat([Buffer.from('one\ntwo\n'.padEnd(300_000, '# a comment\n')), Buffer.from('\nthr\u0000ee\nfour\n')]);
    const run = await tool.run(['batch', '-', '--json'], { stdin });
    expect(run.exitCode).toBe(2);
    expect((await tool.readLines('recordings/manifest.jsonl')).map(({ id, status }) => [id, status]).sort()).toEqual([
      ['one', 'saved'],
      ['two', 'saved'],
    ]);
    expect((await tool.run(['verify', 'recordings', '--strict', '-q'])).exitCode).toBe(0);
  });

  it.for([
    ['a file stands where the folder belongs', 'ids.txt', /ids\.txt/],
    ['the folder cannot be made', 'ids.txt/below', /ids\.txt/],
  ] as const)('a batch ends with 7 where %s', async ([, dir, names], { tool, sandbox }) => {
    await tool.write('ids.txt', 'one\n');
    const run = await tool.run(['batch', 'ids.txt', '-d', dir, '--json']);
    expect(run.exitCode).toBe(7);
    expect(run.errLines).toEqual([expect.stringMatching(names), expect.stringMatching(/^hint: /)]);
    expect(run.json()).toEqual([{ id: null, status: 'failed', error: expect.objectContaining({ code: 'FILE_SYSTEM' }) }]);
    expect(sandbox.requests()).toBe(0);
  });

  it('a folder under the name that a download was given ends it with 7', async ({ tool, sandbox: _ }) => {
    await tool.write('calls/sandbox-wav.wav/inside', 'mine');
    const run = await tool.run(['download', 'sandbox-wav', '-o', 'calls', '--force']);
    expect(run.exitCode).toBe(7);
    expect(run.errLines.slice(-2)).toEqual([expect.stringMatching(/^error: /), expect.stringMatching(/^hint: /)]);
    expect(tool.files()).toEqual(['calls/sandbox-wav.wav/inside']);
  });
});
