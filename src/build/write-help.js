// @ts-check
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { manualPage } from './manual-page.js';

// Writes what the built tool answers to --help beside it, so that it need not be made afresh each time, and a manual page of the same words.
const root = new URL('../../', import.meta.url);
const help = fileURLToPath(new URL('dist/help.txt', root));
const tool = fileURLToPath(new URL('bin/kaleyra-rec.js', root));

/** @param {...string} words */
const helpOf = (...words) => execFileSync(process.execPath, [tool, ...words, '--help'], { encoding: 'utf8' });

rmSync(help, { force: true });
writeFileSync(help, helpOf());
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
writeFileSync(new URL('dist/kaleyra-rec.1', root), manualPage(version, helpOf));
