import type { Clock } from '../system.ts';
import { hasCode } from './file-error.ts';
import { type Machine, thisMachine } from './machine.ts';

/** The waits between the tries, in milliseconds: 3 s in all. */
const WAITS = [20, 50, 100, 200, 400, 800, 1500];

/** What passes by itself: a file that is in use, and a network share whose server has lost sight of it for a moment. */
const PASSING = ['EBUSY', 'EPERM', 'ESTALE', 'ETXTBSY', 'EAGAIN'];

/** On Windows a virus scanner holds a fresh file for moments, and whoever would rename it meanwhile is refused. */
const PASSING_ON_WINDOWS = [...PASSING, 'EACCES'];

/** Does something with a file, and again after a while where what stands in the way may pass. Throws what the last try threw. */
export async function withPatience<Result>(
  action: () => Promise<Result>,
  sleep: Clock['sleep'],
  { platform }: Pick<Machine, 'platform'> = thisMachine,
): Promise<Result> {
  const passing = platform === 'win32' ? PASSING_ON_WINDOWS : PASSING;
  for (const wait of WAITS) {
    try {
      return await action();
    } catch (error) {
      if (!hasCode(error, ...passing)) throw error;
      await sleep(wait);
    }
  }
  return action();
}
