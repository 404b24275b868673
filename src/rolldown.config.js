// @ts-check
import { basename, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'rolldown';
import { browsePage } from './build/browse-page.js';
import { softwareBillOfMaterials } from './build/sbom.js';
import { standIns } from './build/stand-ins.js';
import { packageFolder, thirdPartyNotices } from './build/third-party-notices.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = fileURLToPath(new URL('.', import.meta.url));

/** The modules of the AWS SDK, which an archive in a bucket alone loads. */
const AWS_SDK = /[\\/]node_modules[\\/]@(?:aws-sdk|smithy|aws)[\\/]/;

/** What main needs before any command. */
const BASE = /[\\/]src[\\/](?:(?:errors|redact|printable|version)\.ts|disk[\\/]machine\.ts)|^(?!.*node_modules).*[\\/]package\.json$/;

/** Small modules that nearly every command needs. */
const COMMON =
  /[\\/]src[\\/](?:(?:is-object|log)\.ts|report[\\/](?:format|drawable)\.ts|disk[\\/](?:rights|shell-word)\.ts|credentials[\\/](?:account|config-folder|sources)\.ts|http[\\/](?:local-addresses|secure-link)\.ts)|[\\/]ipaddr\.js[\\/]/;

/** What every command that talks to the service needs. */
const CONNECTION =
  /[\\/]src[\\/](?:http[\\/](?!proxy-agents|log\.ts)|recordings[\\/]|retry[\\/]|commands[\\/]connection\.ts|credentials[\\/]resolve\.ts)/;

/**
 * Modules that share a file. Each file costs 0.5 ms to find and load, so that what is always loaded together lies together: `link` then takes 12 of
 * them in place of 22. The AWS SDK asks for its parts one by one, but whoever needs one of them needs most, and 40 small files pack worse.
 */
const GROUPS = [
  { name: 'aws-sdk', test: AWS_SDK },
  // A group takes along what its modules import, so that what others need without them is told first.
  { name: 'base', test: BASE, priority: 3 },
  { name: 'common', test: COMMON, priority: 2 },
  { name: 'connection', test: CONNECTION, priority: 1 },
];

/**
 * A chunk's file in `dist`: the path of the source that a dynamic import names, as `commands/link.js`, and `shared/` for what several of
 * those have in common. No hash: a stack trace reads the same from build to build, and nothing here is cached by a browser.
 *
 * @param {import('rolldown').PreRenderedChunk} chunk
 */
function chunkFileName({ name, facadeModuleId, moduleIds }) {
  if (GROUPS.some((group) => group.name === name)) return `shared/${name}.js`;
  if (facadeModuleId?.startsWith(sources)) return relative(sources, facadeModuleId).replace(/\.ts$/, '.js');
  // The last module is the one that the others are there for. What comes of a library bears its name, and not that of a file in it.
  const library = packageFolder(moduleIds.at(-1) ?? '');
  return `shared/${library === undefined ? name : basename(library)}.js`;
}

/**
 * Says of all files in `dist` that they are CommonJS modules, which the package itself is not.
 *
 * @returns {import('rolldown').Plugin}
 */
function commonJs() {
  return {
    name: 'common-js',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'package.json', source: '{ "type": "commonjs" }\n' });
    },
  };
}

/**
 * The build of the command that is shipped: one folder of modules with every library in it, so that installing it downloads one small
 * package and runs no stranger's install script. A dynamic import in the sources becomes a chunk of its own, loaded when it is reached.
 *
 * They are CommonJS modules, which Node 20 loads in 4 ms less of the 29 that `--version` takes, and in 9 less of the 65 of `link`: ES modules
 * begin a loader of their own, are read one after the other, and ask each module of Node's for all that it exports.
 */
export default defineConfig({
  cwd: root,
  input: { main: 'src/main.ts' },
  platform: 'node',
  // Of the AWS SDK, which has both, the modules that can be shaken.
  resolve: { mainFields: ['module', 'main'] },
  // What main shares with the commands stays in main's file, which is loaded anyway, in place of a small file for each.
  preserveEntrySignatures: 'allow-extension',
  // What the bundler warns of breaks on the user's machine, such as a library that cannot be found and would be left as an import.
  onLog(level, log, passOn) {
    if (level === 'warn') throw new Error(log.message);
    passOn(level, log);
  },
  transform: { target: 'node20' },
  plugins: [browsePage(), standIns(), thirdPartyNotices(), softwareBillOfMaterials(root), commonJs()],
  output: {
    dir: 'dist',
    cleanDir: true,
    format: 'cjs',
    strict: true,
    entryFileNames: '[name].js',
    chunkFileNames: chunkFileName,
    codeSplitting: { groups: GROUPS },
    minify: true,
    // The licences stand whole in the notices file.
    comments: false,
  },
});
