import { describe, expect, test } from 'vitest';
import { isStrongEtag, md5OfEtag } from '../../src/http/etag.ts';

const MD5 = 'd41d8cd98f00b204e9800998ecf8427e';

describe('md5OfEtag', () => {
  test.each([
    [`"${MD5}"`, null],
    [`"${MD5.toUpperCase()}"`, null],
    [`"${MD5}"`, 'AES256'],
    [MD5, null],
    [` "${MD5}" `, null],
  ])('reads %j under %j', (etag, encryption) => {
    expect(md5OfEtag(etag, encryption)).toBe(MD5);
  });

  test.each([
    [null, null],
    ['', null],
    [`"${MD5}"`, 'aws:kms'],
    [`"${MD5}"`, 'aws:kms:dsse'],
    [`W/"${MD5}"`, null],
    [`"${MD5}-3"`, null],
    [`"${MD5}`, null],
    [`${MD5}"`, null],
    [`"${MD5.slice(1)}"`, null],
    [`"${MD5}0"`, null],
    [`"${MD5.slice(1)}g"`, null],
    ['"5f3e-62b1"', null],
  ])('sees no MD5 in %j under %j', (etag, encryption) => {
    expect(md5OfEtag(etag, encryption)).toBeUndefined();
  });
});

describe('isStrongEtag', () => {
  test.each([
    [`"${MD5}"`, true],
    ['"5f3e-62b1"', true],
    ['W/"5f3e"', false],
    ['', false],
    [null, false],
  ])('%j: %s', (etag, strong) => {
    expect(isStrongEtag(etag)).toBe(strong);
  });
});
