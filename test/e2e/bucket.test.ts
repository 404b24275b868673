import { createHash } from 'node:crypto';
import { describe, expect } from 'vitest';
import { type BucketPlace, PATIENT, useBucketPlace } from '../helpers/bucket-place.ts';
import { it as base, type Tool } from '../helpers/tool-test.ts';

const it = base.extend<{ place: BucketPlace }>({ place: async ({ tool }, use) => useBucketPlace(tool, use) });

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const ids = (count: number) => Array.from({ length: count }, (_, n) => `call-${n}`);
const list = (tool: Tool, names: readonly string[]) => tool.write('ids.txt', `${names.join('\n')}\n`);

describe.concurrent('batch into a bucket', () => {
  it('stores each recording under its name, with its id and hash, and writes nothing to the local disk', async ({
    tool,
    sandbox,
    place,
  }) => {
    await list(tool, ['one==', 'two', 'sandbox-expired']);
    const before = tool.files();
    const run = await tool.run(['batch', 'ids.txt', '-d', place.address, ...PATIENT, '--storage-class', 'STANDARD_IA']);
    expect(run.exitCode).toBe(9);
    expect(run.lines.toSorted()).toEqual([`${place.address}one==.mp3`, `${place.address}two.wav`]);
    expect(run.err).toContain(`Archive: ${place.address}`);
    expect(tool.files()).toEqual(before);
    expect(await place.files()).toEqual(['one==.mp3', 'two.wav']);
    const stored = await place.bucket.server.get(place.key('one==.mp3'));
    expect(sha256(stored ?? Buffer.alloc(0))).toBe(sha256(sandbox.bytes('one==')));
    expect(await place.bucket.server.metadata(place.key('one==.mp3'))).toMatchObject({
      id: 'one==',
      sha256: sha256(sandbox.bytes('one==')),
      attempts: '1',
    });
    const puts = place.bucket.front.requests.filter(({ operation }) => operation === 'PutObject');
    for (const { key, headers } of puts) {
      expect(headers['if-none-match']).toBe('*');
      expect(headers['x-amz-checksum-sha256']).toBeDefined();
      expect(headers['x-amz-storage-class']).toBe(/\/manifest\/(?!try$)/.test(key) ? undefined : 'STANDARD_IA');
    }
    expect((await place.lines()).map(({ id, status, file }) => [id, status, file]).sort()).toEqual([
      ['one==', 'saved', 'one==.mp3'],
      ['sandbox-expired', 'gone', null],
      ['two', 'saved', 'two.wav'],
    ]);
  });

  it('plans the names that it will give, and logs its requests without their keys', async ({ tool, sandbox: _, place }) => {
    await tool.write('report.csv', 'Recording ID,Caller\ncall-1,Ann\n');
    const args = ['batch', 'report.csv', '-d', place.address, ...PATIENT, '--name', '{Caller}/call.{ext}'];
    const [planned] = (await tool.run([...args, '--dry-run', '--json'])).json();
    const run = await tool.run([...args, '-v']);
    expect(await place.files()).toEqual([planned?.file.replace('{ext}', 'wav')]);
    const logged = run.errLines.filter((line) => line.includes('to=bucket'));
    expect(logged.map((line) => /operation=(\w+)/.exec(line)?.[1])).toContain('PutObject');
    for (const line of logged) expect(line).toMatch(/address="s3:\/\/recordings\/… #[0-9a-f]{8}" status=\d+( code=\w+)? ms=\d+$/);
  });

  it('asks the service nothing for what is saved, and the store no more than what lies there', async ({ tool, sandbox, place }) => {
    await list(tool, ids(5));
    await tool.run(['batch', 'ids.txt', '-d', place.address, ...PATIENT]);
    const [questions, requests] = [sandbox.questions(), place.bucket.front.requests.length];
    const again = await tool.run(['batch', 'ids.txt', '-d', place.address, ...PATIENT, '--json']);
    expect(again.exitCode).toBe(0);
    expect(again.json().at(-1)?.summary).toMatchObject({ total: 5, skipped: 5 });
    expect(again.json()[0]).toMatchObject({ status: 'skipped', file: `${place.address}call-0.wav` });
    expect(sandbox.questions()).toBe(questions);
    const asked = place.bucket.front.requests.slice(requests).map(({ operation }) => operation);
    expect(asked).toEqual([
      'CreateMultipartUpload',
      'AbortMultipartUpload',
      'GetObject',
      'ListObjectsV2',
      'GetObject',
      'ListObjectsV2',
      'GetObject',
    ]);
  });

  it('sends what has more than 8 MiB in parts, which are an object only at their end', async ({ tool, sandbox, place }) => {
    const { front, server } = place.bucket;
    let early: Promise<string[]> | undefined;
    front.rules.push(({ operation, nth }) => {
      if (operation === 'UploadPart' && nth === 3) early = server.keys(place.key(''));
      return undefined;
    });
    await list(tool, ['sandbox-size-20m']);
    const run = await tool.run(['batch', 'ids.txt', '-d', place.address, ...PATIENT]);
    expect(run.exitCode).toBe(0);
    expect(await early).toEqual([]);
    expect(sha256((await server.get(place.key('sandbox-size-20m.wav'))) ?? Buffer.alloc(0))).toBe(
      sha256(sandbox.bytes('sandbox-size-20m')),
    );
    // Two parts are under way at once, and the last may overtake.
    const parts = front.requests.filter(({ operation }) => operation === 'UploadPart').map(({ bytes }) => bytes);
    expect(parts.sort((a, b) => b - a)).toEqual([8 * 1024 * 1024, 8 * 1024 * 1024, 20_000_000 - 2 * 8 * 1024 * 1024]);
    expect(await server.metadata(place.key('sandbox-size-20m.wav'))).toMatchObject({ id: 'sandbox-size-20m' });
    // The parts' checksums prove it: nothing is read.
    const reads = front.count('GetObject', /20m/u);
    expect((await tool.run(['verify', place.address, ...PATIENT])).exitCode).toBe(0);
    expect(front.count('GetObject', /20m/u)).toBe(reads);
    expect((await tool.run(['verify', place.address, ...PATIENT, '--checksum'])).exitCode).toBe(0);
    expect(front.count('GetObject', /20m/u)).toBe(reads + 1);
  });

  it('leaves nothing of what does not prove right, whole or in parts', async ({ tool, sandbox: _, place }) => {
    await list(tool, ['sandbox-empty', 'sandbox-store-html', 'sandbox-access-denied']);
    const run = await tool.run(['batch', 'ids.txt', '-d', place.address, ...PATIENT, '--retries', '0']);
    expect(run.exitCode).toBe(9);
    expect((await place.files()).filter((file) => file !== 'failed.txt')).toEqual([]);
    expect(place.bucket.front.openUploads).toEqual([]);
  });

  it('lists the rows that failed, by share where it has one, and takes the list away when they are had', async ({
    tool,
    sandbox: _,
    place,
  }) => {
    await list(tool, [...ids(4), 'sandbox-down', 'sandbox-down-2']);
    const shares = [1, 2].map((k) =>
      tool.run(['batch', 'ids.txt', '-d', place.address, ...PATIENT, '--shard', `${k}/2`, '--retries', '0']),
    );
    await Promise.all(shares);
    const failed = (await place.files()).filter((file) => file.startsWith('failed'));
    expect(failed.length).toBeGreaterThan(0);
    for (const file of failed) expect(file).toMatch(/^failed-[12]-of-2\.txt$/);
    const rows = await Promise.all(failed.map((file) => place.read(file)));
    expect(rows.join('').split('\n').sort().filter(Boolean)).toEqual(['sandbox-down', 'sandbox-down-2']);
  });

  it('gives each name the hash of its id where the template lacks the id, so that shares never meet', async ({
    tool,
    sandbox: _,
    place,
  }) => {
    await tool.write(
      'report.csv',
      `Recording ID,Caller\n${ids(6)
        .map((id) => `${id},Ann`)
        .join('\n')}\n`,
    );
    const shares = [1, 2].map((k) =>
      tool.run(['batch', 'report.csv', '-d', place.address, ...PATIENT, '--shard', `${k}/2`, '--name', '{Caller}/call.{ext}']),
    );
    for (const run of await Promise.all(shares)) expect(run.exitCode).toBe(0);
    const files = await place.files();
    expect(files).toHaveLength(6);
    for (const file of files) expect(file).toMatch(/^Ann\/call~[0-9a-f]{16}\.(?:wav|mp3)$/);
    expect((await tool.run(['verify', place.address, ...PATIENT])).exitCode).toBe(0);
  });
});

