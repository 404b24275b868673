import { describe, expect, it } from 'vitest';
import type { ManifestLine } from '../../src/archive/manifest-line.ts';
import { Verdicts } from '../../src/archive/verdicts.ts';

type Said = Partial<ManifestLine> & { id?: string; code?: string };

/** What lines say to a run that asks this account; `code` is that of the line's error. */
function verdictsOf(account: string | undefined, ...lines: Said[]): Verdicts {
  const verdicts = new Verdicts(account);
  for (const { code, ...line } of lines) {
    const error = code === undefined ? null : { code, message: '', hint: '', retryable: true };
    verdicts.add({ id: 'a', status: 'failed', at: '2026-11-01T00:00:00.000Z', error, ...line } as ManifestLine);
  }
  return verdicts;
}

const invalid = (day: number, more: Said = {}): Said => ({
  code: 'RECORDING_NOT_FOUND',
  at: `2026-11-0${day}T00:00:00.000Z`,
  ...more,
});

describe('how many recordings failed', () => {
  it.each<[string, Said[], number]>([
    ['where nothing was said', [], 0],
    ['where some are saved or gone', [{ status: 'saved' }, { id: 'b', status: 'gone' }, { id: 'c' }], 1],
    ['where one failed again and again', [{}, {}, {}], 1],
    ['where what failed was had later', [{}, { id: 'b' }, { status: 'saved' }], 1],
    ['where all that failed was had or given up later', [{}, { id: 'b' }, { status: 'saved' }, { id: 'b', status: 'gone' }], 0],
    ['where what was had before failed', [{ status: 'saved' }, {}], 1],
    ['where one failed, was had, and failed again', [{}, { status: 'saved' }, {}], 1],
    ['where one was had twice after it failed', [{ id: 'b' }, {}, { status: 'saved' }, { status: 'saved' }], 1],
    ['where another account was asked', [{ account: 'two' }], 1],
  ])('is counted by their last lines, %s', (_what, lines, count) => {
    expect(verdictsOf('one', ...lines).failed).toBe(count);
  });
});

describe('since when an id is called invalid', () => {
  const since = (...lines: Said[]) => verdictsOf('one', ...lines).invalidSince('a');
  const day = (number: number) => Date.UTC(2026, 10, number);

  it.each<[string, Said[], number | undefined]>([
    ['is not known where nothing was said', [], undefined],
    ['is not known where another id was', [invalid(1, { id: 'b' })], undefined],
    ['is when it was first said', [invalid(2), invalid(3)], day(2)],
    ['is when it was first said, though it is gone since', [invalid(2), invalid(3, { status: 'gone' })], day(2)],
    ['is when it was given up, where that came first', [invalid(2, { status: 'gone' })], day(2)],
    ['is not told by other errors', [{ code: 'NETWORK' }, { code: 'RECORDING_EXPIRED', status: 'gone' }], undefined],
    ['is not told by what was saved', [invalid(2, { status: 'saved' })], undefined],
    ['is not told by a line without an error', [{}], undefined],
    ['is what was said to this account', [invalid(2, { account: 'two' }), invalid(3, { account: 'one' })], day(3)],
    ['is what was said to nobody in particular', [invalid(2)], day(2)],
    ['is told by the next line where one tells no time', [invalid(2, { at: 'yesterday' }), invalid(3)], day(3)],
  ])('%s', (_what, lines, expected) => {
    expect(since(...lines)).toBe(expected);
  });

  it('is what was said to any account where it is not known which one is asked', () => {
    expect(verdictsOf(undefined, invalid(2, { account: 'two' })).invalidSince('a')).toBe(day(2));
  });
});
