import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAILED_NAME } from '../../src/archive/failed-rows.ts';
import { encodeName, foldName, MAX_STEM_BYTES } from '../../src/archive/file-name.ts';
import { LOCK_NAME, MANIFEST_NAME } from '../../src/archive/manifest.ts';
import { NO_VALUE, parseNameTemplate, pathOfRecording } from '../../src/archive/name-template.ts';
import { isOwnName } from '../../src/archive/own-names.ts';
import { ColumnReader } from '../../src/list/dates/column-reader.ts';
import { ReportDates } from '../../src/list/dates/report-dates.ts';
import { UTC } from '../../src/list/time-zone.ts';

/** Dates that need no evidence of how they are written. */
const DATES = new ReportDates(new Map(), { date: undefined, time: undefined }, UTC);
const HEADERS = ['Recording ID', 'Caller', 'Start Time', 'Note: a/b', 'Ext', 'Empty'];
const row = {
  id: 'Ab+/8==',
  columns: ['Ab+/8==', ' +39 02 ', '2026-05-14 10:22:33', 'x', '104', ' '],
};

/** The path that a template gives, with its segments joined. */
const name = (template: string, more: Partial<typeof row> = {}, headers: readonly string[] | undefined = HEADERS) =>
  parseNameTemplate(template, headers)
    .fill({ ...row, ...more }, 'mp3', DATES)
    .join('/');

const withCaller = (value: string) => ({ columns: row.columns.with(1, value) });

