import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import type { ArchiveReader } from '../archive/reader.ts';
import { toJsonLine } from '../printable.ts';
import { csvLine } from '../report/csv.ts';
import type { Recording } from './recording.ts';

/**
 * Answers with a ZIP of recordings, as they lie in the archive (sound does not shrink), with a manifest of its own and a table for a spreadsheet. A saved
 * one whose file is not there any more is left out of the manifest, which vouches for files, and stands in the table as `missing`.
 */
export async function sendZip(recordings: readonly Recording[], reader: ArchiveReader, response: ServerResponse): Promise<void> {
  const missing = new Set<Recording>();
  for (const recording of recordings) {
    const { status, file } = recording.line;
    if (status === 'saved' && (file === null || (await reader.size(file)) === undefined)) missing.add(recording);
  }
  const there = recordings.filter((recording) => !missing.has(recording));
  const named = ({ line }: Recording) => (line.file === null ? line : { ...line, file: nameInZip(line.file) });
  const zip = new ZipFile();
  const text = (lines: readonly string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(''));
  zip.addBuffer(text(there.map((recording) => toJsonLine(named(recording)))), 'manifest.jsonl');
  zip.addBuffer(Buffer.concat([Buffer.from('\ufeff'), text(tableOf(recordings, missing))]), 'recordings.csv');
  for (const { line } of there) {
    const { file, at } = line;
    if (line.status !== 'saved' || file === null) continue;
    const mtime = Number.isNaN(Date.parse(at)) ? new Date(0) : new Date(at);
    // yazl does not look for errors. What was removed meanwhile ends the answer: what was sent so far must not look whole.
    const read = () => reader.read(file).on('error', (error) => response.destroy(error));
    zip.addReadStreamLazy(nameInZip(file), { mtime, compress: false }, (give) => give(null, read()));
  }
  zip.end();
  response.writeHead(200, { 'Content-Type': 'application/zip', 'Content-Disposition': 'attachment; filename="recordings.zip"' });
  await pipeline(zip.outputStream, response);
}

/** A file's name as any program unpacks it below the folder of its choice: a manifest that another hand has written may lead elsewhere. */
function nameInZip(file: string): string {
  const names = file.split(/[\\/]/u).filter((name) => !/^\.{0,2}$/u.test(name));
  return names.join('/').replace(/^([a-z]):/iu, '$1_');
}

function tableOf(recordings: readonly Recording[], missing: ReadonlySet<Recording>): string[] {
  const headers = [...new Set(recordings.flatMap(({ line }) => Object.keys(line.row ?? {})))];
  const rows = recordings.map((recording) => {
    const { line, day } = recording;
    return [
      day,
      line.id,
      missing.has(recording) ? 'missing' : line.status,
      String(line.bytes ?? ''),
      line.file ?? '',
      line.sha256 ?? '',
      ...headers.map((header) => line.row?.[header] ?? ''),
    ];
  });
  return [['date', 'id', 'status', 'bytes', 'file', 'sha256', ...headers], ...rows].map(csvLine);
}
