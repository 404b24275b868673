import { FileSystemError } from '../../disk/file-error.ts';
import { RecordingError } from '../../errors.ts';
import { transportError } from '../../http/peer.ts';
import { maskQuoted } from '../../redact.ts';
import type { System } from '../../system.ts';

/** What an error of a bucket is told with. */
export interface BucketNames {
  bucket: string;
  /** Where the credentials come from, as a noun. */
  credentials: string;
  /** The profile that is named for them, if one is. */
  profile?: string | undefined;
  /** Masks the secrets of this run: the store may repeat one. */
  redact: (text: string) => string;
}

/** How the SDK's errors look: a name from the store's answer or its own, the status of the answer, and where the connection failed, Node's code. */
interface StoreError extends Error {
  code?: unknown;
  $metadata?: { httpStatusCode?: number };
  $response?: { headers?: Readonly<Record<string, string>> };
  Region?: unknown;
}

/** S3's names for what is wrong with credentials as such ("Error responses" in its API reference), and those of its token service. */
const REFUSED: ReadonlySet<string> = new Set([
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'InvalidSecurity',
  'AuthFailure',
  'NotSignedUp',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'InvalidIdentityToken',
]);
const EXPIRED: ReadonlySet<string> = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'TokenRefreshRequired',
  'InvalidToken',
  'InvalidTokenId',
  'ExpiredTokenID',
]);
const BUSY: ReadonlySet<string> = new Set(['SlowDown', 'ServiceUnavailable', 'TooManyRequests', 'RequestLimitExceeded', 'Throttling']);

/** Those of buckets in general, as `PutObject` in S3's API reference has them. */
const STORAGE_CLASSES = 'STANDARD, STANDARD_IA, ONEZONE_IA, INTELLIGENT_TIERING, GLACIER_IR, GLACIER, DEEP_ARCHIVE and REDUCED_REDUNDANCY';

/** Whether an error says that the credentials are too old, or are not known any more: newer ones may be at hand. */
export function saysExpired(error: unknown): boolean {
  return error instanceof Error && (EXPIRED.has(error.name) || error.name === 'InvalidAccessKeyId');
}

/** Whether a store takes no request that has a checksum: it names the header that it does not know. */
export function refusesChecksums(error: unknown): boolean {
  const status = statusOf(error);
  if (status !== 400 && status !== 501) return false;
  const { message } = error as Error;
  return /x-amz-(?:sdk-)?checksum/iu.test(message) && /unsupported|unknown|not (?:supported|implemented|allowed)/iu.test(message);
}

/**
 * Why one object cannot be read while others can, from the error that its reading threw: it lies in an archive class, or another account owns it or the
 * key that it was encrypted with. Undefined for what ails the bucket.
 */
export function whyUnreadable(error: unknown): string | undefined {
  const { cause } = error as RecordingError;
  if (!(cause instanceof Error)) return undefined;
  if (cause.name === 'InvalidObjectState') return ARCHIVED;
  if (cause.name === 'AccessDenied')
    return /kms:/u.test(cause.message) ? 'there is no right to use its key' : 'there is no right to read it';
  if (cause.name.startsWith('KMS.')) return 'its key cannot be used';
  return cause.name === 'InvalidRequest' && /encrypt/iu.test(cause.message) ? "it is encrypted with a customer's own key" : undefined;
}

const ARCHIVED = 'it lies in an archive storage class';

/** Whether an upload in parts is not there any more. */
export function isUploadGone(error: unknown): boolean {
  return ((error as RecordingError).cause as Error | undefined)?.name === 'NoSuchUpload';
}

/** What is told of an upload that is not there any more. It befalls one recording. */
export function uploadGone(action: string, cause?: unknown): FileSystemError {
  return new FileSystemError(`Cannot ${action}: the store has thrown the upload away.`, {
    hint: 'Run the same command again: the recording is uploaded from its beginning.',
    retryable: true,
    cause,
    of: 'one',
  });
}

/** The region that the bucket is in, where an error says that it is another one; "Request redirection and the REST API" in S3's guide. */
export function regionOf(error: unknown): string | undefined {
  const { $response, Region } = error as StoreError;
  const region = $response?.headers?.['x-amz-bucket-region'] ?? Region;
  const status = statusOf(error);
  // It becomes a part of the host that is asked.
  const isRegion = typeof region === 'string' && /^[a-z\d]+(?:-[a-z\d]+)*$/u.test(region);
  return isRegion && (status === 301 || status === 400) ? region : undefined;
}

/** Whether the store asks for patience. */
export function saysSlowDown(error: unknown): boolean {
  return error instanceof Error && (BUSY.has(error.name) || statusOf(error) === 429 || statusOf(error) === 503);
}

/** The status of the answer that an error came from. */
export function statusOf(error: unknown): number | undefined {
  return (error as StoreError | undefined)?.$metadata?.httpStatusCode;
}

/**
 * `BUCKET`, for what the SDK threw. `action` completes "Cannot …": `write to s3://calls/2026/`. What is a RecordingError already comes back as it
 * is. Every further recording would meet the same.
 */
