// @ts-check
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pageModules } from './browse-page.js';

/** The file in `dist` that holds the notices. */
export const NOTICES_FILE = 'THIRD-PARTY-NOTICES.txt';

/**
 * The licences that a bundled library may have: those that ask for no more than their text and notices beside the copy. SPDX identifiers. Another
 * one, or an expression of several, fails the build until a person has read it and put it here.
 */
const ALLOWED_LICENCES = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT']);

const LICENCE_FILE = /^(licen[cs]e|copying|notice)([-.].*)?$/i;

/**
 * Packages that are published without the licence of their repository, and where it is had, word for word: in `licences`, or in the package of a
 * neighbour from the same repository.
 *
 * @type {Readonly<Record<string, string>>}
 */
const LEFT_OUT = {
  saxes: 'licences/saxes.txt',
  '@aws-sdk/credential-provider-http': '@aws-sdk/client-s3/LICENSE',
  '@aws-sdk/credential-provider-login': '@aws-sdk/client-s3/LICENSE',
  '@aws-sdk/nested-clients': '@aws-sdk/client-s3/LICENSE',
};

/**
 * The bundler's own helpers, which it adds to a bundle that holds CommonJS modules, belong to no file of a package.
 */
const BUNDLER_RUNTIME = '\0rolldown/runtime.js';

/**
 * @typedef {object} BundledPackage
 * @property {string} name
 * @property {string} version
 * @property {string} licence SPDX identifier
 * @property {string} text the full text of its licence and, where it has one, its notice
 */

/**
 * The folder of the package that a module belongs to.
 *
 * @param {string} moduleId the module's absolute path, or the bundler's name for a module of its own
 * @returns {string | undefined} absolute; undefined for a module that belongs to no installed package
 */
export function packageFolder(moduleId) {
  const id = moduleId === BUNDLER_RUNTIME ? createRequire(import.meta.url).resolve('rolldown') : moduleId;
  const match = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id);
  return match?.[0];
}

/**
 * The folders of all packages that have a module in a bundle, each once.
 *
 * @param {import('rolldown').OutputBundle} bundle
 * @returns {string[]} absolute
 */
export function bundledFolders(bundle) {
  const modules = Object.values(bundle).flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
  return [...new Set([...modules, ...pageModules()].map(packageFolder).filter((folder) => folder !== undefined))];
}

/**
 * Reads name, version and licence of an installed package.
 *
 * @param {string} folder absolute
 * @returns {BundledPackage}
 * @throws {Error} when the licence is not one that may be bundled, or its text is missing
 */
export function readPackage(folder) {
  const { name, version, license: licence } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (!ALLOWED_LICENCES.has(licence)) {
    throw new Error(
      `${name}@${version} is bundled, and its licence (${JSON.stringify(licence)}) is not among those allowed: ${[...ALLOWED_LICENCES].join(', ')}.`,
    );
  }
  const own = readdirSync(folder)
    .filter((file) => LICENCE_FILE.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim())
    .filter((content) => content !== '')
    .join('\n\n');
  const text = own || leftOut(name);
  if (text === '') throw new Error(`${name}@${version} is bundled, and its package holds no licence text.`);
  return { name, version, licence, text };
}

/** @param {string} name of a package that holds no licence */
function leftOut(name) {
  const place = LEFT_OUT[name];
  if (place === undefined) return '';
  const file = place.startsWith('@') ? createRequire(import.meta.url).resolve(place) : join(import.meta.dirname, place);
  return readFileSync(file, 'utf8').replaceAll('\r\n', '\n').trim();
}

/**
 * The notices file as text: the packages in the order of their names, each with its licence whole; those of one maker, whose licences are the same
 * to the letter, stand above one text.
 *
 * @param {readonly BundledPackage[]} packages
 */
export function formatNotices(packages) {
  const rule = '-'.repeat(80);
  const sorted = packages.toSorted((a, b) => `${a.name}@${a.version}`.localeCompare(`${b.name}@${b.version}`, 'en'));
  /** @type {Map<string, string[]>} */
  const byText = new Map();
  for (const { name, version, licence, text } of sorted) {
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version} (${licence})`]);
  }
  const entries = [...byText].map(([text, names]) => `${rule}\n${names.join('\n')}\n${rule}\n\n${text}\n`);
  return ['This package contains code of the following packages, each under its own licence.\n', ...entries].join('\n');
}

/**
 * A plugin that writes the licences of all bundled packages to {@link NOTICES_FILE}. It goes by the modules that are in the bundle, not
 * by the dependencies that package.json names: what was shaken out needs no notice, and what came in by another package does.
 *
 * @returns {import('rolldown').Plugin}
 */
export function thirdPartyNotices() {
  return {
    name: 'third-party-notices',
    generateBundle(_options, bundle) {
      this.emitFile({ type: 'asset', fileName: NOTICES_FILE, source: formatNotices(bundledFolders(bundle).map(readPackage)) });
    },
  };
}