describe('a template', () => {
  it.each([
    ['{id}.{ext}', 'Ab+%2F8==.mp3'],
    ['{id}', 'Ab+%2F8==.mp3'],
    [' { id } ', '%20Ab+%2F8== .mp3'],
    ['calls/{Caller}/{id}.{ext}', 'calls/+39 02/Ab+%2F8==.mp3'],
    ['{caller}-{START_TIME:yyyy}', '+39 02-2026.mp3'],
    ['{recording-id}', 'Ab+%2F8==.mp3'],
    ['{ext}/{id}', 'mp3/Ab+%2F8=='],
    ['{{{id}}}', '{Ab+%2F8==}.mp3'],
    ['{{}}', '{}.mp3'],
    ['a}}b{{c', 'a}b{c.mp3'],
    ['{Start Time}', '2026-05-14 10%3A22%3A33.mp3'],
    ['{Start Time:yyyy-MM-dd}/{Start Time:HHmmss}', '2026-05-14/102233.mp3'],
    ['{Start Time:yyyy/MM/dd}/{id}', '2026/05/14/Ab+%2F8==.mp3'],
    ['{Start Time:dd.MM.yyyy HH:mm}', '14.05.2026 10%3A22.mp3'],
    ['{Note: a/b}', 'x.mp3'],
    ['{Empty}', `${NO_VALUE}.mp3`],
    ['{Empty:yyyy}/{id}', `${NO_VALUE}/Ab+%2F8==.mp3`],
    ['{Caller:yyyy/MM}/{id}', `${NO_VALUE}/Ab+%2F8==.mp3`],
    ['.hidden/{id}', '%2Ehidden/Ab+%2F8==.mp3'],
    ['con/{id}', '%63on/Ab+%2F8==.mp3'],
  ])('%s gives %s', (template, expected) => {
    expect(name(template)).toBe(expected);
  });

  it('keeps {id} and {ext} for the recording, and gives columns of that name in capitals', () => {
    const headers = ['id', 'Recording ID', 'ext'];
    const columns = ['17', 'abc', '104'];
    const fill = (template: string) => name(template, { id: 'abc', columns }, headers);
    expect(fill('{id}.{ext}')).toBe('abc.mp3');
    expect(fill('{ID}.{Ext}')).toBe('17.104.mp3');
    // Without such columns it is the recording's however it is written.
    expect(name('{ID}.{EXT}', { id: 'abc' }, ['Recording ID'])).toBe('abc.mp3');
  });

  it('prefers the header as it is written to one that reads like it', () => {
    expect(name('{call id}', { columns: ['a', 'b'] }, ['Call ID', 'call id'])).toBe('b.mp3');
  });

  it('fills what a short row lacks, and a list without columns', () => {
    expect(name('{Caller}-{Empty}', { columns: ['x'] })).toBe('_-_.mp3');
    expect(parseNameTemplate('calls/{id}', undefined).fill({ id: 'a' }, 'wav')).toEqual(['calls', 'a.wav']);
  });

  it.each([
    ['day-first', '2026-04-03'],
    ['month-first', '2026-03-04'],
  ] as const)('takes a date as its column is written: %s', (order, expected) => {
    const reader = new ColumnReader({ orders: new Map([['/', order]]), serials: false });
    const dates = new ReportDates(new Map([[1, reader]]), { date: undefined, time: undefined }, UTC);
    const template = parseNameTemplate('{Caller:yyyy-MM-dd}', HEADERS);
    expect(template.fill({ id: 'a', columns: row.columns.with(1, '03/04/2026') }, 'mp3', dates)).toEqual([`${expected}.mp3`]);
  });

  it('takes no date that could be one of two', () => {
    expect(name('{Caller:yyyy-MM-dd}', withCaller('03/04/2026'))).toBe(`${NO_VALUE}.mp3`);
    expect(name('{Caller:yyyy-MM-dd}', withCaller('04/04/2026'))).toBe('2026-04-04.mp3');
    expect(parseNameTemplate('{Start Time:yyyy}', HEADERS).fill(row, 'mp3')).toEqual([`${NO_VALUE}.mp3`]);
  });

  it('takes a time that stands alone, and none of a day alone', () => {
    expect(name('{Caller:HHmm}', withCaller('9:15 p.m.'))).toBe('2115.mp3');
    expect(name('{Caller:HHmm}', withCaller('2026-05-14'))).toBe(`${NO_VALUE}.mp3`);
    expect(name('{Caller:yyyy HHmm}', withCaller('9:15'))).toBe(`${NO_VALUE}.mp3`);
  });

  it('tells which columns it takes dates from', () => {
    const { dateColumns } = parseNameTemplate('{Start Time:yyyy}/{Start Time:HHmm} {Caller:HH} {Empty}', HEADERS);
    expect([...dateColumns]).toEqual([
      [2, 'day'],
      [1, 'time'],
    ]);
  });

  it.each([
    ['', /it is empty/],
    ['  ', /it is empty/],
    ['/{id}', /leads out of the folder/],
    ['/etc/{id}', /leads out of the folder/],
    ['../{id}', /empty segment, \. or \.\./],
    ['{id}/..', /empty segment, \. or \.\./],
    ['a/../../{id}', /empty segment, \. or \.\./],
    ['./{id}', /empty segment, \. or \.\./],
    ['a//{id}', /empty segment, \. or \.\./],
    ['{id}/', /ends in a \//],
    ['{Start Time:yyyy/}', /ends in a \//],
    ['{Start Time:/yyyy}', /leads out of the folder/],
    ['{Start Time:yyyy//MM}', /empty segment, \. or \.\./],
    ['{Start Time:../yyyy}', /empty segment, \. or \.\./],
    ['{id', /a \{ stands alone/],
    ['id}', /a \} stands alone/],
    ['{{id}', /a \} stands alone/],
    ['{a{id}}', /a \{ stands alone/],
    ['{}', /no column ""/],
    ['{Nobody}', /no column "Nobody": the columns are "Recording ID", "Caller"/],
    ['{Nobody:yyyy}', /no column "Nobody"/],
    ['{Start Time:}', /no date in its pattern/],
    ['{Start Time:YYYY}', /no date in its pattern/],
    ['{Start Time:yy}', /no date in its pattern/],
  ])('%j is refused before anything is fetched', (template, message) => {
    expect(() => parseNameTemplate(template, HEADERS)).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(message), hint: expect.stringMatching(/./) }),
    );
  });

  it('is refused where two columns have its header, or the list has none', () => {
    expect(() => parseNameTemplate('{call id}', ['Call ID', 'CALL_ID'])).toThrow(/more than one column is headed "call id"/);
    expect(() => parseNameTemplate('{call id}', ['Call ID', 'CALL_ID'])).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('{call id (2)}') }),
    );
    expect(() => parseNameTemplate('{call id (2)}', ['Call ID', 'CALL_ID'])).not.toThrow();
    expect(() => parseNameTemplate('{Caller}', undefined)).toThrow(/the list has no columns, only ids/);
  });

  it('bears headers that hold slashes', () => {
    expect(name('{/}', { columns: ['a'] }, ['/'])).toBe('a.mp3');
    expect(name('{a//b}/{id}', { columns: ['x'] }, ['a//b'])).toBe('x/Ab+%2F8==.mp3');
  });
});

