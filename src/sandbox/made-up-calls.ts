import { createHash } from 'node:crypto';

/** A call that never was. */
export interface MadeUpCall {
  id: string;
  status: 'saved' | 'gone' | 'failed';
  day: string;
  /** Its row in a report. */
  row: Record<string, string>;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const AGENTS = ['Asha Rao', 'Bilal Khan', 'Chitra Nair', 'Dev Mehta', 'Elena Rossi', 'Farah Ali', 'Gopal Das', 'Hana Mori'];
const QUEUES = ['Sales', 'Support', 'Billing', 'Complaints'];
/** In a report, what becomes of the calls at these places when they are asked for: one is gone, one was not recorded, one comes at the second try. */
const SPECIAL: Readonly<Record<number, string>> = { 3: 'sandbox-expired', 5: '', 8: 'sandbox-flaky' };

/**
 * Makes up the `index`th of `count` calls over so many days before `now` (milliseconds since 1970 UTC), the latest first. The same numbers give
 * the same call.
 */
export function madeUpCall(index: number, { count, days, now }: { count: number; days: number; now: number }): MadeUpCall {
  const last = Math.floor(now / DAY_MS) * DAY_MS;
  const draw = drawOf(index);
  const id = `${createHash('sha256').update(`call ${index}`).digest('base64').slice(0, 16)}==`.replaceAll('/', '+');
  const time = last - ((index * days) / count) * DAY_MS - draw(10 * 60) * 60_000 - 8 * 3_600_000;
  const iso = new Date(time).toISOString();
  const row = {
    'Recording ID': id,
    'Start Time': iso.slice(0, 19).replace('T', ' '),
    Agent: AGENTS[draw(AGENTS.length)] ?? '',
    Queue: QUEUES[draw(QUEUES.length)] ?? '',
    Caller: `+91 98${String(draw(100_000_000)).padStart(8, '0')}`,
  };
  const luck = draw(100);
  return { id, status: luck < 2 ? 'gone' : luck < 4 ? 'failed' : 'saved', day: iso.slice(0, 10), row };
}

/**
 * A report of made-up calls of the last two weeks, as CSV with a header. Their recordings are the sandbox's; some are special, so that there is
 * something to see.
 */
export function madeUpReport(count: number, now: number): string {
  const rows = Array.from({ length: count }, (_, index) => {
    const { row } = madeUpCall(index, { count, days: 14, now });
    return { ...row, 'Recording ID': SPECIAL[index] ?? row['Recording ID'] };
  });
  return [Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))].map((cells) => cells.join(',')).join('\n');
}

/** Numbers that look drawn by lot, the same each time. */
export function drawOf(seed: number): (below: number) => number {
  let state = (seed + 1) * 2654435761;
  return (below) => {
    state = Math.imul(state ^ (state >>> 15), 2246822519) + 374761393;
    return (state >>> 0) % below;
  };
}
