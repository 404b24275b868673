import { usageError } from '../errors.ts';
import type { Finding } from '../events.ts';
import { DigestMap, DigestSet, shortDigest } from './digest-map.ts';
import type { ManifestLine } from './manifest-line.ts';
import type { ManifestLines } from './manifest-lines.ts';
import { Semaphore } from './semaphore.ts';

/** After so many lines that were not waited for others get a turn. */
const LINES_A_BREATH = 1000;

/** So many findings may wait for the recordings before them. */
const MOST_WAITING = 10_000;

/** So many missing files are looked for under another name. */
const MOST_SOUGHT = 10_000;

/** An archive as its check sees it. Files are named relative to it, with forward slashes. */
export interface CheckedArchive {
  /** What the manifest is called in messages. */
  readonly manifestName: string;
  /** What to say of the archive before it is checked: that others can write to it. */
  readonly notice?: string | undefined;
  readonly manifest: ManifestLines;
  /** How many recordings are worth checking at once. */
  readonly atOnce: number;
  /** Holds one recording against its line. Throws the signal's reason alone. */
  check(line: ManifestLine, signal: AbortSignal): Promise<Checked>;
  /** What lies there and `isRecorded` does not know, without the tool's own files. Throws `FILE_SYSTEM`. */
  others(isRecorded: (file: string) => boolean, signal: AbortSignal): AsyncIterable<OtherFile>;
  /** The SHA-256 of such a file; undefined where it cannot be read. */
  hashOf(file: string, signal: AbortSignal): Promise<string | undefined>;
}

/** What was found out of one recording. */
export type Checked = Extract<Finding, { status: 'whole' | 'missing' | 'short' | 'changed' | 'unreadable' | 'link' }>;

/** A file that nobody recorded, or a folder that may not be read. */
export type OtherFile = { file: string; bytes: number } | { file: string; unreadable: string };

/** What is told of a check as it goes on. */
export interface VerifyListener {
  /** Called once, before any finding: so many recordings are checked. */
  onTotal: (recordings: number) => void;
  onFinding: (finding: Finding) => void;
}

/**
 * Holds an archive against its manifest. Each file that the manifest calls saved is hashed; then what lies there beside them is named. What is
 * wrong is told in the order of the manifest, so that what two checks say can be compared; what is whole, as soon as that is known.
 * `nameOfArchive` is the archive as the user typed it. Gives whether any recording came from a report, whose columns its line keeps.
 *
 * Throws `USAGE` where it has no manifest, `FILE_SYSTEM` where it cannot be read, the signal's reason, or what `tell` throws.
 */
export async function verifyArchive(
  archive: CheckedArchive,
  nameOfArchive: string,
  tell: VerifyListener,
  signal: AbortSignal,
): Promise<{ fromReport: boolean }> {
  const { manifestName, manifest } = archive;
  const { damage } = manifest;
  if (!manifest.exists) {
    throw usageError(
      `${nameOfArchive} has no ${manifestName.replace(/\/$/u, '')}.`,
      'Name an archive that `kaleyra-rec batch` has filled (its --dir).',
    );
  }
  tell.onTotal(manifest.savedCount);
  for (const { file = manifestName, line, lines } of damage.ranges) tell.onFinding({ status: 'damaged', file, line, lines });
  if (damage.torn !== undefined) tell.onFinding({ status: 'torn', file: manifestName, line: damage.torn });
  const check = new Check(archive, tell, signal);
  await check.recordings();
  await check.others();
  return check;
}

/** One check of an archive. */
class Check {
  fromReport = false;
  readonly #archive: CheckedArchive;
  readonly #tell: VerifyListener;
  readonly #signal: AbortSignal;
  /** Whose file each is, both as digests: a million names take 34 MB. */
  readonly #owners = new DigestMap();
  /** The folders that recorded files lie in. */
  readonly #folders = new DigestSet();
  /** Missing recordings by their size. */
  readonly #sought = new Map<number, ManifestLine[]>();
  #soughtCount = 0;
  /** The turns of the recordings that are being checked, the first one first. */
  readonly #running = new Set<number>();
  /** What was found ahead of its turn. */
  #waiting: { turn: number; finding: Finding }[] = [];

