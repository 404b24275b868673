import { describe, expect } from 'vitest';
import { readDocument } from '../docs/documents.ts';
import { blockWith, tableBelow } from '../docs/markdown.ts';
import { type Bucket, startBucket } from '../helpers/bucket.ts';
import type { Right } from '../helpers/bucket-front.ts';
import { rightsOf } from '../helpers/policy.ts';
import { BUCKET } from '../helpers/s3-server.ts';
import { it as base, type Tool } from '../helpers/tool-test.ts';

const page = readDocument('docs/scale.md');

/** The page's address of an archive, and the one that it stands for in a test. */
const SHOWN = 's3://my-bucket/calls';
const ADDRESS = `s3://${BUCKET}/calls`;
const PREFIX = 'calls/';

const it = base.extend<{ bucket: Bucket }>({
  bucket: async ({ tool }, use) => {
    await using bucket = await startBucket();
    Object.assign(tool.env, bucket.env);
    await use(bucket);
  },
});

const ids = (count: number) => Array.from({ length: count }, (_, n) => `call-${n}`);
const list = (tool: Tool, names: readonly string[]) => tool.write('ids.txt', `${names.join('\n')}\n`);
const batch = (tool: Tool, ...flags: string[]) => tool.run(['batch', 'ids.txt', '-d', ADDRESS, '--retries', '0', ...flags]);
const here = (text: string) => text.replaceAll(SHOWN, ADDRESS).replaceAll('arn:aws:s3:::my-bucket', `arn:aws:s3:::${BUCKET}`);
const files = async ({ server }: Bucket) => {
  const names = (await server.keys(PREFIX)).map((key) => key.slice(PREFIX.length));
  return names.filter((name) => !name.startsWith('manifest/'));
};

describe.concurrent('the policy of the page', () => {
  const policy = rightsOf(JSON.parse(here(blockWith(page, '"Statement"'))), BUCKET);
  const without = (action: string) => policy.filter((right) => right.action !== action);

  /** A batch in which a recording fails, and then one that is left with no failed rows. */
  async function filled(tool: Tool, { front }: Bucket, rights: readonly Right[], ...more: string[]) {
    front.rights = rights;
    await list(tool, ['one', 'sandbox-flaky', ...more]);
    const first = await batch(tool, '--skip-bad-rows');
    const second = await batch(tool, '--retries', '5');
    return { first, second };
  }

  it('is enough for all that is done to an archive', async ({ tool, sandbox: _, bucket }) => {
    const { first, second } = await filled(tool, bucket, policy, 'sandbox-size-20m');
    expect(first.exitCode).toBe(9);
    expect(first.err).toContain(`${ADDRESS}/failed.txt`);
    expect(second.exitCode).toBe(0);
    expect(await files(bucket)).toEqual(['one.wav', 'sandbox-flaky.mp3', 'sandbox-size-20m.wav']);
    expect(bucket.front.count('DeleteObject')).toBe(1);
    expect((await batch(tool, '--dry-run')).exitCode).toBe(0);
    await bucket.server.remove(`${PREFIX}one.wav`);
    expect((await tool.run(['verify', ADDRESS])).out).toBe('missing one.wav\n');
    expect((await tool.run(['verify', ADDRESS, '--repair'])).exitCode).toBe(0);
  });

  it('is enough for rows that cannot be read, and for the lists of shares', async ({ tool, sandbox: _, bucket }) => {
    bucket.front.rights = policy;
    await tool.write('ids.txt', 'Recording ID;Caller\none;1\n"two;2;3;4\nsandbox-down;3\n');
    expect((await batch(tool, '--skip-bad-rows', '--shard', '1/1')).exitCode).toBe(9);
    expect(await files(bucket)).toEqual(['bad-rows.txt', 'failed-1-of-1.txt', 'one.wav']);
    await tool.write('ids.txt', 'Recording ID;Caller\none;1\n');
    await tool.run(['batch', 'ids.txt', '-d', ADDRESS, '--skip-bad-rows', '--shard', '1/1']);
    expect(await files(bucket)).toEqual(['failed-1-of-1.txt', 'one.wav']);
    expect((await batch(tool, '--checksum')).exitCode).toBe(0);
  });

  it.for(['s3:ListBucket', 's3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload', 's3:DeleteObject'])(
    'is the least: without %s a batch ends with 7, and says so',
    async (action, { tool, sandbox, bucket }) => {
      expect(new Set(policy.map((right) => right.action))).toContain(action);
      const { first, second } = await filled(tool, bucket, without(action));
      const refused = [first, second].find(({ exitCode }) => exitCode === 7);
      // Before anything is fetched, save that nothing can be removed to try.
      if (action !== 's3:DeleteObject') expect(sandbox.questions()).toBe(0);
      expect(refused?.err).toContain(`have no right to do so (${action}).`);
      expect(refused?.err).toMatch(new RegExp(`^hint: They need .*${action}`, 'm'));
    },
  );

  it('gives no right to an archive beside it', async ({ tool, sandbox: _, bucket }) => {
    bucket.front.rights = policy;
    await list(tool, ['one']);
    for (const place of ['', '/call', '/calls-2']) {
      expect((await tool.run(['batch', 'ids.txt', '-d', `s3://${BUCKET}${place}`])).exitCode).toBe(7);
    }
  });

  it('needs two of its rights for reading, and both', async ({ tool, sandbox: _, bucket }) => {
    const reading = policy.filter(({ action }) => action === 's3:ListBucket' || action === 's3:GetObject');
    await filled(tool, bucket, policy);
    bucket.front.rights = reading;
    for (const args of [
      ['verify', ADDRESS],
      ['verify', ADDRESS, '--checksum'],
      ['list', ADDRESS],
    ]) {
      expect((await tool.run(args)).exitCode).toBe(0);
    }
    const browse = tool.start(['browse', ADDRESS], { printsSecrets: true });
    await browse.until(({ out, err }) => (out + err).includes('http://127.0.0.1'));
    browse.kill('SIGINT');
    expect((await browse.ended).exitCode).toBe(0);
    for (const action of ['s3:ListBucket', 's3:GetObject']) {
      bucket.front.rights = reading.filter((right) => right.action !== action);
      for (const command of ['verify', 'list', 'browse']) {
        const run = await tool.run([command, ADDRESS]);
        expect(run.exitCode, `${command} without ${action}`).toBe(7);
        expect(run.err).toContain(`(${action})`);
      }
    }
  });
});

