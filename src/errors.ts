import { shortened } from './printable.ts';
import { maskForms } from './redact.ts';

/** Every error that a caller can meet, by the name that `--json` shows. The names and their exit codes are the command line's contract. */
export type ErrorCode = keyof typeof EXIT_CODES;

/** The exit code that each error ends the tool with: the one place where they are settled. */
export const EXIT_CODES = {
  UNEXPECTED: 1,
  USAGE: 2,
  CREDENTIALS_MISSING: 3,
  CREDENTIALS_REJECTED: 3,
  RECORDING_NOT_FOUND: 4,
  RECORDING_EXPIRED: 5,
  NETWORK: 6,
  TIMEOUT: 6,
  RATE_LIMITED: 6,
  SERVICE_UNAVAILABLE: 6,
  UNEXPECTED_RESPONSE: 6,
  FILE_EXISTS: 7,
  FILE_SYSTEM: 7,
  BUCKET: 7,
  CONTENT_MISMATCH: 8,
  LOCKED: 10,
  INTERRUPTED: 130,
} as const;

/**
 * The errors after which the same call can succeed a little later, unless the error itself says otherwise. Whether the tool tries again
 * by itself is for the retry policy to say: it does so for fewer of them.
 */
const RETRYABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'NETWORK',
  'TIMEOUT',
  'RATE_LIMITED',
  'SERVICE_UNAVAILABLE',
  'UNEXPECTED_RESPONSE',
  'CONTENT_MISMATCH',
  'LOCKED',
  'INTERRUPTED',
]);

/** Whom to report a fault of the tool to, where the package names nobody. */
export const WHOEVER = 'whoever gave you this tool';

/** Everything was done. */
export const EXIT_DONE = 0;

/** Several recordings were asked for, and not all of them are saved. */
export const EXIT_INCOMPLETE = 9;

/** SIGTERM and SIGHUP have exit codes of their own (128 and their number), where SIGINT's is the one in {@link EXIT_CODES}. */
export const EXIT_TERMINATED = 143;
/** As {@link EXIT_TERMINATED}, for SIGHUP. */
export const EXIT_HUNG_UP = 129;

/** In UTF-16 units: an argument that is repeated may have a megabyte. */
const LONGEST_MESSAGE = 4000;

/** What a {@link RecordingError} carries beside its code and message. */
export interface ErrorDetails {
  /** What to do next, as one sentence in the imperative. */
  hint: string;
  /** Whether the same call can succeed a little later, where that differs from what the code implies. */
  retryable?: boolean;
  /** How long the other side asked us to stay away, in milliseconds. */
  retryAfterMs?: number;
  /** Where the error came from; shown with `--verbose` only. */
  cause?: unknown;
  /** The exit code, where it is another than the code's own. */
  exitCode?: number;
}

/**
 * An error that a user, the network, the service or the disk can cause. `message` says what happened in one sentence, `hint` what to do
 * next. Anything thrown that is not one of these is a fault of this tool. Neither holds what is a secret by its form, whatever was put into
 * them: errors go into JSON, the manifest and logs.
 */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
  readonly code: ErrorCode;
  readonly hint: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly exitCode: number;

  constructor(code: ErrorCode, message: string, details: ErrorDetails) {
    super(shortened(maskForms(message), LONGEST_MESSAGE), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = shortened(maskForms(details.hint), LONGEST_MESSAGE);
    this.retryable = details.retryable ?? RETRYABLE.has(code);
    this.retryAfterMs = details.retryAfterMs;
    this.exitCode = details.exitCode ?? EXIT_CODES[code];
  }

  /** The form that `--json` and the manifest show. */
  toJSON(): ErrorReport {
    return {
      code: this.code,
      message: this.message,
      hint: this.hint,
      retryable: this.retryable,
    };
  }
}

/** An error as it stands in JSON output and in the manifest. */
export interface ErrorReport {
  code: ErrorCode;
  message: string;
  hint: string;
  retryable: boolean;
}

/** A wrong flag, argument, list or setting: exit code 2. */
export function usageError(message: string, hint: string, cause?: unknown): RecordingError {
  return new RecordingError('USAGE', message, { hint, cause });
}

const STOPPED = { SIGINT: EXIT_CODES.INTERRUPTED, SIGTERM: EXIT_TERMINATED, SIGHUP: EXIT_HUNG_UP } as const;

/** The user (SIGINT), the system (SIGTERM) or a terminal that was closed (SIGHUP) stopped the run. What was cut is worth another run. */
export function interruptedError(signal: keyof typeof STOPPED): RecordingError {
  return new RecordingError('INTERRUPTED', `Stopped by ${signal}.`, {
    hint: 'Run the same command again: it keeps what is saved, and resumes the rest.',
    exitCode: STOPPED[signal],
  });
}

/** Whether the service has said that asking again is pointless: the id is invalid, or its recording is past the 6 months. */
export function isGone(code: ErrorCode): boolean {
  return code === 'RECORDING_NOT_FOUND' || code === 'RECORDING_EXPIRED';
}

/**
 * Any thrown value as a {@link RecordingError}. What is not one already becomes `UNEXPECTED`: a fault of this tool, with the request to
 * report it.
 */
export function asRecordingError(thrown: unknown): RecordingError {
  if (thrown instanceof RecordingError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new RecordingError('UNEXPECTED', `Unexpected error in kaleyra-rec: ${firstLine(message)}`, {
    hint: `This is a bug. Run the same command with --verbose, and report its output to ${WHOEVER}. Keys and links are masked in it.`,
    cause: thrown,
  });
}

/** What a promise resolves with, or what it rejects with as a {@link RecordingError}. */
export async function settled<Value>(work: Promise<Value>): Promise<Value | RecordingError> {
  try {
    return await work;
  } catch (error) {
    return asRecordingError(error);
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