describe.concurrent('a bucket in another region', () => {
  const REGION = 'eu-west-1';

  it.for([
    [301, 'PermanentRedirect'],
    [400, 'AuthorizationHeaderMalformed'],
  ] as const)('is asked there from the second request on (%i %s)', async ([status, code], { tool, sandbox: _, place }) => {
    const { front } = place.bucket;
    let elsewhere = 0;
    front.rules.push(({ headers }) => {
      if (headers.authorization?.includes(`/${REGION}/s3/`)) return undefined;
      elsewhere += 1;
      return { status, code, headers: { 'x-amz-bucket-region': REGION } };
    });
    await list(tool, ids(20));
    for (const args of [
      ['batch', 'ids.txt', '-d', place.address, ...PATIENT, '-c', '16'],
      ['verify', place.address, ...PATIENT],
      ['list', place.address],
    ]) {
      elsewhere = 0;
      expect((await tool.run(args)).exitCode).toBe(0);
      expect(elsewhere).toBe(1);
    }
  });

  it('is not followed to what is no region', async ({ tool, sandbox: _, place }) => {
    const headers = { 'x-amz-bucket-region': 'eu.example.com/' };
    place.bucket.front.rules.push(() => ({ status: 301, code: 'PermanentRedirect', headers }));
    const run = await tool.run(['verify', place.address, ...PATIENT]);
    expect(run.exitCode).toBe(7);
    expect(run.err).toContain('the bucket is in another region');
    expect(place.bucket.front.requests).toHaveLength(1);
  });
});

