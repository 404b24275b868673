import type { ReportEvent } from '../events.ts';
import { Counts } from './counts.ts';
import { Speed } from './speed.ts';
import { type Wait, Waits } from './waits.ts';

/** A first report holds a piece or two of this run. One that holds more tells of an earlier run, which says nothing of the rate. */
const FIRST_BYTES = 131_072;
/** How far back the rate looks that tells the time left: a large recording or two must not shake it. */
const WORK_WINDOW_MS = 30_000;
/** Before so much was seen, no time left is told: so many milliseconds, and so many recordings. */
const LEAST_SEEN = { ms: 3000, recordings: 0.5 };

interface UnderWay {
  bytes: number;
  totalBytes: number | undefined;
  /** Where the bytes of this run begin, and when the first of them came. */
  from?: { bytes: number; at: number };
}

/** How far a batch or a single recording has come, from what its events tell. */
export class Progress {
  readonly counts = new Counts();
  readonly #elapsed: () => number;
  readonly #waits: Waits;
  readonly #bytesSpeed: Speed;
  readonly #underWay = new Map<string, UnderWay>();
  /** Bytes of what is under way. */
  #streaming = 0;
  /** What is under way, counted in recordings: one that is half there counts 0.5. */
  #fractions = 0;
  /** Begins with the first recording that is fetched: those passed over before, in no time, say nothing of what is to come. */
  #work: { speed: Speed; since: number; done: number } | undefined;

  /** `elapsed` is a clock in milliseconds that never goes back. */
  constructor(elapsed: () => number) {
    this.#elapsed = elapsed;
    this.#waits = new Waits(elapsed);
    this.#bytesSpeed = new Speed(elapsed);
  }

  onEvent(event: ReportEvent): void {
    this.counts.onEvent(event);
    this.#waits.onEvent(event);
    switch (event.type) {
      case 'started':
        this.#begin(event.id);
        return;
      case 'progress':
        this.#move(event.id, event.bytes, event.totalBytes);
        return;
      case 'saved': {
        const { id, bytes } = event.recording;
        // What was told of for the first time now has come at once.
        this.#move(id, bytes, bytes, Number.POSITIVE_INFINITY);
        this.#end(id);
        return;
      }
      case 'gone':
      case 'failed':
        this.#end(event.id);
        return;
      case 'skipped':
        this.#workDone(1);
        return;
      default:
        return;
    }
  }

  /** The bytes saved in this run, and those there of what is under way. */
  get bytes(): number {
    return this.counts.bytes + this.#streaming;
  }

  /** Bytes a second; 0 where nothing comes. */
  get bytesPerSecond(): number {
    return this.#bytesSpeed.perSecond();
  }

  /** How many recordings wait for another attempt. */
  get retrying(): number {
    return this.#waits.waiting;
  }

  /** How many of those under way have not been heard of for some seconds (all of them or not), and for how long, in milliseconds. */
  get silence(): { recordings: number; ms: number; isAll: boolean } | undefined {
    const silence = this.#waits.silence;
    return silence && { ...silence, isAll: silence.recordings >= this.#underWay.size };
  }

  /** What all that is under way waits for. */
  get wait(): Wait | undefined {
    return this.#waits.ofAll(this.#underWay.size);
  }

  /** The one recording under way where there is a single one, as far as it has come; undefined before its first byte. */
  get single(): { bytes: number; totalBytes: number | undefined } | undefined {
    const [first] = this.#underWay.values();
    return first?.from === undefined ? undefined : first;
  }

  /**
   * How much longer it takes, in milliseconds: by the rate at which recordings were had, counting parts of them, and not less than the
   * slowest of those under way takes at its own rate. Undefined where nobody can know.
   */
  get timeLeftMs(): number | undefined {
    const { total, done } = this.counts;
    if (total === undefined || this.#work === undefined || this.wait !== undefined) return undefined;
    if (this.#elapsed() - this.#work.since < LEAST_SEEN.ms || this.#work.done < LEAST_SEEN.recordings) return undefined;
    const perSecond = this.#work.speed.perSecond();
    const left = total - done - this.#fractions;
    if (perSecond <= 0 || left <= 0) return undefined;
    const each = [...this.#underWay.values()].map((one) => this.#timeLeftOf(one));
    // With nothing left to begin, all depends on those under way.
    if (total - done <= this.#underWay.size && each.includes(undefined)) return undefined;
    return Math.max((left / perSecond) * 1000, ...each.map((ms) => ms ?? 0));
  }

  #timeLeftOf({ bytes, totalBytes, from }: UnderWay): number | undefined {
    if (totalBytes === undefined || from === undefined || bytes <= from.bytes) return undefined;
    return ((totalBytes - bytes) / (bytes - from.bytes)) * (this.#elapsed() - from.at);
  }

  #begin(id: string): UnderWay {
    this.#work ??= { speed: new Speed(this.#elapsed, WORK_WINDOW_MS), since: this.#elapsed(), done: 0 };
    const begun: UnderWay = { bytes: 0, totalBytes: undefined };
    this.#underWay.set(id, begun);
    return begun;
  }

  #move(id: string, bytes: number, totalBytes: number | undefined, ownBytes = FIRST_BYTES): void {
    const at = this.#underWay.get(id) ?? this.#begin(id);
    const fraction = fractionOf(at);
    const isFirst = at.from === undefined;
    // Fewer than before: it was begun anew.
    if (at.from === undefined || bytes < at.bytes) at.from = { bytes: bytes > ownBytes ? bytes : 0, at: this.#elapsed() };
    this.#bytesSpeed.add(isFirst || bytes < at.bytes ? bytes - at.from.bytes : bytes - at.bytes);
    this.#streaming += bytes - at.bytes;
    at.bytes = bytes;
    at.totalBytes = totalBytes;
    const moved = fractionOf(at) - fraction;
    this.#fractions += moved;
    this.#workDone(moved);
  }

  #end(id: string): void {
    const at = this.#underWay.get(id);
    const fraction = at === undefined ? 0 : fractionOf(at);
    this.#streaming -= at?.bytes ?? 0;
    this.#fractions -= fraction;
    this.#workDone(1 - fraction);
    this.#underWay.delete(id);
  }

  #workDone(recordings: number): void {
    if (this.#work === undefined) return;
    this.#work.done += recordings;
    this.#work.speed.add(recordings);
  }
}

function fractionOf({ bytes, totalBytes }: UnderWay): number {
  return totalBytes === undefined || totalBytes <= 0 ? 0 : Math.min(1, bytes / totalBytes);
}
