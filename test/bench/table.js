// @ts-check
import { medianOf } from './statistics.js';
/** @import { Figure, Findings } from './scenario.js' */

/**
 * What a scenario has found, as text for a terminal.
 *
 * @param {string} letter
 * @param {Findings} findings
 */
export function table(letter, { title, measured, figures, notes = [] }) {
  const times = measured.map((each) => [
    each.name,
    show(medianOf(each), 'ms'),
    show(medianOf(each, 'cpuMs'), 'ms'),
    show(medianOf(each, 'peakBytes'), 'bytes'),
    `${each.runs.length}`,
  ]);
  const judged = figures.map((figure) => [figure.what, show(figure.value, figure.unit), bound(figure), verdict(figure)]);
  return [
    `(${letter}) ${title}`,
    ...columns([['', 'median', 'CPU', 'peak memory', 'runs'], ...times]),
    '',
    ...columns([['', '', 'at most', ''], ...judged]),
    ...notes.map((note) => `  ${note}`),
    '',
  ].join('\n');
}

/** @param {Figure} figure */
function bound({ atMost, unit }) {
  return atMost === undefined ? '' : show(atMost, unit);
}

/** @param {Figure} figure */
function verdict({ value, atMost }) {
  if (atMost === undefined) return '';
  return value <= atMost ? 'within' : 'OVER';
}

/**
 * @param {number} value NaN for what was not measured
 * @param {Figure['unit']} unit
 */
function show(value, unit) {
  if (Number.isNaN(value)) return '-';
  switch (unit) {
    case 'ratio':
      return value.toFixed(2);
    case 'count':
      return `${value}`;
    case 'ms':
      return value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${value.toFixed(value < 10 ? 3 : 1)} ms`;
    case 'bytes':
      return value >= 1_000_000 ? `${(value / 1_000_000).toFixed(1)} MB` : `${Math.round(value / 1000)} KB`;
  }
}

/**
 * Cells below each other: the first column to the left, the others to the right.
 *
 * @param {string[][]} rows
 */
function columns(rows) {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    `  ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('   ')}`.trimEnd(),
  );
}
