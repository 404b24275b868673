// @ts-check
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SBOM_FILE } from './sbom.js';

const LEVELS = ['info', 'low', 'moderate', 'high', 'critical'];

/** What is shipped must have no known hole from this level on; what only builds and tests it is told, and fails nothing. */
export const LEAST = 'moderate';

/**
 * What `npm audit --json` says, judged: holes of what is bundled, from {@link LEAST} on, end with 1. A registry that does not answer, or keeps no
 * advisories, is told of and fails nothing.
 *
 * @param {string} output of `npm audit --json`
 * @param {ReadonlySet<string>} bundled the names of the packages that are in the bundle
 * @returns {{ code: 0 | 1, lines: string[] }}
 */
export function judgeAudit(output, bundled) {
  const found = vulnerabilities(output);
  if (found === undefined) return { code: 0, lines: ['The registry gave no advisories: nothing was checked.'] };
  const shipped = found.filter(({ name, severity }) => bundled.has(name) && LEVELS.indexOf(severity) >= LEVELS.indexOf(LEAST));
  const rest = found.filter((one) => !shipped.includes(one));
  const list = (/** @type {typeof found} */ some) => some.map(({ name, severity, range }) => `  ${name} ${range} (${severity})`);
  return {
    code: shipped.length > 0 ? 1 : 0,
    lines: [
      ...(shipped.length > 0
        ? [`Known holes in what is shipped, from ${LEAST} on:`, ...list(shipped)]
        : ['No known holes in what is shipped.']),
      ...(rest.length > 0 ? [`Elsewhere, or below ${LEAST}:`, ...list(rest)] : []),
    ],
  };
}

/**
 * @param {string} output
 * @returns {{ name: string, severity: string, range: string }[] | undefined}
 */
function vulnerabilities(output) {
  try {
    const { vulnerabilities } = JSON.parse(output);
    return typeof vulnerabilities === 'object' && vulnerabilities !== null ? Object.values(vulnerabilities) : undefined;
  } catch {
    return undefined;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const bom = JSON.parse(readFileSync(`${root}dist/${SBOM_FILE}`, 'utf8'));
  const names = bom.components.map((/** @type {{ group?: string, name: string }} */ { group, name }) =>
    group ? `${group}/${name}` : name,
  );
  const npm = spawnSync('npm', ['audit', '--json', '--package-lock-only', '--fetch-timeout=20000', '--fetch-retries=1'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  const { code, lines } = judgeAudit(npm.stdout ?? '', new Set(names));
  process.stdout.write(`${lines.join('\n')}\n`);
  process.exitCode = code;
}
