import { describe, expect, it } from 'vitest';
import { proxySecrets, shownProxy } from '../../src/http/proxy-secrets.ts';

describe('shownProxy', () => {
  it.each([
    ['http://user:s3cret@proxy:8080/path', 'http://user:***@proxy:8080'],
    ['http://token@proxy', 'http://***@proxy'],
    ['socks5://proxy:1080', 'socks5://proxy:1080'],
    ['proxy:3128', 'http://proxy:3128'],
    ['http:// user:s3cret@proxy', 'http://%20user:***@proxy'],
    ['http://user:s3/cret@proxy', 'not a URL'],
    ['http:/user:s3cret@proxy', 'http://http'],
  ])('of %j is %j', (written, shown) => {
    expect(shownProxy(written)).toBe(shown);
  });
});

describe('proxySecrets', () => {
  it('are user and password together, and a password that is no word, as written and decoded', () => {
    expect(proxySecrets({ https_proxy: 'http://me:p%40ss%2Fw0rd@proxy', ALL_PROXY: 'u:short@proxy' })).toEqual([
      'me:p@ss/w0rd',
      'p@ss/w0rd',
      'me:p%40ss%2Fw0rd',
      'p%40ss%2Fw0rd',
      'u:short',
      'u:short',
    ]);
  });

  it('are none where there is no password, or no URL', () => {
    expect(proxySecrets({ HTTP_PROXY: 'http://proxy', HTTPS_PROXY: 'http://me@proxy', ALL_PROXY: 'http://a:b/c@d' })).toEqual([]);
  });
});
