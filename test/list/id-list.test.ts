import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { interruptedError } from '../../src/errors.ts';
import { openList, scanList } from '../../src/list/id-list.ts';
import { looksLikeJson } from '../../src/list/list-head.ts';
import { readId } from '../../src/list/recording-id.ts';
import { idsOf, readList, readWhole, streamOf } from './read-list.ts';

const usage = (message: RegExp, hint = /./) =>
  expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(message), hint: expect.stringMatching(hint) });

describe('a list of ids', () => {
  it('gives each id with its line and its row as it came', async () => {
    expect(await readList('# monday\n\n  1abc/+==\t\n2def==\n  # tuesday\n')).toMatchObject({
      header: undefined,
      passedOver: 3,
      rows: [
        { id: '1abc/+==', line: 3, raw: '  1abc/+==\t' },
        { id: '2def==', line: 4, raw: '2def==' },
      ],
    });
  });

  it('keeps repeated ids and ids that differ in letter case, for the batch to judge', async () => {
    expect(await idsOf('abc\nABC\nabc\n')).toEqual(['abc', 'ABC', 'abc']);
  });

  it.each([
    ['quotes', '"abc=="\n"def=="\n', ['abc==', 'def==']],
    ['the guards of a spreadsheet', '="abc=="\n\'def==\n', ['abc==', 'def==']],
    ['invisible marks', '\u200babc==\u200e\n\u00a0def==\n', ['abc==', 'def==']],
    ['addresses', 'https://h.example/r?x=1&id=a%2Bb%3D%3D\n//play.example.com/?id=c+d==\nwww.h.example/?ID=e\n', ['a+b==', 'c+d==', 'e']],
  ])('takes ids out of %s', async (_, text, ids) => {
    expect(await idsOf(text)).toEqual(ids);
  });

  it('may hold short ids, numbers, and ids that begin with a hyphen, a slash or a dot', async () => {
    const ids = ['1', '-abc', '-', '../x', '0', 'a', '/etc/passwd', '--x', '1504525166.228'];
    expect(await idsOf(ids.join('\n'))).toEqual(ids.filter((id) => id !== '-'));
  });

  it.each(['null', 'N/A', '-', '--', 'None', 'nan', '\\N', '#N/A', 'No recording'])('counts %s as no id', async (word) => {
    expect(await readList(`abc\n${word}\ndef\n`)).toMatchObject({ rows: [{ id: 'abc' }, { id: 'def' }], blank: 1, passedOver: 0 });
  });

  it('passes over a comment that holds delimiters, quotes or the name of the column', async () => {
    expect(await idsOf('# recordings, of "monday\n# Date, Recording ID\nabc\n')).toEqual(['abc']);
  });

  it('may stand below 64 KB of blank lines and comments, whatever their length', async () => {
    for (const line of ['\n', '\r\n', '#\n', '# c\n']) expect(await idsOf(`${line.repeat(70_000)}abc\n`, {}, 64 * 1024)).toEqual(['abc']);
  });

  it('is not read over the error cells of a spreadsheet as if they were comments, in any language', async () => {
    for (const cell of ['#NAME?', '#¡VALOR!', '#¿NOMBRE?', '#NOM ?', '#ÜBERLAUF!']) {
      await expect(idsOf(`${cell}\nabc\n`)).rejects.toMatchObject({
        code: 'USAGE',
        message: expect.stringContaining('error of a spreadsheet'),
      });
    }
    for (const word of ['TRUE', 'false', 'FALSCH', 'Verdadero']) {
      await expect(idsOf(`Recording ID,A\nabc,1\n${word},2\n`)).rejects.toMatchObject({ message: expect.stringContaining('line 3') });
    }
    await expect(idsOf('=1a2b\nabc\n')).rejects.toMatchObject({ message: expect.stringContaining('is a formula') });
  });

  it('takes a first row with a quote that is never closed for an id', async () => {
    expect(await idsOf('"abc\ndef\n')).toEqual(['"abc', 'def']);
  });

  it('takes quotes within ids for nothing special', async () => {
    expect(await idsOf('ab"cd\nef"gh\n')).toEqual(['ab"cd', 'ef"gh']);
  });

  it('waits for the whole of a comment before it judges it', async () => {
    const { header, rows } = await readList('#,Recording IDs\nabc\n', {}, 1);
    expect(header).toBeUndefined();
    expect(rows.map((row) => row.id)).toEqual(['abc']);
  });

  it.each([
    ['nothing at all', ''],
    ['a byte order mark alone', '\ufeff'],
    ['blank lines and comments', '\n \n# none\r\n\t'],
    ['words for nothing alone', 'null\n-\n'],
  ])('is refused when it holds %s', async (_, text) => {
    for (const size of [1, 4096]) await expect(idsOf(text, {}, size)).rejects.toEqual(usage(/list\.csv names no recordings/));
  });

  it('counts LF, CRLF and a lone CR as one line end each', async () => {
    const { rows } = await readList('a\r\nb\rc\n\r\nd', {}, 1);
    expect(rows.map((row) => [row.id, row.line])).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 3],
      ['d', 5],
    ]);
  });

  it.each([
    ['first-id', 'second'],
    ['1', ''],
  ])('gives what has come before more comes: %s', async (id, rest) => {
    const stream = new PassThrough();
    stream.write(`${id}\n${rest}`);
    const list = await openList({ stream, name: '-' });
    const batches = list.batches();
    expect((await batches.next()).value).toEqual([{ id, line: 1, raw: id }]);
    stream.end('-id\n');
    const second = `${rest}-id`;
    expect((await batches.next()).value).toEqual([{ id: second, line: 2, raw: second }]);
  });

  it('reads the same ids whatever the encoding, the line ends, the blanks and the pieces it comes in', async () => {
    const id = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .filter((text) => /^[^\p{Cc}\s,;|"'=#\p{Cf}\ufffd\u2060-\u206f]+$/u.test(text) && readId(text) === text && !looksLikeJson(text));
    const passedOver = fc.constantFrom('', '   ', '\t', '# comment', '  # indented');
    const row = fc.oneof(
      { weight: 4, arbitrary: fc.record({ id, pad: fc.constantFrom('', ' ', '\t') }) },
      { weight: 1, arbitrary: passedOver },
    );
    const encoding = fc.constantFrom('utf8', 'utf8-bom', 'utf16le', 'utf16be');
    const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(row, lineEnd)), encoding, fc.integer({ min: 1, max: 9 }), async (drawn, encodingName, size) => {
        const rows = [
          ['first==', '\n'] as const,
          ...drawn.map(([it, end]) => [typeof it === 'string' ? it : it.pad + it.id + it.pad, end] as const),
        ];
        const expected = rows.flatMap(([raw], index) => {
          const text = raw.trim();
          return text === '' || text.startsWith('#') ? [] : [{ id: text, line: index + 1, raw }];
        });
        // A CR before a line that is empty and ends in LF would read as one CRLF.
        const text = rows.map(([raw, end]) => raw + end).join('');
        fc.pre(!/\r\n/u.test(rows.map(([raw, end]) => raw + (end === '\r\n' ? '' : end)).join('')));
        const { rows: read, failure } = await readList(encode(text, encodingName), {}, size);
        expect(failure).toBeUndefined();
        expect(read).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });
});