  constructor(archive: CheckedArchive, tell: VerifyListener, signal: AbortSignal) {
    this.#archive = archive;
    this.#tell = tell;
    this.#signal = signal;
  }

  async recordings(): Promise<void> {
    const slots = new Semaphore(this.#archive.atOnce);
    let fault: unknown;
    let turn = 0;
    for (const line of this.#archive.manifest.savedLines()) {
      turn += 1;
      if (turn % LINES_A_BREATH === 0) await new Promise((resolve) => setImmediate(resolve));
      if (this.#waiting.length >= MOST_WAITING) await slots.allFree();
      await slots.take();
      if (this.#signal.aborted || fault !== undefined) {
        slots.free();
        break;
      }
      void this.#inTurn(turn, line)
        .catch((error: unknown) => {
          fault = error;
        })
        .finally(() => slots.free());
    }
    await slots.allFree();
    this.#signal.throwIfAborted();
    if (fault !== undefined) throw fault;
  }

  async others(): Promise<void> {
    const isRecorded = (file: string) => this.#owners.has(keyOf(file)) || this.#folders.has(keyOf(file));
    for await (const other of this.#archive.others(isRecorded, this.#signal)) {
      if ('unreadable' in other) {
        this.#tell.onFinding({ status: 'unrecorded', file: other.file, why: other.unreadable });
        continue;
      }
      this.#tell.onFinding({ status: 'unrecorded', file: other.file });
      await this.#recognise(other.file, other.bytes);
    }
  }

  /** Checks one recording, and tells what is wrong with it once all before it are checked. */
  async #inTurn(turn: number, line: ManifestLine): Promise<void> {
    this.#running.add(turn);
    try {
      const finding = await this.#recording(line);
      if (finding !== undefined) this.#waiting.push({ turn, finding });
    } finally {
      const [first] = this.#running;
      this.#running.delete(turn);
      if (turn === first) this.#tellTurns();
    }
  }

  #tellTurns(): void {
    const [first = Number.POSITIVE_INFINITY] = this.#running;
    const due = this.#waiting.filter(({ turn }) => turn < first);
    if (due.length === 0) return;
    this.#waiting = this.#waiting.filter(({ turn }) => turn >= first);
    for (const { finding } of due.sort((a, b) => a.turn - b.turn)) this.#tell.onFinding(finding);
  }

  /** What is wrong with one recording. */
  async #recording(line: ManifestLine): Promise<Finding | undefined> {
    const { id, incomplete, row } = line;
    this.fromReport ||= row !== undefined;
    const file = line.file ?? '';
    if (!this.#claim(file, id)) return { status: 'shared', id, file };
    const found = await this.#archive.check(line, this.#signal);
    if (found.status === 'missing') this.#seek(line);
    if (found.status !== 'whole') return found;
    this.#tell.onFinding(found);
    return incomplete && { status: 'incomplete', id, file, bytes: found.bytes, announced: incomplete.announced };
  }

  /** Whether a file is no other recording's. */
  #claim(file: string, id: string): boolean {
    const key = keyOf(file);
    for (let end = key.lastIndexOf('/'); end > 0; end = key.lastIndexOf('/', end - 1)) if (!this.#folders.add(key.slice(0, end))) break;
    const own = shortDigest(id);
    if ((this.#owners.get(key) ?? own) !== own) return false;
    this.#owners.set(key, own);
    return true;
  }

  #seek(line: ManifestLine): void {
    if (this.#soughtCount === MOST_SOUGHT) return;
    this.#soughtCount += 1;
    const bytes = line.bytes ?? 0;
    this.#sought.set(bytes, [...(this.#sought.get(bytes) ?? []), line]);
  }

  /** Says so where a file that nobody recorded holds the bytes of one that is missing. */
  async #recognise(file: string, bytes: number): Promise<void> {
    const lines = this.#sought.get(bytes);
    if (lines === undefined) return;
    const sha256 = await this.#archive.hashOf(file, this.#signal);
    for (const { id, file: recorded, sha256: expected } of lines) {
      if (expected === sha256) this.#tell.onFinding({ status: 'moved', id, file: recorded ?? '', to: file });
    }
  }
}

/** A name as all disks have it alike: macOS decomposes characters, and others compose them. */
function keyOf(file: string): string {
  return file.normalize('NFC');
}
