import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WINDOW_BYTES } from '../../../src/download/content/content.ts';
import { type Claims, HELD_BYTES, Proof, type Proven } from '../../../src/download/proof.ts';
import { announcing, fixture, id3, mp3Frames, noise, OTHERS, RECORDINGS, rf64, wave } from './collection.ts';

/** What a store says of its objects, and a link of where they lie. */
const NAMES = [
  ['audio/mpeg', '/b/a.wav'],
  ['audio/wav', '/b/a.mp3'],
  ['audio/basic', '/b/a.ul'],
  ['binary/octet-stream', '/b/a.mp3'],
  ['text/plain', '/b/a'],
  [null, '/b/a'],
] as const;

/** Proves some bytes, as they come in pieces. */
async function prove(bytes: Uint8Array, [contentType, path]: (typeof NAMES)[number] = NAMES[0], piece = 16_384): Promise<Proven> {
  const proof = new Proof(false);
  const claims: Claims = { totalBytes: bytes.length, endIsMarked: true, md5: undefined, contentType, path };
  for (let at = 0; at < bytes.length; at += piece) {
    proof.add(bytes.subarray(at, at + piece));
    await proof.admits(claims);
  }
  return proof.finish(claims);
}

/** Whether bytes are let through before the last of them has come. */
async function admits(bytes: Uint8Array, contentType = 'audio/mpeg'): Promise<boolean> {
  const proof = new Proof(false);
  proof.add(bytes);
  return proof.admits({ totalBytes: 10_000_000, endIsMarked: true, md5: undefined, contentType, path: '/a' });
}

describe('what is no recording', () => {
  test('is collected in more than 60 kinds', () => {
    expect(OTHERS.length).toBeGreaterThan(60);
  });

  test.each(OTHERS)('is refused, whatever its name: $name', async ({ bytes }) => {
    for (const name of NAMES) {
      await expect(prove(bytes, name)).rejects.toMatchObject({
        code: 'CONTENT_MISMATCH',
        message: expect.stringMatching(/^The store sent .+ instead of the recording\.$/),
      });
    }
  });

  test.each([
    ['an HTML page', 'HTML', 'HTML and then noise', 'HTML behind blanks and zeros', 'HTML in UTF-16', 'a large ID3 tag and a page'],
    ['an XML document', 'XML', 'SVG', 'an XML element'],
    ['a JSON document', 'JSON', 'a JSON list'],
    ['text', 'a sentence', 'a word', 'Latin-1', 'EBCDIC', 'UTF-16BE without one', 'Shift_JIS', 'base64', 'a text with a zero at its end'],
    ['nothing but blanks', 'blanks', 'line ends', 'blanks in UTF-16'],
    ['a file of zeros', 'zeros', 'a million zeros'],
    ['a tag without audio', 'an ID3 tag and nothing else', 'an APE tag and nothing else', 'an ID3v1 tag and nothing else'],
    ['a header without audio', 'the first twelve bytes of a WAV', 'a WAV that ends with its format'],
    ['a RIFF file without WAVE audio', 'an AVI video', 'WEBP', 'MIDI in RIFF'],
    ['an image', 'PNG', 'JPEG', 'GIF', 'HEIC', 'an icon'],
    ['a video', 'an MP4 video', 'a long MP4 video, described at its end', 'a WebM video', 'an Ogg video', 'an FLV video'],
    ['a font', 'a font'],
    ['a program', 'ELF', 'a Windows program', 'Java', 'WebAssembly'],
    ['a PDF document', 'PDF'],
    ['a gzip archive', 'gzip'],
    ['a ZIP archive', 'ZIP'],
    ['an archive', 'tar', 'xz', 'bzip2', '7z', 'RAR', 'Zstandard'],
    ['a file of type sqlite', 'SQLite'],
    ['data that is not audio', 'an error in CBOR', 'a single byte', 'compressed data of 50 bytes'],
  ])('is called %s', async (kind, ...names) => {
    for (const name of names) {
      const { bytes } = OTHERS.find((other) => other.name === name) ?? { bytes: Buffer.alloc(0) };
      await expect(prove(bytes), name).rejects.toMatchObject({ message: `The store sent ${kind} instead of the recording.` });
    }
  });

  test.each(['text/html', 'application/json', 'application/xml', 'image/png', 'video/mp4', 'application/pdf', 'text/csv'])(
    'is what the store itself calls %s, unless its bytes are a recording',
    async (contentType) => {
      const said = [contentType, '/b/a.mp3'] as unknown as (typeof NAMES)[number];
      await expect(prove(fixture('raw.ul'), said)).rejects.toMatchObject({ code: 'CONTENT_MISMATCH' });
      expect(await prove(fixture('pcm16.wav'), said)).toMatchObject({ extension: 'wav' });
    },
  );

  test.each([
    ['version is none', id3(70_000, noise(70_000), 1)],
    ['version is to come', id3(70_000, noise(70_000), 5)],
    ['length is none', Buffer.concat([Buffer.from('ID3\x03\0\0\0\x04\xa2\0', 'latin1'), noise(70_000)])],
  ])('is what lies behind a tag whose %s', async (_, tag) => {
    await expect(prove(Buffer.concat([tag, mp3Frames(20)]))).rejects.toMatchObject({ message: expect.stringContaining('not audio') });
  });

  test('is what ends two frames, where it is not the end of the file', async () => {
    const window = Buffer.concat([noise(WINDOW_BYTES - 144), mp3Frames(2)]);
    // As the bytes of an earlier run come: nobody asks of them before they are all there.
    const proveAtOnce = (bytes: Uint8Array) => {
      const proof = new Proof(false);
      proof.add(bytes);
      return proof.finish({ totalBytes: bytes.length, endIsMarked: true, md5: undefined, contentType: 'audio/mpeg', path: '/a' });
    };
    expect(await proveAtOnce(window)).toMatchObject({ extension: 'mp3' });
    const longer = Buffer.concat([window, noise(1000)]);
    await expect(proveAtOnce(longer)).rejects.toMatchObject({ message: expect.stringContaining('not audio') });
  });

  test('is what is called an MP3 file and bears no mark of any audio', async () => {
    await expect(prove(noise(200_000), ['audio/mpeg', '/b/a.wav'])).rejects.toMatchObject({
      message: expect.stringContaining('not audio'),
    });
    const readAsText = Buffer.from(wave({ data: noise(4000) }).toString('utf8'));
    await expect(prove(readAsText, ['audio/wav', '/b/a.mp3'])).rejects.toMatchObject({ code: 'CONTENT_MISMATCH' });
    await expect(prove(noise(50), ['audio/wav', '/b/a.mp3'])).rejects.toMatchObject({ code: 'CONTENT_MISMATCH' });
  });
});

