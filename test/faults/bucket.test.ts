import { describe, expect } from 'vitest';
import type { Fault, StoreRequest } from '../helpers/bucket-front.ts';
import { type BucketPlace, PATIENT, useBucketPlace } from '../helpers/bucket-place.ts';
import type { Tool, ToolOptions } from '../helpers/tool-test.ts';
import { it as base, IMPATIENT } from './fault-test.ts';
import { cut, damage } from './store-acts.ts';
import { sha256, storedObject } from './stored-object.ts';

const it = base.extend<{ place: BucketPlace }>({ place: async ({ tool }, use) => useBucketPlace(tool, use) });

const MB = 1024 * 1024;

async function batch(tool: Tool, place: BucketPlace, ids: readonly string[], args: readonly string[] = [], options?: ToolOptions) {
  await tool.write('ids.txt', `${ids.join('\n')}\n`);
  return tool.run(['batch', 'ids.txt', '-d', place.address, ...PATIENT, ...args], options);
}

/** Makes a fault of the nth request of an operation for a recording; of each where `nth` is left out. */
function fault(place: BucketPlace, operation: string, made: Fault, nth?: number): void {
  let count = 0;
  place.bucket.front.rules.push((request: StoreRequest) => {
    if (request.operation !== operation || request.key.includes('/manifest/')) return undefined;
    count += 1;
    return nth === undefined || count === nth ? made : undefined;
  });
}

const hashOf = async (place: BucketPlace, file: string) => sha256((await place.read(file)) ?? Buffer.alloc(0));

