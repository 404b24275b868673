// @ts-check
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

/** The page of `browse` in `dist`: one file, with its style and its script in it. */
const PAGE_FILE = 'browse/page.html';

const folder = fileURLToPath(new URL('../browse/page/', import.meta.url));

/** @type {readonly string[]} */
let modules = [];

/**
 * The modules that are in the page, for what goes by the modules of the whole build. To be asked behind {@link browsePage}'s turn.
 *
 * @returns {readonly string[]}
 */
export function pageModules() {
  return modules;
}

/**
 * A plugin that bundles the page of `browse` for browsers, and writes it as one file.
 *
 * @returns {import('rolldown').Plugin}
 */
export function browsePage() {
  return {
    name: 'browse-page',
    async generateBundle() {
      const bundle = await rolldown({
        input: `${folder}main.tsx`,
        platform: 'browser',
        // All that the bundle needs of one stands below; a copy of the sources alone can be built, too.
        tsconfig: false,
        transform: { target: 'es2022', jsx: { runtime: 'automatic', importSource: 'preact' } },
      });
      const { output } = await bundle.generate({ format: 'iife', minify: true, comments: false });
      await bundle.close();
      const [script] = output;
      modules = script.moduleIds;
      const style = readFileSync(`${folder}style.css`, 'utf8').replace(/\s+/g, ' ');
      const source = readFileSync(`${folder}page.html`, 'utf8')
        .replace('{{style}}', () => style)
        .replace('{{script}}', () => script.code.replaceAll('</script', '<\\/script'));
      this.emitFile({ type: 'asset', fileName: PAGE_FILE, source });
    },
  };
}
