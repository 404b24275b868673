import { readFileSync } from 'node:fs';
import { version } from '../version.ts';

/** The versions of the tool, of Node and of each library in the bundle, a line each, as the list that the build makes has them. */
export function bundled(nodeVersion: string): string {
  return [`kaleyra-rec ${version}`, `node ${nodeVersion}`, ...libraries()].join('\n');
}

interface Component {
  group?: string;
  name: string;
  version?: string;
}

/** None where it runs from its sources. */
function libraries(): string[] {
  try {
    const { components = [] } = JSON.parse(readFileSync(new URL('../sbom.cdx.json', import.meta.url), 'utf8')) as {
      components?: Component[];
    };
    return components.map((each) => `${each.group ? `${each.group}/` : ''}${each.name} ${each.version ?? ''}`.trimEnd()).sort();
  } catch {
    return [];
  }
}
