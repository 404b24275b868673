// @ts-check
import { createHash } from 'node:crypto';

/** Where the archive lies in the bucket. */
export const PREFIX = 'million/';

const LINES_A_PIECE = 3500;
const BYTES = 100_000;
const AT = new Date('2026-10-01T00:00:00.000Z');

/**
 * The ids of an archive that is made up, in the order of its manifest.
 *
 * @param {number} index
 */
export function madeUpId(index) {
  return `1${index.toString(36).padStart(6, '0')}8aKq+zT4giu587`;
}

/**
 * An archive of so many recordings that nobody has uploaded: its manifest in pieces of 1.6 MB, a few hundred of them for a million lines, and as
 * many objects as the bucket's listing tells of.
 *
 * @param {number} lines
 */
export function madeUpArchive(lines) {
  const pieces = Array.from({ length: Math.ceil(lines / LINES_A_PIECE) }, (_, number) => {
    const count = Math.min(LINES_A_PIECE, lines - number * LINES_A_PIECE);
    const text = Array.from({ length: count }, (_, offset) => lineAt(number * LINES_A_PIECE + offset)).join('');
    const time = new Date(AT.getTime() + number * 60_000).toISOString().replace(/[-:.]/g, '');
    const body = Buffer.from(text);
    const key = `${PREFIX}manifest/${time}-0123abcd-${String(number + 1).padStart(6, '0')}.jsonl`;
    return { key, bytes: body.length, etag: etagOf(key), at: AT, headers: {}, body };
  });
  const byKey = new Map(pieces.map((piece) => [piece.key, piece]));
  /** @returns {{ key: string, bytes: number, etag: string, at: Date } | undefined} */
  // Ids begin with a digit, and so stand before "manifest/" in a listing.
  const entryAt = (/** @type {number} */ index) =>
    index < lines ? { key: `${PREFIX}${fileOf(index)}`, bytes: BYTES, etag: etagOf(madeUpId(index)), at: AT } : pieces[index - lines];

  return {
    /** @param {string} key */
    object(key) {
      const piece = byKey.get(key);
      if (piece !== undefined || !key.startsWith(PREFIX) || !key.endsWith('.wav')) return piece;
      const id = decodeURIComponent(key.slice(PREFIX.length, -'.wav'.length));
      return { bytes: BYTES, etag: etagOf(id), at: AT, headers: {}, body: undefined };
    },
    /** @param {string} prefix */
    holds: (prefix) => lines > 0 && prefix.startsWith(PREFIX),
    /**
     * @param {string} prefix of the archive, or of its manifest
     * @param {number} from
     * @param {number} most
     */
    list(prefix, from, most) {
      const first = prefix === PREFIX ? 0 : lines;
      const count = lines + pieces.length - first;
      const entries = Array.from({ length: Math.max(0, Math.min(most, count - from)) }, (_, offset) => entryAt(first + from + offset));
      return { page: entries.flatMap((entry) => (entry?.key.startsWith(prefix) ? entry : [])), isLast: from + most >= count };
    },
  };
}

/** @param {number} index */
function lineAt(index) {
  const id = madeUpId(index);
  const sha256 = hashOf(id);
  return `${JSON.stringify({
    ...{
      id,
      status: 'saved',
      file: fileOf(index),
      bytes: BYTES,
      sha256,
      contentType: 'audio/wav',
      etag: etagOf(`source ${id}`),
      attempts: 1,
    },
    ...{ at: new Date(AT.getTime() + index * 17).toISOString(), account: 'HXIN1707324291IN@api.kaleyra.io/v1', error: null },
    object: { etag: etagOf(id) },
  })}\n`;
}

/** @param {number} index */
function fileOf(index) {
  return `${madeUpId(index)}.wav`;
}

/** @param {string} text */
function hashOf(text) {
  return createHash('sha256').update(text).digest('hex');
}

/** @param {string} text */
function etagOf(text) {
  return `"${hashOf(text).slice(0, 32)}"`;
}