describe.concurrent('a recording on its way into a bucket', () => {
  it.for<'reset' | 'end' | 'silence'>(['reset', 'end', 'silence'])(
    'is resumed where its source breaks off, while the upload stays open: %s',
    async (by, { tool, server, place }) => {
      server.plan('call', { object: storedObject('call', { bytes: 10 * MB }), store: [cut(by, 9 * MB)] });
      server.taken = () => expect.poll(() => place.bucket.front.count('UploadPart')).toBeGreaterThan(0);
      expect((await batch(tool, place, ['call'], by === 'silence' ? IMPATIENT : [])).exitCode).toBe(0);
      expect(await hashOf(place, 'call.wav')).toBe(sha256(server.object('call').bytes));
      expect(server.asked('store').map(({ headers }) => headers.range)).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]/)]);
      expect(place.bucket.front.count('CreateMultipartUpload', /call\.wav/u)).toBe(1);
    },
  );

  it('gets no name where its bytes prove wrong at the end, and its parts are thrown away', async ({ tool, server, place }) => {
    server.plan('call', { object: storedObject('call', { bytes: 9 * MB }), store: [damage, damage] });
    expect((await batch(tool, place, ['call'])).exitCode).toBe(9);
    expect(await place.files()).toEqual(['failed.txt']);
    expect(place.bucket.front.openUploads).toEqual([]);
    expect(place.bucket.front.count('AbortMultipartUpload', /call\.wav/u)).toBe(2);
  });

  it('that was stored by a request whose answer was lost is saved, and not stored again', async ({ tool, server: _, place }) => {
    fault(place, 'PutObject', 'reset-after', 1);
    const run = await batch(tool, place, ['call']);
    expect(run.exitCode).toBe(0);
    expect(await place.files()).toEqual(['call.wav']);
    expect((await tool.run(['verify', place.address, ...PATIENT, '--strict'])).exitCode).toBe(0);
  });

  it('is recorded although two connections that were kept are closed, also with --retries 0', async ({ tool, server: _, place }) => {
    const isPiece = ({ operation, key }: StoreRequest) => operation === 'PutObject' && key.includes('/manifest/');
    let closed = 0;
    // The quick way of small objects meets the first of them, and the SDK, which is asked then, the second.
    place.bucket.front.rules.push((request) => {
      if (closed === 2 || !isPiece(request)) return undefined;
      closed += 1;
      return 'reset';
    });
    expect((await batch(tool, place, ['call'], ['--retries', '0'])).exitCode).toBe(0);
    expect(closed).toBe(2);
    expect((await tool.run(['verify', place.address, ...PATIENT, '--strict'])).exitCode).toBe(0);
  });

  it('that was completed by a request whose answer was lost is saved', async ({ tool, server, place }) => {
    server.plan('call', { object: storedObject('call', { bytes: 9 * MB }) });
    fault(place, 'CompleteMultipartUpload', 'reset-after', 1);
    expect((await batch(tool, place, ['call'])).exitCode).toBe(0);
    expect(await hashOf(place, 'call.wav')).toBe(sha256(server.object('call').bytes));
    expect((await tool.run(['verify', place.address, ...PATIENT, '--strict', '--checksum'])).exitCode).toBe(0);
  });

  it('is stored again after a conflict, a reset, a 503 and a 500 of the store', async ({ tool, server: _, place }) => {
    for (const [nth, made] of [
      { status: 409, code: 'ConditionalRequestConflict' },
      'reset',
      { status: 503, code: 'SlowDown' },
      { status: 500, code: 'InternalError' },
    ].entries())
      fault(place, 'PutObject', made as Fault, nth + 1);
    expect((await batch(tool, place, ['call'])).exitCode).toBe(0);
    expect(await place.files()).toEqual(['call.wav']);
  });

  it('of another gets a name with a hash where an object stands that is none of its own, which stays', async ({ tool, server, place }) => {
    let isWritten = false;
    place.bucket.front.rules.push(({ operation, key }) => {
      if (operation !== 'PutObject' || !key.endsWith('call.wav') || isWritten) return undefined;
      isWritten = true;
      return place.write('call.wav', 'mine');
    });
    expect((await batch(tool, place, ['call'])).exitCode).toBe(0);
    expect(`${await place.read('call.wav')}`).toBe('mine');
    expect(await place.files()).toEqual(['call.wav', expect.stringMatching(/^call~[0-9a-f]{16}\.wav$/)]);
    expect(await hashOf(place, (await place.files())[1] ?? '')).toBe(sha256(server.object('call').bytes));
  });

  it('is stored where a store knows no conditions, which is looked at first', async ({ tool, server: _, place }) => {
    place.bucket.front.isConditional = false;
    await place.write('one.wav', 'mine');
    expect((await batch(tool, place, ['one', 'two'])).exitCode).toBe(0);
    expect(`${await place.read('one.wav')}`).toBe('mine');
    expect(await place.files()).toHaveLength(3);
  });

  it('is replaced only where --checksum finds it damaged', async ({ tool, server, place }) => {
    await batch(tool, place, ['one', 'two']);
    const damaged = Buffer.from(server.object('one').bytes);
    damaged[1000] = (damaged[1000] ?? 0) ^ 1;
    await place.write('one.wav', damaged, { id: 'one' });
    expect((await batch(tool, place, ['one', 'two'], ['--json'])).json().at(-1)?.summary).toMatchObject({ skipped: 2 });
    const verified = await tool.run(['verify', place.address, ...PATIENT]);
    expect([verified.exitCode, verified.lines]).toEqual([8, ['changed one.wav']]);
    expect((await batch(tool, place, ['one', 'two'], ['--checksum', '--json'])).json().at(-1)?.summary).toMatchObject({
      skipped: 1,
      saved: 1,
    });
    expect(await hashOf(place, 'one.wav')).toBe(sha256(server.object('one').bytes));
    expect(await place.files()).toEqual(['one.wav', 'two.wav']);
    expect((await tool.run(['verify', place.address, ...PATIENT, '--strict'])).exitCode).toBe(0);
  });

  it('that is missing or damaged is repaired under its name, from the manifest alone', async ({ tool, server, place }) => {
    await batch(tool, place, ['one', 'two', 'three'], ['-c', '1']);
    await place.bucket.server.remove(place.key('one.wav'));
    await place.write('two.wav', 'short', { id: 'two' });
    const found = await tool.run(['verify', place.address, ...PATIENT, '--repair', '--dry-run']);
    expect(found.lines).toEqual(['missing one.wav', 'short two.wav', 'would fetch one.wav', 'would fetch two.wav']);
    const run = await tool.run(['verify', place.address, ...PATIENT, '--repair']);
    expect([run.exitCode, run.err]).toEqual([0, expect.not.stringContaining('error')]);
    for (const id of ['one', 'two']) expect(await hashOf(place, `${id}.wav`)).toBe(sha256(server.object(id).bytes));
    expect((await tool.run(['verify', place.address, ...PATIENT, '--strict', '--checksum'])).exitCode).toBe(0);
  });
});

