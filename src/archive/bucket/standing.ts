import { createHash } from 'node:crypto';
import type { Fetched } from '../draft.ts';
import type { ManifestLine } from '../manifest-line.ts';
import type { ObjectStore } from './object-store.ts';
import type { ObjectDetails, ObjectHead } from './objects.ts';
import { PART_BYTES } from './part-buffers.ts';

/** What the manifest needs to know of a recording, as its object tells it. */
export type Facts = Omit<Fetched, 'extension' | 'durationMs'> & { object: NonNullable<ManifestLine['object']> };

/**
 * What goes along with a recording: who it is, so that a run that was killed before it could record it loses nothing. `sha256` only where it is
 * known before the object is begun. Metadata are headers: what is no printable ASCII is percent-encoded.
 */
export function detailsOf(
  id: string,
  account: string | undefined,
  fetched: Pick<Fetched, 'sha256' | 'contentType' | 'etag' | 'attempts'> | undefined,
): ObjectDetails {
  const { sha256, etag, attempts, contentType } = fetched ?? {};
  return {
    contentType: isHeader(contentType) ? contentType : 'application/octet-stream',
    isRecording: true,
    metadata: {
      ...(asHeader(id).length <= LONGEST_ID && { id: asHeader(id) }),
      ...(sha256 !== undefined && { sha256 }),
      ...(etag != null && asHeader(etag).length <= LONGEST_ETAG && { 'source-etag': asHeader(etag) }),
      ...(attempts !== undefined && { attempts: String(attempts) }),
      ...(account !== undefined && { account: asHeader(account) }),
    },
  };
}

/** The id of the recording that an object says it is; undefined where it says none. */
export function idOf({ metadata }: ObjectHead): string | undefined {
  return metadata.id === undefined ? undefined : fromHeader(metadata.id);
}

/**
 * Whether an object is one that this tool has stored, by what goes along with a recording. That it says an id is not enough: others note ids of calls
 * too, on a transcript beside the recordings for instance.
 */
export function isOurs({ metadata, bytes }: ObjectHead): boolean {
  return metadata.sha256 !== undefined || (bytes > PART_BYTES && metadata.account !== undefined);
}

/**
 * What there is to know of a recording's object that nobody recorded. What the store's checksum does not prove is read. Undefined where its bytes
 * are not those that were stored. Throws `BUCKET`, and the signal's reason.
 */
export async function factsOf(store: ObjectStore, key: string, head: ObjectHead, signal?: AbortSignal): Promise<Facts | undefined> {
  const { metadata, bytes, etag, contentType, checksum } = head;
  const told = metadata.sha256;
  const isProven = told !== undefined && checksum === base64Of(told);
  const sha256 = isProven ? told : await sha256Of(store, key, signal);
  if (sha256 === undefined || (told !== undefined && told !== sha256)) return undefined;
  return {
    bytes,
    sha256,
    contentType: contentType ?? null,
    etag: metadata['source-etag'] === undefined ? null : fromHeader(metadata['source-etag']),
    attempts: Number(metadata.attempts ?? 1) || 1,
    object: objectOf({ etag, checksum }),
  };
}

/** What the manifest keeps of the store's answer. */
export function objectOf({ etag, checksum }: Pick<ObjectHead, 'etag' | 'checksum'>): Facts['object'] {
  return { ...(etag !== undefined && { etag }), ...(checksum !== undefined && { checksum }) };
}

/** How an object is held against its line. */
export type Held = 'whole' | 'short' | { sha256: string | null };

/**
 * Holds an object against its line: its size, and the store's checksum (of the object, or of its parts as they were stored) or its unchanged ETag.
 * What neither proves, and with `read` each, is read. Gives the hash where other bytes were read. Throws `BUCKET`, and the signal's reason.
 */
export async function hold(
  store: ObjectStore,
  key: string,
  head: ObjectHead,
  line: ManifestLine,
  read: boolean,
  signal?: AbortSignal,
): Promise<Held> {
  if (head.bytes < (line.bytes ?? 0)) return 'short';
  const { checksum, etag } = head;
  if (!read && head.bytes === line.bytes) {
    if (checksum !== undefined && checksum === (checksum.includes('-') ? line.object?.checksum : base64Of(line.sha256 ?? '')))
      return 'whole';
    if (checksum === undefined && etag !== undefined && etag === line.object?.etag) return 'whole';
  }
  const sha256 = await sha256Of(store, key, signal);
  return sha256 === line.sha256 ? 'whole' : { sha256: sha256 ?? null };
}

/** The SHA-256 of an object, read whole: 64 hexadecimal digits. Undefined where there is none by now. Throws `BUCKET`, and the signal's reason. */
export async function sha256Of(store: ObjectStore, key: string, signal?: AbortSignal): Promise<string | undefined> {
  let hash = createHash('sha256');
  const isThere = await store.read(
    key,
    (piece) => void hash.update(piece),
    () => {
      hash = createHash('sha256');
    },
    signal,
  );
  return isThere ? hash.digest('hex') : undefined;
}

/** A hash as S3 writes it. `hex` is as the manifest writes it. */
export function base64Of(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}

/** The checksum that S3 gives an object in parts: the hash of their hashes, and how many there are ("Checking object integrity"). */
export function checksumOfParts(parts: readonly { ChecksumSHA256: string }[]): string {
  const hash = createHash('sha256');
  for (const { ChecksumSHA256 } of parts) hash.update(Buffer.from(ChecksumSHA256, 'base64'));
  return `${hash.digest('base64')}-${parts.length}`;
}

/** All metadata of an object may have 2 KB; an ETag of a store that is not S3 can be anything, and so can an id. */
const LONGEST_ETAG = 200;
const LONGEST_ID = 1000;

/** Whether a store's word can be handed on: what is no printable ASCII is signed in one way, and sent in another. */
function isHeader(text: string | null | undefined): text is string {
  return text != null && /^[\x20-\x7e]{1,200}$/.test(text);
}

function asHeader(text: string): string {
  return text.replace(/[^\x20-\x7e]|%/gu, (one) => encodeURIComponent(one));
}

function fromHeader(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
