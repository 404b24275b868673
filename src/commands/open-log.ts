import { appendFileSync, closeSync, fstatSync } from 'node:fs';
import { fileError } from '../disk/file-error.ts';
import { openLogFile } from '../disk/open-log.ts';
import { looseRights } from '../disk/rights.ts';
import type { Log } from '../log.ts';
import { toJsonLine } from '../printable.ts';
import type { Redactor } from '../redact.ts';
import type { Clock } from '../system.ts';

/** Where a log goes. */
export interface LogTargets {
  /** A line for each entry, for people (`--verbose`); left out for none. It masks the secrets itself. */
  line?: ((text: string) => void) | undefined;
  /** A file that gets each entry as a JSON object on a line (`--log-file`); appended to, made readable by its owner alone. */
  file?: string | undefined;
  /** Told where that file can be read by others. */
  notice?: ((message: string) => void) | undefined;
  redactor: Redactor;
  clock: Pick<Clock, 'now'>;
}

/** Opens a log. Throws `FILE_SYSTEM` where its file cannot be opened; one that cannot be written to later ends quietly, and the work goes on. */
export function openLog(targets: LogTargets): Log {
  const { line, redactor, clock } = targets;
  let descriptor = targets.file === undefined ? undefined : openFile(targets.file, targets.notice);
  // Value by value: a mask across the borders of two would spoil the JSON.
  const masked = (_name: string, value: unknown) => (typeof value === 'string' ? redactor.redact(value) : value);
  const close = () => {
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = undefined;
  };
  return {
    entry(event, fields) {
      const at = new Date(clock.now()).toISOString();
      line?.(`${at} ${event}${textOf(fields)}`);
      if (descriptor === undefined) return;
      try {
        appendFileSync(descriptor, `${toJsonLine({ at, event, ...fields }, masked)}\n`);
      } catch {
        close();
      }
    },
    close,
  };
}

function openFile(file: string, notice: LogTargets['notice']): number {
  try {
    const descriptor = openLogFile(file);
    const loose = looseRights(fstatSync(descriptor), `The log ${file}`, file);
    if (loose !== undefined) notice?.(loose);
    return descriptor;
  } catch (error) {
    throw fileError(error, `write the log ${file}`);
  }
}

function textOf(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => ` ${name}=${typeof value === 'string' && /[\s"=]|^$/u.test(value) ? JSON.stringify(value) : value}`)
    .join('');
}
