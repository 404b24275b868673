import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect } from 'vitest';
import { EVENTUALLY_MS } from '../helpers/eventually.ts';
import { linesOf } from '../helpers/run-tool.ts';
import { fillInShares, type JobArray, TASKS } from '../helpers/shares.ts';
import { it, type Tool } from '../helpers/tool-test.ts';

/** Far longer than all tasks take, on one slow core too. */
const ALL_ENDED_MS = 10 * EVENTUALLY_MS;

const run = promisify(execFile);

/** What Slurm's controller says of a task: `JobState`, `ExitCode` and the like by their names. */
type Job = Readonly<Record<string, string>>;

/** An array of Slurm's. */
interface SlurmArray extends JobArray {
  task(task: number): Promise<Job>;
  /** What `SLURM_RESTART_COUNT` was for each of a task's processes, in their order; Slurm sets it where it begins a task again. */
  restarts(task: number): Promise<string[]>;
}

function slurmArray(tool: Tool): SlurmArray {
  let array = '';
  const slurm = async (program: string, ...args: string[]) => {
    const env = { ...tool.env, SLURM_CONF: process.env.SLURM_CONF };
    return (await run(program, args, { cwd: tool.folder, env })).stdout.trim();
  };
  const task = async (number: number): Promise<Job> => {
    const told = await slurm('scontrol', 'show', 'job', `${array}_${number}`, '--oneliner');
    return Object.fromEntries(told.split(' ').map((word) => [word.split('=', 1)[0], word.slice(word.indexOf('=') + 1)]));
  };
  /** The processes of a task as they said themselves when they began: each one's id, and `SLURM_RESTART_COUNT`. */
  const processes = async (number: number) => {
    const lines = linesOf(await readFile(tool.path(`processes-${number}`), 'utf8'));
    return lines.map((line) => line.split(' ') as [string, string]);
  };
  const until = (number: number, state: string) =>
    expect.poll(async () => (await task(number)).JobState, { timeout: ALL_ENDED_MS, interval: 200 }).toBe(state);
  return {
    task,
    restarts: async (number) => (await processes(number)).map(([, restarts]) => restarts),
    async begin(args) {
      await tool.write(
        'job.sh',
        [
          '#!/bin/sh',
          `#SBATCH --array=0-${TASKS - 1}`,
          '#SBATCH --requeue',
          '#SBATCH --open-mode=truncate',
          '#SBATCH --output=%a.out',
          '#SBATCH --error=%a.err',
          'echo "$$ $SLURM_RESTART_COUNT" >>"processes-$SLURM_ARRAY_TASK_ID"',
          `exec kaleyra-rec ${args.join(' ')}`,
          '',
        ].join('\n'),
      );
      array = await slurm('sbatch', '--parsable', 'job.sh');
    },
    async kill(number) {
      const [pid] = (await processes(number)).at(-1) ?? [];
      process.kill(Number(pid), 'SIGKILL');
      await until(number, 'FAILED');
      expect((await task(number)).ExitCode).toBe('0:9');
    },
    async beginAgain(number) {
      await slurm('scontrol', 'requeue', `${array}_${number}`);
      // Slurm lets two minutes pass first, in which a node could be mended.
      await slurm('scontrol', 'update', `JobId=${array}_${number}`, 'StartTime=now');
    },
    async ended() {
      return Promise.all(
        Array.from({ length: TASKS }, async (_, number) => {
          await until(number, 'COMPLETED');
          const out = await readFile(tool.path(`${number}.out`), 'utf8');
          return {
            exitCode: Number((await task(number)).ExitCode?.split(':')[0]),
            json: () => linesOf(out).map((line) => JSON.parse(line)),
          };
        }),
      );
    },
  };
}

// `with-slurm` says why there is none.
describe.skipIf(process.env.OWN_SLURM === undefined)('an array of Slurm over one bucket', () => {
  it('has each recording once, also where a task is killed and Slurm begins it again', { timeout: 2 * ALL_ENDED_MS }, async ({
    tool,
    sandbox,
  }) => {
    const array = slurmArray(tool);
    await fillInShares(array, tool, sandbox);
    const restarts = await Promise.all(Array.from({ length: TASKS }, (_, task) => array.restarts(task)));
    expect(restarts).toEqual([[''], [''], ['', '1'], ['']]);
    expect((await array.task(2)).Restarts).toBe('1');
  });
});
