import { describe, expect } from 'vitest';
import { it } from '../helpers/tool-test.ts';

/** Code that Node runs before the tool: its third write to standard output throws, as a reporter with a fault would. */
const THROWS = `
const { write } = process.stdout;
let writes = 0;
process.stdout.write = function (...args) {
  writes += 1;
  if (writes === 3) throw new TypeError('the printer is on fire\\n  api-key: ' + process.env.KALEYRA_API_KEY);
  return write.apply(this, args);
};`;
/** A promise that nobody waits for. */
const REJECTS = "setTimeout(() => void Promise.reject(new Error('nobody waits for it')), 300);";

describe.concurrent('a fault of the tool', () => {
  it('in a reporter ends the run in good order: two lines, code 1, no stack, and the folder can be worked in again', async ({
    tool,
    sandbox: _,
  }) => {
    await tool.write('ids.txt', Array.from({ length: 30 }, (_each, n) => `call-${n}\n`).join(''));
    await tool.write('throws.cjs', THROWS);
    const broken = await tool.run(['batch', 'ids.txt', '--json'], { env: { NODE_OPTIONS: `--require ${tool.path('throws.cjs')}` } });
    expect(broken.exitCode).toBe(1);
    expect(broken.errLines.slice(-2)).toEqual([
      'error: Unexpected error in kaleyra-rec: the printer is on fire',
      expect.stringMatching(/^hint: This is a bug\. .*--verbose, and report its output to whoever gave you this tool\./),
    ]);
    expect(broken.err).not.toMatch(/^ +at |node:internal|Node\.js v/m);
    expect((await tool.run(['batch', 'ids.txt', '-q'])).exitCode).toBe(0);
  });

  it('in a promise that nobody waits for is told in the same way', async ({ tool, sandbox: _ }) => {
    await tool.write('rejects.cjs', REJECTS);
    const broken = await tool.run(['link', 'sandbox-silent'], { env: { NODE_OPTIONS: `--require ${tool.path('rejects.cjs')}` } });
    expect(broken).toMatchObject({ exitCode: 1, out: '' });
    expect(broken.errLines).toEqual(['error: Unexpected error in kaleyra-rec: nobody waits for it', expect.stringMatching(/^hint: /)]);
  });
});
