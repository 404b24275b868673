import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createProgram } from '../../src/program/program.ts';
import { testContext, testSystem } from '../helpers/test-system.ts';
import { flagsPage } from './flags-page.ts';

const file = new URL('../../docs/flags.md', import.meta.url);

test('the page of flags is what the program tells (`npm run docs` writes it anew)', () => {
  const page = flagsPage(createProgram(testContext(testSystem()), () => {}));
  if (process.env.WRITE_DOCS !== undefined) writeFileSync(file, page);
  expect(readFileSync(file, 'utf8')).toBe(page);
});