export function bucketError(error: unknown, action: string, { bucket, credentials, profile, redact }: BucketNames): RecordingError {
  if (error instanceof RecordingError) return error;
  const { name: named, message } = error instanceof Error ? error : { name: '', message: String(error) };
  const firstSentence = (text: string) => maskQuoted(text.split('\n', 1)[0] ?? '', redact).slice(0, 300);
  const name = firstSentence(named);
  const status = statusOf(error);
  const fail = (why: string, hint: string, retryable = false) =>
    // What was to be read as JSON may be credentials, and the parser quotes it.
    new RecordingError('BUCKET', `Cannot ${action}: ${why}.`, { hint, retryable, cause: error instanceof SyntaxError ? undefined : error });
  if (name === 'NoSuchBucket')
    return fail(`there is no bucket ${bucket}`, 'Check its name, and that the AWS settings are those of its account.');
  if (EXPIRED.has(name)) {
    return fail(`${credentials} have expired (${name})`, 'Renew them, and run the same command again.', true);
  }
  if (name === 'SignatureDoesNotMatch') {
    return fail(
      `the secret key of ${credentials} does not fit its access key (${name})`,
      'Check the secret key, and run the same command again.',
    );
  }
  if (REFUSED.has(name)) return fail(`the store does not accept ${credentials} (${name})`, 'Check them, and run the same command again.');
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    const said = /expired|refresh|sso|session/iu.test(message) ? ` (${firstSentence(message)})` : '';
    // The SDK looks for none elsewhere then, where the AWS command line takes those of the environment first.
    if (profile) {
      return fail(
        `there are no AWS credentials in the profile ${profile}${said}`,
        'Check AWS_PROFILE, or unset it to use the credentials of the environment or machine.',
      );
    }
    return fail(
      `there are no AWS credentials${said}`,
      'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile in AWS_PROFILE, or give the machine or container a role.',
    );
  }
  if (name === 'NoSuchUpload') return uploadGone(action, error);
  if (name === 'RequestTimeTooSkewed') {
    return fail("this machine's clock and the store's are too far apart", 'Set the clock, and run the same command again.', true);
  }
  if (name === 'AuthorizationHeaderMalformed') {
    return fail(`the store says "${firstSentence(message)}" (${name})`, 'Set AWS_REGION to the region that the store expects.');
  }
  if (name === 'SecondLevelDomainForbidden') {
    return fail(
      `the store wants the name of the bucket in its host (${name})`,
      'Ask whoever runs the store to allow addresses of the form host/bucket/key.',
    );
  }
  if (BUSY.has(name) || (status !== undefined && status >= 500 && name !== 'NotImplemented')) {
    return fail(
      `the store is too busy (${name})`,
      'Run the same command again later, with a lower --concurrency if it happens again.',
      true,
    );
  }
  if (name === 'PermanentRedirect' || status === 301) {
    return fail('the bucket is in another region', 'Set AWS_REGION to the region of the bucket.');
  }
  if (name === 'InvalidStorageClass') {
    return fail(
      `the store has no such storage class (${name})`,
      `Check --storage-class. Amazon S3 has ${STORAGE_CLASSES}; other stores have their own.`,
    );
  }
  if (name === 'InvalidObjectState') {
    return fail(ARCHIVED, 'Restore it first, as with `aws s3api restore-object`.');
  }
  if (name === 'AccessDenied' || name === 'AllAccessDisabled' || status === 403) {
    const [, right] = /not authorized to perform: ((?:s3|kms):[A-Za-z]+)/u.exec(message) ?? [];
    return fail(
      `${credentials} have no right to do so${right === undefined ? '' : ` (${right})`}`,
      // To list, verify or browse takes fewer of them.
      `They need s3:ListBucket for the bucket and s3:GetObject for what is in it; to write, also s3:PutObject and s3:AbortMultipartUpload, and s3:DeleteObject for failed.txt.`,
    );
  }
  if (status !== undefined) {
    return fail(
      `the store says "${firstSentence(message)}" (${name}, HTTP ${status})`,
      'Check the settings of the bucket and of this command.',
    );
  }
  if (typeof (error as StoreError).code === 'string') {
    const told = transportError(error, { name: 'The store', host: hostOf(error) ?? bucket });
    const certificate = !told.retryable ? told.hint : undefined;
    return new RecordingError('BUCKET', `Cannot ${action}: ${lowerFirst(told.message)}`, {
      hint: certificate ?? 'Check the network, any proxy, AWS_ENDPOINT_URL_S3 and AWS_REGION, and run the same command again later.',
      retryable: told.retryable,
      cause: error,
    });
  }
  if (name === 'TimeoutError') {
    return fail(
      'the store did not answer in time',
      'Check the network and AWS_ENDPOINT_URL_S3, and run the same command again later.',
      true,
    );
  }
  if (name === 'SyntaxError' || /Deserialization|unexpected token|not valid XML/iu.test(message)) {
    return fail('what answers is no S3 store', 'Check AWS_ENDPOINT_URL_S3.');
  }
  return fail(firstSentence(message).replace(/\.$/u, ''), 'Check the AWS settings, and run the same command again.');
}

/** Where the SDK finds its credentials in this environment, as it looks for them ("default credential provider chain"). */
export function credentialsOf(env: System['env']): string {
  const { AWS_PROFILE: profile, AWS_ACCESS_KEY_ID: key } = env;
  if (profile) return `the AWS credentials of the profile ${profile}`;
  if (key) return 'the AWS credentials in the environment (AWS_ACCESS_KEY_ID)';
  if (env.AWS_WEB_IDENTITY_TOKEN_FILE) return `the AWS credentials of the role ${env.AWS_ROLE_ARN ?? ''} (AWS_WEB_IDENTITY_TOKEN_FILE)`;
  if (env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI || env.AWS_CONTAINER_CREDENTIALS_FULL_URI)
    return "the AWS credentials of the container's role";
  return 'the AWS credentials of the default profile or of this machine';
}

/** Where nothing could be reached, as Node's errors of connections tell it. */
function hostOf(error: unknown): string | undefined {
  const { hostname, address, port } = error as { hostname?: string; address?: string; port?: number };
  if (hostname !== undefined) return hostname;
  return address === undefined || port === undefined ? undefined : `${address}:${port}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
