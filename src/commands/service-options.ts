import type { Region } from '../credentials/settings.ts';
import type { Method } from '../recordings/client.ts';

/** The flags that the commands share which talk to the service. */
export interface ServiceOptions {
  profile?: string;
  sid?: string;
  baseUrl?: string;
  region?: Region;
  method: Method;
  /** For each request to answer. */
  timeoutMs: number;
  /** Without a byte for so long, a connection to the store is given up. */
  stallTimeoutMs: number;
  retries: number;
}

/** The flags that say how a command tells what happens. */
export interface OutputOptions {
  json: boolean;
  quiet: boolean;
  verbose: boolean;
  /** Where the log goes as JSON (`--log-file`). */
  logFile?: string;
  /** False with `--no-color`. */
  color: boolean;
}
