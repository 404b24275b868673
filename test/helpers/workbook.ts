import { ZipFile } from 'yazl';

/** A cell: a text or number as it is; or the type, style and content as a workbook writes them. */
export type Cell = string | number | undefined | { t?: string; s?: number; v?: string | number; is?: string };

/** A sheet: its rows, each a list of cells from column A on; or the XML of its `sheetData`. */
export interface SheetCells {
  name: string;
  rows?: readonly (readonly Cell[])[];
  xml?: string;
  hidden?: boolean;
}

export interface WorkbookShape {
  sheets: readonly SheetCells[];
  /** The formats that the styles 1, 2, … have: a code, or a built-in number. */
  formats?: readonly (string | number)[];
  from1904?: boolean;
  /** The `si` elements of the shared strings, as XML. */
  texts?: readonly string[];
  /** Whether relationships name their parts from the root on, as some writers do. */
  absolute?: boolean;
  /** A prefix that all element names have, as some writers do. */
  prefix?: string;
}

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const LINKS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** Writes a workbook (.xlsx), as its parts say it. */
export function makeWorkbook({
  sheets,
  formats = [],
  from1904 = false,
  texts,
  absolute = false,
  prefix = '',
}: WorkbookShape): Promise<Buffer> {
  const target = (part: string) => (absolute ? `/xl/${part}` : part);
  const parts: Record<string, string> = {
    '_rels/.rels': relationships([['rId1', 'officeDocument', absolute ? '/xl/workbook.xml' : 'xl/workbook.xml']]),
    'xl/_rels/workbook.xml.rels': relationships([
      ...sheets.map((_, index) => [`rId${index + 1}`, 'worksheet', target(`worksheets/sheet${index + 1}.xml`)] as const),
      ['rId90', 'styles', target('styles.xml')],
      ...(texts === undefined ? [] : [['rId91', 'sharedStrings', target('sharedStrings.xml')] as const]),
    ]),
    'xl/workbook.xml': `<workbook xmlns="${MAIN}" xmlns:r="${LINKS}"><workbookPr date1904="${from1904}"/><sheets>${sheets
      .map(
        ({ name, hidden }, index) =>
          `<sheet name="${escaped(name)}" sheetId="${index + 1}" ${hidden ? 'state="hidden"' : ''} r:id="rId${index + 1}"/>`,
      )
      .join('')}</sheets></workbook>`,
    'xl/styles.xml': `<styleSheet xmlns="${MAIN}"><numFmts>${formats
      .map((format, index) => (typeof format === 'string' ? `<numFmt numFmtId="${200 + index}" formatCode="${escaped(format)}"/>` : ''))
      .join('')}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>${formats
      .map((format, index) => `<xf numFmtId="${typeof format === 'string' ? 200 + index : format}"/>`)
      .join('')}</cellXfs></styleSheet>`,
    ...(texts === undefined ? {} : { 'xl/sharedStrings.xml': `<sst xmlns="${MAIN}">${texts.join('')}</sst>` }),
  };
  for (const [index, { rows = [], xml }] of sheets.entries()) {
    parts[`xl/worksheets/sheet${index + 1}.xml`] =
      `<worksheet xmlns="${MAIN}"><sheetData>${xml ?? rows.map((row, at) => rowXml(row, at + 1)).join('')}</sheetData></worksheet>`;
  }
  if (prefix !== '') for (const part of Object.keys(parts)) if (part.startsWith('xl/w')) parts[part] = prefixed(parts[part] ?? '', prefix);
  return makeZip(parts);
}

/** Writes an archive of texts. */
export async function makeZip(parts: Readonly<Record<string, string>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [part, text] of Object.entries(parts)) zip.addBuffer(Buffer.from(text), part);
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** A text as XML holds it. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function rowXml(row: readonly Cell[], number: number): string {
  const cells = row.map((cell, index) => {
    if (cell === undefined) return '';
    const { t, s, v, is } =
      typeof cell === 'string'
        ? { t: 'inlineStr', is: cell, s: undefined, v: undefined }
        : typeof cell === 'number'
          ? { v: cell }
          : { ...cell };
    const content = is === undefined ? `<v>${escaped(String(v ?? ''))}</v>` : `<is><t xml:space="preserve">${escaped(is)}</t></is>`;
    return `<c r="${String.fromCharCode(65 + index)}${number}" ${t === undefined ? '' : `t="${t}"`} ${s === undefined ? '' : `s="${s}"`}>${content}</c>`;
  });
  return `<row r="${number}">${cells.join('')}</row>`;
}

function relationships(links: readonly (readonly [id: string, type: string, target: string])[]): string {
  const items = links.map(([id, type, target]) => `<Relationship Id="${id}" Type="${LINKS}/${type}" Target="${target}"/>`);
  return `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${items.join('')}</Relationships>`;
}

function prefixed(xml: string, prefix: string): string {
  return xml.replace(/<(\/?)(?=[a-zA-Z])/gu, `<$1${prefix}:`).replace('xmlns=', `xmlns:${prefix}=`);
}
