import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect } from 'vitest';
import type { Fault, StoreRequest } from '../helpers/bucket-front.ts';
import { type BucketPlace, PATIENT, useBucketPlace } from '../helpers/bucket-place.ts';
import { it as base, type Tool, type ToolOptions } from '../helpers/tool-test.ts';

/**
 * What people have met who keep things in S3 and its like with other tools. Each name says what this tool does in their place.
 */
const it = base.extend<{ place: BucketPlace }>({ place: async ({ tool }, use) => useBucketPlace(tool, use) });

const LARGE = 'sandbox-size-20m';
const ids = (count: number) => Array.from({ length: count }, (_, n) => `call-${n}`);

async function save(tool: Tool, place: BucketPlace, names: readonly string[], args: readonly string[] = [], options?: ToolOptions) {
  await tool.write('ids.txt', `${names.join('\n')}\n`);
  return tool.run(['batch', 'ids.txt', '-d', place.address, ...PATIENT, '--retries', '1', ...args], options);
}

/** Makes a fault of each request that a rule picks. */
function fault(place: BucketPlace, picks: (request: StoreRequest) => boolean, made: Fault): void {
  place.bucket.front.rules.push((request) => (picks(request) ? made : undefined));
}

describe.concurrent('a store that refuses checksums', () => {
  it('is given none, and what it holds is verified by size and ETag', async ({ tool, sandbox: _, place }) => {
    place.bucket.front.rules.push(({ headers }) => {
      const header = Object.keys(headers).find((name) => name.startsWith('x-amz-checksum-'));
      const message = `Unsupported header '${header}' received for this API call.`;
      return header === undefined ? undefined : { status: 400, code: 'InvalidArgument', message };
    });
    expect((await save(tool, place, [LARGE, ...ids(20)])).exitCode).toBe(0);
    const reads = place.bucket.front.count('GetObject', /\.(?:wav|mp3)$/u);
    const verified = await tool.run(['verify', place.address, ...PATIENT, '--strict']);
    expect([verified.exitCode, verified.err]).toEqual([0, expect.stringContaining('21 recordings intact')]);
    // One of them for each of those that were asked about at once, before it was known.
    expect(place.bucket.front.count('GetObject', /\.(?:wav|mp3)$/u) - reads).toBeLessThanOrEqual(16);
    expect((await tool.run(['verify', place.address, ...PATIENT, '--checksum'])).exitCode).toBe(0);
  });

  it('is no store whose bytes came out wrong: that is tried again, and told', async ({ tool, sandbox: _, place }) => {
    const message = 'The SHA256 you specified did not match the calculated checksum.';
    fault(place, ({ operation, key }) => operation === 'PutObject' && key.endsWith('.wav'), { status: 400, code: 'BadDigest', message });
    const run = await save(tool, place, ['call-0']);
    expect([run.exitCode, run.err]).toEqual([7, expect.stringContaining('did not match')]);
    for (const { headers } of place.bucket.front.requests.filter(({ key }) => key.endsWith('.wav')))
      expect(headers['x-amz-checksum-sha256']).toBeDefined();
  });
});

describe.concurrent('what answers in the place of the store', () => {
  const page: Fault = { status: 200, body: '<html><body>Sign in</body></html>', headers: { 'Content-Type': 'text/html' } };

  it.for([
    ['PutObject', 'call-2'],
    ['UploadPart', LARGE],
    ['CompleteMultipartUpload', LARGE],
  ] as const)('to %s has stored nothing, and nothing is said to be saved', async ([operation, id], { tool, sandbox: _, place }) => {
    await save(tool, place, ['call-1']);
    fault(place, (request) => request.operation === operation && request.key.includes(id), page);
    const run = await save(tool, place, [id]);
    expect([run.exitCode, run.err]).toEqual([7, expect.stringMatching(/what answers is no S3 store[\s\S]*proxy/u)]);
    expect((await place.lines()).map((line) => line.id)).toEqual(['call-1']);
  });

  it('is no list of an archive without recordings', async ({ tool, sandbox: _, place }) => {
    await save(tool, place, ['call-1']);
    fault(place, ({ operation }) => operation === 'ListObjectsV2', page);
    for (const args of [
      ['batch', 'ids.txt', '-d', place.address, ...PATIENT],
      ['verify', place.address, ...PATIENT],
    ]) {
      const run = await tool.run(args);
      expect([run.exitCode, run.err]).toEqual([7, expect.stringContaining('what answers is no S3 store')]);
    }
  });

  it('is asked again where it says 200 and means an error', async ({ tool, sandbox: _, place }) => {
    const body = '\n  <?xml version="1.0"?><Error><Code>InternalError</Code><Message>Please try again.</Message></Error>';
    fault(place, ({ operation, nth }) => operation === 'CompleteMultipartUpload' && nth === 1, { status: 200, body });
    expect((await save(tool, place, [LARGE])).exitCode).toBe(0);
    expect((await tool.run(['verify', place.address, ...PATIENT, '--strict', '--checksum'])).exitCode).toBe(0);
  });
});

