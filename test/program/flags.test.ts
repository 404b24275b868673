import { Command, InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import {
  aboveZero,
  accountOptions,
  addLogFlags,
  addOutputFlags,
  addServiceFlags,
  given,
  outputOptions,
  seconds,
  serviceOptions,
  wholeFrom,
} from '../../src/program/flags.ts';

/** The flags that commander makes of some arguments. */
function parsed(...argv: string[]) {
  const command = addLogFlags(addOutputFlags(addServiceFlags(new Command().exitOverride().configureOutput({ writeErr() {} }))));
  return command.parse(argv, { from: 'user' }).opts();
}

describe('the flags that commands share', () => {
  it('have defaults, and no option where nothing was said', () => {
    expect(serviceOptions(parsed())).toStrictEqual({ method: 'POST', timeoutMs: 30_000, stallTimeoutMs: 30_000, retries: 5 });
    expect(outputOptions(parsed())).toStrictEqual({ json: false, quiet: false, verbose: false, color: true });
  });

  it('become options', () => {
    const flags = parsed(
      ...['--profile', 'night', '--sid', 'HX1', '--base-url', 'https://x/v1', '--region', 'in', '--method', 'get'],
      ...['--timeout', '1.5', '--stall-timeout', '60', '--retries', '0', '--json', '-q', '-v', '--no-color'],
    );
    const account = { profile: 'night', sid: 'HX1', baseUrl: 'https://x/v1', region: 'in' };
    expect(accountOptions(flags)).toStrictEqual(account);
    expect(serviceOptions(flags)).toStrictEqual({ ...account, method: 'GET', timeoutMs: 1500, stallTimeoutMs: 60_000, retries: 0 });
    expect(outputOptions(flags)).toStrictEqual({ json: true, quiet: true, verbose: true, color: false });
  });

  it.each([
    ['--region', 'us'],
    ['--method', 'PUT'],
    ['--retries', '-1'],
    ['--retries', '1e3'],
    ['--timeout', '0'],
  ])('refuse %s %s', (...argv) => {
    expect(() => parsed(...argv)).toThrow(/invalid/);
  });
});

describe('given', () => {
  it('is an option only where there is a value, a false or empty one included', () => {
    expect(given('limit', undefined)).toStrictEqual({});
    expect(given('limit', 0)).toStrictEqual({ limit: 0 });
    expect(given('column', '')).toStrictEqual({ column: '' });
  });
});

describe('numbers', () => {
  it.each([
    ['0', 0],
    ['7', 7],
    ['007', 7],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('%s is a whole number', (text, value) => {
    expect(wholeFrom(0)(text)).toBe(value);
  });

  it.each(['', ' ', '-1', '1.0', '1e3', '0x10', '+1', ' 1', '1 ', 'Infinity', 'NaN', '٣', '9007199254740992'])('%j is none', (text) => {
    expect(() => wholeFrom(0)(text)).toThrow(InvalidArgumentError);
  });

  it('have a least one', () => {
    expect(() => wholeFrom(1)('0')).toThrow(/from 1 on/);
    expect(wholeFrom(1)('1')).toBe(1);
  });

  it.each([
    ['1', 1],
    ['0.5', 0.5],
    ['.5', 0.5],
    ['1000000', 1_000_000],
  ])('%s is above zero', (text, value) => {
    expect(aboveZero(text)).toBe(value);
  });

  it.each(['', '0', '0.0', '-1', '1.', '1,5', '1e3', 'Infinity', '0x1', '1s'])('%j is not', (text) => {
    expect(() => aboveZero(text)).toThrow(InvalidArgumentError);
  });

  it('of seconds become milliseconds, at least one, and no more than a timer bears', () => {
    expect(seconds('30')).toBe(30_000);
    expect(seconds('0.0001')).toBe(1);
    expect(seconds('2147483.647')).toBe(2 ** 31 - 1);
    expect(() => seconds('2147483.648')).toThrow(InvalidArgumentError);
    expect(() => seconds('9'.repeat(400))).toThrow(InvalidArgumentError);
  });
});
