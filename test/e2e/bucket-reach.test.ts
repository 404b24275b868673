import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect } from 'vitest';
import { type BucketPlace, useBucketPlace } from '../helpers/bucket-place.ts';
import { startHttpProxy, startSocksProxy } from '../helpers/proxies.ts';
import { selfSigned } from '../helpers/self-signed.js';
import { it as base, type Tool } from '../helpers/tool-test.ts';

const it = base.extend<{ place: BucketPlace }>({ place: async ({ tool }, use) => useBucketPlace(tool, use) });

const REPORT = `Recording ID,Caller,Start Time
call-1,+39 02 1,2026-11-20 09:00:00
call-2,=1+1,2026-11-21 10:00:00
sandbox-expired,+39 02 3,2026-11-22 11:00:00
`;

async function filled(tool: Tool, place: BucketPlace): Promise<void> {
  await tool.write('report.csv', REPORT);
  await tool.run(['batch', 'report.csv', '-d', place.address]);
}

describe.concurrent('an archive in a bucket', () => {
  it('is listed, filtered and sorted as a folder is', async ({ tool, sandbox: _, place }) => {
    await filled(tool, place);
    const listed = await tool.run(['list', place.address, '--json', '--sort', '-date']);
    expect(listed.exitCode).toBe(0);
    expect(listed.json().map(({ id, status, row }) => [id, status, row?.Caller])).toEqual([
      ['sandbox-expired', 'gone', '+39 02 3'],
      ['call-2', 'saved', '=1+1'],
      ['call-1', 'saved', '+39 02 1'],
    ]);
    const some = await tool.run(['list', place.address, '--where', 'Caller=+39*', '--status', 'saved']);
    expect(some.lines.map((line) => line.split('\t')[1])).toEqual(['id', 'call-1']);
  });

  it('is looked through on the page, and listened to', async ({ tool, sandbox, place }) => {
    await filled(tool, place);
    const page = tool.start(['browse', place.address], { printsSecrets: true });
    await page.until(({ out }) => out.endsWith('\n'));
    await page.until(({ err }) => err.includes('Serving 3 recordings'));
    let address = '';
    await page.until(({ out }) => {
      address = out.trim();
      return true;
    });
    const entered = await fetch(address, { redirect: 'manual' });
    const cookie = (entered.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
    const inside = new URL(entered.headers.get('location') ?? '', address);
    const ask = (path: string, headers: Record<string, string> = {}) => fetch(new URL(path, inside), { headers: { cookie, ...headers } });
    const { rows } = (await (await ask('rows?limit=10')).json()) as { rows: { key: number; id: string; seconds?: number }[] };
    expect(rows.map(({ id }) => id).sort()).toEqual(['call-1', 'call-2', 'sandbox-expired']);
    const call = rows.find(({ id }) => id === 'call-1');
    expect(call?.seconds).toBeGreaterThan(0);
    const file = Buffer.from(await (await ask(`file/${call?.key}`)).arrayBuffer());
    expect(file.equals(sandbox.bytes('call-1'))).toBe(true);
    const range = await ask(`sound/${call?.key}`, { range: 'bytes=100-199' });
    expect([range.status, Buffer.from(await range.arrayBuffer()).equals(sandbox.bytes('call-1').subarray(100, 200))]).toEqual([206, true]);
    expect(await (await ask(`check/${call?.key}`)).json()).toMatchObject({ result: 'whole' });
    expect(await (await ask(`details/${call?.key}`)).json()).toMatchObject({
      path: expect.stringMatching(/^s3:\/\/.*call-1\.(?:wav|mp3)$/),
    });
    // What a run adds meanwhile shows, also where it adds to a piece that was read.
    await tool.run(['batch', '-', '-d', place.address], { stdin: 'call-9\n' });
    await expect.poll(async () => ((await (await ask('rows?limit=10&q=call-9')).json()) as { matched: number }).matched).toBe(1);
    page.kill('SIGINT');
    expect((await page.ended).exitCode).toBe(0);
  });

  it('gets single recordings, by a name or below a prefix, and never in the place of another', async ({ tool, sandbox, place }) => {
    const named = await tool.run(['download', 'call-1', '-o', `${place.address}named.mp3`, '--json']);
    expect([named.exitCode, named.json()[0]]).toMatchObject([0, { id: 'call-1', status: 'saved', file: `${place.address}named.mp3` }]);
    expect((await place.read('named.mp3'))?.equals(sandbox.bytes('call-1'))).toBe(true);
    const several = await tool.run(['download', 'call-1', 'call-2', '-o', place.address]);
    expect([several.exitCode, several.lines]).toEqual([0, expect.arrayContaining([expect.stringMatching(/^s3:.*\/call-1\.(?:wav|mp3)$/)])]);
    const questions = sandbox.questions();
    const again = await tool.run(['download', 'call-1', '-o', place.address]);
    expect([again.exitCode, again.err]).toEqual([7, expect.stringMatching(/already exists.*\n.*--force.*--skip-existing/)]);
    const skipped = await tool.run(['download', 'call-1', 'call-2', '-o', place.address, '--skip-existing', '--json']);
    expect([skipped.exitCode, skipped.json().map(({ status }) => status)]).toEqual([0, ['skipped', 'skipped']]);
    expect(sandbox.questions()).toBe(questions);
    expect((await tool.run(['download', 'call-2', '-o', `${place.address}named.mp3`, '--force'])).exitCode).toBe(0);
    expect((await place.read('named.mp3'))?.equals(sandbox.bytes('call-2'))).toBe(true);
    const one = await tool.run(['download', 'call-1', 'call-2', '-o', `${place.address}file.mp3`]);
    expect([one.exitCode, one.err]).toEqual([2, expect.stringContaining('need a folder')]);
  });

  it('leaves no upload of a single recording behind where it is stopped, though the store takes no part any more', async ({
    tool,
    sandbox: _,
    place,
  }) => {
    const { front } = place.bucket;
    front.rules.push(({ operation }) => (operation === 'UploadPart' ? new Promise<void>(() => {}) : undefined));
    const run = tool.start(['download', 'sandbox-size-40m', '-o', place.address]);
    await expect.poll(() => front.count('UploadPart')).toBeGreaterThan(0);
    run.kill('SIGTERM');
    expect((await run.ended).exitCode).toBe(143);
    expect(front.openUploads).toEqual([]);
  });

  it.for([
    's3:/recordings/calls',
    's3:recordings',
    'arn:aws:s3:::recordings',
    'gs://recordings',
    'https://recordings.s3.amazonaws.com/calls',
  ])('%s is not taken for a folder', async (address, { tool }) => {
    await tool.write('ids.txt', 'call-1\n');
    for (const args of [
      ['batch', 'ids.txt', '-d', address],
      ['batch', 'ids.txt', '-d', address, '--dry-run'],
      ['download', 'call-1', '-o', address],
      ['list', address],
    ]) {
      const run = await tool.run(args);
      expect([run.exitCode, run.errLines]).toEqual([
        2,
        [expect.stringContaining('looks like the address of a bucket'), expect.stringContaining('s3://')],
      ]);
    }
    expect(tool.files()).toEqual(['ids.txt']);
  });

  it('tells what names no archive, and what is for buckets alone', async ({ tool, sandbox: _, place }) => {
    for (const command of ['verify', 'list', 'browse']) {
      const run = await tool.run([command, place.address]);
      expect([run.exitCode, run.errLines.length, run.err]).toEqual([2, 2, expect.stringContaining('has no manifest')]);
    }
    await tool.write('ids.txt', 'call-1\n');
    for (const [flag, value] of [
      ['--storage-class', 'GLACIER'],
      ['--sse', 'AES256'],
      ['--kms-key-id', 'key'],
    ] as const) {
      const run = await tool.run(['batch', 'ids.txt', '-d', 'folder', flag, value]);
      expect([run.exitCode, run.err]).toEqual([2, expect.stringContaining(`${flag} is for buckets`)]);
    }
    const noKind = await tool.run(['batch', 'ids.txt', '-d', place.address, '--kms-key-id', 'key']);
    expect([noKind.exitCode, noKind.err]).toEqual([2, expect.stringContaining('--sse aws:kms')]);
  });
});

describe.concurrent('the way to a bucket', () => {
  const save = async (tool: Tool, place: BucketPlace, env: Record<string, string>) => {
    await tool.write('ids.txt', 'call-1\n');
    return tool.run(['batch', 'ids.txt', '-d', place.address, '--retries', '0'], { env });
  };

  it('goes through a proxy, of HTTP or SOCKS', async ({ tool, sandbox: _, place }) => {
    for (const [proxy, scheme] of [
      [await startHttpProxy(), 'http'],
      [await startSocksProxy(), 'socks5'],
    ] as const) {
      const run = await save(tool, place, { ALL_PROXY: `${scheme}://127.0.0.1:${proxy.port}` });
      expect(run.exitCode).toBe(0);
      expect(proxy.asked.join('\n')).toContain(new URL(place.bucket.front.endpoint).port);
      await proxy.close();
    }
  });

  it('trusts a private CA that Node is told of, and no other', async ({ tool, sandbox: _, place }) => {
    const { key, cert } = selfSigned();
    const { port } = new URL(place.bucket.front.endpoint);
    const server = createTlsServer({ key, cert }, (socket) => {
      const upstream = connect(Number(port), '127.0.0.1');
      socket.on('error', () => upstream.destroy());
      upstream.on('error', () => socket.destroy());
      socket.pipe(upstream).pipe(socket);
    });
    server.on('tlsClientError', () => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await tool.write('ca.pem', cert);
    const untrusted = await save(tool, place, { AWS_ENDPOINT_URL_S3: endpoint, NODE_TLS_REJECT_UNAUTHORIZED: '0' });
    expect([untrusted.exitCode, untrusted.err]).toEqual([
      7,
      expect.stringMatching(/certificate that is not trusted[\s\S]*NODE_EXTRA_CA_CERTS/),
    ]);
    expect((await save(tool, place, { AWS_ENDPOINT_URL_S3: endpoint, NODE_EXTRA_CA_CERTS: tool.path('ca.pem') })).exitCode).toBe(0);
    server.close();
  });

  it('is found by a profile: its keys, region and endpoint', async ({ tool, sandbox: _, place }) => {
    await tool.write('aws/credentials', '[archive]\naws_access_key_id = S3RVER\naws_secret_access_key = S3RVER\n');
    await tool.write(
      'aws/config',
      `[profile archive]\nregion = eu-south-1\nservices = local\n[services local]\ns3 =\n  endpoint_url = ${place.bucket.front.endpoint}\n`,
    );
    const run = await save(tool, place, {
      ...{ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_ENDPOINT_URL_S3: '', AWS_REGION: '' },
      ...{ AWS_PROFILE: 'archive', AWS_SHARED_CREDENTIALS_FILE: tool.path('aws/credentials'), AWS_CONFIG_FILE: tool.path('aws/config') },
    });
    expect([run.exitCode, run.err]).toEqual([0, expect.stringContaining('Archive:')]);
    expect(place.bucket.front.requests.at(-1)?.headers.authorization).toContain('/eu-south-1/s3/');
  });

  it('reads expired credentials again, which another program may have renewed', async ({ tool, sandbox: _, place }) => {
    const file = await tool.write('credentials', '[default]\naws_access_key_id = OLD\naws_secret_access_key = OLD-SECRET-KEY\n');
    place.bucket.front.rules.push(({ headers }) => {
      if (!headers.authorization?.includes('Credential=OLD/')) return undefined;
      writeFileSync(tool.path(file), readFileSync(tool.path(file), 'utf8').replace('OLD-SECRET-KEY', 'S3RVER').replace('OLD', 'S3RVER'));
      return { status: 400, code: 'ExpiredToken' };
    });
    const run = await save(tool, place, { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_SHARED_CREDENTIALS_FILE: tool.path(file) });
    expect([run.exitCode, run.err]).toEqual([0, expect.stringContaining('Archive:')]);
  });

  it('says so where there are no credentials at all', async ({ tool, sandbox: _, place }) => {
    const run = await save(tool, place, { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_EC2_METADATA_DISABLED: 'true' });
    expect(run.exitCode).toBe(7);
    expect(run.errLines).toEqual([expect.stringContaining('there are no AWS credentials'), expect.stringContaining('AWS_PROFILE')]);
  });

  it('says so where a web server answers, and no store', async ({ tool, sandbox, place }) => {
    const run = await save(tool, place, { AWS_ENDPOINT_URL_S3: new URL('/', sandbox.baseUrl).href });
    expect(run.exitCode).toBe(7);
    expect(run.errLines).toHaveLength(2);
  });
});