describe('a value', () => {
  it.each([
    ['../../etc/passwd', '%2E.%2F..%2Fetc%2Fpasswd.mp3'],
    ['/', '%2F.mp3'],
    ['..', '%2E..mp3'],
    ['a\\b', 'a%5Cb.mp3'],
    ['a\u0000/\u0000b', 'a%2Fb.mp3'],
    ['\u0000', `${NO_VALUE}.mp3`],
    ['{id}', '{id}.mp3'],
    ['{{', '{{.mp3'],
    ['nul', '%6Eul.mp3'],
    ['a\u202eb', 'a%E2%80%AEb.mp3'],
    ['50%', '50%25.mp3'],
  ])('%j makes the name %s, and no folder', (value, expected) => {
    expect(name('{Caller}', withCaller(value))).toBe(expected);
  });

  it('that is too long loses its end, and the name keeps its extension', () => {
    const made = name('{Caller}', withCaller('é'.repeat(300)));
    expect(made).toMatch(/^é+~\.mp3$/);
    expect(Buffer.byteLength(made)).toBeLessThanOrEqual(MAX_STEM_BYTES);
    expect(Buffer.byteLength(made)).toBeGreaterThan(MAX_STEM_BYTES - 2);
  });

  it('that is a megabyte long is cut before it is worked on', () => {
    const values = ['/', ' ', '.', '%', 'é', '\u202e', '1', '👍', 'con ', '2026-05-14 '].map((text) => text.repeat(1024 * 1024));
    for (const value of values) {
      const made = name('{Caller}/{Caller:yyyy-MM}/{id}', { id: value, ...withCaller(value) });
      for (const segment of made.split('/')) expect(Buffer.byteLength(segment)).toBeLessThanOrEqual(MAX_STEM_BYTES);
    }
  });

  it('makes no reserved name by losing its end', () => {
    for (const value of [`con${' '.repeat(300)}x`, `${'a'.repeat(MAX_STEM_BYTES - 5)}.part${'x'.repeat(50)}`]) {
      const [folder = ''] = name('{Caller}/{id}', withCaller(value)).split('/');
      expect(folder).toMatch(/~$/);
      expect(encodeName(folder)).toBe(folder);
      expect(isOwnName(folder)).toBe(false);
    }
  });
});