describe.concurrent('an array of the page saves each recording once, together in one bucket', () => {
  const COUNT = 4;
  const names = ids(24);
  const report = `Recording ID;Caller\n${names.map((id) => `${id};1\n`).join('')}`;

  /** Runs a command for all jobs of an array at once, each with the variables that its scheduler gives it. */
  async function runArray(tool: Tool, script: string, variables: (index: number) => Record<string, string>) {
    const jobs = Array.from({ length: COUNT }, (_, index) => tool.shell(here(script), { env: variables(index) }));
    for (const { exitCode, err } of await Promise.all(jobs)) expect(exitCode, err).toBe(0);
  }

  async function expectEachOnce(tool: Tool, bucket: Bucket, questions: number) {
    expect((await files(bucket)).map((file) => file.replace(/\.\w+$/, ''))).toEqual(names.toSorted());
    expect(questions).toBe(names.length);
    const verified = await tool.run(['verify', ADDRESS, '--strict', '--json']);
    expect(verified.json().at(-1)?.summary).toMatchObject({ total: names.length, whole: names.length, unrecorded: 0 });
  }

  it('in Kubernetes', async ({ tool, sandbox, bucket }) => {
    const job = blockWith(page, 'completionMode: Indexed');
    const [, command = ''] = /^ +command: \[(.*)\]$/m.exec(job) ?? [];
    await tool.write('report.csv', report);
    const script = command.replaceAll(', ', ' ').replace('/list/report.csv', tool.path('report.csv'));
    await runArray(tool, script, (index) => ({ JOB_COMPLETION_INDEX: `${index}`, JOB_COMPLETIONS: `${COUNT}` }));
    await expectEachOnce(tool, bucket, sandbox.questions());
  });

  it('on AWS Batch, the list from a link', async ({ tool, sandbox, bucket }) => {
    const { containerOverrides, arrayProperties } = JSON.parse(blockWith(page, '"arrayProperties"'));
    const [shell, flag, script = ''] = containerOverrides.command;
    expect([shell, flag, arrayProperties.size]).toEqual(['sh', '-c', COUNT]);
    await bucket.server.put('lists/report.csv', Buffer.from(report));
    const link = await bucket.server.presign('lists/report.csv');
    await Promise.all(Array.from({ length: COUNT }, (_, index) => tool.write(`${index}/.keep`, '')));
    await runArray(tool, script.replaceAll('/tmp/', '"$ROOM"/'), (index) => ({
      ...{ AWS_BATCH_JOB_ARRAY_INDEX: `${index}`, AWS_BATCH_JOB_ARRAY_SIZE: `${arrayProperties.size}` },
      ...{ [containerOverrides.environment[0].name]: link, ROOM: tool.path(`${index}`) },
    }));
    await expectEachOnce(tool, bucket, sandbox.questions());
  });

  it('on AWS Batch not with a link that has expired: that is a wrong list, which no other try mends', async ({
    tool,
    sandbox: _,
    bucket,
  }) => {
    const [, , script = ''] = JSON.parse(blockWith(page, '"arrayProperties"')).containerOverrides.command;
    await bucket.server.put('lists/report.csv', Buffer.from(report));
    const link = await bucket.server.presign('lists/report.csv', { expiresIn: 60, signedAt: new Date(Date.now() - 3_600_000) });
    const env = { AWS_BATCH_JOB_ARRAY_INDEX: '0', AWS_BATCH_JOB_ARRAY_SIZE: '4', LIST: link };
    const run = await tool.shell(here(script.replaceAll('/tmp/', './')), { env });
    expect(run.exitCode).toBe(2);
    const { evaluateOnExit } = JSON.parse(blockWith(page, '"jobDefinitionName"')).retryStrategy;
    expect(evaluateOnExit).toContainEqual({ onExitCode: '2', action: 'EXIT' });
  });

  it('on Slurm', async ({ tool, sandbox, bucket }) => {
    const script = blockWith(page, '#SBATCH');
    const [, first = '', last = ''] = /--array=(\d+)-(\d+)/.exec(script) ?? [];
    expect(Number(last) - Number(first) + 1).toBe(COUNT);
    await tool.write('report.csv', report);
    await runArray(tool, script, (index) => ({
      SLURM_ARRAY_TASK_ID: `${Number(first) + index}`,
      ...{ SLURM_ARRAY_TASK_MIN: first, SLURM_ARRAY_TASK_MAX: last, SLURM_ARRAY_TASK_STEP: '1', SLURM_ARRAY_TASK_COUNT: `${COUNT}` },
    }));
    await expectEachOnce(tool, bucket, sandbox.questions());
  });

  it('and a list of what failed is one to start from', async ({ tool, sandbox: _, bucket }) => {
    await tool.write('report.csv', 'Recording ID;Caller\nsandbox-flaky;1\ncall-1;2\n');
    const shares = [1, 2].map((k) => tool.run(['batch', 'report.csv', '-d', ADDRESS, '--shard', `${k}/2`, '--retries', '0']));
    expect((await Promise.all(shares)).map(({ exitCode }) => exitCode).sort()).toEqual([0, 9]);
    const [failed = ''] = (await files(bucket)).filter((file) => file.startsWith('failed'));
    await tool.write('failed.txt', (await bucket.server.get(PREFIX + failed)) ?? '');
    const [, command = ''] = blockWith(page, 'failed-1-of-4.txt').split(' - | ');
    expect((await tool.shell(`cat failed.txt | ${here(command)}`)).exitCode).toBe(0);
    expect(await files(bucket)).toContain('sandbox-flaky.mp3');
    await Promise.all([1, 2].map((k) => tool.run(['batch', 'report.csv', '-d', ADDRESS, '--shard', `${k}/2`])));
    expect((await files(bucket)).filter((file) => file.startsWith('failed'))).toEqual([]);
  });
});

