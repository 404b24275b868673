import type { Finding } from '../batch/verify.ts';
import { formatBytes } from './format.ts';
import type { ReportContext } from './reporter.ts';

/** Shows how far a folder's check has come. */
export interface VerifyProgress {
  onTotal(files: number): void;
  onFinding(finding: Finding): void;
  close(): void;
}

/** Drawn on a terminal; elsewhere, and with `--quiet`, nothing: what is wrong stands on standard output anyhow. */
export async function verifyProgress(options: { quiet: boolean; color: boolean }, context: ReportContext): Promise<VerifyProgress> {
  if (options.quiet || !context.system.stderr.isTTY) return { onTotal() {}, onFinding() {}, close() {} };
  const { statusLine } = await import('./terminal.ts');
  const line = statusLine(context, options);
  let total = 0;
  let done = 0;
  let bytes = 0;
  return {
    onTotal(files) {
      total = files;
    },
    onFinding(finding) {
      if (finding.status !== 'unrecorded') done += 1;
      if (finding.status === 'whole') bytes += finding.bytes;
      line.draw(() => `Checked ${done}/${total}, ${formatBytes(bytes)}`);
    },
    close: () => line.stop(),
  };
}
