import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** When the newest of the files below a folder was written, in milliseconds since 1970; 0 where there is none. */
function newest(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Math.max(0, ...entries.filter((entry) => entry.isFile()).map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs));
}

/**
 * Vitest's global setup of the tests that run the built command.
 *
 * @throws {Error} when `dist` is absent or older than what it is built from: such a run would test yesterday's code
 */
export default function requireBuild(): void {
  const built = statSync(join(root, 'dist/main.js'), { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined) throw new Error('There is no dist/main.js: run `npm run build`, or `npm test`, which builds first.');
  const written = Math.max(newest(join(root, 'src')), statSync(join(root, 'package.json')).mtimeMs);
  if (written > built) throw new Error('dist is older than src: run `npm run build`, or `npm test`, which builds first.');
}
