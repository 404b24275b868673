import { createHash } from 'node:crypto';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MANIFEST_NAME } from '../../src/archive/manifest.ts';
import { verifyFolder } from '../../src/archive/verify.ts';
import { interruptedError } from '../../src/errors.ts';
import type { Finding } from '../../src/events.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');

/** The manifest's line of a recording that was saved with this content. */
function saved(id: string, file: string, content: string) {
  return { id, status: 'saved', file, bytes: Buffer.byteLength(content), sha256: sha256(content), attempts: 1, at: '', error: null };
}

const failed = (id: string) => ({ id, status: 'failed', file: null, bytes: null, sha256: null, attempts: 1, at: '', error: null });

/** A folder with these files and a manifest of these lines. */
async function folderWith(files: Record<string, string>, lines: readonly object[]): Promise<string> {
  const folder = await tempFolder();
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), content);
  }
  await writeFile(join(folder, MANIFEST_NAME), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return folder;
}

/** Everything that is found out about a folder, by file; and the total that was told beforehand. */
async function verify(folder: string, signal = new AbortController().signal) {
  const findings: Finding[] = [];
  let total: number | undefined;
  const onTotal = (files: number) => {
    expect(findings).toEqual([]);
    total = files;
  };
  await verifyFolder(folder, { onTotal, onFinding: (finding) => void findings.push(finding) }, signal);
  findings.sort((one, other) => (one.file < other.file ? -1 : 1));
  return { findings, total };
}

