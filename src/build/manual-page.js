// @ts-check

/**
 * The tool's manual page, in the language of man(7), made of its own help.
 *
 * @param {string} version
 * @param {(...words: string[]) => string} helpOf the help of a command by its words, of the whole tool for none
 * @returns {string}
 */
export function manualPage(version, helpOf) {
  const pages = [helpOf(), ...commandsBelow([], helpOf).map((words) => helpOf(...words))];
  return [
    `.TH KALEYRA-REC 1 "" "kaleyra-rec ${version}" "User Commands"`,
    '.SH NAME',
    'kaleyra-rec \\- fetch call recordings from Kaleyra.io',
    ...pages.flatMap((page) => [`.SH ${titleOf(page)}`, '.nf', ...page.trimEnd().split('\n').map(escaped), '.fi']),
    '',
  ].join('\n');
}

/**
 * The commands that do something, each as its words: those whose help lists no further commands.
 *
 * @param {string[]} words
 * @param {(...words: string[]) => string} helpOf
 * @returns {string[][]}
 */
function commandsBelow(words, helpOf) {
  const [, list = ''] = /^Commands:\n((?: .*\n)+)/m.exec(helpOf(...words)) ?? [];
  const names = [...list.matchAll(/^ {2}([a-z]+)/gm)].map(([, name = '']) => name).filter((name) => name !== 'help');
  return names.flatMap((name) => {
    const below = commandsBelow([...words, name], helpOf);
    return below.length === 0 ? [[...words, name]] : below;
  });
}

/** @param {string} page */
function titleOf(page) {
  const [, words = ''] = /^Usage: kaleyra-rec((?: [a-z]+)*)/.exec(page) ?? [];
  return words === '' ? 'OVERVIEW' : words.trim().toUpperCase();
}

/**
 * A line as it stands: a dot or an apostrophe at its start would be an order, and a backslash an escape.
 *
 * @param {string} line
 */
function escaped(line) {
  return line.replaceAll('\\', '\\e').replaceAll('-', '\\-').replace(/^[.']/, '\\&$&');
}
