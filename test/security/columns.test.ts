import { describe, expect } from 'vitest';
import type { Tool } from '../helpers/tool-test.ts';
import { expectWithout, it, KEY, SIGNATURE } from './hostile.ts';

/** A report whose columns hold what nobody should find in an archive; of its four rows two are saved, one is gone and one fails. */
const REPORT = [
  'Recording ID;Caller;Recording URL;Note',
  `sandbox-mp3;+39 02;https://b.s3.amazonaws.com/rc/a.mp3?X-Amz-Expires=300&X-Amz-Signature=${SIGNATURE};Rossi`,
  `sandbox-wav;+39 02;"=HYPERLINK(""https://h/b.wav?sig=${SIGNATURE};x"",""Play"")";"key ${KEY}"`,
  `sandbox-invalid;+39 02;${encodeURIComponent(`https://h/c?Signature=${SIGNATURE}`)};X-Amz-Signature=${SIGNATURE}`,
  `sandbox-empty;+39 02;//h/d?id=sandbox-empty&token=${SIGNATURE};${SIGNATURE}`,
  '',
].join('\n');

/** All that lies in the archive: names and contents. */
async function archive(tool: Tool): Promise<string> {
  const files = tool.files();
  return [...files, ...(await Promise.all(files.map(async (file) => (await tool.read(file)).toString('latin1'))))].join('\n');
}

describe.concurrent('secrets in the columns of a report', () => {
  it('are in no file, name or line of output', async ({ tool, sandbox: _ }) => {
    tool.secrets.add(SIGNATURE).add(KEY);
    const name = '{Caller}/{Recording URL} {Note} {id}';
    for (const flags of [['--json', '-v', '--log-file', 'run.log'], ['-n', '--json'], ['-n']]) {
      const run = await tool.run(['batch', '-', '-d', 'calls', '--name', name, '--retries', '0', ...flags], { stdin: REPORT });
      expectWithout(run.out + run.err, SIGNATURE);
      expectWithout(run.out + run.err, KEY);
    }
    expectWithout(await archive(tool), SIGNATURE);
    expectWithout(await archive(tool), KEY);
    expect(tool.files()).toContain('calls/+39 02/https%3A%2F%2Fb.s3.amazonaws.com%2Frc%2Fa.mp3 Rossi sandbox-mp3.mp3');
    const lines = await tool.readLines('calls/manifest.jsonl');
    expect(lines.find(({ id }) => id === 'sandbox-mp3')?.row).toEqual({
      'Recording ID': 'sandbox-mp3',
      Caller: '+39 02',
      'Recording URL': 'https://b.s3.amazonaws.com/rc/a.mp3',
      Note: 'Rossi',
    });
  });

  it('leave a list of failed rows that is read again, with its columns in place', async ({ tool, sandbox }) => {
    tool.secrets.add(SIGNATURE).add(KEY);
    await tool.run(['batch', '-', '-d', 'calls', '--retries', '0'], { stdin: REPORT });
    expect(String(await tool.read('calls/failed.txt'))).toBe(
      'Recording ID;Caller;Recording URL;Note\nsandbox-invalid;+39 02;https%3A%2F%2Fh%2Fc;X-Amz-Signature=***\nsandbox-empty;+39 02;//h/d?id=sandbox-empty;***\n',
    );
    const before = sandbox.questions();
    const again = await tool.run(['batch', 'calls/failed.txt', '-d', 'calls', '--retries', '0', '--json']);
    expect(again.json().map(({ id }) => id)).toContain('sandbox-empty');
    expect(sandbox.questions()).toBeGreaterThan(before);
  });

  it('leave the rows of a report without any as they came', async ({ tool, sandbox: _ }) => {
    const report = 'Recording ID,Caller,Note\nsandbox-empty, +39 ,"a ""b"" ?"\n';
    await tool.run(['batch', '-', '-d', 'calls', '--retries', '0'], { stdin: report });
    expect(String(await tool.read('calls/failed.txt'))).toBe(report);
  });

  it('are in no message about the report itself', async ({ tool, sandbox: _ }) => {
    const url = `https://h/a?X-Amz-Signature=${SIGNATURE}`;
    for (const stdin of [`${url},Caller\nx,y\n`, `Recording ID,${url}\n1,2,3,${url}\n`, `Recording ID\n"${url}\n`]) {
      for (const flags of [[], ['--column', 'none'], ['--name', '{none}'], ['--date-column', 'none']]) {
        const run = await tool.run(['batch', '-', '-d', 'calls', '--json', '--retries', '0', ...flags], { stdin });
        expectWithout(run.out + run.err, SIGNATURE);
      }
    }
  });
});
