import { describe, expect, it } from 'vitest';
import { connect } from '../../src/commands/connection.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { testContext, testSystem } from '../helpers/test-system.ts';

const patience = { method: 'POST', timeoutMs: 1000, stallTimeoutMs: 1000, retries: 2, verbose: false } as const;
const KEY = 'A0123456789abcdef0123456789abcdef';

async function contextWith(env: Record<string, string>) {
  const system = testSystem({ env: { KALEYRA_REC_CONFIG_DIR: await tempFolder(), ...env } });
  return testContext(system);
}

describe('connect', () => {
  it('says which credentials are missing, and how to give them', async () => {
    await expect(connect(patience, await contextWith({}))).rejects.toMatchObject({
      code: 'CREDENTIALS_MISSING',
      hint: expect.stringContaining('auth login'),
    });
  });

  it('makes the key known as a secret before anything is sent', async () => {
    const context = await contextWith({ KALEYRA_SID: 'HX1', KALEYRA_API_KEY: KEY });
    const { policy } = await connect(patience, context);
    expect(context.redactor.redact(`the key is ${KEY}.`)).toBe('the key is ***.');
    expect(policy.retries).toBe(2);
  });

  it('refuses a base URL that would send the key in the clear', async () => {
    const context = await contextWith({ KALEYRA_SID: 'HX1', KALEYRA_API_KEY: KEY });
    await expect(connect({ ...patience, baseUrl: 'http://api.kaleyra.io/v1' }, context)).rejects.toMatchObject({ code: 'USAGE' });
  });

  it.each(['https://api.kaleyra.io/v1', 'https://127.0.0.1/v1'])('refuses %s where no certificate is checked', async (baseUrl) => {
    const context = await contextWith({ KALEYRA_SID: 'HX1', KALEYRA_API_KEY: KEY, NODE_TLS_REJECT_UNAUTHORIZED: '0' });
    await expect(connect({ ...patience, baseUrl }, context)).rejects.toMatchObject({
      code: 'USAGE',
      exitCode: 2,
      message: expect.stringContaining('NODE_TLS_REJECT_UNAUTHORIZED=0'),
      hint: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    });
  });

  it.each([
    ['http://127.0.0.1/v1', '0'],
    ['https://api.kaleyra.io/v1', '1'],
    ['https://api.kaleyra.io/v1', undefined],
  ])('takes %s where NODE_TLS_REJECT_UNAUTHORIZED is %s', async (baseUrl, NODE_TLS_REJECT_UNAUTHORIZED) => {
    const context = await contextWith({
      KALEYRA_SID: 'HX1',
      KALEYRA_API_KEY: KEY,
      ...(NODE_TLS_REJECT_UNAUTHORIZED !== undefined && { NODE_TLS_REJECT_UNAUTHORIZED }),
    });
    await expect(connect({ ...patience, baseUrl }, context)).resolves.toBeDefined();
  });

  it('spaces requests as the rate says', async () => {
    const context = await contextWith({ KALEYRA_SID: 'HX1', KALEYRA_API_KEY: KEY });
    const { pace } = await connect(patience, context, 4);
    const signal = new AbortController().signal;
    for (let request = 0; request < 3; request += 1) await pace.enter(signal);
    expect(context.system.elapsed()).toBe(500);
  });
});
