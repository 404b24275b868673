import { readFileSync } from 'node:fs';
import { version } from '../version.ts';

/** A library as the bill of materials names it. */
interface Component {
  group?: string;
  name: string;
  version: string;
  licenses: { license: { id: string } }[];
}

/**
 * What `--version --verbose` answers: the tool, Node, and each library that is bundled, with its version and licence, as the build has written it into
 * the bill of materials beside the tool (CycloneDX). Where it runs from its sources there is none.
 *
 * @param billOfMaterials the text of that file; read where left out
 */
export function versionDetails(
  { nodeVersion, platform }: { nodeVersion: string; platform: string },
  billOfMaterials: string | undefined = readBillOfMaterials(),
): string {
  const own = `kaleyra-rec ${version} (Node ${nodeVersion}, ${platform})`;
  if (billOfMaterials === undefined) return `${own}\nIt runs from its sources: nothing is bundled.`;
  const { components } = JSON.parse(billOfMaterials) as { components: Component[] };
  const lines = components.map(({ group, name, version, licenses: [first] }) => {
    return `  ${group === undefined ? '' : `${group}/`}${name} ${version} (${first?.license.id ?? 'no licence'})`;
  });
  return [own, 'Bundled libraries (as CycloneDX in dist/sbom.cdx.json):', ...lines].join('\n');
}

function readBillOfMaterials(): string | undefined {
  try {
    return readFileSync(new URL('../sbom.cdx.json', import.meta.url), 'utf8');
  } catch {
    return undefined;
  }
}
