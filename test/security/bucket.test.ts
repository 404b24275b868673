import { describe, expect } from 'vitest';
import { startBucket } from '../helpers/bucket.ts';
import { startRecordingServer } from '../helpers/recording-server.ts';
import { it as base } from '../helpers/tool-test.ts';

const SECRET_KEY = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const TOKEN = 'IQoJb3JpZ2luX2VjEJr//////////wEaCXVzLWVhc3QtMSJHMEUCIQD';

const it = base.extend<{ address: string }>({
  address: async ({ tool }, use) => {
    await using bucket = await startBucket();
    Object.assign(tool.env, bucket.env, { AWS_SECRET_ACCESS_KEY: SECRET_KEY, AWS_SESSION_TOKEN: TOKEN });
    for (const secret of [SECRET_KEY, TOKEN]) {
      tool.secrets.add(secret);
      // The search for secrets knows no other spelling by itself.
      for (const spelled of [secret.toLowerCase(), encodeURIComponent(secret)]) tool.secrets.add(spelled);
    }
    const repeated = [SECRET_KEY, TOKEN].flatMap((secret) => [secret, secret.toLowerCase(), encodeURIComponent(secret)]).join(' ');
    bucket.front.rules.push(({ headers }) => {
      // Who asks has signed with them, or nothing would be shown.
      expect(headers['x-amz-security-token']).toBe(TOKEN);
      return { status: 400, code: `Odd${SECRET_KEY}`, message: `You sent ${repeated}` };
    });
    await use(bucket.place().address);
  },
});

describe.concurrent("a bucket's store that repeats the AWS credentials", () => {
  it.for(['-q', '--json', '-v --log-file run.log'])('is told of without them by batch %s', async (flags, { tool, sandbox: _, address }) => {
    await tool.write('ids.txt', 'one\n');
    const run = await tool.run(['batch', 'ids.txt', '-d', address, ...flags.split(' ')]);
    expect(run.exitCode).toBe(7);
    expect(run.err).toContain('You sent *** ***');
  });

  it.for<[how: string, env: Record<string, string>]>([
    ['with the two halves mixed up', { AWS_ACCESS_KEY_ID: SECRET_KEY, AWS_SECRET_ACCESS_KEY: 'AKIAIOSFODNN7EXAMPLE' }],
    ['with a line end behind them', { AWS_SECRET_ACCESS_KEY: `${SECRET_KEY}\n` }],
  ])('is told of without them where they are set %s', async ([, env], { tool, address }) => {
    const run = await tool.run(['verify', address, '-v'], { env });
    expect(run.exitCode).toBe(7);
    expect(run.err).toContain('You sent *** ***');
  });

  it.for(['verify', 'list', 'browse'])('is told of without them by %s', async (command, { tool, address }) => {
    const run = await tool.run([command, address]);
    expect(run.exitCode).toBe(7);
    expect(run.err).toContain('You sent *** ***');
  });
});

describe('credentials of a container that are no JSON', () => {
  base('are not quoted in what went wrong', async ({ tool, sandbox: _ }) => {
    tool.secrets.add(SECRET_KEY.slice(0, 8));
    const source = await startRecordingServer((_, response) => void response.end(`{"SecretAccessKey": ${SECRET_KEY}}`));
    const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${source.origin}/`, AWS_ENDPOINT_URL_S3: source.origin, AWS_REGION: 'us-east-1' };
    const run = await tool.run(['download', 'one', '-o', 's3://recordings/one.wav', '-v'], { env });
    await source.close();
    expect(run.exitCode).toBe(7);
  });
});
