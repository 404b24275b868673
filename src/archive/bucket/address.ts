import { usageError } from '../../errors.ts';

/** A place in a bucket. */
export interface BucketAddress {
  bucket: string;
  /** What all keys begin with: empty, or ending in a slash. */
  prefix: string;
}

/** Whether a text names a bucket, and no folder. */
export function isBucketAddress(text: string): boolean {
  return /^s3:\/\//iu.test(text);
}

/** S3's rules for names, "General purpose bucket naming rules"; `_` and capitals are in old ones. */
const BUCKET_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/u;

/** Keys are no longer, in bytes of UTF-8; "Naming Amazon S3 objects". */
export const LONGEST_KEY = 1024;

/** Room for the recording's own name behind the prefix. */
const LONGEST_NAME = 512;

/** Reads `s3://bucket/prefix`. Throws `USAGE` for what is none. */
export function parseBucketAddress(text: string): BucketAddress {
  const [, bucket = '', rest = ''] = /^s3:\/\/([^/]*)\/?(.*)$/isu.exec(text) ?? [];
  if (!BUCKET_NAME.test(bucket)) {
    // As Hadoop has them. What is refused is shown, and these must not be.
    if (/:.*@/su.test(text.slice('s3://'.length))) {
      throw usageError(
        'The address of the bucket has credentials in it.',
        'Give it as s3://bucket/prefix, and the credentials in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
      );
    }
    const named = bucket === '' ? 'names no bucket' : `names no bucket that S3 could have: ${JSON.stringify(bucket)}`;
    throw usageError(`${text} ${named}.`, 'Give it as s3://bucket/prefix.');
  }
  const prefix = rest === '' || rest.endsWith('/') ? rest : `${rest}/`;
  const segments = prefix.split('/').slice(0, -1);
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    throw usageError(`${text} has an empty segment, . or .. in it.`, 'Give it as s3://bucket/prefix.');
  }
  if (/\p{Cc}/u.test(prefix))
    throw usageError('The address of the bucket has a control character in it.', 'Give it as s3://bucket/prefix.');
  if (Buffer.byteLength(prefix) > LONGEST_KEY - LONGEST_NAME) {
    throw usageError('The prefix in the bucket is too long.', `Give one of at most ${LONGEST_KEY - LONGEST_NAME} bytes.`);
  }
  return { bucket, prefix };
}

/** Reads `s3://bucket/key`, the address of one object; a `prefix` where it ends in a slash or has no key. Throws `USAGE` for what is none. */
export function parseObjectAddress(text: string): { bucket: string; key: string } | BucketAddress {
  const { bucket, prefix } = parseBucketAddress(text);
  return prefix === '' || text.endsWith('/') ? { bucket, prefix } : { bucket, key: prefix.slice(0, -1) };
}

/** The address of an object, as a user would type it. */
export function addressOf(bucket: string, key: string): string {
  return `s3://${bucket}/${key}`;
}
