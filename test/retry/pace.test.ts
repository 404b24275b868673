import { describe, expect, test } from 'vitest';
import { interruptedError } from '../../src/errors.ts';
import { createPace, type Pace } from '../../src/retry/pace.ts';
import { type TestSystem, testSystem } from '../helpers/test-system.ts';

const calm = new AbortController().signal;

/** Lets everything happen that no clock holds back. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Sends so many requests through the gate at once; gives the moments at which they entered, so far. */
function enterAll(pace: Pace, clock: TestSystem, count: number): number[] {
  const moments: number[] = [];
  for (let request = 0; request < count; request += 1) void pace.enter(calm).then(() => moments.push(clock.elapsed()));
  return moments;
}

/** Moves the clock on in small steps, so that what wakes sees the moment it asked for. */
async function pass(clock: TestSystem, ms: number, step = 5): Promise<void> {
  await settle();
  for (let passed = 0; passed < ms; passed += step) {
    clock.advance(step);
    await settle();
  }
}

describe('createPace', () => {
  test('lets everything through at once where no rate is set', async () => {
    const clock = testSystem({ manualClock: true });
    const moments = enterAll(createPace(clock), clock, 100);
    await settle();
    expect(moments).toEqual(Array(100).fill(0));
    expect(clock.sleeps).toEqual([]);
  });

  test('spaces requests evenly at a rate, the first at once', async () => {
    const clock = testSystem({ manualClock: true });
    const moments = enterAll(createPace(clock, 10), clock, 4);
    await pass(clock, 1000);
    expect(moments).toEqual([0, 100, 200, 300]);
  });

  test('does not save up what was not used', async () => {
    const clock = testSystem({ manualClock: true });
    const pace = createPace(clock, 10);
    await pass(clock, 5000, 1000);
    const moments = enterAll(pace, clock, 3);
    await pass(clock, 300);
    expect(moments).toEqual([5000, 5100, 5200]);
  });

  test('takes a rate below one a second', async () => {
    const clock = testSystem({ manualClock: true });
    const moments = enterAll(createPace(clock, 0.5), clock, 2);
    await pass(clock, 2000, 500);
    expect(moments).toEqual([0, 2000]);
  });

  test('holds everyone back when one is told to slow down, those who wait already included', async () => {
    const clock = testSystem({ manualClock: true });
    const pace = createPace(clock, 10);
    const early = enterAll(pace, clock, 3);
    await settle();
    pace.holdBack(1000);
    const late = enterAll(pace, clock, 1);
    await pass(clock, 995);
    expect([early, late]).toEqual([[0], []]);
    await pass(clock, 1000);
    expect([early.length, late.length]).toEqual([3, 1]);
    const afterwards = [...early.slice(1), ...late].sort((one, other) => one - other);
    expect(afterwards[0]).toBe(1000);
    for (const [at, moment] of afterwards.entries()) if (at > 0) expect(moment - (afterwards[at - 1] ?? 0)).toBeGreaterThanOrEqual(100);
  });

  test('whoever wakes inside a hold takes no second slot: all go on in their order, and no slot stays empty', async () => {
    const clock = testSystem({ manualClock: true });
    const pace = createPace(clock, 10);
    const entered: [who: number, at: number][] = [];
    for (let who = 0; who < 30; who += 1) {
      void pace.enter(new AbortController().signal).then(() => entered.push([who, clock.elapsed()]));
    }
    await settle();
    pace.holdBack(1000);
    await pass(clock, 500);
    pace.holdBack(1000);
    await pass(clock, 6000);
    expect(entered.map(([who]) => who)).toEqual([...Array(30).keys()]);
    // The first had gone before; two complaints have made the gap 100 ms, which it is by the rate.
    expect(entered.slice(1).map(([, at]) => at)).toEqual([...Array(29).keys()].map((nth) => 1500 + 100 * nth));
  });

  test('a shorter hold does not end a longer one', async () => {
    const clock = testSystem({ manualClock: true });
    const pace = createPace(clock);
    pace.holdBack(1000);
    pace.holdBack(10);
    const moments = enterAll(pace, clock, 1);
    await pass(clock, 1000);
    expect(moments).toEqual([1000]);
  });

  /** The gap between two requests after so many complaints and answers, in milliseconds. */
  async function gapAfter(complaints: number, answers: number): Promise<number> {
    const clock = testSystem();
    const pace = createPace(clock);
    for (let round = 0; round < complaints; round += 1) pace.holdBack(0);
    for (let round = 0; round < answers; round += 1) pace.answered();
    await pace.enter(calm);
    const before = clock.elapsed();
    await pace.enter(calm);
    return clock.elapsed() - before;
  }

  test.each([
    [1, 0, 50],
    [2, 0, 100],
    [3, 0, 200],
    [6, 0, 1600],
    [7, 0, 2000],
    [50, 0, 2000],
    [1, 1, 40],
    [2, 3, 51.2],
    [1, 10, 5.36870912],
    [1, 11, 0],
    [50, 28, 0],
  ])('after %i complaints and %i answers leaves a gap of %f ms', async (complaints, answers, gap) => {
    expect(await gapAfter(complaints, answers)).toBeCloseTo(gap, 9);
  });

  test('never goes faster than the rate, however many answers come', async () => {
    const clock = testSystem({ manualClock: true });
    const pace = createPace(clock, 10);
    pace.holdBack(0);
    for (let round = 0; round < 100; round += 1) pace.answered();
    const moments = enterAll(pace, clock, 2);
    await pass(clock, 100);
    expect(moments).toEqual([0, 100]);
  });

  test('spaces the requests to the service alone, and holds back those to the store as well', async () => {
    const clock = testSystem({ manualClock: true });
    const pace = createPace(clock, 1);
    const moments: number[] = [];
    const enterStore = () => void pace.enter(calm, 'store').then(() => moments.push(clock.elapsed()));
    await pace.enter(calm);
    for (let request = 0; request < 3; request += 1) enterStore();
    await settle();
    expect(moments).toEqual([0, 0, 0]);
    pace.holdBack(100);
    enterStore();
    await pass(clock, 200);
    expect(moments).toEqual([0, 0, 0, 100]);
  });

  test('lets nobody enter whose signal is aborted, before or while waiting', async () => {
    const clock = testSystem({ manualClock: true });
    const pace = createPace(clock);
    const reason = interruptedError('SIGINT');
    await expect(pace.enter(AbortSignal.abort(reason))).rejects.toBe(reason);
    pace.holdBack(1000);
    const stop = new AbortController();
    const waiting = pace.enter(stop.signal);
    stop.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});
