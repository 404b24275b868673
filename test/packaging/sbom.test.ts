import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import packageJson from '../../package.json';
import { billOfMaterials, SBOM_FILE } from '../../src/build/sbom.js';
import { versionDetails } from '../../src/program/version-details.ts';
import { startTool } from '../helpers/run-tool.ts';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const own = { name: 'tool', version: '1.0.0', license: 'MIT' };
const locked: { packages: Record<string, { version: string; integrity?: string }> } = JSON.parse(
  readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'),
);

describe('the bill of materials', () => {
  const built = JSON.parse(readFileSync(dist + SBOM_FILE, 'utf8')) as ReturnType<typeof billOfMaterials>;

  test('names every package that the notices name, and no other', () => {
    const notices = readFileSync(`${dist}THIRD-PARTY-NOTICES.txt`, 'utf8');
    const named = [...notices.matchAll(/^(\S+) (\d\S*) \([^)]+\)$/gm)].map(([, name, version]) => `${name} ${version}`);
    const listed = built.components.map(({ name, version, ...rest }) => `${'group' in rest ? `${rest.group}/` : ''}${name} ${version}`);
    expect(named.length).toBeGreaterThan(20);
    expect(listed.toSorted()).toEqual(named.toSorted());
  });

  test('tells of each its place in the registry, and its licence', () => {
    const got = built.components.find(({ name }) => name === 'got');
    const { version } = locked.packages['node_modules/got'] ?? { version: '' };
    expect(got).toEqual({
      type: 'library',
      'bom-ref': `pkg:npm/got@${version}`,
      name: 'got',
      version,
      licenses: [{ license: { id: 'MIT' } }],
      purl: `pkg:npm/got@${version}`,
    });
  });

  test('is of this package, in a version of CycloneDX that its tools read', () => {
    expect(built).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 });
    expect(built.metadata.component).toMatchObject({ name: packageJson.name, version: packageJson.version });
    expect(built.dependencies[0]?.dependsOn).toEqual(built.components.map((component) => component['bom-ref']));
  });

  test('writes a scope as its group, and escapes it in the address', () => {
    const bom = billOfMaterials(own, [
      { name: '@scope/b', version: '2.0.0+x', licence: 'ISC' },
      { name: 'a', version: '1.0.0', licence: 'MIT' },
    ]);
    expect(bom.components.map((component) => component.purl)).toEqual(['pkg:npm/%40scope/b@2.0.0%2Bx', 'pkg:npm/a@1.0.0']);
    expect(bom.components[0]).toMatchObject({ group: '@scope', name: 'b' });
  });
});

describe('--version --verbose', () => {
  test.each([
    ['--version', '--verbose'],
    ['-v', '-V'],
  ])('lists what is bundled, with versions (%s %s)', async (...args) => {
    const run = await startTool(args, { cwd: dist }).ended;
    expect(run).toMatchObject({ exitCode: 0, err: '' });
    expect(run.lines[0]).toBe(`kaleyra-rec ${packageJson.version} (Node ${process.versions.node}, ${process.platform})`);
    expect(run.lines).toContain(`  got ${locked.packages['node_modules/got']?.version} (MIT)`);
  });

  test('says where nothing is bundled', () => {
    expect(versionDetails({ nodeVersion: '20.0.0', platform: 'linux' })).toMatch(/from its sources/);
  });
});