describe.concurrent('an upload in parts that the store does not know any more', () => {
  const gone: Fault = { status: 404, code: 'NoSuchUpload', message: 'The specified upload does not exist.' };

  it('had become the object by a request whose answer was lost, and is saved', async ({ tool, sandbox: _, place }) => {
    fault(place, ({ operation, nth }) => operation === 'CompleteMultipartUpload' && nth === 1, 'reset-after');
    fault(place, ({ operation }) => operation === 'CompleteMultipartUpload', gone);
    expect(await save(tool, place, [LARGE])).toMatchObject({ exitCode: 0, err: expect.stringContaining('Archive') });
    expect(await place.files()).toEqual([`${LARGE}.wav`]);
    expect((await tool.run(['verify', place.address, ...PATIENT, '--strict', '--checksum'])).exitCode).toBe(0);
  });

  it.for(['UploadPart', 'CompleteMultipartUpload'])(
    'fails its recording alone (%s), and the next run has it',
    async (operation, { tool, sandbox: _, place }) => {
      let isGone = true;
      place.bucket.front.rules.push((request) => (isGone && request.operation === operation ? gone : undefined));
      const run = await save(tool, place, [LARGE, ...ids(3)]);
      expect([run.exitCode, run.err]).toEqual([9, expect.stringContaining('the store has thrown the upload away')]);
      expect(`${await place.read('failed.txt')}`).toBe(`${LARGE}\n`);
      isGone = false;
      expect((await save(tool, place, [LARGE, ...ids(3)])).exitCode).toBe(0);
      expect((await tool.run(['verify', place.address, ...PATIENT, '--strict'])).exitCode).toBe(0);
    },
  );

  it('is not taken for saved where it was to replace an object that is damaged', async ({ tool, sandbox: _, place }) => {
    await save(tool, place, [LARGE]);
    await place.write(`${LARGE}.wav`, 'damaged', { id: LARGE });
    fault(place, ({ operation }) => operation === 'CompleteMultipartUpload', gone);
    const run = await save(tool, place, [LARGE], ['--checksum']);
    expect([run.exitCode, run.err]).toEqual([9, expect.stringContaining('the store has thrown the upload away')]);
  });
});

