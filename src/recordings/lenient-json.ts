/** The documented failure takes some 200 characters: what is much longer is not one. */
const LONGEST_FAILURE = 16_384;

/** A string, a list's opening bracket along with the key of a pair where one follows, or its closing bracket. */
const TOKEN = /"(?:[^"\\]|\\[\s\S])*"|\[(\s*"(?:[^"\\]|\\[\s\S])*"\s*:)?|\]/g;

/**
 * Reads JSON, and the one thing beside it that the service's documentation prints: a list of `key : value` pairs, `["id" : "a"]`, which is
 * read as an object. A byte order mark is passed over. Never throws; undefined where the text is neither.
 */
export function readLenientJson(text: string): unknown {
  const json = text.startsWith('\uFEFF') ? text.slice(1) : text;
  return parse(json) ?? (json.length > LONGEST_FAILURE ? undefined : parse(withPairsAsObjects(json)));
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function withPairsAsObjects(text: string): string {
  const closing: string[] = [];
  return text.replace(TOKEN, (token: string, key: string | undefined) => {
    if (token === ']') return closing.pop() ?? token;
    if (!token.startsWith('[')) return token;
    closing.push(key === undefined ? ']' : '}');
    return key === undefined ? token : `{${key}`;
  });
}
