import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { endsBatch, FileSystemError, fileError, hasCode } from '../../src/disk/file-error.ts';
import { RecordingError, usageError } from '../../src/errors.ts';

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: it failed, open '/secret'`), { code, syscall: 'open', errno: -1 });
}

describe('fileError', () => {
  test.each([
    ['ENOSPC', 'the disk is full', 'Free some space'],
    ['EDQUOT', 'the disk quota is used up', 'Free some space'],
    ['EFBIG', 'too large', 'another disk'],
    ['EACCES', 'permission is denied', 'permissions'],
    ['EPERM', 'not permitted', 'permissions'],
    ['EROFS', 'read-only', 'another folder'],
    ['EISDIR', 'a folder stands there', 'Move the folder'],
    ['ENOTDIR', 'a file stands where a folder belongs', 'Move the file'],
    ['ENOENT', 'does not exist', 'Check the path'],
    ['ENAMETOOLONG', 'too long', 'shorter'],
    ['ELOOP', 'symbolic link', 'another name'],
    ['EMFILE', 'too many files', '--concurrency'],
    ['ENFILE', 'too many files', '--concurrency'],
    ['EIO', 'read or write error', 'Check the disk'],
    ['EBUSY', 'another program', 'try again'],
    ['ESTALE', 'lost track', 'try again'],
    ['EXDEV', 'another disk', 'same disk'],
    ['ENOTCONN', 'ENOTCONN', 'Check the disk'],
  ])('reads %s', (code, why, hint) => {
    const cause = systemError(code);
    const error = fileError(cause, 'save recordings/a.mp3');
    expect(error).toBeInstanceOf(RecordingError);
    expect(error).toMatchObject({ code: 'FILE_SYSTEM', exitCode: 7, cause, hint: expect.stringContaining(hint) });
    expect((error as RecordingError).message).toMatch(/^Cannot save recordings\/a\.mp3: .*\.$/);
    expect((error as RecordingError).message).toContain(why);
  });

  test('reads what the system really throws', async () => {
    const thrown = await readFile('/').catch((error) => error);
    expect(fileError(thrown, 'read /')).toMatchObject({ code: 'FILE_SYSTEM', message: 'Cannot read /: a folder stands there.' });
  });

  test.each([new TypeError('fault'), Object.assign(new Error('no call'), { code: 'ERR_INVALID_ARG_TYPE' }), 'text', undefined, null])(
    'leaves %o as it is',
    (thrown) => {
      expect(fileError(thrown, 'save a')).toBe(thrown);
    },
  );

  test('leaves an error of ours as it is', () => {
    const error = usageError('No.', 'Look.');
    expect(fileError(error, 'save a')).toBe(error);
  });
});

test.skipIf(process.platform !== 'linux')('knows the errors that Node has no name for', () => {
  const unnamed = (errno: number) => Object.assign(systemError(`Unknown system error -${errno}`), { errno: -errno });
  expect(hasCode(unnamed(116), 'ESTALE')).toBe(true);
  expect(hasCode(unnamed(199), 'ESTALE')).toBe(false);
  const quota = fileError(unnamed(122), 'save a') as RecordingError;
  expect(quota.message).toBe('Cannot save a: the disk quota is used up.');
  expect(endsBatch(quota)).toBe(true);
});

test('hasCode: knows the errors of the system by any of their codes', () => {
  expect(hasCode(systemError('ENOENT'), 'ENOENT')).toBe(true);
  expect(hasCode(systemError('ENOENT'), 'EEXIST', 'ENOENT')).toBe(true);
  expect(hasCode(systemError('ENOENT'), 'EEXIST')).toBe(false);
  expect(hasCode({ code: 'ENOENT', syscall: 'open' }, 'ENOENT')).toBe(false);
  expect(hasCode(Object.assign(new Error('x'), { code: 'ENOENT' }), 'ENOENT')).toBe(false);
  expect(hasCode(undefined, 'ENOENT')).toBe(false);
});

describe('endsBatch', () => {
  const errorOf = (code: string, of?: 'one' | 'all') => fileError(systemError(code), 'save a', of) as RecordingError;

  test.each(['ENOSPC', 'EDQUOT', 'EROFS', 'EMFILE', 'ENFILE', 'ENOENT'])('is true of %s, whichever file it befell', (code) => {
    expect(endsBatch(errorOf(code))).toBe(true);
  });

  test.each(['EACCES', 'EPERM', 'EBUSY', 'ESTALE', 'EXDEV', 'EIO', 'EISDIR', 'ENOTDIR', 'EEXIST', 'ENAMETOOLONG', 'ELOOP', 'EINVAL'])(
    'is false of %s on the file of one recording, and true of it on one that all need',
    (code) => {
      expect(endsBatch(errorOf(code))).toBe(false);
      expect(endsBatch(errorOf(code, 'all'))).toBe(true);
    },
  );

  test('is true of an error that was told already, on a file that all need', () => {
    const told = new FileSystemError('Cannot use manifest.jsonl: it is a symbolic link.', { hint: 'Move it.', of: 'one' });
    expect(endsBatch(told)).toBe(false);
    const error = fileError(told, 'write manifest.jsonl', 'all') as RecordingError;
    expect(error).toMatchObject({ code: 'FILE_SYSTEM', message: told.message, hint: told.hint });
    expect(endsBatch(error)).toBe(true);
  });

  test('is true of one that nobody has said it of: the disk, for all that is known', () => {
    expect(endsBatch(new RecordingError('FILE_SYSTEM', 'The disk is full.', { hint: 'Make room.' }))).toBe(true);
  });

  test('goes by the cause of one that nobody has said it of, where that is known', () => {
    const because = (code: string) => new RecordingError('FILE_SYSTEM', 'No.', { hint: 'Look.', cause: systemError(code) });
    expect([endsBatch(because('EFBIG')), endsBatch(because('ENOSPC'))]).toEqual([false, true]);
  });

  test('is false of errors that are not of the disk', () => {
    expect(endsBatch(usageError('No.', 'Look.'))).toBe(false);
  });
});