describe('verify', () => {
  it('finds a folder whole whose files are as they were saved', async () => {
    const folder = await folderWith({ 'a.mp3': 'aa', '2026/b.wav': 'bbb' }, [saved('a', 'a.mp3', 'aa'), saved('b', '2026/b.wav', 'bbb')]);
    expect(await verify(folder)).toEqual({
      total: 2,
      findings: [
        { status: 'whole', id: 'b', file: '2026/b.wav', bytes: 3 },
        { status: 'whole', id: 'a', file: 'a.mp3', bytes: 2 },
      ],
    });
  });

  it('names what is missing, short, longer, changed and unrecorded', async () => {
    const files = { 'changed.mp3': 'xyz', 'short.mp3': 'a', 'long.mp3': 'abcd', 'whole.mp3': 'abc', 'below/stranger.txt': '' };
    const ids = ['changed', 'short', 'long', 'whole', 'missing'];
    const folder = await folderWith(
      files,
      ids.map((id) => saved(id, `${id}.mp3`, 'abc')),
    );
    expect(await verify(folder)).toEqual({
      total: 5,
      findings: [
        { status: 'unrecorded', file: 'below/stranger.txt' },
        { status: 'changed', id: 'changed', file: 'changed.mp3', sha256: sha256('xyz'), expectedSha256: sha256('abc') },
        { status: 'changed', id: 'long', file: 'long.mp3', sha256: sha256('abcd'), expectedSha256: sha256('abc') },
        { status: 'missing', id: 'missing', file: 'missing.mp3' },
        { status: 'short', id: 'short', file: 'short.mp3', bytes: 1, expectedBytes: 3 },
        { status: 'whole', id: 'whole', file: 'whole.mp3', bytes: 3 },
      ],
    });
  });

  it('goes by the last line that called an id saved, also where it was to be mended in vain since', async () => {
    const folder = await folderWith({ 'a.mp3': 'A', 'b.wav': 'b' }, [
      saved('a', 'a.mp3', 'a'),
      saved('b', 'b.mp3', 'old'),
      failed('a'),
      saved('b', 'b.wav', 'b'),
      failed('c'),
    ]);
    expect(await verify(folder)).toEqual({
      total: 2,
      findings: [
        { status: 'changed', id: 'a', file: 'a.mp3', sha256: sha256('A'), expectedSha256: sha256('a') },
        { status: 'whole', id: 'b', file: 'b.wav', bytes: 1 },
      ],
    });
  });

  it('passes over what the tool itself keeps there, at the top of the folder', async () => {
    const own = [
      'failed.txt',
      'failed.txt.part',
      '.kaleyra-rec.lock',
      '.kaleyra-rec.lock.0-1.heir',
      'a~0.part',
      'a~0.part.json',
      'a~0.part.json.new',
      'x/b.part',
    ];
    const strangers = ['x/failed.txt', 'x/manifest.jsonl', 'a.part.mp3'];
    const folder = await folderWith(Object.fromEntries([...own, ...strangers].map((file) => [file, ''])), []);
    const { findings } = await verify(folder);
    expect(findings).toEqual([...strangers].sort().map((file) => ({ status: 'unrecorded', file })));
  });

  it.each(['../outside.mp3', '/etc/hostname', '..', 'a\0b.mp3'])('looks at no file that the manifest places at %j', async (file) => {
    const root = await folderWith({}, []);
    const folder = join(root, 'folder');
    await mkdir(folder);
    await writeFile(join(root, 'outside.mp3'), 'a');
    await writeFile(join(folder, MANIFEST_NAME), `${JSON.stringify(saved('a', file, 'a'))}\n`);
    expect(await verify(folder)).toEqual({ total: 1, findings: [{ status: 'missing', id: 'a', file }] });
  });

  it.each([
    ['a folder', 'sub', { 'sub/x.part': '' }],
    ['below a file', 'a.part/b.mp3', { 'a.part': '' }],
    ['of a name longer than any', `${'x'.repeat(300)}.mp3`, {}],
  ])('calls a file missing whose place is %s', async (_what, file, files) => {
    const folder = await folderWith(files, [saved('a', file, 'a')]);
    expect((await verify(folder)).findings).toEqual([{ status: 'missing', id: 'a', file }]);
  });

  it('calls a file missing that is a symbolic link to itself, and a link to nowhere unrecorded', async () => {
    const folder = await folderWith({}, [saved('a', 'loop.mp3', 'a')]);
    await symlink('loop.mp3', join(folder, 'loop.mp3'));
    await symlink('nowhere', join(folder, 'stranger'));
    expect((await verify(folder)).findings).toEqual([
      { status: 'missing', id: 'a', file: 'loop.mp3' },
      { status: 'unrecorded', file: 'stranger' },
    ]);
  });

  it('does not enter a linked folder, so that links in a circle end', async () => {
    const folder = await folderWith({}, []);
    await symlink('.', join(folder, 'circle'));
    expect((await verify(folder)).findings).toEqual([{ status: 'unrecorded', file: 'circle' }]);
  });

  it('finds as many as there are, with many more files than it reads at once', async () => {
    const names = Array.from({ length: 300 }, (_, n) => `${n}.mp3`);
    const folder = await folderWith(
      Object.fromEntries(names.map((name) => [name, name])),
      names.map((name) => saved(name, name, name)),
    );
    const { findings, total } = await verify(folder);
    expect(total).toBe(300);
    expect(findings.filter(({ status }) => status === 'whole')).toHaveLength(300);
  });

  it('is a usage error that names the folder where nothing was ever recorded', async () => {
    const folder = await tempFolder();
    for (const place of [folder, join(folder, 'not-there')]) {
      await expect(verify(place)).rejects.toMatchObject({
        code: 'USAGE',
        message: expect.stringContaining(place),
        hint: expect.stringContaining('batch'),
      });
    }
  });

  it('is content with a manifest that holds nothing', async () => {
    expect(await verify(await folderWith({}, []))).toEqual({ total: 0, findings: [] });
  });

  it('ends with the reason of a stop, and names nothing as unrecorded after it', async () => {
    const names = Array.from({ length: 50 }, (_, n) => `${n}.mp3`);
    const folder = await folderWith(
      { stranger: '', ...Object.fromEntries(names.map((name) => [name, name])) },
      names.map((name) => saved(name, name, name)),
    );
    const stop = new AbortController();
    const findings: Finding[] = [];
    const onFinding = (finding: Finding) => {
      findings.push(finding);
      stop.abort(interruptedError('SIGINT'));
    };
    await expect(verifyFolder(folder, { onTotal() {}, onFinding }, stop.signal)).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(findings.length).toBeLessThan(names.length);
    expect(findings.filter(({ status }) => status === 'unrecorded')).toEqual([]);
  });

  it('hands on what whoever is told throws, and hashes no more', async () => {
    const folder = await folderWith({ 'a.mp3': 'a' }, [saved('a', 'a.mp3', 'a')]);
    const onFinding = () => {
      throw new Error('the reader is gone');
    };
    await expect(verifyFolder(folder, { onTotal() {}, onFinding }, new AbortController().signal)).rejects.toThrow('the reader is gone');
  });
});
