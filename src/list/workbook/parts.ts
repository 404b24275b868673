import { damaged } from './damaged.ts';
import { type NumberKind, numberKind } from './number-format.ts';
import { readXml, type XmlHandlers } from './xml.ts';
import type { Zip } from './zip.ts';

/** A sheet with cells. */
export interface Sheet {
  name: string;
  /** Its part in the archive. */
  part: string;
  hidden: boolean;
}

/** What a workbook says of itself. */
export interface WorkbookParts {
  sheets: readonly Sheet[];
  /** Whether its days are counted from 1904, as Excel for the Mac did. */
  from1904: boolean;
  /** The texts that cells name by their number. */
  texts: readonly string[];
  /** What numbers mean, by the number of the cell's style. */
  styles: readonly NumberKind[];
}

/** All texts of a workbook may be so long together, in characters. */
const MAX_TEXTS = 256 * 1024 * 1024;

/** Reads what the cells of a workbook refer to. Gives undefined for an archive that is no workbook. Throws USAGE for a damaged one. */
export async function readParts(zip: Zip, name: string, signal: AbortSignal): Promise<WorkbookParts | undefined> {
  const read = async (part: string, handlers: XmlHandlers) => {
    try {
      for await (const _ of readXml(zip.read(part), handlers, signal));
    } catch (error) {
      signal.throwIfAborted();
      throw damaged(name, error);
    }
  };
  const root = await readLinks('', '_rels/.rels', read);
  const workbook = [...root.values()].find(({ type }) => type.endsWith('/officeDocument'))?.target ?? 'xl/workbook.xml';
  if (!zip.names.includes(workbook) || !workbook.endsWith('.xml')) return undefined;
  const folder = workbook.slice(0, workbook.lastIndexOf('/') + 1);
  const links = await readLinks(folder, `${folder}_rels/${workbook.slice(folder.length)}.rels`, read);
  const sheets: Sheet[] = [];
  let from1904 = false;
  let isWorkbook = false;
  await read(workbook, {
    open(tag, attributes) {
      if (tag === 'workbook') isWorkbook = true;
      if (tag === 'workbookPr') from1904 = ['1', 'true'].includes(attributes.date1904 ?? '');
      if (tag !== 'sheet') return;
      const id = Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1] ?? '';
      const link = links.get(id);
      const part = link?.target ?? `${folder}worksheets/sheet${sheets.length + 1}.xml`;
      if (link !== undefined && !link.type.endsWith('/worksheet')) return;
      sheets.push({ name: attributes.name ?? '', part, hidden: /hidden/iu.test(attributes.state ?? '') });
    },
  });
  if (!isWorkbook) return undefined;
  const partOf = (type: string) => [...links.values()].find((link) => link.type.endsWith(type))?.target ?? '';
  return {
    sheets,
    from1904,
    texts: await readTexts(partOf('/sharedStrings'), read),
    styles: await readStyles(partOf('/styles'), read),
  };
}

type ReadPart = (part: string, handlers: XmlHandlers) => Promise<void>;

async function readLinks(folder: string, part: string, read: ReadPart): Promise<Map<string, { target: string; type: string }>> {
  const links = new Map<string, { target: string; type: string }>();
  await read(part, {
    open(tag, { Id = '', Target = '', Type = '' }) {
      if (tag !== 'Relationship') return;
      const target = Target.startsWith('/') ? Target.slice(1) : new URL(Target, `zip:///${folder}`).pathname.slice(1);
      links.set(Id, { target, type: Type });
    },
  });
  return links;
}

async function readTexts(part: string, read: ReadPart): Promise<string[]> {
  const texts: string[] = [];
  const collector = new TextCollector();
  let size = 0;
  await read(part, {
    open: (tag) => collector.open(tag),
    text: (text) => collector.text(text),
    close(tag) {
      collector.close(tag);
      if (tag !== 'si') return;
      const text = collector.take();
      size += text.length;
      if (size > MAX_TEXTS) throw new Error('its texts are larger than 256 MB');
      texts.push(text);
    },
  });
  return texts;
}

/** Collects the text of a cell out of its runs; what is only a guide to pronunciation is left out. */
export class TextCollector {
  #text = '';
  #collects = false;
  #phonetic = false;

  open(tag: string): void {
    if (tag === 't') this.#collects = !this.#phonetic;
    else if (tag === 'rPh') this.#phonetic = true;
  }

  text(text: string): void {
    if (this.#collects) this.#text += text;
  }

  close(tag: string): void {
    if (tag === 't') this.#collects = false;
    else if (tag === 'rPh') this.#phonetic = false;
  }

  take(): string {
    const text = decodeEscapes(this.#text);
    this.#text = '';
    return text;
  }
}

/** Characters that XML cannot hold stand as `_x000D_` (ECMA-376 part 1, 22.9.2.19). */
export function decodeEscapes(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replace(/_x([\dA-Fa-f]{4})_/gu, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

async function readStyles(part: string, read: ReadPart): Promise<NumberKind[]> {
  const codes = new Map<number, string>();
  const styles: NumberKind[] = [];
  let inCells = false;
  await read(part, {
    open(tag, attributes) {
      if (tag === 'numFmt') codes.set(Number(attributes.numFmtId), attributes.formatCode ?? '');
      else if (tag === 'cellXfs') inCells = true;
      else if (tag === 'xf' && inCells) {
        const id = Number(attributes.numFmtId ?? 0);
        styles.push(numberKind(id, codes.get(id)));
      }
    },
    close(tag) {
      if (tag === 'cellXfs') inCells = false;
    },
  });
  return styles;
}
