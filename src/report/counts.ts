import type { ReportEvent } from '../events.ts';

/** What a batch has told so far, counted. */
export class Counts {
  /** How many rows there are, where they could be counted beforehand. */
  total: number | undefined;
  saved = 0;
  skipped = 0;
  gone = 0;
  failed = 0;
  /** Of the recordings saved in this run. */
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
}
