import isUnicodeSupported from 'is-unicode-supported';
import ora from 'ora';
import stringWidth from 'string-width';
import { chalkPaint } from './chalk-paint.ts';
import { type Paint, PLAIN, wantsColor } from './color.ts';
import { ASCII, composeLine, type Glyphs, type LineContent, UNICODE } from './line.ts';
import type { ReportContext } from './reporter.ts';

/** The least time between two changes of the line, in milliseconds: faster than eyes, slower than events. */
const REDRAW_MS = 100;
/** The columns that the turning sign takes, and the gap behind it. */
const SIGN = 3;
/** Columns left free at the end, so that the terminal has room for the `^C` that it shows itself: the line must not wrap even then. */
const SPARE = 3;

/** A line at the bottom of a terminal that is drawn again and again, while others scroll past above it. */
export interface StatusLine {
  paint: Paint;
  glyphs: Glyphs;
  /** Shows from now on what `content` gives, which is asked again at each turn of the sign: it may tell of time that goes by. */
  draw(content: () => LineContent, now?: boolean): void;
  /** Writes a line above. */
  say(line: string): void;
  /** Takes the line away, and shows the cursor again. */
  stop(): void;
}

/** How a {@link StatusLine} may look. */
export interface StatusLineOptions {
  /** False with `--no-color`. */
  color: boolean;
  /** Whether the terminal's font has more than ASCII; left out, what is known of the platform's terminals. */
  unicode?: boolean;
}

/** A {@link StatusLine} on standard error, which must be a terminal that can be drawn on. */
export function statusLine({ system, stderr }: ReportContext, options: StatusLineOptions): StatusLine {
  const { color, unicode = isUnicodeSupported() } = options;
  const colored = wantsColor(system.stderr, system.env, color);
  const glyphs = unicode ? UNICODE : ASCII;
  const columns = () => system.stderr.columns || 80;
  let content = (): LineContent => ({ parts: [] });
  let drawn = '';
  let drawnAt = Number.NEGATIVE_INFINITY;
  const spinner = ora({
    stream: system.stderr as NodeJS.WriteStream,
    // Ctrl-C is for the terminal to turn into a signal.
    discardStdin: false,
    isEnabled: true,
    color: colored ? 'cyan' : false,
    suffixText: () => {
      drawn = composeLine(content(), columns() - SIGN - SPARE, glyphs, stringWidth);
      return drawn;
    },
  });
  // A terminal that gets narrower breaks the line that stands there in two, of which the spinner would clear the second alone. xterm itself cuts it.
  const clearWrapped = () => {
    const rows = Math.ceil((SIGN + stringWidth(drawn)) / columns());
    drawn = '';
    if (rows > 1 && !system.env.XTERM_VERSION) system.stderr.write(`\u001b[${rows - 1}A\r\u001b[J`);
  };
  // A line drawn from the background would stand in the middle of what is typed at the prompt.
  const start = () => {
    if (spinner.isSpinning || !system.isForeground()) return;
    system.stderr.on('resize', clearWrapped);
    spinner.start();
  };
  const stop = () => {
    system.stderr.off('resize', clearWrapped);
    if (spinner.isSpinning) spinner.stop();
  };
  let letGo: (() => void) | undefined;
  return {
    paint: colored ? chalkPaint() : PLAIN,
    glyphs,
    draw(next, now = false) {
      content = next;
      if (!now && system.elapsed() - drawnAt < REDRAW_MS) return;
      drawnAt = system.elapsed();
      letGo ??= system.holdTerminal({ release: stop, resume: start });
      if (spinner.isSpinning) spinner.render();
      else start();
    },
    // While it is drawn, the spinner makes room for whatever is written to the terminal, by standard output as well.
    say: stderr,
    stop() {
      stop();
      letGo?.();
      letGo = undefined;
    },
  };
}
