import { afterEach, describe, expect, test, vi } from 'vitest';
import { proxyFor } from '../../src/http/proxy-choice.ts';

const PROXY = 'http://proxy.test:3128';

afterEach(() => void vi.unstubAllEnvs());

describe('proxyFor', () => {
  test('looks at the environment that it is given, and at no other', () => {
    vi.stubEnv('HTTPS_PROXY', PROXY);
    vi.stubEnv('NO_PROXY', '*');
    expect(proxyFor(new URL('https://service.test'), {})).toBeUndefined();
    expect(proxyFor(new URL('https://service.test'), { HTTPS_PROXY: 'http://mine.test' })?.host).toBe('mine.test');
  });

  test.each(['http://proxy.test:3128 ', ' http://proxy.test:3128/', 'proxy.test:3128\r', 'http://proxy.test:3128\n'])(
    'bears blanks around it and a slash behind it: %j',
    (HTTPS_PROXY) => {
      expect(proxyFor(new URL('https://service.test'), { HTTPS_PROXY })?.host).toBe('proxy.test:3128');
    },
  );

  test.each(['', ' ', '\r\n'])('takes %j for none', (HTTPS_PROXY) => {
    expect(proxyFor(new URL('https://service.test'), { HTTPS_PROXY })).toBeUndefined();
  });
});

describe('NO_PROXY', () => {
  test.each([
    ['service.test', 'http://service.test/'],
    ['SERVICE.test', 'http://service.test/'],
    ['service.test', 'http://service.test./'],
    ['other.test, service.test', 'http://service.test/'],
    ['other.test service.test', 'http://service.test/'],
    ['other.test\r\nservice.test\r\n', 'http://service.test/'],
    ['2001:db8::/32', 'http://[2001:db8::1]/'],
    ['test', 'http://service.test/'],
    ['.test', 'http://service.test/'],
    ['*.test', 'http://service.test/'],
    ['*', 'http://service.test/'],
    ['a.test,*', 'http://service.test/'],
    ['service.test:8080', 'http://service.test:8080/'],
    ['service.test:443', 'https://service.test/'],
    ['192.0.2.7', 'http://192.0.2.7/'],
    ['192.0.2.0/24', 'http://192.0.2.7/'],
    ['::/0', 'http://[2001:db8::1]/'],
    ['2001:db8::1', 'http://[2001:db8::1]/'],
    ['[2001:db8::1]', 'http://[2001:db8::1]/'],
    ['[2001:db8::1]:80', 'http://[2001:db8::1]/'],
  ])('%j: %s goes without a proxy', (NO_PROXY, url) => {
    expect(proxyFor(new URL(url), { ALL_PROXY: PROXY, NO_PROXY })).toBeUndefined();
    expect(proxyFor(new URL(url), { ALL_PROXY: PROXY, no_proxy: NO_PROXY })).toBeUndefined();
  });

  test.each([
    ['other.test', 'http://service.test/'],
    ['ice.test', 'http://service.test/'],
    ['a.service.test', 'http://service.test/'],
    ['service.test:8080', 'http://service.test/'],
    ['service.test:80', 'https://service.test/'],
    ['.', 'http://service.test/'],
    [' , ', 'http://service.test/'],
    ['192.0.3.0/24', 'http://192.0.2.7/'],
    ['0.0.0.0/0', 'http://[2001:db8::1]/'],
    ['192.0.2.0/24', 'http://service.test/'],
    ['0.2.7', 'http://192.0.2.7/'],
    ['[2001:db8::1]:81', 'http://[2001:db8::1]/'],
  ])('%j: %s goes through the proxy', (NO_PROXY, url) => {
    expect(proxyFor(new URL(url), { ALL_PROXY: PROXY, NO_PROXY })?.host).toBe('proxy.test:3128');
  });
});
