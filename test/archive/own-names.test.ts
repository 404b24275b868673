import { describe, expect, it } from 'vitest';
import { isLeftByDesktop, isOwnName, isToolsFile } from '../../src/archive/own-names.ts';

describe("the tool's own files in an archive", () => {
  const parts = ['a.part', 'a.part.json', 'a.part.json.new', 'a.part.lock', 'a.part.lock.0-1', 'a.part.lock.0-1.heir'];
  const atTop = [
    ...['manifest.jsonl', 'failed.txt', 'bad-rows.txt', 'failed-1-of-3.txt', 'failed-12-of-30.txt'],
    ...['.kaleyra-rec.lock', '.kaleyra-rec.lock.0-1.heir'],
  ];

  it.each([...parts, ...atTop])('%s is one', (name) => {
    expect(isToolsFile(name)).toBe(true);
    expect(isOwnName(name)).toBe(true);
  });

  it.each([
    ...['a.part.mp3', 'a.parts', 'apart', 'a.part.json.old', 'a.part.jsonx', 'a.part.lockx', 'a.part.json.new.mp3', 'part'],
    ...['manifest.jsonl.mp3', 'my-manifest.jsonl', 'failed.txt.mp3', 'failed', 'kaleyra-rec.lock', 'my.kaleyra-rec.lock'],
    ...['bad-rows.txt.mp3', 'my-bad-rows.txt', 'bad-rowsxtxt', 'failed-1-of-3.txt.mp3', 'my-failed-1-of-3.txt'],
    ...['failed--of-3.txt', 'failed-1-of-.txt', 'failed-a-of-3.txt', 'failed-1-of-b.txt', 'failed-1-of-3xtxt'],
  ])('%s is none', (name) => {
    expect(isToolsFile(name)).toBe(false);
    expect(isOwnName(name)).toBe(false);
  });

  it('are those in folders below only while they are parts', () => {
    expect(parts.map((name) => isToolsFile(`x/y/${name}`))).toEqual(parts.map(() => true));
    expect(atTop.map((name) => isToolsFile(`x/${name}`))).toEqual(atTop.map(() => false));
  });

  it.each(['MANIFEST.JSONL', 'Failed.txt', 'A.PART', 'a.Part.Json', '.Kaleyra-Rec.lock', 'Bad-Rows.TXT', 'manifest\u00ad.jsonl'])(
    'bear a name that %s is the same as on some disk, and no recording gets it',
    (name) => {
      expect(isOwnName(name)).toBe(true);
    },
  );
});

describe('what desktops and file systems leave in folders', () => {
  it.each([
    ...['.DS_Store', 'Thumbs.db', 'desktop.ini', 'DESKTOP.INI', 'lost+found', '@eaDir', '._a.mp3', '._'],
    ...['.nfs01234567', '.nfs00000000018e179a00000009', '.fuse_hidden0', '.fuse_hidden0000a1b200000001'],
  ])('is %s', (name) => {
    expect(isLeftByDesktop(name)).toBe(true);
  });

  it.each([
    ...['a.mp3', 'a._', 'x.DS_Store', '.DS_Store.mp3', '.hidden'],
    ...['.nfs0123456', '.nfs0123456g', '.nfs01234567.mp3', 'x.nfs01234567', '.fuse_hidden', '.fuse_hidden0.mp3', 'x.fuse_hidden0'],
  ])('is not %s', (name) => {
    expect(isLeftByDesktop(name)).toBe(false);
  });
});
