// @ts-check
/*
 * Finds the mutants that no test kills:
 *
 *     npm run mutation -- [--seconds 2] [--resume] [src/retry src/list/csv.ts …]
 *
 * Without paths it takes the rooms that decide. Stryker's instrumenter puts all mutants into one copy of the sources, each behind a switch. The
 * tests run in that copy: once to learn which mutants each of them reaches, then with one mutant after the other (`mutant-runner.ts`). Stryker's
 * own runner imports the tests anew for each mutant, for which the whole takes hours. Each mutant meets tests for so many seconds at most, so that
 * what is told is the least of what is killed. Mutants that are only reached while a module is loaded are left
 * out, as by Stryker's `ignoreStatic`. A run that was stopped goes on with `--resume`.
 */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Instrumenter } from '@stryker-mutator/instrumenter';
import { noteKilled, pathFor, readKilled, readState, writeState } from './state.js';

/** The rooms that decide; of the tests of a bucket, each starts a server of its own. */
const ROOMS = ['src/recordings', 'src/download', 'src/list', 'src/archive', 'src/batch', 'src/retry', ':!src/archive/bucket'];
const WORKERS = 2;
/** How long a process may take until its first mutant, and how much longer than a mutant's tests may take it may be silent. */
const STARTS_MS = 120_000;
const GRACE_MS = 5000;
/** Where the copy is, and what is known so far. */
const SANDBOX = resolve('.mutation/sandbox');
const STATE = resolve('.mutation/state');
const VITEST = resolve('node_modules/vitest/vitest.mjs');

/** @param {string} text */
function tell(text) {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : `${text}\n`);
}

/** @param {string[]} args */
function listed(...args) {
  return execFileSync('git', ['ls-files', '-z', ...args], { encoding: 'utf8', maxBuffer: 2 ** 26 })
    .split('\0')
    .filter((path) => path !== '' && existsSync(path));
}

/**
 * Copies the project, with all mutants in it.
 *
 * @param {string[]} paths
 */
async function makeSandbox(paths) {
  rmSync('.mutation', { recursive: true, force: true });
  mkdirSync(STATE, { recursive: true });
  for (const path of listed('--cached', '--others', '--exclude-standard')) {
    mkdirSync(join(SANDBOX, dirname(path)), { recursive: true });
    cpSync(path, join(SANDBOX, path), { verbatimSymlinks: true });
  }
  symlinkSync(resolve('node_modules'), join(SANDBOX, 'node_modules'));
  const sources = listed(...paths).filter((path) => path.endsWith('.ts'));
  const silent = () => undefined;
  const logger = new Proxy({}, { get: (_, name) => (String(name).startsWith('is') ? () => false : silent) });
  const { files, mutants } = await new Instrumenter(/** @type {any} */ (logger)).instrument(
    sources.map((name) => ({ name, mutate: true, content: readFileSync(name, 'utf8') })),
    { plugins: null, excludedMutations: [], ignorers: [] },
  );
  for (const { name, content } of files) writeFileSync(join(SANDBOX, name), content);
  writeState(join(STATE, 'mutants.json'), mutants);
}

/**
 * Runs tests in the copy, and gives what vitest printed once it has ended.
 *
 * @param {Record<string, string>} env
 * @param {string[]} files
 * @param {(stop: () => void) => NodeJS.Timeout} [watch]
 * @returns {Promise<string>}
 */
