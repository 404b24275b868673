import { type RecordingError, usageError } from '../errors.ts';

/** Why a value cannot be the id of a recording, as the end of a sentence that begins with the value, and what to do about it. */
export interface IdProblem {
  why: string;
  hint: string;
}

const EXPORT_AS_TEXT = 'Export the report again with the id column formatted as text, so that every id arrives as the service wrote it.';
const SEE_COLUMN =
  'Put one id on each line and nothing else; in a report, check that --column names the column that holds the recording ids.';

/** Ids of nothing but these characters are what the service gives out: they need no closer look. */
const PLAIN = /^[\w+/-][\w+/=-]{4,}$/u;

/** What is longer has no id in it, also as an address; some expressions here would run out of stack over some millions of characters. */
const LONGEST_VALUE = 64 * 1024;

/** Marks without a width or a shape: zero-width blanks, joiners and byte order marks, direction marks, soft hyphens. */
const INVISIBLE = '\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff';
const HAS_INVISIBLE = new RegExp(`[${INVISIBLE}]`, 'u');
const IS_OUTER = new RegExp(`[\\s${INVISIBLE}]`, 'u');

/** What exports write where there is no id. */
const BLANK_WORDS = new Set([
  ...[
    'null',
    '(null)',
    '[null]',
    '<null>',
    'n/a',
    'na',
    'n.a.',
    'n/d',
    'nan',
    'none',
    '(none)',
    'nil',
    'undefined',
    '\\n',
    '(blank)',
    '(empty)',
  ],
  ...['#n/a', '#nv', '#n/d', 'no recording', 'no_recording', 'no-recording', 'norecording', 'not recorded'],
  ...['not available', 'recording not available', 'no recording available', 'no recording found', 'unavailable'],
]);
const LONGEST_BLANK_WORD = 25;
/** A dash, or a line drawn with dashes or the like. */
const RULE = /^(?:[-–—]+|[=_*.~]{3,})$/u;

