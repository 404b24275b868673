import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { archiveAt } from '../archive/archive-at.ts';
import { serveArchive } from '../browse/server.ts';
import { asRecordingError, EXIT_CODES, EXIT_DONE } from '../errors.ts';
import { count } from '../report/format.ts';
import type { CommandContext } from './context.ts';

/** What `browse` was asked for. */
export interface BrowseCommandOptions {
  archive: string;
  /** 0 for any that is free. */
  port: number;
  /** Open the page in the user's browser. */
  open: boolean;
  quiet: boolean;
}

/** Serves a page over an archive until it is stopped by Ctrl-C, which is how it is meant to end: exit code 0. */
export async function runBrowse(options: BrowseCommandOptions, context: CommandContext): Promise<number> {
  const { signal, system } = context;
  const home = await archiveAt(options.archive, context);
  const server = await serveArchive({
    reader: home.reader(),
    page: readFileSync(new URL('../browse/page.html', import.meta.url), 'utf8'),
    now: system.now(),
    port: options.port,
    signal,
    onFault: (error) => context.stderr(`A request failed: ${asRecordingError(error).message}`),
  });
  try {
    context.stdout(server.address);
    if (!options.quiet) context.stderr(`Serving ${count(server.recordings, 'recording')} from ${options.archive}. Press Ctrl-C to end.`);
    if (options.open) openInBrowser(server.addressForOne, system.platform);
    if (!signal.aborted) await once(signal, 'abort');
    const { exitCode } = asRecordingError(signal.reason);
    return exitCode === EXIT_CODES.INTERRUPTED ? EXIT_DONE : exitCode;
  } finally {
    await server.close();
  }
}

/** Has the system open an address as it opens any. That it cannot is no error: the address stands on the screen. */
function openInBrowser(address: string, platform: NodeJS.Platform): void {
  const [file, ...args] = platform === 'darwin' ? ['open'] : platform === 'win32' ? ['cmd', '/c', 'start', '""'] : ['xdg-open'];
  spawn(file ?? '', [...args, address], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}
