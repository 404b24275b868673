// @ts-check
import { ratioOf } from './statistics.js';

/**
 * What every scenario works with.
 *
 * @typedef {object} Bench
 * @property {import('./tool.js').InstalledTool} tool
 * @property {import('./server/server.js').BenchServer} server
 * @property {import('./requirements.js').Programs} programs
 * @property {string} work a folder for what the scenario writes
 * @property {number} runs how many turns each contender has
 * @property {(text: string) => void} tell says what is under way
 */

/**
 * A figure to be judged by.
 *
 * @typedef {object} Figure
 * @property {string} what
 * @property {number} value
 * @property {'ratio' | 'ms' | 'bytes' | 'count'} unit
 * @property {number} [atMost] where it must stand; left out for what has no bound
 */

/**
 * What a scenario has found.
 *
 * @typedef {object} Findings
 * @property {string} title
 * @property {readonly import('./run.js').Measured[]} measured
 * @property {readonly Figure[]} figures
 * @property {readonly string[]} [notes] what a reader must know to take the figures right
 */

/** @typedef {(bench: Bench) => Promise<Findings>} Scenario */

/**
 * How ours compares with each of the others.
 *
 * @param {readonly import('./run.js').Measured[]} measured ours, then the others
 * @param {readonly number[]} bounds one for each of the others
 * @returns {Figure[]}
 */
export function ratios([ours, ...others], bounds) {
  if (ours === undefined) return [];
  return others.map((theirs, index) => ({
    what: `${ours.name} / ${theirs.name}`,
    value: ratioOf(ours, theirs),
    unit: 'ratio',
    ...(bounds[index] === undefined ? {} : { atMost: bounds[index] }),
  }));
}
