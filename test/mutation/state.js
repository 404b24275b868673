// @ts-check
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * What the tests of a file reach.
 *
 * @typedef {object} Coverage
 * @property {Record<string, { ms: number, hits: Record<string, number> }>} tests - How long each takes, and how often it reaches which mutants.
 * @property {string[]} loaded - The mutants that are reached while modules are loaded.
 */
/**
 * The mutant that was active last, in a test, and how many milliseconds may pass until more is heard. Where a process ends or hangs, it was this
 * one that did it.
 *
 * @typedef {{ test: string, mutant: string, ms: number }} Active
 */
/**
 * How far the tests of a file have come.
 *
 * @typedef {object} State
 * @property {Record<string, string[]>} tried - The mutants that each test was run with.
 * @property {string[]} unusable - Tests that fail when they are run again without a mutant, and so prove nothing.
 * @property {{ test: string, mutant: string }} [suspect] - A mutant that is to be tried again in a process in which it is the first.
 * @property {boolean} isSpoilt - Whether a mutant has left something behind, so that the rest needs a new process.
 * @property {boolean} hasEnded
 */

/**
 * The file that holds what is known of a test file.
 *
 * @param {string} folder - Where the run keeps what it knows.
 * @param {'coverage' | 'state' | 'active'} kind
 * @param {string} file - The test file's path, from the root of the project.
 */
export function pathFor(folder, kind, file) {
  return join(folder, kind, `${createHash('sha256').update(file).digest('hex').slice(0, 16)}.json`);
}

/**
 * What `writeState` has written; undefined where nothing is there.
 *
 * @template T
 * @param {string} path
 * @returns {T | undefined}
 */
export function readState(path) {
  const text = readText(path);
  return text === undefined ? undefined : JSON.parse(text);
}

/**
 * Writes what is known, as JSON.
 *
 * @param {string} path
 * @param {unknown} content
 */
export function writeState(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  // A process may be ended at any moment.
  writeFileSync(`${path}.new`, JSON.stringify(content));
  renameSync(`${path}.new`, path);
}

/**
 * Notes that a test has killed a mutant, for all processes of the run.
 *
 * @param {string} folder
 * @param {string} mutant
 * @param {string} by
 */
export function noteKilled(folder, mutant, by) {
  appendFileSync(join(folder, 'killed.jsonl'), `${JSON.stringify([mutant, by])}\n`);
}

/**
 * The mutants that are killed so far, each with what killed it.
 *
 * @param {string} folder
 * @returns {Map<string, string>}
 */
export function readKilled(folder) {
  const text = readText(join(folder, 'killed.jsonl')) ?? '';
  // Another process may be writing the last line.
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return new Map(lines.filter((line) => line !== '').map((line) => JSON.parse(line)));
}

/** @param {string} path */
function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined;
    throw error;
  }
}