/** Excel's error cells in any language, LibreOffice's, and a cell that was too narrow to be shown. `#N/A` is a blank word. */
const ERROR_CELL = /^(?:#[¡¿]?[\p{Lu}\d/_]{2,} ?[!?]|#GETTING_DATA|#{3,}|Err:\d{3})$/u;
const ROUNDED = /^[+-]?(?:\d+[.,]0+|\d+(?:[.,]\d+)?E\+\d+|\d+[.,]\d+E-?\d+)$/iu;
/** A cell that only says whether there is a recording. */
const BOOLEAN = /^(?:true|false|wahr|falsch|vero|falso|vrai|faux|verdader[oa]|verdadeiro)$/iu;
const PLACEHOLDER = /^(?:\$?\{.*\}|\$\(.*\)|<[^<>]*>|%\w+%|\[\[.*\]\])$/u;
const ADDRESS = /^(?:[a-z][a-z0-9+.-]*:\/\/|\/\/[^/]+\.|www\.)|[?&](?:recording[_-]?)?id=/iu;

/**
 * The id in a value as a list or report has it: without blanks and invisible marks around it, out of the guards that spreadsheets wear
 * (`="1a2b"`, `'1a2b`, quotes), and out of an address that has it as its `id`. Empty for a value that says that there is none. What cannot be
 * an id gives the reason: error cells, numbers that a spreadsheet has rounded, addresses without an id, placeholders nobody filled, control
 * characters and invisible marks in its midst. Whether an id may hold a blank is for the caller to say.
 */
export function readId(value: string): string | IdProblem {
  if (value.length > LONGEST_VALUE) return NO_ID;
  if (PLAIN.test(value) && !value.includes('E+') && !value.includes('e+') && !isBlankWord(value) && !BOOLEAN.test(value)) return value;
  const text = unwrap(value);
  if (text === '' || isBlankWord(text)) return '';
  if (ADDRESS.test(text)) return idOfAddress(text);
  return problemOf(text) ?? text;
}

/** A value without the guards of a spreadsheet: `="1a2b"` is `1a2b`. An apostrophe that guards a number or formula is dropped, `'t Hooft` stays. */
export function unguard(value: string): string {
  const first = value.charCodeAt(0);
  if (first === EQUALS) return /^="(?<inner>[\s\S]*)"$/u.exec(value)?.groups?.inner?.replaceAll('""', '"') ?? value;
  if (first === APOSTROPHE && /^'[\d=+@-]/u.test(value)) return value.slice(1);
  return value;
}

/** A text without blanks and invisible marks around it. */
export function stripOuter(text: string): string {
  let from = 0;
  let to = text.length;
  // An expression that ends in $ would try each blank of the text again and again, in time that grows with their square.
  while (from < to && isOuter(text, from)) from++;
  while (from < to && isOuter(text, to - 1)) to--;
  return text.slice(from, to);
}

/** Whether a text begins with # and is a comment: neither one of a spreadsheet's errors (`#NAME?`) nor one of the words for nothing (`#N/A`). */
export function isCommentText(text: string): boolean {
  return text.startsWith('#') && !ERROR_CELL.test(text) && !isBlankWord(text);
}

/** The error for a value that cannot be an id; `place` is where it stands, as `report.csv, line 3`. */
export function refusedId(value: string, { why, hint }: IdProblem, place: string): RecordingError {
  // What an address has behind its ? may be a signature: whoever has it can listen to the call.
  const text = stripOuter(value.slice(0, LONGEST_VALUE)).replace(/\?[^?]*=[\s\S]*$/u, '?…');
  return usageError(`${place}: ${JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text)} ${why}.`, hint);
}

/** The reason for a value that is a sentence, or several values. */
export const NO_ID: IdProblem = { why: 'cannot be a recording id', hint: SEE_COLUMN };

const EQUALS = 0x3d;
const APOSTROPHE = 0x27;

function isOuter(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code <= 0x20 || code >= 0x7f ? IS_OUTER.test(text.charAt(at)) : false;
}

function unwrap(value: string): string {
  let text = stripOuter(value);
  for (let before = ''; text !== before; ) {
    before = text;
    if (text.startsWith('="') && text.endsWith('"') && text.length > 2) text = text.slice(2, -1).replaceAll('""', '"');
    else if (text.length > 1 && text.startsWith('"') && text.endsWith('"')) text = text.slice(1, -1).replaceAll('""', '"');
    else if (text.startsWith("'")) text = text.endsWith("'") ? text.slice(1, -1) : text.slice(1);
    text = stripOuter(text);
  }
  return text;
}

function isBlankWord(text: string): boolean {
  return (text.length <= LONGEST_BLANK_WORD && BLANK_WORDS.has(text.toLowerCase())) || RULE.test(text);
}

function problemOf(text: string): IdProblem | undefined {
  if (ERROR_CELL.test(text)) return { why: 'is an error of a spreadsheet, not an id', hint: EXPORT_AS_TEXT };
  if (ROUNDED.test(text)) return { why: 'is a number that a spreadsheet has made of the id, and may have rounded', hint: EXPORT_AS_TEXT };
  if (BOOLEAN.test(text)) return { why: 'says whether there is something, and is not an id', hint: SEE_COLUMN };
  if (PLACEHOLDER.test(text)) {
    return { why: 'is a placeholder that was never filled in', hint: 'Check the program or template that wrote this file.' };
  }
  if (/\p{Cc}/u.test(text)) return { why: 'cannot be a recording id: it holds control characters', hint: SEE_COLUMN };
  if (HAS_INVISIBLE.test(text) || text.includes('\ufffd')) {
    const mark = text.replace(new RegExp(`[^${INVISIBLE}\\ufffd]`, 'gu'), '');
    const code = mark.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
    return { why: `has an invisible or damaged character in it (U+${code})`, hint: 'Remove the character, or export the report again.' };
  }
  if (text.startsWith('=')) return { why: 'is a formula, not an id', hint: EXPORT_AS_TEXT };
  return undefined;
}

/** The `id` of an address. A `+` in it stays one: no id has a blank, and addresses are often written without encoding it. */
function idOfAddress(text: string): string | IdProblem {
  const address = /^=HYPERLINK\(\s*"(?<address>[^"]*)"/iu.exec(text)?.groups?.address ?? text;
  const [, encoded] = /[?&;]id=([^&#\s]*)/iu.exec(address) ?? /[?&;]recording[_-]?id=([^&#\s]*)/iu.exec(address) ?? [];
  let id: string | undefined;
  try {
    id = encoded && decodeURIComponent(encoded);
  } catch {
    // Not encoded as an address should be: as good as none.
  }
  if (id === undefined || id === '' || isBlankWord(id)) {
    return {
      why: 'is an address without the id of a recording',
      hint: 'Name the column that holds the recording ids with --column; an address will do only where it has the id in it, as ?id=1a2b%3D%3D.',
    };
  }
  return problemOf(id) ?? id;
}
