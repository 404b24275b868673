import { describe, expect, test } from 'vitest';
import { SPECIAL_IDS, scenarioOf } from '../../src/sandbox/scenarios.ts';

/** The table with the one that stands for many filled in. */
const IDS = SPECIAL_IDS.map(({ id }) => id.replace('<n>', '500k'));

test('every special id is special, alone and with more behind it', () => {
  for (const id of IDS) {
    expect(scenarioOf(id), id).not.toEqual({});
    expect(scenarioOf(`${id}-1`), id).toEqual(scenarioOf(id));
    expect(scenarioOf(`${id}-call of Monday/2\n==`), id).toEqual(scenarioOf(id));
  }
});

test('no special id is the beginning of another', () => {
  for (const id of IDS) expect(IDS.filter((other) => other.startsWith(`${id}-`))).toEqual([]);
  expect(new Set(IDS).size).toBe(IDS.length);
});

test('each is described in one line', () => {
  for (const { does } of SPECIAL_IDS) expect(does).toMatch(/^[\x20-\x7e]{8,110}[^.\s]$/);
});

test.each(['abcd1234==', 'sandbox', 'sandbox-', 'sandbox-invalidated', 'Sandbox-Invalid', ' sandbox-invalid', 'x-sandbox-invalid', ''])(
  'nothing is special about %j',
  (id) => {
    expect(scenarioOf(id)).toEqual({});
  },
);

describe('a recording of a size', () => {
  test.each([
    ['sandbox-size-44', 44],
    ['sandbox-size-2000001', 2_000_001],
    ['sandbox-size-500k', 500_000],
    ['sandbox-size-2m', 2_000_000],
    ['sandbox-size-2m-7', 2_000_000],
    ['sandbox-size-4294967295', 4_294_967_295],
  ])('%s has %d bytes', (id, bytes) => {
    expect(scenarioOf(id)).toEqual({ recording: { type: 'sized', bytes } });
  });

  test.each(['', '-', '-0', '-43', '-4294967296', '-9999999999m', '-5g', '-5K', '-1.5m', '--5', '-5k7'])(
    'sandbox-size%s is unknown to the service',
    (rest) => {
      expect(scenarioOf(`sandbox-size${rest}`)).toEqual({ service: { act: 'invalid' } });
    },
  );
});
