import { RecordingError } from '../errors.ts';
import { parseRetryAfter } from '../http/retry-after.ts';
import type { Rest, StoreAnswer } from '../http/store.ts';
import { speaksOfRateLimit } from '../recordings/failure.ts';
import { createRedactor, maskQuoted } from '../redact.ts';
import type { Clock } from '../system.ts';

/** How much of a failure is read: S3's take some hundreds of bytes. */
const FAILURE_BYTES = 4096;
/** How long it may take to come, in milliseconds: it was all there when it was sent. */
const FAILURE_MS = 10_000;

/** What an answer of the store means for the recording being fetched. */
export type StoreVerdict =
  /** The body is the object from its first byte on. */
  | { kind: 'whole'; totalBytes: number | undefined }
  /** The body is what was asked for: the object's bytes from the offset on. */
  | { kind: 'rest'; totalBytes: number }
  /** What is on disk does not belong to what the store holds now. */
  | { kind: 'start-again' }
  /** The link is past its validity: ask for a new one. */
  | { kind: 'link-expired' }
  | { kind: 'failed'; error: RecordingError };

/** The rest of an object that was asked for, with the object's length where an earlier answer told it. */
type AskedRest = Rest & { totalBytes?: number | undefined };

/**
 * Judges an answer of the store by its status and headers, and a failure's first bytes.
 *
 * `rest` is what was asked for, undefined for the whole object; `text` the beginning of the body where the status is not a success. A range
 * is taken only where `Content-Range` says exactly what was asked for (RFC 9110, 14.4 and 15.3.7); a failure is read as S3 documents it
 * ("Error responses", Amazon S3 API reference). What an error quotes of it holds no part of `link`, which the store was asked by.
 */
export function judgeStoreAnswer(
  answer: Pick<StoreAnswer, 'status' | 'contentLength' | 'contentRange' | 'etag' | 'retryAfter'>,
  rest: AskedRest | undefined,
  text: string,
  now: number,
  link?: URL,
): StoreVerdict {
  const { status } = answer;
  if (status === 200) return { kind: 'whole', totalBytes: answer.contentLength };
  if (status === 206) {
    const whole = wholeTotal(answer, rest === undefined);
    if (whole !== undefined) return { kind: 'whole', totalBytes: whole };
    const totalBytes = rest && fittingTotal(answer, rest);
    return totalBytes === undefined ? { kind: 'start-again' } : { kind: 'rest', totalBytes };
  }
  if (rest !== undefined && (status === 412 || status === 416)) return { kind: 'start-again' };
  const code = element(text, 'Code');
  // A link that is not valid yet, as the clocks differ, is worth a new one as well.
  if (status === 403 && code === 'AccessDenied' && /expired|not (?:yet valid|valid yet)/i.test(element(text, 'Message') ?? '')) {
    return { kind: 'link-expired' };
  }
  if (code === 'RequestTimeTooSkewed') return { kind: 'link-expired' };
  // A link that was signed with a role's passing credentials ends with them, however long its own validity.
  if (code === 'ExpiredToken') return { kind: 'link-expired' };
  const quote = (words: string | undefined) => words && maskQuoted(words, redactorFor(link).redact);
  const speaksOfLimit = (status === 403 || status === 400) && speaksOfRateLimit(text);
  const said = { status, code: quote(code), message: quote(element(text, 'Message')) };
  return { kind: 'failed', error: storeError(said, parseRetryAfter(answer.retryAfter, now), speaksOfLimit) };
}

/** Whether {@link judgeStoreAnswer} wants to see the body's beginning. */
export function isStoreFailure(status: number): boolean {
  return status !== 200 && status !== 206;
}

/**
 * The beginning of a failure's body, as much of it as {@link judgeStoreAnswer} can use and as comes within {@link FAILURE_MS}. Throws as reading
 * the body does.
 */
export async function readFailure(answer: Pick<StoreAnswer, 'read'>, { elapsed }: Pick<Clock, 'elapsed'>): Promise<string> {
  const chunks: Uint8Array[] = [];
  const begunAt = elapsed();
  let length = 0;
  await answer.read((chunk) => {
    chunks.push(chunk);
    length += chunk.length;
    return length >= FAILURE_BYTES || elapsed() - begunAt >= FAILURE_MS ? 'enough' : undefined;
  });
  return Buffer.concat(chunks).subarray(0, FAILURE_BYTES).toString('utf8');
}

/**
 * The object's length where a 206 holds all of it, which is how some stores answer any request; undefined where it holds a part. Where a part was
 * asked for, the length of the body has to say the same: there are stores that send the part and call it the whole.
 */
