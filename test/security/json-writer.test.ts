import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SOURCES = fileURLToPath(new URL('../../src', import.meta.url));

/** What writes to standard output, or what people look at: their JSON goes through `toJsonLine`, which escapes what a terminal would obey. */
const ROOMS = ['commands', 'report', 'program', 'main.ts', 'log.ts', 'archive/manifest.ts', 'browse/routes.ts', 'browse/zip.ts'];

const filesOf = (room: string) =>
  room.endsWith('.ts')
    ? [room]
    : readdirSync(join(SOURCES, room), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => join(room, file));

test.each(ROOMS)('%s writes no JSON past the one writer that escapes it', (room) => {
  const past = filesOf(room).flatMap((file) =>
    readFileSync(join(SOURCES, file), 'utf8')
      .split('\n')
      // A value that is quoted in a line for people goes through `printable`.
      .filter((line) => line.includes('JSON.stringify(') && !/\.test\(value\) \? JSON\.stringify\(value\)/.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(past).toEqual([]);
});
