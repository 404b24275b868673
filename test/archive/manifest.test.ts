import { execFileSync } from 'node:child_process';
import { appendFile, type FileHandle, link, mkdir, open, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { MANIFEST_NAME, Manifest, type ManifestLine } from '../../src/archive/manifest.ts';
import { damageNotice } from '../../src/archive/manifest-damage.ts';
import { interruptedError } from '../../src/errors.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

function saved(id: string, more: Partial<ManifestLine> = {}): ManifestLine {
  return {
    id,
    status: 'saved',
    file: `${id}.mp3`,
    bytes: 3,
    sha256: 'a'.repeat(64),
    contentType: 'audio/mpeg',
    etag: '"e"',
    attempts: 1,
    at: '2026-01-02T03:04:05.000Z',
    error: null,
    ...more,
  };
}

function failed(id: string, message = 'The network was down.'): ManifestLine {
  const error = { code: 'NETWORK', message, hint: 'Try again.', retryable: true } as const;
  return saved(id, { status: 'failed', file: null, bytes: null, sha256: null, contentType: null, etag: null, error });
}

const text = (...lines: unknown[]) => lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');

/** A folder whose manifest holds this text, the manifest opened, and closed when the work is done. */
async function opened<Result>(content: string | Buffer, work: (manifest: Manifest, file: string) => Promise<Result> | Result) {
  const folder = await tempFolder();
  const file = join(folder, MANIFEST_NAME);
  await writeFile(file, content);
  const manifest = await Manifest.open(folder);
  try {
    return await work(manifest, file);
  } finally {
    await manifest.close();
  }
}

describe('a manifest that is read', () => {
  it('is empty where there is none, and leaves the folder as it was', async () => {
    const folder = await tempFolder();
    const manifest = await Manifest.open(join(folder, 'not-there'));
    expect(manifest.exists).toBe(false);
    expect(manifest.size).toBe(0);
    expect(manifest.find('a')).toBeUndefined();
    expect([...manifest.savedLines()]).toEqual([]);
    await manifest.close();
  });

  it('gives back each line as it was written', async () => {
    const lines = [saved('a'), failed('b'), saved('c==/+ é'), saved('\u2028"\\')];
    await opened(text(...lines), (manifest) => {
      expect(manifest.exists).toBe(true);
      expect(lines.map(({ id }) => manifest.find(id))).toEqual(lines);
      expect(manifest.size).toBe(4);
    });
  });

  it('holds by the last line of an id', async () => {
    await opened(text(failed('a'), saved('b'), saved('a'), failed('b', 'last')), (manifest) => {
      expect(manifest.find('a')?.status).toBe('saved');
      expect(manifest.find('b')?.error?.message).toBe('last');
    });
  });

  it('knows the last line that called an id saved, whatever was said of it later', async () => {
    const again = { ...saved('b'), bytes: 7 };
    await opened(text(saved('b'), failed('a'), failed('b'), again, saved('c'), failed('b'), failed('b', 'last')), (manifest) => {
      expect(manifest.findSaved('b')).toEqual(again);
      expect(manifest.findSaved('c')).toEqual(saved('c'));
      expect(manifest.findSaved('a')).toBeUndefined();
      expect(manifest.findSaved('nobody')).toBeUndefined();
      expect([...manifest.savedLines()]).toEqual([again, saved('c')]);
      expect(manifest.savedCount).toBe(2);
    });
  });

  it('shows each whole line once while it is opened, in order', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, MANIFEST_NAME), `${text(failed('a'), 'garbage', saved('a'))}{"id":"torn"`);
    const seen: string[] = [];
    const manifest = await Manifest.open(folder, (line) => seen.push(`${line.id} ${line.status}`));
    await manifest.close();
    expect(seen).toEqual(['a failed', 'a saved']);
  });

  it.each([
    ['no JSON', 'garbage'],
    ['an empty line', ''],
    ['JSON that is no object', 'null'],
    ['a number', '5'],
    ['a list', '[]'],
    ['no id', '{"status":"failed"}'],
    ['an id that is no text', '{"id":5,"status":"failed"}'],
    ['a status that there is not', JSON.stringify({ ...saved('a'), status: 'lost' })],
    ['a saved one without its file', JSON.stringify({ ...saved('a'), file: null })],
    ['a saved one without its size', JSON.stringify({ ...saved('a'), bytes: '3' })],
    ['a saved one without its hash', JSON.stringify({ ...saved('a'), sha256: undefined })],
    ['a gone one without its error', '{"id":"a","status":"gone"}'],
    ['a gone one with another error', JSON.stringify({ ...failed('a'), status: 'gone' })],
    ['a gone one whose error is a text', '{"id":"a","status":"gone","error":"Invalid Id"}'],
    ['a torn line in the middle', '{"id":"a","status":"fai'],
  ])('passes over %s: the line before it holds', async (_what, line) => {
    await opened(text(saved('a'), line, saved('b')), (manifest) => {
      expect(manifest.find('a')).toEqual(saved('a'));
      expect(manifest.find('b')).toEqual(saved('b'));
      expect(manifest.size).toBe(2);
    });
  });

  it.each([4095, 4096, 4097, 20_000, 1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1, 3_000_000])(
    'reads lines of %i bytes, and those around them',
    async (length) => {
      const long = failed('long');
      const padding = length - Buffer.byteLength(JSON.stringify(long));
      const huge = failed('long', `${long.error?.message}${'x'.repeat(padding)}`);
      expect(Buffer.byteLength(JSON.stringify(huge))).toBe(length);
      await opened(text(saved('a'), huge, saved('b')), (manifest) => {
        expect(manifest.find('long')).toEqual(huge);
        expect([manifest.find('a'), manifest.find('b')]).toEqual([saved('a'), saved('b')]);
        expect([...manifest.savedLines()].map(({ id }) => id)).toEqual(['a', 'b']);
      });
    },
  );

  it('counts places in bytes: characters that take several do not shift what follows', async () => {
    const lines = Array.from({ length: 3000 }, (_, n) => saved(`é${'日'.repeat(n % 300)}${n}😀`));
    await opened(text(...lines), (manifest) => {
      expect(lines.filter(({ id }) => manifest.find(id)?.id !== id)).toEqual([]);
      expect(manifest.size).toBe(3000);
    });
  });

  it('reads lines that end as on Windows', async () => {
    await opened(text(saved('a'), saved('b')).replaceAll('\n', '\r\n'), (manifest) => {
      expect(manifest.find('a')).toEqual(saved('a'));
      expect(manifest.find('b')).toEqual(saved('b'));
    });
  });

  it('counts the lines that it cannot read, and says where they stand', async () => {
    const lines = ['garbage', '[]', saved('a'), '', 'more garbage', saved('b')];
    await opened(`${text(...lines)}{"id":"to`, ({ damage }) => {
      expect(damage.count).toBe(3);
      expect(damage.ranges).toEqual([
        { line: 1, lines: 2 },
        { line: 5, lines: 1 },
      ]);
      expect(damage.torn).toBe(7);
      expect(damageNotice(damage, 'calls/manifest.jsonl')).toContain('3 lines of calls/manifest.jsonl are damaged');
    });
    await opened(text(saved('a')), ({ damage }) => expect(damageNotice(damage, 'm')).toBeUndefined());
  });

  it.each<[string, (good: string) => string | Buffer]>([
    ['a mark at its beginning (BOM)', (good) => `\ufeff${good}`],
    ['bytes that are no UTF-8', (good) => Buffer.from(good.replace('"a"', '"\xe9"'), 'latin1')],
    ['a hash that is none', (good) => good.replace('aaaa', 'aaag')],
    ['a size below nothing', (good) => good.replace('"bytes":3', '"bytes":-3')],
    ['a line end that has turned into something else', (good) => good.replace(/\n$/, '*')],
  ])('counts a line as damaged that has %s', async (_what, spoil) => {
    await opened(spoil(text(saved('a'))), ({ damage }) => expect(damage.count).toBe(1));
  });

  it('counts all lines of a manifest in UTF-16 as damaged', async () => {
    await opened(Buffer.from(text(saved('a'), saved('b'), saved('c')), 'utf16le'), ({ damage, size }) => {
      expect([damage.count, size]).toEqual([3, 0]);
      expect(damage.ranges).toEqual([{ line: 1, lines: 3 }]);
    });
  });

  it('holds no line of more than 16 MB, and reads on behind it', async () => {
    const huge = failed('huge', 'x'.repeat(17_000_000));
    await opened(text(saved('a'), huge, saved('b')), (manifest) => {
      expect(manifest.find('huge')).toBeUndefined();
      expect(manifest.find('b')).toEqual(saved('b'));
      expect(manifest.damage.ranges).toEqual([{ line: 2, lines: 1 }]);
    });
  });

  it('can be stopped in the midst of what has no lines at all', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, MANIFEST_NAME), '');
    // A hole: it reads as 64 GB of zeros.
    await truncate(join(folder, MANIFEST_NAME), 2 ** 36);
    const stop = new AbortController();
    setImmediate(() => stop.abort(interruptedError('SIGINT')));
    await expect(Manifest.open(folder, undefined, stop.signal)).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });

  it.each<[string, (file: string) => unknown]>([
    ['a symbolic link', (file) => symlink('/etc/hostname', file)],
    ['a link to nowhere', (file) => symlink('nowhere', file)],
    ['a device that never ends', (file) => symlink('/dev/zero', file)],
    ['a pipe, which nobody writes to', (file) => execFileSync('mkfifo', [file])],
    [
      'a file with two names',
      async (file) => {
        await writeFile(file, '');
        await link(file, `${file}.other`);
      },
    ],
  ])('is an error of the file system where it is %s', async (_what, put) => {
    const folder = await tempFolder();
    await put(join(folder, MANIFEST_NAME));
    await expect(Manifest.open(folder)).rejects.toMatchObject({
      code: 'FILE_SYSTEM',
      exitCode: 7,
      message: expect.stringContaining(MANIFEST_NAME),
    });
  });

  it('is an error of the file system where a folder has its name', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, MANIFEST_NAME));
    await expect(Manifest.open(folder)).rejects.toMatchObject({ code: 'FILE_SYSTEM', message: expect.stringContaining(MANIFEST_NAME) });
  });

  it('is an error of the file system where a file has the name of the folder', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'file'), '');
    await expect(Manifest.open(join(folder, 'file'))).rejects.toMatchObject({ code: 'FILE_SYSTEM' });
  });
});

