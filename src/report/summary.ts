import type { BatchSummary, ReportEvent } from '../events.ts';
import { count, formatBytes, formatDuration } from './format.ts';

/** What has been told so far, counted. */
export class Counts {
  total: number | undefined;
  saved = 0;
  skipped = 0;
  gone = 0;
  failed = 0;
  bytes = 0;

  onEvent(event: ReportEvent): void {
    switch (event.type) {
      case 'begun':
        this.total = event.total;
        return;
      case 'passed-over':
        // The total was counted from all rows that have an id.
        if (event.why === 'duplicate' && this.total !== undefined) this.total -= 1;
        return;
      case 'saved':
        this.bytes += event.recording.bytes;
        this.saved += 1;
        return;
      case 'skipped':
      case 'gone':
      case 'failed':
        this[event.type] += 1;
        return;
      default:
        return;
    }
  }

  get done(): number {
    return this.saved + this.skipped + this.gone + this.failed;
  }

  /** `120 of 500: 100 saved, 18 skipped, 2 failed (12.0 MB)`. */
  line(): string {
    const of = this.total === undefined ? '' : ` of ${this.total}`;
    const parts = [`${this.saved} saved`];
    for (const outcome of ['skipped', 'gone', 'failed'] as const) if (this[outcome] > 0) parts.push(`${this[outcome]} ${outcome}`);
    return `${this.done}${of}: ${parts.join(', ')} (${formatBytes(this.bytes)})`;
  }
}

/**
 * A batch's summary as lines: the four outcomes and what they mean, then what was passed over, and how many rows are past the service's 6 months
 * by their dates.
 */
export function summaryLines(summary: BatchSummary, pastRetention = 0): string[] {
  const width = String(summary.total).length;
  const row = (number: number, what: string) => `  ${String(number).padStart(width)}  ${what}`;
  const lines = [`${count(summary.total, 'recording')} in ${formatDuration(summary.durationMs)}`];
  lines.push(row(summary.saved, `saved (${formatBytes(summary.bytes)})`));
  if (summary.skipped > 0) lines.push(row(summary.skipped, 'skipped: saved before, and still there'));
  if (summary.gone > 0) lines.push(row(summary.gone, 'gone: invalid or expired, asking again is pointless'));
  if (summary.failed > 0) lines.push(row(summary.failed, 'failed: worth another run, listed in failed.txt'));
  const passed = [
    ...(summary.duplicates > 0 ? [count(summary.duplicates, 'repeated id')] : []),
    ...(summary.blank > 0 ? [`${count(summary.blank, 'row')} without an id`] : []),
  ];
  if (passed.length > 0) lines.push(`Passed over: ${passed.join(', ')}.`);
  if (pastRetention > 0)
    lines.push(`By their dates, ${count(pastRetention, 'row')} of the list ${pastRetention === 1 ? 'is' : 'are'} past the 6 months.`);
  return lines;
}
