/**
 * What a terminal obeys, does not show, or shows elsewhere than it stands: control and format characters (C0, C1, changes of direction, zero
 * width, tags), line and paragraph separators, halves of surrogate pairs, noncharacters, and what fonts draw as nothing.
 */
const CLASS = String.raw`[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]`;
/** What of it is in ASCII, save line ends and tabs. */
const ASCII_CLASS = String.raw`[\x00-\x08\x0b-\x1f\x7f]`;
/** What whole lines may hold of it: line ends, tabs, and the colours that the tool's own lines are painted with. */
const OWN = String.raw`(\u001b\[(?:[012]|31;1|22|3[1-6]|39|90)m|[\n\t])`;

const NOT_ASCII = /[^ -~]/;
const BEYOND_ASCII = /[\u0080-\uffff]/;
// Made when they are first needed: the classes of Unicode take 7 ms, and nearly every text is ASCII.
const unprintable = once(() => new RegExp(CLASS, 'gu'));
const unprintableLine = once(() => new RegExp(`${OWN}|${CLASS}`, 'gu'));
const unprintableAscii = new RegExp(`${OWN}|${ASCII_CLASS}`, 'g');

/** How much of a text is shown where nothing else is said, in UTF-16 units. */
const MOST_SHOWN = 2000;

/** How much is shown of an id or a name: real ids have some twenty characters. */
const MOST_OF_ID = 200;

/**
 * A text made safe to show: control characters, which could steer the terminal, and invisible or direction-changing ones, which could make
 * one id look like another, become `\uXXXX`, as in JSON. What is longer than 2000 UTF-16 units is cut, and ends in `…`.
 */
export function printable(text: string): string {
  return printableWhole(shortened(text, MOST_SHOWN));
}

/** The same, however long it is. */
export function printableWhole(text: string): string {
  return NOT_ASCII.test(text) ? text.replace(unprintable(), escaped) : text;
}

/** An id or a name, safe to show as {@link printable} makes it, and no longer than 200 UTF-16 units. */
export function printableId(id: string): string {
  return printable(shortened(id, MOST_OF_ID));
}

/**
 * The last gate before a terminal, for whole lines: as {@link printable}, but line ends, tabs and the tool's own colours go through, and nothing
 * is cut. Values within a line that come from elsewhere are to be made printable before.
 */
export function terminalText(lines: string): string {
  const pattern = BEYOND_ASCII.test(lines) ? unprintableLine() : unprintableAscii;
  return lines.replace(pattern, (character: string, own: string | undefined) => own ?? escaped(character));
}

/**
 * A value as JSON on one line that any terminal can show: what {@link printable} escapes is escaped, and reads as the same value. `replacer` is
 * that of `JSON.stringify`.
 */
export function toJsonLine(value: unknown, replacer?: (name: string, value: unknown) => unknown): string {
  const json = JSON.stringify(value, replacer);
  // Outside of strings JSON has none of these characters.
  return NOT_ASCII.test(json) ? json.replace(unprintable(), escaped) : json;
}

/** The beginning of a text of more than `most` UTF-16 units, with `…` for the rest; a shorter one as it is. No surrogate pair is cut in two. */
export function shortened(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…` : text;
}

function escaped(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

function once<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
