import { Chalk, type ChalkInstance } from 'chalk';
import ora from 'ora';
import type { ReportEvent } from '../events.ts';
import { wantsColor } from './color.ts';
import { FailureLines } from './failure-lines.ts';
import { formatAttempt, formatBytes, formatDuration, printable } from './format.ts';
import type { ReportContext, Reporter } from './reporter.ts';
import { Speed } from './speed.ts';
import { Counts, summaryLines } from './summary.ts';

/** The least time between two changes of the line, in milliseconds: faster than eyes, slower than events. */
const REDRAW_MS = 100;
const BAR_WIDTH = 20;

/** A line at the bottom of a terminal that is drawn again and again, while others scroll past above it. */
export interface StatusLine {
  chalk: ChalkInstance;
  /** Shows what `text` gives, unless the line was drawn a moment ago; `now` draws it all the same. */
  draw(text: () => string, now?: boolean): void;
  /** Writes a line above. */
  say(line: string): void;
  /** Takes the line away. */
  stop(): void;
}

/** A {@link StatusLine} on standard error, which is a terminal; on a dumb one nothing is drawn, and lines alone are written. */
export function statusLine({ system, stderr }: ReportContext, options: { color: boolean }): StatusLine {
  const colored = wantsColor(system.stderr, system.env, options.color);
  // One without a size, as some containers have it, cannot be drawn on either: where a line ends is not known.
  const isDumb = system.env.TERM === 'dumb' || system.stderr.columns === 0;
  const spinner = ora({
    stream: system.stderr as NodeJS.WriteStream,
    discardStdin: false,
    isEnabled: !isDumb,
    color: colored ? 'cyan' : false,
  });
  let drawnAt = Number.NEGATIVE_INFINITY;
  return {
    chalk: new Chalk({ level: colored ? 1 : 0 }),
    draw(text, now = false) {
      if (isDumb || (!now && system.elapsed() - drawnAt < REDRAW_MS)) return;
      drawnAt = system.elapsed();
      spinner.text = cutTo(text(), (system.stderr.columns ?? 80) - 3);
      // A spinner that turns shows a new text with its next picture only.
      if (spinner.isSpinning) spinner.render();
      else spinner.start();
    },
    // While it is drawn, the spinner makes room for whatever is written to the terminal, by standard output as well.
    say: stderr,
    stop() {
      if (spinner.isSpinning) spinner.stop();
    },
  };
}

/** Progress drawn on a terminal: one recording's bytes, or a batch's bar, with the outcomes that matter above it. */
export function terminalReporter(context: ReportContext, options: { color: boolean }): Reporter {
  const { system, stderr } = context;
  const line = statusLine(context, options);
  const { chalk } = line;
  const counts = new Counts();
  const failures = new FailureLines();
  const bytesSpeed = new Speed(() => system.elapsed());
  const rowsSpeed = new Speed(() => system.elapsed());
  const underWay = new Map<string, { bytes: number; totalBytes: number | undefined }>();
  let batch = false;

  const draw = (now = false) => line.draw(batch ? batchLine : singleLine, now);
  const singleLine = (): string => {
    const [[id, at] = []] = underWay;
    if (id === undefined || at === undefined) return 'Asking for the recording';
    const share = at.totalBytes ? ` of ${formatBytes(at.totalBytes)} (${Math.floor((at.bytes / at.totalBytes) * 100)}%)` : '';
    return [`${formatBytes(at.bytes)}${share}`, ...rate(at.totalBytes === undefined ? undefined : at.totalBytes - at.bytes)].join(', ');
  };
  const rate = (leftBytes: number | undefined) => {
    const perSecond = bytesSpeed.perSecond();
    if (perSecond <= 0) return [];
    const left = leftBytes === undefined ? [] : [`${formatDuration((leftBytes / perSecond) * 1000)} left`];
    return [`${formatBytes(perSecond)}/s`, ...left];
  };
  const batchLine = (): string => {
    const { done, total } = counts;
    const parts = [total === undefined ? `${done} done` : `${bar(done, total)} ${done}/${total}`];
    if (counts.failed > 0) parts.push(chalk.red(`${counts.failed} failed`));
    if (counts.gone > 0) parts.push(chalk.yellow(`${counts.gone} gone`));
    if (counts.skipped > 0) parts.push(`${counts.skipped} skipped`);
    parts.push(formatBytes(counts.bytes));
    const perSecond = bytesSpeed.perSecond();
    if (perSecond > 0) parts.push(`${formatBytes(perSecond)}/s`);
    const rows = rowsSpeed.perSecond();
    if (rows > 0 && total !== undefined) parts.push(`${formatDuration(((total - done) / rows) * 1000)} left`);
    return parts.join(', ');
  };

  return {
    onEvent(event: ReportEvent) {
      counts.onEvent(event);
      switch (event.type) {
        case 'begun':
          batch = true;
          return draw(true);
        case 'started':
          return draw(!batch);
        case 'progress': {
          bytesSpeed.add(Math.max(0, event.bytes - (underWay.get(event.id)?.bytes ?? 0)));
          underWay.set(event.id, { bytes: event.bytes, totalBytes: event.totalBytes });
          return draw();
        }
        case 'notice':
          return line.say(printable(event.message));
        case 'retrying':
          if (!batch) line.say(chalk.yellow(`${printable(event.error.message)} ${formatAttempt(event.attempt, event.delayMs)}`));
          return draw();
        case 'saved':
          underWay.delete(event.recording.id);
          rowsSpeed.add(1);
          if (!batch)
            line.say(`${chalk.green('✔')} Saved ${formatBytes(event.recording.bytes)} in ${formatDuration(event.recording.durationMs)}`);
          return batch ? draw() : undefined;
        case 'skipped':
          rowsSpeed.add(1);
          return draw();
        case 'gone':
        case 'failed': {
          underWay.delete(event.id);
          rowsSpeed.add(1);
          const paint = event.type === 'gone' ? chalk.yellow : chalk.red;
          if (batch) for (const text of failures.lines(event)) line.say(text.replace(event.type, (word) => paint(word)));
          return draw();
        }
        case 'ended':
          line.stop();
          for (const text of summaryLines(event.summary, event.pastRetention)) stderr(text);
          return;
      }
    },
    close() {
      line.stop();
    },
  };
}

function bar(done: number, total: number): string {
  const filled = total === 0 ? BAR_WIDTH : Math.round((done / total) * BAR_WIDTH);
  return '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
}

/** Cuts a line that would wrap: a wrapped line cannot be redrawn in place. Colour codes are not counted, nor cut. */
function cutTo(line: string, columns: number): string {
  let width = 0;
  let cut = '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the colour codes themselves
  for (const [piece] of line.matchAll(/\u001b\[\d+m|./gsu)) {
    if (!piece.startsWith('\u001b')) {
      width += 1;
      if (width > columns) continue;
    }
    cut += piece;
  }
  return cut;
}
