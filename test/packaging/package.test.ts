import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cp, symlink } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type OutputChunk, rolldown } from 'rolldown';
import { beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json';
import config from '../../src/rolldown.config.js';
import { type Package, packDryRun } from '../helpers/pack.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = join(root, 'dist');
const distFiles = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));

/** The packages that a folder name after `node_modules/` in a module's path tells of, with the versions installed there. */
function packagesOf(moduleIds: Iterable<string>): string[] {
  const packages = new Set<string>();
  for (const id of moduleIds) {
    const at = id.lastIndexOf('/node_modules/');
    if (at === -1) continue;
    const [scope = '', name = ''] = id.slice(at + '/node_modules/'.length).split('/');
    const folder = `${id.slice(0, at)}/node_modules/${scope.startsWith('@') ? `${scope}/${name}` : scope}`;
    const manifest: { name: string; version: string } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    packages.add(`${manifest.name} ${manifest.version}`);
  }
  return [...packages];
}

describe('the package', () => {
  let contents: Package;
  beforeAll(async () => {
    contents = await packDryRun();
  });

  test('holds the command, what it is built into and the documents, and nothing else', () => {
    const others = contents.files.filter((file) => !/^(?:bin|dist)\/|^docs\/(?:[\w-]+\.md|terminal-(?:dark|light)\.svg)$/.test(file));
    expect(others).toEqual(['LICENSE', 'README.md', 'SECURITY.md', 'package.json']);
    expect(contents.files.filter((file) => file.startsWith('bin/'))).toEqual(['bin/kaleyra-rec.js', 'bin/package.json']);
    expect(contents.files).toContain('dist/main.js');
    expect(contents.files).toContain('dist/THIRD-PARTY-NOTICES.txt');
    expect(contents.files.filter((file) => file.startsWith('dist/') && !/\.(js|txt)$/.test(file))).toEqual([
      'dist/browse/page.html',
      'dist/kaleyra-rec.1',
      'dist/package.json',
      'dist/sbom.cdx.json',
    ]);
  });

  test('has documents whose links and pictures are in it, too', () => {
    const documents = contents.files.filter((file) => file.endsWith('.md'));
    const targets = documents.flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      const links = [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)|\b(?:src|srcset|href)="([^"\s#]+)/g)].map(
        ([, inText, inTag]) => inText ?? inTag ?? '',
      );
      return links.filter((link) => !/^https?:/.test(link)).map((link) => posix.join(posix.dirname(file), link));
    });
    expect(targets).toContain('docs/terminal-dark.svg');
    expect(targets.filter((target) => !contents.files.includes(target))).toEqual([]);
  });

  test('stays below 450 KB packed and 1.5 MB unpacked, the page of `browse` and the client of S3 among it', () => {
    expect(contents.packedBytes).toBeLessThan(450_000);
    expect(contents.unpackedBytes).toBeLessThan(1_500_000);
  });

  test('is told of as JSON alone by `npm pack --json`, though it is built for it', async () => {
    // In a copy: the other tests run what lies in dist.
    const copy = await tempFolder();
    for (const name of ['bin', 'src', 'package.json', 'package-lock.json', 'tsconfig.json', '.npmignore'])
      await cp(join(root, name), join(copy, name), { recursive: true });
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
    const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json'], { cwd: copy });
    expect(JSON.parse(stdout)).toMatchObject([
      { name: 'kaleyra-rec', files: expect.arrayContaining([expect.objectContaining({ path: 'dist/main.js' })]) },
    ]);
  });

  test('needs no other package, and runs nothing on installation', () => {
    for (const field of ['dependencies', 'optionalDependencies', 'peerDependencies', 'bundleDependencies', 'bundledDependencies']) {
      expect(packageJson).not.toHaveProperty(field);
    }
    for (const script of ['preinstall', 'install', 'postinstall', 'prepare']) {
      expect(packageJson.scripts).not.toHaveProperty(script);
    }
  });
});

