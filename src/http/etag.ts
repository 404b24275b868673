/**
 * The MD5 that an S3 object's ETag stands for: 32 lower-case hexadecimal digits. Undefined where the ETag is no MD5 of the object's bytes:
 * it is missing, weak, a multipart upload's (`…-3`), of another shape, or the object is encrypted otherwise than with S3's own keys.
 *
 * `etag` is the `ETag` header and `encryption` the `x-amz-server-side-encryption` header, null where absent. Source: Amazon S3 API
 * Reference, "Object": the ETag is an MD5 for objects in plaintext or under SSE-S3 (`AES256`), and not under SSE-KMS.
 */
export function md5OfEtag(etag: string | null, encryption: string | null): string | undefined {
  if (encryption !== null && encryption.trim().toUpperCase() !== 'AES256') return undefined;
  // Some S3-compatible stores send the digits without the quotes that HTTP asks for.
  return /^(?<quote>"?)(?<digits>[0-9a-f]{32})\k<quote>$/i.exec(etag?.trim() ?? '')?.groups?.digits?.toLowerCase();
}

/**
 * Whether an ETag can guard a resume: `If-Match` compares strongly, so that a weak one (`W/"…"`) never matches (RFC 9110, sections 8.8.3.2
 * and 13.1.1).
 */
export function isStrongEtag(etag: string | null): etag is string {
  return etag !== null && etag !== '' && !etag.startsWith('W/');
}