describe.concurrent('a bucket that cannot be worked with', () => {
  /** What ends a run, and what its two lines say. */
  const TROUBLES: readonly [what: string, fault: Fault, error: RegExp, hint: RegExp][] = [
    ['is not there', { status: 404, code: 'NoSuchBucket' }, /there is no bucket recordings/, /name/],
    ['gives no right', { status: 403, code: 'AccessDenied' }, /AWS_ACCESS_KEY_ID.* have no right/, /s3:PutObject/],
    ['does not know the key', { status: 403, code: 'InvalidAccessKeyId' }, /does not accept .*AWS_ACCESS_KEY_ID/, /Check/],
    ['calls the credentials expired', { status: 400, code: 'ExpiredToken' }, /AWS_ACCESS_KEY_ID.* have expired/, /Renew/],
    ['is too busy', { status: 503, code: 'SlowDown' }, /too busy/, /later/],
    ['is away', 'reset', /connection/, /network/],
  ];

  it.for(TROUBLES)('ends the run with 7 before anything is asked, where it %s', async ([, made, error, hint], { tool, server, place }) => {
    place.bucket.front.rules.push(() => made);
    const run = await batch(tool, place, ['call'], ['--retries', '1', '--json'], {});
    expect(run.exitCode).toBe(7);
    const lines = run.errLines.filter((line) => /^(?:error|hint): /.test(line));
    expect(lines).toEqual([expect.stringMatching(error), expect.stringMatching(hint)]);
    expect(run.err).not.toMatch(/\n {4}at |NodeVersionSupport|Warning/);
    expect(run.json()).toEqual([{ id: null, status: 'failed', error: expect.objectContaining({ code: 'BUCKET' }) }]);
    expect(server.asked('service')).toEqual([]);
  });

  it('ends the run with 7 in the midst of it, tells what was not reached, and the same command goes on', async ({
    tool,
    server: _,
    place,
  }) => {
    let isDown = false;
    place.bucket.front.rules.push(({ operation, nth }) => {
      isDown ||= operation === 'PutObject' && nth === 4;
      return isDown ? { status: 403, code: 'AccessDenied' } : undefined;
    });
    const ids = Array.from({ length: 20 }, (_, n) => `call-${n}`);
    const run = await batch(tool, place, ids, ['--json', '-c', '2', '--order', 'report']);
    expect(run.exitCode).toBe(7);
    const { summary } = run.json().at(-1) ?? {};
    expect(summary.saved + summary.notReached).toBe(20);
    expect(summary.saved).toBeGreaterThan(0);
    place.bucket.front.rules.splice(0);
    expect((await batch(tool, place, ids, ['--json'])).json().at(-1)?.summary).toMatchObject({
      skipped: summary.saved,
      saved: 20 - summary.saved,
    });
    expect((await tool.run(['verify', place.address, ...PATIENT, '--strict'])).exitCode).toBe(0);
  });

  it('of a region that is none is a usage error', async ({ tool, server: _, place }) => {
    const run = await batch(tool, place, ['call'], [], { env: { AWS_REGION: 'eu west 1' } });
    expect([run.exitCode, run.errLines[0]]).toEqual([2, 'error: AWS_REGION is "eu west 1", which is not a region.']);
  });

  it('names where nothing listens, and the archive that cannot be written to', async ({ tool, server: _, place }) => {
    const run = await batch(tool, place, ['call'], ['--retries', '0'], { env: { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' } });
    expect(run.exitCode).toBe(7);
    expect(run.errLines[0]).toBe(`error: Cannot write to ${place.address}: the store (127.0.0.1:1) refused the connection.`);
  });

  it('in another region is followed there', async ({ tool, server: _, place }) => {
    place.bucket.front.rules.push(({ headers }) =>
      headers.authorization?.includes('/eu-south-1/')
        ? undefined
        : { status: 301, code: 'PermanentRedirect', headers: { 'x-amz-bucket-region': 'eu-south-1' } },
    );
    expect((await batch(tool, place, ['call'])).exitCode).toBe(0);
    expect(await place.files()).toEqual(['call.wav']);
  });

  it('is told of by --dry-run, which writes nothing', async ({ tool, server, place }) => {
    const fine = await batch(tool, place, ['call'], ['--dry-run']);
    expect([fine.exitCode, fine.lines]).toEqual([0, ['call']]);
    expect(await place.bucket.server.keys()).toEqual([]);
    place.bucket.front.rights = [{ action: 's3:ListBucket' }, { action: 's3:GetObject' }];
    const refused = await batch(tool, place, ['call'], ['--dry-run']);
    expect([refused.exitCode, refused.err]).toEqual([7, expect.stringContaining('no right')]);
    expect(server.asked('service')).toEqual([]);
  });

  it('shows no secret of AWS, whatever the store says', async ({ tool, server: _, place }) => {
    const env = {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG',
      AWS_SESSION_TOKEN: 'FwoGZXIvYXdzEBYaDH',
    };
    for (const secret of [env.AWS_SECRET_ACCESS_KEY, env.AWS_SESSION_TOKEN]) tool.secrets.add(secret);
    const message = `Your key ${env.AWS_SECRET_ACCESS_KEY} and token ${encodeURIComponent(env.AWS_SESSION_TOKEN)} are odd`;
    place.bucket.front.rules.push(() => ({ status: 400, code: 'Odd', message }));
    const run = await batch(tool, place, ['call'], ['--json'], { env });
    expect([run.exitCode, run.err]).toEqual([7, expect.stringContaining('are odd')]);
  });

  it.for([
    ['s3://', 'names no bucket'],
    ['s3://x', 'names no bucket'],
    ['s3://Bucket Name/x', 'names no bucket'],
    ['s3://recordings//x', 'empty segment'],
    ['s3://recordings/../x', 'empty segment'],
  ] as const)('%s is a usage error', async ([address, says], { tool, server: _ }) => {
    await tool.write('ids.txt', 'call\n');
    const run = await tool.run(['batch', 'ids.txt', '-d', address]);
    expect([run.exitCode, run.err]).toEqual([2, expect.stringContaining(says)]);
  });
});
