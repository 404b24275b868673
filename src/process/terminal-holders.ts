import type { System, TerminalHolder } from '../system.ts';

/** A process that takes no signal may be one that nobody could continue: then it is not stopped, and goes on after so many milliseconds. */
const NOT_STOPPED_MS = 100;

/**
 * Those who hold the terminal, and what becomes of it when the process is suspended (Ctrl-Z) and continued (`fg`): they let go of it before,
 * and take it again after. The stop itself is left to the system, which makes none where no shell could ever continue the process.
 *
 * @param onContinue called first when the process was continued.
 */
export function terminalHolders(onContinue: () => void): Pick<System, 'holdTerminal' | 'suspend'> & { release(): void } {
  const holders = new Set<TerminalHolder>();
  const release = () => {
    for (const holder of holders) holder.release();
  };
  const resume = () => {
    onContinue();
    if (holders.size > 0 && !process.listeners('SIGTSTP').includes(stop)) process.on('SIGTSTP', stop);
    for (const holder of holders) holder.resume();
  };
  const stop = () => {
    release();
    process.off('SIGTSTP', stop);
    process.kill(process.pid, 'SIGTSTP');
    setTimeout(resume, NOT_STOPPED_MS);
  };
  return {
    release,
    holdTerminal(holder) {
      if (holders.size === 0) process.on('SIGTSTP', stop).on('SIGCONT', resume);
      holders.add(holder);
      return () => {
        if (holders.delete(holder) && holders.size === 0) process.off('SIGTSTP', stop).off('SIGCONT', resume);
      };
    },
    suspend() {
      // Whatever else the shell has started as one job with this process is stopped as well, as by the key itself.
      if (process.platform !== 'win32') process.kill(0, 'SIGTSTP');
    },
  };
}