describe('a recording', () => {
  test('is collected in more than 40 kinds, with every case that there is a file of', () => {
    expect(RECORDINGS.length).toBeGreaterThan(40);
    const files = readdirSync(new URL('../../fixtures/audio', import.meta.url)).map(fixture);
    const collected = [...RECORDINGS, ...OTHERS];
    expect(files.filter((file) => !collected.some(({ bytes }) => bytes.equals(file)))).toEqual([]);
  });

  test.each(RECORDINGS)('is kept, and named by its bytes before its type and link: $name', async ({ bytes, extension }) => {
    const found = await Promise.all(NAMES.map((name) => prove(bytes, name)));
    expect(found.map((proven) => proven.extension)).toEqual(
      extension === undefined ? ['mp3', 'wav', 'ul', 'mp3', 'bin', 'bin'] : NAMES.map(() => extension),
    );
  });

  test('is found out the same, however its bytes are cut', async () => {
    const files = [...RECORDINGS, ...OTHERS].filter(({ bytes }) => bytes.length < 20_000);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), fc.integer({ min: 1, max: 3000 }), async ({ bytes }, piece) => {
        const outcome = (cut: number) => prove(bytes, NAMES[5], cut).catch((error: Error) => error.message);
        expect(await outcome(piece)).toEqual(await outcome(bytes.length));
      }),
    );
  });

  test('without a header has 10 ms at least', async () => {
    const silence = Buffer.alloc(80, 0xff);
    expect(await prove(silence)).toMatchObject({ extension: 'mp3' });
    await expect(prove(silence.subarray(1), NAMES[5])).rejects.toMatchObject({ code: 'CONTENT_MISMATCH' });
    expect(await prove(noise(80), NAMES[5])).toMatchObject({ extension: 'bin' });
    await expect(prove(noise(79), NAMES[5])).rejects.toMatchObject({ code: 'CONTENT_MISMATCH' });
  });

  test('without a header may be compressed speech where nothing claims another format', async () => {
    expect(await prove(noise(5000), NAMES[5])).toMatchObject({ extension: 'bin' });
    expect(await prove(noise(5000), [null, '/b/a.g729'] as unknown as (typeof NAMES)[number])).toMatchObject({ extension: 'g729' });
  });
});

