import type { Kind } from './kind.ts';

/** ASF's types of a stream (Microsoft, "Advanced Systems Format Specification", 10.2): video. */
const ASF_VIDEO = '\xc0\xef\x19\xbc\x4d\x5b\xcf\x11\xa8\xfd\x00\x80\x5f\x5c\x44\x2b';

/**
 * What a container that can hold both turns out to hold, by the descriptions of its tracks: a recording, unless one of them is a video.
 * `container` is the extension that its signature stands for; undefined where that is no such container.
 */
export function trackKind(container: string, bytes: Uint8Array): Kind | undefined {
  const kind = extensionByTracks(container, bytes);
  return kind === undefined ? undefined : kind === 'video' ? { other: 'a video' } : { extension: kind };
}

function extensionByTracks(container: string, bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  switch (container) {
    case 'mkv':
    case 'webm':
      // A track's codec (Matroska, CodecID): those of videos begin with a V.
      return /\x86[\x80-\xff]V_[A-Z]/.test(start) ? 'video' : container === 'webm' ? 'webm' : 'mka';
    case 'asf':
      return start.includes(ASF_VIDEO) ? 'video' : 'wma';
    case '3gp':
    case '3g2':
      return hasVideoTrack(start) ? 'video' : '3gp';
    case 'mp4':
    case 'mov':
    case 'm4a':
    case 'm4b':
    case 'm4p':
    case 'f4a':
    case 'f4b':
      return hasVideoTrack(start) ? 'video' : 'm4a';
    default:
      return undefined;
  }
}

/** Whether an MP4 file, or a relative of it, begins here: ISO/IEC 14496-12, 4.3. */
export function isMp4(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(4, 8)).toString('latin1') === 'ftyp';
}

/** The extension that an MP4 file's brand stands for, should there be audio in it. */
export function audioBrand(bytes: Uint8Array): '3gp' | 'm4a' {
  return Buffer.from(bytes.subarray(8, 10)).toString('latin1') === '3g' ? '3gp' : 'm4a';
}

/** Where the tracks of an MP4 file are described, counted from its first byte, if that is behind these bytes; undefined where it is within. */
export function descriptionBehind(bytes: Uint8Array): number | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at + 16 <= view.length) {
    const size = view.readUInt32BE(at);
    if (view.toString('latin1', at + 4, at + 8) === 'moov') return undefined;
    const length = size === 1 ? Number(view.readBigUInt64BE(at + 8)) : size;
    // 0 is a box up to the file's end.
    if (length < 8) return undefined;
    at += length;
  }
  return at;
}

/** A track's handler (ISO/IEC 14496-12, 8.4.3). */
function hasVideoTrack(start: string): boolean {
  return /hdlr[\s\S]{8}vide/.test(start);
}
