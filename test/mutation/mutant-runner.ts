import { join, relative } from 'node:path';
import type { File, Task, Test } from '@vitest/runner';
import { TestRunner } from 'vitest';
import { type Coverage, noteKilled, pathFor, readKilled, readState, type State, writeState } from './state.js';

/** What Stryker's instrumented sources look for: which mutant is active, and where to count what is reached. */
interface Instrumented {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  mutantCoverage: { static: Record<string, number>; perTest: Record<string, Record<string, number>> };
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
}

/** A mutant that is reached this many times as often as in the code as it is goes round in a loop without an end. */
const HITS_FACTOR = 100;
const LEAST_HITS = 10_000;
/** A mutant that takes this many times as long, and this much longer, waits for what does not come. */
const TIME_FACTOR = 3;
const MORE_MS = 2000;

/** What comes between two mutants takes less, in milliseconds. */
const BETWEEN_MS = 60_000;

/** Where the run keeps what it knows. */
const FOLDER = process.env.MUTATION_STATE ?? '';
/** Either what the tests reach is noted, or mutants are to be killed. */
const KILLS = process.env.MUTATION_MODE === 'kill';
/** Each mutant meets tests for so long at most, in milliseconds. */
const MOST_MS = 1000 * Number(process.env.MUTATION_SECONDS);
/** Tests may have a clock of their own. */
const { setTimeout, clearTimeout } = globalThis;

/**
 * Runs each test of a file once for each mutant that it reaches and that no test has killed yet, all in one process: nothing is imported anew.
 * After a mutant that fails a test, the test is run without one: if that fails as well, a mutant has left something behind. The file then goes on
 * in a new process, where the mutant in doubt comes first.
 */
export default class MutantRunner extends TestRunner {
  readonly #instrumented: Instrumented = { mutantCoverage: { static: {}, perTest: {} } };
  #coverage: Coverage = { tests: {}, loaded: [] };
  readonly #names = new Map<string, number>();
  #file = '';
  #state: State = { tried: {}, unusable: [], isSpoilt: false, hasEnded: false };
  /** For how many milliseconds of tests each mutant has lived. */
  #spent: Record<string, number> = {};
  /** The present test. */
  #name = '';
  #queue: string[] = [];
  /** How many runs without a mutant come before the next one. */
  #cleanRuns = 0;
  /** The mutant that failed the test before such a run. */
  #suspect: string | undefined;
  /** What the present run of the test is: with a mutant, without one, or none, as vitest has to be told how many there are before the first. */
  #run: { mutant: string } | 'clean' | 'none' = 'clean';
  /** Whether no mutant has been active in this process yet. */
  #isFresh = true;

  constructor(...args: ConstructorParameters<typeof TestRunner>) {
    super(...args);
    (globalThis as { __stryker__?: Instrumented }).__stryker__ = this.#instrumented;
  }

  override onCollectStart(file: File): void {
    super.onCollectStart(file);
    this.#file = relative(process.cwd(), file.filepath);
    if (!KILLS) return;
    this.#coverage = readState<Coverage>(pathFor(FOLDER, 'coverage', this.#file)) ?? this.#coverage;
    this.#spent = readState<Record<string, number>>(join(FOLDER, 'spent.json')) ?? {};
    this.#state = { ...this.#state, ...readState<State>(pathFor(FOLDER, 'state', this.#file)), isSpoilt: false };
    this.#save();
  }

