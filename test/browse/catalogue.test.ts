import { describe, expect, it } from 'vitest';
import { CallTimes } from '../../src/archive/call-times.ts';
import type { ManifestLine } from '../../src/archive/manifest-line.ts';
import type { ArchiveReader, PlacedLine } from '../../src/archive/reader.ts';
import { Catalogue } from '../../src/browse/catalogue.ts';
import { type Query, Search } from '../../src/browse/search.ts';

const EVERYTHING: Query = { text: '', from: '', until: '', status: '', sort: 'id', descending: false };
const { signal } = new AbortController();

function line(id: string): ManifestLine {
  return {
    ...{ id, status: 'saved', file: `${id}.mp3`, bytes: 1, sha256: 'ab', contentType: null, etag: null, attempts: 1 },
    ...{ at: '2026-11-20T09:00:00.000Z', error: null },
  };
}

/** A reader whose manifest is what `lines` gives, each time that it is read. */
function readerOf(lines: (from: string | undefined) => AsyncGenerator<PlacedLine>): ArchiveReader {
  return {
    name: 'calls',
    lines,
    size: () => Promise.reject(new Error('Nobody asks for a size.')),
    read: () => {
      throw new Error('Nobody reads a recording.');
    },
    locate: (file) => file,
  };
}

describe('what a run adds while the page is open', () => {
  it('is found although somebody searched for it while it was being read', async () => {
    let search: Search | undefined;
    const found = () => search?.find(EVERYTHING).recordings.map(({ line: { id } }) => id);
    const reader = readerOf(async function* () {
      for (const id of ['call-1', 'call-2']) {
        yield { line: line(id), next: id };
        found();
      }
    });
    const catalogue = new Catalogue(reader, new CallTimes(0));
    search = new Search(catalogue);
    const refreshed = catalogue.refresh(signal);
    for (let turn = 0; turn < 20; turn += 1) {
      found();
      await Promise.resolve();
    }
    await refreshed;
    expect(found()).toEqual(['call-1', 'call-2']);
  });

  it('is kept up to the line at which the archive could no longer be read, and goes on from there', async () => {
    const reader = readerOf(async function* (from) {
      if (from === undefined) {
        yield { line: line('call-1'), next: 'behind call-1' };
        throw new Error('The disk is gone.');
      }
      yield { line: line('call-2'), next: `${from} and call-2` };
    });
    const catalogue = new Catalogue(reader, new CallTimes(0));
    await expect(catalogue.refresh(signal)).rejects.toThrow('The disk is gone.');
    await catalogue.refresh(signal);
    expect(catalogue.recordings.map(({ line: { id } }) => id)).toEqual(['call-1', 'call-2']);
  });

  it('counts the lines that cannot be read', async () => {
    const reader = readerOf(async function* () {
      yield { line: undefined, next: '1' };
      yield { line: line('call-1'), next: '2' };
    });
    const catalogue = new Catalogue(reader, new CallTimes(0));
    await catalogue.refresh(signal);
    expect([catalogue.unreadable, catalogue.recordings.length]).toEqual([1, 1]);
  });
});
