import { usageError } from '../errors.ts';
import type { LogEntry } from '../log.ts';
import type { Redactor } from '../redact.ts';
import type { System } from '../system.ts';
import type { ArchiveHome } from './archive.ts';
import { isBucketAddress } from './bucket/address.ts';
import type { BucketOptions } from './bucket/options.ts';
import { folderHome } from './folder/folder-home.ts';

/** What an archive's home works with. */
export interface HomeTools {
  system: System;
  /** Is told the store's secrets. */
  redactor: Redactor;
  /** Where requests to a bucket are logged, where a log is kept. */
  entry?: LogEntry;
}

/**
 * The home of an archive by its name: `s3://bucket/prefix`, or the path of a folder. The code for buckets is loaded where one is named. Throws
 * `USAGE` for what names neither, and for settings that the kind does not have.
 */
export async function archiveAt(name: string, tools: HomeTools, bucket: BucketOptions = {}): Promise<ArchiveHome> {
  if (!isBucketAddress(name)) {
    const flag = (
      [
        ['storageClass', '--storage-class'],
        ['sse', '--sse'],
        ['kmsKeyId', '--kms-key-id'],
      ] as const
    ).find(([field]) => bucket[field] !== undefined);
    if (flag !== undefined)
      throw usageError(`${flag[1]} is for buckets, and ${name} is a folder.`, 'Leave it out, or name a bucket as s3://bucket/prefix.');
    return folderHome(name, tools.system);
  }
  const { bucketHome } = await import('./bucket/bucket-home.ts');
  return bucketHome(name, tools, bucket);
}
