/** Bytes from `start` up to, and without, `end`. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * Reads a `Range` header (RFC 9110, section 14.2).
 *
 * @param size how many bytes there are
 * @returns the range; `unsatisfiable` where it lies past the end (416); undefined where the header is absent, damaged or names several
 * ranges, in which case S3 sends everything
 */
export function parseRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  if (first === '') {
    const start = Math.max(0, size - Number(last));
    return start < size ? { start, end: size } : 'unsatisfiable';
  }
  const start = Number(first);
  const end = last === '' ? size : Math.min(size, Number(last) + 1);
  if (last !== '' && Number(last) < start) return undefined;
  return start < size ? { start, end } : 'unsatisfiable';
}

/** Whether an `If-Match` or `If-None-Match` header (a list of ETags, or `*`) names an ETag. Weak ETags match none, as S3 has only strong ones. */
export function namesEtag(header: string, etag: string): boolean {
  return header.split(',').some((part) => part.trim() === '*' || part.trim() === etag);
}
