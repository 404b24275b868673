import { existsSync, readFileSync, statSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openLog } from '../src/commands/open-log.ts';
import { interruptedError, RecordingError } from '../src/errors.ts';
import type { ReportEvent } from '../src/events.ts';
import { loggedService, loggedStore, shownAddress } from '../src/http/log.ts';
import { errorFields, type LogEntry, loggedEvents } from '../src/log.ts';
import { createRedactor } from '../src/redact.ts';
import { runAlone, served } from './commands/served.ts';
import { tempFolder } from './helpers/temp-folder.ts';
import { testSystem } from './helpers/test-system.ts';
import { recording } from './report/events.ts';

const KEY = 'A0123456789abcdef0123456789abcdef';
const SIGNATURE = '9f8e7d6c5b4a39281706f5e4d3c2b1a0';
const AT = '2026-01-02T03:04:05.000Z';
const network = new RecordingError('NETWORK', 'The connection broke.', { hint: 'Wait.', cause: new Error('read ECONNRESET') });

/** A log to a file and to lines, and what came of it. */
async function logging(file?: string) {
  const path = file ?? join(await tempFolder(), 'run.log');
  const lines: string[] = [];
  const redactor = createRedactor();
  redactor.addSecret(KEY);
  const log = openLog({ line: (line) => lines.push(line), file: path, redactor, clock: testSystem() });
  const written = () => readFileSync(path, 'utf8');
  return {
    log,
    lines,
    path,
    written,
    objects: () =>
      written()
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
  };
}

/** What is told to an entry function. */
function collected() {
  const entries: unknown[] = [];
  const entry: LogEntry = (event, fields) => entries.push({ event, ...fields });
  return { entries, entry };
}

describe('an entry', () => {
  it('is a line for people and an object for programs', async () => {
    const { log, lines, objects } = await logging();
    log.entry('request', {
      to: 'service',
      url: 'https://h/x',
      attempt: 1,
      status: 200,
      none: null,
      left: undefined,
      said: 'two words',
      empty: '',
    });
    log.close();
    expect(lines).toEqual([`${AT} request to=service url=https://h/x attempt=1 status=200 said="two words" empty=""`]);
    expect(objects()).toEqual([
      { at: AT, event: 'request', to: 'service', url: 'https://h/x', attempt: 1, status: 200, none: null, said: 'two words', empty: '' },
    ]);
  });

  it.each([
    ['a"b', '"a\\"b"'],
    ['a=b', '"a=b"'],
    ['a\nb', '"a\\nb"'],
    ['plain', 'plain'],
  ])('shows %j as one word of its line', async (value, shown) => {
    const { log, lines } = await logging();
    log.entry('e', { value });
    expect(lines).toEqual([`${AT} e value=${shown}`]);
  });

  it('holds no secret in the file', async () => {
    const { log, written } = await logging();
    log.entry('request', { url: `https://s3/x?X-Amz-Signature=${SIGNATURE}&a=1`, cause: `sent ${KEY}` });
    log.entry('setting', { name: 'HTTPS_PROXY', value: 'http://me:hunter2@proxy:3128' });
    expect(written()).toContain('X-Amz-Signature=***&a=***');
    expect(written()).toContain('http://me:***@proxy:3128');
    expect(written()).not.toMatch(new RegExp(`${KEY}|${SIGNATURE}|hunter2`));
  });

  it('is whole JSON whatever it says, and keeps what is no secret', async () => {
    const { log, objects } = await logging();
    log.entry('setting', { name: 'api-key', value: 'set', from: 'profile "x"' });
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        'api-key: "x',
        'Authorization: Basic a\\"',
        '://a:b@',
        `X-Amz-Signature=${SIGNATURE}`,
        '"password":"',
        `{"api-key":"${KEY}"}`,
      ),
    );
    const said = fc.sample(fc.dictionary(fc.constantFrom('a', 'b', 'message'), hostile), 200);
    for (const fields of said) log.entry('e', fields);
    const [first, ...others] = objects();
    expect(first).toEqual({ at: AT, event: 'setting', name: 'api-key', value: 'set', from: 'profile "x"' });
    expect(others.map((other) => Object.keys(other))).toEqual(said.map((fields) => ['at', 'event', ...Object.keys(fields)]));
    expect(JSON.stringify(others)).not.toContain(KEY);
  });
});

