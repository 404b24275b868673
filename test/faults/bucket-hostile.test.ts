import { describe, expect } from 'vitest';
import type { Fault, StoreRefusal, StoreRequest } from '../helpers/bucket-front.ts';
import { type BucketPlace, PATIENT, useBucketPlace } from '../helpers/bucket-place.ts';
import type { Tool } from '../helpers/tool-test.ts';
import { it as base } from './fault-test.ts';
import { sha256, storedObject } from './stored-object.ts';

const it = base.extend<{ place: BucketPlace }>({ place: async ({ tool }, use) => useBucketPlace(tool, use) });

async function batch(tool: Tool, place: BucketPlace, ids: readonly string[], args: readonly string[] = []) {
  await tool.write('ids.txt', `${ids.join('\n')}\n`);
  return tool.run(['batch', 'ids.txt', '-d', place.address, ...PATIENT, ...args]);
}

const MB = 1024 * 1024;

/** What the store answers to an operation, for keys that match, in place of the truth. */
function answer(place: BucketPlace, operation: string, made: Fault, keys = /(?:)/u): void {
  place.bucket.front.rules.push((request: StoreRequest) => (request.operation === operation && keys.test(request.key) ? made : undefined));
}

const lie = (body: string, headers: Record<string, string> = {}): StoreRefusal => ({ status: 200, code: '', body, headers });

const hashOf = async (place: BucketPlace, file: string) => sha256((await place.read(file)) ?? Buffer.alloc(0));

describe.concurrent('an object that nobody recorded', () => {
  it('is taken for no recording where it bears its id alone, as a transcript can', async ({ tool, server, place }) => {
    await place.write('call.json', '{"text":"Good morning"}', { id: 'call' });
    expect((await batch(tool, place, ['call'])).exitCode).toBe(0);
    expect(await place.files()).toEqual(['call.json', 'call.wav']);
    expect(await hashOf(place, 'call.wav')).toBe(sha256(server.object('call').bytes));
  });

  it('does not mend a recording whose bytes were other ones', async ({ tool, server, place }) => {
    await batch(tool, place, ['one', 'two']);
    await place.bucket.server.remove(place.key('one.wav'));
    const { bytes } = storedObject('one', { version: 2 });
    await place.write('other.wav', bytes, { id: 'one', sha256: sha256(bytes) });
    const run = await tool.run(['verify', place.address, ...PATIENT, '--repair']);
    expect([run.exitCode, run.lines]).toEqual([0, ['missing one.wav', 'unrecorded other.wav', 'repaired one.wav']]);
    expect(await hashOf(place, 'one.wav')).toBe(sha256(server.object('one').bytes));
  });

  it('is kept beside a recording that has its id and name, and other bytes', async ({ tool, server, place }) => {
    const { bytes } = storedObject('call', { version: 2 });
    let isWritten = false;
    place.bucket.front.rules.push(({ operation, key }) => {
      if (operation !== 'PutObject' || !key.endsWith('call.wav') || isWritten) return undefined;
      isWritten = true;
      return place.write('call.wav', bytes, { id: 'call', sha256: sha256(bytes) });
    });
    expect((await batch(tool, place, ['call'])).exitCode).toBe(0);
    const [, hashed = ''] = await place.files();
    expect([await hashOf(place, 'call.wav'), await hashOf(place, hashed)]).toEqual([sha256(bytes), sha256(server.object('call').bytes)]);
  });
});