describe.concurrent('credentials that end in the midst of a run', () => {
  it('are read again where the store says it to HEAD, without a word', async ({ tool, sandbox: _, place }) => {
    await save(tool, place, ids(40));
    const account = 'aws_access_key_id = S3RVER\naws_secret_access_key = S3RVER';
    const file = await tool.write('credentials', `[default]\n${account}\naws_session_token = first\n`);
    let heads = 0;
    place.bucket.front.rules.push(({ operation, headers }) => {
      if (operation === 'HeadObject') heads += 1;
      if (heads === 20) writeFileSync(tool.path(file), readFileSync(tool.path(file), 'utf8').replace('first', 'second'));
      const isOld = heads >= 20 && headers['x-amz-security-token'] === 'first';
      return isOld ? { status: 400, code: 'ExpiredToken', message: 'The provided token has expired.' } : undefined;
    });
    const env = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_SHARED_CREDENTIALS_FILE: tool.path(file) };
    const verified = await tool.run(['verify', place.address, ...PATIENT], { env });
    expect([verified.exitCode, verified.err]).toEqual([0, expect.stringContaining('40 recordings intact')]);
  });

  it('are named as expired where no newer ones are at hand, to HEAD as well', async ({ tool, sandbox: _, place }) => {
    await save(tool, place, ['call-1']);
    fault(place, ({ key }) => /call-1\.(?:wav|mp3)$/u.test(key), { status: 400, code: 'ExpiredToken' });
    const verified = await tool.run(['verify', place.address, ...PATIENT]);
    expect([verified.exitCode, verified.err]).toEqual([7, expect.stringMatching(/have expired \(ExpiredToken\)[\s\S]*Renew/u)]);
  });

  it.for(['InvalidAccessKeyId', 'InvalidTokenId'])(
    'are read again where the store has forgotten them (%s)',
    async (code, { tool, sandbox: _, place }) => {
      const file = await tool.write('credentials', '[default]\naws_access_key_id = OLD\naws_secret_access_key = OLD-SECRET-KEY\n');
      place.bucket.front.rules.push(({ headers }) => {
        if (!headers.authorization?.includes('Credential=OLD/')) return undefined;
        writeFileSync(tool.path(file), readFileSync(tool.path(file), 'utf8').replace('OLD-SECRET-KEY', 'S3RVER').replace('OLD', 'S3RVER'));
        return { status: 403, code };
      });
      const env = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_SHARED_CREDENTIALS_FILE: tool.path(file) };
      expect((await save(tool, place, ['call-1'], [], { env })).exitCode).toBe(0);
    },
  );

  it("of a container's role are asked for again before they end", async ({ tool, sandbox: _, place }) => {
    let given = 0;
    const agent = createServer((_request, response) => {
      given += 1;
      // Those that end within five minutes are renewed before the next request.
      const Expiration = new Date(Date.now() + 60_000).toISOString();
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ AccessKeyId: 'S3RVER', SecretAccessKey: 'S3RVER', Token: `token-${given}`, Expiration }));
    });
    await new Promise<void>((resolve) => agent.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(agent.address() as AddressInfo).port}/role`;
    const env = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_CONTAINER_CREDENTIALS_FULL_URI: address };
    expect((await save(tool, place, ids(8), ['-c', '1'], { env })).exitCode).toBe(0);
    const tokens = place.bucket.front.requests
      .filter(({ operation, key }) => operation === 'PutObject' && !key.includes('/manifest/'))
      .map(({ headers }) => headers['x-amz-security-token']);
    expect(new Set(tokens).size).toBeGreaterThan(1);
    agent.closeAllConnections();
    agent.close();
  });
});

describe.concurrent('an object that may not be read', () => {
  const isOther = ({ key }: StoreRequest) => key.endsWith('other.bin');

  it.for<[string, Fault]>([
    ['as another account owns it', { status: 403, code: 'AccessDenied', message: 'Access Denied' }],
    [
      "as it is encrypted with a customer's own key",
      { status: 400, code: 'InvalidRequest', message: 'The object was stored using a form of Server Side Encryption.' },
    ],
    ['as its key is switched off', { status: 400, code: 'KMS.DisabledException', message: 'arn:aws:kms:key is disabled.' }],
  ])('and that nobody recorded stops neither batch nor verify: %s', async ([, made], { tool, sandbox: _, place }) => {
    await place.write('other.bin', 'x');
    fault(place, isOther, made);
    expect((await save(tool, place, ids(2))).exitCode).toBe(0);
    const verified = await tool.run(['verify', place.address, ...PATIENT]);
    expect([verified.exitCode, verified.lines]).toEqual([0, ['unrecorded other.bin']]);
  });

  it('and is a recording is named by verify, which goes on; a batch takes what the store says of it', async ({
    tool,
    sandbox: _,
    place,
  }) => {
    await save(tool, place, ids(3));
    fault(place, ({ operation, key }) => operation === 'GetObject' && /call-1\.(?:wav|mp3)$/u.test(key), {
      ...{ status: 403, code: 'InvalidObjectState', message: "The operation is not valid for the object's storage class" },
    });
    expect((await tool.run(['verify', place.address, ...PATIENT])).exitCode).toBe(0);
    const read = await tool.run(['verify', place.address, ...PATIENT, '--checksum', '--json']);
    expect(read.exitCode).toBe(8);
    expect(read.json().filter(({ status }) => status !== 'whole' && status !== undefined)).toEqual([
      expect.objectContaining({ id: 'call-1', status: 'unreadable', why: 'it lies in an archive storage class' }),
    ]);
    const again = await save(tool, place, ids(3), ['--checksum', '--json']);
    expect([again.exitCode, again.json().at(-1)?.summary]).toMatchObject([0, { skipped: 3 }]);
  });

  it('and that a killed run left in an archive class is fetched again under another name', async ({ tool, sandbox: _, place }) => {
    await place.write('call-1.wav', 'bytes', { id: 'call-1' });
    fault(place, ({ operation, key }) => operation === 'GetObject' && key.endsWith('call-1.wav'), {
      status: 403,
      code: 'InvalidObjectState',
    });
    expect((await save(tool, place, ['call-1'])).exitCode).toBe(0);
    expect((await place.lines()).map(({ file }) => file)).toEqual([expect.stringMatching(/^call-1~/u)]);
  });
});

describe.concurrent('a listing', () => {
  it('in pages is read to its end, with their tokens or without', async ({ tool, sandbox: _, place }) => {
    await save(tool, place, ids(12));
    const { front } = place.bucket;
    front.pageSize = 5;
    for (const edit of [
      (text: string) => text,
      (text: string) => text.replace(/<NextContinuationToken>.*<\/NextContinuationToken>/u, ''),
    ]) {
      front.edits.splice(0, 1, ({ operation }, text) => (operation === 'ListObjectsV2' ? edit(text) : text));
      await place.write('call-99.wav', 'x');
      const verified = await tool.run(['verify', place.address, ...PATIENT]);
      expect([verified.exitCode, verified.lines, verified.err]).toEqual([
        ...[0, ['unrecorded call-99.wav'], expect.stringContaining('12 recordings intact')],
      ]);
      expect((await save(tool, place, ids(12), ['--json'])).json().at(-1)?.summary).toMatchObject({ skipped: 12 });
    }
  });

  it('that begins again and again is told of, and not taken for whole', async ({ tool, sandbox: _, place }) => {
    await save(tool, place, ids(2));
    place.bucket.front.edits.push(({ operation }, text) =>
      operation === 'ListObjectsV2'
        ? text.replace('<IsTruncated>false', '<NextContinuationToken>x</NextContinuationToken><IsTruncated>true')
        : text,
    );
    place.bucket.front.rules.push(({ query }) => {
      query.delete('continuation-token');
      return undefined;
    });
    place.bucket.front.pageSize = 1000;
    const verified = await tool.run(['verify', place.address, ...PATIENT]);
    expect([verified.exitCode, verified.err]).toEqual([7, expect.stringContaining('does not list all that is there')]);
  });

  it.for([true, false])(
    'has names with any characters, whether the store encodes them or not (%s)',
    async (encodes, { tool, sandbox: _, place }) => {
      place.bucket.front.encodesKeys = encodes;
      // The server behind escapes what XML has a meaning for twice, where its keys are taken as they come.
      const special = encodes ? "<&'" : '';
      await tool.write('report.csv', `Recording ID,Caller\ncall-1,"+39 02 (1)*!~,;=@ 100%25é e\u0301 \u{1f600}${special}"\ncall-2,a+b\n`);
      const args = ['batch', 'report.csv', '-d', `${place.address}p+ %é/`, '--name', '{Caller}/{id}.{ext}'];
      expect((await tool.run(args)).exitCode).toBe(0);
      await place.write(`p+ %é/plus+%2B ${encodes ? '\u0001&amp;' : ''}.txt`, 'x');
      expect((await tool.run([...args, '--json'])).json().at(-1)?.summary).toMatchObject({ skipped: 2 });
      const verified = await tool.run(['verify', `${place.address}p+ %é/`]);
      expect([verified.exitCode, verified.lines]).toEqual([0, [`unrecorded plus+%2B ${encodes ? '\\u0001&amp;' : ''}.txt`]]);
    },
  );

  it('holds objects that show folders, which are no files', async ({ tool, sandbox: _, place }) => {
    await tool.write('report.csv', 'Recording ID,Caller\ncall-1,Ann\n');
    const args = ['batch', 'report.csv', '-d', place.address, ...PATIENT, '--name', '{Caller}/{id}.{ext}'];
    await tool.run(args);
    for (const folder of ['', 'Ann/', 'manifest/', 'empty/']) await place.write(folder, '');
    expect((await tool.run(args)).exitCode).toBe(0);
    expect(place.bucket.front.count('HeadObject')).toBe(0);
    const verified = await tool.run(['verify', place.address, ...PATIENT, '--strict']);
    expect([verified.exitCode, verified.lines]).toEqual([0, []]);
  });
});

describe.concurrent('settings that cannot work', () => {
  it.for<[string, Fault, string, string]>([
    ['a region', { status: 400, code: 'AuthorizationHeaderMalformed', message: 'unexpected scope: x' }, 'unexpected scope', 'AWS_REGION'],
    ['a clock', { status: 403, code: 'RequestTimeTooSkewed' }, "this machine's clock", 'Set the clock'],
    ['a path', { status: 403, code: 'SecondLevelDomainForbidden' }, 'the name of the bucket in its host', 'host/bucket/key'],
  ])('are told of by what is to be mended: %s', async ([, made, error, hint], { tool, sandbox: _, place }) => {
    fault(place, () => true, made);
    const run = await save(tool, place, ['call-1'], ['--retries', '0']);
    expect([run.exitCode, ...run.errLines]).toEqual([7, expect.stringContaining(error), expect.stringContaining(hint)]);
  });

  it('of an endpoint without its scheme are told before anything is asked', async ({ tool, sandbox: _, place }) => {
    for (const name of ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL']) {
      const env = { AWS_ENDPOINT_URL_S3: '', [name]: 'localhost:9000' };
      const run = await save(tool, place, ['call-1'], [], { env });
      expect([run.exitCode, ...run.errLines]).toEqual([2, `error: ${name} is no address of a store.`, expect.stringContaining('http://')]);
    }
  });

  it('of a profile that is not there name it, also where keys are in the environment', async ({ tool, sandbox: _, place }) => {
    const run = await save(tool, place, ['call-1'], [], { env: { AWS_PROFILE: 'nobody', AWS_EC2_METADATA_DISABLED: 'true' } });
    expect([run.exitCode, ...run.errLines]).toEqual([
      ...[2, expect.stringContaining('AWS_PROFILE is nobody, and the AWS configuration files have no such profile.')],
      expect.stringContaining('unset it'),
    ]);
    await tool.write('aws/config', '[profile archive]\nregion = eu-south-1\n');
    const aws = { AWS_CONFIG_FILE: tool.path('aws/config'), AWS_EC2_METADATA_DISABLED: 'true' };
    const typo = await save(tool, place, ['call-1'], [], { env: { ...aws, AWS_PROFILE: 'archiv' } });
    expect([typo.exitCode, typo.err]).toEqual([2, expect.stringContaining('Did you mean archive?')]);
    const empty = await save(tool, place, ['call-1'], [], { env: { ...aws, AWS_PROFILE: 'archive' } });
    expect([empty.exitCode, empty.err]).toEqual([7, expect.stringContaining('no AWS credentials in the profile archive')]);
  });

  it.for([
    ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
    ['AWS_SECRET_ACCESS_KEY', 'AWS_ACCESS_KEY_ID'],
  ] as const)('of %s without %s name the one that is missing, and ask nobody', async ([set, missing], { tool, sandbox, place }) => {
    const run = await save(tool, place, ['call-1'], [], { env: { [missing]: '' } });
    expect([run.exitCode, ...run.errLines]).toEqual([
      2,
      `error: ${set} is set, and ${missing} is not.`,
      expect.stringContaining('Set both'),
    ]);
    expect([place.bucket.front.requests.length, sandbox.requests()]).toEqual([0, 0]);
  });

  it('of a storage class that the store does not know are told before the service is asked, with those of S3', async ({
    tool,
    sandbox,
    place,
  }) => {
    place.bucket.front.rules.push(({ operation, headers }) =>
      operation === 'CreateMultipartUpload' && headers['x-amz-storage-class'] === 'STANDARD_AI'
        ? { status: 400, code: 'InvalidStorageClass', message: 'The storage class you specified is not valid' }
        : undefined,
    );
    for (const more of [[], ['--dry-run']]) {
      const run = await save(tool, place, ['call-1'], ['--storage-class', 'STANDARD_AI', ...more]);
      expect([run.exitCode, ...run.errLines]).toEqual([
        ...[7, expect.stringContaining('the store has no such storage class (InvalidStorageClass)')],
        expect.stringMatching(/--storage-class.*STANDARD_IA.*GLACIER_IR/u),
      ]);
    }
    expect(sandbox.requests()).toBe(0);
  });

  it('of an access point by its ARN are told of its alias', async ({ tool, sandbox: _ }) => {
    const run = await tool.run(['verify', 's3://arn:aws:s3:eu-west-1:123456789012:accesspoint/calls/2026']);
    expect([run.exitCode, run.err]).toEqual([2, expect.stringMatching(/ARN[\s\S]*alias/u)]);
  });
});

describe.concurrent('what others had trouble with works', () => {
  it("a machine whose clock is twenty minutes behind the store's", async ({ tool, sandbox: _, place }) => {
    const clock =
      'const Now = Date; globalThis.Date = class extends Now { constructor(...at) { super(...(at.length ? at : [Date.now()])); }';
    await tool.write('clock.cjs', `${clock} static now() { return Now.now() - 1_200_000; } };`);
    const env = { NODE_OPTIONS: `--require ${tool.path('clock.cjs')}` };
    expect((await save(tool, place, [LARGE, ...ids(3)], [], { env })).exitCode).toBe(0);
    expect((await tool.run(['verify', place.address, ...PATIENT], { env })).exitCode).toBe(0);
  });

  it('a bucket with object lock, which wants a checksum with each upload', async ({ tool, sandbox: _, place }) => {
    const isBare = ({ headers }: StoreRequest) => headers['x-amz-checksum-sha256'] === undefined && headers['content-md5'] === undefined;
    const message = 'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters';
    fault(place, (request) => ['PutObject', 'UploadPart'].includes(request.operation) && isBare(request), {
      ...{ status: 400, code: 'InvalidRequest', message },
    });
    expect((await save(tool, place, [LARGE, 'call-1', 'sandbox-expired'])).exitCode).toBe(9);
    expect((await tool.run(['verify', place.address, ...PATIENT])).exitCode).toBe(0);
  });

  it('an endpoint with a path and a slash at its end, of each request alike', async ({ tool, sandbox: _, place }) => {
    const asked: string[] = [];
    const store = createServer((request, response) => {
      asked.push(request.url ?? '');
      request.resume().on('end', () => {
        if (request.method === 'POST')
          response.end('<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>');
        else if (request.url?.includes('list-type')) response.end('<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>');
        else response.writeHead(request.method === 'GET' ? 404 : 200, { ETag: '"1"' }).end();
      });
    });
    await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve));
    const env = { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${(store.address() as AddressInfo).port}/storage/v1/s3/` };
    expect((await save(tool, place, ids(5), [], { env })).exitCode).toBe(0);
    for (const path of asked) expect(path).toMatch(/^\/storage\/v1\/s3\/recordings\//u);
    store.closeAllConnections();
    store.close();
  });

  it('a store that is too busy for all requests at once, without a warning of Node', async ({ tool, sandbox: _, place }) => {
    const refused = new Set<string>();
    place.bucket.front.rules.push(({ operation, key }) => {
      if (operation !== 'PutObject' || refused.has(key)) return undefined;
      refused.add(key);
      return { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' };
    });
    const run = await save(tool, place, ids(40), ['-c', '32', '--retries', '5']);
    expect([run.exitCode, run.err]).toEqual([0, expect.not.stringContaining('Warning')]);
  });
});
