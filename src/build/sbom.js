// @ts-check
import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { bundledFolders, readPackage } from './third-party-notices.js';

/** The file in `dist` that holds the bill of materials. The ending is the one by which CycloneDX's tools know their files. */
export const SBOM_FILE = 'sbom.cdx.json';

/**
 * The components of a bundle as a CycloneDX bill of materials (JSON, 1.6: https://cyclonedx.org/docs/1.6/json/). It holds neither a time nor a serial
 * number, so that the same sources give the same bytes.
 *
 * @param {{ name: string, version: string, license: string }} own the package that is built
 * @param {readonly { name: string, version: string, licence: string, integrity?: string | undefined }[]} bundled what is in it; `integrity` as the lock file has it
 */
export function billOfMaterials(own, bundled) {
  const root = purl(own);
  const components = bundled
    .map(({ name, version, licence, integrity }) => ({
      type: 'library',
      'bom-ref': purl({ name, version }),
      ...scoped(name),
      version,
      licenses: [{ license: { id: licence } }],
      ...(integrity?.startsWith('sha512-') && {
        hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex') }],
      }),
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
 * A plugin that writes {@link SBOM_FILE}. It goes by the modules that are in the bundle, as the notices do; the hashes are those of the packages
 * as the lock file has them.
 *
 * @param {string} root the folder of package.json and package-lock.json
 * @returns {import('rolldown').Plugin}
 */
export function softwareBillOfMaterials(root) {
  return {
    name: 'software-bill-of-materials',
    generateBundle(_options, bundle) {
      const read = (/** @type {string} */ file) => JSON.parse(readFileSync(join(root, file), 'utf8'));
      const locked = read('package-lock.json').packages;
      const bundled = bundledFolders(bundle).map((folder) => {
        const { name, version, licence } = readPackage(folder);
        return { name, version, licence, integrity: locked[relative(root, folder).replaceAll(sep, '/')]?.integrity };
      });
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
