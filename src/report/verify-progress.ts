import { type Finding, isOfRecording } from '../events.ts';
import { canDraw, PROGRESS_MS } from './drawable.ts';
import { formatBytes, formatNumber, formatTimeLeft } from './format.ts';
import type { LineContent } from './line.ts';
import type { ReportContext } from './reporter.ts';
import { Speed } from './speed.ts';

/** Shows how far a folder's check has come. */
export interface VerifyProgress {
  /** So many files are recorded. To be told first. */
  onTotal(files: number): void;
  onFinding(finding: Finding): void;
  /** Puts the terminal back as it was. */
  close(): void;
}

/** Before so much was seen, no time left is told, in milliseconds. */
const LEAST_SEEN_MS = 3000;

/**
 * Drawn on a terminal; elsewhere a line now and then, and nothing with `--quiet`. What is wrong is not told here: it stands on standard output.
 */
export async function verifyProgress(options: { quiet: boolean; color: boolean }, context: ReportContext): Promise<VerifyProgress> {
  if (options.quiet) return { onTotal() {}, onFinding() {}, close() {} };
  const { system } = context;
  const state = new Checked(() => system.elapsed());
  if (!canDraw(system)) return plainProgress(state, context);
  const { statusLine } = await import('./status-line.ts');
  const line = statusLine(context, options);
  const content = (): LineContent => {
    const { total, done, bad, bytes, timeLeftMs, bytesPerSecond } = state;
    return {
      share: total === 0 ? 1 : done / total,
      parts: [
        { text: `${formatNumber(done)}/${formatNumber(total)} checked`, importance: 1 },
        ...(bad > 0 ? [{ text: `${bad} damaged`, paint: line.paint.bad, importance: 3 }] : []),
        { text: formatBytes(bytes), importance: 6 },
        ...(bytesPerSecond > 0 ? [{ text: `${formatBytes(bytesPerSecond)}/s`, importance: 7 }] : []),
        ...(timeLeftMs === undefined ? [] : [{ text: formatTimeLeft(timeLeftMs), importance: 4 }]),
      ],
    };
  };
  return {
    onTotal(files) {
      state.total = files;
      line.draw(content, true);
    },
    onFinding(finding) {
      state.onFinding(finding);
      line.draw(content);
    },
    close: () => line.stop(),
  };
}

function plainProgress(state: Checked, { system, stderr }: ReportContext): VerifyProgress {
  let shownAt = system.elapsed();
  return {
    onTotal(files) {
      state.total = files;
    },
    onFinding(finding) {
      state.onFinding(finding);
      if (system.elapsed() - shownAt < PROGRESS_MS) return;
      shownAt = system.elapsed();
      stderr(`${state.done} of ${state.total} checked${state.bad > 0 ? `, ${state.bad} damaged` : ''} (${formatBytes(state.bytes)})`);
    },
    close() {},
  };
}

/** What was found out so far, counted. */
class Checked {
  total = 0;
  done = 0;
  bad = 0;
  /** Of the files that are whole. */
  bytes = 0;
  readonly #elapsed: () => number;
  readonly #since: number;
  readonly #files: Speed;
  readonly #bytes: Speed;

  constructor(elapsed: () => number) {
    this.#elapsed = elapsed;
    this.#since = elapsed();
    this.#files = new Speed(elapsed);
    this.#bytes = new Speed(elapsed);
  }

  onFinding(finding: Finding): void {
    if (!isOfRecording(finding)) return;
    this.done += 1;
    this.#files.add(1);
    if (finding.status !== 'whole') {
      this.bad += 1;
      return;
    }
    this.bytes += finding.bytes;
    this.#bytes.add(finding.bytes);
  }

  get bytesPerSecond(): number {
    return this.#bytes.perSecond();
  }

  get timeLeftMs(): number | undefined {
    const perSecond = this.#files.perSecond();
    if (perSecond <= 0 || this.done >= this.total || this.#elapsed() - this.#since < LEAST_SEEN_MS) return undefined;
    return ((this.total - this.done) / perSecond) * 1000;
  }
}
