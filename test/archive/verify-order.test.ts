import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { FolderCheck } from '../../src/archive/folder/folder-check.ts';
import type { ManifestLine } from '../../src/archive/manifest-line.ts';
import { type Checked, verifyArchive } from '../../src/archive/verify.ts';
import type { Finding } from '../../src/events.ts';
import { folderWith, saved } from './checked-folder.ts';

const never = new AbortController().signal;

/** Verifies an archive of so many recordings, each of which is `check`ed as the test likes; what is told goes into `findings`. */
async function start(ids: readonly string[], check: (id: string) => Promise<Checked['status']>) {
  const folder = await folderWith(
    {},
    ids.map((id) => saved(id, `${id}.wav`, id)),
  );
  const archive = await FolderCheck.open(folder, never);
  archive.check = async ({ id, file = '' }: ManifestLine) => {
    const status = await check(id);
    return { status, id, file, bytes: 1, expectedBytes: 2, sha256: '', expectedSha256: '', why: '' } as Checked;
  };
  const findings: Finding[] = [];
  const ended = verifyArchive(archive, folder, { onTotal() {}, onFinding: (finding) => void findings.push(finding) }, never);
  return { findings, ended: ended.finally(() => archive.close()) };
}

/** Waits until a count has stood still for a while of turns. */
async function standstill(count: () => number): Promise<void> {
  for (let before = -1, turns = 0; turns < 200; turns = before === count() ? turns + 1 : 0) {
    before = count();
    await setImmediate();
  }
}

const idOf = (finding: Finding) => ('id' in finding ? finding.id : finding.file);

it('tells what is wrong in the order of the manifest, whatever is found out first, and what is whole at once', async () => {
  const asked = new Map<string, (status: Checked['status']) => void>();
  const { findings, ended } = await start(['a', 'b', 'c', 'd'], (id) => new Promise((resolve) => asked.set(id, resolve)));
  await standstill(() => asked.size);
  asked.get('d')?.('short');
  asked.get('b')?.('missing');
  asked.get('c')?.('whole');
  await standstill(() => findings.length);
  expect(findings.map(idOf)).toEqual(['c']);
  asked.get('a')?.('changed');
  await ended;
  expect(findings.map(idOf)).toEqual(['c', 'a', 'b', 'd']);
});

it('keeps no more than some thousands of findings for one recording that takes long', async () => {
  const ids = Array.from({ length: 12_000 }, (_, n) => `${n}`);
  let checked = 0;
  let endFirst = () => {};
  const { findings, ended } = await start(ids, async (id) => {
    checked += 1;
    if (id === '0') await new Promise<void>((resolve) => (endFirst = resolve));
    return 'missing';
  });
  await standstill(() => checked);
  expect(findings).toEqual([]);
  expect(checked).toBeLessThan(10_100);
  endFirst();
  await ended;
  expect(findings.map(idOf)).toEqual(ids);
});