function wholeTotal(
  { contentRange, contentLength }: Pick<StoreAnswer, 'contentLength' | 'contentRange'>,
  isAsked: boolean,
): number | undefined {
  const range = rangeOf(contentRange);
  if (range?.from !== 0 || range.to !== range.total - 1) return undefined;
  return (contentLength ?? (isAsked ? range.total : undefined)) === range.total ? range.total : undefined;
}

function fittingTotal(answer: Pick<StoreAnswer, 'contentLength' | 'contentRange' | 'etag'>, rest: AskedRest): number | undefined {
  const range = rangeOf(answer.contentRange);
  if (range?.from !== rest.from) return undefined;
  const { from, to, total } = range;
  if (to !== total - 1 || to < from || total !== (rest.totalBytes ?? total)) return undefined;
  if (answer.contentLength !== undefined && answer.contentLength !== total - from) return undefined;
  // A store that ignores If-Match would hand out the rest of another object.
  if (answer.etag !== rest.etag) return undefined;
  return total;
}

/** What a `Content-Range` says; undefined where it names no range of an object whose length it tells. */
function rangeOf(contentRange: string | undefined): { from: number; to: number; total: number } | undefined {
  const [, from, to, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(contentRange ?? '') ?? [];
  return total === undefined ? undefined : { from: Number(from), to: Number(to), total: Number(total) };
}

function storeError(
  { status, code, message }: { status: number; code: string | undefined; message: string | undefined },
  retryAfterMs: number | undefined,
  speaksOfLimit: boolean,
): RecordingError {
  const said = [status, code, message].filter((part) => part !== undefined).join(', ');
  if (code === 'SlowDown' || status === 429 || (status === 403 && retryAfterMs !== undefined) || speaksOfLimit) {
    return new RecordingError('RATE_LIMITED', `The store received too many requests (${said}).`, {
      hint: 'Try again later, or lower --concurrency.',
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
  if (status === 408)
    return new RecordingError('TIMEOUT', `The store timed out waiting for the request (${said}).`, { hint: 'Try again later.' });
  if (status >= 500 && status !== 501 && status !== 505) {
    return new RecordingError('SERVICE_UNAVAILABLE', `The store is unavailable (${said}).`, {
      hint: 'Try again later.',
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
  return new RecordingError('UNEXPECTED_RESPONSE', `The store refused to send the recording (${said}).`, {
    hint:
      code === 'SignatureDoesNotMatch'
        ? 'The signed link was altered on its way to the store: check whether a proxy rewrites addresses.'
        : 'Try again later; if it keeps happening, ask Kaleyra about this recording.',
  });
}

function element(xml: string, name: string): string | undefined {
  const value = new RegExp(`<${name}>([^<]{1,300})</${name}>`).exec(xml)?.[1];
  // Without what cannot be seen: it would steer a terminal, and keep a secret from being recognised.
  return value
    ?.replace(/\p{Cf}+/gu, '')
    .replace(/[\s\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
}

/** ETags and types as nearly all are: too short, or of too few characters, to repeat what is secret. */
const PLAIN_HEADER = /^(?:(?:W\/)?"[0-9a-f]{32}(?:-\d{1,5})?"|audio\/[\w.+-]{1,7}|(?:application|binary)\/octet-stream)$/i;
/** How long a part of a link is, at least, that is masked in a header: a type that the link asks for is a part of it, too. */
const HEADER_SECRET_LENGTH = 16;

/** A header of the store as it may be kept and told: without the key, and without what of `link` lets others have the recording. Linear, pure. */
export function headerToKeep<Header extends string | null>(header: Header, link: URL | undefined): Header | string {
  if (header === null || PLAIN_HEADER.test(header)) return header;
  const redactor = createRedactor();
  const parts = link === undefined ? [] : [...link.pathname.split('/'), ...link.searchParams.values()];
  for (const part of parts) if (part.length >= HEADER_SECRET_LENGTH) redactor.addSecret(part);
  return redactor.redact(header);
}

/** How long a part of a link is, at least, that nobody could guess. */
const SECRET_LENGTH = 8;

/** Knows all parts of a link that let others have the recording, its path among them. */
function redactorFor(link: URL | undefined) {
  const redactor = createRedactor();
  const parts = link === undefined ? [] : [link.pathname, ...link.searchParams.values()];
  for (const part of parts) if (part.length >= SECRET_LENGTH) redactor.addSecret(part);
  return redactor;
}
