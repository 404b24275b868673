import { describe, expect, it } from 'vitest';
import { damageNotice, ManifestDamage, whereDamaged } from '../../src/archive/manifest-damage.ts';

function damageOf(...lines: [line: number, file?: string][]): ManifestDamage {
  const damage = new ManifestDamage();
  for (const [line, file] of lines) damage.add(line, file);
  return damage;
}

describe('damage of a manifest', () => {
  it('is nothing at first', () => {
    expect(damageOf()).toMatchObject({ count: 0, ranges: [], torn: undefined });
  });

  it('is told as one where lines follow each other in one piece', () => {
    const damage = damageOf([1], [2], [4], [5, 'x'], [6, 'x'], [7, 'y'], [3, 'y'], [4, 'y'], [5, 'y']);
    expect(damage.count).toBe(9);
    expect(damage.ranges).toEqual([
      { line: 1, lines: 2 },
      { line: 4, lines: 1 },
      { file: 'x', line: 5, lines: 2 },
      { file: 'y', line: 7, lines: 1 },
      { file: 'y', line: 3, lines: 3 },
    ]);
  });

  it('is told in a thousand places, the last of which stands for all that follow', () => {
    const damage = damageOf(...Array.from({ length: 1003 }, (_, n): [number] => [2 * n]));
    expect(damage.count).toBe(1003);
    expect(damage.ranges).toHaveLength(1000);
    expect(damage.ranges.slice(-2)).toEqual([
      { line: 1996, lines: 1 },
      { line: 1998, lines: 4 },
    ]);
  });

  it.each<[string, ManifestDamage, string | undefined]>([
    ['nothing', damageOf(), undefined],
    ['one line', damageOf([3]), 'Line 3 of calls/manifest.jsonl is'],
    ['one line of a piece', damageOf([3, 's3://calls/manifest/1']), 'Line 3 of s3://calls/manifest/1 is'],
    ['several lines', damageOf([3, 's3://calls/manifest/1'], [4]), '2 lines of calls/manifest.jsonl are'],
  ])('is said of %s', (_what, damage, expected) => {
    expect(whereDamaged(damage, 'calls/manifest.jsonl')).toBe(expected);
    const notice = damageNotice(damage, 'calls/manifest.jsonl');
    if (expected === undefined) expect(notice).toBeUndefined();
    else expect(notice).toMatch(new RegExp(`^${expected} damaged and cannot be read\\. .*as new\\..*kaleyra-rec verify`));
  });
});
