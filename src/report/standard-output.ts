import { fileError, hasCode } from '../disk/file-error.ts';
import { EXIT_DONE, RecordingError } from '../errors.ts';
import type { OutputStream } from '../system.ts';

/** Standard output, watched: whether anybody still reads it, and whether it takes what it is given. */
export interface StandardOutput {
  /** What went wrong with it; undefined while all is well. */
  readonly fault: RecordingError | undefined;
  /** Whether nobody reads it any more (`| head -1`): no error, and nothing to tell. {@link fault} is then `INTERRUPTED`, with exit code 0. */
  readonly isClosed: boolean;
  /** Writes a line; nothing once something went wrong. */
  line(text: string): void;
  /** Resolves when all lines are with the system, or cannot get there: a full disk behind it may show as late as that. */
  flushed(): Promise<void>;
}

/** Watches standard output. `onFault` is called once, with the error, when something goes wrong with it. */
export function watchOutput(stream: OutputStream, onFault: (fault: RecordingError) => void): StandardOutput {
  let fault: RecordingError | undefined;
  let written = false;
  const fail = (error: Error) => {
    if (fault !== undefined) return;
    fault = faultOf(error);
    onFault(fault);
  };
  stream.on('error', fail);
  return {
    get fault() {
      return fault;
    },
    get isClosed() {
      return fault?.exitCode === EXIT_DONE;
    },
    line(text) {
      if (fault !== undefined) return;
      written = true;
      stream.write(`${text}\n`);
    },
    async flushed() {
      if (!written || fault !== undefined) return;
      const error = await new Promise<Error | null | undefined>((resolve) => stream.write('', resolve));
      if (error) fail(error);
    },
  };
}

/** Resolves when a stream has room again, which one that is closed never has; undefined where it has. */
export function drained(stream: OutputStream): Promise<void> | undefined {
  return stream.writableNeedDrain ? new Promise((resolve) => stream.once('drain', resolve)) : undefined;
}

function faultOf(error: Error): RecordingError {
  if (hasCode(error, 'EPIPE')) {
    return new RecordingError('INTERRUPTED', 'Standard output was closed before everything was written.', {
      hint: 'Run the same command again: it keeps what is saved, and resumes the rest.',
      exitCode: EXIT_DONE,
      cause: error,
    });
  }
  const told = fileError(error, 'write to standard output');
  if (told instanceof RecordingError) return told;
  return new RecordingError('FILE_SYSTEM', `Cannot write to standard output: ${error.message}`, {
    hint: 'Check where standard output goes, and run the same command again.',
    cause: error,
  });
}
