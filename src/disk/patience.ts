import type { Clock } from '../system.ts';
import { hasCode } from './file-error.ts';
import { type Machine, thisMachine } from './machine.ts';

/** The waits between the tries, in milliseconds: 3 s in all. */
const WAITS = [20, 50, 100, 200, 400, 800, 1500];

/** What passes by itself: a file that is in use, and a network share whose server has lost sight of it for a moment. */
const PASSING = ['EBUSY', 'EPERM', 'ESTALE', 'ETXTBSY', 'EAGAIN'];

/**
 * On Windows a virus scanner holds a fresh file for moments, and whoever would rename it meanwhile is refused. Elsewhere a refusal is meant as
 * one, but for Windows' own shares, which can refuse to rename what has just been written: it is asked for again, and not for long.
 */
const REFUSED = 'EACCES';
const MOST_REFUSALS = 3;

/** Does something with a file, and again after a while where what stands in the way may pass. Throws what the last try threw. */
export async function withPatience<Result>(
  action: () => Promise<Result>,
  sleep: Clock['sleep'],
  { platform }: Pick<Machine, 'platform'> = thisMachine,
): Promise<Result> {
  for (const [tried, wait] of WAITS.entries()) {
    try {
      return await action();
    } catch (error) {
      const mayPass = hasCode(error, REFUSED) ? platform === 'win32' || tried < MOST_REFUSALS : hasCode(error, ...PASSING);
      if (!mayPass) throw error;
      await sleep(wait);
    }
  }
  return action();
}
