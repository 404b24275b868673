import { createInterface } from 'node:readline';
import { addAbortSignal, Writable } from 'node:stream';
import { interruptedError, RecordingError, usageError } from '../errors.ts';
import type { InputStream, System } from '../system.ts';
import { LONGEST_KEY } from './settings.ts';

/** The terminal that a question is put to. The question is never shown on standard output: that carries results. */
export interface Terminal extends Pick<System, 'stdin' | 'stderr' | 'holdTerminal' | 'suspend'> {
  /** Ends the question, with its reason as the error. */
  signal: AbortSignal;
}

/**
 * Asks one question on a terminal and gives the line that is typed, without blanks around it.
 *
 * The terminal is in raw mode while it is asked, and out of it again however it ends, and while the process is suspended. Backspace, the
 * line-editing keys and pasting work; keys that stand for no character leave none in the answer.
 *
 * @param options.hidden nothing of what is typed is shown, not even its length.
 * @throws `INTERRUPTED` at Ctrl-C, `CREDENTIALS_MISSING` at Ctrl-D or where the terminal goes away, `USAGE` where several lines are pasted,
 * the signal's reason when it is aborted.
 */
export async function ask(question: string, { hidden }: { hidden: boolean }, terminal: Terminal): Promise<string> {
  const { stdin, stderr, signal } = terminal;
  signal.throwIfAborted();
  const reader = createInterface({
    input: stdin,
    output: hidden ? new Mute() : stderr,
    terminal: true,
    historySize: 0,
    prompt: hidden ? '' : question,
  });
  // The terminal is in raw mode by then. Not a moment earlier: whoever answers at once would see the key echoed. The question goes past
  // an output that is mute.
  const show = () => {
    if (hidden) stderr.write(question);
    reader.prompt(true);
  };
  const letGo = terminal.holdTerminal({
    release: () => stdin.setRawMode?.(false),
    resume() {
      stdin.setRawMode?.(true);
      show();
    },
  });
  let answered = false;
  try {
    const answer = await new Promise<string>((resolve, reject) => {
      const aborted = () => reject(signal.reason);
      signal.addEventListener('abort', aborted, { once: true });
      const lines: string[] = [];
      reader.on('line', (line) => {
        lines.push(line);
        // What was pasted together comes together.
        if (lines.length === 1)
          setImmediate(() => (lines.length > 1 || reader.line !== '' ? reject(severalLines()) : resolve(line.trim())));
      });
      reader.once('SIGINT', () => reject(interruptedError('SIGINT')));
      // In raw mode the terminal makes no signal of Ctrl-Z, and readline would go on without listening when it is continued.
      reader.on('SIGTSTP', () => terminal.suspend());
      reader.once('error', reject);
      reader.once('close', () => {
        signal.removeEventListener('abort', aborted);
        reject(noAnswer());
      });
      show();
    });
    answered = true;
    return answer;
  } finally {
    letGo();
    reader.close();
    // Enter was echoed only where the answer was.
    if (hidden || !answered) stderr.write('\n');
  }
}

/**
 * Reads a key from standard input that is no terminal: its first line, without blanks (and without the mark that PowerShell puts) around
 * it; empty where there is none. What comes later than the first line is not waited for.
 *
 * @throws `USAGE` where the line is longer than any key, or another one came along with it; the signal's reason when it is aborted.
 */
export async function readKey(stdin: InputStream, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  addAbortSignal(signal, stdin);
  let text = Buffer.alloc(0);
  try {
    for await (const chunk of stdin) {
      text = Buffer.concat([text, Buffer.from(chunk)]);
      if (/\S[^\n]*\n/.test(text.toString('latin1'))) break;
      if (text.length > LONGEST_KEY) throw tooLong();
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
  const [key = '', ...others] = text
    .toString()
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (key.length > LONGEST_KEY) throw tooLong();
  if (others.length > 0) throw severalLines();
  return key;
}

function tooLong(): RecordingError {
  return usageError(
    `Standard input does not hold an API key: its first line is longer than ${LONGEST_KEY} characters.`,
    'Pass the key alone on standard input.',
  );
}

function severalLines(): RecordingError {
  return usageError(
    'There is more than one line, and an API key has one. Nothing was stored.',
    'Copy the key alone, on one line, as your Kaleyra account shows it.',
  );
}

class Mute extends Writable {
  override _write(_chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    done();
  }
}

function noAnswer(): RecordingError {
  return new RecordingError('CREDENTIALS_MISSING', 'No answer was given. Nothing was stored.', {
    hint: 'Run `kaleyra-rec auth login` again, or pass the key on standard input with --api-key-stdin.',
  });
}
