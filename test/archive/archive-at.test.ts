import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { archiveAt } from '../../src/archive/archive-at.ts';
import type { BucketOptions } from '../../src/archive/bucket/options.ts';
import { createRedactor } from '../../src/redact.ts';
import { openBelow, tellsOpenFiles } from '../helpers/open-files.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { testSystem } from '../helpers/test-system.ts';

const tools = () => ({ system: testSystem(), redactor: createRedactor() });
const at = (name: string, bucket?: BucketOptions) => archiveAt(name, tools(), bucket);

describe('where an archive lies, by its name', () => {
  it.each(['calls', './calls', '/srv/calls', '.', 's3', './s3://calls', 'calls/s3://x'])('is a folder for %j', async (name) => {
    expect(await at(name)).toMatchObject({ name, isShared: false });
  });

  it.each(['s3://calls', 'S3://calls/2026'])('is a bucket for %j', async (name) => {
    expect(await at(name, { storageClass: 'STANDARD_IA', sse: 'AES256' })).toMatchObject({ name, isShared: true });
  });

  it.each(['s3:/calls', 'arn:aws:s3:::calls', 'gs://calls', 'https://example.com/calls'])(
    'is refused where it looks like a bucket and is not written as one: %j',
    async (name) => {
      await expect(at(name)).rejects.toMatchObject({ code: 'USAGE', message: expect.stringContaining(name) });
    },
  );

  it.each<[string, BucketOptions]>([
    ['--storage-class', { storageClass: 'STANDARD_IA' }],
    ['--sse', { sse: 'AES256' }],
    ['--kms-key-id', { kmsKeyId: 'key' }],
    ['--storage-class', { storageClass: 'STANDARD_IA', sse: 'aws:kms', kmsKeyId: 'key' }],
  ])('is refused for a folder with %s, which is for buckets', async (flag, bucket) => {
    await expect(at('calls', bucket)).rejects.toMatchObject({
      code: 'USAGE',
      message: `${flag} is for buckets, and calls is a folder.`,
      hint: expect.stringContaining('s3://'),
    });
  });

  it('takes for a folder what all archives are worked with', async () => {
    expect(await at('calls', { timeoutMs: 1000, retries: 2 })).toMatchObject({ name: 'calls' });
  });
});

describe('a folder as the home of an archive', () => {
  it('has a manifest once there is one', async () => {
    const folder = join(await tempFolder(), 'calls');
    const home = await at(folder);
    expect(await home.hasManifest()).toBe(false);
    await mkdir(folder);
    expect(await home.hasManifest()).toBe(false);
    await writeFile(join(folder, 'manifest.jsonl'), '');
    expect(await home.hasManifest()).toBe(true);
  });

  it('is made when it is held, and keeps a second run out until it is given back', async () => {
    const folder = join(await tempFolder(), 'calls');
    const home = await at(folder);
    await home.tryOut();
    const hold = await home.hold();
    await expect(home.hold()).rejects.toMatchObject({ code: 'LOCKED', message: expect.stringContaining(folder) });
    await hold.release();
    await (await home.hold()).release();
  });

  it.skipIf(!tellsOpenFiles)('gives all ways to look at it, each of which lets go of it', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'manifest.jsonl'), '{"id":"a","status":"failed"}\n');
    const home = await at(folder);
    const { signal } = new AbortController();
    const archive = await home.open({});
    expect(archive.isEmpty).toBe(false);
    await archive.close();
    const check = await home.check(signal, { checksum: false });
    expect(check.manifest.size).toBe(1);
    await check.close();
    const lines = [];
    for await (const { line } of home.reader().lines(undefined, signal)) lines.push(line?.id);
    expect(lines).toEqual(['a']);
    expect(openBelow(folder)).toEqual([]);
  });
});
