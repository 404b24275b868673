import { appendFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FolderListing } from '../../src/archive/folder/folder-listing.ts';
import { Listing, type ListingOptions, ListingSurvey, OWN_COLUMNS } from '../../src/archive/listing.ts';
import { type Archived, toneWav, writeArchive } from '../helpers/archive.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const NOW = Date.UTC(2026, 10, 26);
const tone = toneWav(2);
const call = (id: string, row: Record<string, string>, more: Partial<Archived> = {}): Archived => ({ id, content: tone, row, ...more });

/** The archive that most tests look at: calls of three days, dates with the day first. */
const CALLS = [
  call('one', { Caller: '+39 02 1', 'Start Time': '03/11/2026 09:15:00', Duration: '63' }),
  call('two', { Caller: '+44 20 2', 'Start Time': '20/11/2026 10:00:00', Duration: '7' }),
  call('three', { Caller: '+39 02 3', 'Start Time': '01/12/2025 08:00:00', Duration: '' }),
];

async function listingOf(recordings: readonly Archived[], options: ListingOptions = {}) {
  const folder = await tempFolder();
  await writeArchive(folder, recordings);
  return openListing(folder, options);
}

async function openListing(folder: string, options: ListingOptions = {}) {
  const { signal } = new AbortController();
  const survey = new ListingSurvey(NOW);
  const archive = await FolderListing.open(folder, survey, signal);
  const listing = new Listing(archive, survey, options);
  const rows = async () => {
    const all = [];
    for await (const piece of listing.pieces(signal)) all.push(...piece);
    return all;
  };
  return { listing, archive, rows, ids: async () => (await rows()).map(({ line }) => line.id) };
}

/** So many recordings of which none is saved. */
const many = (count: number): Archived[] => Array.from({ length: count }, (_, n) => ({ id: `call-${n}` }));

