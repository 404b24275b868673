import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { TOOL } from '../helpers/run-tool.ts';
import { it } from '../helpers/tool-test.ts';

/** How the tool is run by a script of sh, in the very surroundings that the script makes. */
const RUN = `'${process.execPath}' '${TOOL}'`;
const isLinux = process.platform === 'linux';
/** Root alone can become a user that the system does not know, and the first process of a namespace. */
const canBeAnyone = isLinux && process.getuid?.() === 0 && spawnSync('setpriv', ['--version']).status === 0;
const canBeFirst = canBeAnyone && spawnSync('unshare', ['--pid', '--fork', 'true']).status === 0;

describe.skipIf(process.platform === 'win32').concurrent('the tool works, or says in one sentence why not', () => {
  it.for(['--version', '--help', 'link x', 'auth status', 'completion bash', '__complete link --'])(
    'in a folder that is gone: %s',
    async (args, { tool, sandbox: _ }) => {
      const run = await tool.shell(`mkdir gone; cd gone; rmdir ../gone; ${RUN} ${args}`, { printsSecrets: true });
      expect([run.exitCode, run.err]).toEqual([0, '']);
    },
  );

  it('in a folder that is gone, where something of it is wanted', async ({ tool }) => {
    const run = await tool.shell(`mkdir gone; cd gone; rmdir ../gone; ${RUN} auth status`, { env: { KALEYRA_REC_CONFIG_DIR: 'here' } });
    expect([run.exitCode, run.errLines[0]]).toEqual([2, 'error: The current folder no longer exists.']);
  });

  it.for<[how: string, exitCode: number]>([
    ['--version >&-', 0],
    ['--version 2>&-', 0],
    ['link x >&-', 0],
    ['link x <&- >&- 2>&-', 0],
    ['auth login <&- 2>&-', 3],
  ])('with closed streams: %s', async ([how, exitCode], { tool, sandbox: _ }) => {
    expect((await tool.shell(`${RUN} ${how}`, { printsSecrets: true })).exitCode).toBe(exitCode);
  });

  it.for(['env -i', 'env -i LANG=C LC_ALL=C', 'env -i HOME=', 'env -i HOME=relative XDG_CONFIG_HOME=relative TERM='])(
    'with %s',
    async (env, { tool }) => {
      const run = await tool.shell(`${env} ${RUN} auth status`);
      expect([run.exitCode, run.errLines[0]]).toEqual([3, 'error: No SID and no API key are set.']);
      expect(tool.files()).toEqual([]);
    },
  );

  it.skipIf(!canBeAnyone)('as a user that the system does not know', async ({ tool, sandbox }) => {
    const nobody = `env - PATH="$PATH" setpriv --reuid=54321 --clear-groups`;
    const status = await tool.shell(`${nobody} ${RUN} auth status`);
    expect([status.exitCode, status.errLines[0]]).toEqual([3, 'error: No SID and no API key are set.']);
    const login = await tool.shell(`echo ${sandbox.apiKey} | ${nobody} ${RUN} auth login --sid HX1 --api-key-stdin`);
    expect([login.exitCode, login.errLines[0]]).toEqual([
      7,
      expect.stringMatching(/^error: Credentials cannot be stored: HOME is not set/),
    ]);
  });

  it.skipIf(!canBeAnyone)('as such a user, whose store has a folder of its own', async ({ tool, sandbox }) => {
    // The folder above is this test's alone, and its owner's.
    const store = await mkdtemp(join(tmpdir(), 'kaleyra-rec-store-'));
    await chmod(store, 0o777);
    const nobody = `env - PATH="$PATH" KALEYRA_REC_CONFIG_DIR='${store}' setpriv --reuid=54321 --clear-groups`;
    const login = await tool.shell(
      `echo ${sandbox.apiKey} | ${nobody} ${RUN} auth login --sid HX1 --base-url ${sandbox.baseUrl} --api-key-stdin; ${nobody} ${RUN} auth status`,
    );
    expect([login.exitCode, login.err]).toEqual([0, expect.stringContaining('Saved profile default')]);
    await rm(store, { recursive: true });
  });

  it.skipIf(!canBeFirst)('as the first process of a container', async ({ tool }) => {
    const run = await tool.shell(`unshare --pid --fork --mount-proc ${RUN} sandbox -- ${RUN} download -q call-1`);
    expect(run).toMatchObject({ exitCode: 0, err: '' });
  });
});
