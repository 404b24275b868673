import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { FolderCheck } from '../../src/archive/folder/folder-check.ts';
import { MANIFEST_NAME } from '../../src/archive/manifest.ts';
import { type VerifyListener, verifyArchive } from '../../src/archive/verify.ts';
import type { Finding } from '../../src/events.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

export const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');

/** The manifest's line of a recording that was saved with this content. */
export function saved(id: string, file: string, content: string) {
  return { id, status: 'saved', file, bytes: Buffer.byteLength(content), sha256: sha256(content), attempts: 1, at: '', error: null };
}

export const failed = (id: string) => ({ id, status: 'failed', file: null, bytes: null, sha256: null, attempts: 1, at: '', error: null });

/** A folder with these files and a manifest of these lines. */
export async function folderWith(files: Record<string, string>, lines: readonly object[]): Promise<string> {
  const folder = await tempFolder();
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), content);
  }
  await writeFile(join(folder, MANIFEST_NAME), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return folder;
}

export async function verifyFolder(folder: string, tell: VerifyListener, signal: AbortSignal) {
  const archive = await FolderCheck.open(folder, signal);
  try {
    await verifyArchive(archive, folder, tell, signal);
  } finally {
    await archive.close();
  }
}

/** Everything that is found out about a folder, by file; and the total that was told beforehand. */
export async function verify(folder: string, signal = new AbortController().signal) {
  const findings: Finding[] = [];
  let total: number | undefined;
  const onTotal = (files: number) => {
    expect(findings).toEqual([]);
    total = files;
  };
  await verifyFolder(folder, { onTotal, onFinding: (finding) => void findings.push(finding) }, signal);
  findings.sort((one, other) => (one.file < other.file ? -1 : 1));
  return { findings, total };
}