describe('a manifest that is written', () => {
  it('is made by its first line, and read back by the next run', async () => {
    const folder = await tempFolder();
    const manifest = await Manifest.open(folder);
    await manifest.append(saved('a'));
    await manifest.append(failed('b'));
    await manifest.close();
    expect(await readFile(join(folder, MANIFEST_NAME), 'utf8')).toBe(text(saved('a'), failed('b')));
    const again = await Manifest.open(folder);
    expect(again.find('b')).toEqual(failed('b'));
    await again.close();
  });

  it('has a line on the disk when its promise resolves', async () => {
    await opened(text(saved('a')), async (manifest, file) => {
      await manifest.append(saved('b'));
      expect(await readFile(file, 'utf8')).toBe(text(saved('a'), saved('b')));
    });
  });

  it('keeps the order of lines that come at once, and tears none', async () => {
    await opened('', async (manifest, file) => {
      const lines = Array.from({ length: 500 }, (_, n) => failed(`id-${n}`, 'x'.repeat(n * 7)));
      await Promise.all(lines.map((line) => manifest.append(line)));
      expect(await readFile(file, 'utf8')).toBe(text(...lines));
    });
  });

  it('flushes many lines that come at once a few times only', async () => {
    await opened('', async (manifest, file) => {
      const sizes = new Set<number>();
      const lines = Array.from({ length: 200 }, (_, n) => saved(`id-${n}`));
      await Promise.all(lines.map((line) => manifest.append(line).then(async () => sizes.add((await readFile(file)).length))));
      expect(sizes.size).toBeLessThanOrEqual(2);
    });
  });

  it('cuts off what a crash has left of the last line before it adds one', async () => {
    const torn = JSON.stringify(saved('b')).slice(0, 40);
    await opened(`${text(saved('a'))}${torn}`, async (manifest, file) => {
      expect(manifest.find('b')).toBeUndefined();
      expect(await readFile(file, 'utf8')).toBe(`${text(saved('a'))}${torn}`);
      await manifest.append(saved('c'));
      await manifest.append(saved('d'));
      expect(await readFile(file, 'utf8')).toBe(text(saved('a'), saved('c'), saved('d')));
    });
  });

  it('begins a line of its own behind a torn one where more has come behind that since', async () => {
    await opened(`${text(saved('a'))}{"id":"b","st`, async (manifest, file) => {
      await appendFile(file, 'atus":');
      await manifest.append(saved('c'));
      expect(await readFile(file, 'utf8')).toBe(`${text(saved('a'))}{"id":"b","status":\n${text(saved('c'))}`);
    });
  });

  it('cuts off a torn character', async () => {
    const torn = Buffer.from(text(saved('日'))).subarray(0, 8);
    await opened(Buffer.concat([Buffer.from(text(saved('a'))), torn]), async (manifest, file) => {
      await manifest.append(saved('c'));
      const again = await Manifest.open(join(file, '..'));
      expect([...again.savedLines()].map(({ id }) => id)).toEqual(['a', 'c']);
      expect(again.damage.count).toBe(0);
      await again.close();
    });
  });

  it('goes on behind a last line that lacks nothing but its end', async () => {
    await opened(text(saved('a'), saved('b')).slice(0, -1), async (manifest, file) => {
      expect(manifest.find('b')).toEqual(saved('b'));
      expect(manifest.damage).toMatchObject({ count: 0, torn: undefined });
      await manifest.append(saved('c'));
      expect(await readFile(file, 'utf8')).toBe(text(saved('a'), saved('b'), saved('c')));
    });
  });

  it('is not written through a link that has come since it was opened', async () => {
    const folder = await tempFolder();
    const elsewhere = join(await tempFolder(), 'elsewhere');
    await writeFile(elsewhere, 'mine');
    const manifest = await Manifest.open(folder);
    await symlink(elsewhere, join(folder, MANIFEST_NAME));
    await expect(manifest.append(saved('a'))).rejects.toMatchObject({
      code: 'FILE_SYSTEM',
      message: expect.stringContaining('symbolic link'),
    });
    await manifest.close();
    expect(await readFile(elsewhere, 'utf8')).toBe('mine');
  });

  it('does not find in this run what it has added in this run', async () => {
    await opened(text(saved('a')), async (manifest) => {
      await manifest.append(failed('a'));
      await manifest.append(saved('b'));
      expect(manifest.find('a')).toEqual(saved('a'));
      expect(manifest.find('b')).toBeUndefined();
    });
  });

  it('adds to what stands there, also what another hand has added meanwhile', async () => {
    await opened(text(saved('a')), async (manifest, file) => {
      await appendFile(file, text(saved('other')));
      await manifest.append(saved('b'));
      expect(await readFile(file, 'utf8')).toBe(text(saved('a'), saved('other'), saved('b')));
    });
  });

  it.each(['in the middle of a line', 'when it is flushed'])('takes back what a full disk took of it %s', async (when) => {
    await opened(text(saved('a')), async (manifest, file) => {
      const probe = await open(file, 'r');
      const handles = Object.getPrototypeOf(probe) as FileHandle;
      await probe.close();
      const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC', syscall: 'write' });
      if (when === 'when it is flushed') vi.spyOn(handles, 'datasync').mockRejectedValueOnce(full);
      else {
        vi.spyOn(handles, 'appendFile').mockImplementationOnce(async function (this: FileHandle, data) {
          await this.write(String(data).slice(0, 20));
          throw full;
        });
      }
      onTestFinished(() => void vi.restoreAllMocks());
      await expect(manifest.append(saved('b'))).rejects.toMatchObject({ code: 'FILE_SYSTEM' });
      expect(await readFile(file, 'utf8')).toBe(text(saved('a')));
      await manifest.append(saved('c'));
      expect(await readFile(file, 'utf8')).toBe(text(saved('a'), saved('c')));
    });
  });

  it('tells of a folder that is gone, and to everyone who waited', async () => {
    const folder = await tempFolder();
    const manifest = await Manifest.open(join(folder, 'gone'));
    const appended = await Promise.allSettled([manifest.append(saved('a')), manifest.append(saved('b'))]);
    await manifest.close();
    for (const outcome of appended) expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'FILE_SYSTEM' } });
  });
});
