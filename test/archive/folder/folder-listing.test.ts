import { execFileSync } from 'node:child_process';
import { link, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FolderListing } from '../../../src/archive/folder/folder-listing.ts';
import { ListingSurvey } from '../../../src/archive/listing.ts';
import type { ManifestLine } from '../../../src/archive/manifest-line.ts';
import { type Archived, toneWav, writeArchive } from '../../helpers/archive.ts';
import { openBelow, tellsOpenFiles } from '../../helpers/open-files.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const tone = toneWav(2);
const open = (folder: string, survey = new ListingSurvey(0)) => FolderListing.open(folder, survey, new AbortController().signal);

/** How long each recording of an archive plays, in the manifest's order; `spoil` changes the folder before that is asked. */
async function secondsOf(recordings: readonly Archived[], spoil: (folder: string) => unknown = () => {}) {
  const folder = await tempFolder();
  await writeArchive(folder, recordings);
  await spoil(folder);
  const listing = await open(folder);
  const seconds = [...listing.manifest.lastLines()].map(({ line }) => listing.secondsOf(line));
  await listing.close();
  return seconds;
}

describe('a folder that is listed', () => {
  it('is called as the user called it, and shows every line of its manifest to the survey', async () => {
    const folder = await tempFolder();
    await writeArchive(folder, [
      { id: 'a', content: tone, row: { Agent: 'Asha' } },
      { id: 'b', row: { Queue: 'Sales' } },
    ]);
    const survey = new ListingSurvey(0);
    const listing = await open(folder, survey);
    expect([listing.name, listing.manifestName]).toEqual([folder, join(folder, 'manifest.jsonl')]);
    expect(survey.headers).toEqual(['Agent', 'Queue']);
    await listing.close();
  });

  it('is said to have no manifest where it has none, with what to name instead', async () => {
    const folder = await tempFolder();
    await expect(open(folder)).rejects.toMatchObject({
      code: 'USAGE',
      message: `${folder} has no manifest.jsonl.`,
      hint: expect.stringContaining('batch'),
    });
  });

  it.skipIf(!tellsOpenFiles)('is let go of when it is closed', async () => {
    const folder = await tempFolder();
    await writeArchive(folder, [{ id: 'a', content: tone }]);
    const listing = await open(folder);
    expect(openBelow(folder)).toEqual(['manifest.jsonl']);
    await listing.close();
    expect(openBelow(folder)).toEqual([]);
  });
});

describe('how long a recording in a folder plays', () => {
  it('is told by its file', async () => {
    expect(
      await secondsOf([
        { id: 'a', content: tone },
        { id: 'b', content: toneWav(0.5), file: '2026/b.wav' },
      ]),
    ).toEqual([2, 0.5]);
  });

  it('is told of a file that has a second name', async () => {
    expect(await secondsOf([{ id: 'a', content: tone }], (folder) => link(join(folder, 'a.wav'), join(folder, 'same.wav')))).toEqual([2]);
  });

  it('is not told of what failed or is gone, though the file of an earlier run lies there', async () => {
    const states: ManifestLine['status'][] = ['failed', 'gone'];
    const error = { code: 'RECORDING_EXPIRED', message: 'It is too old.', hint: 'It is gone.', retryable: false } as const;
    expect(await secondsOf(states.map((status) => ({ id: status, status, error, content: tone })))).toEqual([undefined, undefined]);
  });

  it('is not guessed from the recording that was asked for before', async () => {
    const recordings = [
      { id: 'whole', content: tone },
      { id: 'cut', content: tone.subarray(0, 20) },
      { id: 'empty', content: Buffer.alloc(0) },
    ];
    expect(await secondsOf(recordings)).toEqual([2, undefined, undefined]);
  });

  it.each<[string, (file: string) => unknown]>([
    ['nothing', () => {}],
    ['a folder', (file) => mkdir(file)],
    ['a link', (file) => symlink('other.wav', file)],
    ['a pipe, which nobody writes to', (file) => execFileSync('mkfifo', [file])],
  ])('is not known where %s lies in its place', async (_what, put) => {
    const line = { id: 'a', status: 'saved', file: 'a.wav', bytes: tone.length, sha256: 'a'.repeat(64) } as const;
    const seconds = await secondsOf([line], async (folder) => {
      await writeFile(join(folder, 'other.wav'), tone);
      await put(join(folder, 'a.wav'));
    });
    expect(seconds).toEqual([undefined]);
  });

  it.skipIf(!tellsOpenFiles)('is told without a file staying open', async () => {
    const folder = await tempFolder();
    await writeArchive(folder, [{ id: 'a', content: tone }]);
    const listing = await open(folder);
    for (const { line } of listing.manifest.lastLines()) expect(listing.secondsOf(line)).toBe(2);
    expect(openBelow(folder)).toEqual(['manifest.jsonl']);
    await listing.close();
  });
});
