import { REGIONS, type Region } from '../credentials/settings.ts';
import type { Method } from '../recordings/client.ts';
import { choice, type Flag, flag, OUTPUT, seconds, switchOff, text, unoffered, value, wholeFrom } from './flags.ts';

/** Which account is meant. There is no flag for the key: every user of the machine can read a command line. */
export const ACCOUNT = {
  'Account:': {
    profile: text('--profile <name>', 'use a stored profile (KALEYRA_PROFILE)'),
    sid: text('--sid <sid>', 'account SID (KALEYRA_SID)'),
    baseUrl: text('--base-url <url>', 'service URL without the SID (KALEYRA_BASE_URL)'),
    region: choice('--region <region>', 'use the address of this region', Object.keys(REGIONS) as Region[]),
  },
};

const METHOD: Flag<Method> = {
  ...choice('--method <method>', 'POST or GET; falls back to GET', ['post', 'get'], 'post'),
  take: (given) => (given === 'get' ? 'GET' : 'POST'),
};
const TIMEOUT = value('--timeout <seconds>', 'wait this long for each answer', seconds, '30');
const RETRIES = value('--retries <n>', 'retry a failed request this often', wholeFrom(0), '5');

const STALL = value('--stall-timeout <seconds>', 'resume a download that stalls', seconds, '30');

/** For one question to the service. */
export const QUESTION = {
  ...ACCOUNT,
  'Requests:': { method: METHOD, timeoutMs: TIMEOUT, stallTimeoutMs: unoffered(STALL), retries: unoffered(RETRIES) },
};

/** For questions that are asked again. */
export const QUESTIONS = {
  ...ACCOUNT,
  'Requests:': { method: METHOD, timeoutMs: TIMEOUT, stallTimeoutMs: unoffered(STALL), retries: RETRIES },
};

/** For questions, and the transfers that follow. */
export const TRANSFERS = {
  ...ACCOUNT,
  'Requests:': { method: METHOD, timeoutMs: TIMEOUT, stallTimeoutMs: STALL, retries: RETRIES },
};

const JSON_LINES = flag('--json', 'print results as JSON, one object per line');

/** For a command that shows no progress. */
export const RESULTS = { [OUTPUT]: { json: JSON_LINES } };

const PROGRESS = {
  json: JSON_LINES,
  quiet: flag('-q, --quiet', 'show no progress and no summary'),
  color: switchOff('--no-color', 'use no colors (NO_COLOR)'),
};

/** For a command that shows progress. */
export const REPORTED = { [OUTPUT]: PROGRESS };

/** For one that keeps a log of its requests as well. */
export const LOGGED = {
  [OUTPUT]: {
    ...PROGRESS,
    verbose: flag('-v, --verbose', 'log every request to stderr, secrets masked'),
    logFile: text('--log-file <path>', 'append the same log to a file, as JSON lines'),
  },
};

/** How long links stay valid. */
export const VALIDITY = value('--validity <minutes>', 'how long each link stays valid (5 if left out)', wholeFrom(1));
