import { MASK, type Redactor } from '../redact.ts';
import type { Delimiter, ListRow, ReportHeader } from './list-row.ts';

/** Knows the secrets of the run. */
type Known = Pick<Redactor, 'redact' | 'mayHold'>;

/** What an address with a query, a password in one, or any escaped text has in it. */
const ADDRESS_SIGN = /[?&@%\\#]/;
/** A name behind which `maskForms` looks for a secret. */
const NAME = /(?:signature|key|keyid|passw(?:or)?d|secret|token|credential|authorization)["'\\]{0,4}\s?[:=]/i;
/** So many hexadecimal digits in a row may be a key or a signature. */
const HEX_DIGITS = 32;

/** What stands between blanks, quotes and brackets, as an address in a text or in a spreadsheet's formula. */
const TOKEN = /[^\s"'<>()]+/g;
/** A signature or a hash that stands alone: SHA-256 as SigV4 has it. */
const BARE_SIGNATURE = /(?<![0-9a-z])[0-9a-f]{64}(?![0-9a-z])/gi;
const QUERY_START = /\?|%(?:25){0,2}3F/i;
const ENCODED_SIGN = /=|%(?:25){0,2}3D/i;
const ADDRESS_START = /\/\/|%(?:25){0,2}2F%(?:25){0,2}2F/i;

/**
 * A row as it may be kept, in `failed.txt`, the manifest, file names and JSON: without the secrets that a report's columns hold. An address keeps
 * its host and path and loses its query, save the `id` that the row was read by; a signature or the key in a cell is masked. The id and the
 * places of the columns stay, so that the row is read again as it was. A row without any is given back as it is. Linear, pure.
 *
 * @param delimiter the report's; undefined for a list of ids
 */
export function redactRow(row: ListRow, delimiter: Delimiter | undefined, known: Known): ListRow {
  const { id, raw, columns } = row;
  if (raw === id || !isSuspicious(raw, known)) return row;
  if (columns === undefined || delimiter === undefined) {
    const shown = redactCell(raw, id, known.redact);
    return shown === raw ? row : { ...row, raw: shown };
  }
  const shown = columns.map((cell) => redactCell(cell, id, known.redact));
  if (shown.every((cell, index) => cell === columns[index])) return row;
  return { ...row, columns: shown, raw: shown.map((cell) => asField(cell, delimiter)).join(delimiter) };
}

/** The rows of a list, each as {@link redactRow} gives it. What a run does with a row, keeps of it and tells of it is done with these. */
export async function* redactedRows(
  list: { header: ReportHeader | undefined; rows(): AsyncIterable<ListRow[]> },
  known: Known,
): AsyncGenerator<ListRow[], void, undefined> {
  for await (const rows of list.rows()) yield rows.map((row) => redactRow(row, list.header?.delimiter, known));
}

/** Whether a row can hold a secret at all. Hardly one does, and a million are looked at: this takes 1 µs, and to mask it 6. */
function isSuspicious(raw: string, known: Known): boolean {
  return ADDRESS_SIGN.test(raw) || hasHexRun(raw) || NAME.test(raw) || known.mayHold(raw);
}

/** Whether there are {@link HEX_DIGITS} in a row: they cover one of the places that are that far apart. */
function hasHexRun(text: string): boolean {
  for (let at = HEX_DIGITS - 1; at < text.length; at += HEX_DIGITS) {
    let from = at;
    let to = at;
    while (from >= 0 && isHex(text.charCodeAt(from))) from -= 1;
    while (to < text.length && isHex(text.charCodeAt(to))) to += 1;
    if (to - from > HEX_DIGITS) return true;
  }
  return false;
}

function isHex(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70);
}

/** One value of a row, without its secrets; see {@link redactRow}. The id itself is never touched. */
export function redactCell(value: string, id: string, redact: Redactor['redact']): string {
  if (value.trim() === id) return value;
  return redact(value.replace(TOKEN, (token) => withoutQuery(token, id))).replace(BARE_SIGNATURE, MASK);
}

function withoutQuery(token: string, id: string): string {
  const at = token.search(QUERY_START);
  const isAddress = ADDRESS_START.test(at < 0 ? token : token.slice(0, at));
  // What follows a # is not sent to any server, and is as much a secret where a page reads it.
  if (at < 0) return isAddress ? token.replace(/#.*$/s, '') : token;
  const query = token.slice(at);
  if (!isAddress && !ENCODED_SIGN.test(query)) return token;
  const [own] = query.slice(1).match(/(?<=^|&)id=[^&#]+/i) ?? [];
  const kept = query.startsWith('?') && own !== undefined && decoded(own.slice(3)) === id ? `?${own}` : '';
  return token.slice(0, at) + kept;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A cell as a report has it (RFC 4180). */
function asField(cell: string, delimiter: Delimiter): string {
  const isPlain = !cell.includes(delimiter) && !/["\r\n]|^\s|\s$/.test(cell);
  return isPlain ? cell : `"${cell.replaceAll('"', '""')}"`;
}
