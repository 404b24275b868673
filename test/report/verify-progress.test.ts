import { describe, expect, it } from 'vitest';
import { verifyProgress } from '../../src/report/verify-progress.ts';
import { type TestSystemOptions, testContext, testSystem } from '../helpers/test-system.ts';
import { screenOf, withCursor } from './screen.ts';

async function progressOf(surroundings: TestSystemOptions, quiet = false) {
  const system = testSystem({ manualClock: true, ...surroundings });
  withCursor(system.stderr);
  const progress = await verifyProgress({ quiet, color: true }, testContext(system));
  progress.onTotal(3);
  return { system, progress };
}

describe('the progress of verify', () => {
  it('shows how many of how many were checked, and their bytes; then nothing', async () => {
    const { system, progress } = await progressOf({ tty: true });
    const shown = () => screenOf(system.stderrText).lines.map((line) => line.slice(3));
    expect(shown()).toEqual([expect.stringMatching(/ {2}0\/3 checked {2}0 B$/)]);
    system.advance(1000);
    progress.onFinding({ status: 'whole', id: 'a', file: 'a', bytes: 1500 });
    expect(shown()).toEqual([expect.stringMatching(/ {2}1\/3 checked {2}1\.5 kB {2}1\.5 kB\/s$/)]);
    system.advance(1000);
    progress.onFinding({ status: 'missing', id: 'b', file: 'b' });
    expect(shown()).toEqual([expect.stringMatching(/ {2}2\/3 checked {2}1 damaged {2}1\.5 kB {2}750 B\/s$/)]);
    system.advance(1000);
    progress.onFinding({ status: 'unrecorded', file: 'c' });
    expect(shown()).toEqual([expect.stringMatching(/ {2}2\/3 checked {2}1 damaged .* 2 s left$/)]);
    progress.close();
    expect(screenOf(system.stderrText)).toMatchObject({ lines: [], cursorShown: true });
  });

  it.each<[string, TestSystemOptions, boolean]>([
    ['no terminal', {}, false],
    ['--quiet', { tty: true }, true],
    ['a dumb terminal', { tty: true, env: { TERM: 'dumb' } }, false],
  ])('shows nothing with %s', async (_what, surroundings, quiet) => {
    const { system, progress } = await progressOf(surroundings, quiet);
    progress.onFinding({ status: 'whole', id: 'a', file: 'a', bytes: 1500 });
    progress.close();
    expect(system.stderrText).toBe('');
  });

  it('is a line now and then where nothing can be drawn', async () => {
    const { system, progress } = await progressOf({});
    progress.onFinding({ status: 'whole', id: 'a', file: 'a', bytes: 1500 });
    system.advance(30_000);
    progress.onFinding({ status: 'short', id: 'b', file: 'b', bytes: 1, expectedBytes: 2 });
    progress.onFinding({ status: 'whole', id: 'c', file: 'c', bytes: 1500 });
    expect(system.stderrText).toBe('2 of 3 checked, 1 damaged (1.5 kB)\n');
  });
});
