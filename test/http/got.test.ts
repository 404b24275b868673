import { afterEach, expect, test, vi } from 'vitest';
import { loadGot } from '../../src/http/got.ts';

const { ListFormat } = Intl;

afterEach(() => {
  Object.assign(Intl, { ListFormat });
  vi.resetModules();
});

/** Counts the list formatters that are made while something loads. */
async function formattersMadeBy(load: () => Promise<unknown>): Promise<number> {
  let made = 0;
  class Counted extends ListFormat {
    constructor(...given: ConstructorParameters<typeof ListFormat>) {
      super(...given);
      made += 1;
    }
  }
  Object.assign(Intl, { ListFormat: Counted });
  vi.resetModules();
  await load();
  return made;
}

// Where this fails, the library makes them when they are needed: got can be imported as it is.
test('got makes list formatters as soon as it is imported', async () => {
  expect(await formattersMadeBy(() => import('got'))).toBeGreaterThan(0);
});

test('loading got makes none, and leaves Node its own formatter', async () => {
  expect(await formattersMadeBy(loadGot)).toBe(0);
  Object.assign(Intl, { ListFormat });
  vi.resetModules();
  await loadGot();
  expect(Intl.ListFormat).toBe(ListFormat);
});

test('words its errors as ever', async () => {
  vi.resetModules();
  const got = await loadGot();
  expect(() => got.extend({ prefixUrl: 5 as never })).toThrow(
    'Expected values which are `string` or `URL`. Received values of type `number`.',
  );
});