  override async onBeforeRunTask(test: Test): Promise<void> {
    await super.onBeforeRunTask(test);
    this.#name = this.#nameOf(test);
    this.#instrumented.currentTestId = this.#name;
    if (!KILLS || test.mode !== 'run') return;
    this.#queue = this.#mutantsFor(this.#name);
    this.#suspect = undefined;
    // Twice: what cannot be run again would seem to kill whatever comes next.
    this.#cleanRuns = 2;
    if (this.#queue.length === 0) test.mode = 'skip';
    // Each mutant may want a run without one after it.
    else test.repeats = 2 * this.#queue.length + 1;
  }

  /** Called by vitest in the place of the test's function. */
  async runTask(test: Test): Promise<void> {
    const run = TestRunner.getTestFn(test);
    if (!KILLS) return run();
    const mutant = this.#cleanRuns > 0 ? undefined : this.#queue.shift();
    if (mutant !== undefined) {
      this.#run = { mutant };
      return this.#withMutant(mutant, run);
    }
    this.#run = this.#cleanRuns > 0 ? 'clean' : 'none';
    if (this.#run === 'clean') await this.#inTime(run);
  }

  /** Called by vitest after a run of the test and of its hooks, whether it failed or not. */
  onAfterRetryTask(test: Test): void {
    this.#instrumented.activeMutant = undefined;
    this.#instrumented.hitCount = undefined;
    if (!KILLS || test.result === undefined) return;
    const failed = test.result.state === 'fail';
    test.result.state = 'pass';
    delete test.result.errors;
    if (this.#run === 'none') return;
    if (this.#run === 'clean') this.#judgeTest(failed);
    else this.#judgeMutant(this.#run.mutant, failed);
  }

  override onAfterRunTask(test: Task): void {
    super.onAfterRunTask(test);
    this.#instrumented.currentTestId = undefined;
    if (KILLS) {
      this.#save();
      return;
    }
    const reached = this.#instrumented.mutantCoverage.perTest[this.#name] ?? {};
    this.#coverage.tests[this.#name] = { ms: test.result?.duration ?? 0, hits: test.result?.state === 'pass' ? reached : {} };
  }

  override onAfterRunFiles(): void {
    super.onAfterRunFiles();
    if (KILLS) {
      this.#state.hasEnded = !this.#state.isSpoilt;
      this.#save();
      return;
    }
    this.#coverage.loaded = Object.keys(this.#instrumented.mutantCoverage.static);
    writeState(pathFor(FOLDER, 'coverage', this.#file), this.#coverage);
  }

  /** A name that no other test of the file has, the same in each run. */
  #nameOf(test: Test): string {
    const name = test.fullTestName ?? test.name;
    const before = this.#names.get(name) ?? 0;
    this.#names.set(name, before + 1);
    return before === 0 ? name : `${name} (${before + 1})`;
  }

  #mutantsFor(name: string): string[] {
    if (this.#state.isSpoilt || this.#state.unusable.includes(name)) return [];
    const { tried, suspect } = this.#state;
    const done = new Set(tried[name]);
    const killed = readKilled(FOLDER);
    const { ms, hits } = this.#reached;
    const rest = Object.keys(hits).filter(
      (mutant) => !killed.has(mutant) && !done.has(mutant) && (this.#spent[mutant] ?? 0) + ms < MOST_MS,
    );
    return suspect?.test === name ? [suspect.mutant, ...rest] : rest;
  }

  async #withMutant(mutant: string, run: () => Awaited<unknown>): Promise<void> {
    const { ms, hits } = this.#reached;
    this.#spent[mutant] = (this.#spent[mutant] ?? 0) + ms;
    this.#noteActive(mutant, this.#bound);
    this.#instrumented.hitCount = 0;
    this.#instrumented.hitLimit = Math.max(LEAST_HITS, (hits[mutant] ?? 1) * HITS_FACTOR);
    this.#instrumented.activeMutant = mutant;
    await this.#inTime(run);
  }

  async #inTime(run: () => Awaited<unknown>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('The test takes too long.')), this.#bound);
    });
    try {
      await Promise.race([run(), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  get #reached(): Coverage['tests'][string] {
    return this.#coverage.tests[this.#name] ?? { ms: 0, hits: {} };
  }

  /** How long the present test may take, in milliseconds. */
  get #bound(): number {
    return this.#reached.ms * TIME_FACTOR + MORE_MS;
  }

  #noteActive(mutant: string, ms: number): void {
    writeState(pathFor(FOLDER, 'active', this.#file), { test: this.#name, mutant, ms });
  }

  #judgeMutant(mutant: string, failed: boolean): void {
    this.#noteActive(mutant, BETWEEN_MS);
    this.#state.tried[this.#name] = [...(this.#state.tried[this.#name] ?? []), mutant];
    if (this.#state.suspect?.mutant === mutant) delete this.#state.suspect;
    if (failed) {
      // What is first in its process did it alone; of the others it is not known whether one before them did.
      if (this.#isFresh) noteKilled(FOLDER, mutant, `${this.#file} ${this.#name}`);
      else this.#suspect = mutant;
      this.#cleanRuns = 1;
    }
    this.#isFresh = false;
  }

  #judgeTest(failed: boolean): void {
    this.#cleanRuns -= 1;
    if (!failed) {
      if (this.#suspect !== undefined) noteKilled(FOLDER, this.#suspect, `${this.#file} ${this.#name}`);
      this.#suspect = undefined;
      return;
    }
    if (this.#isFresh) this.#state.unusable.push(this.#name);
    else {
      this.#state.isSpoilt = true;
      if (this.#suspect !== undefined) this.#state.suspect = { test: this.#name, mutant: this.#suspect };
    }
    this.#cleanRuns = 0;
    this.#queue = [];
    this.#save();
  }

  #save(): void {
    writeState(pathFor(FOLDER, 'state', this.#file), this.#state);
  }
}
