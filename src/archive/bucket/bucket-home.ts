import { usageError } from '../../errors.ts';
import type { ArchiveHome } from '../archive.ts';
import { parseBucketAddress } from './address.ts';

/** A bucket as the home of an archive. Throws `USAGE`. */
export function bucketHome(name: string): ArchiveHome {
  parseBucketAddress(name);
  throw usageError(`${name} is a bucket, and archives in buckets cannot be opened yet.`, 'Name a folder.');
}
