import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MANIFEST_NAME } from '../../src/archive/manifest.ts';
import { folderWith, saved, verify } from './checked-folder.ts';

describe('verify', () => {
  it('never takes an archive for whole in which one bit of the manifest is flipped and the file of that line is gone', async () => {
    const lines = ['alpha', 'bravo', 'charlie'].map((id) => ({ ...saved(id, `${id}.mp3`, id), row: { Caller: 'x' } }));
    const folder = await folderWith({ 'alpha.mp3': 'alpha', 'charlie.mp3': 'charlie' }, lines);
    const manifest = await readFile(join(folder, MANIFEST_NAME));
    const from = manifest.indexOf('\n') + 1;
    const to = manifest.indexOf('\n', from) + 1;
    const taken: string[] = [];
    for (let bit = from * 8; bit < to * 8; bit += 1) {
      const flipped = Buffer.from(manifest);
      const at = bit >> 3;
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (bit & 7));
      await writeFile(join(folder, MANIFEST_NAME), flipped);
      const { findings } = await verify(folder);
      if (findings.every(({ status }) => ['whole', 'incomplete', 'torn', 'unrecorded'].includes(status)))
        taken.push(String(flipped.subarray(from, to)));
    }
    expect(taken).toEqual([]);
  });
});
