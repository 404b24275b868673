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

/** How long a run into a bucket may take to end once it was told to stop: requests take their time, and a container is killed after 10 seconds. */
export const BUCKET_STOP_MS = 8000;

/** S3's rules for names, "General purpose bucket naming rules"; `_` and capitals are in old ones. */
const BUCKET_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/u;

/** Keys are no longer, in bytes of UTF-8; "Naming Amazon S3 objects". */
export const LONGEST_KEY = 1024;

/** Room for the recording's own name behind the prefix. */
const LONGEST_NAME = 512;

/** What somebody means a bucket by, and no folder: `s3:/calls`, an ARN, another store's scheme, an address of the web. */
const MEANT_FOR_A_BUCKET = /^(?:s3[an]?:|arn:|gs:|azure:|https?:)/iu;

/** Refuses the name of a folder that nobody would give one: a mistyped address would fill the local disk. Throws `USAGE`. */
export function refuseMistypedAddress(name: string): void {
  if (isBucketAddress(name) || !MEANT_FOR_A_BUCKET.test(name)) return;
  throw usageError(
    `${name} looks like the address of a bucket, but is not written as one.`,
    `Write a bucket as s3://bucket/prefix. If you mean a folder of this name, write ./ in front of it.`,
  );
}

/** Reads `s3://bucket/prefix`. Throws `USAGE` for what is none. */
export function parseBucketAddress(text: string): BucketAddress {
  const [, bucket = '', rest = ''] = /^s3:\/\/([^/]*)\/?(.*)$/isu.exec(text) ?? [];
  if (/^arn:/iu.test(bucket)) {
    throw usageError(`${text} names an access point by its ARN.`, "Give the access point's alias in its place: s3://alias/prefix.");
  }
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

/** Whether an object only shows a folder, as consoles and mounts make them: `name` is relative to the archive, and empty for the prefix itself. */
export function isFolderMarker(name: string, bytes: number): boolean {
  return bytes === 0 && (name === '' || name.endsWith('/'));
}

/** The address of an object, as a user would type it. */
export function addressOf(bucket: string, key: string): string {
  return `s3://${bucket}/${key}`;
}