describe.concurrent('with many requests under way, standard error holds no warning of Node', () => {
  it('of verify', async ({ tool, sandbox: _, place }) => {
    await list(tool, ids(40));
    await tool.run(['batch', 'ids.txt', '-d', place.address, ...PATIENT, '-c', '32', '-q']);
    const verified = await tool.run(['verify', place.address, ...PATIENT]);
    expect(verified.errLines).toEqual([expect.stringMatching(/^40 recordings intact/)]);
  });

  it('of a batch that looks at what nobody recorded', async ({ tool, sandbox: _, place }) => {
    await Promise.all(ids(40).map((id) => place.bucket.server.put(place.key(`${id}.wav`), Buffer.alloc(0), undefined, { id: `${id}-x` })));
    await list(tool, ['one']);
    const run = await tool.run(['batch', 'ids.txt', '-d', place.address, ...PATIENT]);
    expect(run.exitCode).toBe(0);
    expect(run.err).not.toContain('Warning');
  });
});

describe.concurrent('several runs over one bucket', () => {
  it('have each recording once, four shares at once, and their summaries add up', async ({ tool, sandbox, place }) => {
    await list(tool, [...ids(60), 'sandbox-expired', 'call-3']);
    const runs = await Promise.all(
      [1, 2, 3, 4].map((k) => tool.run(['batch', 'ids.txt', '-d', place.address, ...PATIENT, '--shard', `${k}/4`, '--json'])),
    );
    const sums = { total: 0, saved: 0, gone: 0 };
    for (const run of runs) for (const name of ['total', 'saved', 'gone'] as const) sums[name] += run.json().at(-1)?.summary[name];
    expect(sums).toEqual({ total: 61, saved: 60, gone: 1 });
    expect(sandbox.questions()).toBe(61);
    expect(await place.files()).toHaveLength(60);
    const verified = await tool.run(['verify', place.address, ...PATIENT, '--strict', '--json']);
    expect(verified.exitCode).toBe(0);
    expect(verified.json().at(-1)?.summary).toMatchObject({ whole: 60, unrecorded: 0 });
  });

  it('of the same share lose and double nothing', async ({ tool, sandbox: _, place }) => {
    await list(tool, ids(40));
    const runs = await Promise.all([1, 2].map(() => tool.run(['batch', 'ids.txt', '-d', place.address, ...PATIENT])));
    for (const run of runs) expect(run.exitCode).toBe(0);
    expect(await place.files()).toHaveLength(40);
    const verified = await tool.run(['verify', place.address, ...PATIENT, '--strict', '--json']);
    expect(verified.json().at(-1)?.summary).toMatchObject({ whole: 40, unrecorded: 0, shared: 0 });
  });

  it('take in what one that was killed has stored, and fetch nothing twice', async ({ tool, sandbox, place }) => {
    await list(tool, ids(30));
    const killed = tool.start(['batch', 'ids.txt', '-d', place.address, ...PATIENT, '-c', '2']);
    await killed.until(({ out }) => out.split('\n').length > 12);
    killed.kill('SIGKILL');
    await killed.ended;
    // Nothing had been recorded, and all is known by its metadata.
    expect(await place.pieces()).toEqual([]);
    const stored = await place.files();
    expect(stored.length).toBeGreaterThan(10);
    const asked = sandbox.log.length;
    const run = await tool.run(['batch', 'ids.txt', '-d', place.address, ...PATIENT, '--json']);
    expect(run.exitCode).toBe(0);
    expect(run.json().at(-1)?.summary).toMatchObject({ total: 30, skipped: stored.length, saved: 30 - stored.length });
    const links = sandbox.log.slice(asked).filter((line) => line.includes('/voice/recordings'));
    expect(links).toHaveLength(30 - stored.length);
    const verified = await tool.run(['verify', place.address, ...PATIENT, '--strict', '--json']);
    expect(verified.json().at(-1)?.summary).toMatchObject({ whole: 30, unrecorded: 0 });
    expect(new Set((await place.lines()).map(({ id }) => id)).size).toBe(30);
  });

  it('begin again what a signal has cut, and leave no upload behind', async ({ tool, sandbox: _, place }) => {
    const { front } = place.bucket;
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    front.rules.push(({ operation, nth }) => (operation === 'UploadPart' && nth === 3 ? held : undefined));
    await list(tool, ['one', 'sandbox-size-40m']);
    const run = tool.start(['batch', 'ids.txt', '-d', place.address, ...PATIENT]);
    await expect.poll(() => front.count('UploadPart')).toBe(3);
    run.kill('SIGTERM');
    release();
    expect((await run.ended).exitCode).toBe(143);
    expect(front.openUploads).toEqual([]);
    expect(await place.files()).toEqual(['one.wav']);
    expect((await place.lines()).map(({ id }) => id)).toEqual(['one']);
    expect((await tool.run(['batch', 'ids.txt', '-d', place.address, ...PATIENT])).exitCode).toBe(0);
    expect((await tool.run(['verify', place.address, ...PATIENT, '--strict'])).exitCode).toBe(0);
  });
});
