import { describe, expect, it } from 'vitest';
import type { ArchiveOptions } from '../../src/archive/archive.ts';
import { knownWithoutFile, LineMaker, recordingOf } from '../../src/archive/line-maker.ts';
import type { ManifestLine } from '../../src/archive/manifest-line.ts';
import { Verdicts } from '../../src/archive/verdicts.ts';
import { type ErrorCode, RecordingError } from '../../src/errors.ts';
import type { ListRow } from '../../src/list/list-row.ts';

const AT = '2026-11-20T10:00:00.000Z';
const HEADERS = ['Recording ID', 'Caller'];
const report: ArchiveOptions = { header: 'Recording ID;Caller', naming: { headers: HEADERS } };
const idRow: ListRow = { id: 'a', line: 1, raw: ' a' };
const reportRow: ListRow = { id: 'a', line: 2, raw: 'a;Ann', columns: ['a', 'Ann'] };
const told = { id: 'a', bytes: 3, sha256: 'a'.repeat(64), contentType: 'audio/mpeg', etag: '"e"', attempts: 2 };
const errorOf = (code: ErrorCode, retryable?: boolean) =>
  new RecordingError(code, 'It went wrong.', { hint: 'Try again.', ...(retryable !== undefined && { retryable }) });

const makerOf = (options: ArchiveOptions = {}, before?: Partial<ManifestLine>) =>
  new LineMaker({ now: () => Date.parse(AT) }, options, (id) => (id === 'a' ? (before as ManifestLine) : undefined));

describe('the line of a saved recording', () => {
  it('says what it is and where and when it was saved, and nothing of what it is not', () => {
    expect(makerOf().saved(idRow, told, 'x/a.mp3')).toEqual({ ...told, status: 'saved', file: 'x/a.mp3', at: AT, error: null });
  });

  it('says which account was asked, what the recording lacks, and what its report told', () => {
    const marks = { incomplete: { announced: 9, bytes: 3 }, unconfirmed: 'etag' };
    expect(makerOf({ ...report, account: 'one' }).saved(reportRow, { ...told, ...marks }, 'a.mp3')).toEqual({
      ...{ ...told, ...marks, status: 'saved', file: 'a.mp3', at: AT, error: null, account: 'one' },
      row: { 'Recording ID': 'a', Caller: 'Ann' },
    });
  });

  it.each<[string, ArchiveOptions, ListRow, Partial<ManifestLine> | undefined, object | undefined]>([
    ['of its report, over what an earlier one told', report, reportRow, { row: { Agent: 'x' } }, { 'Recording ID': 'a', Caller: 'Ann' }],
    [
      'of its report, empty where the row is short',
      report,
      { ...reportRow, columns: ['a'] },
      undefined,
      { 'Recording ID': 'a', Caller: '' },
    ],
    ['of an earlier report, where a list of ids tells nothing', {}, idRow, { row: { Agent: 'x' } }, { Agent: 'x' }],
    ['of an earlier report, where the row has none', report, idRow, { row: { Agent: 'x' } }, { Agent: 'x' }],
    ['of no report, where none ever told any', {}, idRow, {}, undefined],
  ])('has the columns %s', (_what, options, row, before, expected) => {
    expect(makerOf(options, before).saved(row, told, 'a.mp3').row).toEqual(expected);
  });

  it('is written once more with a file, a time and columns of its own', () => {
    const line = { ...makerOf().saved(idRow, told, 'a.mp3'), at: 'before', account: 'one' };
    expect(makerOf({ ...report, account: 'two' }).again(reportRow, line, 'b.mp3')).toEqual({
      ...{ ...line, file: 'b.mp3', at: AT, account: 'one' },
      row: { 'Recording ID': 'a', Caller: 'Ann' },
    });
  });
});

describe('the line of a recording that was not had', () => {
  it.each<[ErrorCode, boolean | undefined, 'gone' | 'failed']>([
    ['RECORDING_EXPIRED', undefined, 'gone'],
    ['RECORDING_NOT_FOUND', undefined, 'gone'],
    ['RECORDING_NOT_FOUND', true, 'failed'],
    ['NETWORK', undefined, 'failed'],
    ['FILE_SYSTEM', undefined, 'failed'],
  ])('calls it gone only where that is final: %s, worth another try: %s', (code, retryable, status) => {
    expect(makerOf().refused(idRow, errorOf(code, retryable), 3)).toEqual({
      ...{ id: 'a', status, file: null, bytes: null, sha256: null, contentType: null, etag: null, attempts: 3, at: AT },
      error: errorOf(code, retryable).toJSON(),
      ...(status === 'failed' && { raw: ' a' }),
    });
  });

  it('keeps the row and its header for the list of failed rows, and not of what is gone', () => {
    const maker = makerOf({ ...report, account: 'one' });
    const columns = { 'Recording ID': 'a', Caller: 'Ann' };
    expect(maker.refused(reportRow, errorOf('TIMEOUT'), 1)).toMatchObject({
      ...{ account: 'one', row: columns, raw: 'a;Ann', header: 'Recording ID;Caller' },
    });
    const gone = maker.refused(reportRow, errorOf('RECORDING_EXPIRED'), 1);
    expect(gone).toMatchObject({ account: 'one', row: columns });
    expect(Object.keys(gone)).not.toEqual(expect.arrayContaining(['raw']));
    expect(Object.keys(gone)).not.toEqual(expect.arrayContaining(['header']));
  });
});

describe('what a line says of a recording', () => {
  it('is all that was told of it', () => {
    const marks = { incomplete: { announced: 9, bytes: 3 }, unconfirmed: 'etag' };
    for (const more of [{}, marks]) {
      const line = makerOf().saved(idRow, { ...told, ...more }, 'a.mp3');
      expect(recordingOf(line, 'calls/a.mp3')).toEqual({ ...told, ...more, file: 'calls/a.mp3', durationMs: 0 });
    }
  });

  it('is as little as another hand has left', () => {
    expect(recordingOf({ id: 'a', status: 'saved', file: 'a.mp3' } as ManifestLine, 'calls/a.mp3')).toEqual({
      ...{ id: 'a', file: 'calls/a.mp3', bytes: 0, sha256: '', contentType: null, etag: null, attempts: 1, durationMs: 0 },
    });
  });

  it('is whether it is worth asking for, where its file is not there', () => {
    const verdicts = new Verdicts('one');
    const maker = makerOf({ account: 'one' });
    const invalid = errorOf('RECORDING_NOT_FOUND', false);
    const gone = maker.refused(idRow, invalid, 1);
    verdicts.add(gone);
    const known = (line: ManifestLine) => knownWithoutFile(line, verdicts);
    const since = { invalidSince: Date.parse(AT) };
    expect(known(gone)).toEqual({ status: 'gone', error: invalid.toJSON(), ...since });
    expect(known({ ...gone, error: null })).toEqual({ status: 'wanted', ...since });
    expect(known({ ...gone, account: 'two' })).toEqual({ status: 'wanted', ...since });
    expect(known(maker.refused(idRow, errorOf('NETWORK'), 1))).toEqual({ status: 'failed', ...since });
    expect(known(maker.saved(idRow, told, 'a.mp3'))).toEqual({ status: 'wanted', ...since });
    expect(known({ ...gone, id: 'b' })).toEqual({ status: 'gone', error: invalid.toJSON() });
  });
});
