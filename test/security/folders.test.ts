import { chmod, lchown, link, mkdir, rename, rm, symlink } from 'node:fs/promises';
import { describe, expect } from 'vitest';
import { partFileName } from '../../src/archive/file-name.ts';
import { it as base, type Tool } from '../helpers/tool-test.ts';

// What others can do who may write to the folder that the tool writes to.

const isRoot = process.getuid?.() === 0;
const REPORT = 'Recording ID,Note\nsandbox-mp3,a\nsandbox-empty,b\n1.23E+15,c\n';
const PART = partFileName('sandbox-mp3', 'part');

/** Puts something under a name that leads to a file outside of the archive. */
const PLANTED: Readonly<Record<string, (tool: Tool, name: string) => Promise<unknown>>> = {
  'a symbolic link': (tool, name) => symlink(tool.path('outside.txt'), tool.path(name)),
  'a hard link': (tool, name) => link(tool.path('outside.txt'), tool.path(name)),
  'a pipe': (tool, name) => tool.shell(`mkfifo ${JSON.stringify(name)}`),
};
const KINDS = Object.keys(PLANTED);

/** A folder for an archive, and a file beside it that must stay what it is. */
const it = base.extend<{ plant: (kind: string, ...names: string[]) => Promise<void> }>({
  plant: async ({ tool, sandbox: _ }, use) => {
    await tool.write('outside.txt', 'precious');
    await mkdir(tool.path('calls'));
    await use(async (kind, ...names) => {
      for (const name of names) await PLANTED[kind]?.(tool, name);
    });
    expect(String(await tool.read('outside.txt'))).toBe('precious');
  },
});

const batch = (tool: Tool, ...flags: string[]) =>
  tool.run(['batch', '-', '-d', 'calls', '--skip-bad-rows', '--retries', '0', ...flags], { stdin: REPORT });

describe.skipIf(process.platform === 'win32').concurrent('in the place of the tool’s own files', () => {
  it.for(KINDS)('%s is no manifest: batch, verify, list and browse end with 7', async (kind, { tool, plant }) => {
    await plant(kind, 'calls/manifest.jsonl');
    for (const args of [
      ['verify', 'calls'],
      ['verify', 'calls', '--repair'],
      ['list', 'calls'],
      ['browse', 'calls'],
    ]) {
      expect((await tool.run(args)).exitCode).toBe(7);
    }
    expect((await batch(tool)).exitCode).toBe(7);
  });

  it.for(KINDS)('%s is cleared away where a part, a note or a list is made', async (kind, { tool, plant }) => {
    await plant(kind, ...[PART, `${PART}.json`, 'failed.txt.part', 'bad-rows.txt.part'].map((name) => `calls/${name}`));
    expect((await batch(tool)).exitCode).toBe(9);
    expect(tool.files().filter((file) => file.startsWith('calls/'))).toEqual(
      ['bad-rows.txt', 'failed.txt', 'manifest.jsonl', 'sandbox-mp3.mp3'].map((name) => `calls/${name}`),
    );
  });

  it.for(KINDS)('%s is no list of ours, and stays', async (kind, { tool, plant }) => {
    await plant(kind, 'calls/failed.txt', 'calls/bad-rows.txt');
    const run = await batch(tool);
    expect(run.exitCode).toBe(7);
    expect(run.err).toContain('was not written by kaleyra-rec');
  });

  it.for(['a symbolic link', 'a hard link'])('%s is no log', async (kind, { tool, plant }) => {
    await plant(kind, 'run.log');
    expect((await tool.run(['link', 'sandbox-mp3', '--log-file', 'run.log'])).exitCode).toBe(7);
  });
});

describe.concurrent('an archive', () => {
  it.skipIf(!isRoot)(
    'whose recording another user has replaced by a link gets it anew, and keeps the link (to make one takes root)',
    async ({ tool, plant: _ }) => {
      await batch(tool);
      const saved = tool.path('calls/sandbox-mp3.mp3');
      await rename(saved, tool.path('elsewhere.mp3'));
      await symlink(tool.path('elsewhere.mp3'), saved);
      expect((await batch(tool, '--json')).out).toContain('"status":"skipped"');
      await lchown(saved, 12345, 12345);
      const run = await batch(tool);
      expect(run.err).toContain('sandbox-mp3.mp3 had changed since it was saved. It was renamed to');
      expect((await tool.run(['verify', 'calls'])).exitCode).toBe(0);
    },
  );

  it.skipIf(process.platform === 'win32')('that others can write to is told of once in each run', async ({ tool, plant: _ }) => {
    const warnings = (err: string) => err.split('Every user of this machine can write to calls').length - 1;
    await rm(tool.path('calls'), { recursive: true });
    // One that the run itself makes so.
    const made = await tool.shell('umask 0; printf "sandbox-mp3\\nsandbox-wav\\n" | kaleyra-rec batch - -d calls');
    expect(warnings(made.err)).toBe(1);
    expect(warnings((await batch(tool)).err)).toBe(1);
    expect(warnings((await tool.run(['verify', 'calls'])).err)).toBe(1);
    await rm(tool.path('calls/sandbox-mp3.mp3'));
    expect(warnings((await tool.run(['verify', 'calls', '--repair'])).err)).toBe(1);
    await chmod(tool.path('calls'), 0o755);
    expect(warnings((await tool.run(['verify', 'calls'])).err)).toBe(0);
  });
});

describe.skipIf(process.platform === 'win32')('a store of profiles', () => {
  base('is its owner’s alone, whatever the umask, and told of once by auth status where it is not', async ({ tool, sandbox }) => {
    const { KALEYRA_REC_CONFIG_DIR: folder = '', KALEYRA_API_KEY: _, KALEYRA_SID: __, ...env } = tool.env;
    Object.assign(env, { KALEYRA_REC_CONFIG_DIR: folder, KALEYRA_API_KEY: '', KALEYRA_SID: '' });
    const login = `umask 0; printf %s ${sandbox.apiKey} | kaleyra-rec auth login --sid ${sandbox.sid} --api-key-stdin`;
    expect((await tool.shell(login, { env })).exitCode).toBe(0);
    expect((await tool.run(['auth', 'status'], { env })).err).toBe('');
    await chmod(`${folder}/config.json`, 0o644);
    for (const flags of [[], ['--json']]) {
      const { err } = await tool.run(['auth', 'status', ...flags], { env });
      expect(err.match(/can be read by other users of this machine \(mode 0644\)/g)).toHaveLength(1);
    }
  });
});