describe('a listing', () => {
  it('has each recording once, as its last line has it, where that line stands', async () => {
    const { rows } = await listingOf([{ id: 'a' }, { id: 'b', content: tone }, { id: 'a', content: tone }]);
    expect((await rows()).map(({ line }) => [line.id, line.status])).toEqual([
      ['b', 'saved'],
      ['a', 'saved'],
    ]);
  });

  it('tells when the call was, as its report writes it, and how long the file plays', async () => {
    const { rows, listing } = await listingOf(CALLS);
    expect((await rows()).map(({ date, seconds }) => [date, seconds])).toEqual([
      ['2026-11-03 09:15:00', 2],
      ['2026-11-20 10:00:00', 2],
      ['2025-12-01 08:00:00', 2],
    ]);
    expect(listing.headers).toEqual(['Caller', 'Start Time', 'Duration']);
  });

  it('goes by when a recording was saved where no report tells a date', async () => {
    const { rows } = await listingOf([{ id: 'a', content: tone, at: '2026-11-21T01:02:03.000Z' }], { since: '2026-11-21' });
    expect((await rows()).map(({ date }) => date)).toEqual(['2026-11-21 01:02:03']);
  });

  it.each<[string, ListingOptions, string[]]>([
    ['from a day on', { since: '2026-11-03' }, ['one', 'two']],
    ['up to and with a day', { until: '2026-11-03' }, ['one', 'three']],
    ['of a span', { since: '2026-01-01', until: '2026-11-10' }, ['one']],
    ['that match', { where: ['caller=+39*'] }, ['one', 'three']],
    ['that do not match', { where: ['Caller!=+39*', 'Duration=7'] }, ['two']],
    ['that one of the own columns picks', { where: ['file=t*.wav'] }, ['two', 'three']],
    ['with a length', { where: ['length=2'], limit: 2 }, ['one', 'two']],
    ['by number', { sort: 'Duration' }, ['two', 'one', 'three']],
    ['backwards, what is blank last', { sort: '-Duration' }, ['one', 'two', 'three']],
    ['by date', { sort: 'date' }, ['three', 'one', 'two']],
    ['by the column of dates, as dates', { sort: 'start time' }, ['three', 'one', 'two']],
    ['the last of the dates', { sort: '-date', limit: 1 }, ['two']],
    ['with a status that none has', { status: 'gone' }, []],
  ])('lists the recordings %s', async (_, options, expected) => {
    const { ids } = await listingOf(CALLS, options);
    expect(await ids()).toEqual(expected);
  });

  it('takes a column of the report for meant where one of its own is called alike', async () => {
    const { ids } = await listingOf([call('a', { Status: 'answered' }), call('b', { Status: 'missed' })], { where: ['status=missed'] });
    expect(await ids()).toEqual(['b']);
  });

  it('lists what has other columns, which are empty there', async () => {
    const { rows, listing } = await listingOf([call('a', { Agent: 'Asha' }), call('b', { Queue: 'Sales' }), { id: 'c', content: tone }]);
    const listed = await rows();
    expect(listing.headers).toEqual(['Agent', 'Queue']);
    expect(listed.map((each) => listing.headers.map((name) => each.value(name, false)))).toEqual([
      ['Asha', ''],
      ['', 'Sales'],
      ['', ''],
    ]);
  });

  it('has no date for a recording where neither a report nor its line tells one, which lies in no span then', async () => {
    const recordings = [{ id: 'a', at: 'some day' }, { id: 'b' }];
    expect((await (await listingOf(recordings)).rows()).map(({ date, span }) => [date, span === undefined])).toEqual([
      ['', true],
      ['2026-11-20 10:00:00', false],
    ]);
    expect(await (await listingOf(recordings, { since: '2000-01-01' })).ids()).toEqual(['b']);
  });

  it('counts a recording to the span in which it was saved, to the millisecond', async () => {
    const recordings = [
      { id: 'before', at: '2026-11-19T23:59:59.999Z' },
      { id: 'first', at: '2026-11-20T00:00:00.000Z' },
      { id: 'last', at: '2026-11-20T23:59:59.999Z' },
      { id: 'after', at: '2026-11-21T00:00:00.000Z' },
    ];
    expect(await (await listingOf(recordings, { since: '2026-11-20', until: '2026-11-20' })).ids()).toEqual(['first', 'last']);
  });

  it('gives each own column as a program reads it, empty where there is nothing', async () => {
    const { rows } = await listingOf([
      { id: 'a', content: toneWav(1.2345), at: '2026-11-21T01:02:03.000Z' },
      { id: 'b', at: '2026-11-22T01:02:03.000Z' },
    ]);
    const listed = (await rows()).map((each) => OWN_COLUMNS.map((name) => each.value(name, true)));
    expect(listed).toEqual([
      ['2026-11-21 01:02:03', 'a', 'saved', '19796', '1.235', 'a.wav'],
      ['2026-11-22 01:02:03', 'b', 'failed', '', '', ''],
    ]);
  });

  it('gives a column of the report only where the row itself has it', async () => {
    const [first] = await (await listingOf([call('a', { Agent: 'Asha' })])).rows();
    expect(['Agent', 'constructor', 'id'].map((name) => first?.value(name, false))).toEqual(['Asha', '', '']);
  });

  it('looks into a file once', async () => {
    const folder = await tempFolder();
    await writeArchive(folder, [{ id: 'a', content: tone }, { id: 'b' }]);
    const [a, b] = await (await openListing(folder)).rows();
    expect([a?.seconds, b?.seconds]).toEqual([2, undefined]);
    await unlink(join(folder, 'a.wav'));
    await writeArchive(folder, [{ id: 'b', content: tone }]);
    expect([a?.seconds, b?.seconds]).toEqual([2, undefined]);
  });

  it.each([
    ['several pieces', 1200, {}, [500, 500, 200]],
    ['one piece that is just full', 500, {}, [500]],
    ['sorted pieces', 501, { sort: 'id' }, [500, 1]],
    ['no piece', 0, {}, []],
    ['no more than are wanted', 1200, { limit: 700 }, [500, 200]],
    ['no more than are wanted, where these just fill a piece', 1200, { limit: 500 }, [500]],
    ['no more than there are', 3, { limit: 4 }, [3]],
  ])('comes in %s', async (_what, count, options, expected) => {
    const { listing } = await listingOf(many(count), options);
    const sizes: number[] = [];
    for await (const piece of listing.pieces(new AbortController().signal)) sizes.push(piece.length);
    expect(sizes).toEqual(expected);
  });

  it.each<[string, string[]]>([
    ['Agent', ['c', 'b', 'a']],
    ['-Agent', ['b', 'a', 'c']],
  ])('takes a column for meant whose name begins with a hyphen, where the order is by %s', async (sort, expected) => {
    const { ids } = await listingOf(
      [call('a', { Agent: '3', '-Agent': '2' }), call('b', { Agent: '2', '-Agent': '1' }), call('c', { Agent: '1', '-Agent': '3' })],
      { sort },
    );
    expect(await ids()).toEqual(expected);
  });

  it('knows the columns of reports that were met first', async () => {
    const wide = (from: number) => Object.fromEntries(Array.from({ length: 3000 }, (_, n) => [`Column ${from + n}`, 'x']));
    const { listing } = await listingOf([call('a', wide(0)), call('b', wide(3000))]);
    expect(listing.headers).toHaveLength(5000);
    expect(listing.headers.at(-1)).toBe('Column 4999');
  });

  it.each<[string, ListingOptions, string]>([
    ['--sort', { sort: 'Nobody' }, 'has no column "Nobody". Its columns: '],
    ['--where', { where: ['Nobody=1'] }, 'has no column "Nobody". Its columns: '],
    ['--since', { since: 'soon' }, 'soon'],
  ])('is a usage error for a column or a date that is none: %s', async (flag, options, message) => {
    const error = await listingOf(CALLS, options).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'USAGE', message: expect.stringContaining(message) });
    expect(`${error.message} ${error.hint}`).toContain(flag);
  });

  it('is a usage error where there is no manifest', async () => {
    await expect(openListing(await tempFolder())).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('counts damaged lines, and lists the others', async () => {
    const folder = await tempFolder();
    await writeArchive(folder, [{ id: 'a', content: tone }]);
    await appendFile(join(folder, 'manifest.jsonl'), '{"id":\nnonsense\n');
    await writeArchive(folder, [{ id: 'b', content: tone }]);
    await appendFile(join(folder, 'manifest.jsonl'), '{"id":"torn');
    const { archive, ids } = await openListing(folder);
    expect(archive.manifest.damage.count).toBe(2);
    expect(await ids()).toEqual(['a', 'b']);
  });

  it.each([
    ['a row that is none', { id: 'bad', status: 'failed', error: null, row: null }],
    ['a row that is a text', { id: 'bad', status: 'failed', error: null, row: 'x' }],
    ['a row with something else than texts', { id: 'bad', status: 'failed', error: null, row: { Agent: { a: 1 } } }],
    ['a file that is none', { id: 'bad', status: 'failed', error: null, file: {} }],
  ])('counts as damaged a line with %s, and lists the others', async (_, line) => {
    const folder = await tempFolder();
    await writeArchive(folder, [{ id: 'a', content: tone }]);
    await appendFile(join(folder, 'manifest.jsonl'), `${JSON.stringify(line)}\n`);
    const { archive, ids } = await openListing(folder);
    expect(archive.manifest.damage.count).toBe(1);
    expect(await ids()).toEqual(['a']);
  });

  it('looks at no file outside the archive', async () => {
    const folder = await tempFolder();
    await writeArchive(join(folder, 'other'), [{ id: 'a', content: tone }]);
    await writeArchive(join(folder, 'archive'), [
      { id: 'a', status: 'saved', file: '../other/a.wav', bytes: tone.length, sha256: 'a'.repeat(64) },
    ]);
    const { rows } = await openListing(join(folder, 'archive'));
    expect((await rows())[0]?.seconds).toBeUndefined();
  });

  it('hears the signal', async () => {
    const folder = await tempFolder();
    await writeArchive(
      folder,
      Array.from({ length: 1200 }, (_, n) => ({ id: `call-${n}` })),
    );
    const cut = new AbortController();
    const survey = new ListingSurvey(NOW);
    const listing = new Listing(await FolderListing.open(folder, survey, cut.signal), survey, {});
    const pieces = listing.pieces(cut.signal);
    expect((await pieces.next()).done).toBe(false);
    cut.abort(new Error('enough'));
    await expect(pieces.next()).rejects.toThrow('enough');
  });

  it.each<[string, ListingOptions]>([
    ['that are passed over', { status: 'gone' }],
    ['that are sorted', { sort: 'id' }],
  ])('hears the signal amid very many recordings %s', async (_what, options) => {
    const folder = await tempFolder();
    await writeArchive(folder, many(6000));
    const { listing } = await openListing(folder, options);
    const cut = new AbortController();
    setImmediate(() => cut.abort(new Error('enough')));
    await expect(listing.pieces(cut.signal).next()).rejects.toThrow('enough');
  });
});
