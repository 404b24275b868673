import { type RecordingError, usageError } from '../../errors.ts';
import type { ArchiveHome, Hold, HomeTools } from '../archive.ts';
import { BUCKET_STOP_MS, parseBucketAddress } from './address.ts';
import { BucketArchive } from './bucket-archive.ts';
import { BucketCheck } from './bucket-check.ts';
import { credentialsOf, statusOf } from './bucket-error.ts';
import { BucketListing } from './bucket-listing.ts';
import { BucketManifest, piecesOf } from './bucket-manifest.ts';
import { BucketReader } from './bucket-reader.ts';
import { storeClient } from './client.ts';
import { ObjectStore } from './object-store.ts';
import type { BucketOptions } from './options.ts';
import { PIECES } from './piece-names.ts';

/** A part of a bucket as the home of an archive. Throws `USAGE` for what names none, and for a proxy that is none. */
export async function bucketHome(name: string, tools: HomeTools, options: BucketOptions): Promise<ArchiveHome> {
  const { store, prefix } = await openStore(name, tools, options);
  const { system } = tools;
  return {
    name,
    stopMs: BUCKET_STOP_MS,
    isShared: true,
    hasManifest: async () => (await piecesOf(store, prefix)).length > 0,
    async hold() {
      await tryOut(store, prefix);
      return NO_LOCK;
    },
    tryOut: () => tryOut(store, prefix),
    open: (archiveOptions) => BucketArchive.open(store, prefix, system, archiveOptions),
    async check(signal, { checksum }) {
      const manifest = await BucketManifest.open(store, prefix, system, undefined, signal);
      return new BucketCheck(store, prefix, manifest, checksum);
    },
    async listing(survey, signal) {
      const manifest = await BucketManifest.open(store, prefix, system, (line) => survey.add(line), signal);
      if (manifest.exists) return new BucketListing(name, store.address(prefix + PIECES), store, manifest);
      await manifest.close();
      throw usageError(`${name} has no manifest.`, 'Name an archive that `kaleyra-rec batch` has filled.');
    },
    reader: () => new BucketReader(name, store, prefix),
  };
}

/** The bucket that an address names, and the prefix in it. Throws `USAGE`. */
export async function openStore(name: string, tools: HomeTools, options: BucketOptions): Promise<{ store: ObjectStore; prefix: string }> {
  const { bucket, prefix } = parseBucketAddress(name);
  if (options.kmsKeyId !== undefined && options.sse !== 'aws:kms') {
    throw usageError('--kms-key-id needs --sse aws:kms.', 'Add --sse aws:kms, or leave --kms-key-id out.');
  }
  const client = await storeClient(tools, options);
  return {
    store: new ObjectStore(
      {
        ...{ bucket, credentials: credentialsOf(tools.system.env), profile: tools.system.env.AWS_PROFILE },
        redact: tools.redactor.redact,
      },
      client,
      options,
      tools.system,
    ),
    prefix,
  };
}

/** Runs do not stand in each other's way: each writes names and pieces of its own. */
const NO_LOCK: Hold = { lost: new AbortController().signal, release: async () => {} };

/**
 * Begins an upload, as of a recording with its storage class and encryption, and throws it away: whoever may do that may store a recording, and
 * nothing is left of it. Then asks for an object that is not
 * there, which only those are told who may read and list: the list of failed rows is read at the end, when it is too late. Throws `BUCKET`.
 */
async function tryOut(store: ObjectStore, prefix: string): Promise<void> {
  const key = `${prefix}${PIECES}try`;
  const upload = await store.begin(key, { isRecording: true }, prefix);
  await store.abort(upload).catch((error: RecordingError) => {
    // It is gone where the answer to a first request got lost (404); small stand-ins for S3 know no way to throw one away.
    if (![404, 405, 501].includes(statusOf(error.cause) ?? 0)) throw error;
  });
  (await store.get(key))?.destroy();
}
