/** A header's length says nothing where the file was written as it came: these stand for "not known yet", as 0 does anywhere. */
function isKnown(length: number): boolean {
  // The largest number; FFmpeg and others take the headers off it, SoX and arecord take the largest signed one.
  return length !== 0x8000_0000 && length % 0x8000_0000 < 0x7fff_f000;
}

/** RIFF, its big-endian twin RIFX, and the two forms of more than 4 GiB (RF64: EBU Tech 3306; BW64: ITU-R BS.2088), of WAVE audio. */
export function isWave(bytes: Uint8Array): boolean {
  return /^(?:RIFF|RIFX|RF64|BW64)[\s\S]{4}WAVE/.test(text(bytes, 0, 12));
}

/** RIFF with something else in it than WAVE audio, such as a video, a picture or MIDI; Qualcomm's QLCM is speech. */
export function isOtherRiff(bytes: Uint8Array): boolean {
  return /^(?:RIFF|RIFX)[\s\S]{4}(?!WAVE|QLCM)[A-Za-z0-9]{3}[A-Za-z0-9 ]/.test(text(bytes, 0, 12));
}

/**
 * How many bytes a WAVE file has by its own header, from its first byte on: up to the end of its samples where the header of these is among the
 * bytes, else of the whole. Undefined where the header does not say, as in a file that was written while it was recorded.
 *
 * `fileBytes` is how many the file has: there are recorders that call all of it samples, their header included.
 */
export function announcedByWave(bytes: Uint8Array, fileBytes: number): number | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isBigEndian = text(bytes, 0, 4) === 'RIFX';
  const length = (at: number) => (isBigEndian ? view.readUInt32BE(at) : view.readUInt32LE(at));
  let large: { riff: number; data: number } | undefined;
  for (let at = 12; at + 8 <= view.length; ) {
    const chunk = text(bytes, at, at + 4);
    const size = length(at + 4);
    if (chunk === 'ds64' && at + 24 <= view.length) large = { riff: large64(view, at + 8), data: large64(view, at + 16) };
    if (chunk === 'data') {
      const samples = size === 0xffff_ffff && large !== undefined ? large.data : size;
      return samples !== fileBytes && (large !== undefined || isKnown(samples)) ? sumOf(at + 8, samples) : undefined;
    }
    // Chunks begin at even places.
    at += 8 + size + (size % 2);
  }
  const riff = length(4);
  return large === undefined ? (isKnown(riff) ? sumOf(8, riff) : undefined) : sumOf(8, large.riff);
}

function large64(view: Buffer, at: number): number {
  return Number(view.readBigUInt64LE(at));
}

function sumOf(header: number, length: number): number | undefined {
  return length === 0 || length >= 2 ** 52 ? undefined : header + length;
}

function text(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}
