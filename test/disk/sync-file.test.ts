import { describe, expect, it } from 'vitest';
import { syncFile } from '../../src/disk/sync-file.ts';

const failing = (code: string) => ({ datasync: () => Promise.reject(Object.assign(new Error(code), { code, syscall: 'fdatasync' })) });

describe('syncFile', () => {
  it.each(['ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'ENOSYS'])('is content where the disk has no flushing (%s)', async (code) => {
    await syncFile(failing(code));
  });

  it.each(['EIO', 'ENOSPC', 'EDQUOT'])('hands on %s: the bytes are not safe', async (code) => {
    await expect(syncFile(failing(code))).rejects.toMatchObject({ code });
  });
});
