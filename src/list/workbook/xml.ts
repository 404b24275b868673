import { SaxesParser } from 'saxes';

/** What happens in an XML text. Names come without their prefix. */
export interface XmlHandlers {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  /** Text, in as many pieces as it comes in. */
  text?(text: string): void;
  close?(name: string): void;
}

/** A text or tag that is longer than this is no workbook's, in characters. */
const MAX_TOKEN = 16 * 1024 * 1024;

/**
 * Reads XML piece by piece: each `next()` takes one more piece of the text. Entities that a document defines itself are refused, so none can
 * unfold. Throws what is wrong with the text, and the signal's reason once it is aborted.
 */
export async function* readXml(
  pieces: AsyncIterable<string>,
  handlers: XmlHandlers,
  signal: AbortSignal,
): AsyncGenerator<void, void, undefined> {
  const parser = new SaxesParser({ position: false });
  let sinceLast = 0;
  let any = false;
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    sinceLast = 0;
    handlers.open(localName(name), attributes as Record<string, string>);
  });
  parser.on('closetag', ({ name }) => {
    sinceLast = 0;
    handlers.close?.(localName(name));
  });
  if (handlers.text !== undefined) {
    parser.on('text', (text) => handlers.text?.(text));
    parser.on('cdata', (text) => handlers.text?.(text));
  }
  for await (const piece of pieces) {
    signal.throwIfAborted();
    any = true;
    sinceLast += piece.length;
    parser.write(piece);
    if (sinceLast > MAX_TOKEN) throw new Error('a cell in it is larger than 16 MB');
    yield;
  }
  // Of a part that is not there nothing comes.
  if (any) parser.close();
}

function localName(name: string): string {
  const colon = name.indexOf(':');
  return colon === -1 ? name : name.slice(colon + 1);
}
