import { describe, expect, it } from 'vitest';
import type { ReportEvent } from '../../src/events.ts';
import { Progress } from '../../src/report/progress.ts';
import { begun, failed, gone, progress, retrying, saved, skipped, started } from './events.ts';

/** A progress under a clock that the test moves. */
function watched() {
  let now = 7000;
  const state = new Progress(() => now);
  const tell = (...events: ReportEvent[]) => {
    for (const event of events) state.onEvent(event);
  };
  const pass = (ms: number) => {
    now += ms;
  };
  return { state, tell, pass };
}

describe('the bytes of a batch', () => {
  it('count as they stream, and not once more when they are saved', () => {
    const { state, tell } = watched();
    tell(begun(3), started('a'), started('b'), progress(400, 1000, 'a'), progress(50, undefined, 'b'));
    expect(state.bytes).toBe(450);
    tell(progress(1000, 1000, 'a'), saved({ id: 'a', bytes: 1000 }));
    expect(state.bytes).toBe(1050);
    tell(failed('b'));
    expect(state.bytes).toBe(1000);
  });

  it('are told of a recording whose stream told none', () => {
    const { state, tell, pass } = watched();
    tell(begun(1), started('a'));
    pass(1000);
    tell(saved({ id: 'a', bytes: 5000 }));
    expect(state).toMatchObject({ bytes: 5000, bytesPerSecond: 5000 });
  });

  it('of an earlier run are there, and say nothing of the rate', () => {
    const { state, tell, pass } = watched();
    tell(begun(1), started('a'));
    pass(1000);
    tell(progress(900_000_000, 1e9, 'a'));
    expect(state.bytes).toBe(900_000_000);
    expect(state.bytesPerSecond).toBeLessThanOrEqual(1_000_000);
  });

  it('count again where a recording is begun anew', () => {
    const { state, tell, pass } = watched();
    tell(begun(1), started('a'), progress(1000, 4000, 'a'));
    pass(1000);
    tell(progress(500, 4000, 'a'));
    expect(state).toMatchObject({ bytes: 500, bytesPerSecond: 1500 });
  });
});

describe('the time left of a batch', () => {
  /** Tells of `count` recordings that take `ms` each, one after the other. */
  function fetchEach({ tell, pass }: ReturnType<typeof watched>, count: number, ms: number) {
    for (let n = 0; n < count; n += 1) {
      tell(started(`id-${n}`));
      pass(ms);
      tell(saved({ id: `id-${n}`, bytes: 1000 }));
    }
  }

  it('follows the rate at which recordings are had', () => {
    const watch = watched();
    watch.tell(begun(100));
    fetchEach(watch, 20, 500);
    expect(watch.state.timeLeftMs).toBe(40_000);
  });

  it('is not told before it can be known, nor where the total is not', () => {
    const watch = watched();
    watch.tell(begun(100), started('a'));
    expect(watch.state.timeLeftMs).toBeUndefined();
    watch.pass(2000);
    watch.tell(saved({ id: 'a' }));
    expect(watch.state.timeLeftMs).toBeUndefined();
    const unknown = watched();
    unknown.tell(begun(undefined));
    fetchEach(unknown, 20, 500);
    expect(unknown.state.timeLeftMs).toBeUndefined();
  });

  it('is not shortened by rows that were passed over at the start, in no time', () => {
    const watch = watched();
    watch.tell(begun(1100), ...Array.from({ length: 1000 }, () => skipped()));
    fetchEach(watch, 20, 500);
    expect(watch.state.timeLeftMs).toBe(40_000);
  });

  it('counts parts of recordings: large ones need not be had for it to move', () => {
    const { state, tell, pass } = watched();
    tell(begun(4), started('a'), started('b'));
    for (let percent = 1; percent <= 50; percent += 1) {
      pass(200);
      tell(progress(percent * 1e6, 1e8, 'a'), progress(percent * 1e6, 1e8, 'b'));
    }
    // One of four in ten seconds.
    expect(state.timeLeftMs).toBeGreaterThan(29_000);
    expect(state.timeLeftMs).toBeLessThan(32_000);
  });

  it('is no less than the last large recording takes, however quick the small ones were', () => {
    const watch = watched();
    const { state, tell, pass } = watch;
    tell(begun(101));
    fetchEach(watch, 100, 100);
    tell(started('big'), progress(1000, 1e8, 'big'));
    pass(1000);
    tell(progress(1_001_000, 1e8, 'big'));
    // 1 MB a second, 99 MB to come.
    expect(state.timeLeftMs).toBeGreaterThan(90_000);
  });

  it('is not told where the last one has not said how large it is', () => {
    const watch = watched();
    watch.tell(begun(21));
    fetchEach(watch, 20, 500);
    expect(watch.state.timeLeftMs).toBeDefined();
    watch.tell(started('last'));
    expect(watch.state.timeLeftMs).toBeUndefined();
    watch.tell(progress(1000, undefined, 'last'));
    expect(watch.state.timeLeftMs).toBeUndefined();
  });

  it('is not told while all wait, nor when all is done', () => {
    const watch = watched();
    watch.tell(begun(100));
    fetchEach(watch, 20, 500);
    watch.tell(started('a'), retrying('Slow down.', 2, 5000, 'RATE_LIMITED', 'a'));
    expect(watch.state.timeLeftMs).toBeUndefined();
    watch.pass(5000);
    expect(watch.state.timeLeftMs).toBeDefined();
    const done = watched();
    done.tell(begun(20));
    fetchEach(done, 20, 500);
    expect(done.state.timeLeftMs).toBeUndefined();
  });
});

describe('what is waited for', () => {
  it('is the pause of all, where one was told to slow down; the longest there is', () => {
    const { state, tell, pass } = watched();
    tell(begun(9), started('a'), started('b'), retrying('', 2, 3000, 'RATE_LIMITED', 'a'), retrying('', 2, 12_000, 'RATE_LIMITED', 'b'));
    pass(1000);
    expect(state.wait).toEqual({ ms: 11_000, why: 'too many requests' });
    expect(state.retrying).toBe(2);
    pass(11_000);
    expect(state.wait).toBeUndefined();
    expect(state.retrying).toBe(0);
  });

  it('is the first attempt to come, where each recording under way waits by itself', () => {
    const { state, tell } = watched();
    tell(begun(9), started('a'), started('b'), retrying('', 2, 3000, 'NETWORK', 'a'));
    expect(state.wait).toBeUndefined();
    expect(state.retrying).toBe(1);
    tell(retrying('', 2, 1000, 'TIMEOUT', 'b'));
    expect(state.wait).toEqual({ ms: 1000, why: 'no answer' });
  });

  it.each<[string, ReportEvent]>([
    ['comes on', progress(1, 2, 'a')],
    ['is saved', saved({ id: 'a' })],
    ['is gone', gone('a')],
    ['fails', failed('a')],
  ])('is nothing once the recording %s', (_what, event) => {
    const { state, tell } = watched();
    tell(begun(9), started('a'), retrying('', 2, 3000, 'NETWORK', 'a'), event);
    expect(state.wait).toBeUndefined();
    expect(state.retrying).toBe(0);
  });
});
