import { describe, expect, it } from 'vitest';
import { createReporter } from '../../src/report/create-reporter.ts';
import type { ReportOptions } from '../../src/report/reporter.ts';
import { type TestSystemOptions, testContext, testSystem } from '../helpers/test-system.ts';
import { begun, ended, failed, recording, saved, skipped } from './events.ts';
import { screenOf, withCursor } from './screen.ts';

/** What a batch with one outcome of each kind shows. */
async function report(options: Partial<ReportOptions>, surroundings: TestSystemOptions = {}) {
  const system = testSystem(surroundings);
  withCursor(system.stderr);
  const all = { json: false, quiet: false, verbose: false, color: true, paths: false, ...options };
  const reporter = await createReporter(all, testContext(system));
  const events = [begun(3), saved(), skipped({ id: 'd' }), failed('c')];
  for (const event of events) reporter.onEvent(event);
  reporter.onEvent(ended({ total: 3, saved: 1, skipped: 1, failed: 1 }));
  reporter.close();
  return { out: system.stdoutText.split('\n').slice(0, -1), err: system.stderrText };
}

describe('the reporters of a run', () => {
  it('write plain lines to standard error that is no terminal, and nothing to standard output', async () => {
    const { out, err } = await report({});
    expect(out).toEqual([]);
    expect(err).toMatch(/^failed c: No connection\.\n3 recordings in/);
  });

  it('draw on standard error that is a terminal', async () => {
    const { err } = await report({}, { tty: true });
    expect(err).toContain('\u001b[?25l');
    expect(screenOf(err)).toMatchObject({ cursorShown: true });
    expect(screenOf(err).lines[0]).toBe('failed c: No connection.');
  });

  it('draw nothing where a log goes to the same terminal', async () => {
    const { err } = await report({ verbose: true, color: false }, { tty: true });
    expect(err).not.toContain('\u001b');
    expect(err).toContain('3 recordings in');
  });

  it.each<[string, TestSystemOptions]>([
    ['a dumb one', { env: { TERM: 'dumb' } }],
    ['one that the tool is in the background of', { foreground: false, env: { NO_COLOR: '1' } }],
    ["a CI system's", { env: { CI: 'true', NO_COLOR: '1' } }],
  ])('write plain lines to a terminal that cannot be drawn on: %s', async (_what, surroundings) => {
    const { err } = await report({}, { tty: true, ...surroundings });
    expect(err).not.toContain('\u001b');
    expect(err).toMatch(/^failed c: No connection\.\n3 recordings in/);
  });

  it.each(['1', '2', '3', 'true', ''])('colour plain lines with FORCE_COLOR=%s', async (force) => {
    const { err } = await report({}, { env: { FORCE_COLOR: force } });
    expect(err).toContain('\u001b[31mfailed\u001b[39m c: No connection.');
    expect(err).not.toContain('\u001b[?25l');
  });

  it.each<[string, Partial<ReportOptions>, Record<string, string>]>([
    ['FORCE_COLOR=0', {}, { FORCE_COLOR: '0' }],
    ['NO_COLOR', {}, { FORCE_COLOR: '1', NO_COLOR: '1' }],
    ['--no-color', { color: false }, { FORCE_COLOR: '3' }],
  ])('do not colour them with %s', async (_how, options, env) => {
    expect((await report(options, { env })).err).not.toContain('\u001b');
  });

  it.each([true, false])('tell with --quiet what failed, and nothing else (a terminal: %s)', async (tty) => {
    expect((await report({ quiet: true }, { tty })).err).toBe('failed c: No connection.\n');
  });

  it('print the path of each file saved, and of no other, where paths are wanted', async () => {
    expect((await report({ paths: true })).out).toEqual([recording().file]);
  });

  it('print JSON where that is wanted, also with --quiet', async () => {
    const { out, err } = await report({ paths: true, json: true, quiet: true });
    expect(out.map((line) => Object.keys(JSON.parse(line))[0])).toEqual(['id', 'id', 'id', 'summary']);
    expect(err).toBe('failed c: No connection.\n');
  });
});
