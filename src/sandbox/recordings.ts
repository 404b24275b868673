import { createHash } from 'node:crypto';
import { type Audio, type Content, heldContent, mp3Audio, wavAudio } from './audio.ts';
import { type RecordingKind, scenarioOf } from './scenarios.ts';
import { percentEncode } from './signing.ts';

/** A recording as it lies in the store. */
export interface Recording extends Content {
  contentType: string;
  /** What its path in the store ends in. */
  extension: '.mp3' | '.wav' | '';
  /** Quoted, as it stands in the header. The MD5 of the bytes, unless its id says otherwise or it is too large to be stored in one part. */
  etag: string;
  /** Headers that the store sends along beside the usual ones. */
  headers: Readonly<Record<string, string>>;
}

/** Makes the recordings: the same bytes for the same id in every run, other bytes for another id. */
export interface Recordings {
  /**
   * The recording of any id. Nothing of it is held but what it takes to make its bytes, so that a large one costs no more than a small one.
   *
   * @param version from 1; another version of one recording has other bytes, where its id is one that changes
   */
  get(id: string, version: number): Recording;
}

const SMALLEST_BYTES = 20_000;
const LARGEST_BYTES = 400_000;
const SHORT_WAV_BYTES = 50_000;

/** Uploads beyond this size come in parts, as with S3's own clients. Then the ETag is no MD5. */
const PART_BYTES = 8 * 1024 * 1024;

/** How many recordings' ETags are kept: enough for a recording that is asked for again to cost no second hash. */
const KEPT = 500;

/** The page of a network that wants its users to sign in: what comes in place of an answer or a recording in a hotel. */
export const SIGN_IN_PAGE = `<!DOCTYPE html>
<html><head><title>Sign in to the network</title></head>
<body><h1>Sign in to the network</h1><p>Enter your room number to go online.</p></body></html>
`;

/** Makes the {@link Recordings} of one sandbox. */
export function createRecordings(): Recordings {
  const kept = new Map<string, Recording>();
  return {
    get(id, version) {
      const seed = version === 1 ? id : `${id}\n${version}`;
      const recording = kept.get(seed) ?? makeRecording(id, seed);
      // Behind the others, as the one used last: the first in the map is the one to forget.
      kept.delete(seed);
      kept.set(seed, recording);
      const [oldest] = kept.keys();
      if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
      return recording;
    },
  };
}

/** The last part of a recording's path in the store: its id, percent-encoded, and its extension. */
export function objectName(id: string, { extension }: Recording): string {
  return `${percentEncode(id)}${extension}`;
}

/** The id that an {@link objectName} was made from. Throws a URIError where its percent-encoding is damaged. */
export function idOfObject(name: string): string {
  const decoded = decodeURIComponent(name);
  return scenarioOf(decoded).recording?.type === 'untyped' ? decoded : decoded.replace(/\.(?:wav|mp3)$/, '');
}

function makeRecording(id: string, seed: string): Recording {
  const kind = scenarioOf(id).recording;
  const content = makeContent(id, createHash('sha256').update(seed).digest(), kind);
  const isUntyped = kind?.type === 'untyped';
  return {
    ...content,
    contentType: isUntyped ? 'binary/octet-stream' : content.contentType,
    extension: isUntyped ? '' : content.extension,
    etag: makeEtag(content, seed, kind),
    headers: kind?.type === 'encrypted' ? { 'x-amz-server-side-encryption': 'aws:kms' } : {},
  };
}

function makeContent(id: string, tune: Buffer, kind: RecordingKind | undefined): Content & Pick<Recording, 'contentType' | 'extension'> {
  if (kind?.type === 'empty') return { ...heldContent(Buffer.alloc(0)), contentType: 'audio/mpeg', extension: '.mp3' };
  if (kind?.type === 'denied') return { ...heldContent(Buffer.from('Access Denied')), contentType: 'audio/mpeg', extension: '.mp3' };
  if (kind?.type === 'short-wav') return { ...wavAudio(tune, SHORT_WAV_BYTES * 2), size: SHORT_WAV_BYTES };
  if (kind?.type === 'html') return { ...heldContent(Buffer.from(SIGN_IN_PAGE)), contentType: 'text/html', extension: '.mp3' };
  if (kind?.type === 'sized') return wavAudio(tune, kind.bytes);
  return makeAudio(id, tune, kind?.type);
}

/** Two draws that the tune's own bytes make: the type, and the size (small ones are commoner than large ones). */
function makeAudio(id: string, tune: Buffer, type: RecordingKind['type'] | undefined): Audio {
  // One that changes stays what it is: its link names the type.
  const isWav = type === 'wav' || type === 'changing' || (type !== 'mp3' && tune.readUInt8(0) < 128);
  const bytes = SMALLEST_BYTES + Math.floor((LARGEST_BYTES - SMALLEST_BYTES) * (tune.readUInt16LE(1) / 0x10000) ** 2);
  return isWav ? wavAudio(tune, bytes - (bytes % 2), id) : mp3Audio(tune, bytes, id);
}

function makeEtag(content: Content, seed: string, kind: RecordingKind | undefined): string {
  if (kind?.type === 'wrong-md5' || kind?.type === 'encrypted') return `"${md5([`not the bytes of ${seed}`])}"`;
  if (content.size > PART_BYTES) return `"${md5([seed])}-${Math.ceil(content.size / PART_BYTES)}"`;
  return `"${md5(content.read(0, content.size))}"`;
}

function md5(pieces: Iterable<Buffer | string>): string {
  const hash = createHash('md5');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}
