import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { tempFolder } from '../helpers/temp-folder.ts';

const command = fileURLToPath(new URL('../../bin/kaleyra-rec.js', import.meta.url));

/** The files of `dist` that a run has loaded, whatever came of it. */
async function loadedBy(args: readonly string[]): Promise<string[]> {
  const cwd = await tempFolder();
  const told = join(cwd, 'loaded.json');
  const hook = join(cwd, 'hook.cjs');
  writeFileSync(
    hook,
    `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(told)}, JSON.stringify(Object.keys(require.cache))));`,
  );
  writeFileSync(join(cwd, 'ids.txt'), 'one\n');
  // Nobody listens there.
  const env = { PATH: process.env.PATH, HOME: cwd, KALEYRA_BASE_URL: 'http://127.0.0.1:9/v1', KALEYRA_SID: 'HXIN1707324291IN' };
  const run = promisify(execFile)(process.execPath, ['--require', hook, command, ...args], {
    cwd,
    env: { ...env, KALEYRA_API_KEY: 'A0123456789abcdef0123456789abcdef' },
  });
  await run.catch(() => {});
  const loaded: string[] = JSON.parse(readFileSync(told, 'utf8'));
  return loaded.filter((file) => file.includes('/dist/') || file.includes('\\dist\\')).map((file) => file.replaceAll('\\', '/'));
}

test.each([
  '--version',
  'link one --retries 0',
  'download one --retries 0',
  'batch ids.txt --dry-run',
  'batch ids.txt --retries 0',
  'list .',
  'verify .',
])('%s loads no AWS SDK, as nothing in it names a bucket', async (line) => {
  const loaded = await loadedBy(line.split(' '));
  expect(loaded.length).toBeGreaterThan(0);
  expect(loaded.filter((file) => /aws-sdk|\/archive\/bucket\//.test(file))).toEqual([]);
});

test('what names a bucket does', async () => {
  const loaded = await loadedBy('batch ids.txt --dir s3://calls/2026 --kms-key-id refused-without-sse'.split(' '));
  expect(loaded.filter((file) => file.endsWith('/shared/aws-sdk.js'))).toHaveLength(1);
});
