import { describe } from 'vitest';
import type { RunningTool } from '../helpers/run-tool.ts';
import { fillInShares, type JobArray, TASKS } from '../helpers/shares.ts';
import { it, type Tool } from '../helpers/tool-test.ts';

/** Processes of this machine, with the variables that Slurm sets. `test/scale` has the same with a Slurm. */
function processes(tool: Tool): JobArray {
  const running: RunningTool[] = [];
  let args: readonly string[] = [];
  const begin = (task: number) => {
    const env = {
      SLURM_ARRAY_TASK_ID: String(task),
      SLURM_ARRAY_TASK_MIN: '0',
      SLURM_ARRAY_TASK_MAX: String(TASKS - 1),
      SLURM_ARRAY_TASK_STEP: '1',
      SLURM_ARRAY_TASK_COUNT: String(TASKS),
    };
    running[task] = tool.start(args, { env });
  };
  return {
    async begin(given) {
      args = given;
      for (let task = 0; task < TASKS; task += 1) begin(task);
    },
    async kill(task) {
      running[task]?.kill('SIGKILL');
      await running[task]?.ended;
    },
    beginAgain: async (task) => begin(task),
    ended: () => Promise.all(running.map(({ ended }) => ended)),
  };
}

describe('an array of jobs over one bucket', () => {
  it('has each recording once, also where one of them is killed and begun again', async ({ tool, sandbox }) => {
    await fillInShares(processes(tool), tool, sandbox);
  });
});