describe('the file of a log', () => {
  it('is for its owner alone, and added to', async () => {
    const first = await logging();
    first.log.entry('one', {});
    first.log.close();
    expect(statSync(first.path).mode & 0o777).toBe(0o600);
    const second = await logging(first.path);
    second.log.entry('two', {});
    expect(second.objects()).toMatchObject([{ event: 'one' }, { event: 'two' }]);
  });

  it('takes nothing once it is closed, however often', async () => {
    const { log, lines, written } = await logging();
    log.close();
    log.close();
    log.entry('late', {});
    expect(written()).toBe('');
    expect(lines).toHaveLength(1);
  });

  it.each([
    ['a folder', async (folder: string) => folder],
    ['a folder that is not there', async (folder: string) => join(folder, 'none', 'run.log')],
    [
      'a file in place of its folder',
      async (folder: string) => {
        await writeFile(join(folder, 'file'), '');
        return join(folder, 'file', 'run.log');
      },
    ],
  ])('cannot be %s', async (_what, place) => {
    const file = await place(await tempFolder());
    await expect(logging(file)).rejects.toMatchObject({
      code: 'FILE_SYSTEM',
      exitCode: 7,
      message: expect.stringContaining(`Cannot write the log ${file}: `),
    });
  });

  it.skipIf(!existsSync('/dev/full'))('that cannot grow any more ends quietly, and the lines go on', async () => {
    const { log, lines } = await logging('/dev/full');
    expect(() => log.entry('one', {})).not.toThrow();
    expect(() => log.entry('two', {})).not.toThrow();
    expect(lines).toHaveLength(2);
    log.close();
  });
});

describe('what happens', () => {
  it('goes on to its listener, with an entry for each retry, each end and each notice', () => {
    const { entries, entry } = collected();
    const told: ReportEvent[] = [];
    const rows = { total: 5, saved: 1, skipped: 1, gone: 1, failed: 2, notReached: 0 };
    const summary = { ...rows, duplicates: 0, blank: 0, passedOver: 0, filtered: 0, bytes: 9, durationMs: 8 };
    const events: ReportEvent[] = [
      { type: 'begun', total: 5, archive: 'calls' },
      { type: 'notice', message: 'Take heed.' },
      { type: 'started', id: 'a' },
      { type: 'progress', id: 'a', bytes: 1, totalBytes: 2 },
      { type: 'retrying', id: 'a', attempt: 2, delayMs: 1500.6, error: network },
      { type: 'saved', recording: recording({ id: 'a', file: 'calls/a.mp3' }) },
      { type: 'skipped', recording: recording({ id: 'b', file: 'calls/b.mp3' }) },
      { type: 'gone', id: 'c', error: new RecordingError('RECORDING_EXPIRED', 'Past.', { hint: '' }), asked: false },
      { type: 'failed', id: 'd', error: network, asked: true },
      { type: 'passed-over', why: 'blank' },
      { type: 'ended', summary, archive: 'calls', stopped: undefined },
    ];
    const onEvent = loggedEvents((event: ReportEvent) => told.push(event), { entry, close() {} });
    for (const event of events) onEvent(event);
    expect(told).toEqual(events);
    const broke = { code: 'NETWORK', message: 'The connection broke.', cause: 'read ECONNRESET' };
    expect(entries).toEqual([
      { event: 'notice', message: 'Take heed.' },
      { event: 'retry', id: 'a', attempt: 2, delayMs: 1501, ...broke },
      expect.objectContaining({ event: 'saved', id: 'a', file: 'calls/a.mp3', sha256: expect.any(String) }),
      { event: 'skipped', id: 'b', file: 'calls/b.mp3' },
      { event: 'gone', id: 'c', asked: false, code: 'RECORDING_EXPIRED', message: 'Past.' },
      { event: 'failed', id: 'd', asked: true, ...broke },
      { event: 'summary', ...summary },
    ]);
  });

  it('is not touched where there is no log', () => {
    const onEvent = () => {};
    expect(loggedEvents(onEvent, undefined)).toBe(onEvent);
  });

  it('names the cause of an error in the words of the system alone', () => {
    expect(errorFields(network)).toMatchObject({ cause: 'read ECONNRESET' });
    expect(errorFields(new RecordingError('TIMEOUT', 'x', { hint: '', cause: interruptedError('SIGINT') }))).toEqual({
      code: 'TIMEOUT',
      message: 'x',
    });
  });
});

