import { createInterface } from 'node:readline';
import { addAbortSignal, Writable } from 'node:stream';
import { interruptedError, RecordingError, usageError } from '../errors.ts';
import type { InputStream, OutputStream } from '../system.ts';
import { LONGEST_KEY } from './settings.ts';

/** The terminal that a question is put to. */
export interface Terminal {
  stdin: InputStream;
  /** Where the question is shown. Never standard output: that carries results. */
  stderr: OutputStream;
  /** Ends the question, with its reason as the error. */
  signal: AbortSignal;
}

/**
 * Asks one question on a terminal and gives the line that is typed, without blanks around it.
 *
 * The terminal is in raw mode while it is asked, and out of it again however it ends. Backspace, the line-editing keys and pasting work;
 * keys that stand for no character leave none in the answer.
 *
 * @param options.hidden nothing of what is typed is shown, not even its length.
 * @throws `INTERRUPTED` at Ctrl-C, `CREDENTIALS_MISSING` at Ctrl-D or where the terminal goes away, the signal's reason when it is aborted.
 */
export async function ask(question: string, { hidden }: { hidden: boolean }, { stdin, stderr, signal }: Terminal): Promise<string> {
  signal.throwIfAborted();
  const reader = createInterface({
    input: stdin,
    output: hidden ? new Mute() : stderr,
    terminal: true,
    historySize: 0,
    prompt: hidden ? '' : question,
  });
  let answered = false;
  try {
    const answer = await new Promise<string>((resolve, reject) => {
      const aborted = () => reject(signal.reason);
      signal.addEventListener('abort', aborted, { once: true });
      reader.once('line', (line) => resolve(line.trim()));
      reader.once('SIGINT', () => reject(interruptedError('SIGINT')));
      reader.once('error', reject);
      reader.once('close', () => {
        signal.removeEventListener('abort', aborted);
        reject(noAnswer());
      });
      // The terminal is in raw mode by now. Not a moment earlier: whoever answers at once would see the key echoed. The question goes past
      // an output that is mute.
      if (hidden) stderr.write(question);
      reader.prompt();
    });
    answered = true;
    return answer;
  } finally {
    reader.close();
    // Enter was echoed only where the answer was.
    if (hidden || !answered) stderr.write('\n');
  }
}

/**
 * Reads a key from standard input that is no terminal: its first line, without blanks (and without the mark that PowerShell puts) around
 * it; empty where there is none. What follows the first line is not read.
 *
 * @throws `USAGE` where the line is longer than any key, the signal's reason when it is aborted.
 */
export async function readKey(stdin: InputStream, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  addAbortSignal(signal, stdin);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stdin) {
      const bytes = Buffer.from(chunk);
      const end = bytes.indexOf('\n');
      chunks.push(end === -1 ? bytes : bytes.subarray(0, end));
      length += bytes.length;
      if (end !== -1) break;
      if (length > LONGEST_KEY) {
        throw usageError(
          `Standard input holds no API key: its first line is longer than ${LONGEST_KEY} characters.`,
          'Pass the key alone on standard input.',
        );
      }
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
  return Buffer.concat(chunks)
    .toString()
    .replace(/^\uFEFF/, '')
    .trim();
}

class Mute extends Writable {
  override _write(_chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    done();
  }
}

function noAnswer(): RecordingError {
  return new RecordingError('CREDENTIALS_MISSING', 'The question was left without an answer.', {
    hint: 'Run `kaleyra-rec auth login` again, or pass the key on standard input with --api-key-stdin.',
  });
}
