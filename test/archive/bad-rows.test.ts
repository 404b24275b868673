import { describe, expect, it } from 'vitest';
import { BAD_ROWS_FIRST_LINE, BadRows, foreignBadRows } from '../../src/archive/bad-rows.ts';

describe('rows that could not be read', () => {
  it('are none at first, and no file then', () => {
    const bad = new BadRows();
    expect([bad.count, bad.text]).toEqual([0, undefined]);
  });

  it('stand as they came, each below what is wrong with it', () => {
    const bad = new BadRows();
    bad.add('a,"b', 2, 'Line 2 has a quote without an end.');
    bad.add('c', 4, 'Line 4 has too few columns.');
    expect(bad.count).toBe(2);
    expect(bad.text).toBe(`${BAD_ROWS_FIRST_LINE}\n# Line 2 has a quote without an end.\na,"b\n# Line 4 has too few columns.\nc\n`);
  });

  it('are kept without the signature of a link', () => {
    const bad = new BadRows();
    bad.add('https://store.example/a.mp3?X-Amz-Signature=0123abcd', 2, 'Line 2 is a link.');
    expect(bad.text).toContain('store.example');
    expect(bad.text).not.toContain('0123abcd');
  });

  it('are counted, and not kept, behind 64 MiB of them', () => {
    const bad = new BadRows();
    bad.add('first', 2, 'Line 2 is odd.');
    bad.add('x'.repeat(64 * 1024 * 1024), 3, 'Line 3 is odd.');
    bad.add('last', 4, 'Line 4 is odd.');
    expect(bad.count).toBe(3);
    expect(bad.text).toBe(`${BAD_ROWS_FIRST_LINE}\n# Line 2 is odd.\nfirst\n`);
  });

  it('are not put in the place of another’s file, with what to do about it', () => {
    expect(foreignBadRows('calls/bad-rows.txt')).toMatchObject({
      code: 'FILE_EXISTS',
      message: 'Cannot list the rows that could not be read: calls/bad-rows.txt was not written by kaleyra-rec.',
      hint: expect.stringContaining('Move it away'),
    });
  });
});
