import { usageError } from '../errors.ts';

/** What to do with a file that is not a list. */
export const EXPORT_HINT =
  'Give a text file with an id a line, or export the report as CSV (in Excel: Save As, "CSV UTF-8") and give that.';

const UNPACK = 'Unpack it first, and give the text file that is in it.';
const WRONG_FILE = 'Name the list of ids or the report, not a recording.';

interface ForeignFormat {
  /** With its article. */
  name: string;
  hint?: string;
}

const SIGNATURES: readonly (readonly [signature: string, format: ForeignFormat])[] = [
  ['PK\x03\x04', { name: 'an Excel workbook (.xlsx) or a zip archive' }],
  ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', { name: 'an Excel workbook (.xls) or another Office document' }],
  ['%PDF-', { name: 'a PDF document' }],
  ['\x1f\x8b', { name: 'a gzip archive', hint: UNPACK }],
  ['ID3', { name: 'an MP3 recording', hint: WRONG_FILE }],
  ['RIFF', { name: 'a WAV recording', hint: WRONG_FILE }],
];

/** Throws USAGE when the first bytes of a list (8 are enough) are those of a workbook, a document, an archive or a recording. */
export function refuseForeign(head: Buffer, name: string): void {
  const text = head.subarray(0, 8).toString('latin1');
  for (const [signature, format] of SIGNATURES) {
    if (!text.startsWith(signature) || isPlainId(signature, head)) continue;
    throw usageError(`${name} is not a text list: it is ${format.name}.`, format.hint ?? EXPORT_HINT);
  }
}

/** `ID3` and `RIFF` are letters that an id can begin with; in a recording a byte follows within the next four that no id holds. */
function isPlainId(signature: string, head: Buffer): boolean {
  if (signature !== 'ID3' && signature !== 'RIFF') return false;
  return head.subarray(signature.length, 8).every((byte) => byte >= 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09);
}

/** Throws USAGE when a text begins as HTML or XML does: what a portal sends in place of a report when the session has ended. */
export function refuseMarkup(text: string, name: string): void {
  if (!/^\s*<(?:!doctype|html|\?xml)[\s>]/iu.test(text.slice(0, 200))) return;
  throw usageError(`${name} is not a text list: it is a web page or an XML document.`, EXPORT_HINT);
}
