import { describe, expect, it } from 'vitest';
import { Speed } from '../../src/report/speed.ts';

/** A speed under a clock that the test moves. */
function measured() {
  let now = 5000;
  const speed = new Speed(() => now);
  return {
    speed,
    /** So many milliseconds go by, then so much is done. */
    addAfter: (ms: number, amount: number) => {
      now += ms;
      speed.add(amount);
    },
    wait: (ms: number) => {
      now += ms;
    },
  };
}

describe('Speed', () => {
  it('is 0 before anything can be said', () => {
    const { speed, addAfter } = measured();
    expect(speed.perSecond()).toBe(0);
    addAfter(100, 1000);
    expect(speed.perSecond()).toBe(0);
  });

  it('is what was done in the time that has passed', () => {
    const { speed, addAfter } = measured();
    for (let step = 0; step < 4; step += 1) addAfter(500, 1000);
    expect(speed.perSecond()).toBe(2000);
  });

  it('counts what comes in quick succession', () => {
    const { speed, addAfter } = measured();
    for (let step = 0; step < 100; step += 1) addAfter(10, 10);
    expect(speed.perSecond()).toBe(1000);
  });

  it('follows a change within ten seconds or so', () => {
    const { speed, addAfter } = measured();
    for (let step = 0; step < 60; step += 1) addAfter(1000, 100);
    expect(speed.perSecond()).toBe(100);
    for (let step = 0; step < 12; step += 1) addAfter(1000, 1000);
    expect(speed.perSecond()).toBeGreaterThan(900);
  });

  it('falls where nothing comes any more', () => {
    const { speed, addAfter, wait } = measured();
    for (let step = 0; step < 10; step += 1) addAfter(1000, 100);
    wait(10_000);
    expect(speed.perSecond()).toBeLessThan(60);
  });
});