describe('dist', () => {
  test.each(distFiles)('%s tells nothing of the machine that it was built on', (file) => {
    const text = readFileSync(file, 'utf8');
    expect(text).not.toContain(root.replace(/\/$/, ''));
    expect(text).not.toMatch(/node_modules\/|file:\/\/\/\w|sourceMappingURL/);
  });

  test('knows its version, and nothing else of package.json', () => {
    const code = distFiles.filter((file) => file.endsWith('.js')).map((file) => readFileSync(file, 'utf8'));
    expect(code.some((text) => text.includes(packageJson.version))).toBe(true);
    expect(code.some((text) => text.includes('devDependencies') || text.includes(packageJson.scripts.build))).toBe(false);
  });
});

describe('a fresh build', () => {
  let chunks: OutputChunk[];
  beforeAll(async () => {
    const bundle = await rolldown(config);
    const { output } = await bundle.generate([config.output].flat()[0]);
    await bundle.close();
    chunks = output.filter((file) => file.type === 'chunk');
  });

  test('imports its own chunks and Node, so that nothing else has to be installed', () => {
    const own = new Set(chunks.map((chunk) => chunk.fileName));
    const foreign = chunks
      .flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports])
      .filter((name) => !own.has(name) && !builtinModules.includes(name.replace(/^node:/, '')));
    expect(foreign).toEqual([]);
  });

  test('is CommonJS throughout, as the loader of ES modules would take time at each start', () => {
    for (const { code } of chunks) expect(code).toMatch(/^"use strict";/);
    expect(JSON.parse(readFileSync(join(dist, 'package.json'), 'utf8'))).toEqual({ type: 'commonjs' });
    expect(JSON.parse(readFileSync(join(root, 'bin/package.json'), 'utf8'))).toEqual({ type: 'commonjs' });
  });

  test('is what lies in dist', () => {
    for (const chunk of chunks) expect(readFileSync(join(dist, chunk.fileName), 'utf8')).toBe(chunk.code);
    expect(distFiles.filter((file) => file.endsWith('.js'))).toHaveLength(chunks.length);
  });

  test('has each of its packages named in the notices of dist, with its version', () => {
    const notices = readFileSync(join(dist, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    const named = new Set(notices.match(/^\S+ \d\S*(?= \([^)]+\)$)/gm));
    const bundled = packagesOf(chunks.flatMap((chunk) => chunk.moduleIds));
    expect(bundled.length).toBeGreaterThan(5);
    expect(bundled.filter((name) => !named.has(name))).toEqual([]);
  });

  test.each(['commander', 'got', 'conf', 'ora', 'chalk'])('holds %s', (name) => {
    const bundled = packagesOf(chunks.flatMap((chunk) => chunk.moduleIds));
    expect(bundled.some((entry) => entry.startsWith(`${name} `))).toBe(true);
  });

  test('loads no library before the command line has to be read', () => {
    const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
    const reached = new Set<OutputChunk>();
    const visit = (chunk: OutputChunk | undefined): void => {
      if (chunk === undefined || reached.has(chunk)) return;
      reached.add(chunk);
      for (const name of chunk.imports) visit(byName.get(name));
    };
    visit(byName.get('main.js'));
    const names = packagesOf([...reached].flatMap((chunk) => chunk.moduleIds)).map((entry) => entry.split(' ')[0]);
    expect(names).toEqual([]);
  });
});

describe('package-lock.json', () => {
  test('names no registry: each machine has its own', () => {
    const lock: { packages: Record<string, { resolved?: string; integrity?: string; link?: boolean }> } = JSON.parse(
      readFileSync(join(root, 'package-lock.json'), 'utf8'),
    );
    const entries = Object.entries(lock.packages).filter(([path]) => path !== '');
    expect(entries.length).toBeGreaterThan(0);
    expect(entries.filter(([, entry]) => entry.resolved !== undefined).map(([path]) => path)).toEqual([]);
    expect(entries.filter(([, entry]) => entry.integrity === undefined).map(([path]) => path)).toEqual([]);
  });
});
