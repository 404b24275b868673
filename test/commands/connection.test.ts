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

  it('spaces requests as the rate says', async () => {
    const context = await contextWith({ KALEYRA_SID: 'HX1', KALEYRA_API_KEY: KEY });
    const { pace } = await connect(patience, context, 4);
    const signal = new AbortController().signal;
    for (let request = 0; request < 3; request += 1) await pace.enter(signal);
    expect(context.system.elapsed()).toBe(500);
  });
});