describe("the folder's own files", () => {
  const own = [
    MANIFEST_NAME,
    FAILED_NAME,
    `${FAILED_NAME}.part`,
    LOCK_NAME,
    `${LOCK_NAME}.x.heir`,
    'MANIFEST.JSONL',
    'Failed.txt',
    'x~0123456789abcdef.part',
    'x~0123456789abcdef.PART.json',
    'x.download.part.lock',
    'x.download.part.lock.123.heir',
  ];

  it.each(own)('%s is known for one', (file) => {
    expect(isOwnName(file)).toBe(true);
  });

  it.each(['manifest.jsonl.mp3', 'failed.mp3', 'x.part.mp3', 'part', 'x.parts', 'manifest%2Ejsonl'])('%s is none', (file) => {
    expect(isOwnName(file)).toBe(false);
  });

  it.each(own)('%s is never what a template names a file or a folder', (value) => {
    for (const template of ['{Caller}/{id}', '{ext}/{Caller}', '{ext}/{Caller}/{id}', `${value}/{id}`, `{ext}/${value}`]) {
      const segments = parseNameTemplate(template, HEADERS).fill({ ...row, ...withCaller(value) }, 'mp3');
      expect(segments.filter(isOwnName)).toEqual([]);
    }
    expect(parseNameTemplate('{ext}', HEADERS).fill(row, value).filter(isOwnName)).toEqual([]);
  });
});

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 400 }),
  fc.constantFrom(
    '..',
    '.',
    '/',
    'con',
    'manifest.jsonl',
    'FAILED.TXT',
    'x.part',
    ' . ',
    '\ud800',
    'ſ',
    '~',
    'a'.repeat(400),
    '. '.repeat(150),
  ),
);
const anyTemplate = fc
  .array(
    fc.oneof(fc.constantFrom('{id}', '{ext}', '{Caller}', '{Note: a/b}', '{Start Time:yyyy/MM}', '/', '-', '{{', '.', '..', ' '), anyText),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((parts) => parts.join(''));

/** What the template comes to; undefined where it is refused. */
function parsed(template: string) {
  try {
    return parseNameTemplate(template, HEADERS);
  } catch (error) {
    expect(error).toMatchObject({ code: 'USAGE' });
    return undefined;
  }
}

describe('whatever template and values there are', () => {
  it('every segment is safe on every disk, and none leads elsewhere', () => {
    fc.assert(
      fc.property(anyTemplate, fc.array(anyText, { maxLength: 6 }), anyText, (template, columns, id) => {
        const segments = parsed(template)?.fill({ id: id || 'x', columns }, 'mp3') ?? [];
        for (const segment of segments) {
          expect(segment).not.toBe('');
          expect(segment).not.toMatch(/[/\\:*?"<>|\p{Cc}\p{Cs}]/u);
          expect(segment).not.toMatch(/^[.\- ]|[. ]$/);
          expect(segment).not.toMatch(/^(?:con|prn|aux|nul|com\d|lpt\d) *(?:\.|$)/i);
          expect(isOwnName(segment)).toBe(false);
          expect(Buffer.byteLength(segment)).toBeLessThanOrEqual(MAX_STEM_BYTES);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('no segment is empty, not even of an id that has no character for it', () => {
    expect(parseNameTemplate('{id}/{id}.{ext}', HEADERS).fill({ id: '\0', columns: [] }, 'mp3')).toEqual([NO_VALUE, `${NO_VALUE}.mp3`]);
  });

  it('as many folders are made as the template says, whatever the values', () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 6, maxLength: 6 }), anyText, (columns, id) => {
        expect(parseNameTemplate('{Caller}/{Note: a/b}/{id}', HEADERS).fill({ id: id || 'x', columns }, 'wav')).toHaveLength(3);
      }),
    );
  });

  it('different short values make different names', () => {
    const short = fc
      .string({ unit: 'binary', maxLength: 15 })
      .filter((text) => text.trim() === text && text !== '' && !text.includes('\0'));
    fc.assert(
      fc.property(short, short, (one, other) => {
        fc.pre(one !== other && one !== NO_VALUE && other !== NO_VALUE);
        expect(name('{Caller}', withCaller(one))).not.toBe(name('{Caller}', withCaller(other)));
      }),
    );
  });
});

describe('the path of a recording', () => {
  const naming = { template: parseNameTemplate('{Caller}/{Start Time:yyyy}.{ext}', HEADERS), dates: DATES };

  it('is the id where there is no template', () => {
    expect(pathOfRecording(row, 'mp3', {}, () => false)).toBe('Ab+%2F8==.mp3');
  });

  it('gets a hash of the id where another has it, its folder and extension kept', () => {
    const taken = new Set([foldName('+39 02/2026.mp3')]);
    const path = pathOfRecording(row, 'mp3', naming, (folded) => taken.has(folded));
    expect(path).toMatch(/^\+39 02\/2026~[0-9a-f]{16}\.mp3$/);
    const other = pathOfRecording({ ...row, id: 'other' }, 'mp3', naming, (folded) => taken.has(folded));
    expect(other).toMatch(/^\+39 02\/2026~[0-9a-f]{16}\.mp3$/);
    expect(other).not.toBe(path);
  });

  it('gets another one where even that is taken', () => {
    const asked: string[] = [];
    const path = pathOfRecording(row, 'mp3', naming, (folded) => asked.push(folded) < 4);
    expect(new Set(asked).size).toBe(4);
    expect(foldName(path)).toBe(asked.at(-1));
  });

  it('keeps a long name in bounds with its hash', () => {
    const long = { ...row, columns: row.columns.with(1, 'x'.repeat(500)) };
    const template = parseNameTemplate('{Caller}', HEADERS);
    const path = pathOfRecording(long, 'mp3', { template }, (folded) => !/~[0-9a-f]{16}\.mp3$/.test(folded));
    expect(path).toMatch(/^x+~[0-9a-f]{16}\.mp3$/);
    expect(Buffer.byteLength(path)).toBeLessThanOrEqual(MAX_STEM_BYTES + '.mp3'.length);
  });

  it('has its hash at the end where the template puts the extension elsewhere', () => {
    const template = parseNameTemplate('{ext}/{Caller}', HEADERS);
    const path = pathOfRecording(row, 'mp3', { template }, (folded) => folded === 'mp3/+39 02');
    expect(path).toMatch(/^mp3\/\+39 02~[0-9a-f]{16}$/);
  });
});
