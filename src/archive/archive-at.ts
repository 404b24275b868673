import { usageError } from '../errors.ts';
import type { ArchiveHome, HomeTools } from './archive.ts';
import { isBucketAddress, refuseMistypedAddress } from './bucket/address.ts';
import type { BucketOptions } from './bucket/options.ts';
import { folderHome } from './folder/folder-home.ts';

/**
 * The home of an archive by its name: `s3://bucket/prefix`, or the path of a folder. The code for buckets is loaded where one is named. Throws
 * `USAGE` for what names neither, and for settings that the kind does not have.
 */
export async function archiveAt(name: string, tools: HomeTools, bucket: BucketOptions = {}): Promise<ArchiveHome> {
  refuseMistypedAddress(name);
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
