import { type RecordingError, usageError } from '../errors.ts';

/** What to do with a file that is not a list. */
export const EXPORT_HINT =
  'Give a text file with one id on each line, an Excel workbook (.xlsx), or the report as CSV (in Excel: Save As, "CSV UTF-8").';

const UNPACK = 'Unpack it first, and give the file that is in it.';
const WRONG_FILE = 'Name the list of ids or the report instead.';

/** What the first bytes of a file are, each with its article, and what to do where {@link EXPORT_HINT} is no help. */
const SIGNATURES: readonly (readonly [signature: string, name: string, hint?: string])[] = [
  ['%PDF-', 'a PDF document'],
  ['\x1f\x8b', 'a gzip archive', UNPACK],
  ['BZh', 'a bzip2 archive', UNPACK],
  ['\xfd7zXZ\0', 'an xz archive', UNPACK],
  ['7z\xbc\xaf\x27\x1c', 'a 7-Zip archive', UNPACK],
  ['Rar!\x1a', 'a RAR archive', UNPACK],
  ['\x28\xb5\x2f\xfd', 'a Zstandard archive', UNPACK],
  ['SQLite format 3\0', 'an SQLite database', 'Export the table with the recording ids as CSV, and give that.'],
  ['PAR1', 'a Parquet file', 'Export it as CSV, and give that.'],
  ['bplist', 'a property list'],
  ['\x89PNG', 'a picture (PNG)'],
  ['\xff\xd8\xff', 'a picture (JPEG)'],
  ['GIF8', 'a picture (GIF)'],
  ['ID3', 'an MP3 recording', WRONG_FILE],
  ['\xff\xfb', 'an MP3 recording', WRONG_FILE],
  ['\xff\xf3', 'an MP3 recording', WRONG_FILE],
  ['RIFF', 'a WAV recording', WRONG_FILE],
  ['OggS', 'an Ogg recording', WRONG_FILE],
  ['fLaC', 'a FLAC recording', WRONG_FILE],
  ['\x7fELF', 'a program', WRONG_FILE],
];

/** As many bytes as {@link foreignFormat} looks at. */
export const SIGNATURE_SIZE = 16;

/** The error for a file that its first bytes prove to be something that no list can be made of: a document, an archive, a recording, a picture. */
export function foreignFormat(head: Buffer, name: string): RecordingError | undefined {
  const text = head.subarray(0, SIGNATURE_SIZE).toString('latin1');
  const found = SIGNATURES.find(([signature]) => text.startsWith(signature) && !(/^\w+$/u.test(signature) && isPlainText(head)));
  return found && notAList(name, found[1], found[2]);
}

/** The error for a file that is something else than a list. `format` comes with its article. */
export function notAList(name: string, format: string, hint: string = EXPORT_HINT): RecordingError {
  return usageError(`${name} is neither a list of ids nor a report: it is ${format}.`, hint);
}

/** Whether an archive by its first bytes, as every workbook is one. */
export function isZip(head: Buffer): boolean {
  return head.toString('latin1', 0, 4) === 'PK\x03\x04' || head.toString('latin1', 0, 4) === 'PK\x05\x06';
}

/** Whether a file is of the kind that Office wrote until 2003, and that an encrypted workbook still is. */
export function isOldOffice(head: Buffer): boolean {
  return head.toString('latin1', 0, 8) === '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1';
}

/** What streams an old Office file can hold, by the names in its directory, and what it is then. */
const OFFICE_STREAMS: readonly (readonly [stream: string, name: string, hint?: string])[] = [
  ['EncryptedPackage', 'an encrypted workbook or document', 'Save a copy without a password, and give that.'],
  ['WordDocument', 'a Word document (.doc)'],
  ['PowerPoint Document', 'a PowerPoint presentation'],
  ['__properties_version1.0', 'an Outlook message', 'Save its attachment, and give that.'],
  ['Workbook', 'an old Excel workbook (.xls)', 'Open it, save it as .xlsx or as "CSV UTF-8", and give that.'],
  ['Book', 'an old Excel workbook (.xls)', 'Open it, save it as .xlsx or as "CSV UTF-8", and give that.'],
];

/** The error for an old Office file, by as many of its bytes as there are. */
export function oldOffice(bytes: Buffer, name: string): RecordingError {
  const found = OFFICE_STREAMS.find(([stream]) => bytes.includes(Buffer.from(stream, 'utf16le')));
  return found === undefined
    ? notAList(name, 'an old Excel workbook (.xls) or another old Office document', 'Save it as .xlsx or as "CSV UTF-8", and give that.')
    : notAList(name, found[1], found[2]);
}

/** Letters that such a file begins with can begin an id too; in a file that is none, a byte follows soon that no id holds. */
function isPlainText(head: Buffer): boolean {
  return head.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 0x09);
}