function runTests(env, files, watch) {
  return new Promise((done) => {
    const child = spawn(process.execPath, [VITEST, 'run', '--config', 'test/mutation/vitest.config.ts', ...files], {
      cwd: SANDBOX,
      env: { ...process.env, NODE_ENV: 'test', MUTATION_STATE: STATE, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // What hangs is ended with all that it has started.
      detached: true,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (output = (output + piece).slice(-20_000)));
    const timer = watch?.(() => {
      // It may have ended by itself meanwhile.
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGKILL');
    });
    child.on('close', () => {
      clearInterval(timer);
      done(output);
    });
  });
}

/**
 * Until when a process has to be heard of again, in milliseconds since 1970; undefined where no mutant has become active yet.
 *
 * @param {string} activePath
 */
function heardAt(activePath) {
  try {
    return statSync(activePath).mtimeMs + JSON.parse(readFileSync(activePath, 'utf8')).ms;
  } catch {
    return undefined;
  }
}

/**
 * Runs a test file until each of its tests has met each of its mutants. Gives the tests that cannot be run twice.
 *
 * @param {string} file
 * @param {string} seconds
 * @returns {Promise<string[]>}
 */
async function killWith(file, seconds) {
  const statePath = pathFor(STATE, 'state', file);
  const activePath = pathFor(STATE, 'active', file);
  if (readState(statePath)?.hasEnded) return readState(statePath).unusable;
  for (;;) {
    rmSync(activePath, { force: true });
    const startedAt = Date.now();
    const output = await runTests({ MUTATION_MODE: 'kill', MUTATION_SECONDS: seconds }, [file], (stop) =>
      setInterval(() => {
        const until = heardAt(activePath) ?? startedAt + STARTS_MS;
        if (Date.now() > until + GRACE_MS) stop();
      }, 1000),
    );
    /** @type {import('./state.js').State | undefined} */
    const state = readState(statePath);
    if (state === undefined) throw new Error(`${file} could not be run:\n${output}`);
    if (state.hasEnded) return state.unusable;
    if (state.isSpoilt) continue;
    /** @type {import('./state.js').Active | undefined} */
    const active = readState(activePath);
    if (active === undefined) throw new Error(`${file} ended before its time:\n${output}`);
    // Its mutant has ended the process, or never let it go on.
    noteKilled(STATE, active.mutant, `${file} ${active.test}`);
    state.tried[active.test] = [...(state.tried[active.test] ?? []), active.mutant];
    if (state.suspect?.mutant === active.mutant) delete state.suspect;
    writeState(statePath, state);
  }
}

/** The test files, those first with which the least is spent on each mutant: they are about few, and quick. */
function readCoverage() {
  return listed('--cached', '--others', '--exclude-standard', 'test')
    .flatMap((file) => {
      /** @type {import('./state.js').Coverage | undefined} */
      const coverage = readState(pathFor(STATE, 'coverage', file));
      if (coverage === undefined) return [];
      const tests = Object.values(coverage.tests);
      const cost = tests.reduce((sum, { ms, hits }) => sum + ms * Object.keys(hits).length, 0);
      return { file, cost, coverage, reached: new Set(tests.flatMap(({ hits }) => Object.keys(hits))) };
    })
    .sort((one, other) => one.cost - other.cost);
}

/**
 * Notes for how long the mutants have lived, with what a test file has added.
 *
 * @param {string} file
 * @param {import('./state.js').Coverage} coverage
 */
function addSpent(file, coverage) {
  /** @type {import('./state.js').State | undefined} */
  const state = readState(pathFor(STATE, 'state', file));
  for (const [test, mutants] of Object.entries(state?.tried ?? {})) {
    for (const mutant of mutants) spent[mutant] = (spent[mutant] ?? 0) + (coverage.tests[test]?.ms ?? 0);
  }
  writeState(join(STATE, 'spent.json'), spent);
}

/**
 * One line for each source, and one for all.
 *
 * @param {{ fileName: string, isKilled: boolean }[]} judged
 */
function table(judged) {
  const names = [...new Set(judged.map(({ fileName }) => fileName))];
  const line = (/** @type {string} */ name, /** @type {typeof judged} */ mutants) => {
    const killed = mutants.filter(({ isKilled }) => isKilled).length;
    return `${((100 * killed) / mutants.length).toFixed(1).padStart(5)} %  ${String(killed).padStart(5)} of ${String(mutants.length).padEnd(5)}  ${name}`;
  };
  return [
    ...names.map((name) =>
      line(
        name,
        judged.filter(({ fileName }) => fileName === name),
      ),
    ),
    line('all', judged),
  ].join('\n');
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '2' }, resume: { type: 'boolean' } },
});
if (!values.resume) {
  await makeSandbox(positionals.length > 0 ? positionals : ROOMS);
  tell('Finding out what the tests reach…');
  const printed = await runTests({ MUTATION_MODE: 'cover', MUTATION_WORKERS: String(WORKERS) }, []);
  if (readCoverage().length === 0) throw new Error(`The tests could not be run:\n${printed}`);
}
const tests = readCoverage();
/** @type {import('@stryker-mutator/api/core').Mutant[]} */
const mutants = readState(join(STATE, 'mutants.json')) ?? [];
/** @type {Record<string, number>} */
const spent = {};
const queue = tests.filter(({ reached }) => reached.size > 0);
const all = queue.length;
/** @type {string[]} */
const unusable = [];
await Promise.all(
  Array.from({ length: WORKERS }, async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { file, coverage } = next;
      unusable.push(...(await killWith(file, values.seconds)).map((test) => `${file}: ${test}`));
      addSpent(file, coverage);
      tell(`${all - queue.length} of ${all} test files, ${readKilled(STATE).size} of ${mutants.length} mutants killed. ${file}`);
    }
  }),
);

const reached = new Set(tests.flatMap((file) => [...file.reached]));
const loaded = new Set(tests.flatMap((file) => file.coverage.loaded));
const killed = readKilled(STATE);
const judged = mutants
  .filter(({ id }) => reached.has(id) || !loaded.has(id))
  .map(({ id, fileName, location, mutatorName, replacement }) => ({
    fileName,
    line: location.start.line + 1,
    mutatorName,
    replacement,
    isKilled: killed.has(id),
    isReached: reached.has(id),
    by: killed.get(id),
  }));
mkdirSync('reports', { recursive: true });
writeFileSync('reports/mutation.json', JSON.stringify({ judged, unusable }, null, 1));
const living = judged.filter(({ isKilled }) => !isKilled);
writeFileSync(
  'reports/mutation.txt',
  living
    .map(
      ({ fileName, line, mutatorName, replacement, isReached }) =>
        `${fileName}:${line} ${mutatorName}${isReached ? '' : ' (not reached)'}: ${replacement}`,
    )
    .join('\n'),
);
process.stdout.write(`${table(judged)}\n\nThose that live are in reports/mutation.txt.\n`);
if (unusable.length > 0) process.stdout.write(`Tests that cannot be run twice, and so proved nothing:\n${unusable.join('\n')}\n`);
