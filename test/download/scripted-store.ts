import { createHash } from 'node:crypto';
import { RecordingError } from '../../src/errors.ts';
import type { Rest, StoreAnswer } from '../../src/http/store.ts';

/** How the fake store answers one request; it is told what rest was asked for. */
export type Step = (rest: Rest | undefined) => StoreAnswer;

/** What a {@link whole} or {@link rest} answer is made of. */
export interface Served extends Partial<Omit<StoreAnswer, 'read' | 'cancel'>> {
  /** The body breaks off after so many bytes of it. */
  cutAfter?: number;
  /** It ends there without a word, as behind a careless proxy. */
  endsQuietly?: boolean;
  /** What it breaks off with; a broken connection where left out. */
  error?: unknown;
  /** Called when the body has come so far, before it goes on. */
  meanwhile?: () => void;
}

/** The chunks that bodies come in: a prime number of bytes, so that no boundary is met by chance. */
const CHUNK = 211;

/** How many answers were given, and how many let go of: each one has to be. */
export const answers = { given: 0, cancelled: 0 };

/** A quoted MD5 as S3's ETag. */
export function md5Etag(bytes: Uint8Array): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}

export function broken(): RecordingError {
  return new RecordingError('NETWORK', 'The connection to the store broke (ECONNRESET).', { hint: 'Try again.' });
}

/** A 200 with the whole object. */
export function whole(bytes: Uint8Array, served: Served = {}): Step {
  return () => answer(bytes, { status: 200, contentLength: bytes.length, etag: md5Etag(bytes), ...served });
}

/** A 206 with the bytes that were asked for. */
export function rest(bytes: Uint8Array, served: Served = {}): Step {
  return (asked) => {
    const from = asked?.from ?? 0;
    const contentRange = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
    const contentLength = bytes.length - from;
    return answer(bytes.subarray(from), { status: 206, contentLength, contentRange, etag: md5Etag(bytes), ...served });
  };
}

/** A failure as S3 says it; without a code its body is empty. */
export function refusal(status: number, code?: string, message = 'Said so.', served: Served = {}): Step {
  const text = code === undefined ? '' : `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return () => answer(Buffer.from(text), { status, contentType: 'application/xml', contentLength: text.length, ...served });
}

/** S3's answer to a link past its validity. */
export const expired: Step = refusal(403, 'AccessDenied', 'Request has expired');

/** A request that gets no answer. */
export function unanswered(error: unknown = broken()): Step {
  return () => {
    throw error;
  };
}

/** A body that never ends, of a length that nobody announces. */
export function endless(start: Uint8Array): Step {
  return () => ({
    ...answer(new Uint8Array(0), { contentLength: undefined, etag: null }),
    read: readOf(
      (async function* () {
        yield start;
        for (;;) yield new Uint8Array(1000);
      })(),
    ),
  });
}

function answer(bytes: Uint8Array, { cutAfter, endsQuietly, error, meanwhile, ...served }: Served): StoreAnswer {
  answers.given += 1;
  const breaks = cutAfter !== undefined && !endsQuietly;
  return {
    status: 200,
    contentType: 'audio/wav',
    contentLength: bytes.length,
    contentRange: undefined,
    contentEncoding: undefined,
    etag: null,
    encryption: null,
    retryAfter: undefined,
    endIsMarked: true,
    path: '/b/recording',
    ...served,
    read: readOf(body(bytes.subarray(0, cutAfter), breaks ? (error ?? broken()) : undefined, meanwhile)),
    cancel: () => {
      answers.cancelled += 1;
    },
  };
}

/** Reads these chunks, as an answer of the store is read. */
export function readOf(chunks: AsyncIterable<Uint8Array>): StoreAnswer['read'] {
  return async (take) => {
    for await (const chunk of chunks) {
      const taken = take(chunk);
      if (taken === 'enough') return;
      await taken;
    }
  };
}

async function* body(bytes: Uint8Array, error: unknown, meanwhile: (() => void) | undefined): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
  meanwhile?.();
  if (error !== undefined) throw error;
}