function encode(text: string, encoding: string): Buffer {
  if (encoding === 'utf8') return Buffer.from(text);
  if (encoding === 'utf8-bom') return Buffer.from(`\ufeff${text}`);
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return encoding === 'utf16le' ? bytes : bytes.swap16();
}

describe('what is not a list', () => {
  const opening = (bytes: Buffer | string, options = {}) => readList(bytes, options).then(({ failure }) => Promise.reject(failure));

  it.each([
    ['an old workbook', Buffer.from('d0cf11e0a1b11ae1', 'hex'), /old Excel workbook/, /CSV/],
    ['a PDF', Buffer.from('%PDF-1.7\n%\xe2\xe3\n', 'latin1'), /PDF/, /CSV/],
    ['a gzip archive', Buffer.from('1f8b0800', 'hex'), /gzip/, /Unpack/],
    ['an MP3 with tags', Buffer.from('ID3\x04\x00\x00\x00\x00'), /MP3/, /list of ids/],
    ['an MP3 without', Buffer.from('fffb9064000f', 'hex'), /MP3/, /list of ids/],
    ['a WAV', Buffer.from('RIFF\x24\x00\x00\x00WAVE'), /WAV/, /list of ids/],
    ['a web page', '\n<!DOCTYPE html><html><body>Sign in</body></html>', /web page/, /CSV/],
  ])('refuses %s, and says what to give', async (_, bytes, message, hint) => {
    await expect(opening(bytes)).rejects.toEqual(usage(message, hint));
    await expect(readList(bytes, {}, 1)).rejects.toEqual(usage(message, hint));
  });

  it.each([['ID3aQ+x=='], ['RIFFraff=='], ['PKabc=='], ['%PD==']])(
    'takes the id %s although a recording or a document begins like it',
    async (id) => {
      expect(await idsOf(`${id}\n`)).toEqual([id]);
    },
  );

  it.each([
    ['bytes that are not UTF-8', Buffer.from('abc\r\ndef\nna\xefve\n', 'latin1'), /not UTF-8 \(line 3\)/],
    ['a character cut off at the end', Buffer.from('abc\n\xe2\x82', 'latin1'), /not UTF-8 \(line 2\)/],
    ['half a UTF-16 pair', Buffer.from('fffe61000a003dd8', 'hex'), /not UTF-16 \(line 2\)/],
    ['a NUL', 'abc\ndef\n\ngh\0i\n', /NUL characters.*\(line 4\)/],
    ['UTF-16 without a mark', Buffer.from('abc\n', 'utf16le'), /UTF-16 without a byte order mark \(line 1\)/],
    ['an escape sequence', 'abc\r\u001b[2J\r', /control characters \(line 2\)/],
    ['a tab within an id', 'abc\ndef\tghi\n', /line 2: "def\\tghi" cannot be a recording id/],
    ['a C1 control character', 'abc\nd\u0085f\n', /line 2: .* control characters/],
    ['an invisible mark within an id', 'abc\nde\u200bf\n', /line 2: .*U\+200B/],
    ['a sentence', 'abc\nThese are the calls of Monday\n', /line 2: .*cannot be a recording id/],
    ['ids on one line among others', 'abc\ndef\nghi,jkl\n', /line 3: .*cannot be a recording id/],
    ['a rounded number', 'abc\n1.23E+15\n', /line 2: .*rounded/],
    ['a number with decimals', 'abc\n1532.0\n', /line 2: .*rounded/],
    ['a placeholder', 'abc\n{{recording_id}}\n', /line 2: .*placeholder/],
    ['an error cell', 'abc\n#VALUE!\n', /line 2: .*error of a spreadsheet/],
    [
      'an address without an id',
      'abc\nhttps://h.example/rec/1.mp3?sig=SECRET\n',
      /line 2: "https:\/\/h\.example\/rec\/1\.mp3\?…" is an address/,
    ],
  ])('refuses %s with its line', async (_, bytes, message) => {
    await expect(opening(bytes)).rejects.toEqual(usage(message));
  });

  it('names the right line also when the piece before has been read already', async () => {
    const long = Array.from({ length: 30 }, (_, index) => `id-${index}`).join('\n');
    expect((await readList(`${long}\nb\0d`, {}, 7)).failure).toEqual(usage(/\(line 31\)/));
  });

  it('gives the rows before a bad one first', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => `id${index}`);
    const { rows, failure } = await readList(`${ids.join('\n')}\nth\tree\nfour\n`);
    expect(rows.map((row) => row.id)).toEqual(ids);
    expect(failure).toEqual(usage(/line 41/));
  });

  it('is refused before any of it is given where one of its first lines cannot be an id', async () => {
    await expect(openList(streamOf('one\ntwo\nth\tree\nfour\n'))).rejects.toEqual(usage(/line 3/));
  });

  it('refuses a line that goes on and on without holding it all', async () => {
    let given = 0;
    const endless = (function* () {
      yield 'abc\n';
      for (;;) {
        given++;
        yield 'x'.repeat(100_000);
      }
    })();
    const { failure } = await readWhole({ stream: Readable.from(endless), name: 'endless' });
    expect(failure).toEqual(usage(/endless, line 2: the line is longer than 16 MB/));
    expect(given).toBeLessThan(250);
  });

  it('refuses --column for a list without a header row', async () => {
    await expect(openList(streamOf('abc\ndef\n'), { column: 'Call' })).rejects.toEqual(usage(/no column "Call"/, /--column/));
  });
});

