import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Archive, ArchiveOptions } from '../../src/archive/archive.ts';
import type { Draft, Fetched } from '../../src/archive/draft.ts';
import { foldName } from '../../src/archive/file-name.ts';
import { parseNameTemplate } from '../../src/archive/name-template.ts';
import { RecordingError } from '../../src/errors.ts';
import type { SavedRecording } from '../../src/events.ts';
import type { ListRow } from '../../src/list/list-row.ts';

/** A place that holds an archive, as a test makes it: new and empty. Files are named as {@link SavedRecording.file} names them. */
export interface ArchivePlace {
  /** Opens the archive, as a run does that begins at `now` (milliseconds since 1970 UTC). */
  open(options?: ArchiveOptions, now?: number): Promise<Archive>;
  read(file: string): Promise<Buffer>;
  write(file: string, bytes: Uint8Array): Promise<void>;
  remove(file: string): Promise<void>;
  /** The names of all that lies there, those of the archive's own records apart. */
  names(): Promise<string[]>;
  /** What `failed.txt` says; undefined where there is none. */
  failedList(): Promise<string | undefined>;
  writeFailedList(text: string): Promise<void>;
}

const NOW = Date.UTC(2026, 10, 1);
const DAY = 24 * 60 * 60 * 1000;
const HEADERS = ['Recording ID', 'Caller'];

const rowOf = (id: string, raw = id): ListRow => ({ id, line: 1, raw });
const reportRow = (id: string, caller: string): ListRow => ({ ...rowOf(id, `${id},${caller}`), columns: [id, caller] });
const report: ArchiveOptions = { header: 'Recording ID,Caller', naming: { headers: HEADERS } };

const network = new RecordingError('NETWORK', 'No connection.', { hint: 'Try again.' });
const expired = new RecordingError('RECORDING_EXPIRED', 'It is past its 6 months.', { hint: 'It is gone.' });
const invalid = new RecordingError('RECORDING_NOT_FOUND', 'The id is invalid.', { hint: 'Check the id.' });
const late = new RecordingError('RECORDING_NOT_FOUND', 'The id is invalid.', { hint: 'Try again.', retryable: true });

/** What is known of a recording that holds this text. */
export function fetchedOf(text: string, more: Partial<Fetched> = {}): Fetched {
  const bytes = Buffer.from(text);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return {
    ...{ extension: 'mp3', bytes: bytes.length, sha256, contentType: 'audio/mpeg', etag: '"e"', attempts: 2, durationMs: 5 },
    ...more,
  };
}

/** Fills a draft with a text. */
export async function write(draft: Draft, text: string): Promise<void> {
  await draft.restart(undefined);
  await draft.write(Buffer.from(text));
}

/** Saves a text as a row's recording. */
export async function put(archive: Archive, row: ListRow, text = row.id, more: Partial<Fetched> = {}): Promise<SavedRecording> {
  const draft = await archive.open(row);
  await write(draft, text);
  return draft.commit(fetchedOf(text, more));
}

/**
 * What every kind of archive has to do: the tests that a new kind is held against. `make` gives a place of its own to each test.
 */
