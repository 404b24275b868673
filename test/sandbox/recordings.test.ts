import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRecordings, idOfObject, objectName } from '../../src/sandbox/recordings.ts';
import { allOf, readMp3, readWav } from './audio-files.ts';

const IDS = Array.from({ length: 60 }, (_, i) => `1a${i}b8agiu587==`);

describe('recordings', () => {
  test('are the same in every run', () => {
    const { size, contentType, etag } = createRecordings().get('abcd1234==', 1);
    // Fixed here so that a change of what is made shows: scripts may rely on it.
    expect({ size, contentType, etag }).toMatchInlineSnapshot(`
      {
        "contentType": "audio/wav",
        "etag": ""3605d9b408805f0374933bb4e474dea4"",
        "size": 321606,
      }
    `);
  });

  test('are other ones for other ids, even where the letter case alone differs', () => {
    const recordings = createRecordings();
    const etags = [...IDS, ...IDS.map((id) => id.toUpperCase())].map((id) => recordings.get(id, 1).etag);
    expect(new Set(etags).size).toBe(IDS.length * 2);
  });

  test('are WAV or MP3 files of 20 to 400 kB that name their id', () => {
    const recordings = createRecordings();
    const types = new Set<string>();
    for (const id of IDS) {
      const recording = recordings.get(id, 1);
      const file = allOf(recording);
      types.add(recording.contentType);
      expect(file.length).toBe(recording.size);
      expect(file.length).toBeGreaterThan(18_000);
      expect(file.length).toBeLessThanOrEqual(400_000);
      const { title } = recording.contentType === 'audio/wav' ? readWav(file) : readMp3(file);
      expect(title).toBe(id);
    }
    expect([...types].sort()).toEqual(['audio/mpeg', 'audio/wav']);
  });

  test('have the MD5 of their bytes as ETag', () => {
    const recording = createRecordings().get('abcd1234==', 1);
    expect(recording.etag).toBe(`"${createHash('md5').update(allOf(recording)).digest('hex')}"`);
  });

  test('that were stored in parts have an ETag that says so', () => {
    expect(createRecordings().get('sandbox-big', 1).etag).toMatch(/^"[0-9a-f]{32}-12"$/);
  });

  test('that were forgotten come again as they were', () => {
    const recordings = createRecordings();
    const first = recordings.get('first', 1);
    expect(recordings.get('first', 1)).toBe(first);
    for (let i = 0; i < 500; i++) recordings.get(`sandbox-size-44-${i}`, 1);
    const again = recordings.get('first', 1);
    expect(again).not.toBe(first);
    expect(again.etag).toBe(first.etag);
  });

  test('of special ids are what their names say', () => {
    const recordings = createRecordings();
    expect(recordings.get('sandbox-mp3-1', 1).contentType).toBe('audio/mpeg');
    expect(recordings.get('sandbox-wav-1', 1).contentType).toBe('audio/wav');
    expect(recordings.get('sandbox-size-123k', 1).size).toBe(123_000);
    expect(recordings.get('sandbox-big', 1).size).toBe(100_000_000);
    expect(recordings.get('sandbox-slow', 1).size).toBe(250_000);
  });

  test('that change have other bytes under the same name', () => {
    const recordings = createRecordings();
    const [one, two] = [recordings.get('sandbox-changed', 1), recordings.get('sandbox-changed', 2)];
    expect(allOf(one).equals(allOf(two))).toBe(false);
    expect(one.etag).not.toBe(two.etag);
    expect(objectName('sandbox-changed', one)).toBe(objectName('sandbox-changed', two));
  });
});

describe('the name of an object', () => {
  test.each([
    ['a/b+c==', 'a%2Fb%2Bc%3D%3D.mp3'],
    ['sandbox-untyped', 'sandbox-untyped'],
    ['sandbox-untyped-x.mp3', 'sandbox-untyped-x.mp3'],
    ['sandbox-store-html', 'sandbox-store-html.mp3'],
    ['song.mp3', 'song.mp3.mp3'],
    ['..', '...mp3'],
  ])('of %s is %s', (id, name) => {
    const extension = createRecordings().get(id, 1).extension === '' ? '' : '.mp3';
    expect(objectName(id, { ...createRecordings().get(id, 1), extension })).toBe(name);
  });

  test('leads back to the id', () => {
    const recordings = createRecordings();
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (id) => {
        const name = objectName(id, recordings.get(id, 1));
        expect(name).toMatch(/^[\w.~%-]+$/);
        expect(idOfObject(name)).toBe(id);
      }),
      { numRuns: 50 },
    );
  });
});
