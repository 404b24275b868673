import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NOTICES_FILE, packageFolder, thirdPartyNotices } from '../../src/build/third-party-notices.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'notices-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function lay(files: Record<string, string>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

const manifest = (name: string, license: unknown, more: object = {}) => JSON.stringify({ name, version: '1.2.3', license, ...more });

/** Bundles the folder's main.js and gives the notices. */
async function notices(): Promise<string> {
  const bundle = await rolldown({ cwd: folder, input: 'main.js', platform: 'node', plugins: [thirdPartyNotices()], logLevel: 'silent' });
  try {
    const { output } = await bundle.generate({ format: 'esm' });
    const file = output.find(({ fileName }) => fileName === NOTICES_FILE);
    return file?.type === 'asset' ? String(file.source) : '';
  } finally {
    await bundle.close();
  }
}

describe('thirdPartyNotices', () => {
  test('gives name, version, licence and the whole text of each bundled package, in the order of their names', async () => {
    await lay({
      'main.js': 'import "zeta"; import { a } from "@scope/alpha"; console.log(a);',
      'node_modules/zeta/package.json': manifest('zeta', 'ISC', { main: 'index.js' }),
      'node_modules/zeta/index.js': 'module.exports = require("./deep/inner.js"); globalThis.zeta = 1;',
      'node_modules/zeta/deep/package.json': '{"type":"commonjs"}',
      'node_modules/zeta/deep/inner.js': 'exports.x = 1;',
      'node_modules/zeta/license': 'ISC License\r\n\r\nCopyright Z',
      'node_modules/@scope/alpha/package.json': manifest('@scope/alpha', 'MIT', { type: 'module', main: 'index.js' }),
      'node_modules/@scope/alpha/index.js': 'export const a = Math.random();',
      'node_modules/@scope/alpha/LICENSE.md': 'MIT License\n\nCopyright A',
      'node_modules/@scope/alpha/NOTICE': 'A word from A',
    });
    const text = await notices();
    expect(text).toContain('@scope/alpha 1.2.3 (MIT)');
    expect(text).toContain('MIT License\n\nCopyright A\n\nA word from A\n');
    expect(text).toContain('zeta 1.2.3 (ISC)');
    expect(text).toContain('ISC License\n\nCopyright Z\n');
    expect(text.indexOf('@scope/alpha 1.2.3')).toBeLessThan(text.indexOf('zeta 1.2.3'));
  });

  test('names a package that only another package imports, and both versions of one that is there twice', async () => {
    const lib = (folder: string, version: string, code: string) => ({
      [`${folder}/package.json`]: JSON.stringify({
        name: folder.split('/').at(-1),
        version,
        license: 'MIT',
        type: 'module',
        main: 'index.js',
      }),
      [`${folder}/index.js`]: code,
      [`${folder}/LICENSE`]: 'MIT License',
    });
    await lay({
      'main.js': 'import "outer"; import "inner";',
      ...lib('node_modules/outer', '1.0.0', 'import "inner"; globalThis.outer = 1;'),
      ...lib('node_modules/outer/node_modules/inner', '2.0.0', 'globalThis.inner2 = 1;'),
      ...lib('node_modules/inner', '3.0.0', 'globalThis.inner3 = 1;'),
    });
    const text = await notices();
    expect(text.match(/^\S+ \d\S* \(MIT\)$/gm)).toEqual(['inner 2.0.0 (MIT)', 'inner 3.0.0 (MIT)', 'outer 1.0.0 (MIT)']);
  });

  test('leaves out a package of which nothing is in the bundle, whatever its licence', async () => {
    await lay({
      'main.js': 'import { unused } from "shaken"; console.log(1);',
      'node_modules/shaken/package.json': manifest('shaken', 'GPL-3.0-only', { type: 'module', main: 'index.js', sideEffects: false }),
      'node_modules/shaken/index.js': 'export const unused = 1;',
    });
    expect(await notices()).not.toContain('shaken');
  });

  test.each([
    ['a licence that asks for more than its text', 'GPL-3.0-only'],
    ['an expression of several licences', '(MIT OR GPL-3.0-only)'],
    ['no licence', undefined],
    ['a licence in the form of npm of old', { type: 'MIT' }],
  ])('fails the build on %s', async (_, license) => {
    await lay({
      'main.js': 'import "lib";',
      'node_modules/lib/package.json': manifest('lib', license, { main: 'index.js' }),
      'node_modules/lib/index.js': 'globalThis.lib = 1;',
      'node_modules/lib/LICENSE': 'Some licence',
    });
    await expect(notices()).rejects.toThrow(/lib@1\.2\.3 is bundled, and its licence .* is not among those allowed/);
  });

  test.each([
    ['no licence file', {}],
    ['a blank licence file', { 'node_modules/lib/LICENSE': ' \n' }],
  ])('fails the build on a package with %s', async (_, files) => {
    await lay({
      'main.js': 'import "lib";',
      'node_modules/lib/package.json': manifest('lib', 'MIT', { main: 'index.js' }),
      'node_modules/lib/index.js': 'globalThis.lib = 1;',
      ...files,
    });
    await expect(notices()).rejects.toThrow('lib@1.2.3 is bundled, and its package holds no licence text.');
  });
});

describe('packageFolder', () => {
  test.each([
    ['/p/src/main.ts', undefined],
    ['\0virtual', undefined],
    ['/p/node_modules/got/dist/source/index.js', '/p/node_modules/got'],
    ['/p/node_modules/@sindresorhus/is/dist/index.js', '/p/node_modules/@sindresorhus/is'],
    ['/p/node_modules/a/node_modules/@b/c/d.js', '/p/node_modules/a/node_modules/@b/c'],
    ['C:\\p\\node_modules\\got\\index.js', 'C:\\p\\node_modules\\got'],
  ])('%j belongs to %j', (id, expected) => {
    expect(packageFolder(id)).toBe(expected);
  });

  test("the bundler's own helpers belong to the bundler", () => {
    expect(packageFolder('\0rolldown/runtime.js')).toMatch(/[\\/]node_modules[\\/]rolldown$/);
  });
});