describe.concurrent('the requests of the page', () => {
  /** The numbers of a row of the table: what is asked whatever there is, and then for each. */
  const told = (what: string) => {
    const [, cell = ''] = tableBelow(page, '### Costs').find(([name]) => name === what) ?? [];
    return cell;
  };

  it('are those that are made', async ({ tool, sandbox: _, bucket }) => {
    const { front } = bucket;
    const counted = () => front.requests.splice(0).length;
    await list(tool, ids(30));
    expect((await batch(tool)).exitCode).toBe(0);
    // A start, with one page of objects; the recordings; the manifest.
    expect(told('a start of `batch`')).toMatch(/^5, one for each 1,000 objects/);
    expect(told('a recording of up to 8 MiB')).toBe('1');
    expect(counted()).toBe(5 + 1 + 30 + 1);
    expect((await batch(tool)).exitCode).toBe(0);
    expect(counted()).toBe(5 + 1 + 1);
    await list(tool, ['sandbox-size-20m']);
    expect((await batch(tool)).exitCode).toBe(0);
    expect(told('a larger recording')).toBe('2, and one for each 8 MiB');
    expect(counted()).toBe(5 + 1 + 1 + (2 + Math.ceil(20_000_000 / 8 / 1024 / 1024)) + 1);
    await list(tool, ['sandbox-down']);
    expect((await batch(tool)).exitCode).toBe(9);
    expect(told('the list of failed rows')).toMatch(/^1,/);
    expect(counted()).toBe(5 + 1 + 2 + 1 + 1);
    await tool.run(['verify', ADDRESS]);
    expect(told('`verify`')).toMatch(/^one for each recording, and the listings; with `--checksum`, two/);
    expect(counted()).toBe(31 + 2 + 3);
    await tool.run(['verify', ADDRESS, '--checksum']);
    expect(counted()).toBe(2 * 31 + 2 + 3);
    await tool.run(['list', ADDRESS]);
    expect(told('`list`')).toBe('one for each 1,000 pieces of the manifest, and for each piece');
    expect(counted()).toBe(1 + 3);
  });
});
