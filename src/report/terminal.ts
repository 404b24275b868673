import type { ReportEvent } from '../events.ts';
import { printable } from '../printable.ts';
import { FailureLines } from './failure-lines.ts';
import { formatAttempt, formatBytes, formatDuration, formatNumber, formatSilence, formatTimeLeft, formatWait } from './format.ts';
import type { LineContent, Part } from './line.ts';
import { Progress } from './progress.ts';
import type { ReportContext, Reporter } from './reporter.ts';
import { type StatusLineOptions, statusLine } from './status-line.ts';
import { summaryLines } from './summary.ts';

/** Progress drawn on a terminal: one recording's bytes, or a batch's bar, with the outcomes that matter above it. */
export function terminalReporter(context: ReportContext, options: StatusLineOptions): Reporter {
  const { system, stderr } = context;
  const line = statusLine(context, options);
  const { paint, glyphs } = line;
  const progress = new Progress(() => system.elapsed());
  const failures = new FailureLines();
  let batch = false;

  const draw = (now = false) => line.draw(batch ? batchContent : singleContent, now);

  /** The rate, and how long it will take, or what is waited for in place of both. */
  const pace = (timeLeftMs: number | undefined): Part[] => {
    const { wait, silence, bytesPerSecond } = progress;
    if (wait !== undefined)
      return [{ text: formatWait(wait.ms), more: { text: `: ${wait.why}`, importance: 4 }, paint: paint.warn, importance: 2 }];
    if (silence?.isAll) return [{ text: formatSilence(silence.ms), paint: paint.warn, importance: 2 }];
    return [
      ...(silence === undefined
        ? []
        : [{ text: `${silence.recordings} with ${formatSilence(silence.ms)}`, paint: paint.warn, importance: 8 }]),
      ...(bytesPerSecond > 0 ? [{ text: `${formatBytes(bytesPerSecond)}/s`, importance: 7 }] : []),
      ...(timeLeftMs === undefined ? [] : [{ text: formatTimeLeft(timeLeftMs), importance: 4 }]),
    ];
  };
  const singleContent = (): LineContent => {
    const { single: at, bytesPerSecond } = progress;
    if (at === undefined) return { parts: [{ text: 'Asking for the recording', importance: 1 }, ...pace(undefined)] };
    const { bytes, totalBytes } = at;
    if (!totalBytes) return { parts: [{ text: formatBytes(bytes), importance: 1 }, ...pace(undefined)] };
    const share = bytes / totalBytes;
    const leftMs = bytesPerSecond > 0 && share < 1 ? ((totalBytes - bytes) / bytesPerSecond) * 1000 : undefined;
    const parts = [
      { text: `${Math.floor(share * 100)}%`, importance: 1 },
      { text: `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`, importance: 3 },
    ];
    return { share, parts: [...parts, ...pace(leftMs)] };
  };
  const batchContent = (): LineContent => {
    const { counts, retrying } = progress;
    const { done, total, failed, gone, skipped } = counts;
    const parts: Part[] = [
      { text: total === undefined ? `${formatNumber(done)} done` : `${formatNumber(done)}/${formatNumber(total)}`, importance: 1 },
    ];
    if (failed > 0) parts.push({ text: `${formatNumber(failed)} failed`, paint: paint.bad, importance: 3 });
    if (gone > 0) parts.push({ text: `${formatNumber(gone)} gone`, paint: paint.warn, importance: 8 });
    if (skipped > 0) parts.push({ text: `${formatNumber(skipped)} skipped`, importance: 10 });
    if (retrying > 0) parts.push({ text: `${formatNumber(retrying)} retrying`, paint: paint.warn, importance: 9 });
    parts.push({ text: formatBytes(progress.bytes), importance: 6 }, ...pace(progress.timeLeftMs));
    return { share: total === undefined ? undefined : total === 0 ? 1 : done / total, parts };
  };

  return {
    onEvent(event: ReportEvent) {
      progress.onEvent(event);
      switch (event.type) {
        case 'begun':
          batch = true;
          return draw(true);
        case 'started':
          return draw(!batch);
        case 'notice':
          return line.say(printable(event.message));
        case 'retrying':
          if (!batch) line.say(paint.warn(`${printable(event.error.message)} ${formatAttempt(event.attempt, event.delayMs)}`));
          return draw();
        case 'saved': {
          if (batch) return draw();
          // Nothing is left to wait for: what is told last is not to be drawn over.
          line.stop();
          const { bytes, durationMs } = event.recording;
          return stderr(`${paint.good(glyphs.done)} Saved ${formatBytes(bytes)} in ${formatDuration(durationMs)}`);
        }
        case 'gone':
        case 'failed': {
          const colour = event.type === 'gone' ? paint.warn : paint.bad;
          if (batch) for (const text of failures.lines(event)) line.say(text.replace(event.type, (word) => colour(word)));
          return draw();
        }
        case 'ended':
          line.stop();
          for (const text of summaryLines(event, paint, system.stderr.columns)) stderr(text);
          return;
        default:
          return draw();
      }
    },
    close() {
      line.stop();
    },
  };
}
