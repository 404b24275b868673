import { rm } from 'node:fs/promises';
import { describe, expect } from 'vitest';
import { everyDocument } from '../docs/documents.ts';
import { blockWith, session } from '../docs/markdown.ts';
import { type BucketPlace, useBucketPlace } from '../helpers/bucket-place.ts';
import { it as base, type Tool } from '../helpers/tool-test.ts';

const it = base.extend<{ place: BucketPlace }>({ place: async ({ tool }, use) => useBucketPlace(tool, use) });

const readme = everyDocument;

/** Writes a script of the README, by a part of it, into the test's folder. */
const writeScript = (tool: Tool, name: string, part: string) => tool.write(name, blockWith(readme, part));

describe.concurrent('the recipes of the README', () => {
  it('nightly.sh archives a report, tells what went wrong once, and then puts the report away', async ({ tool, sandbox: _ }) => {
    const script = blockWith(readme, '# nightly.sh: ').replace('cd /home/calls', `cd '${tool.folder}'`);
    await tool.write('nightly.sh', script);
    const [report] = session(blockWith(readme, '$ cat report.csv'));
    await tool.write('reports/2026-11-22.csv', report?.seen ?? '');
    await tool.write('done/.keep', '');

    const first = await tool.shell('sh nightly.sh');
    expect(first.out).toMatch(/^reports\/2026-11-22\.csv ended with exit code 9:\n/);
    expect(first.out).toContain('gone sandbox-expired: ');
    expect(await tool.shell('sh nightly.sh')).toMatchObject({ exitCode: 0, out: '', err: '' });
    expect(tool.files().filter((file) => file.endsWith('.csv'))).toEqual(['done/2026-11-22.csv']);
    expect(await tool.shell('sh nightly.sh')).toMatchObject({ exitCode: 0, out: '', err: '' });
    expect((await tool.run(['verify', 'archive', '--quiet', '--strict'])).exitCode).toBe(0);
  });

  it('nightly-bucket.sh does the same for a bucket, with no more in its environment than its crontab sets', async ({
    tool,
    sandbox,
    place,
  }) => {
    const inBucket = (text: string) => text.replaceAll('s3://my-bucket/calls', place.address);
    await tool.write(
      'nightly-bucket.sh',
      inBucket(blockWith(readme, '# nightly-bucket.sh: ').replace('cd /home/calls', `cd '${tool.folder}'`)),
    );
    const [report] = session(blockWith(readme, '$ cat report.csv'));
    await tool.write('reports/2026-11-22.csv', report?.seen ?? '');
    await tool.write('done/.keep', '');
    await tool.write('.kaleyra-key', sandbox.apiKey);
    await tool.write('.aws/credentials', '[calls]\naws_access_key_id = S3RVER\naws_secret_access_key = S3RVER\n');
    await tool.write('.aws/config', `[profile calls]\nendpoint_url = ${place.bucket.front.endpoint}\n`);

    const crontab = blockWith(readme, '/home/calls/nightly-bucket.sh');
    const own: Record<string, string> = {
      PATH: tool.env.PATH ?? '',
      KALEYRA_SID: sandbox.sid,
      KALEYRA_API_KEY_FILE: tool.path('.kaleyra-key'),
    };
    const set = [...crontab.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => `${name}='${own[name] ?? value}'`);
    const cron = (command: string) =>
      tool.shell(`env -i HOME='${tool.folder}' KALEYRA_BASE_URL='${sandbox.baseUrl}' ${set.join(' ')} ${command}`);

    const first = await cron('sh nightly-bucket.sh');
    expect(first.out).toMatch(/^reports\/2026-11-22\.csv ended with exit code 9:\n/);
    expect(await cron('sh nightly-bucket.sh')).toMatchObject({ exitCode: 0, out: '', err: '' });
    expect(tool.files().filter((file) => file.endsWith('.csv'))).toEqual(['done/2026-11-22.csv']);
    expect((await place.files()).length).toBeGreaterThan(2);
    const [, verify = ''] = /^45 3 1 \* \* (.*)$/m.exec(crontab) ?? [];
    expect(await cron(inBucket(verify))).toMatchObject({ exitCode: 0, out: '', err: '' });
    await rm(tool.path('.kaleyra-key'));
  });

  it('fetch-calls.sh ends as its session shows', async ({ tool, sandbox: _ }) => {
    await writeScript(tool, 'fetch-calls.sh', '# fetch-calls.sh ');
    const [shown, code] = session(blockWith(readme, 'sandbox -- sh fetch-calls.sh'));
    const run = await tool.shell(shown?.command.replace('kaleyra-rec sandbox -- ', '') ?? '');
    expect(run.out).toBe(shown?.seen);
    expect(run.exitCode).toBe(Number(code?.seen));
  });

  it('test-fetch-calls.sh finds nothing to say against fetch-calls.sh, and something against one that is broken', async ({ tool }) => {
    await writeScript(tool, 'fetch-calls.sh', '# fetch-calls.sh ');
    await writeScript(tool, 'test-fetch-calls.sh', '# test-fetch-calls.sh: ');
    const test = () => tool.shell('kaleyra-rec sandbox -- sh test-fetch-calls.sh', { env: { TMPDIR: tool.folder } });
    expect((await test()).exitCode).toBe(0);
    const broken = blockWith(readme, '# fetch-calls.sh ').replace('*) exit 2', '*) later=1');
    await tool.write('fetch-calls.sh', broken);
    expect((await test()).exitCode).not.toBe(0);
  });
});
