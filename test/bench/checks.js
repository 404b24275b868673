// @ts-check
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
/** @import { Ended } from './run.js' */

/** @param {Ended} ended */
export function endedWell({ exitCode }) {
  assert.equal(exitCode, 0, 'the exit code');
}

/**
 * Holds a folder against what is to be in it: so many recordings, each as long as it should be.
 *
 * @param {string} folder
 * @param {{ count: number, bytes: number }} expected
 */
export function holdsRecordings(folder, { count, bytes }) {
  const files = readdirSync(folder).filter((name) => name.endsWith('.wav'));
  assert.equal(files.length, count, 'the number of files');
  for (const name of files) assert.equal(statSync(join(folder, name)).size, bytes, name);
}

/**
 * Holds a folder of ours against what is to be in it: the recordings, and a line of the manifest for each.
 *
 * @param {string} folder
 * @param {{ count: number, bytes: number }} expected
 */
export function holdsArchive(folder, expected) {
  holdsRecordings(folder, expected);
  const lines = countLines(join(folder, 'manifest.jsonl'));
  assert.equal(lines, expected.count, 'the lines of the manifest');
}

/** @param {string} path */
export function countLines(path) {
  const content = readFileSync(path);
  let lines = 0;
  for (let at = content.indexOf(10); at >= 0; at = content.indexOf(10, at + 1)) lines += 1;
  return lines;
}
