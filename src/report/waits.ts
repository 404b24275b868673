import type { ErrorCode } from '../errors.ts';
import type { ReportEvent } from '../events.ts';

/** What is waited for before going on. */
export interface Wait {
  /** How much longer, in milliseconds. */
  ms: number;
  /** In a few words, as `too many requests`. */
  why: string;
}

const REASONS: Partial<Record<ErrorCode, string>> = {
  RATE_LIMITED: 'too many requests',
  NETWORK: 'no connection',
  TIMEOUT: 'no answer',
  SERVICE_UNAVAILABLE: 'service unavailable',
  UNEXPECTED_RESPONSE: 'no usable answer',
  CONTENT_MISMATCH: 'not a recording',
};

/** A shorter silence is not worth a word, in milliseconds. */
const SILENT_MS = 3000;

/** Keeps in mind which recordings wait for their next attempt, until when and why. */
export class Waits {
  readonly #elapsed: () => number;
  readonly #until = new Map<string, { at: number; why: string }>();
  /** When each recording under way was last heard of. */
  readonly #heard = new Map<string, number>();
  #heldUntil = 0;

  /** `elapsed` is a clock in milliseconds that never goes back. */
  constructor(elapsed: () => number) {
    this.#elapsed = elapsed;
  }

  onEvent(event: ReportEvent): void {
    switch (event.type) {
      case 'started':
        this.#heard.set(event.id, this.#elapsed());
        return;
      case 'retrying': {
        const at = this.#elapsed() + event.delayMs;
        this.#heard.set(event.id, at);
        this.#until.set(event.id, { at, why: REASONS[event.error.code] ?? 'trying again' });
        // One that was told to slow down holds back all.
        if (event.error.code === 'RATE_LIMITED') this.#heldUntil = Math.max(this.#heldUntil, at);
        return;
      }
      case 'progress':
        this.#until.delete(event.id);
        this.#heard.set(event.id, this.#elapsed());
        return;
      case 'gone':
      case 'failed':
        this.#until.delete(event.id);
        this.#heard.delete(event.id);
        return;
      case 'saved':
        this.#until.delete(event.recording.id);
        this.#heard.delete(event.recording.id);
        return;
      default:
        return;
    }
  }

  /** How many recordings wait for their next attempt. */
  get waiting(): number {
    const now = this.#elapsed();
    let waiting = 0;
    for (const { at } of this.#until.values()) if (at > now) waiting += 1;
    return waiting;
  }

  /**
   * How many of the recordings under way have not been heard of for some seconds, and the longest time, in milliseconds; undefined for none.
   * Those that wait for their next attempt do not count.
   */
  get silence(): { recordings: number; ms: number } | undefined {
    const now = this.#elapsed();
    const times = [...this.#heard.values()].map((at) => now - at).filter((ms) => ms >= SILENT_MS);
    return times.length === 0 ? undefined : { recordings: times.length, ms: Math.max(...times) };
  }

  /** What all wait for: the service has asked to slow down, or each of the `underWay` recordings waits by itself. */
  ofAll(underWay: number): Wait | undefined {
    const now = this.#elapsed();
    if (this.#heldUntil > now) return { ms: this.#heldUntil - now, why: REASONS.RATE_LIMITED ?? '' };
    if (underWay === 0 || this.waiting < underWay) return undefined;
    const next = [...this.#until.values()].filter(({ at }) => at > now).sort((one, other) => one.at - other.at)[0];
    return next && { ms: next.at - now, why: next.why };
  }
}
