import { createHash } from 'node:crypto';
import type { WireFault } from './fault-proxy.ts';
import type { Act, Asked, FaultServer } from './fault-server.ts';
import { answer, cutAnswer, documentedFailure, giveExpiredLink, hangUp, silence } from './service-acts.ts';
import { cut, damage, redirect, type Sending, send, sendDocument, sendError } from './store-acts.ts';
import { type EtagKind, sha256, storedObject } from './stored-object.ts';

/** What becomes of a recording in the end: it can be had, it is gone, or what the store holds is never right. */
export type Fate = 'good' | 'gone' | 'wrong';

const ETAGS: readonly EtagKind[] = ['md5', 'md5', 'md5', 'md5', 'unquoted', 'multipart', 'encrypted', 'weak', 'none'];
/** Those that prove the bytes: only there a damaged byte can be found out. */
const PROVING: ReadonlySet<EtagKind> = new Set(['md5', 'unquoted']);

const PAGE = '<!DOCTYPE html><html><title>Sign in</title><body>Enter your room number.</body></html>';

/** Each of these is as likely as any other. */
const SERVICE_FAULTS: readonly Act[] = [
  answer(408),
  answer(429, { 'Retry-After': '0' }),
  answer(429, { 'Retry-After': '1' }),
  answer(500),
  answer(502, { 'Content-Type': 'text/html' }, PAGE),
  answer(503),
  answer(503, { 'Retry-After': '0' }),
  answer(504),
  answer(200, { 'Content-Type': 'text/html' }, PAGE),
  cutAnswer(),
  hangUp(),
  hangUp(),
  silence(),
  giveExpiredLink(),
  giveExpiredLink(),
];

/**
 * What happens in a soak. Every choice is drawn by the seed and what it is about (a recording, a side, the how-manieth request), not by when
 * it is made: so it is the same whatever comes first.
 */
export class SoakPlan {
  readonly ids: readonly string[];
  readonly #seed: string;
  readonly #server: FaultServer;
  /** The hashes of all that the store has held under an id. */
  readonly #right = new Map<string, Set<string>>();
  readonly #versions = new Map<string, number>();
  #faults = 0;

  constructor(seed: string, recordings: number, server: FaultServer) {
    this.#seed = seed;
    this.#server = server;
    this.ids = Array.from({ length: recordings }, (_, index) => `call-${index}`);
    for (const id of this.ids) this.#store(id, 1);
    server.otherwise = (asked) => this.#actFor(asked);
    // No recording waits for the others' parts to be looked at: what a cut loses with the connection is fetched again.
    server.taken = () => Promise.resolve();
  }