describe.concurrent('a store that says that all is well', () => {
  it.for<[what: string, headers: Record<string, string>]>([
    ['the page of a proxy', {}],
    ['another checksum', { ETag: '"0"', 'x-amz-checksum-sha256': `${'A'.repeat(43)}=` }],
  ])('to an object, by %s, is not believed', async ([, headers], { tool, server: _, place }) => {
    answer(place, 'PutObject', lie('<html>Welcome</html>', headers), /\.wav$/u);
    const run = await batch(tool, place, ['call'], ['--json']);
    expect([run.exitCode, run.err]).toEqual([7, expect.stringMatching(/no S3 store|does not list all/)]);
    expect(run.json().at(-1)?.summary).toMatchObject({ saved: 0, notReached: 1 });
  });

  it('to an upload in parts is not believed', async ({ tool, server, place }) => {
    server.plan('call', { object: storedObject('call', { bytes: 9 * MB }) });
    answer(place, 'CompleteMultipartUpload', lie('<html>Welcome</html>'));
    const run = await batch(tool, place, ['call'], ['--json']);
    expect([run.exitCode, run.err]).toEqual([7, expect.stringMatching(/no S3 store|does not list all/)]);
    expect(run.json().at(-1)?.summary).toMatchObject({ saved: 0, notReached: 1 });
  });

  it.for(['right', 'wrong'])(
    'to an upload in parts, with a checksum of its own, is read again: the bytes are %s',
    async (they, { tool, server, place }) => {
      server.plan('call', { object: storedObject('call', { bytes: 9 * MB }) });
      place.bucket.front.rules.push(async ({ operation }) => {
        if (operation !== 'CompleteMultipartUpload') return undefined;
        await place.write('call.wav', they === 'right' ? server.object('call').bytes : 'wrong', { id: 'call', account: 'any' });
        return lie('<CompleteMultipartUploadResult><ETag>"0"</ETag><ChecksumSHA256>own</ChecksumSHA256></CompleteMultipartUploadResult>');
      });
      expect((await batch(tool, place, ['call'])).exitCode).toBe(they === 'right' ? 0 : 9);
      expect(await place.files()).toEqual([they === 'right' ? 'call.wav' : 'failed.txt']);
    },
  );

  it.for([
    ['is the page of a proxy', '<html>Welcome</html>'],
    ['is empty', ''],
    [
      'begins anew for ever',
      '<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>a</NextContinuationToken></ListBucketResult>',
    ],
    ['does not say how it goes on', '<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>'],
  ])('and whose listing %s ends the run', async ([, listing = ''], { tool, server, place }) => {
    answer(place, 'ListObjectsV2', lie(listing));
    for (const run of [await batch(tool, place, ['call']), await tool.run(['verify', place.address, ...PATIENT])])
      expect([run.exitCode, run.err]).toEqual([7, expect.stringMatching(/no S3 store|does not list all/)]);
    expect(server.asked('service')).toEqual([]);
  });

  it('and lists what was not asked for has it passed over', async ({ tool, server: _, place }) => {
    const { length } = place.key('');
    const listing = `<Contents><Key>${'x'.repeat(length)}call.wav</Key><Size>300000</Size></Contents>`;
    await batch(tool, place, ['call']);
    await place.bucket.server.remove(place.key('call.wav'));
    place.bucket.front.rules.push(({ query }) =>
      query.get('prefix') === place.key('')
        ? lie(`<ListBucketResult><IsTruncated>false</IsTruncated>${listing}</ListBucketResult>`)
        : undefined,
    );
    expect((await batch(tool, place, ['call'], ['--json'])).json().at(-1)?.summary).toMatchObject({ saved: 1 });
  });
});

