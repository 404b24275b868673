import { closeSync, constants, lstatSync, openSync, statSync } from 'node:fs';
import path from 'node:path';
import { RecordingError } from '../errors.ts';
import { openPlainSync } from './open-plain.ts';

const APPEND = constants.O_WRONLY | constants.O_APPEND;

/**
 * Opens a log to add to it, made readable by its owner alone where it is not there yet; gives the descriptor. A file must be one of its own
 * (no link, one name). It may also be a device, a terminal or a pipe that somebody reads, and a name that the system gives to one of those
 * (`/dev/stderr`). Throws errors of the system, and `FILE_SYSTEM` that says what stands there.
 */
export function openLogFile(file: string): number {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found === undefined || found.isFile()) return openPlainSync(file, APPEND | constants.O_CREAT, { mode: 0o600 });
  if (found.isSymbolicLink() && !isSystemsName(file) && leadsToFile(file)) {
    throw new RecordingError('FILE_SYSTEM', `Cannot use ${file} as a log: it is a symbolic link.`, {
      hint: 'Name the file itself, or another one.',
    });
  }
  // Where nobody reads a pipe, to open it would wait for ever; this says so instead.
  closeSync(openSync(file, APPEND | (constants.O_NONBLOCK ?? 0)));
  return openSync(file, APPEND);
}

function isSystemsName(file: string): boolean {
  return /^\/(?:dev|proc)\//.test(path.normalize(file));
}

/** Or to nothing, where a file would be made. */
function leadsToFile(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined || found.isFile();
}
