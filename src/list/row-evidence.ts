import { readWrittenDate } from './dates/written-date.ts';
import { readId, stripOuter } from './recording-id.ts';

/** A word that a report's last rows begin with, in the languages that the service's customers export in. */
const FOOTER =
  /^(?:(?:grand|sub|overall)?[ -]?totals?|totale|totali|total g[eé]n[eé]ral|gesamt(?:summe|zahl|anzahl)?|summe|insgesamt|sum|suma|somma|somme|soma|count|conteggio|anzahl|nombre|n[uú]mero|recuento|contagem|cantidad|quantidade|quantit[aà]|average|avg|mean|media|mittelwert|durchschnitt|moyenne|promedio|m[eé]dia|median|max(?:imum)?|min(?:imum)?|m[aá]ximo|m[ií]nimo|massimo|generated|generato|creato|erstellt|g[eé]n[eé]r[eé]|generado|gerado|exported|esportato|exportiert|export[eé]|exportado|printed|rows?|records?|righe|zeilen|lignes|filas|linhas|end of|eof|fine|ende|page|pagina|seite|confidential)(?![\p{L}\d+/=_-])/iu;

/** What the rows of a report have in common, learnt from its first ones: by it a row that is no call is told from one that is. */
export class RowEvidence {
  readonly #idColumn: number;
  readonly #anyCall: boolean;
  /** The columns in which every call has a date. */
  readonly #dates: readonly number[];
  /** How many fields the emptiest call has filled. */
  readonly #fewestFilled: number;
  /** Whether ids with a blank in them are as usual as others: then the column is no id's. */
  readonly idsHoldBlanks: boolean;
  /** A numeric id of the report that lost its last digits, as all its long ones did: a spreadsheet keeps 15. */
  readonly roundedId: string | undefined;

  /** `isHeader` tells of a row's id whether it is the column's header once more. */
  constructor(rows: readonly (readonly string[])[], idColumn: number, isHeader: (value: string) => boolean) {
    const sample = rows.filter((row) => filled(row) > 0 && !isHeader(row[idColumn] ?? ''));
    this.#idColumn = idColumn;
    const ids = sample.map((row) => readId(row[idColumn] ?? ''));
    const isWord = (index: number) => FOOTER.test(firstFilled(sample[index] ?? []));
    const calls = sample.filter((_, index) => isPlainOrBlank(ids[index]) && !isWord(index));
    const plain = calls.filter((row) => stripOuter(row[idColumn] ?? '') !== '').length;
    this.#fewestFilled = calls.length === 0 ? 0 : Math.min(...calls.map(filled));
    // A row with little else in it is a heading or a closing line, whatever stands in its first column.
    const spaced = ids.filter(
      (id, index) => typeof id === 'string' && /\s/u.test(id) && !isWord(index) && filled(sample[index] ?? []) >= this.#fewestFilled,
    ).length;
    this.idsHoldBlanks = spaced > 0 && spaced >= plain;
    this.#anyCall = calls.length > 0;
    const width = Math.max(0, ...sample.map((row) => row.length));
    this.#dates = Array.from({ length: width }, (_, column) => column).filter(
      (column) => column !== idColumn && calls.length > 0 && calls.every((row) => isDate(row[column])),
    );
    this.roundedId = roundedAmong(calls.map((row) => stripOuter(row[idColumn] ?? '')));
  }

  /** Whether a row is one that reports end with: it begins with such a word, and lacks the date, or other fields, that every call has. */
  isFooter(row: readonly string[]): boolean {
    const id = row[this.#idColumn] ?? '';
    if (!FOOTER.test(firstFilled(row)) && !FOOTER.test(stripOuter(id))) return false;
    if (/\s/u.test(stripOuter(id))) return true;
    if (this.#dates.length > 0) return !this.#dates.some((column) => isDate(row[column]));
    return !this.#anyCall || filled(row) < this.#fewestFilled;
  }
}

function isDate(value = ''): boolean {
  return readWrittenDate(value) !== undefined;
}

function isPlainOrBlank(id: unknown): boolean {
  return typeof id === 'string' && !/\s/u.test(id);
}

function firstFilled(row: readonly string[]): string {
  return stripOuter(row.find((field) => stripOuter(field) !== '') ?? '');
}

function filled(row: readonly string[]): number {
  return row.filter((field) => stripOuter(field) !== '').length;
}

/** Long numbers end in some zeros by chance; that all of them do, six zeros together, is none. */
function roundedAmong(ids: readonly string[]): string | undefined {
  const long = ids.filter((id) => /^[1-9]\d{15,}$/u.test(id));
  if (!long.every((id) => /^0+$/u.test(id.slice(15)))) return undefined;
  const zeros = long.reduce((sum, id) => sum + id.length - 15, 0);
  return zeros >= 6 ? long[0] : undefined;
}
