/**
 * Uses the installed package as its user would, with the Node that runs this file:
 *
 *     node --test-reporter=spec test/packaging/smoke.js <folder that the package was installed in>
 *
 * It imports nothing but Node's own modules, and what does so too, since the Nodes that it runs on have no others.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { BUCKET, startBucketServer } from '../bench/server/bucket-server.js';

const modules = resolve(process.argv[2] ?? '.', 'node_modules');
const { version } = JSON.parse(readFileSync(join(modules, 'kaleyra-rec/package.json'), 'utf8'));

const work = mkdtempSync(join(tmpdir(), 'kaleyra-rec-smoke-'));
after(() => rmSync(work, { recursive: true, force: true }));

/** Nothing of the caller's own settings, and `node` is the one that runs this file. */
const env = {
  PATH: [dirname(process.execPath), join(modules, '.bin'), process.env.PATH].join(delimiter),
  HOME: work,
  KALEYRA_REC_CONFIG_DIR: join(work, 'config'),
};

/**
 * Runs `kaleyra-rec` in the work folder. A hang ends it with code null.
 *
 * @param {string[]} args
 * @param {string} [input] what it finds on standard input
 * @returns {Promise<{ code: number | null, stdout: string, stderr: string }>}
 */
function run(args, input = '') {
  return new Promise((done, fail) => {
    const child = spawn('kaleyra-rec', args, { cwd: work, env, timeout: 60_000 });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.on('error', fail);
    child.on('close', (code) => done({ code, stdout, stderr }));
    // A command that needs no input may have ended by now.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/**
 * Runs a command against the sandbox, and checks its exit code.
 *
 * @param {number} code
 * @param {...string} args
 */
async function inSandbox(code, ...args) {
  const result = await run(['sandbox', '--', 'kaleyra-rec', ...args]);
  assert.equal(result.code, code, result.stderr);
  return result;
}

/** @param {string} text */
const jsonLines = (text) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test('the package is installed alone', () => {
  const installed = readdirSync(modules).filter((name) => !name.startsWith('.'));
  assert.deepEqual(installed, ['kaleyra-rec']);
  const contents = readdirSync(join(modules, 'kaleyra-rec')).sort();
  assert.deepEqual(contents, ['LICENSE', 'README.md', 'SECURITY.md', 'bin', 'dist', 'docs', 'package.json']);
});

test('--version prints the version alone', async () => {
  assert.deepEqual(await run(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' });
});

test('--help names every command', async () => {
  const { code, stdout } = await run(['--help']);
  assert.equal(code, 0);
  for (const command of ['link', 'download', 'batch', 'verify', 'list', 'browse', 'auth', 'sandbox'])
    assert.match(stdout, new RegExp(`^\\s+${command}\\b`, 'm'));
});

test('an unknown flag ends with 2, missing credentials with 3', async () => {
  assert.equal((await run(['link', '--nonsense', 'a'])).code, 2);
  assert.equal((await run(['link', 'a'])).code, 3);
});

test("sandbox ends with its command's exit code", async () => {
  assert.equal((await run(['sandbox', '--', 'node', '-e', 'process.exit(42)'])).code, 42);
});

test('link prints the link alone, and ends with the code of its error', async () => {
  const { stdout } = await inSandbox(0, 'link', 'call-1');
  assert.match(stdout, /^http:\/\/127\.0\.0\.1:\d+\/\S+\n$/);
  await inSandbox(4, 'link', 'sandbox-invalid');
  await inSandbox(5, 'link', 'sandbox-expired');
  await inSandbox(9, 'link', 'call-1', 'sandbox-invalid');
});

test('download saves a recording, and does not write over it', async () => {
  const { stdout } = await inSandbox(0, 'download', 'sandbox-wav');
  const file = resolve(work, stdout.trimEnd());
  assert.equal(readFileSync(file).subarray(0, 4).toString('latin1'), 'RIFF');
  await inSandbox(7, 'download', 'sandbox-wav');
  await inSandbox(0, 'download', 'sandbox-wav', '--skip-existing');
});

test('download resumes a recording that was cut', async () => {
  const { stdout } = await inSandbox(0, 'download', 'sandbox-truncated', '--json');
  assert.equal(jsonLines(stdout)[0].status, 'saved');
});

test('batch saves a list, tells what it could not, and asks nothing twice', async () => {
  writeFileSync(join(work, 'ids.txt'), '# a list\ncall-1\ncall-2\nsandbox-mp3\ncall-1\nsandbox-expired\n');
  // In one sandbox: what is gone is gone for its account, and each sandbox is one of its own.
  const twice = 'kaleyra-rec batch ids.txt --json > first.json; first=$?; kaleyra-rec batch ids.txt --json > second.json; echo $first $?';
  const { stdout, stderr } = await run(['sandbox', '--', 'sh', '-c', twice]);
  assert.equal(stdout, '9 0\n', stderr);
  const [first, second] = ['first.json', 'second.json'].map((name) => jsonLines(readFileSync(join(work, name), 'utf8')).at(-1).summary);
  assert.deepEqual(
    { total: first.total, saved: first.saved, gone: first.gone, failed: first.failed, duplicates: first.duplicates },
    { total: 4, saved: 3, gone: 1, failed: 0, duplicates: 1 },
  );
  assert.deepEqual({ saved: second.saved, skipped: second.skipped, gone: second.gone }, { saved: 0, skipped: 3, gone: 1 });
});

test('batch fills a bucket, whole and in parts, and says nothing of this Node', async () => {
  const store = await startBucketServer();
  Object.assign(env, store.env);
  try {
    writeFileSync(join(work, 'calls.txt'), 'call-1\nsandbox-mp3\nsandbox-size-9m\n');
    const archive = `s3://${BUCKET}/calls`;
    const { stdout, stderr } = await inSandbox(0, 'batch', 'calls.txt', '-d', archive, '-q');
    assert.equal(stdout.trimEnd().split('\n').length, 3);
    assert.equal(stderr, '');
    assert.equal(jsonLines((await run(['list', archive, '--json'])).stdout).length, 3);
  } finally {
    store.stop();
    rmSync(join(work, 'calls.txt'));
    for (const name of Object.keys(store.env)) delete env[/** @type {keyof typeof env} */ (name)];
  }
});

test('verify finds damage', async () => {
  assert.equal((await run(['verify', 'recordings'])).code, 0);
  const [saved] = readdirSync(join(work, 'recordings')).filter((name) => name.startsWith('call-1.'));
  assert.ok(saved);
  truncateSync(join(work, 'recordings', saved), 100);
  const { code, stdout } = await run(['verify', 'recordings']);
  assert.equal(code, 8);
  assert.match(stdout, /call-1\./);
});

test('auth keeps a key, shows its end alone, and forgets it', async () => {
  const key = 'A0123456789abcdef0123456789abWXYZ';
  const login = await run(['auth', 'login', '--sid', 'HXIN0000000000IN', '--api-key-stdin'], `${key}\n`);
  assert.equal(login.code, 0, login.stderr);
  const status = await run(['auth', 'status']);
  assert.equal(status.code, 0, status.stderr);
  const shown = status.stdout + status.stderr;
  assert.match(shown, /WXYZ/);
  assert.ok(!shown.includes(key));
  assert.equal((await run(['auth', 'logout'])).code, 0);
  assert.equal((await run(['link', 'a'])).code, 3);
});

test('no command writes beside its own files', () => {
  assert.ok(!existsSync(join(work, '.config')));
  assert.deepEqual(
    readdirSync(work).filter(
      (name) => !['config', 'ids.txt', 'first.json', 'second.json', 'recordings'].includes(name) && !name.startsWith('sandbox-'),
    ),
    [],
  );
});