describe.concurrent('a manifest in a bucket that another hand has been at', () => {
  const PIECE = 'manifest/20260101T000000000Z-00000000-000001.jsonl';

  const lineOf = (id: string, file: string) => {
    const { bytes } = storedObject(id);
    const rest = { bytes: bytes.length, sha256: sha256(bytes), contentType: null, etag: null, attempts: 1, at: '', error: null };
    return `${JSON.stringify({ id, status: 'saved', file, ...rest })}\n`;
  };

  it.for(['20269999T999999999Z', '99991231T235959999Z'])(
    'takes further pieces beside one that was begun at %s',
    async (time, { tool, server: _, place }) => {
      await place.write(`manifest/${time}-00000000-000001.jsonl`, '');
      expect((await batch(tool, place, ['call'])).exitCode).toBe(0);
      const run = await tool.run(['verify', place.address, ...PATIENT, '--strict']);
      expect([run.exitCode, run.err]).toEqual([0, expect.stringContaining('1 recording intact')]);
    },
  );

  it('leads nothing out of the archive, and over no piece of it', async ({ tool, server, place }) => {
    const files = ['../../out.wav', '/absolute.wav', 'a//b.wav', './here.wav', PIECE];
    const ids = files.map((_, index) => `call-${index}`);
    await place.write(PIECE, files.map((file, index) => lineOf(`call-${index}`, file)).join(''));
    const written = await place.read(PIECE);
    expect(new Set((await tool.run(['verify', place.address, ...PATIENT])).lines)).toEqual(new Set(files.map((file) => `missing ${file}`)));
    const run = await tool.run(['verify', place.address, ...PATIENT, '--repair']);
    expect([run.exitCode, run.err]).toEqual([0, expect.not.stringContaining('error')]);
    expect(await place.bucket.server.keys()).toEqual(await place.bucket.server.keys(place.key('')));
    expect(await place.read(PIECE)).toEqual(written);
    const hashes = await Promise.all((await place.files()).map((file) => hashOf(place, file)));
    expect(hashes).toEqual(ids.map((id) => sha256(server.object(id).bytes)));
  });

  it.for<[what: string, made: (whole: Buffer) => Fault]>([
    ['is gone although it was listed', () => ({ status: 404, code: 'NoSuchKey' })],
    ['comes shorter than it was listed', (whole) => ({ ...lie(''), body: whole.subarray(0, whole.indexOf('\n') + 1) })],
    ['has a line that Node makes no text of', () => ({ ...lie(''), body: Buffer.alloc(513 * MB, 'x') })],
  ])('is damaged where a piece of it %s', async ([, made], { tool, server: _, place }) => {
    await batch(tool, place, ['one', 'two']);
    const [piece = ''] = await place.pieces();
    answer(place, 'GetObject', made((await place.read(piece)) ?? Buffer.alloc(0)), /manifest\/\d/u);
    const run = await tool.run(['verify', place.address, ...PATIENT]);
    expect([run.exitCode, run.lines[0]]).toEqual([8, expect.stringContaining(`damaged ${piece}`)]);
    const again = await batch(tool, place, ['one', 'two'], ['--json']);
    expect([again.exitCode, again.err]).toEqual([0, expect.stringContaining('damaged and cannot be read')]);
    expect(again.json().at(-1)?.summary).toMatchObject({ total: 2, skipped: 2 });
  });
});

describe.concurrent('an archive in a bucket that others write to as well', () => {
  /** A recording that is damaged, so that `batch --checksum` replaces it. */
  async function damagedOne(tool: Tool, place: BucketPlace): Promise<void> {
    await batch(tool, place, ['one', 'two']);
    await place.write('one.wav', 'damaged', { id: 'one' });
  }

  it('gets a recording under another name where its damaged object is replaced meanwhile', async ({ tool, server, place }) => {
    await damagedOne(tool, place);
    let isReplaced = false;
    place.bucket.front.rules.push(({ operation, headers }) => {
      if (operation !== 'PutObject' || headers['if-match'] === undefined || isReplaced) return undefined;
      isReplaced = true;
      return place.write('one.wav', 'mine');
    });
    expect((await batch(tool, place, ['one', 'two'], ['--checksum'])).exitCode).toBe(0);
    expect(`${await place.read('one.wav')}`).toBe('mine');
    const [, hashed = ''] = await place.files();
    expect(await hashOf(place, hashed)).toBe(sha256(server.object('one').bytes));
  });

  it('gets a recording where its damaged object is removed meanwhile', async ({ tool, server: _, place }) => {
    await damagedOne(tool, place);
    place.bucket.front.rules.push(async ({ operation, headers }) => {
      if (operation !== 'PutObject' || headers['if-match'] === undefined) return undefined;
      await place.bucket.server.remove(place.key('one.wav'));
      return { status: 404, code: 'NoSuchKey' };
    });
    expect((await batch(tool, place, ['one', 'two'], ['--checksum'])).exitCode).toBe(0);
    expect((await tool.run(['verify', place.address, ...PATIENT, '--strict'])).exitCode).toBe(0);
  });

  it.for([
    [400, 'InvalidRequest'],
    [403, 'AccessDenied'],
  ] as const)('is filled although one of their objects is not to be looked at: %s', async ([status, code], { tool, server: _, place }) => {
    await place.write('theirs.bin', 'theirs');
    answer(place, 'HeadObject', { status, code }, /theirs/u);
    expect((await batch(tool, place, ['call'])).exitCode).toBe(0);
    expect(await place.files()).toEqual(['call.wav', 'theirs.bin']);
  });
});

