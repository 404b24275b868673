import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldName } from '../../../src/archive/file-name.ts';
import { ArchiveFolder } from '../../../src/archive/folder/archive-folder.ts';
import { MANIFEST_NAME, type ManifestLine } from '../../../src/archive/manifest.ts';
import { parseNameTemplate } from '../../../src/archive/name-template.ts';
import { RecordingError } from '../../../src/errors.ts';
import type { ListRow } from '../../../src/list/list-row.ts';
import { filesBelow } from '../../helpers/secrets.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { testSystem } from '../../helpers/test-system.ts';

const HEADERS = ['Recording ID', 'Caller'];
const clock = testSystem();
const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');
const rowOf = (id: string, caller: string): ListRow => ({ id, line: 2, raw: `${id},${caller}`, columns: [id, caller] });

/** Saves the rows' recordings, whose bytes are their ids, as a run does; gives the path of each below the folder. */
async function save(folder: string, template: string | undefined, ...rows: ListRow[]): Promise<string[]> {
  const naming = { headers: HEADERS, template: template === undefined ? undefined : parseNameTemplate(template, HEADERS) };
  const archive = await ArchiveFolder.open(folder, clock, naming);
  try {
    return await Promise.all(
      rows.map(async (row) => {
        const draft = await archive.destinationFor(row).open(row.id);
        await draft.restart(undefined);
        await draft.write(Buffer.from(row.id));
        const file = await draft.commit({ extension: 'mp3', sha256: sha256(row.id) });
        const told = {
          bytes: Buffer.byteLength(row.id),
          sha256: sha256(row.id),
          contentType: null,
          etag: null,
          attempts: 1,
          durationMs: 1,
        };
        await archive.record({ row, saved: { id: row.id, file, ...told } });
        return relative(folder, file);
      }),
    );
  } finally {
    await archive.close();
  }
}

