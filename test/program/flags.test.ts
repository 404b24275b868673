import { Command, InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { aboveZero, alias, declare, optionsFrom, seconds, text, wholeFrom } from '../../src/program/flags.ts';
import { ACCOUNT, LOGGED, TRANSFERS } from '../../src/program/shared-flags.ts';

const TABLE = { 'Where:': { dir: alias(text('-d, --dir <dir>', 'the folder', 'here'), '--out <dir>') }, ...TRANSFERS, ...LOGGED };

/** The options that the table makes of some arguments. */
function parsed(...argv: string[]) {
  const command = declare(new Command().exitOverride().configureOutput({ writeErr() {} }), TABLE);
  return optionsFrom(command.parse(argv, { from: 'user' }).opts(), TABLE);
}

const DEFAULTS = {
  dir: 'here',
  method: 'POST',
  timeoutMs: 30_000,
  stallTimeoutMs: 30_000,
  retries: 5,
  json: false,
  quiet: false,
  verbose: false,
  color: true,
};

describe('a table of flags', () => {
  it('gives defaults, and no field where nothing was said', () => {
    expect(parsed()).toStrictEqual(DEFAULTS);
  });

  it('gives what was said', () => {
    const account = ['--profile', 'night', '--sid', 'HX1', '--base-url', 'https://x/v1', '--region', 'in', '--method', 'get'];
    const others = ['--timeout', '1.5', '--stall-timeout', '60', '--retries', '0', '--json', '-q', '-v', '--no-color', '--log-file', ''];
    expect(parsed(...account, ...others)).toStrictEqual({
      dir: 'here',
      profile: 'night',
      sid: 'HX1',
      baseUrl: 'https://x/v1',
      region: 'in',
      method: 'GET',
      timeoutMs: 1500,
      stallTimeoutMs: 60_000,
      retries: 0,
      json: true,
      quiet: true,
      verbose: true,
      color: false,
      logFile: '',
    });
  });

  it.each([[['--out', 'there']], [['--out=there']], [['-d', 'x', '--out', 'there']]])('takes other names for a flag: %j', (argv) => {
    expect(parsed(...argv).dir).toBe('there');
  });

  it('takes the words of a choice in either letter case, and no others', () => {
    expect(parsed('--region', 'IN', '--method', 'GET')).toMatchObject({ region: 'in', method: 'GET' });
    expect(() => parsed('--region', 'us')).toThrow(/Allowed choices are .*\bin\b/);
  });

  it('does not show the other names', () => {
    expect(declare(new Command(), TABLE).helpInformation()).not.toContain('--out');
  });

  it('stands under its headings', () => {
    expect(declare(new Command(), ACCOUNT).helpInformation()).toMatch(/^Account:\n {2}--profile /m);
  });

  it.each([
    ['--region', 'us'],
    ['--method', 'PUT'],
    ['--retries', '-1'],
    ['--retries', '1e3'],
    ['--timeout', '0'],
  ])('refuses %s %s', (...argv) => {
    expect(() => parsed(...argv)).toThrow(/invalid/);
  });
});

describe('numbers', () => {
  it.each([
    ['0', 0],
    ['7', 7],
    ['007', 7],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('%s is a whole number', (typed, number) => {
    expect(wholeFrom(0)(typed)).toBe(number);
  });

  it.each(['', ' ', '-1', '1.0', '1e3', '0x10', '+1', ' 1', '1 ', 'Infinity', 'NaN', '٣', '9007199254740992'])('%j is none', (typed) => {
    expect(() => wholeFrom(0)(typed)).toThrow(InvalidArgumentError);
  });

  it('have a greatest one where there is one', () => {
    expect(wholeFrom(0, 65_535)('65535')).toBe(65_535);
    expect(() => wholeFrom(0, 65_535)('65536')).toThrow(/from 0 to 65535/);
  });

  it('have a least one', () => {
    expect(() => wholeFrom(1)('0')).toThrow(/1 or more/);
    expect(wholeFrom(1)('1')).toBe(1);
  });

  it.each([
    ['1', 1],
    ['0.5', 0.5],
    ['.5', 0.5],
    ['1000000', 1_000_000],
  ])('%s is above zero', (typed, number) => {
    expect(aboveZero(typed)).toBe(number);
  });

  it.each(['', '0', '0.0', '-1', '1.', '1,5', '1e3', 'Infinity', '0x1', '1s'])('%j is not', (typed) => {
    expect(() => aboveZero(typed)).toThrow(InvalidArgumentError);
  });

  it('of seconds become milliseconds, at least one, and no more than a timer takes', () => {
    expect(seconds('30')).toBe(30_000);
    expect(seconds('0.0001')).toBe(1);
    expect(seconds('2147483.647')).toBe(2 ** 31 - 1);
    expect(() => seconds('2147483.648')).toThrow(InvalidArgumentError);
    expect(() => seconds('9'.repeat(400))).toThrow(InvalidArgumentError);
  });
});
