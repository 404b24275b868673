import { describe, expect } from 'vitest';
import { SPECIAL_IDS } from '../../src/sandbox/sandbox.ts';
import { it } from '../helpers/tool-test.ts';

/** A special id, and what becomes of it when it is downloaded. */
interface Fate {
  id: string;
  /** How impatient the run is: the waits that the flags bound are the same, however long they are. */
  flags?: readonly string[];
  exitCode: number;
  /** The error's code; undefined where the recording is saved. */
  code?: string;
  /** Which of its versions is saved. */
  version?: number;
  attempts?: number;
  /** Whether what has come is kept for a later run. */
  keepsPart?: boolean;
  /** What else `--json` says of it. */
  more?: Record<string, unknown>;
}

const saved = (id: string, more: Partial<Fate> = {}): Fate => ({ id, exitCode: 0, ...more });
const fails = (id: string, exitCode: number, code: string, flags: readonly string[] = []): Fate => ({ id, exitCode, code, flags });

const FATES: readonly Fate[] = [
  // Those that wait come first, so that the others run beside them.
  fails('sandbox-endless', 6, 'UNEXPECTED_RESPONSE'),
  saved('sandbox-slow', { attempts: 1 }),
  saved('sandbox-rate-limited', { attempts: 3 }),
  saved('sandbox-mp3', { attempts: 1 }),
  saved('sandbox-wav', { attempts: 1 }),
  saved('sandbox-untyped', { attempts: 1 }),
  saved('sandbox-encrypted', { attempts: 1 }),
  saved('sandbox-big', { attempts: 1 }),
  saved('sandbox-other-region', { attempts: 1 }),
  fails('sandbox-invalid', 4, 'RECORDING_NOT_FOUND'),
  fails('sandbox-expired', 5, 'RECORDING_EXPIRED'),
  fails('sandbox-failure-200', 4, 'RECORDING_NOT_FOUND'),
  fails('sandbox-denied', 3, 'CREDENTIALS_REJECTED'),
  fails('sandbox-forbidden', 3, 'CREDENTIALS_REJECTED'),
  fails('sandbox-down', 6, 'SERVICE_UNAVAILABLE', ['--retries', '1']),
  saved('sandbox-flaky', { attempts: 2 }),
  saved('sandbox-throttled', { attempts: 2 }),
  saved('sandbox-gateway', { attempts: 2 }),
  fails('sandbox-html', 6, 'UNEXPECTED_RESPONSE'),
  fails('sandbox-no-link', 6, 'UNEXPECTED_RESPONSE'),
  fails('sandbox-silent', 6, 'TIMEOUT', ['--timeout', '0.2', '--retries', '1']),
  saved('sandbox-get-only', { attempts: 1 }),
  saved('sandbox-rbc618', { attempts: 1 }),
  fails('sandbox-no-route', 6, 'UNEXPECTED_RESPONSE'),
  saved('sandbox-gzip', { attempts: 1 }),
  saved('sandbox-link-early', { attempts: 2 }),
  saved('sandbox-link-expired', { attempts: 2 }),
  saved('sandbox-truncated', { attempts: 2 }),
  saved('sandbox-reset', { attempts: 2 }),
  saved('sandbox-stalled', { attempts: 2, flags: ['--stall-timeout', '2'] }),
  saved('sandbox-no-resume', { attempts: 2 }),
  saved('sandbox-changed', { attempts: 2, version: 2 }),
  saved('sandbox-busy', { attempts: 2 }),
  fails('sandbox-trickle', 6, 'TIMEOUT', ['--stall-timeout', '1.5', '--retries', '0']),
  { ...fails('sandbox-crumbs', 6, 'NETWORK', ['--retries', '1']), keepsPart: true },
  fails('sandbox-huge', 8, 'CONTENT_MISMATCH'),
  saved('sandbox-wrong-md5', { attempts: 2, more: { unconfirmed: 'etag' } }),
  saved('sandbox-short-wav', { attempts: 1, more: { incomplete: { announced: 100_000, bytes: 50_000 } } }),
  fails('sandbox-access-denied', 8, 'CONTENT_MISMATCH'),
  fails('sandbox-empty', 8, 'CONTENT_MISMATCH'),
  fails('sandbox-store-html', 8, 'CONTENT_MISMATCH'),
  fails('sandbox-redirect-loop', 6, 'UNEXPECTED_RESPONSE'),
  saved('sandbox-size-12345', { attempts: 1 }),
];

describe.concurrent('download of a special id', () => {
  it.for(FATES.filter(({ code }) => code === undefined))(
    'saves $id whole',
    async ({ id, flags = [], version, attempts, more }, { tool, sandbox }) => {
      const run = await tool.run(['download', id, '-o', 'call', '--json', ...flags]);
      expect(run.json()).toEqual([expect.objectContaining({ id, status: 'saved', file: 'call', attempts, ...more })]);
      expect(run.exitCode).toBe(0);
      expect(tool.files()).toEqual(['call']);
      expect((await tool.read('call')).equals(sandbox.bytes(id, version))).toBe(true);
    },
  );

  it.for(FATES.filter(({ code }) => code !== undefined))(
    'ends for $id with $exitCode ($code) and leaves nothing that could be taken for it',
    async ({ id, flags = [], exitCode, code, keepsPart = false }, { tool, sandbox: _ }) => {
      const run = await tool.run(['download', id, '-o', 'calls/', '--json', ...flags]);
      const status = code?.startsWith('RECORDING_') ? 'gone' : 'failed';
      expect(run.json()).toEqual([{ id, status, error: expect.objectContaining({ code, message: expect.any(String) }) }]);
      expect(run.exitCode).toBe(exitCode);
      expect(run.errLines.slice(-2)).toEqual([expect.stringMatching(/^error: /), expect.stringMatching(/^hint: /)]);
      expect(tool.files()).toHaveLength(keepsPart ? 2 : 0);
    },
  );
});

it('knows what becomes of every special id that the sandbox documents', () => {
  const known = FATES.map(({ id }) => id.replace(/^sandbox-size-\d+$/, 'sandbox-size-<n>'));
  expect(known.sort()).toEqual(SPECIAL_IDS.map(({ id }) => id).sort());
});