async function manifest(folder: string): Promise<ManifestLine[]> {
  const text = await readFile(join(folder, MANIFEST_NAME), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const read = (folder: string, file: string) => readFile(join(folder, file), 'utf8');

describe('recordings that are named by a template', () => {
  it('lie in folders that are made for them', async () => {
    const folder = await tempFolder();
    expect(await save(folder, '{Caller}/{id}.{ext}', rowOf('a', 'Ann'), rowOf('b', 'Bob/Ben'))).toEqual(['Ann/a.mp3', 'Bob%2FBen/b.mp3']);
    expect(await read(folder, 'Ann/a.mp3')).toBe('a');
    expect((await manifest(folder)).map(({ file }) => file).sort()).toEqual(['Ann/a.mp3', 'Bob%2FBen/b.mp3']);
  });

  it.each([
    ['the same name', ['Ann', 'Ann', 'Ann']],
    ['names that differ in letter case alone', ['Ann', 'ANN', 'aNN']],
    ['names that differ in how they are composed', ['\u00e9', 'e\u0301', 'E\u0301']],
  ])('lose none to %s', async (_what, callers) => {
    const folder = await tempFolder();
    const ids = ['a', 'b', 'c'];
    const files = await save(folder, '{Caller}', ...callers.map((caller, index) => rowOf(ids[index] ?? '', caller)));
    expect(new Set(files.map(foldName)).size).toBe(3);
    expect(await Promise.all(files.map((file) => read(folder, file)))).toEqual(ids);
    // Another run takes each for its own: saved again, nothing moves and nothing is lost.
    expect(await save(folder, '{Caller}', ...callers.map((caller, index) => rowOf(ids[index] ?? '', caller)))).toEqual(files);
  });

  it('lose none to another run, or to a file that nobody recorded', async () => {
    const folder = await tempFolder();
    await save(folder, '{Caller}', rowOf('a', 'Ann'));
    await writeFile(join(folder, 'Bob.mp3'), 'mine');
    const [ann, bob] = await save(folder, '{Caller}', rowOf('x', 'ANN'), rowOf('b', 'Bob'));
    expect([
      await read(folder, 'Ann.mp3'),
      await read(folder, ann ?? ''),
      await read(folder, bob ?? ''),
      await read(folder, 'Bob.mp3'),
    ]).toEqual([...['a', 'x', 'b', 'mine']]);
  });

  it('keep their place where the template changes', async () => {
    const folder = await tempFolder();
    await save(folder, '{Caller}/{id}', rowOf('a', 'Ann'));
    expect(await save(folder, '{id}', rowOf('a', 'Ann'))).toEqual(['Ann/a.mp3']);
  });

  it('leave the files of the folder itself alone, whatever the callers are called', async () => {
    const folder = await tempFolder();
    const callers = ['manifest.jsonl', 'MANIFEST.JSONL', 'failed.txt', 'failed.txt.part', '.kaleyra-rec.lock', '..', '.', '/', 'x.part'];
    const files = await save(folder, '{Caller}/{id}', ...callers.map((caller, index) => rowOf(`${index}`, caller)));
    expect(await manifest(folder)).toHaveLength(callers.length);
    expect(filesBelow(folder)).toEqual([...files, MANIFEST_NAME].sort());
    expect(files.map((file) => file.split('/').length)).toEqual(callers.map(() => 2));
  });

  it('are had whole whatever the values are, each in its own file below the folder', async () => {
    const caller = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom('a', 'A', '..', 'x/y', 'x%2Fy', '', 'manifest.jsonl'),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(caller, { maxLength: 8 }),
        fc.constantFrom('{Caller}', '{Caller}/{Caller}', '{ext}/{Caller}'),
        async (callers, template) => {
          const outer = await tempFolder();
          const folder = join(outer, 'calls');
          await mkdir(folder);
          const rows = callers.map((name, index) => rowOf(`id${index}`, name));
          const files = await save(folder, template, ...rows);
          expect(new Set(files.map(foldName)).size).toBe(rows.length);
          for (const [index, file] of files.entries()) expect(await read(folder, file)).toBe(`id${index}`);
          expect(filesBelow(outer).filter((file) => !file.startsWith('calls/'))).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('the row of a report', () => {
  it('stands in the line of each outcome', async () => {
    const folder = await tempFolder();
    await save(folder, undefined, rowOf('a', ' +39 02 '));
    const archive = await ArchiveFolder.open(folder, clock, { headers: HEADERS });
    const error = new RecordingError('TIMEOUT', 'Too slow.', { hint: 'Wait.' });
    await archive.record({ row: { ...rowOf('b', 'x'), columns: ['b'] }, error, attempts: 2 });
    await archive.close();
    expect((await manifest(folder)).map(({ status, row }) => [status, row])).toEqual([
      ['saved', { 'Recording ID': 'a', Caller: ' +39 02 ' }],
      ['failed', { 'Recording ID': 'b', Caller: '' }],
    ]);
  });

  it('keeps both of two columns headed alike, and headers that mean something to JavaScript', async () => {
    const folder = await tempFolder();
    const headers = ['Recording ID', 'Note', 'Note', '__proto__', 'constructor'];
    const archive = await ArchiveFolder.open(folder, clock, { headers });
    const row = { ...rowOf('a', ''), columns: ['a', 'one', 'two', 'p', 'c'] };
    await archive.record({ row, error: new RecordingError('TIMEOUT', 'x', { hint: 'x' }), attempts: 1 });
    await archive.close();
    expect(await read(folder, MANIFEST_NAME)).toContain(
      '"row":{"Recording ID":"a","Note":"one","Note (2)":"two","__proto__":"p","constructor":"c"}',
    );
  });

  it('is not there for a list of ids', async () => {
    const folder = await tempFolder();
    const archive = await ArchiveFolder.open(folder, clock);
    await archive.record({ row: { id: 'a', line: 1, raw: 'a' }, error: new RecordingError('TIMEOUT', 'x', { hint: 'x' }), attempts: 1 });
    await archive.close();
    expect((await manifest(folder))[0]).not.toHaveProperty('row');
  });
});
