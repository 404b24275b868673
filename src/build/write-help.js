// @ts-check
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Writes what the built tool answers to --help beside it, so that it need not be made afresh each time.
const help = fileURLToPath(new URL('../../dist/help.txt', import.meta.url));
const tool = fileURLToPath(new URL('../../bin/kaleyra-rec.js', import.meta.url));

rmSync(help, { force: true });
writeFileSync(help, execFileSync(process.execPath, [tool, '--help'], { encoding: 'utf8' }));
