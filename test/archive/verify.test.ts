import { execFileSync } from 'node:child_process';
import { appendFile, chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MANIFEST_NAME } from '../../src/archive/manifest.ts';
import { interruptedError } from '../../src/errors.ts';
import type { Finding } from '../../src/events.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { failed, folderWith, saved, sha256, verify, verifyFolder } from './checked-folder.ts';

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

  it('does not take a link for the file that it leads to, wherever that is, and names a link to nowhere as unrecorded', async () => {
    const folder = await folderWith({ 'copy.mp3': 'a' }, [saved('a', 'loop.mp3', 'a'), saved('b', 'link.mp3', 'a')]);
    await symlink('loop.mp3', join(folder, 'loop.mp3'));
    await symlink('copy.mp3', join(folder, 'link.mp3'));
    await symlink('nowhere', join(folder, 'stranger'));
    expect((await verify(folder)).findings).toEqual([
      { status: 'unrecorded', file: 'copy.mp3' },
      { status: 'link', id: 'b', file: 'link.mp3' },
      { status: 'link', id: 'a', file: 'loop.mp3' },
      { status: 'unrecorded', file: 'stranger' },
    ]);
  });

  it('goes into a linked folder in which something is recorded: a month on another disk', async () => {
    const elsewhere = await folderWith({ 'a.mp3': 'a', 'stranger.txt': '' }, []);
    const folder = await folderWith({}, [saved('a', '2026-11/a.mp3', 'a')]);
    await symlink(elsewhere, join(folder, '2026-11'));
    expect((await verify(folder)).findings).toEqual([
      { status: 'whole', id: 'a', file: '2026-11/a.mp3', bytes: 1 },
      { status: 'unrecorded', file: '2026-11/manifest.jsonl' },
      { status: 'unrecorded', file: '2026-11/stranger.txt' },
    ]);
  });

  it('calls two ids with one file damage, under whatever spelling', async () => {
    const folder = await folderWith({ 'x/\u00e9.mp3': 'a' }, [saved('a', 'x/\u00e9.mp3', 'a'), saved('b', 'x/e\u0301.mp3', 'a')]);
    expect((await verify(folder)).findings).toContainEqual({ status: 'shared', id: 'b', file: 'x/e\u0301.mp3' });
  });

  it('finds names whose characters were decomposed or composed on the way, folder by folder', async () => {
    const folder = await folderWith({ 'Jose\u0301/\u00e9.mp3': 'a', 'Jose\u0301/Zoe\u0308.mp3': 'b' }, [
      saved('a', 'Jos\u00e9/\u00e9.mp3', 'a'),
      saved('b', 'Jos\u00e9/Zo\u00eb.mp3', 'b'),
    ]);
    expect((await verify(folder)).findings.map(({ status }) => status)).toEqual(['whole', 'whole']);
  });

  it('says which file that nobody recorded has the bytes of a missing one', async () => {
    const folder = await folderWith({ 'renamed.mp3': 'abc', 'other.mp3': 'abd' }, [saved('a', 'a.mp3', 'abc')]);
    const { findings } = await verify(folder);
    expect(findings).toContainEqual({ status: 'missing', id: 'a', file: 'a.mp3' });
    expect(findings.filter(({ status }) => status === 'moved')).toEqual([{ status: 'moved', id: 'a', file: 'a.mp3', to: 'renamed.mp3' }]);
  });

  it('does not wait for a pipe in the place of a file', async () => {
    const folder = await folderWith({}, [saved('a', 'a.mp3', '')]);
    execFileSync('mkfifo', [join(folder, 'a.mp3')]);
    expect((await verify(folder)).findings).toEqual([{ status: 'missing', id: 'a', file: 'a.mp3' }]);
  });

  it('passes over what desktops and file systems leave behind', async () => {
    const left = [
      '.DS_Store',
      'x/Thumbs.db',
      'desktop.ini',
      'x/Desktop.ini',
      'lost+found/inode',
      '._a.mp3',
      'x/@eaDir/a.mp3@SynoEAStream',
      '.nfs00000000018e179a00000009',
      '.fuse_hidden0000a1b200000001',
      'bad-rows.txt',
      'failed-1-of-3.txt',
    ];
    const folder = await folderWith(Object.fromEntries([...left, 'x/failed-1-of-3.txt'].map((file) => [file, ''])), []);
    expect((await verify(folder)).findings).toEqual([{ status: 'unrecorded', file: 'x/failed-1-of-3.txt' }]);
  });

  it('tells damaged lines of the manifest, and a torn one, before anything else', async () => {
    const folder = await folderWith({ 'a.mp3': 'a' }, [saved('a', 'a.mp3', 'a')]);
    await appendFile(join(folder, MANIFEST_NAME), 'x\ny\n{"id":"to');
    expect((await verify(folder)).findings).toEqual([
      { status: 'whole', id: 'a', file: 'a.mp3', bytes: 1 },
      { status: 'damaged', file: MANIFEST_NAME, line: 2, lines: 2 },
      { status: 'torn', file: MANIFEST_NAME, line: 4 },
    ]);
  });

  it('never takes it for whole either where the bit is in the last line', async () => {
    const folder = await folderWith({ 'alpha.mp3': 'alpha' }, [saved('alpha', 'alpha.mp3', 'alpha'), saved('bravo', 'bravo.mp3', 'bravo')]);
    const manifest = await readFile(join(folder, MANIFEST_NAME));
    for (let bit = 0; bit < 8; bit += 1) {
      const flipped = Buffer.from(manifest);
      flipped[flipped.length - 1] = 0x0a ^ (1 << bit);
      await writeFile(join(folder, MANIFEST_NAME), flipped);
      expect((await verify(folder)).findings.map(({ status }) => status).sort()).not.toEqual(['whole']);
    }
  });

  it.skipIf(process.getuid?.() === 0)('calls a file that may not be read unreadable, and checks the others', async () => {
    const folder = await folderWith({ 'a.mp3': 'a', 'b.mp3': 'b', 'x/c.mp3': 'c' }, [
      saved('a', 'a.mp3', 'a'),
      saved('b', 'b.mp3', 'b'),
      saved('c', 'x/c.mp3', 'c'),
    ]);
    await chmod(join(folder, 'a.mp3'), 0);
    await chmod(join(folder, 'x'), 0);
    const { findings } = await verify(folder);
    await chmod(join(folder, 'x'), 0o700);
    expect(findings).toEqual([
      { status: 'unreadable', id: 'a', file: 'a.mp3', why: 'permission is denied' },
      { status: 'whole', id: 'b', file: 'b.mp3', bytes: 1 },
      { status: 'unreadable', id: 'c', file: 'x/c.mp3', why: 'permission is denied' },
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
