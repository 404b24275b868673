import { readFileSync } from 'node:fs';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { mp3Audio, wavAudio } from '../../../src/sandbox/audio.ts';

/** A file that a store may hold under the name of a recording. */
export interface Sample {
  name: string;
  bytes: Buffer;
}

/** A recording, with the extension that its bytes prove; undefined where they prove none. */
export interface AudioSample extends Sample {
  extension: string | undefined;
}

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const ascii = (text: string, length: number) => Buffer.concat([latin1(text), Buffer.alloc(Math.max(0, length - text.length), 1)]);

/** The same noise each time; no two places of it are alike. */
export function noise(length: number, seed = 1): Buffer<ArrayBuffer> {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

export function fixture(name: string): Buffer<ArrayBuffer> {
  return readFileSync(new URL(`../../fixtures/audio/${name}`, import.meta.url));
}

/** A sine tone of so many samples at 8 kHz, from -1 to 1. */
function tone(count: number, hertz = 440, volume = 0.3): number[] {
  return Array.from({ length: count }, (_, at) => volume * Math.sin((2 * Math.PI * hertz * at) / 8000));
}

/** ITU-T G.711, from the standard's segments. */
function muLaw(value: number): number {
  const magnitude = Math.min(32_635, Math.abs(Math.round(value * 32_767))) + 132;
  const exponent = Math.floor(Math.log2(magnitude)) - 7;
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~((value < 0 ? 0x80 : 0) | (exponent << 4) | mantissa) & 0xff;
}

function aLaw(value: number): number {
  const magnitude = Math.min(32_767, Math.abs(Math.round(value * 32_767))) >> 4;
  const exponent = magnitude < 32 ? (magnitude < 16 ? 0 : 1) : Math.floor(Math.log2(magnitude)) - 3;
  const mantissa = exponent <= 1 ? magnitude & 0x0f : (magnitude >> (exponent - 1)) & 0x0f;
  return ((value < 0 ? 0 : 0x80) | (exponent << 4) | mantissa) ^ 0x55;
}

function pcm16(samples: readonly number[], write: 'writeInt16LE' | 'writeInt16BE'): Buffer {
  const bytes = Buffer.alloc(samples.length * 2);
  for (const [at, sample] of samples.entries()) bytes[write](Math.round(sample * 32_767), at * 2);
  return bytes;
}

/** A WAVE file around any samples; what its header says can be set apart. */
export function wave(options: { form?: string; format?: number; data?: Buffer; says?: number; riff?: number; before?: Buffer }): Buffer {
  const { form = 'RIFF', format = 1, data = noise(4000), before = Buffer.alloc(0) } = options;
  const head = Buffer.alloc(44);
  const big = form === 'RIFX';
  const four = (value: number, at: number) => (big ? head.writeUInt32BE(value, at) : head.writeUInt32LE(value, at));
  const two = (value: number, at: number) => (big ? head.writeUInt16BE(value, at) : head.writeUInt16LE(value, at));
  head.write(form, 0, 'latin1');
  four(options.riff ?? 36 + before.length + data.length, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  four(16, 16);
  two(format, 20);
  two(1, 22);
  four(8000, 24);
  four(16_000, 28);
  two(2, 32);
  two(16, 34);
  head.write('data', 36, 'latin1');
  four(options.says ?? data.length, 40);
  return Buffer.concat([head.subarray(0, 12), before, head.subarray(12), data]);
}

/** RF64 or BW64: the true lengths stand in a chunk of their own. */
export function rf64(form: 'RF64' | 'BW64', data: Buffer, says = data.length): Buffer {
  const ds64 = Buffer.alloc(36);
  ds64.write('ds64', 0, 'latin1');
  ds64.writeUInt32LE(28, 4);
  ds64.writeBigUInt64LE(BigInt(says + 72), 8);
  ds64.writeBigUInt64LE(BigInt(says), 16);
  return wave({ form, data, says: 0xffff_ffff, riff: 0xffff_ffff, before: ds64 });
}

/** MP3 frames of silence at 8 kbit/s and 8 kHz (72 bytes each), the first `first` in place of one of them. */
export function mp3Frames(count: number, first?: Buffer): Buffer {
  const frame = Buffer.alloc(72);
  frame.set([0xff, 0xe3, 0x18, 0xc4]);
  return Buffer.concat(Array.from({ length: count }, (_, at) => (at === 0 && first !== undefined ? first : frame)));
}

/** A first frame that announces so many bytes. */
export function announcing(bytes: number, by: 'Xing' | 'Info' | 'VBRI'): Buffer {
  const frame = Buffer.alloc(72);
  frame.set([0xff, 0xe3, 0x18, 0xc4]);
  frame.write(by, by === 'VBRI' ? 36 : 13, 'latin1');
  if (by !== 'VBRI') frame.writeUInt32BE(3, 17);
  frame.writeUInt32BE(bytes, by === 'VBRI' ? 46 : 25);
  return frame;
}

export function id3(length: number, content: Buffer = Buffer.alloc(length), version = 3, flags = 0): Buffer {
  const head = Buffer.from([
    0x49,
    0x44,
    0x33,
    version,
    0,
    flags,
    (length >> 21) & 127,
    (length >> 14) & 127,
    (length >> 7) & 127,
    length & 127,
  ]);
  return Buffer.concat([head, content]);
}

function adts(count: number): Buffer {
  const frame = Buffer.alloc(100, 0x21);
  frame.set([0xff, 0xf1, 0x6c, 0x40, 100 >> 3, ((100 & 7) << 5) | 0x1f, 0xfc]);
  return Buffer.concat(Array.from({ length: count }, () => frame));
}

function box(type: string, ...content: Buffer[]): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(8 + Buffer.concat(content).length);
  return Buffer.concat([length, latin1(type), ...content]);
}

export function mp4(brand: string, handlers: readonly string[], order: 'first' | 'last', dataBytes = 3000): Buffer {
  const tracks = handlers.map((handler) => box('trak', box('mdia', box('hdlr', Buffer.alloc(8), latin1(handler), Buffer.alloc(13)))));
  const description = box('moov', box('mvhd', Buffer.alloc(100)), ...tracks);
  const data = box('mdat', noise(dataBytes));
  const start = box('ftyp', latin1(brand), Buffer.alloc(4), latin1(brand));
  return Buffer.concat(order === 'first' ? [start, description, data] : [start, data, description]);
}

export function matroska(doctype: string, codecs: readonly string[]): Buffer {
  const element = (id: number[], content: Buffer) => Buffer.concat([Buffer.from([...id, 0x80 | content.length]), content]);
  const head = element([0x1a, 0x45, 0xdf, 0xa3], element([0x42, 0x82], latin1(doctype)));
  const tracks = codecs.map((codec) => element([0xae], Buffer.concat([element([0x83], Buffer.from([2])), element([0x86], latin1(codec))])));
  return Buffer.concat([head, Buffer.from([0x18, 0x53, 0x80, 0x67, 0x01, 255, 255, 255, 255, 255, 255, 255]), ...tracks, noise(2000)]);
}

function ogg(codec: string): Buffer {
  const page = Buffer.alloc(28);
  page.write('OggS\0\x02', 0, 'latin1');
  page[26] = 1;
  page[27] = codec.length;
  return Buffer.concat([page, latin1(codec), noise(2000)]);
}

function zip(name: string, content: Buffer): Buffer {
  const head = Buffer.alloc(30);
  head.write('PK\x03\x04', 0, 'latin1');
  head[4] = 20;
  head[8] = 8;
  const packed = deflateRawSync(content);
  head.writeUInt32LE(packed.length, 18);
  head.writeUInt32LE(content.length, 22);
  head.writeUInt16LE(name.length, 26);
  return Buffer.concat([head, latin1(name), packed]);
}

function tar(): Buffer {
  const head = Buffer.alloc(512);
  head.write('calls/1.txt', 0, 'latin1');
  head.write('0000644\0', 100, 'latin1');
  head.write('00000000010\0', 124, 'latin1');
  head.write('ustar\x0000', 257, 'latin1');
  head.fill(' ', 148, 156);
  const sum = head.reduce((all, byte) => all + byte, 0);
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return Buffer.concat([head, noise(512)]);
}

const utf16 = (text: string) => Buffer.from(text, 'utf16le');
const swapped = (text: string) => utf16(text).swap16();
const marked = (mark: number[], bytes: Buffer) => Buffer.concat([Buffer.from(mark), bytes]);
const utf32 = (text: string) =>
  Buffer.concat([...text].map((char) => Buffer.from([char.charCodeAt(0) & 255, char.charCodeAt(0) >> 8, 0, 0])));
/** EBCDIC (code page 37) of blanks and of letters from a to r. */
const ebcdic = (text: string) =>
  Buffer.from([...text].map((char) => (char === ' ' ? 0x40 : char.charCodeAt(0) - 97 + (char <= 'i' ? 0x81 : 0x88))));

const SENTENCE = 'The specified key does not exist. Please contact your administrator. ';
const RUSSIAN = 'Доступ запрещен. Запись разговора не найдена на сервере, обратитесь к администратору. ';
const windows1251 = (text: string) =>
  Buffer.from([...text].map((char) => (char >= 'А' && char <= 'я' ? char.charCodeAt(0) - 0x0410 + 0xc0 : char.charCodeAt(0))));
const SHIFT_JIS = Buffer.from('8365836c83678c8e82aa8ca982c282a982e882dc82b982f18142', 'hex');
const GBK = Buffer.from('b7c3ceca b1bbbedcbef8a3acc7ebc1aacfb5b9dcc0edd4b1a1a3'.replace(/ /g, ''), 'hex');
const HTML = `<!DOCTYPE html><html><head><title>403 Forbidden</title></head><body><h1>403 Forbidden</h1></body></html>`;
const FLAG_AUDIO_AND_VIDEO = 5;

/** What is no recording, whatever it is called: texts in many encodings, documents, pictures, archives, programs, videos, and nothing at all. */
export const OTHERS: readonly Sample[] = [
  ...Object.entries({
    'a refusal of 13 bytes': fixture('access-denied.mp3'),
    YAML: fixture('yaml.wav'),
    'HTML in UTF-16': fixture('utf16-html.mp3'),
    zeros: fixture('zeros.mp3'),
    'a million zeros': Buffer.alloc(1_000_000),
    'an AVI video': fixture('avi.wav'),
    'a sentence': latin1(SENTENCE),
    'a word': latin1('Forbidden'),
    'two letters': latin1('no'),
    'a long text': latin1(SENTENCE.repeat(3000)),
    'a text with a zero at its end': latin1('Access Denied\0'),
    blanks: latin1(' '.repeat(2000)),
    'line ends': latin1('\r\n'.repeat(100)),
    'blanks in UTF-16': utf16(' \r\n'.repeat(100)),
    HTML: latin1(HTML),
    'HTML behind blanks and zeros': latin1(`\0\0 \n${HTML}`),
    'HTML and then noise': Buffer.concat([latin1(HTML), noise(3000)]),
    XML: latin1('<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>'),
    'an XML element': latin1('<Error><Code>NoSuchKey</Code></Error>'),
    SVG: latin1('<svg xmlns="http://www.w3.org/2000/svg"><circle r="4"/></svg>'),
    JSON: latin1('{"error":"not found"}'),
    'a JSON list': latin1('[{"error":"not found"}]'),
    'a playlist': latin1('#EXTM3U\n#EXTINF:10,\nhttp://a.example/1.mp3\n'),
    CSV: latin1('id;date\n1;2026-01-01\n'.repeat(50)),
    base64: latin1(noise(3000).toString('base64')),
    'a data URL': latin1(`data:audio/wav;base64,${noise(300).toString('base64')}`),
    'HTTP headers': latin1('HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n\r\nnot found'),
    'an e-mail': latin1('From: a@example.org\r\nSubject: Your call\r\n\r\nSee the attachment.\r\n'),
    'a PEM key': latin1('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'),
    RTF: latin1('{\\rtf1\\ansi Hello}'),
    PostScript: latin1('%!PS-Adobe-3.0\n%%Pages: 1\n'),
    'a git-lfs pointer': latin1('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n'),
    'terminal colours': latin1('\x1b[31mError\x1b[0m: no such file\n'),
    'UTF-8': Buffer.from('Fehler: die Aufnahme wäre größer als üblich. Später erneut versuchen. 録音がありません。'),
    'UTF-8 with a byte order mark': marked([0xef, 0xbb, 0xbf], Buffer.from('Datei nicht gefunden')),
    'UTF-8 with Hindi': Buffer.from('रिकॉर्डिंग नहीं मिली।'),
    'UTF-16LE with a mark': marked([0xff, 0xfe], utf16(SENTENCE)),
    'UTF-16BE with a mark': marked([0xfe, 0xff], swapped(SENTENCE)),
    'UTF-16LE without one': utf16(SENTENCE),
    'UTF-16BE without one': swapped(SENTENCE),
    'UTF-16LE with Russian, without a mark': utf16(RUSSIAN),
    'UTF-16BE with Chinese, without a mark': swapped('录音文件不存在。请联系管理员，稍后再试。'),
    'UTF-32LE with a mark': marked([0xff, 0xfe, 0, 0], utf32(SENTENCE)),
    'UTF-32LE without one': utf32(SENTENCE),
    'Latin-1': latin1('Die Aufnahme wurde gel\xf6scht, bitte wenden Sie sich sp\xe4ter an den Betreiber.'),
    'Windows-1251': windows1251(RUSSIAN),
    Shift_JIS: SHIFT_JIS,
    GBK: GBK,
    EBCDIC: ebcdic('no call if good or bad can be had from here again '),
    'XML in EBCDIC': Buffer.from(
      '4c6fa7949340a58599a28996957e7ff14bf07f6f6e4cc5999996996e4cc39684856ed596e2a48388d285a84c61c39684856e4c61c5999996996e',
      'hex',
    ),
    'a word in UTF-16': utf16('Forbidden'),
    'a word in UTF-16BE with a mark': marked([0xfe, 0xff], swapped('Forbidden')),
    'a word in UTF-32': utf32('Forbidden'),
    'an error in MessagePack': Buffer.from('82a56572726f72a96e6f7420666f756e64a4636f6465cd0194', 'hex'),
    'an error in CBOR': Buffer.from('a2656572726f72696e6f7420666f756e6464636f6465190194', 'hex'),
    'a single byte': Buffer.from([0xff]),
    'compressed data of 50 bytes': noise(50),
    PNG: ascii('\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0', 500),
    JPEG: ascii('\xff\xd8\xff\xe0\0\x10JFIF\0\x01', 500),
    GIF: ascii('GIF89a\x01\0\x01\0', 500),
    BMP: ascii('BM\x46\0\0\0\0\0\0\0\x36\0\0\0', 500),
    TIFF: ascii('II*\0\x08\0\0\0\0\0\0\0\0\0', 500),
    'an icon': ascii('\0\0\x01\0\x01\0\x10\x10\0\0\x01\0', 500),
    WEBP: ascii('RIFF\xf4\x01\0\0WEBPVP8 ', 500),
    HEIC: ascii('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 500),
    'an animated cursor in RIFF': ascii('RIFF\xf4\x01\0\0ACONLIST', 500),
    'MIDI in RIFF': ascii('RIFF\xf4\x01\0\0RMIDdata', 500),
    PDF: ascii('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 2000),
    'an old Word file': ascii('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 2000),
    ZIP: zip('call.txt', noise(1000)),
    'ZIP with a WAV stored in it': Buffer.concat([zip('a.txt', noise(100)), wave({})]),
    gzip: gzipSync(noise(3000)),
    'gzip of a WAV': gzipSync(wave({})),
    bzip2: ascii('BZh91AY&SY', 500),
    xz: ascii('\xfd7zXZ\0', 500),
    '7z': ascii('7z\xbc\xaf\x27\x1c', 500),
    RAR: ascii('Rar!\x1a\x07\x01\0', 500),
    Zstandard: ascii('\x28\xb5\x2f\xfd', 500),
    tar: tar(),
    ELF: ascii('\x7fELF\x02\x01\x01\0', 500),
    'a Windows program': ascii('MZ\x90\0\x03\0\0\0', 500),
    Java: ascii('\xca\xfe\xba\xbe\0\0\0\x34', 500),
    WebAssembly: ascii('\0asm\x01\0\0\0', 500),
    SQLite: ascii('SQLite format 3\0', 500),
    'a font': ascii('wOFF\0\x01\0\0', 500),
    'an MP4 video': mp4('isom', ['soun', 'vide'], 'first'),
    'an MP4 video, described at its end': mp4('mp42', ['vide', 'soun'], 'last'),
    'a long MP4 video, described at its end': mp4('mp42', ['vide', 'soun'], 'last', 300_000),
    'a WebM video': matroska('webm', ['V_VP8', 'A_OPUS']),
    'a Matroska video': matroska('matroska', ['A_AAC', 'V_MPEG4/ISO/AVC']),
    'an FLV video': marked([0x46, 0x4c, 0x56, 1, FLAG_AUDIO_AND_VIDEO, 0, 0, 0, 9], noise(500)),
    'an MPEG programme stream': marked([0, 0, 1, 0xba, 0x44, 0, 4, 0, 4, 1], noise(500)),
    'an Ogg video': ogg('\x80theora'),
    "a service's refusal, stored in place of the audio": latin1(
      '<TwilioResponse><RestException><Code>20404</Code><Message>The requested resource was not found</Message></RestException></TwilioResponse>',
    ),
    'a note that there is none': latin1('call-1 not found'),
    'a desktop.ini': marked([0xff, 0xfe], utf16('[.ShellClassInfo]\r\nIconResource=x.dll,1\r\n')),
    'a WAV in base64': latin1(wave({ data: noise(4000) }).toString('base64')),
    'an ID3 tag and nothing else': id3(5000),
    'an APE tag and nothing else': Buffer.concat([latin1('APETAGEX\xd0\x07\0\0\x58\x02\0\0\x01\0\0\0\0\0\0\xa0'), noise(600)]),
    'an ID3v1 tag and nothing else': ascii('TAGCall 1\0', 128),
    'the first twelve bytes of a WAV': wave({}).subarray(0, 12),
    'a WAV that ends with its format': wave({}).subarray(0, 36),
    'the mark of AMR and nothing else': latin1('#!AMR\n'),
    'the header of an AU file and nothing else': fixture('tone.au').subarray(0, 24),
    'the first bytes of a FLAC file': ascii('fLaC\0\0\0\x22', 42),
    'the first page of an Ogg file, cut': ogg('Speex   ').subarray(0, 36),
    'an ID3 tag and a page': Buffer.concat([id3(5000), latin1(HTML)]),
    'a large ID3 tag and a page': Buffer.concat([id3(150_000), latin1(HTML)]),
  }).map(([name, bytes]) => ({ name, bytes })),
];

const speech = tone(4000).map((value, at) => value * (1 + 0.5 * Math.sin(at / 300)) + (noise(1, at).readUInt8(0) / 256 - 0.5) * 0.02);

/** Recordings as telephone systems write them, and what becomes of them on their way. */
export const RECORDINGS: readonly AudioSample[] = [
  ...Object.entries<[Buffer, string | undefined]>({
    PCM: [fixture('pcm16.wav'), 'wav'],
    'A-law in WAV': [fixture('alaw.wav'), 'wav'],
    'GSM in WAV': [fixture('gsm49.wav'), 'wav'],
    'WAV, sizes not known': [fixture('streamed.wav'), 'wav'],
    'WAV, cut short': [fixture('truncated.wav'), 'wav'],
    RIFX: [fixture('rifx.wav'), 'wav'],
    'MP3 at 8 kHz': [fixture('plain8k.mp3'), 'mp3'],
    'MP3 with a tag': [fixture('id3v2.mp3'), 'mp3'],
    'MP3 behind zeros': [fixture('leading-zeros.mp3'), 'mp3'],
    'MP3 behind junk': [fixture('leading-junk.mp3'), 'mp3'],
    AAC: [fixture('adts.aac'), 'aac'],
    'M4A, described at its end': [fixture('isom.m4a'), 'm4a'],
    Opus: [fixture('opus.ogg'), 'ogg'],
    AU: [fixture('tone.au'), 'au'],
    'µ-law': [fixture('raw.ul'), undefined],
    'a WAV of the sandbox': [contentOf(wavAudio(Buffer.from([3, 9]), 20_000)), 'wav'],
    'an MP3 of the sandbox': [contentOf(mp3Audio(Buffer.from([3, 9]), 20_000, 'x')), 'mp3'],
    RF64: [rf64('RF64', noise(4000)), 'wav'],
    BW64: [rf64('BW64', noise(4000)), 'wav'],
    'G.729 in WAV': [wave({ format: 0x133 }), 'wav'],
    'WAV without a sample': [wave({ data: Buffer.alloc(0) }), 'wav'],
    'WAV of silence': [wave({ data: Buffer.alloc(5000) }), 'wav'],
    'WAV behind zeros': [Buffer.concat([Buffer.alloc(100), wave({})]), 'wav'],
    'WAV behind a thousand zeros': [Buffer.concat([Buffer.alloc(1000), wave({})]), 'wav'],
    'WAV behind a warning of PHP': [Buffer.concat([latin1('<br />\n<b>Warning</b>: file() in <b>a.php</b>\n'), wave({})]), 'wav'],
    'WAV behind an ID3 tag': [Buffer.concat([id3(300), wave({})]), 'wav'],
    'MP3 behind a tag larger than the window': [Buffer.concat([id3(200_000, noise(200_000)), mp3Frames(20)]), 'mp3'],
    'MP3 behind a tag and ten bytes of junk': [Buffer.concat([id3(62_391, noise(62_391)), noise(10), mp3Frames(20)]), 'mp3'],
    'MP3 behind a tag of no length and zeros': [Buffer.concat([id3(0), Buffer.alloc(3000), mp3Frames(20)]), 'mp3'],
    'MP3 from the middle of a stream': [Buffer.concat([noise(150, 7), mp3Frames(4)]), 'mp3'],
    'WAV of two files, one behind the other': [Buffer.concat([wave({}), wave({})]), 'wav'],
    'WAV behind a chunk of junk': [wave({ before: Buffer.concat([latin1('JUNK\xf0\x0f\0\0'), Buffer.alloc(4080)]) }), 'wav'],
    'MP3 behind a tag and padding': [Buffer.concat([id3(300), Buffer.alloc(1500), mp3Frames(20)]), 'mp3'],
    'MP3 behind an APE tag': [Buffer.concat([latin1('APETAGEX\xd0\x07\0\0'), noise(300), mp3Frames(20)]), 'mp3'],
    'WAV cut where its samples begin': [wave({}).subarray(0, 44), 'wav'],
    'a call of a blink in AMR': [Buffer.concat([latin1('#!AMR\n'), noise(39)]), 'amr'],
    'MP3 behind two tags': [Buffer.concat([id3(300), id3(20), mp3Frames(20)]), 'mp3'],
    'MP3 behind 100 kB of zeros': [Buffer.concat([Buffer.alloc(100_000), mp3Frames(20)]), 'mp3'],
    'MP3 behind much junk': [Buffer.concat([noise(20_000), mp3Frames(20)]), 'mp3'],
    'MP3 with a tag at its end': [Buffer.concat([noise(37), mp3Frames(2), ascii('TAG', 128)]), 'mp3'],
    'MP3 of one frame': [mp3Frames(1), 'mp3'],
    'MP3 with a VBRI header': [mp3Frames(20, announcing(72 * 20, 'VBRI')), 'mp3'],
    'MP3, its last frame cut': [mp3Frames(20).subarray(0, 72 * 19 + 10), 'mp3'],
    'AAC in frames': [adts(10), 'aac'],
    'AAC behind an ID3 tag': [Buffer.concat([id3(70), adts(10)]), 'aac'],
    'M4A, described at its start': [mp4('M4A ', ['soun'], 'first'), 'm4a'],
    'MP4 with audio alone': [mp4('isom', ['soun'], 'first'), 'm4a'],
    'MP4 with audio alone, long, described at its end': [mp4('mp42', ['soun'], 'last', 300_000), 'm4a'],
    '3GP with audio alone': [mp4('3gp4', ['soun'], 'last'), '3gp'],
    'MP4 that ends before its description': [mp4('mp42', ['soun'], 'last', 300_000).subarray(0, 200_000), 'm4a'],
    '3GP that ends before its description': [mp4('3gp4', ['soun'], 'last', 300_000).subarray(0, 200_000), '3gp'],
    'WebM with audio alone': [matroska('webm', ['A_OPUS']), 'webm'],
    'Matroska with audio alone': [matroska('matroska', ['A_OPUS']), 'mka'],
    Vorbis: [ogg('\x01vorbis'), 'ogg'],
    'Vorbis behind junk': [Buffer.concat([noise(100), ogg('\x01vorbis')]), 'ogg'],
    'MP3 behind junk with another mark in it': [
      Buffer.concat([noise(100), latin1('RIFF\xf4\x01\0\0AVI '), noise(100), mp3Frames(20)]),
      'mp3',
    ],
    Speex: [ogg('Speex   '), 'ogg'],
    FLAC: [ascii('fLaC\0\0\0\x22', 3000), 'flac'],
    AMR: [Buffer.concat([latin1('#!AMR\n'), noise(3000)]), 'amr'],
    'AMR-WB': [Buffer.concat([latin1('#!AMR-WB\n'), noise(3000)]), 'amr'],
    AIFF: [Buffer.concat([latin1('FORM\0\0\x10\0AIFFCOMM'), noise(3000)]), 'aif'],
    CAF: [Buffer.concat([latin1('caff\0\x01\0\0desc'), noise(3000)]), 'caf'],
    iLBC: [Buffer.concat([latin1('#!iLBC30\n'), noise(3000)]), 'lbc'],
    SILK: [Buffer.concat([latin1('\x02#!SILK_V3'), noise(3000)]), 'slk'],
    'NIST SPHERE': [Buffer.concat([latin1('NIST_1A\n   1024\n'), noise(3000)]), 'sph'],
    'Creative Voice': [Buffer.concat([latin1('Creative Voice File\x1a\x1a\0\x0a\x01\x29\x11'), noise(3000)]), 'voc'],
    'GSM 06.10 without a header': [Buffer.concat(Array.from({ length: 50 }, (_, at) => marked([0xd0 | (at & 15)], noise(32, at)))), 'gsm'],
    'µ-law that starts with silence': [Buffer.concat([Buffer.alloc(800, 0xff), Buffer.from(speech.map(muLaw))]), undefined],
    'µ-law of speech': [Buffer.from(speech.map(muLaw)), undefined],
    'µ-law, soft': [Buffer.from(tone(4000, 300, 0.01).map(muLaw)), undefined],
    'A-law of speech': [Buffer.from(speech.map(aLaw)), undefined],
    'A-law, soft': [Buffer.from(tone(4000, 300, 0.01).map(aLaw)), undefined],
    'signed bytes': [Buffer.from(speech.map((value) => Math.round(value * 127) & 255)), undefined],
    'unsigned bytes': [Buffer.from(speech.map((value) => Math.round(value * 127) + 128)), undefined],
    'signed 16 bit': [pcm16(speech, 'writeInt16LE'), undefined],
    'signed 16 bit, the other way round': [pcm16(speech, 'writeInt16BE'), undefined],
    'signed 16 bit behind zeros': [Buffer.concat([Buffer.alloc(3000), pcm16(speech, 'writeInt16LE')]), undefined],
    'µ-law silence (0xFF)': [Buffer.alloc(8000, 0xff), undefined],
    'µ-law silence (0x7F)': [Buffer.alloc(8000, 0x7f), undefined],
    'µ-law silence with an offset (0x7E)': [Buffer.alloc(8000, 0x7e), undefined],
    'A-law silence with an offset': [Buffer.from([...noise(8000)].map((byte) => 0xd5 ^ (byte & 3))), undefined],
    'A-law silence (0xD5)': [Buffer.alloc(8000, 0xd5), undefined],
    'A-law silence (0x55)': [Buffer.alloc(8000, 0x55), undefined],
    'A-law silence of both kinds': [Buffer.from([...noise(8000)].map((byte) => (byte & 64 ? 0xd5 : 0x55))), undefined],
    'µ-law, nearly silent': [Buffer.from([...noise(8000)].map((byte) => 0xff ^ (byte & 0x83))), undefined],
  }).map(([name, [bytes, extension]]) => ({ name, bytes, extension })),
];

function contentOf(audio: { size: number; read(start: number, end: number): Iterable<Buffer> }): Buffer {
  return Buffer.concat([...audio.read(0, audio.size)]);
}
