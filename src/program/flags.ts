import { type Command, InvalidArgumentError, Option } from 'commander';
import type { OutputOptions, ServiceOptions } from '../commands/service-options.ts';
import { REGIONS, type Region } from '../credentials/settings.ts';

/** The flags of a command as commander hands them over. */
export type Flags = Record<string, unknown>;

/** Adds the flags that say whom to ask, and how patiently. */
export function addServiceFlags(command: Command): Command {
  return addAccountFlags(command)
    .optionsGroup('Requests:')
    .addOption(new Option('--method <method>', 'how it is asked; a 405 switches').choices(['post', 'get']).default('post'))
    .addOption(secondsOption('--timeout <seconds>', 'for each request to answer'))
    .addOption(secondsOption('--stall-timeout <seconds>', 'reconnect and resume after this long without data'))
    .option('--retries <n>', 'tries after the first one', wholeFrom(0), 5);
}

/** Adds the flags that say which account is meant. There is none for the key: every user of the machine can read a command line. */
export function addAccountFlags(command: Command): Command {
  return command
    .optionsGroup('Account:')
    .option('--profile <name>', 'stored profile (KALEYRA_PROFILE, else default)')
    .option('--sid <sid>', 'account SID (KALEYRA_SID)')
    .option('--base-url <url>', 'address without the SID (KALEYRA_BASE_URL)')
    .addOption(new Option('--region <region>', 'the address of a region').choices(Object.keys(REGIONS)));
}

/** Adds the flags that say how results and progress are shown. To be called last but for {@link addLogFlags}: the help's own flag stands there. */
export function addOutputFlags(command: Command): Command {
  return addJsonFlag(command).option('-q, --quiet', 'no progress and no summary').option('--no-color', 'no colours (NO_COLOR)');
}

/** Adds `--json`, for a command that shows no progress. */
export function addJsonFlag(command: Command): Command {
  return command.optionsGroup('Output:').helpOption('-h, --help', 'show this help').option('--json', 'results as JSON, an object a line');
}

/** Adds the flags for a log of the requests. */
export function addLogFlags(command: Command): Command {
  return command
    .option('-v, --verbose', 'a log of every request on stderr, secrets masked')
    .option('--log-file <path>', 'the same log as JSON lines, added to a file');
}

/** A flag that takes seconds and gives milliseconds; 30 seconds where it is left out. */
function secondsOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(seconds).default(30_000, '30');
}

/** What {@link addServiceFlags} was given. */
export function serviceOptions(flags: Flags): ServiceOptions {
  return {
    ...accountOptions(flags),
    method: flags.method === 'get' ? 'GET' : 'POST',
    timeoutMs: flags.timeout as number,
    stallTimeoutMs: flags.stallTimeout as number,
    retries: flags.retries as number,
  };
}

/** What {@link addAccountFlags} was given. */
export function accountOptions(flags: Flags): Pick<ServiceOptions, 'profile' | 'sid' | 'baseUrl' | 'region'> {
  return {
    ...given('profile', flags.profile as string | undefined),
    ...given('sid', flags.sid as string | undefined),
    ...given('baseUrl', flags.baseUrl as string | undefined),
    ...given('region', flags.region as Region | undefined),
  };
}

/** What {@link addOutputFlags} was given. */
export function outputOptions(flags: Flags): OutputOptions {
  return {
    json: flags.json === true,
    quiet: flags.quiet === true,
    verbose: flags.verbose === true,
    color: flags.color !== false,
    ...given('logFile', flags.logFile as string | undefined),
  };
}

/** An option that is there only where the flag was given: `exactOptionalPropertyTypes` tells the two apart. */
export function given<Name extends string, Value>(name: Name, value: Value | undefined): { [key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [key in Name]?: Value });
}

/** Reads a whole number of at least `least`. */
export function wholeFrom(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`It must be a whole number from ${least} on.`);
    }
    return value;
  };
}

/** Reads a number above 0, fractions allowed. */
export function aboveZero(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$|^\.\d+$/.test(text) || !(value > 0)) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

/** Reads seconds, fractions allowed, and gives milliseconds. Node's timers end at 2^31 ms, which is 24 days. */
export function seconds(text: string): number {
  const ms = Math.ceil(aboveZero(text) * 1000);
  if (ms > 2 ** 31 - 1) throw new InvalidArgumentError('It must be less than 2147483 seconds.');
  return ms;
}
