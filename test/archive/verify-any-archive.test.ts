import { describe, expect, it } from 'vitest';
import type { ManifestLine } from '../../src/archive/manifest-line.ts';
import { ManifestLines } from '../../src/archive/manifest-lines.ts';
import { type Checked, type CheckedArchive, type OtherFile, verifyArchive } from '../../src/archive/verify.ts';
import type { Finding } from '../../src/events.ts';

/** A manifest that lies in no file. */
class LinesInMemory extends ManifestLines {
  readonly #texts: string[];

  constructor(lines: readonly ManifestLine[]) {
    super();
    this.#texts = lines.map((line) => JSON.stringify(line));
    for (const [place, line] of lines.entries()) this.index(line, place);
  }

  get exists(): boolean {
    return true;
  }

  protected textAt(place: number): string | undefined {
    return this.#texts[place];
  }
}

/** The line of a recording of so many bytes. */
const saved = (id: string, more: Partial<ManifestLine> = {}) =>
  ({ id, status: 'saved', file: `${id}.mp3`, bytes: 3, sha256: 'a'.repeat(64), ...more }) as ManifestLine;
const many = (count: number, of: (n: number) => Partial<ManifestLine> = () => ({})) =>
  Array.from({ length: count }, (_, n) => saved(`call-${n}`, of(n)));

/** An archive of these lines: all of it whole, and nothing beside it, unless a test says otherwise. */
function archiveOf(lines: readonly ManifestLine[], change: Partial<CheckedArchive> = {}): CheckedArchive {
  return {
    manifestName: 's3://calls/manifest/',
    manifest: new LinesInMemory(lines),
    atOnce: 3,
    check: async ({ id, file }): Promise<Checked> => ({ status: 'whole', id, file: file ?? '', bytes: 3 }),
    async *others() {},
    hashOf: async () => undefined,
    ...change,
  };
}

const missing = async ({ id, file }: ManifestLine): Promise<Checked> => ({ status: 'missing', id, file: file ?? '' });

async function* each(files: readonly OtherFile[]): AsyncGenerator<OtherFile> {
  yield* files;
}

async function verify(archive: CheckedArchive, onFinding: (finding: Finding) => void = () => {}, signal = new AbortController().signal) {
  const findings: Finding[] = [];
  const tell = (finding: Finding) => {
    findings.push(finding);
    onFinding(finding);
  };
  const { fromReport } = await verifyArchive(archive, 's3://calls', { onTotal() {}, onFinding: tell }, signal);
  return { findings, fromReport };
}

describe('any archive that is checked', () => {
  it('is said to have no manifest where it has none, as both are called', async () => {
    const manifest = new LinesInMemory([]);
    Object.defineProperty(manifest, 'exists', { value: false });
    await expect(verify(archiveOf([], { manifest }))).rejects.toMatchObject({
      code: 'USAGE',
      message: 's3://calls has no s3://calls/manifest.',
      hint: expect.stringContaining('--dir'),
    });
  });

  it('has the damage of its manifest told by the piece that it stands in, and else by the manifest', async () => {
    const archive = archiveOf([]);
    archive.manifest.damage.add(3, 'manifest/piece-1');
    archive.manifest.damage.add(1);
    archive.manifest.damage.addTorn(2);
    expect((await verify(archive)).findings).toEqual([
      { status: 'damaged', file: 'manifest/piece-1', line: 3, lines: 1 },
      { status: 'damaged', file: 's3://calls/manifest/', line: 1, lines: 1 },
      { status: 'torn', file: 's3://calls/manifest/', line: 2 },
    ]);
  });

  it.each([
    ['some came from a report', [saved('a'), saved('b', { row: { Agent: 'Asha' } }), saved('c')], true],
    ['none did', [saved('a'), saved('b')], false],
  ])('tells whether its recordings came from a report: %s', async (_what, lines, fromReport) => {
    expect((await verify(archiveOf(lines))).fromReport).toBe(fromReport);
  });

  it('has a whole recording told of as incomplete whose header announces more, and no other', async () => {
    const incomplete = { announced: 9, bytes: 3 };
    expect((await verify(archiveOf([saved('a', { incomplete }), saved('b')]))).findings).toEqual([
      { status: 'whole', id: 'a', file: 'a.mp3', bytes: 3 },
      { status: 'incomplete', id: 'a', file: 'a.mp3', bytes: 3, announced: 9 },
      { status: 'whole', id: 'b', file: 'b.mp3', bytes: 3 },
    ]);
    expect((await verify(archiveOf([saved('a', { incomplete })], { check: missing }))).findings).toEqual([
      { status: 'missing', id: 'a', file: 'a.mp3' },
    ]);
  });

  it('has as many recordings checked at once as it says, and no more', async () => {
    let under = 0;
    let most = 0;
    const check = async ({ id, file }: ManifestLine): Promise<Checked> => {
      under += 1;
      most = Math.max(most, under);
      await new Promise((resolve) => setImmediate(resolve));
      under -= 1;
      return { status: 'whole', id, file: file ?? '', bytes: 3 };
    };
    expect((await verify(archiveOf(many(20), { check }))).findings).toHaveLength(20);
    expect(most).toBe(3);
  });

  it('is checked no further once whoever is told throws, and throws that', async () => {
    let checked = 0;
    const check = async ({ id, file }: ManifestLine): Promise<Checked> => {
      checked += 1;
      return { status: 'whole', id, file: file ?? '', bytes: 3 };
    };
    const others = () => {
      throw new Error('not to be asked');
    };
    const told = verify(archiveOf(many(100), { check, others }), () => {
      throw new Error('the reader is gone');
    });
    await expect(told).rejects.toThrow('the reader is gone');
    expect(checked).toBeLessThan(10);
  });

  it('is checked no further once a signal has come', async () => {
    const stop = new AbortController();
    const findings: Finding[] = [];
    const told = verify(
      archiveOf(many(100)),
      (finding) => {
        findings.push(finding);
        stop.abort(new Error('enough'));
      },
      stop.signal,
    );
    await expect(told).rejects.toThrow('enough');
    expect(findings.length).toBeLessThan(10);
  });

  it('lets others have a turn in a long check', async () => {
    let hadTheirTurn = false;
    setImmediate(() => {
      hadTheirTurn = true;
    });
    let toldBefore = 0;
    await verify(archiveOf(many(3000)), () => {
      if (!hadTheirTurn) toldBefore += 1;
    });
    expect(toldBefore).toBeLessThan(1500);
  });
});