export function archiveContract(kind: string, make: () => Promise<ArchivePlace>): void {
  /** Opens the archive, and closes it when the work is done. */
  async function inRun<Result>(
    place: ArchivePlace,
    work: (archive: Archive) => Promise<Result> | Result,
    options?: ArchiveOptions,
    now = NOW,
  ) {
    const archive = await place.open(options, now);
    try {
      return await work(archive);
    } finally {
      await archive.close();
    }
  }
  const know = (place: ArchivePlace, id: string, { checksum = false, ...options }: ArchiveOptions & { checksum?: boolean } = {}) =>
    inRun(place, async (archive) => archive.know(id, { checksum }), options);

  describe(`${kind}, what it knows`, () => {
    it('is nothing where it is new, and something from its first line on', async () => {
      const place = await make();
      await inRun(place, (archive) => {
        expect(archive.isEmpty).toBe(true);
        expect(archive.know('a', { checksum: false })).toEqual({ status: 'wanted' });
      });
      await inRun(place, (archive) => archive.refuse(rowOf('b'), network, 1));
      expect(await inRun(place, (archive) => archive.isEmpty)).toBe(false);
      expect(await know(place, 'a')).toEqual({ status: 'wanted' });
    });

    it('is all of a saved recording but how long it took', async () => {
      const place = await make();
      const marks = { incomplete: { announced: 9, bytes: 3 }, unconfirmed: 'etag' };
      const saved = await inRun(place, (archive) => put(archive, rowOf('a=='), 'abc', marks));
      const { extension, ...told } = fetchedOf('abc', marks);
      expect(saved).toEqual({ id: 'a==', file: saved.file, ...told });
      expect(await know(place, 'a==')).toEqual({ status: 'saved', recording: { ...saved, durationMs: 0 } });
      expect(String(await place.read(saved.file))).toBe('abc');
    });

    it('tells ids apart that differ in letter case alone', async () => {
      const place = await make();
      await inRun(place, (archive) => put(archive, rowOf('abc')));
      expect(await know(place, 'ABC')).toEqual({ status: 'wanted' });
    });

    it('is that a recording is wanted again whose object is missing or of another size, and with a checksum one that has changed', async () => {
      const place = await make();
      const [missing, short, changed] = await inRun(place, (archive) =>
        Promise.all(['missing', 'short', 'changed'].map((id) => put(archive, rowOf(id)))),
      );
      await place.remove(missing?.file ?? '');
      await place.write(short?.file ?? '', Buffer.from('sh'));
      await place.write(changed?.file ?? '', Buffer.from('CHANGED'));
      for (const id of ['missing', 'short']) expect(await know(place, id)).toEqual({ status: 'wanted' });
      expect(await know(place, 'changed', { checksum: true })).toEqual({ status: 'wanted' });
    });

    it('is what the service said to the account that is asked: gone for that one, and not for another', async () => {
      const place = await make();
      await inRun(place, (archive) => archive.refuse(rowOf('a'), expired, 1), { account: 'one' });
      await inRun(place, (archive) => archive.refuse(rowOf('old'), expired, 1));
      expect(await know(place, 'a', { account: 'one' })).toEqual({ status: 'gone', error: expired.toJSON() });
      expect(await know(place, 'a', { account: 'two' })).toEqual({ status: 'wanted' });
      expect(await know(place, 'a')).toMatchObject({ status: 'gone' });
      expect(await know(place, 'old', { account: 'two' })).toMatchObject({ status: 'gone' });
    });

    it('is when the service first called an id invalid, for each account, whatever was said in between', async () => {
      const place = await make();
      const refuse = (error: RecordingError, day: number, account: string) =>
        inRun(place, (archive) => archive.refuse(rowOf('a'), error, 1), { account }, NOW + day * DAY);
      await refuse(late, 0, 'one');
      await refuse(late, 1, 'two');
      await refuse(network, 2, 'one');
      await refuse(late, 3, 'one');
      expect(await know(place, 'a', { account: 'one' })).toEqual({ status: 'failed', invalidSince: NOW });
      expect(await know(place, 'a', { account: 'two' })).toEqual({ status: 'failed', invalidSince: NOW + DAY });
      expect(await know(place, 'a', { account: 'three' })).toEqual({ status: 'failed' });
      await refuse(invalid, 4, 'one');
      expect(await know(place, 'a', { account: 'one' })).toEqual({ status: 'gone', error: invalid.toJSON(), invalidSince: NOW });
    });

    it('is that a recording is whole, though a later run called it failed or gone, and the last line says so once that is confirmed', async () => {
      for (const error of [network, expired]) {
        const place = await make();
        const { file } = await inRun(place, (archive) => put(archive, rowOf('a'), 'abc'));
        await inRun(place, (archive) => archive.refuse(rowOf('a'), error, 1));
        expect(await know(place, 'a')).toMatchObject({ status: 'saved', recording: { id: 'a', file }, denied: true });
        await inRun(place, (archive) => archive.confirm(rowOf('a')));
        const known = await know(place, 'a');
        expect(known).toMatchObject({ status: 'saved', recording: { id: 'a', file } });
        expect(known).not.toHaveProperty('denied');
      }
    });
  });

  describe(`${kind}, what it holds`, () => {
    it('gives no name to what is thrown away', async () => {
      const place = await make();
      await inRun(place, async (archive) => {
        const draft = await archive.open(rowOf('a'));
        await write(draft, 'abc');
        await draft.discard();
      });
      expect(await place.names()).toEqual([]);
      expect(await know(place, 'a')).toEqual({ status: 'wanted' });
    });

    it('names a recording after its id and what it is, and leaves nothing beside it', async () => {
      const place = await make();
      await inRun(place, (archive) => put(archive, rowOf('a/b=='), 'abc', { extension: 'wav' }));
      expect(await place.names()).toEqual(['a%2Fb==.wav']);
    });

    it('names it by the template, in folders', async () => {
      const place = await make();
      const naming = { headers: HEADERS, template: parseNameTemplate('{Caller}/{id}.{ext}', HEADERS) };
      await inRun(place, (archive) => put(archive, reportRow('a', 'Bob/Ben')), { ...report, naming });
      expect(await place.names()).toEqual(['Bob%2FBen/a.mp3']);
    });

    it('keeps recordings apart whose names would meet, on any disk, in one run and the next', async () => {
      const place = await make();
      const ids = ['abc', 'ABC', 'Abc', 'é', 'e\u0301'];
      const save = (some: string[]) => inRun(place, (archive) => Promise.all(some.map((id) => put(archive, rowOf(id)))));
      const saved = [...(await save(ids.slice(0, 2))), ...(await save(ids.slice(2)))];
      expect(new Set((await place.names()).map(foldName)).size).toBe(ids.length);
      for (const { id, file } of saved) expect(String(await place.read(file))).toBe(id);
    });

    it('has all of many that are saved at once', async () => {
      const place = await make();
      const ids = Array.from({ length: 50 }, (_, n) => `call-${n}`);
      await inRun(place, (archive) => Promise.all(ids.map((id) => put(archive, rowOf(id)))));
      for (const id of ids) expect(await know(place, id, { checksum: true })).toMatchObject({ status: 'saved' });
    });
  });

  describe(`${kind}, its failed.txt`, () => {
    const refuse = (place: ArchivePlace, rows: ListRow[], options?: ArchiveOptions, error = network) =>
      inRun(
        place,
        async (archive) => {
          for (const row of rows) await archive.refuse(row, error, 1);
          return archive.listFailed();
        },
        options,
      );

    it('holds the rows that failed as they came, and no others', async () => {
      const place = await make();
      const path = await refuse(place, [rowOf('a', '  a\t'), rowOf('b')]);
      expect(path).toMatch(/failed\.txt$/);
      expect(await place.failedList()).toBe('  a\t\nb\n');
      await refuse(place, [rowOf('c')], undefined, expired);
      expect(await place.failedList()).toBe('  a\t\nb\n');
    });

    it('holds the rows of a report under its header', async () => {
      const place = await make();
      await refuse(place, [reportRow('a', '"Ann; ""A"""'), { ...reportRow('b', ''), raw: '"b","two\nlines"' }], report);
      expect(await place.failedList()).toBe('Recording ID,Caller\na,"Ann; ""A"""\n"b","two\nlines"\n');
    });

    it('loses a row when that is saved or gone, and is taken away with its last one', async () => {
      const place = await make();
      await refuse(place, [rowOf('a'), rowOf('b')]);
      await inRun(place, async (archive) => {
        await put(archive, rowOf('a'));
        await archive.listFailed();
      });
      expect(await place.failedList()).toBe('b\n');
      expect(await refuse(place, [rowOf('b')], undefined, expired)).toBeUndefined();
      expect(await place.failedList()).toBeUndefined();
    });

    it('keeps the rows of one list when another is run', async () => {
      const place = await make();
      await refuse(place, [reportRow('a', 'Ann')], report);
      await refuse(place, [reportRow('b', 'Bob')], report);
      await inRun(place, (archive) => archive.listFailed());
      expect(await place.failedList()).toBe('Recording ID,Caller\na,Ann\nb,Bob\n');
    });

    it('is one report of all columns where the lists differ, and is still its own', async () => {
      const place = await make();
      await refuse(place, [reportRow('a', 'Ann, A.')], report);
      await refuse(place, [rowOf('b')]);
      const other = { header: 'Ref;Agent', naming: { headers: ['Ref', 'Agent'] } };
      await refuse(place, [{ ...rowOf('c', 'c;Cid'), columns: ['c', 'Cid\nC.'] }], other);
      expect(await place.failedList()).toBe('Recording ID,Caller,Ref,Agent\na,"Ann, A.",,\nb,,,\nc,,c,Cid C.\n');
      await refuse(place, [rowOf('a'), rowOf('b'), rowOf('c')], undefined, expired);
      expect(await place.failedList()).toBeUndefined();
    });

    it.each(['mine\n', 'a\nmine\n', 'a'.repeat(3_000_000)])('is never put in the place of a file that is another’s', async (text) => {
      const place = await make();
      await place.writeFailedList(text);
      await expect(refuse(place, [rowOf('a')])).rejects.toMatchObject({ exitCode: 7, message: expect.stringContaining('failed.txt') });
      expect(await place.failedList()).toBe(text);
      await refuse(place, [rowOf('a')], undefined, expired);
      expect(await place.failedList()).toBe(text);
    });

    it('is not made where nothing failed, and is made again where it was removed', async () => {
      const place = await make();
      expect(await refuse(place, [])).toBeUndefined();
      await refuse(place, [rowOf('a')]);
      await place.remove('failed.txt');
      await refuse(place, []);
      expect(await place.failedList()).toBe('a\n');
    });
  });
}
