import { notAList } from './foreign-format.ts';

const MARKUP = /^\s*<(?:!--|!doctype|\?xml|\/?[a-z][\w:-]*[\s>/])/iu;
const HTML = /<(?:!doctype html|html|head|body|meta|title|style|script|table|div|form|h\d|p)[\s>]/iu;

/** What text that is neither a list nor a report has in one of its lines: each with its name and, where the usual hint is no help, its own. */
const FORMATS: readonly (readonly [pattern: RegExp, name: string, hint?: string])[] = [
  [/^\s*\{\\rtf/u, 'an RTF document'],
  [/^\s*[[{(]\s*'/u, 'a list as Python or JavaScript writes it', 'Have the program write JSON (json.dumps), or one id on each line.'],
  [/^%!PS/u, 'a PostScript document'],
  [/^\[[\w .-]+\]$/mu, 'a file of settings (INI)'],
  [/^ID;P\w*(?:;[A-Z])*\s*$/mu, 'a SYLK spreadsheet (.slk)'],
  [/^BEGIN:V(?:CARD|CALENDAR)/imu, 'a vCard or calendar file'],
  [/^-----BEGIN [A-Z ]+-----/mu, 'a key or a certificate', 'Name the list of ids or the report instead.'],
  [/^(?:Received|Message-ID|MIME-Version|Return-Path|DKIM-Signature): /imu, 'an email', 'Save its attachment, and give that.'],
  [
    /^\s*(?:-- .*(?:dump|database)|create table |insert into |drop table |copy \S+ .*from stdin)/imu,
    'an SQL script',
    'Export the result of the query as CSV, and give that.',
  ],
];

/** What most lines of such a text have. */
const LINES: readonly (readonly [pattern: RegExp, name: string, hint?: string])[] = [
  [/^(?:---|%YAML.*|\s*(?:- )?["']?[\w-]+["']?:(?: .*)?)$/u, 'YAML, or a file of settings'],
  [/^\s*(?:[-*+•]|\d+[.)]) \S/u, 'a list with bullets', "Remove them: sed -E 's/^ *([-*+•]|[0-9]+[.)]) //' FILE | kaleyra-rec batch -"],
];

/** The same where a line is a key alone: bullets below it are no list of their own. */
const YAML_LISTS: typeof LINES = LINES.map(([pattern]) => [pattern, 'YAML, or a file of settings']);

/**
 * Throws USAGE for a text that begins as HTML or XML, or is a table drawn with lines, as Markdown, psql and MySQL have them: such a table can
 * look like a report whose fields are separated by bars.
 */
export function refuseTable(text: string, name: string): void {
  const head = text.slice(0, 64 * 1024);
  if (MARKUP.test(head)) throw notAList(name, markupName(head));
  const lines = firstLines(text);
  if (lines.some((line) => /^\s*\|?(?:\s*:?-{3,}:?\s*\|)+(?:\s*:?-{3,}:?\s*)?$/u.test(line))) throw notAList(name, 'a Markdown table');
  if (lines.some((line) => /^(?:[-+|\s]*(?:-{3,}\+-{3,}|\+-{3,}\+)[-+|\s]*$|-\[ RECORD \d|\*{9,} \d+\. row \*)/u.test(line))) {
    throw notAList(
      name,
      'a table of psql, MySQL or a similar client',
      'Have the client write CSV (psql: \\copy (…) to calls.csv csv header), and give that.',
    );
  }
  if (lines.some((line) => /^\s*[┌├╔╠╭][─═┬╦┼╬]{2}/u.test(line))) throw notAList(name, 'a table drawn with lines');
}

/** Throws USAGE, with its name, for a text that is something else than a list or a report. To be asked where it is neither. */
export function refuseForeignText(text: string, name: string): void {
  const head = firstLines(text).join('\n');
  for (const [pattern, format, hint] of FORMATS) if (pattern.test(head)) throw notAList(name, format, hint);
}

/** As {@link refuseForeignText}, by what most of its lines look like: to be asked where it is no table either. */
export function refuseForeignLines(text: string, name: string): void {
  const lines = firstLines(text).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const isKeyed = lines.some((line) => /^[\w-]+:\s*$/u.test(line));
  for (const [pattern, format, hint] of isKeyed ? YAML_LISTS : LINES) {
    if (lines.filter((line) => pattern.test(line)).length > lines.length * 0.6) throw notAList(name, format, hint);
  }
}

function firstLines(text: string): string[] {
  return text.slice(0, 64 * 1024).split(/\r\n|\n|\r/u, 40);
}

function markupName(text: string): string {
  if (/urn:schemas-microsoft-com:office:spreadsheet/iu.test(text)) return 'an XML spreadsheet (Excel 2003)';
  return HTML.test(text) ? 'a web page (HTML)' : 'an XML document';
}
