import { describe, expect } from 'vitest';
import { type BucketPlace, useBucketPlace } from '../helpers/bucket-place.ts';
import type { Tool } from '../helpers/tool-test.ts';
import { it as base } from './fault-test.ts';
import { sha256, storedObject } from './stored-object.ts';

const it = base.extend<{ place: BucketPlace }>({ place: async ({ tool }, use) => useBucketPlace(tool, use) });

async function batch(tool: Tool, place: BucketPlace, ids: readonly string[], args: readonly string[] = []) {
  await tool.write('ids.txt', `${ids.join('\n')}\n`);
  return tool.run(['batch', 'ids.txt', '-d', place.address, ...args]);
}

const hashOf = async (place: BucketPlace, file: string) => sha256((await place.read(file)) ?? Buffer.alloc(0));

describe.concurrent('an object that nobody recorded', () => {
  it('is taken for no recording where it bears its id alone, as a transcript can', async ({ tool, server, place }) => {
    await place.write('call.json', '{"text":"Good morning"}', { id: 'call' });
    expect((await batch(tool, place, ['call'])).exitCode).toBe(0);
    expect(await place.files()).toEqual(['call.json', 'call.wav']);
    expect(await hashOf(place, 'call.wav')).toBe(sha256(server.object('call').bytes));
  });

  it('does not mend a recording whose bytes were other ones', async ({ tool, server, place }) => {
    await batch(tool, place, ['one', 'two']);
    await place.bucket.server.remove(place.key('one.wav'));
    const { bytes } = storedObject('one', { version: 2 });
    await place.write('other.wav', bytes, { id: 'one', sha256: sha256(bytes) });
    const run = await tool.run(['verify', place.address, '--repair']);
    expect([run.exitCode, run.lines]).toEqual([0, ['missing one.wav', 'unrecorded other.wav', 'repaired one.wav']]);
    expect(await hashOf(place, 'one.wav')).toBe(sha256(server.object('one').bytes));
  });

  it('is kept beside a recording that has its id and name, and other bytes', async ({ tool, server, place }) => {
    const { bytes } = storedObject('call', { version: 2 });
    let isWritten = false;
    place.bucket.front.rules.push(({ operation, key }) => {
      if (operation !== 'PutObject' || !key.endsWith('call.wav') || isWritten) return undefined;
      isWritten = true;
      return place.write('call.wav', bytes, { id: 'call', sha256: sha256(bytes) });
    });
    expect((await batch(tool, place, ['call'])).exitCode).toBe(0);
    const [, hashed = ''] = await place.files();
    expect([await hashOf(place, 'call.wav'), await hashOf(place, hashed)]).toEqual([sha256(bytes), sha256(server.object('call').bytes)]);
  });
});
