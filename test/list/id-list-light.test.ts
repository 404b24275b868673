import { describe, expect, it, vi } from 'vitest';
import { idsOf } from './read-list.ts';

vi.mock('../../src/list/report-rows.ts', () => {
  throw new Error('what reads reports was loaded');
});

describe('what reads reports', () => {
  it('is loaded for a report', async () => {
    await expect(idsOf('Recording ID,Caller\nabc,1\n')).rejects.toThrow();
  });

  it('is not loaded for a list of ids', async () => {
    expect(await idsOf('abc\ndef\n')).toEqual(['abc', 'def']);
  });
});