describe.concurrent('credentials in the address of a bucket', () => {
  it.for(['batch ids.txt -d', 'verify', 'download call -o'])('are refused by %s, and not shown', async (command, { tool }) => {
    await tool.write('ids.txt', 'call\n');
    for (const secret of ['wJalrXUtnFEMIK7MDENG', 'wJalrXUtn/FEMI/K7MDENG']) {
      for (const part of secret.split('/')) tool.secrets.add(part);
      const run = await tool.run([...command.split(' '), `s3://AKIDEXAMPLE:${secret}@recordings/calls`]);
      expect([run.exitCode, run.err]).toEqual([2, expect.stringContaining('has credentials in it')]);
    }
  });
});

describe.concurrent('download into a bucket', () => {
  it.for(['x'.repeat(300), 'ü'.repeat(300)])(
    'leaves a recording that stands there under a name that is cut, with --skip-existing',
    async (id, { tool, server, place }) => {
      const download = () => tool.run(['download', id, '-o', place.address, '--skip-existing']);
      const [first, again] = [await download(), await download()];
      expect([again.exitCode, again.out, again.err]).toEqual([0, first.out, '']);
      expect(server.asked('store')).toHaveLength(1);
    },
  );

  it('asks for one page alone of what begins as the object does', async ({ tool, server: _, place }) => {
    answer(
      place,
      'ListObjectsV2',
      lie('<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>a</NextContinuationToken></ListBucketResult>'),
    );
    expect((await tool.run(['download', 'call', '-o', `${place.address}call.wav`])).exitCode).toBe(0);
    expect(place.bucket.front.count('ListObjectsV2')).toBe(1);
  });
});

/** Starts `browse` over the place, and gives what asks its server as the page does. */
async function browse(tool: Tool, place: BucketPlace) {
  const running = tool.start(['browse', place.address], { printsSecrets: true });
  let address = '';
  await running.until(({ out }) => {
    address = out.trim();
    return out.endsWith('\n');
  });
  const { headers } = await fetch(address, { redirect: 'manual' });
  const [cookie, inside] = [headers.get('set-cookie') ?? '', new URL(headers.get('location') ?? '', address)];
  const ask = (path: string, init?: RequestInit) => fetch(new URL(path, inside), { ...init, headers: { ...init?.headers, cookie } });
  return { running, ask };
}

describe.concurrent('the page over an archive in a bucket', () => {
  it('gives no bytes in the place of others where the store passes over a range', async ({ tool, server, place }) => {
    await batch(tool, place, ['call']);
    const { running, ask } = await browse(tool, place);
    answer(place, 'GetObject', { ...lie(''), body: server.object('call').bytes }, /\.wav$/u);
    const asked = ask('file/0', { headers: { range: 'bytes=1000-1999' } }).then((answered) => answered.arrayBuffer());
    await expect(asked).rejects.toThrow();
    running.kill('SIGINT');
    expect((await running.ended).exitCode).toBe(0);
  });

  it('says of recordings that are removed meanwhile that they are missing, sends no ZIP that looks whole, and goes on', async ({
    tool,
    server: _,
    place,
  }) => {
    await batch(tool, place, ['one', 'two'], ['-c', '1', '--order', 'report']);
    const { running, ask } = await browse(tool, place);
    expect((await ask('rows')).status).toBe(200);
    await place.bucket.server.remove(place.key('one.wav'));
    const zip = await ask('zip', { method: 'POST', body: 'keys=0,1' });
    await expect(zip.arrayBuffer()).rejects.toThrow();
    expect(await (await ask('check/0')).json()).toEqual({ result: 'missing' });
    for (const path of ['sound/0', 'file/0']) expect((await ask(path)).status).toBe(404);
    expect((await ask('sound/1')).status).toBe(200);
    running.kill('SIGINT');
    const { exitCode, err } = await running.ended;
    expect([exitCode, err]).toEqual([0, expect.not.stringContaining('Unexpected')]);
  });
});
