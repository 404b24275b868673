import { describe, expect } from 'vitest';
import { OTHERS, RECORDINGS, type Sample } from '../download/content/collection.ts';
import type { FaultServer } from './fault-server.ts';
import { it } from './fault-test.ts';
import { sha256 } from './stored-object.ts';

/** Puts files into the store under ids of their own, all of them called MP3. Gives the ids. */
function store(server: FaultServer, samples: readonly Sample[]): string[] {
  return samples.map(({ bytes }, index) => {
    const id = `file-${index}`;
    server.plan(id, { object: { bytes, etag: `"${index}-1"`, contentType: 'audio/mpeg', headers: {} } });
    return id;
  });
}

describe.concurrent('what the store holds under the name of a recording', () => {
  it('is kept where it is one, under the extension of what it is', async ({ tool, server }) => {
    const ids = store(server, RECORDINGS);
    const run = await tool.run(['batch', '-', '-d', 'calls', '--json'], { stdin: ids.join('\n') });
    expect(run.exitCode).toBe(0);
    const saved = new Map(run.json().map(({ id, file }) => [id, file]));
    for (const [index, { bytes, extension = 'mp3' }] of RECORDINGS.entries()) {
      expect(saved.get(`file-${index}`)).toBe(`calls/file-${index}.${extension}`);
      expect(sha256(await tool.read(`calls/file-${index}.${extension}`))).toBe(sha256(bytes));
    }
  });

  it('is not kept where it is none, and its row is worth another run', async ({ tool, server }) => {
    const ids = store(server, OTHERS);
    const run = await tool.run(['batch', '-', '-d', 'calls', '--json'], { stdin: ids.join('\n') });
    expect(run.exitCode).toBe(9);
    const errors = run.json().flatMap(({ error }) => (error === undefined ? [] : [error.code]));
    expect(errors).toEqual(ids.map(() => 'CONTENT_MISMATCH'));
    expect(tool.files()).toEqual(['calls/failed.txt', 'calls/manifest.jsonl']);
  });

  it('reaches no standard output where it is none', async ({ tool, server }) => {
    for (const id of store(server, OTHERS.slice(0, 6))) {
      const run = await tool.run(['download', id, '-o', '-']);
      expect({ exitCode: run.exitCode, out: run.out }).toEqual({ exitCode: 8, out: '' });
    }
  });
});
