/**
 * The main job, shown from a fresh clone: a link, a recording, a list of 25 with faults among them, and the runs after it. `npm run demo`
 * builds the tool and starts the sandbox that this asks; each step runs the built tool as its user would, and ends the demo with exit code 1
 * where it ends otherwise than it must.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TOOL = fileURLToPath(new URL('../../bin/kaleyra-rec.js', import.meta.url));

/** What stands in the list beside ordinary ids, and what becomes of it. */
const SPECIAL = [
  'sandbox-expired', // gone: past its 6 months
  'sandbox-flaky', // fails once, then fine
  'sandbox-reset', // cut half-way once; the rest can be fetched
];
const RECORDINGS = 25;

const say = (text = '') => process.stdout.write(`${text}\n`);

/** @type {import('node:child_process').ChildProcess | undefined} */
let running;

/** From then on Ctrl-C is for the page, and the end of the demo as it should be. */
let isPageServed = false;

/**
 * Shows a command and runs it in the demo's folder, on the streams of the demo itself.
 *
 * @param {number} expected the exit code that it must end with
 * @param {string[]} args what follows the tool's name
 * @param {(text: string) => string} [alter] changes its standard output before it is shown
 * @throws {Error} where it ends with another exit code
 */
async function run(expected, args, alter) {
  say(`\n$ kaleyra-rec ${args.join(' ')}`);
  const child = spawn(process.execPath, [TOOL, ...args], { cwd: folder, stdio: ['inherit', alter ? 'pipe' : 'inherit', 'inherit'] });
  running = child;
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode, signal) => resolve(exitCode ?? `none (${signal})`));
  });
  running = undefined;
  if (alter) process.stdout.write(alter(output));
  if (code !== expected) throw new Error(`kaleyra-rec ${args[0]} ended with exit code ${code}, and not with ${expected}.`);
  say(`[exit code ${code}]`);
}

/** @param {string} name */
const read = (name) => readFileSync(join(folder, name), 'utf8');

function showFolder() {
  for (const name of readdirSync(join(folder, 'recordings')).sort()) {
    say(`  ${String(statSync(join(folder, 'recordings', name)).size).padStart(7)}  ${name}`);
  }
}

/** A list as a user may have it: a comment, ids as the platform makes them, one of them twice. */
function writeList() {
  const ids = Array.from({ length: RECORDINGS - SPECIAL.length }, (_, nth) => `17a3c58af0b${nth + 10}giu587==`);
  const [first = '', ...rest] = ids;
  writeFileSync(join(folder, 'ids.txt'), `# the calls of a day\n${[first, ...SPECIAL, ...rest, first].join('\n')}\n`);
}

async function demo() {
  say('1. A signed link. Whoever holds it can listen: the demo cuts its signature short.');
  await run(0, ['link', '17a3c58af0b2giu587=='], (link) => link.replace(/(X-Amz-Signature=.{6})[^&\s]*/g, '$1...'));

  say('\n2. One recording, proven whole before it gets its name.');
  await run(0, ['download', '17a3c58af0b2giu587==']);

  say(`\n3. A list of ${RECORDINGS}. One is gone for good; two meet a fault that passes, and`);
  say('   --retries 0 makes those fail. --rate slows it down, so that it can be watched.');
  writeList();
  await run(9, ['batch', 'ids.txt', '--rate', '15', '--retries', '0']);

  say('\n4. The folder: bytes and name. The .part is what came of the one that was cut.');
  showFolder();
  say('\n   failed.txt, the rows worth another run:');
  for (const row of read('recordings/failed.txt').trimEnd().split('\n')) say(`  ${row}`);
  say("\n   The manifest's first line:");
  say(`  ${read('recordings/manifest.jsonl').split('\n', 1)[0]}`);

  say('\n5. Each file hashed again, and held against the manifest.');
  await run(0, ['verify', 'recordings']);

  say('\n6. The same list: the two that failed are asked for, and the one that was cut');
  say('   goes on where it stopped.');
  await run(0, ['batch', 'ids.txt']);

  say('\n7. And what is left to ask for, as a dry run tells it: nothing.');
  await run(0, ['batch', 'ids.txt', '--dry-run']);

  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    say('\n8. In a terminal, the demo ends with a page on this archive, where you can listen to it.');
    return;
  }
  say('\n8. A page to search the archive and listen to it. Open the address in a browser;');
  say('   Ctrl-C ends the demo.');
  isPageServed = true;
  await run(0, ['browse', 'recordings']);
}

// The sandbox alone has a plain-http address on this machine; any other account would be asked in earnest.
if (!process.env.KALEYRA_BASE_URL?.startsWith('http://127.0.0.1:')) {
  process.stderr.write('error: The demo runs against the sandbox alone.\nhint: Start it with `npm run demo`.\n');
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'kaleyra-rec-demo-'));
process.on('exit', () => {
  running?.kill();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.on(signal, () => {
    if (!isPageServed || signal !== 'SIGINT') process.exit(128 + constants.signals[signal]);
  });
}

say(`Everything happens in ${folder}, which is removed at the end.\n`);
try {
  await demo();
  say(`\nDone. ${folder} is removed. What comes next: README.md.`);
} catch (error) {
  process.stderr.write(`\nerror: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