describe('what lies beside an archive that is checked', () => {
  it('is named, and why where it cannot be looked into', async () => {
    const others = () =>
      each([
        { file: 'a.txt', bytes: 3 },
        { file: 'closed', unreadable: 'EACCES' },
        { file: 'b.txt', bytes: 0 },
      ]);
    expect((await verify(archiveOf([], { others }))).findings).toEqual([
      { status: 'unrecorded', file: 'a.txt' },
      { status: 'unrecorded', file: 'closed', why: 'EACCES' },
      { status: 'unrecorded', file: 'b.txt' },
    ]);
  });

  it('is known from what is recorded by its name, however that is composed, and the folders above it', async () => {
    const asked: Record<string, boolean> = {};
    const names = ['x', 'x/y', 'x/y/\u00e9.mp3', 'x/y/e\u0301.mp3', 'x/y/e.mp3', 'y', 'x/y/', '', 'x/z', 'x/z/b.mp3', 'c.mp3'];
    const others = (isRecorded: (file: string) => boolean) => {
      for (const name of names) asked[name] = isRecorded(name);
      return each([]);
    };
    const lines = [saved('a', { file: 'x/y/\u00e9.mp3' }), saved('b', { file: 'x/z/b.mp3' }), saved('c')];
    await verify(archiveOf(lines, { others }));
    const known = Object.keys(asked).filter((name) => asked[name]);
    expect(known).toEqual(['x', 'x/y', 'x/y/\u00e9.mp3', 'x/y/e\u0301.mp3', 'x/z', 'x/z/b.mp3', 'c.mp3']);
  });

  it('is hashed only where it has the size of a missing recording, and told of for each that has its bytes', async () => {
    const lines = [
      saved('a', { bytes: 5, sha256: 'a'.repeat(64) }),
      saved('b', { bytes: 5, sha256: 'b'.repeat(64) }),
      saved('c', { bytes: 5, sha256: 'a'.repeat(64) }),
      saved('whole', { bytes: 7, sha256: 'a'.repeat(64) }),
    ];
    const hashed: string[] = [];
    const archive = archiveOf(lines, {
      check: async (line) => (line.id === 'whole' ? { status: 'whole', id: 'whole', file: 'whole.mp3', bytes: 7 } : missing(line)),
      others: () =>
        each([
          { file: 'other', bytes: 6 },
          { file: 'copy', bytes: 7 },
          { file: 'found', bytes: 5 },
          { file: 'unreadable', bytes: 5 },
        ]),
      hashOf: async (file) => {
        hashed.push(file);
        return file === 'found' ? 'a'.repeat(64) : undefined;
      },
    });
    const { findings } = await verify(archive);
    expect(hashed).toEqual(['found', 'unreadable']);
    expect(findings.filter(({ status }) => status === 'moved')).toEqual([
      { status: 'moved', id: 'a', file: 'a.mp3', to: 'found' },
      { status: 'moved', id: 'c', file: 'c.mp3', to: 'found' },
    ]);
  });

  it('is sought for the first 10,000 recordings that are missing', async () => {
    const archive = archiveOf(
      many(10_002, (n) => ({ bytes: n })),
      {
        check: missing,
        others: () => each([0, 9_999, 10_000, 10_001].map((bytes) => ({ file: `of-${bytes}`, bytes }))),
        hashOf: async () => 'a'.repeat(64),
      },
    );
    const { findings } = await verify(archive);
    expect(findings.flatMap((finding) => (finding.status === 'moved' ? [finding.to] : []))).toEqual(['of-0', 'of-9999']);
  });
});