describe('each request', () => {
  const url = new URL('https://h/v1/recordings?id=a');
  const address = shownAddress(url);

  it('to the service is told with its status, attempt and time', async () => {
    const { entries, entry } = collected();
    const clock = testSystem();
    const answer = { status: 429, contentType: undefined, location: undefined, retryAfter: undefined, body: '' };
    const answering = async () => {
      await clock.sleep(70);
      return answer;
    };
    const ask = loggedService(answering, entry, clock);
    expect(await ask({ method: 'POST', url, form: 'id=a', attempt: 3, signal: new AbortController().signal })).toBe(answer);
    expect(entries).toEqual([{ event: 'request', to: 'service', method: 'POST', address, attempt: 3, status: 429, ms: 70 }]);
  });

  it('to the store is told with its first byte, and an error in place of the status', async () => {
    const { entries, entry } = collected();
    const get = loggedStore(async () => Promise.reject(network), entry, testSystem());
    await expect(get(url, { from: 10, etag: '"e"' }, new AbortController().signal, 2)).rejects.toBe(network);
    expect(entries).toEqual([
      { event: 'request', to: 'store', method: 'GET', address, attempt: 2, fromByte: 10, ms: 0, ...errorFields(network) },
    ]);
  });
});

describe('shownAddress', () => {
  it.each([
    ['https://store.example/secret', 'https://store.example/…'],
    [
      'https://store.example:8443/secret?X-Amz-Date=secret&X-Amz-Signature=secret',
      'https://store.example:8443/…?X-Amz-Date=***&X-Amz-Signature=***',
    ],
    [
      'https://store.example/?sig=secret&token=secret&X-Goog-Signature=secret',
      'https://store.example/…?sig=***&token=***&X-Goog-Signature=***',
    ],
    ['https://store.example/?secret', 'https://store.example/…?***'],
    ['https://me:secret@store.example/?a%20secret=secret#secret', 'https://store.example/…?***'],
  ])('tells of %s no more than %s and a hash', (link, shown) => {
    const address = shownAddress(new URL(link));
    expect(address).toMatch(/ #[0-9a-f]{8}$/);
    expect(address.slice(0, -10)).toBe(shown);
  });

  it('has the same hash for the same address alone', () => {
    const [one, same, other] = ['https://h/a?b=1', 'https://h/a?b=1', 'https://h/a?b=2'].map((link) => shownAddress(new URL(link)));
    expect(one).toBe(same);
    expect(one).not.toBe(other);
  });
});

describe('--verbose and --log-file', () => {
  it('tell the same: versions, where each setting is from, each request, and how it ended', async () => {
    const tool = await served();
    const log = tool.path('run.log');
    const { err, exitCode } = await tool.run(['download', 'sandbox-mp3', '-o', tool.path('a.mp3'), '-v', '--log-file', log], {
      env: { no_proxy: '127.0.0.1' },
    });
    expect(exitCode).toBe(0);
    const objects = (await tool.read('run.log'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(objects).toMatchObject([
      {
        event: 'run',
        tool: expect.stringMatching(/^\d/),
        node: process.versions.node,
        platform: process.platform,
        command: expect.stringContaining('download sandbox-mp3'),
        'report-to': 'whoever gave you this tool',
      },
      { event: 'setting', name: 'sid', value: tool.sandbox.sid, from: 'KALEYRA_SID' },
      { event: 'setting', name: 'api-key', value: 'set', from: 'KALEYRA_API_KEY' },
      { event: 'setting', name: 'base-url', value: tool.sandbox.baseUrl, from: 'KALEYRA_BASE_URL' },
      { event: 'setting', name: 'profile' },
      { event: 'setting', name: 'NO_PROXY', value: '127.0.0.1', from: 'environment' },
      { event: 'request', to: 'service', method: 'POST', attempt: 1, status: 301 },
      {
        event: 'request',
        to: 'store',
        method: 'GET',
        status: 200,
        address: expect.stringMatching(
          /^http:\/\/127\.0\.0\.1:\d+\/…\?X-Amz-Algorithm=\*\*\*&.*X-Amz-Signature=\*\*\*&X-Amz-SignedHeaders=\*\*\* #[0-9a-f]{8}$/,
        ),
      },
      { event: 'saved', id: 'sandbox-mp3' },
    ]);
    for (const { at, event } of objects) expect(err).toContain(`${at} ${event} `);
    expect(err + JSON.stringify(objects)).not.toContain(tool.sandbox.apiKey);
  });

  it.each([
    ['link', ['link', 'sandbox-invalid']],
    ['link of several', ['link', 'sandbox-mp3', 'sandbox-invalid']],
    ['download', ['download', 'sandbox-invalid', '-o', 'x.mp3']],
    ['batch', ['batch', '-', '-d', 'DIR']],
  ])('end a %s that fails with why', async (_what, argv) => {
    const tool = await served();
    await tool.run([...argv.map((word) => word.replace('DIR', tool.path('calls'))), '--log-file', tool.path('run.log')], {
      stdin: 'sandbox-invalid\n',
    });
    const objects = (await tool.read('run.log'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(objects.filter(({ event }) => event === 'failed' || event === 'gone')).toMatchObject([
      { id: 'sandbox-invalid', code: 'RECORDING_NOT_FOUND' },
    ]);
  });

  it.each(['http://me:hunter2@proxy.test:3128', 'me:hunter2@proxy.test:3128', 'me:h@proxy.test:3128'])(
    'show the proxy %s without its password',
    async (proxy) => {
      const tool = await served();
      const { err } = await tool.run(['link', 'sandbox-mp3', '-v', '--log-file', tool.path('run.log')], { env: { https_proxy: proxy } });
      for (const text of [err, await tool.read('run.log')]) {
        expect(text).toContain('http://me:***@proxy.test:3128');
        expect(text).not.toMatch(/hunter2|:h@/);
      }
    },
  );

  it('let nothing steer the terminal', async () => {
    const tool = await served();
    const { err } = await tool.run(['link', 'x\u001b]0;owned\u0007\u202ey', '-v']);
    expect(err).toContain('x\\u001b]0;owned');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  it('end with 7 before anything is asked where the file cannot be written', async () => {
    const tool = await served();
    await tool.write('ids.txt', 'sandbox-mp3\n');
    for (const argv of [
      ['link', 'sandbox-mp3'],
      ['download', 'sandbox-mp3', '-o', tool.path('a.mp3')],
      ['batch', tool.path('ids.txt'), '-d', tool.path('calls')],
    ]) {
      const { exitCode, errLines, out } = await tool.run([...argv, '--log-file', tool.path('none', 'run.log')]);
      expect(exitCode).toBe(7);
      expect(errLines).toEqual([expect.stringMatching(/^error: Cannot write the log /), expect.stringMatching(/^hint: /)]);
      expect(out).toBe('');
    }
    expect(tool.requests).toEqual([]);
    expect(await tool.files()).toEqual(['ids.txt']);
  });

  it.skipIf(!existsSync('/dev/full'))('do not fail a run whose log finds the disk full', async () => {
    const tool = await served();
    expect((await tool.run(['download', 'sandbox-mp3', '-o', tool.path('a.mp3'), '--log-file', '/dev/full'])).exitCode).toBe(0);
  });

  it('ask for no log where there are no credentials to begin with', async () => {
    const file = join(await tempFolder(), 'run.log');
    expect((await runAlone(['link', 'x', '--log-file', file])).exitCode).toBe(3);
    expect(existsSync(file)).toBe(false);
  });

  it.skipIf(process.getuid?.() === 0)('end with 7 where the file belongs to somebody else', async () => {
    const tool = await served();
    await mkdir(tool.path('locked'));
    await chmod(tool.path('locked'), 0o500);
    expect((await tool.run(['link', 'x', '--log-file', tool.path('locked', 'run.log')])).exitCode).toBe(7);
  });
});
