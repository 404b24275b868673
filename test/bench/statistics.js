// @ts-check
/** @import { Measured, Measure } from './run.js' */

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1] ?? Number.NaN, sorted[Math.floor(middle)] ?? Number.NaN];
  return (low + high) / 2;
}

/**
 * @param {Measured} measured
 * @param {keyof Measure} figure
 */
export function medianOf(measured, figure = 'ms') {
  return median(measured.runs.map((run) => run[figure]));
}

/**
 * The median of ours to theirs, turn by turn: two that ran one after the other met the same machine.
 *
 * @param {Measured} ours
 * @param {Measured} theirs
 * @param {keyof Measure} figure
 */
export function ratioOf(ours, theirs, figure = 'ms') {
  return median(ours.runs.map((run, turn) => run[figure] / (theirs.runs[turn]?.[figure] ?? Number.NaN)));
}
