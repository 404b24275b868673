import { describe, expect, test } from 'vitest';
import { foregroundOf } from '../../src/process/foreground.ts';

const nothing = () => {
  throw new Error('it is not there');
};

describe('on Linux', () => {
  test.each<[stat: string, foreground: boolean]>([
    ['100 (node) S 99 100 90 34816 100 4194304 1 2', true],
    ['100 (node) S 99 100 90 34816 90 4194304 1 2', false],
    ['100 (a) b) (c) S 99 100 90 34816 90 4194304 1 2', false],
    ['100 (node) S 99 100 90 0 -1 4194304 1 2', true],
    ['100 (node) S 0 0 0 34816 0 4194304 1 2', true],
    ['nonsense', true],
  ])('%j: %s', (stat, foreground) => {
    expect(foregroundOf('linux', { stat: () => stat, ps: nothing }).isForeground()).toBe(foreground);
  });

  test('is asked each time', () => {
    const stats = ['1 (n) S 9 1 9 8 9 ', '1 (n) S 9 1 9 8 1 '];
    const { isForeground } = foregroundOf('linux', { stat: () => stats.shift() ?? '', ps: nothing });
    expect([isForeground(), isForeground()]).toEqual([false, true]);
  });

  test('where there is no /proc counts as the foreground', () => {
    expect(foregroundOf('linux', { stat: nothing, ps: nothing }).isForeground()).toBe(true);
  });
});

describe('elsewhere', () => {
  test.each<[ps: string, foreground: boolean]>([
    ['  100   100\n', true],
    ['  100    90\n', false],
    ['100 0', true],
    ['', true],
  ])('ps that prints %j: %s', (ps, foreground) => {
    expect(foregroundOf('darwin', { stat: nothing, ps: () => ps }).isForeground()).toBe(foreground);
  });

  test('ps is asked once, until the process was continued', () => {
    let asked = 0;
    const ps = () => `100 ${asked++ === 0 ? 90 : 100}`;
    const { isForeground, forget } = foregroundOf('darwin', { stat: nothing, ps });
    expect([isForeground(), isForeground(), asked]).toEqual([false, false, 1]);
    forget();
    expect([isForeground(), asked]).toEqual([true, 2]);
  });

  test('Windows has no groups to ask for', () => {
    expect(foregroundOf('win32', { stat: nothing, ps: nothing }).isForeground()).toBe(true);
  });
});
