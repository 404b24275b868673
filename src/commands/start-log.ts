import type { Credentials } from '../credentials/resolve.ts';
import { WHOEVER } from '../errors.ts';
import { shownProxy } from '../http/proxy-secrets.ts';
import type { Log } from '../log.ts';
import { printable } from '../printable.ts';
import type { System } from '../system.ts';
import { version } from '../version.ts';
import type { CommandContext } from './context.ts';
import { openLog } from './open-log.ts';
import type { OutputOptions } from './service-options.ts';

/**
 * Opens the log of a run where `--verbose` and `--log-file` want it, and begins it with the versions and where each setting came from.
 * Throws `FILE_SYSTEM` where the file cannot be opened.
 */
export function startLog(
  options: Pick<OutputOptions, 'verbose' | 'logFile'>,
  credentials: Credentials,
  { system, redactor, stderr }: CommandContext,
): Log {
  const line = (text: string) => stderr(printable(text));
  const log = openLog({ line: options.verbose ? line : undefined, file: options.logFile, notice: line, redactor, clock: system });
  logSettings(credentials, system, log);
  return log;
}

/** What support asks first: the versions, and which setting came from where; and where support is to be had. */
function logSettings({ sid, baseUrl, profile, origin }: Credentials, { env, argv, platform, nodeVersion }: System, { entry }: Log): void {
  entry('run', { tool: version, node: nodeVersion, platform, command: argv.join(' '), 'report-to': WHOEVER });
  entry('setting', { name: 'sid', value: sid, from: origin.sid });
  entry('setting', { name: 'api-key', value: 'set', from: origin.apiKey });
  entry('setting', { name: 'base-url', value: baseUrl.href, from: origin.baseUrl });
  entry('setting', { name: 'profile', value: profile });
  for (const name of ENVIRONMENT) {
    const value = env[name.toLowerCase()] || env[name];
    if (!value) continue;
    const shown = name !== 'NO_PROXY' && name.endsWith('_PROXY') ? shownProxy(value) : value;
    entry('setting', { name, value: shown, from: 'environment' });
  }
}

/** The variables that change how the other side is reached. */
const ENVIRONMENT = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY', 'NODE_EXTRA_CA_CERTS', 'NODE_OPTIONS'];
