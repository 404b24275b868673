/** What the flags say of an archive in a bucket; see `PutObject` in S3's documentation for their values. */
export interface BucketFlags {
  /** The storage class of recordings; the manifest has the bucket's own. */
  storageClass?: string;
  /** How the store encrypts what it is given. */
  sse?: 'AES256' | 'aws:kms';
  /** The key for `aws:kms`, by its id or ARN. */
  kmsKeyId?: string;
}

/** How a bucket is worked with. */
export interface BucketOptions extends BucketFlags {
  /** For how long an answer may take, in milliseconds. */
  timeoutMs?: number;
  /** How often a request that failed is sent again. */
  retries?: number;
}
