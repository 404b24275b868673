import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inShard, parseShard, shardOf } from '../../src/batch/shard.ts';

const usage = (message: RegExp, hint = /--shard/) =>
  expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(message), hint: expect.stringMatching(hint) });

describe('a share of a list', () => {
  it('is given as k/n', () => {
    expect(parseShard('1/4', {})).toEqual({ index: 1, count: 4 });
    expect(parseShard('1/1', {})).toEqual({ index: 1, count: 1 });
    expect(parseShard('1000000/1000000', {})).toEqual({ index: 1_000_000, count: 1_000_000 });
  });

  it.each([
    '',
    '0/4',
    '5/4',
    '1/0',
    '1',
    '1/',
    '/4',
    '-1/4',
    '1.5/4',
    '1/4/2',
    ' 1/4',
    '1/4\n',
    'k/n',
    'AUTO',
    '1/1000001',
    '1/99999999999999999999',
    '٣/٤',
  ])('is not %j', (text) => {
    expect(() => parseShard(text, { JOB_COMPLETION_INDEX: '0' })).toThrow(usage(/is not a share of a list/, /k from 1 to n/));
  });

  it('never changes for an id: it is the first 48 bits of its SHA-256 modulo n, plus 1', () => {
    // printf %s "$id" | sha256sum | cut -c1-12, then modulo in a shell.
    expect(shardOf('', 1000)).toBe((0xe3b0c44298fc % 1000) + 1);
    expect(shardOf('abc', 1000)).toBe((0xba7816bf8f01 % 1000) + 1);
    expect(shardOf('é', 7)).toBe((0x4a99557e4033 % 7) + 1);
  });

  it('holds every id exactly once over all shares, whatever the id and the number of shares', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 64 }), (id, count) => {
        const owners = Array.from({ length: count }, (_, k) => ({ index: k + 1, count })).filter((shard) => inShard(id, shard));
        expect(owners).toEqual([{ index: shardOf(id, count), count }]);
      }),
    );
  });

  it('is even', () => {
    const counts = new Array<number>(8).fill(0);
    for (let index = 0; index < 16_000; index++) {
      const shard = shardOf(`${index}==`, 8);
      counts[shard - 1] = (counts[shard - 1] ?? 0) + 1;
    }
    // 2,000 each; a fair draw strays by more than 10 % in one share about once in a hundred thousand, and this one never changes.
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });
});

describe('--shard auto', () => {
  const slurm = (id: string, min: string, max: string, step?: string, count?: string) => ({
    SLURM_ARRAY_TASK_ID: id,
    SLURM_ARRAY_TASK_MIN: min,
    SLURM_ARRAY_TASK_MAX: max,
    SLURM_ARRAY_TASK_STEP: step,
    SLURM_ARRAY_TASK_COUNT: count,
  });

  it.each([
    ['a Kubernetes Indexed Job', { JOB_COMPLETION_INDEX: '0', JOB_COMPLETIONS: '5' }, { index: 1, count: 5 }],
    ['an AWS Batch array', { AWS_BATCH_JOB_ARRAY_INDEX: '9', AWS_BATCH_JOB_ARRAY_SIZE: '10' }, { index: 10, count: 10 }],
    ['a Slurm array from 0', slurm('3', '0', '7', '1', '8'), { index: 4, count: 8 }],
    ['a Slurm array from 1 in steps', slurm('5', '1', '7', '2', '4'), { index: 3, count: 4 }],
    ['a Slurm array whose end the step does not meet', slurm('3', '1', '5', '2', '3'), { index: 2, count: 3 }],
    ['a Slurm that tells neither step nor count', slurm('2', '0', '2'), { index: 3, count: 3 }],
    ['a Slurm array of one', slurm('3', '3', '3', '1', '1'), { index: 1, count: 1 }],
    ['one array beside the empty variable of another', { ...slurm('0', '0', '1'), JOB_COMPLETION_INDEX: '' }, { index: 1, count: 2 }],
  ])('takes both numbers from %s', (_, env, shard) => {
    expect(parseShard('auto', env)).toEqual(shard);
  });

  it.each([
    ['nothing is set', {}, /found no job array.*JOB_COMPLETION_INDEX/, /--shard 1\/4/],
    [
      'a pod does not know how many there are',
      { JOB_COMPLETION_INDEX: '0' },
      /cannot tell how many pods there are/,
      /JOB_COMPLETIONS .*spec\.completions/,
    ],
    ['the index is beyond the count', { JOB_COMPLETION_INDEX: '5', JOB_COMPLETIONS: '5' }, /share 6 of 5/, /--shard/],
    ['a number is none', { AWS_BATCH_JOB_ARRAY_INDEX: 'x', AWS_BATCH_JOB_ARRAY_SIZE: '2' }, /AWS_BATCH_JOB_ARRAY_INDEX: "x"/, /--shard/],
    ['a number is negative', { AWS_BATCH_JOB_ARRAY_INDEX: '-1', AWS_BATCH_JOB_ARRAY_SIZE: '2' }, /"-1"/, /--shard/],
    ['a number is missing', { AWS_BATCH_JOB_ARRAY_INDEX: '1' }, /needs AWS_BATCH_JOB_ARRAY_SIZE, which is not set/, /--shard/],
    ['a Slurm array was picked by hand', slurm('3', '1', '7', '1', '3'), /not a range/, /--array=0-7/],
    ['a Slurm task lies between the steps', slurm('2', '1', '7', '2', '4'), /share 1\.5 of 4/, /--shard/],
    ['a Slurm step is nought', slurm('0', '0', '0', '0'), /not a range/, /--shard/],
    [
      'two schedulers speak',
      { ...slurm('0', '0', '1'), JOB_COMPLETION_INDEX: '0' },
      /JOB_COMPLETION_INDEX and SLURM_ARRAY_TASK_ID/,
      /Unset/,
    ],
  ])('is refused when %s', (_, env, message, hint) => {
    expect(() => parseShard('auto', env)).toThrow(usage(message, hint));
  });
});
