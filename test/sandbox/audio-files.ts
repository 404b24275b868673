/** What a WAV file's chunks say, and its samples. Throws where the file is not a whole PCM one. */
export function readWav(file: Buffer): { channels: number; rate: number; bits: number; title: string | undefined; samples: Int16Array } {
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE') throw new Error('no RIFF WAVE');
  const end = 8 + file.readUInt32LE(4);
  if (end > file.length || file.length - end > 1) throw new Error(`RIFF ends at ${end} of ${file.length}`);
  const chunks = new Map<string, Buffer>();
  for (let at = 12; at < end; ) {
    const size = file.readUInt32LE(at + 4);
    if (at + 8 + size > end) throw new Error('a chunk leaves the file');
    chunks.set(file.toString('latin1', at, at + 4), file.subarray(at + 8, at + 8 + size));
    at += 8 + size + (size % 2);
  }
  const format = chunks.get('fmt ');
  const data = chunks.get('data');
  if (format === undefined || data === undefined || format.readUInt16LE(0) !== 1) throw new Error('no PCM');
  const [channels, rate, bits] = [format.readUInt16LE(2), format.readUInt32LE(4), format.readUInt16LE(14)];
  if (format.readUInt32LE(8) !== (rate * channels * bits) / 8) throw new Error('the bytes a second are wrong');
  if (format.readUInt16LE(12) !== (channels * bits) / 8 || data.length % format.readUInt16LE(12) !== 0) throw new Error('half a sample');
  const info = chunks.get('LIST');
  return {
    channels,
    rate,
    bits,
    title: info?.toString('utf8', 12, 12 + info.readUInt32LE(8) - 1),
    samples: new Int16Array(Uint8Array.from(data).buffer),
  };
}

/** What an MP3 file's tag and frames say. Throws where the frames do not follow each other to the end, or one needs bytes of another. */
export function readMp3(file: Buffer): { title: string; frames: number; rate: number; bitRate: number } {
  if (file.toString('latin1', 0, 4) !== 'ID3\x04') throw new Error('no ID3v2.4 tag');
  const syncsafe = (at: number) => [0, 1, 2, 3].reduce((value, i) => (value << 7) | file.readUInt8(at + i), 0);
  const tagEnd = 10 + syncsafe(6);
  if (file.toString('latin1', 10, 14) !== 'TIT2' || file.readUInt8(20) !== 3) throw new Error('no title in UTF-8');
  let frames = 0;
  for (let at = tagEnd; at < file.length; at += 288) {
    const header = file.readUInt32BE(at);
    // Sync, MPEG-2.5, layer III, no checksum; 32 kbit/s (index 4); 8 kHz (index 2); no padding; mono.
    if (header >>> 16 !== 0xffe3 || ((header >>> 8) & 0xff) !== 0x48 || ((header >>> 6) & 3) !== 3) throw new Error(`no frame at ${at}`);
    if (file.readUInt8(at + 4) !== 0) throw new Error(`the frame at ${at} starts in another one`);
    if (at + 288 > file.length) throw new Error('the last frame is cut');
    frames++;
  }
  return { title: file.toString('utf8', 21, 20 + syncsafe(14)), frames, rate: 8000, bitRate: 32_000 };
}

/** All of some content, in one. */
export function allOf(content: { size: number; read(start: number, end: number): Iterable<Buffer> }): Buffer {
  return Buffer.concat([...content.read(0, content.size)]);
}
