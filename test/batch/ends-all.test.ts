import { describe, expect, test } from 'vitest';
import { endsAll } from '../../src/batch/ends-all.ts';
import { FileSystemError } from '../../src/disk/file-error.ts';
import { type ErrorCode, EXIT_CODES, RecordingError } from '../../src/errors.ts';

const ENDING: readonly ErrorCode[] = ['BUCKET', 'CREDENTIALS_REJECTED', 'CREDENTIALS_MISSING', 'USAGE', 'INTERRUPTED'];
const others = (Object.keys(EXIT_CODES) as ErrorCode[]).filter((code) => !ENDING.includes(code) && code !== 'FILE_SYSTEM');

describe('a batch', () => {
  test.each(ENDING)('ends with %s, which is every recording’s', (code) => {
    expect(endsAll(new RecordingError(code, 'Said so.', { hint: '' }))).toBe(true);
  });

  test.each(others)('goes on after %s, which is one recording’s', (code) => {
    expect(endsAll(new RecordingError(code, 'Said so.', { hint: '' }))).toBe(false);
  });

  test('ends with what the disk says to all, and goes on after what it says to one', () => {
    expect(endsAll(new FileSystemError('Full.', { hint: '', of: 'all' }))).toBe(true);
    expect(endsAll(new FileSystemError('Taken.', { hint: '', of: 'one' }))).toBe(false);
  });
});