describe('the source', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'list-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it('can be a file', async () => {
    const list = await openList({ path: write('ids.txt', 'abc\n') });
    expect(list.name).toMatch(/ids\.txt$/);
    expect((await list.batches().next()).value).toEqual([{ id: 'abc', line: 1, raw: 'abc' }]);
    await list.close();
    await list.close();
  });

  it('is refused by name when it is missing', async () => {
    await expect(openList({ path: join(folder, 'none.txt') })).rejects.toEqual(usage(/There is no file .*none\.txt/));
  });

  it('is refused by name when it is a folder', async () => {
    mkdirSync(join(folder, 'lists'));
    await expect(openList({ path: join(folder, 'lists') })).rejects.toEqual(usage(/lists is a folder/));
  });

  it('is refused by name when its path leads through a file, or holds a NUL', async () => {
    await expect(openList({ path: join(write('file', ''), 'ids.txt') })).rejects.toEqual(usage(/ids\.txt cannot be opened/));
    await expect(openList({ path: 'a\0b' })).rejects.toEqual(usage(/cannot be opened/));
  });

  it.skipIf(process.getuid?.() === 0)('is refused by name when it may not be read', async () => {
    const path = write('secret.txt', 'abc\n');
    chmodSync(path, 0);
    await expect(openList({ path })).rejects.toEqual(usage(/secret\.txt may not be read/));
  });

  it('ends the reading with FILE_SYSTEM when it breaks off', async () => {
    const stream = new PassThrough();
    stream.write('recording-1\nreco');
    const list = await openList({ stream, name: '-' });
    const batches = list.batches();
    await batches.next();
    stream.destroy(new Error('EIO'));
    await expect(batches.next()).rejects.toMatchObject({ code: 'FILE_SYSTEM', message: 'Reading standard input failed: EIO' });
  });

  it('is let go of when the signal is aborted, although nothing comes from it', async () => {
    const stop = new AbortController();
    const stream = new PassThrough();
    const opening = openList({ stream, name: '-' }, { signal: stop.signal });
    const reason = interruptedError('SIGINT');
    stop.abort(reason);
    await expect(opening).rejects.toBe(reason);
    expect(stream.destroyed).toBe(true);
  });

  it('is not touched when the signal was aborted before', async () => {
    const reason = interruptedError('SIGTERM');
    await expect(openList({ path: join(folder, 'none') }, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it.each([
    ['a list', 'abc\ndef\n'],
    ['a report', 'Recording ID,Caller\nabc,1\n'],
  ])('is closed when the reading of %s stops early', async (_, text) => {
    const source = streamOf(text, 4);
    const list = await openList(source);
    for await (const _ of list.batches()) break;
    expect(source.stream.destroyed).toBe(true);
    const unread = streamOf(text, 4);
    await (await openList(unread)).close();
    expect(unread.stream.destroyed).toBe(true);
  });

  it('is closed when it is refused', async () => {
    const source = streamOf('Caller,Called\n1,2\n', 20);
    await expect(openList(source)).rejects.toEqual(usage(/Recording ID/));
    expect(source.stream.destroyed).toBe(true);
  });

  it('is counted by a scan: rows with an id, and blank ones', async () => {
    expect(await scanList({ path: write('a.txt', 'abc\n\n# no\nabc\n') })).toMatchObject({
      header: undefined,
      rows: 2,
      blank: 0,
      passedOver: 2,
    });
    const scan = await scanList({ path: write('b.csv', 'Caller,Recording ID\n1,abc\n2, \n3\n') });
    expect(scan).toMatchObject({ rows: 1, blank: 2, header: { idColumn: 1 } });
  });

  it('is looked at row by row by a scan, and told of in full', async () => {
    const path = write('d.csv', '# a\nTitle\nCaller,Recording ID\n1,abc\n2, \nCaller,recording id\n3,"d,ef"\n');
    const seen: unknown[] = [];
    const scan = await scanList({ path }, {}, (header) => {
      seen.push(header?.headers);
      return ({ id, line, leftOut }) => void seen.push([id, line, leftOut]);
    });
    expect(seen).toEqual([
      ['Caller', 'Recording ID'],
      ['abc', 4, undefined],
      ['', 5, 'blank'],
      ['d,ef', 7, undefined],
    ]);
    const characters = ['1,abc', '2, ', 'Caller,recording id', '3,"d,ef"'].join('').length;
    expect(scan).toMatchObject({ rows: 2, blank: 1, passedOver: 2, characters });
    expect(scan?.notices).toEqual([
      { message: `${path}: the header is on line 3; the lines above it are ignored.`, always: false },
      { message: expect.stringContaining('line 6 is passed over'), always: false },
    ]);
    expect(await scanList({ path: write('e.txt', 'abc\n') }, {}, () => undefined)).toMatchObject({ rows: 1, notices: [] });
  });

  it('has sheets only where it is a workbook', async () => {
    const asked = expect.objectContaining({
      code: 'USAGE',
      message: 'list.csv has no sheet "Calls": it is no workbook.',
      hint: 'Leave --sheet out, or give a workbook (.xlsx).',
    });
    await expect(openList(streamOf('Recording ID,A\nabc,1\n'), { sheet: 'Calls' })).rejects.toEqual(asked);
  });

  it('is refused by a scan for its last row', async () => {
    const rows = Array.from({ length: 5000 }, (_, index) => `${index},id${index}\n`).join('');
    await expect(scanList({ path: write('c.csv', `n,Recording ID\n${rows}"open,x\n`) })).rejects.toEqual(
      usage(/c\.csv, line 5002: a quote/),
    );
    await expect(scanList({ path: join(folder, 'none') })).rejects.toEqual(usage(/no file/));
    await expect(scanList({ path: folder })).rejects.toEqual(usage(/is a folder/));
  });

  it.skipIf(process.platform === 'win32')('is not scanned when it can be read only once', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(await scanList({ path: pipe })).toBeUndefined();
    expect(await scanList(streamOf('abc\n'))).toBeUndefined();
  });
});
