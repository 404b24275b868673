import { describe, expect, it } from 'vitest';
import { coalesce } from '../../src/disk/coalesce.ts';

/** An action whose runs end when the test says so. */
function controlled() {
  const runs: { end: () => void; fail: (error: Error) => void }[] = [];
  let underWay = 0;
  let most = 0;
  const action = () => {
    underWay += 1;
    most = Math.max(most, underWay);
    return new Promise<void>((resolve, reject) => {
      runs.push({ end: resolve, fail: reject });
    }).finally(() => {
      underWay -= 1;
    });
  };
  return { call: coalesce(action), runs, mostAtOnce: () => most };
}

/** Lets everything go on that waits for nothing but its turn. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** What has become of a promise so far. */
async function stateOf(promise: Promise<unknown>) {
  return Promise.race([promise.then(() => 'done').catch(() => 'failed'), settle().then(() => 'waiting')]);
}

describe('coalesce', () => {
  it('runs at once for a first call, and again for a call after the end', async () => {
    const { call, runs } = controlled();
    const first = call();
    expect(runs).toHaveLength(1);
    runs[0]?.end();
    await first;
    const second = call();
    expect(runs).toHaveLength(2);
    runs[1]?.end();
    await second;
  });

  it('serves all calls that come during a run by one more run, which begins after it', async () => {
    const { call, runs } = controlled();
    const first = call();
    const others = [call(), call(), call()];
    await settle();
    expect(runs).toHaveLength(1);
    runs[0]?.end();
    await first;
    await settle();
    expect(runs).toHaveLength(2);
    expect(await Promise.all(others.map(stateOf))).toEqual(['waiting', 'waiting', 'waiting']);
    runs[1]?.end();
    await Promise.all(others);
  });

  it('hands an error to those whom the failed run served, and to no others', async () => {
    const { call, runs } = controlled();
    const first = call();
    const second = call();
    runs[0]?.fail(new Error('disk full'));
    await expect(first).rejects.toThrow('disk full');
    await settle();
    runs[1]?.end();
    await second;
    const third = call();
    runs[2]?.fail(new Error('again'));
    await expect(third).rejects.toThrow('again');
  });

  it('covers each call by a run that began after it, one run at a time, at whatever moment the call comes', async () => {
    // In the few turns between the end of one run and the beginning of the next, a call must not begin a third.
    for (let turns = 0; turns < 8; turns += 1) {
      const { ask, mostAtOnce, firstEnd } = counted();
      const early = [ask(), ask()];
      const late = firstEnd.then(async () => {
        for (let turn = 0; turn < turns; turn += 1) await null;
        return ask();
      });
      expect(await Promise.all([...early, late]), `a call ${turns} turns after an end`).toEqual([true, true, true]);
      expect(mostAtOnce(), `with a call ${turns} turns after an end`).toBe(1);
    }
  });
});

/** An action that takes up what was asked for when it began. `ask` says, when it is answered, whether that had its own part in it. */
function counted() {
  let asked = 0;
  let covered = 0;
  let underWay = 0;
  let most = 0;
  let tellEnd = () => {};
  const firstEnd = new Promise<void>((resolve) => {
    tellEnd = resolve;
  });
  const call = coalesce(async () => {
    const taken = asked;
    underWay += 1;
    most = Math.max(most, underWay);
    await settle();
    underWay -= 1;
    covered = Math.max(covered, taken);
    tellEnd();
  });
  const ask = async () => {
    asked += 1;
    const mine = asked;
    await call();
    return covered >= mine;
  };
  return { ask, mostAtOnce: () => most, firstEnd };
}