  /** A number from 0 up to, and without, 1, that follows from the seed and the names. */
  draw(...names: (string | number)[]): number {
    const hash = createHash('sha256').update([this.#seed, ...names].join('\n'));
    return hash.digest().readUInt32BE(0) / 2 ** 32;
  }

  of(fate: Fate): string[] {
    return this.ids.filter((id) => this.#fateOf(id) === fate);
  }

  /** Whether the store has ever held an object of this hash under the id. */
  isRight(id: string, hash: string): boolean {
    return this.#right.get(id)?.has(hash) ?? false;
  }

  /** What is done to the connections to the store, below HTTP. */
  wireFaults(connections: number): WireFault[] {
    return Array.from({ length: connections }, (_, index) => {
      if (this.draw('wire', index) >= 0.08) return {};
      const after = Math.floor(this.draw('wire after', index) * 400_000);
      return { after, by: this.#pick(['reset', 'end', 'silence'] as const, 'wire by', index) };
    });
  }

  figures() {
    const counts = (['good', 'gone', 'wrong'] as const).map((fate) => [fate, this.of(fate).length]);
    return { recordings: this.ids.length, ...Object.fromEntries(counts), faults: this.#faults };
  }

  #fateOf(id: string): Fate {
    const draw = this.draw('fate', id);
    return draw < 0.06 ? 'gone' : draw < 0.1 ? 'wrong' : 'good';
  }

  #etagOf(id: string): EtagKind {
    return this.#pick(this.#fateOf(id) === 'wrong' ? ['md5'] : ETAGS, 'etag', id);
  }

  /** Puts a version of the recording into the store. Most are small, some are worth resuming across runs. */
  #store(id: string, version: number): void {
    const isBig = this.draw('big', id) < 0.12;
    const bytes = Math.floor(isBig ? 1_200_000 + this.draw('size', id) * 1_500_000 : 20_000 + this.draw('size', id) * 280_000);
    const object = storedObject(id, { bytes, version, etag: this.#etagOf(id) });
    this.#versions.set(id, version);
    this.#right.set(id, (this.#right.get(id) ?? new Set()).add(sha256(object.bytes)));
    this.#server.change(id, object);
  }

  #actFor({ side, id, nth }: Asked): Act | undefined {
    const fate = this.#fateOf(id);
    if (side === 'service') {
      if (this.draw('service', id, nth) < 0.25) return this.#count(this.#pick(SERVICE_FAULTS, 'service fault', id, nth));
      if (fate !== 'gone') return undefined;
      const message = this.#pick(['Invalid Id', 'Id Expired'], 'gone', id);
      return documentedFailure(message, this.#pick([200, 400, 404, 500], 'gone status', id));
    }
    if (fate === 'wrong') return this.#pick([damage, sendDocument('audio/wav', ''), sendDocument('text/html', PAGE)], 'wrong', id, nth);
    if (this.draw('store', id, nth) < 0.4) return this.#count(this.#storeFault(id, nth));
    return send({ end: this.#endOf(id) });
  }

  #storeFault(id: string, nth: number): Act {
    const size = this.#server.object(id).bytes.length;
    const after = Math.floor(this.draw('after', id, nth) * size);
    const end = this.#endOf(id);
    const breaks = (more: Sending = {}) => cut(this.#pick(['reset', 'end', 'silence'] as const, 'by', id, nth), after, { end, ...more });
    const faults: Act[] = [
      breaks(),
      breaks(),
      breaks(),
      breaks({ ignoreRange: true }),
      breaks({ atCut: () => this.#server.expireLinks(id) }),
      breaks({ atCut: () => this.#store(id, (this.#versions.get(id) ?? 1) + 1) }),
      send({ ignoreRange: true, end }),
      send({ ignoreIfMatch: true, end }),
      send({ contentRange: `bytes 0-${size - 1}/${size}`, end }),
      send({ drip: { bytes: Math.ceil(size / 10), everyMs: 20 }, end }),
      sendError(503, 'SlowDown', 'Please reduce your request rate.', { 'Retry-After': '0' }),
      sendError(500, 'InternalError'),
      sendError(412, 'PreconditionFailed'),
      sendError(416, 'InvalidRange'),
      sendError(403, 'AccessDenied', 'Request has expired'),
      sendError(403, 'AccessDenied', 'Access Denied'),
      sendDocument('text/html', PAGE),
      sendDocument('application/json', '{"error":"try again"}'),
      sendDocument('audio/wav', ''),
      redirect((asked) => asked.replace('127.0.0.1', 'localhost')),
      hangUp(),
      silence(),
      PROVING.has(this.#etagOf(id)) ? damage : breaks(),
    ];
    return this.#pick(faults, 'store fault', id, nth);
  }

  #endOf(id: string): 'length' | 'chunks' {
    return this.draw('end', id) < 0.8 ? 'length' : 'chunks';
  }

  #pick<Choice>(choices: readonly Choice[], ...names: (string | number)[]): Choice {
    return choices[Math.floor(this.draw(...names) * choices.length)] as Choice;
  }

  #count(act: Act): Act {
    this.#faults += 1;
    return act;
  }
}
