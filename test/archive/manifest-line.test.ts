import { describe, expect, it } from 'vitest';
import { parseLine } from '../../src/archive/manifest-line.ts';

const HASH = '0123456789abcdef'.repeat(4);
const saved = { id: 'a', status: 'saved', file: 'a.mp3', bytes: 3, sha256: HASH };
const gone = { id: 'a', status: 'gone', error: { code: 'RECORDING_EXPIRED', message: 'It is too old.', hint: 'It is gone.' } };
const failed = { id: 'a', status: 'failed' };

describe('a line of a manifest', () => {
  it.each<[string, object]>([
    ['saved', saved],
    ['saved, and empty', { ...saved, bytes: 0 }],
    ['saved, of the largest size that a number holds', { ...saved, bytes: Number.MAX_SAFE_INTEGER }],
    ['gone, being too old', gone],
    ['gone, being invalid', { ...gone, error: { ...gone.error, code: 'RECORDING_NOT_FOUND' } }],
    ['gone, with the file of an earlier run', { ...gone, file: 'a.mp3' }],
    ['failed, as little as is needed', failed],
    ['failed, without a file', { ...failed, file: null }],
    ['failed, with the file of an earlier run', { ...failed, file: 'a.mp3' }],
    ['failed, with what another hand has added', { ...failed, note: [1], error: 'text' }],
    ["failed, with a report's columns", { ...failed, row: { Agent: 'Asha', '': '' } }],
    ['failed, with no columns', { ...failed, row: {} }],
  ])('is read that is %s', (_what, line) => {
    expect(parseLine(JSON.stringify(line))).toEqual(line);
  });

  it.each<[string, unknown]>([
    ['is no object', [saved]],
    ['is nothing', null],
    ['has no id', { ...saved, id: undefined }],
    ['has no status', { ...saved, status: undefined }],
    ['is saved without a file', { ...saved, file: null }],
    ['is saved without a size', { ...saved, bytes: null }],
    ['is saved with a size below nothing', { ...saved, bytes: -1 }],
    ['is saved with half a byte', { ...saved, bytes: 0.5 }],
    ['is saved with a size beyond all numbers', { ...saved, bytes: 2 ** 53 }],
    ['is saved with a size in letters', { ...saved, bytes: '3' }],
    ['is saved without a hash', { ...saved, sha256: null }],
    ['is saved with the parts of a hash', { ...saved, sha256: [...HASH] }],
    ['is saved with a hash that is cut', { ...saved, sha256: HASH.slice(1) }],
    ['is saved with a hash that is too long', { ...saved, sha256: `${HASH}0` }],
    ...['/', ':', '`', 'g', 'A', 'F', ' '].flatMap((odd): [string, unknown][] => [
      [`is saved with ${JSON.stringify(odd)} at the beginning of its hash`, { ...saved, sha256: odd + HASH.slice(1) }],
      [`is saved with ${JSON.stringify(odd)} at the end of its hash`, { ...saved, sha256: HASH.slice(1) + odd }],
    ]),
    ['is gone without an error', { ...gone, error: null }],
    ['is gone with an error of another kind', { ...gone, error: { ...gone.error, code: 'NETWORK' } }],
    ['is gone with an error without a code', { ...gone, error: { ...gone.error, code: undefined } }],
    ['is gone with an error without a message', { ...gone, error: { ...gone.error, message: 1 } }],
    ['is gone with an error without a hint', { ...gone, error: { ...gone.error, hint: null } }],
    ['is gone with a file that is none', { ...gone, file: 1 }],
    ['failed with a file that is none', { ...failed, file: ['a.mp3'] }],
    ['has a list for its columns', { ...failed, row: ['x'] }],
    ['has nothing for its columns', { ...failed, row: null }],
    ['has a column that is no text', { ...failed, row: { Agent: 'Asha', Duration: 1 } }],
  ])('is passed over that %s', (_what, line) => {
    expect(parseLine(JSON.stringify(line))).toBeUndefined();
  });

  it('is none where there is no text, or no JSON', () => {
    expect([undefined, '', 'saved', '{"id":"a","status":"failed"'].map((text) => parseLine(text))).toEqual(Array(4).fill(undefined));
  });
});
