import { describe, expect, test } from 'vitest';
import {
  asRecordingError,
  type ErrorCode,
  EXIT_CODES,
  EXIT_DONE,
  EXIT_INCOMPLETE,
  EXIT_TERMINATED,
  interruptedError,
  isGone,
  RecordingError,
  usageError,
} from '../src/errors.ts';

describe('the exit codes', () => {
  test('are those of the contract', () => {
    expect(EXIT_CODES).toEqual({
      UNEXPECTED: 1,
      USAGE: 2,
      CREDENTIALS_MISSING: 3,
      CREDENTIALS_REJECTED: 3,
      RECORDING_NOT_FOUND: 4,
      RECORDING_EXPIRED: 5,
      NETWORK: 6,
      TIMEOUT: 6,
      RATE_LIMITED: 6,
      SERVICE_UNAVAILABLE: 6,
      UNEXPECTED_RESPONSE: 6,
      FILE_EXISTS: 7,
      FILE_SYSTEM: 7,
      BUCKET: 7,
      CONTENT_MISMATCH: 8,
      LOCKED: 10,
      INTERRUPTED: 130,
    });
    expect([EXIT_DONE, EXIT_INCOMPLETE, EXIT_TERMINATED]).toEqual([0, 9, 143]);
  });
});

describe('RecordingError', () => {
  const later: ErrorCode[] = [
    'NETWORK',
    'TIMEOUT',
    'RATE_LIMITED',
    'SERVICE_UNAVAILABLE',
    'UNEXPECTED_RESPONSE',
    'CONTENT_MISMATCH',
    'LOCKED',
    'INTERRUPTED',
  ];

  test.each(Object.keys(EXIT_CODES) as ErrorCode[])('%s has its exit code, and says whether a later run can succeed', (code) => {
    const error = new RecordingError(code, 'It failed.', { hint: 'Look.' });
    expect(error.exitCode).toBe(EXIT_CODES[code]);
    expect(error.retryable).toBe(later.includes(code));
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe('RecordingError');
  });

  test('says otherwise where it knows better', () => {
    const error = new RecordingError('NETWORK', 'It failed.', { hint: 'Look.', retryable: false, exitCode: 77, retryAfterMs: 5 });
    expect(error).toMatchObject({ retryable: false, exitCode: 77, retryAfterMs: 5 });
    expect(new RecordingError('USAGE', 'No.', { hint: 'Look.', retryable: true }).retryable).toBe(true);
  });

  test('shows code, message, hint and retryable as JSON, and never its cause', () => {
    const error = new RecordingError('NETWORK', 'It failed.', { hint: 'Look.', cause: new Error('secret'), retryAfterMs: 5 });
    expect(JSON.parse(JSON.stringify(error))).toEqual({ code: 'NETWORK', message: 'It failed.', hint: 'Look.', retryable: true });
    expect(error.cause).toEqual(new Error('secret'));
    expect(new RecordingError('NETWORK', 'It failed.', { hint: 'Look.' })).not.toHaveProperty('cause');
  });
});

test('usageError ends with 2', () => {
  expect(usageError('No.', 'Look.')).toMatchObject({ code: 'USAGE', exitCode: 2, message: 'No.', hint: 'Look.', retryable: false });
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('interruptedError: %s ends with %i', (signal, exitCode) => {
  expect(interruptedError(signal)).toMatchObject({
    code: 'INTERRUPTED',
    exitCode,
    retryable: true,
    message: expect.stringContaining(signal),
  });
});

test('isGone: only what the service calls invalid or expired', () => {
  const gone = (Object.keys(EXIT_CODES) as ErrorCode[]).filter(isGone);
  expect(gone).toEqual(['RECORDING_NOT_FOUND', 'RECORDING_EXPIRED']);
});

describe('asRecordingError', () => {
  test('hands back what is one', () => {
    const error = usageError('No.', 'Look.');
    expect(asRecordingError(error)).toBe(error);
  });

  test.each([
    [new TypeError('x is not a function\n    at secret.ts:1'), 'x is not a function'],
    ['text', 'text'],
    [undefined, 'undefined'],
    [null, 'null'],
    [{ code: 'NETWORK' }, '[object Object]'],
  ])('calls %o a fault of this tool, in one line', (thrown, shown) => {
    const error = asRecordingError(thrown);
    expect(error).toMatchObject({ code: 'UNEXPECTED', exitCode: 1, retryable: false });
    expect(error.message).toBe(`Unexpected error in kaleyra-rec: ${shown}`);
    expect(error.cause).toBe(thrown);
  });
});
