import { describe, expect } from 'vitest';
import { startRecordingServer } from '../helpers/recording-server.ts';
import { expectWithout, it, KEY } from './hostile.ts';

const PASSWORD = 'pr0xy-s3cret';

describe.concurrent('a key in the wrong place is not repeated', () => {
  it.for([
    ['as an unknown flag', ['link', 'one', `--key=${KEY}`]],
    ['as an unknown flag of two words', ['link', 'one', '--api-key', KEY]],
    ['as a command', [KEY]],
    ['as a profile', ['link', 'one', '--profile', KEY]],
    ['as a column', ['batch', '-', '--column', KEY]],
    ['as a file name', ['batch', KEY]],
    ['as a template', ['batch', '-', '--name', `{${KEY}}`]],
    ['as a region', ['link', 'one', '--region', KEY]],
    ['in the base URL', ['link', 'one', '--base-url', `https://user:${KEY}@api.kaleyra.io/v1`]],
    ['in the query of the base URL', ['link', 'one', '--base-url', `https://api.kaleyra.io/v1?api-key=${KEY}`]],
  ] as const)('%s', async ([, args], { tool, hosts: _ }) => {
    for (const flags of [[], ['--json'], ['-v']]) {
      // A profile is looked up: nothing is known of the key but its form.
      const env = { KALEYRA_API_KEY: '' };
      const run = await tool.run([...args, ...flags], { env, stdin: 'one\n', printsSecrets: false });
      expect(run.exitCode).not.toBe(0);
      expectWithout(run.out + run.err, KEY);
    }
  });

  it.for(['KALEYRA_API_KEY_FILE', 'KALEYRA_PROFILE', 'KALEYRA_BASE_URL'])('in %s', async (name, { tool, hosts: _ }) => {
    for (const flags of [['--json'], ['-v']]) {
      const run = await tool.run(['link', 'one', ...flags], { env: { KALEYRA_API_KEY: '', [name]: KEY }, printsSecrets: false });
      expect(run.exitCode).not.toBe(0);
      expectWithout(run.out + run.err, KEY);
    }
  });
});

describe.concurrent('the password of a proxy is not repeated', () => {
  const MALFORMED = [
    `http:// user:${PASSWORD}@127.0.0.1:9`,
    `http://user:${PASSWORD}@`,
    `user:${PASSWORD}@127.0.0.1 :9`,
    `http://user:${PASSWORD}@127.0.0.1:port`,
    `http://user:${PASSWORD}@127.0.0.1:99999`,
    `user:${PASSWORD}@proxy.invalid:8080`,
    `http://user:${PASSWORD}%zz@127.0.0.1:9`,
    `ftp://user:${PASSWORD}@127.0.0.1:9`,
    `http:/user:${PASSWORD}@127.0.0.1:9`,
    `http://user:pass/${PASSWORD}@127.0.0.1:9`,
    `"http://user:${PASSWORD}@127.0.0.1:9"`,
    `${PASSWORD}@127.0.0.1:9`,
  ];

  it.for(MALFORMED)('in the malformed address %s', async (address, { tool, hosts: _ }) => {
    for (const flags of [['-v'], ['--json'], ['--log-file', 'run.log']]) {
      const run = await tool.run(['link', 'one', '--retries', '0', ...flags], {
        env: { HTTP_PROXY: address, ALL_PROXY: address },
        printsSecrets: false,
      });
      expect(run.exitCode).not.toBe(1);
      expectWithout(run.out + run.err, PASSWORD);
    }
    if (tool.files().includes('run.log')) expectWithout(String(await tool.read('run.log')), PASSWORD);
  });

  it('where the proxy itself repeats it', async ({ tool, hosts: _ }) => {
    const proxy = await startRecordingServer(({ headers }, response) => {
      const sent = headers['proxy-authorization'] ?? '';
      const message = `Not ${sent} ${Buffer.from(sent.replace('Basic ', ''), 'base64')}`;
      response
        .writeHead(407, { 'Proxy-Authenticate': `Basic realm="${message}"` })
        .end(JSON.stringify({ message, error: { [message]: message } }));
    });
    const env = { ALL_PROXY: proxy.origin.replace('://', `://user:${PASSWORD}@`) };
    const run = await tool.run(['link', 'one', '-v', '--json', '--retries', '0'], { env, printsSecrets: false });
    await proxy.close();
    expect(proxy.requests.length).toBe(1);
    expect(run.exitCode).toBe(6);
    expectWithout(run.out + run.err, PASSWORD);
    expect(run.out + run.err).not.toContain(Buffer.from(`user:${PASSWORD}`).toString('base64'));
  });
});
