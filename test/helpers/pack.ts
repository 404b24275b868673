import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** What the package would hold if it were packed now. */
export interface Package {
  /** Paths below the package's root, sorted. */
  files: string[];
  /** The tarball's bytes. */
  packedBytes: number;
  /** The bytes of all files together. */
  unpackedBytes: number;
}

/** Asks npm what the package would hold, of `dist` as it stands. Nothing is built and nothing written. */
export async function packDryRun(): Promise<Package> {
  const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
  });
  const [entry]: NpmPackEntry[] = JSON.parse(stdout);
  if (entry === undefined) throw new Error(`npm pack told of no package: ${stdout}`);
  return { files: entry.files.map((file) => file.path).sort(), packedBytes: entry.size, unpackedBytes: entry.unpackedSize };
}

interface NpmPackEntry {
  files: { path: string }[];
  size: number;
  unpackedSize: number;
}
