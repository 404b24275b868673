import type { RecordingError } from '../errors.ts';
import { printable } from '../printable.ts';
import { canDraw } from './drawable.ts';
import { formatAttempt, formatSilence, formatWait } from './format.ts';
import type { LineContent } from './line.ts';
import type { ReportContext } from './reporter.ts';
import type { StatusLine } from './status-line.ts';

/** Shows that answers of the service are waited for, while there is nothing else to show. */
export interface Asking {
  /** The nth of all, counted from 1, is asked for now. */
  ask(nth: number): void;
  /** The same is asked for again, after a wait. */
  retry(attempt: number, delayMs: number, error: RecordingError): void;
  /** Puts the terminal back as it was. */
  stop(): void;
}

/** Nobody is left without a word for longer, in milliseconds. */
const LONGEST_SILENCE_MS = 1000;

/**
 * On a terminal a line is drawn once it has taken a second; what draws it is not loaded before. Elsewhere each wait of a second or more is told
 * in a line. Nothing with `quiet`, and no line is drawn with `verbose`, as the log tells of each request.
 */
export function asking(
  total: number,
  { quiet, verbose, color }: { quiet: boolean; verbose: boolean; color: boolean },
  context: ReportContext,
): Asking {
  const { system, stderr } = context;
  const over = new AbortController();
  let line: StatusLine | undefined;
  let nth = 1;
  let heardAt = system.elapsed();
  const content = (): LineContent => {
    const ms = system.elapsed() - heardAt;
    const what = total === 1 ? 'Asking for the link' : `Asking for link ${nth} of ${total}`;
    const wait = ms < 0 ? formatWait(-ms) : ms >= 2 * LONGEST_SILENCE_MS ? formatSilence(ms) : '';
    return { parts: [{ text: what, importance: 1 }, ...(wait === '' ? [] : [{ text: wait, importance: 2 }])] };
  };
  const draws = !quiet && !verbose && canDraw(system);
  const draw = async () => {
    await system.sleep(LONGEST_SILENCE_MS, over.signal);
    const { statusLine } = await import('./status-line.ts');
    if (over.signal.aborted) return;
    line = statusLine(context, { color });
    line.draw(content, true);
  };
  if (draws) draw().catch(() => undefined);
  return {
    ask(next) {
      nth = next;
      heardAt = system.elapsed();
      line?.draw(content);
    },
    retry(attempt, delayMs, { message }) {
      heardAt = system.elapsed() + delayMs;
      if (quiet || verbose || (!draws && delayMs < LONGEST_SILENCE_MS)) return;
      if (!draws || line !== undefined) stderr(`${printable(message)} ${formatAttempt(attempt, delayMs)}`);
      line?.draw(content, true);
    },
    stop() {
      over.abort();
      line?.stop();
    },
  };
}
