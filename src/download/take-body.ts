import type { Draft } from '../archive/draft.ts';
import type { StoreAnswer } from '../http/store.ts';
import type { LeastRate } from './least-rate.ts';
import { type Claims, mismatch, type Proof } from './proof.ts';

/** Where a body's bytes go, and what they are held against. */
export interface BodyTaker {
  /** Has seen all bytes of the object before these. */
  proof: Proof;
  draft: Pick<Draft, 'length' | 'write' | 'expect'>;
  /** The most bytes that the object may have. */
  limit: number;
  rate: LeastRate;
  /** Told how many bytes of the object have come and were let through. */
  onProgress: (bytes: number) => void;
}

/**
 * Brings the bytes of an answer to the draft as they come. Until they have shown that this is a recording they are held back: what goes to standard
 * output cannot be taken back. Resolves with those that were held back to the end, which the whole proof decides about.
 *
 * Throws `CONTENT_MISMATCH`, `TIMEOUT` (a body that comes too slowly), and what reading the body and writing the draft do.
 */
export async function takeBody(answer: StoreAnswer, claims: Claims, taker: BodyTaker): Promise<Uint8Array | undefined> {
  const { proof, draft, limit, rate, onProgress } = taker;
  const held: Uint8Array[] = [];
  // What an earlier attempt has written was let through by then.
  const isBegun = draft.length > 0;
  const write = (isAdmitted: boolean) => {
    if (!isAdmitted && !isBegun) return undefined;
    onProgress(proof.bytes);
    const bytes = joined(held.splice(0));
    if (draft.length === 0) draft.expect?.(proof.likelyExtension(claims));
    return bytes && draft.write(bytes);
  };
  await answer.read((chunk) => {
    rate.came(chunk.length);
    proof.add(chunk);
    if (proof.bytes > limit) throw mismatch(`The recording does not end after ${limit} bytes.`);
    held.push(chunk);
    const admits = proof.admits(claims);
    const written = typeof admits === 'boolean' ? write(admits) : admits.then(write);
    return written && rate.without(written);
  });
  return joined(held);
}

/** The pieces as one; undefined where there is none. */
function joined(pieces: readonly Uint8Array[]): Uint8Array | undefined {
  return pieces.length > 1 ? Buffer.concat(pieces) : pieces[0];
}
