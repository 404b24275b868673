// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundledFolders, readPackage } from './third-party-notices.js';

/** The file in `dist` that holds the bill of materials. The ending is the one by which CycloneDX's tools know their files. */
export const SBOM_FILE = 'sbom.cdx.json';

/**
 * The components of a bundle as a CycloneDX bill of materials (JSON, 1.6: https://cyclonedx.org/docs/1.6/json/). It holds neither a time nor a serial
 * number, so that the same sources give the same bytes.
 *
 * @param {{ name: string, version: string, license: string }} own the package that is built
 * @param {readonly { name: string, version: string, licence: string }[]} bundled what is in it
 */
export function billOfMaterials(own, bundled) {
  const root = purl(own);
  const components = bundled
    .map(({ name, version, licence }) => ({
      type: 'library',
      'bom-ref': purl({ name, version }),
      ...scoped(name),
      version,
      licenses: [{ license: { id: licence } }],
      purl: purl({ name, version }),
    }))
    .toSorted((one, other) => (one['bom-ref'] < other['bom-ref'] ? -1 : 1));
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      lifecycles: [{ phase: 'build' }],
      component: {
        type: 'application',
        'bom-ref': root,
        name: own.name,
        version: own.version,
        licenses: [{ license: { id: own.license } }],
        purl: root,
      },
    },
    components,
    dependencies: [{ ref: root, dependsOn: components.map((component) => component['bom-ref']) }],
  };
}

/**
 * A plugin that writes {@link SBOM_FILE}. It goes by the modules that are in the bundle, as the notices do. The packages' hashes are in the lock file: of
 * eighty of them the package would be 7 KB larger.
 *
 * @param {string} root the folder of package.json
 * @returns {import('rolldown').Plugin}
 */
export function softwareBillOfMaterials(root) {
  return {
    name: 'software-bill-of-materials',
    generateBundle(_options, bundle) {
      const read = (/** @type {string} */ file) => JSON.parse(readFileSync(join(root, file), 'utf8'));
      const bundled = bundledFolders(bundle).map(readPackage);
      const source = `${JSON.stringify(billOfMaterials(read('package.json'), bundled), null, 1)}\n`;
      this.emitFile({ type: 'asset', fileName: SBOM_FILE, source });
    },
  };
}

/** @param {{ name: string, version: string }} component */
function purl({ name, version }) {
  return `pkg:npm/${name.replace('@', '%40')}@${encodeURIComponent(version)}`;
}

/** @param {string} name */
function scoped(name) {
  const at = name.startsWith('@') ? name.indexOf('/') : -1;
  return at < 0 ? { name } : { group: name.slice(0, at), name: name.slice(at + 1) };
}
