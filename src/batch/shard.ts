import { createHash } from 'node:crypto';
import { type RecordingError, usageError } from '../errors.ts';

/** One machine's share of a list: the `index`-th of `count`, counted from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** More shares than any array of jobs has. Far below 2^48, so that the shares stay even (see {@link shardOf}). */
const MOST_SHARDS = 1_000_000;

/**
 * Which share an id falls to, from 1 to `count`: the first 48 bits of the SHA-256 of its UTF-8 bytes, modulo `count`, plus 1. It depends
 * on nothing but these two, so every machine comes to the same answer whatever the order of its list. This must never change: machines
 * of one run can have different releases, and a run that is started again must get the ids it had.
 */
export function shardOf(id: string, count: number): number {
  return (createHash('sha256').update(id, 'utf8').digest().readUIntBE(0, 6) % count) + 1;
}

/** Whether an id belongs to the share. Each id belongs to exactly one of the `count` shares. */
export function inShard(id: string, shard: Shard): boolean {
  return shard.count === 1 || shardOf(id, shard.count) === shard.index;
}

/**
 * Reads what `--shard` was given: `k/n`, k from 1 to n, or `auto`, which asks the scheduler's environment:
 *
 * - AWS Batch array jobs: `AWS_BATCH_JOB_ARRAY_INDEX` (from 0) and `AWS_BATCH_JOB_ARRAY_SIZE`.
 * - Slurm job arrays: `SLURM_ARRAY_TASK_ID`, placed by `SLURM_ARRAY_TASK_MIN`, `_MAX`, `_STEP` and `_COUNT`. The array must be a range
 *   (`--array=0-7`, `1-15:2`): in a list of picked numbers (`--array=1,3,7`) no task can tell which of them it is. One task submitted
 *   again by itself (`--array=3`) is an array of one, and takes the whole list.
 * - Kubernetes Indexed Jobs: `JOB_COMPLETION_INDEX` (from 0), which Kubernetes sets, and `JOB_COMPLETIONS`, which the manifest sets to the
 *   Job's `spec.completions`: Kubernetes tells its pods the one and not the other (kubernetes/kubernetes#106009).
 *
 * Throws USAGE for anything else, for `auto` outside of an array, and where the environment speaks of two schedulers.
 */
export function parseShard(text: string, env: Readonly<Record<string, string | undefined>>): Shard {
  if (text === 'auto') return shardFromEnvironment(env);
  const [, index, count] = /^(\d{1,9})\/(\d{1,9})$/u.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (index === undefined || !isShard(shard)) {
    throw usageError(
      `--shard ${JSON.stringify(text)} is not a share of a list.`,
      `Give it as k/n with k from 1 to n (at most ${MOST_SHARDS}), as in --shard 1/4, or --shard auto.`,
    );
  }
  return shard;
}

type Environment = Readonly<Record<string, string | undefined>>;

interface Scheduler {
  name: string;
  /** The variable that is there in each task of an array, and only there. */
  marker: string;
  read(env: Environment): Shard;
}

const SCHEDULERS: readonly Scheduler[] = [
  { name: 'a Kubernetes Indexed Job', marker: 'JOB_COMPLETION_INDEX', read: readKubernetes },
  { name: 'an AWS Batch array', marker: 'AWS_BATCH_JOB_ARRAY_INDEX', read: readAwsBatch },
  { name: 'a Slurm array', marker: 'SLURM_ARRAY_TASK_ID', read: readSlurm },
];

function shardFromEnvironment(env: Environment): Shard {
  const [scheduler, another] = SCHEDULERS.filter(({ marker }) => (env[marker] ?? '') !== '');
  if (scheduler === undefined) {
    throw autoError(
      `found no job array: none of ${SCHEDULERS.map(({ marker }) => marker).join(', ')} is set`,
      'Run it in a job array, or give the share yourself, as in --shard 1/4.',
    );
  }
  if (another !== undefined) {
    throw autoError(
      `found two job arrays: ${scheduler.marker} and ${another.marker} are both set`,
      'Unset the one that does not apply, or give the share yourself, as in --shard 1/4.',
    );
  }
  const shard = scheduler.read(env);
  if (!isShard(shard)) {
    throw autoError(
      `cannot place this job in ${scheduler.name}: it would be share ${shard.index} of ${shard.count}`,
      'Check that its variables belong to one array, or give the share yourself, as in --shard 1/4.',
    );
  }
  return shard;
}

function readKubernetes(env: Environment): Shard {
  if ((env.JOB_COMPLETIONS ?? '') === '') {
    throw autoError(
      'cannot tell how many pods there are: JOB_COMPLETIONS is not set, and Kubernetes does not set it by itself',
      "Set JOB_COMPLETIONS in the container's env to the Job's spec.completions.",
    );
  }
  return { index: readNumber(env, 'JOB_COMPLETION_INDEX') + 1, count: readNumber(env, 'JOB_COMPLETIONS') };
}

function readAwsBatch(env: Environment): Shard {
  return { index: readNumber(env, 'AWS_BATCH_JOB_ARRAY_INDEX') + 1, count: readNumber(env, 'AWS_BATCH_JOB_ARRAY_SIZE') };
}

function readSlurm(env: Environment): Shard {
  const first = readNumber(env, 'SLURM_ARRAY_TASK_MIN');
  const last = readNumber(env, 'SLURM_ARRAY_TASK_MAX');
  const step = readNumber(env, 'SLURM_ARRAY_TASK_STEP', 1);
  const count = (last - first) / step + 1;
  const index = (readNumber(env, 'SLURM_ARRAY_TASK_ID') - first) / step + 1;
  if (readNumber(env, 'SLURM_ARRAY_TASK_COUNT', count) !== count) {
    throw autoError(
      'cannot place this task: the Slurm array is not a range with even steps',
      'Submit it as a range, as in --array=0-7, or give the share yourself, as in --shard 1/4.',
    );
  }
  return { index, count };
}

function readNumber(env: Environment, name: string, absent?: number): number {
  const value = env[name] ?? '';
  if (value === '' && absent !== undefined) return absent;
  if (/^\d{1,9}$/u.test(value)) return Number(value);
  throw autoError(
    value === '' ? `needs ${name}, which is not set` : `cannot read ${name}: ${JSON.stringify(value)} is not a whole number`,
    'Check what the scheduler sets, or give the share yourself, as in --shard 1/4.',
  );
}

function isShard({ index, count }: Shard): boolean {
  return Number.isInteger(index) && Number.isInteger(count) && index >= 1 && index <= count && count <= MOST_SHARDS;
}

function autoError(problem: string, hint: string): RecordingError {
  return usageError(`--shard auto ${problem}.`, hint);
}