describe('bytes on their way', () => {
  test.each([
    ['WAV', wave({ data: noise(600) })],
    ['MP3', mp3Frames(10)],
    ['MP3 (behind a tag)', Buffer.concat([id3(300, noise(300)), mp3Frames(10)])],
    ['MP3 (behind a tag of version 2)', Buffer.concat([id3(300, noise(300), 2), mp3Frames(10)])],
    ['MP3 (behind a tag of version 4 with a footer)', Buffer.concat([id3(300, noise(310), 4, 0x10), mp3Frames(10)])],
    ['MP3 at its largest frames', Buffer.concat(Array.from({ length: 3 }, () => Buffer.from([0xff, 0xfb, 0xe0, 0xc4, ...noise(1040)])))],
  ])('go on as soon as they show a %s file', async (_, bytes) => {
    expect(await admits(bytes)).toBe(true);
  });

  test('go on as soon as there are 512 of them', async () => {
    expect(await admits(wave({}).subarray(0, 512))).toBe(true);
    expect(await admits(wave({}).subarray(0, 511))).toBe(false);
  });

  test.each([
    ['a part of a header', wave({}).subarray(0, 300)],
    ['what may yet show a format', noise(5000)],
    ['zeros', Buffer.alloc(5000)],
    ['a tag', id3(5000)],
  ])('are held back while they are %s', async (_, bytes) => {
    expect(await admits(bytes)).toBe(false);
  });

  test('are held back up to a bound', async () => {
    expect(await admits(Buffer.alloc(HELD_BYTES))).toBe(false);
    expect(await admits(Buffer.alloc(HELD_BYTES + 1))).toBe(true);
    expect(await admits(id3(2 * HELD_BYTES))).toBe(true);
  });

  test('are refused before their end where they are a page, or bear no mark of what they are called', async () => {
    await expect(admits(Buffer.from(`<!doctype html>${' '.repeat(600)}`))).rejects.toMatchObject({ code: 'CONTENT_MISMATCH' });
    await expect(admits(noise(WINDOW_BYTES))).rejects.toMatchObject({ code: 'CONTENT_MISMATCH' });
  });
});

describe('a header that announces more than is there', () => {
  const data = noise(4000);

  test.each<[string, Uint8Array, number]>([
    ['the case of it', fixture('truncated.wav'), 4878],
    ['WAV', wave({ data, says: 5000, riff: 5036 }), 5044],
    ['WAV by its samples alone', wave({ data, says: 5000 }), 5044],
    ['WAV with another chunk before its samples', wave({ data, says: 5000, before: Buffer.from('LIST\x04\0\0\0abcd', 'latin1') }), 5056],
    ['RIFX', wave({ form: 'RIFX', data, says: 5000 }), 5044],
    ['RF64', rf64('RF64', data, 10_000_000_000), 10_000_000_080],
    ['BW64', rf64('BW64', data, 5000), 5080],
    ['WAV whose samples begin beyond the window', wave({ data, riff: 200_000, before: chunk(70_000) }), 200_008],
    ['WAV behind zeros', Buffer.concat([Buffer.alloc(1000), wave({ data, says: 5000 })]), 6044],
    ['WAV behind junk', Buffer.concat([noise(100), wave({ data, says: 5000 })]), 5144],
    ['Xing', mp3Frames(10, announcing(1000, 'Xing')), 1000],
    ['Info behind a tag', Buffer.concat([id3(90), mp3Frames(10, announcing(1000, 'Info'))]), 1100],
    ['VBRI behind junk', Buffer.concat([noise(100), mp3Frames(10, announcing(1000, 'VBRI'))]), 1100],
  ])('is kept, and marked: %s', async (_, bytes, announced) => {
    expect((await prove(bytes)).incomplete).toEqual({ announced, bytes: bytes.length });
  });

  test.each<[string, Uint8Array]>([
    ['it announces just what is there', wave({ data })],
    ['it announces less', wave({ data, says: 100, riff: 136 })],
    ['its RIFF length alone is too large', wave({ data, riff: 9000 })],
    ['its header counts itself among the samples', wave({ data, says: 4044 })],
    ['its header counts itself among the samples, behind zeros', Buffer.concat([Buffer.alloc(1000), wave({ data, says: 4044 })])],
    ['its samples are not counted, and the rest is a guess', wave({ data, says: 0, riff: 4088 })],
    ['it was written as it came: 0', wave({ data, says: 0, riff: 0 })],
    ['it was written as it came: the largest number', wave({ data, says: 0xffff_ffff, riff: 0xffff_ffff })],
    ['it was written as it came by FFmpeg', wave({ data, says: 0xffff_ffff - 36, riff: 0xffff_ffff })],
    ['it was written as it came by SoX', wave({ data, says: 0x7fff_f000, riff: 0x7fff_f024 })],
    ['it was written as it came by arecord', wave({ data, says: 0x8000_0000, riff: 0x8000_0024 })],
    ['it was written as it came, big-endian', wave({ form: 'RIFX', data, says: 0xffff_ffff, riff: 0xffff_ffff })],
    ['an RF64 file was written as it came', rf64('RF64', data, Number.MAX_SAFE_INTEGER)],
    ['an RF64 file says 0', rf64('RF64', data, 0)],
    ['Info announces just what is there', mp3Frames(10, announcing(720, 'Info'))],
    ['Xing announces 0', mp3Frames(10, announcing(0, 'Xing'))],
    ['there is no such header', mp3Frames(10)],
  ])('is not what there is where %s', async (_, bytes) => {
    expect(await prove(bytes)).not.toHaveProperty('incomplete');
  });
});

function chunk(length: number): Buffer {
  const head = Buffer.from('junk\0\0\0\0', 'latin1');
  head.writeUInt32LE(length, 4);
  return Buffer.concat([head, Buffer.alloc(length)]);
}
