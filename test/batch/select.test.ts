import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ArchiveFolder } from '../../src/archive/folder/archive-folder.ts';
import { type SelectOptions, select } from '../../src/batch/select.ts';
import { usageError } from '../../src/errors.ts';
import type { ListRow } from '../../src/list/list-row.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { testSystem } from '../helpers/test-system.ts';
import { type Fate, listOf, rowsOf, run } from './batch-run.ts';

async function plan(folder: string, rows: AsyncIterable<ListRow[]>, options: Partial<SelectOptions> = {}) {
  const archive = await ArchiveFolder.open(folder, testSystem());
  const planned: string[] = [];
  try {
    const wanted = { checksum: false, retryGone: false, ...options };
    for await (const { row, as } of select(rows, archive, wanted)) if (as === 'wanted') planned.push(row.id);
  } finally {
    await archive.close();
  }
  return planned;
}

const list = (...ids: string[]) => listOf(rowsOf(ids));

/** A folder in which `saved`, `gone` and `failed` have ended so. */
async function folderWithPast(): Promise<string> {
  const folder = await tempFolder();
  const fate = (id: string): Fate => (id === 'saved' ? 'saved' : id === 'gone' ? 'RECORDING_EXPIRED' : 'TIMEOUT');
  await run(folder, { rows: list('saved', 'gone', 'failed'), fate });
  return folder;
}

describe('what a batch would fetch', () => {
  it('is each id once, in the order of the list', async () => {
    expect(await plan(await tempFolder(), list('b', '', 'a', 'b', 'a'))).toEqual(['b', 'a']);
  });

  it('leaves out what is saved or gone', async () => {
    expect(await plan(await folderWithPast(), list('new', 'saved', 'gone', 'failed'))).toEqual(['new', 'failed']);
  });

  it('holds what is gone with --retry-gone', async () => {
    expect(await plan(await folderWithPast(), list('saved', 'gone'), { retryGone: true })).toEqual(['gone']);
  });

  it('is no more than the limit, and this machine’s alone', async () => {
    const rows = () => list('a', 'x1', 'b', 'x2', 'c');
    expect(await plan(await tempFolder(), rows(), { limit: 2 })).toEqual(['a', 'x1']);
    expect(await plan(await tempFolder(), rows(), { limit: 2, inShare: (id) => !id.startsWith('x') })).toEqual(['a', 'b']);
  });

  it.each<[string, Partial<SelectOptions>]>([
    ['as it is', {}],
    ['with --retry-gone', { retryGone: true }],
    ['with --limit', { limit: 2 }],
    ['with --checksum', { checksum: true }],
    ['with --shard', { inShare: (id: string) => id.length > 3 }],
  ])('is what the batch then asks for, %s', async (_how, options) => {
    const folder = await folderWithPast();
    const rows = () => list('new', 'saved', 'gone', 'failed', 'other');
    const planned = await plan(folder, rows(), options);
    expect((await run(folder, { ...options, rows: rows() })).asked).toEqual(planned);
  });

  it('writes nothing, and makes no folder', async () => {
    const folder = await tempFolder();
    await plan(join(folder, 'not-there'), list('a'));
    await plan(folder, list('a'));
    expect(await readdir(folder)).toEqual([]);
  });

  it('ends with what is wrong with the list', async () => {
    const broken = listOf(rowsOf(['a']), { failure: usageError('damaged', 'mend it') });
    await expect(plan(await tempFolder(), broken)).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('each row of a list', () => {
  it('is told with what is to be done with it, or why nothing is', async () => {
    const archive = await ArchiveFolder.open(await folderWithPast(), testSystem());
    const [total] = rowsOf(['Total']);
    const rows = [...rowsOf(['new', 'saved', '', 'gone', 'saved', 'failed', 'x']), { ...total, leftOut: 'passedOver' } as ListRow];
    const told: string[] = [];
    for await (const { row, as } of select(listOf(rows), archive, { checksum: false, retryGone: false, inShare: (id) => id !== 'x' })) {
      told.push(`${row.id} ${as}`);
    }
    await archive.close();
    expect(told).toEqual([
      ...['new wanted', 'saved saved', ' blank', 'gone gone', 'saved duplicate', 'failed wanted', 'x others', 'Total passedOver'],
    ]);
  });

  it('is read no sooner than it is asked for', async () => {
    const archive = await ArchiveFolder.open(await tempFolder(), testSystem());
    let read = 0;
    async function* rows() {
      for (const row of rowsOf(['a', 'b', 'c'])) {
        read += 1;
        yield [row];
      }
    }
    for await (const _ of select(rows(), archive, { checksum: false, retryGone: false, limit: 1 })) expect(read).toBe(1);
    await archive.close();
    expect(read).toBe(1);
  });
});
