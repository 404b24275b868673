import { describe, expect, it } from 'vitest';
import { withPatience } from '../../src/disk/patience.ts';
import { testSystem } from '../helpers/test-system.ts';

const errorOf = (code: string) => Object.assign(new Error(code), { code, syscall: 'rename' });

/** Tries something that fails so many times with a code; gives how often it was tried and waited for. */
async function tried(code: string, times: number, platform: NodeJS.Platform) {
  const clock = testSystem();
  let tries = 0;
  const ended = await withPatience(
    async () => {
      tries += 1;
      if (tries <= times) throw errorOf(code);
      return 'done';
    },
    clock.sleep,
    { platform },
  ).catch((error: { code: string }) => error.code);
  return { ended, tries, waited: clock.sleeps.length };
}

describe('withPatience', () => {
  it('waits for nothing where all goes well', async () => {
    expect(await tried('EBUSY', 0, 'linux')).toEqual({ ended: 'done', tries: 1, waited: 0 });
  });

  it.each(['EBUSY', 'EPERM', 'ESTALE'])('tries again after %s, which passes', async (code) => {
    expect(await tried(code, 3, 'linux')).toEqual({ ended: 'done', tries: 4, waited: 3 });
  });

  it('gives up after a few seconds', async () => {
    const clock = testSystem();
    await expect(withPatience(() => Promise.reject(errorOf('EBUSY')), clock.sleep, { platform: 'linux' })).rejects.toMatchObject({
      code: 'EBUSY',
    });
    expect(clock.sleeps.length).toBeGreaterThan(4);
    expect(clock.elapsed()).toBeGreaterThan(2000);
    expect(clock.elapsed()).toBeLessThan(5000);
  });

  it.each(['ENOSPC', 'EXDEV', 'ENOENT', 'EROFS'])('does not try again after %s, which stays', async (code) => {
    expect(await tried(code, 1, 'win32')).toEqual({ ended: code, tries: 1, waited: 0 });
  });

  it('takes EACCES for a scanner at work on Windows, and elsewhere for a refusal, after a few tries', async () => {
    expect(await tried('EACCES', 5, 'win32')).toEqual({ ended: 'done', tries: 6, waited: 5 });
    for (const platform of ['linux', 'darwin'] as const) {
      expect(await tried('EACCES', 2, platform)).toMatchObject({ ended: 'done', tries: 3 });
      expect(await tried('EACCES', 9, platform)).toMatchObject({ ended: 'EACCES', tries: 4 });
    }
  });
});
