import type { Colorize } from './color.ts';

/** One thing that a status line tells. */
export interface Part {
  text: string;
  /** What is added to the text where there is room; of less importance than the text. */
  more?: { text: string; importance: number };
  paint?: Colorize;
  /** 1 for what the line is there for, and stays; the higher the number, the sooner it is left out where there is no room. */
  importance: number;
}

/** What a status line tells, in the order to show it in. */
export interface LineContent {
  /** How much is done, from 0 to 1, to be drawn as a bar before the parts. Left out where it is not known. */
  share?: number | undefined;
  parts: readonly Part[];
}

/** The signs to draw with. */
export interface Glyphs {
  full: string;
  empty: string;
  /** Stands before what is done. */
  done: string;
}

/** For terminals whose fonts have them. */
export const UNICODE: Glyphs = { full: '█', empty: '░', done: '✔' };

/** For the others, as the console of older Windows and Linux without a desktop. */
export const ASCII: Glyphs = { full: '#', empty: '-', done: '+' };

/** Narrower says nothing, wider says no more. */
const BAR = { least: 8, most: 24, importance: 5 };
const GAP = '  ';

/**
 * A status line of at most `width` columns. Parts are left out by importance until the rest fits; the bar gets what room remains. Only the
 * most important part is ever cut.
 *
 * @param widthOf the columns that a text takes on the terminal, as string-width tells them.
 */
export function composeLine({ share, parts }: LineContent, width: number, glyphs: Glyphs, widthOf: (text: string) => number): string {
  const texts = new Map<Part, string>();
  let hasBar = false;
  const wishes: { importance: number; width: number; isMore?: true; grant: () => void }[] = [];
  for (const part of parts) {
    const { text, more, importance } = part;
    wishes.push({ importance, width: widthOf(text) + GAP.length, grant: () => texts.set(part, text) });
    if (more !== undefined)
      wishes.push({ ...more, width: widthOf(more.text), isMore: true, grant: () => texts.set(part, text + more.text) });
  }
  if (share !== undefined) {
    const grant = () => {
      hasBar = true;
    };
    wishes.push({ importance: BAR.importance, width: BAR.least + GAP.length, grant });
  }
  // Each counts with a gap, of which the line has one fewer.
  let room = width + GAP.length;
  for (const wish of wishes.sort((one, other) => one.importance - other.importance)) {
    if (wish.width > room) {
      if (wish.isMore) continue;
      break;
    }
    room -= wish.width;
    wish.grant();
  }
  if (texts.size === 0 && !hasBar) return cutTo(parts.find(({ importance }) => importance === 1)?.text ?? '', width, widthOf);
  const shown = [...texts]
    .sort(([one], [other]) => parts.indexOf(one) - parts.indexOf(other))
    .map(([{ paint }, text]) => paint?.(text) ?? text);
  if (share !== undefined && hasBar) shown.unshift(drawBar(share, Math.min(BAR.most, BAR.least + room), glyphs));
  return shown.join(GAP);
}

/** A bar that is full only when all is done, and empty only when nothing is. */
function drawBar(share: number, width: number, { full, empty }: Glyphs): string {
  const inner = Math.min(width - 1, Math.max(1, Math.round(share * width)));
  const filled = share >= 1 ? width : share > 0 ? inner : 0;
  return full.repeat(filled) + empty.repeat(width - filled);
}

/** The beginning of a text that takes at most `width` columns. What a reader sees as one character is not taken apart. */
export function cutTo(text: string, width: number, widthOf: (text: string) => number): string {
  let cut = '';
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += widthOf(segment);
    if (used > width) break;
    cut += segment;
  }
  return cut;
}
