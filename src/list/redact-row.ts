import { MASK } from '../redact.ts';
import type { Delimiter, ListRow } from './list-row.ts';

/** Masks what is known to be secret in a text. */
type Redact = (text: string) => string;

/** What any secret in a row has in it; most rows have nothing of the kind, and a million of them are looked at. */
const SUSPICIOUS = /[?&@]|%(?:25)*(?:3F|26|40)|signature|api[-_]?key|passw|secret|token|authori|[0-9a-f]{32}/i;

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
 * @param redact knows the secrets of the run
 */
export function redactRow(row: ListRow, delimiter: Delimiter | undefined, redact: Redact): ListRow {
  const { id, raw, columns } = row;
  if (!SUSPICIOUS.test(raw) && redact(raw) === raw) return row;
  if (columns === undefined || delimiter === undefined) {
    const shown = redactCell(raw, id, redact);
    return shown === raw ? row : { ...row, raw: shown };
  }
  const shown = columns.map((cell) => redactCell(cell, id, redact));
  if (shown.every((cell, index) => cell === columns[index])) return row;
  return { ...row, columns: shown, raw: shown.map((cell) => asField(cell, delimiter)).join(delimiter) };
}

/** One value of a row, without its secrets; see {@link redactRow}. The id itself is never touched. */
export function redactCell(value: string, id: string, redact: Redact): string {
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
