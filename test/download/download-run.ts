import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import type { Destination } from '../../src/archive/draft.ts';
import { folderDestination } from '../../src/download/destinations.ts';
import { Download, downloadRecording } from '../../src/download/download.ts';
import type { DownloadOptions, DownloadTools } from '../../src/download/transfer.ts';
import type { RecordingError } from '../../src/errors.ts';
import type { RecordingEvent, SavedRecording } from '../../src/events.ts';
import type { Rest } from '../../src/http/store.ts';
import { createPace } from '../../src/retry/pace.ts';
import { retryPolicy } from '../../src/retry/policy.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { testSystem } from '../helpers/test-system.ts';
import { wav } from './recordings.ts';
import { answers, type Step, whole } from './scripted-store.ts';

/** The recording that is asked for. */
export const audio = wav(5000);
/** Another one of the same length. */
export const other = wav(5000, 2);
/** The recording's SHA-256. */
export const sha256 = createHash('sha256').update(audio).digest('hex');
/** An ETag that says nothing about the bytes, as of an object uploaded in parts. */
export const etag = '"0123456789abcdef0123456789abcdef-2"';
/** What each link is signed with. */
export const signature = 'fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210';
/** What a proxy hands out in place of a recording. */
export const page = Buffer.from(`<!DOCTYPE html><html><body>${'Sign in here. '.repeat(100)}</body></html>`);

/** The running test's folder, new and empty. */
export let folder: string;

/** For the top of a test file: a folder for each test, and the check that every answer of the store was let go of. */
export function useDownloads(): void {
  beforeEach(async () => {
    folder = await tempFolder();
    answers.given = 0;
    answers.cancelled = 0;
  });

  afterEach(() => {
    // An answer that nobody lets go of would hold its connection for ever.
    expect(answers.cancelled).toBe(answers.given);
  });
}

/** What happens in a download. */
export interface Scenario {
  steps: Step[];
  /** What the service says to each question for a link; a link where left out. */
  links?: (RecordingError | undefined)[];
  destination?: Destination;
  retries?: number;
  unannouncedLimit?: number;
  stallTimeoutMs?: number;
  /** How many requests a second the service is asked at most. */
  perSecond?: number;
  signal?: AbortSignal;
  /** Handed the clock of the run before it begins. */
  onClock?: (clock: ReturnType<typeof testSystem>) => void;
  /** Ask for the link ahead, and let the clock go on by so many milliseconds before the bytes are fetched. */
  askedAhead?: { waitMs: number; meanwhile?: () => void };
}

/** How a download went. */
export interface Run {
  saved: SavedRecording | undefined;
  error: unknown;
  /** By which link the store was asked, counted from 1, and from which byte on: `1@0 1@2000`. */
  asked: string;
  /** What each of these requests was guarded by. */
  ifMatch: (string | undefined)[];
  /** How often the service was asked for a link. */
  links: number;
  /** How often the pace was told of an answer. */
  answered: number;
  events: RecordingEvent[];
  /** `2 NETWORK` for each attempt after the first. */
  retries: string[];
  sleeps: readonly number[];
  /** What lies in the folder afterwards, sorted. */
  files: string[];
}

/** The running test's folder, or another, as the destination; nobody else is at work there. */
export function lockless(at = folder): Destination {
  const free = { lost: new AbortController().signal, release: async () => undefined, releaseSync: () => undefined };
  return folderDestination(at, { replace: false, elapsed: () => 0, lock: async () => free });
}

/** Downloads once from a scripted store. The steps left over, and a request too many, fail the test. */
export async function run({
  steps,
  links = [],
  destination = lockless(),
  retries = 5,
  signal,
  unannouncedLimit,
  stallTimeoutMs,
  perSecond,
  onClock,
  askedAhead,
}: Scenario): Promise<Run> {
  const clock = testSystem();
  onClock?.(clock);
  const left = [...steps];
  const found: Run = {
    saved: undefined,
    error: undefined,
    asked: '',
    ifMatch: [],
    links: 0,
    answered: 0,
    events: [],
    retries: [],
    sleeps: [],
    files: [],
  };
  const tools: DownloadTools = {
    askLink: async ({ id, wants }) => {
      expect({ id, wants }).toEqual({ id: 'id', wants: 'redirect' });
      const refused = links[found.links];
      found.links += 1;
      if (refused !== undefined) throw refused;
      return { url: new URL(`https://store.example/${found.links}?X-Amz-Signature=${signature}`), validityMinutes: 5, expiresAt: 0 };
    },
    getObject: async (link, asked: Rest | undefined) => {
      found.asked = `${found.asked} ${link.pathname.slice(1)}@${asked?.from ?? 0}`.trim();
      found.ifMatch.push(asked?.etag);
      const step = left.shift();
      if (step === undefined) throw new Error('The store was asked once too often.');
      return step(asked);
    },
    policy: retryPolicy(retries),
    pace: {
      ...createPace(clock, perSecond),
      answered: () => {
        found.answered += 1;
      },
    },
    clock,
    onEvent: (event) => found.events.push(event),
    ...(stallTimeoutMs === undefined ? {} : { stallTimeoutMs }),
  };
  const options: DownloadOptions = {
    signal: signal ?? new AbortController().signal,
    ...(unannouncedLimit === undefined ? {} : { unannouncedLimit }),
  };
  try {
    found.saved = await (askedAhead === undefined
      ? downloadRecording('id', destination, tools, options)
      : downloadAhead(destination, tools, options, askedAhead));
  } catch (error) {
    found.error = error;
  }
  expect(left).toEqual([]);
  found.retries = found.events.flatMap((event) => (event.type === 'retrying' ? [`${event.attempt} ${event.error.code}`] : []));
  found.sleeps = clock.sleeps;
  found.files = (await readdir(folder)).sort();
  return found;
}

/** As a batch does it: the link ahead, the bytes when there is a slot. */
async function downloadAhead(
  destination: Destination,
  tools: DownloadTools,
  options: DownloadOptions,
  { waitMs, meanwhile }: NonNullable<Scenario['askedAhead']>,
): Promise<SavedRecording> {
  const download = new Download('id', tools, options);
  await download.ask();
  await tools.clock.sleep(waitMs);
  meanwhile?.();
  const draft = await destination.open('id');
  const fetched = await download.into(draft);
  expect(download.attempts).toBe(fetched.attempts);
  return draft.commit(fetched);
}

/** The bytes that were saved, which must be all that the folder holds. */
export async function savedBytes(found: Run): Promise<Buffer> {
  expect(found.error).toBeUndefined();
  expect(found.files).toEqual(['id.wav']);
  return readFile(path.join(folder, 'id.wav'));
}

/** Lets an earlier run keep so many bytes of an object. */
export async function leavePart(bytes: Uint8Array, cutAfter: number, tag = etag): Promise<void> {
  const found = await run({ steps: [whole(bytes, { cutAfter, etag: tag })], retries: 0 });
  expect(found.files).toHaveLength(2);
}
