/**
 * A test of whether a whole value matches a pattern: `*` stands for any characters, also none, `?` for one, and a backslash before `*`, `?` or
 * itself takes that character as it is. Upper and lower case are alike, and so are the ways to compose an accented letter; outer blanks count
 * for nothing. It takes no longer than the length of the value times that of the pattern.
 */
export function matcher(pattern: string): (value: string) => boolean {
  const tokens = [...fold(pattern.trim()).matchAll(/\\(?<literal>[*?\\])|\*+|[\s\S]/gu)].map(({ 0: text, groups }) => {
    if (groups?.literal !== undefined) return groups.literal;
    return text.startsWith('*') ? ANY : text === '?' ? ONE : text;
  });
  if (!tokens.some((token) => typeof token === 'symbol')) {
    const wanted = fold(tokens.join(''));
    return (value) => fold(value.trim()) === wanted;
  }
  return (value) => matches([...fold(value.trim())], tokens);
}

const ANY = Symbol('any characters');
const ONE = Symbol('one character');

/** Goes through a value once; where it does not fit, the last {@link ANY} takes one character more. */
function matches(value: readonly string[], tokens: readonly (string | symbol)[]): boolean {
  let at = 0;
  let token = 0;
  let lastAny = -1;
  let taken = 0;
  while (at < value.length) {
    if (tokens[token] === ANY) {
      lastAny = token++;
      taken = at;
    } else if (tokens[token] === ONE || (token < tokens.length && tokens[token] === value[at])) {
      token++;
      at++;
    } else if (lastAny >= 0) {
      token = lastAny + 1;
      at = ++taken;
    } else {
      return false;
    }
  }
  return tokens.slice(token).every((rest) => rest === ANY);
}

function fold(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
