/** What a recording is sorted by: numbers come before texts, and what has neither comes last, whichever way it goes. */
export type SortKey = number | string | undefined;

/** So much of a text is compared, in UTF-16 units: a million values are kept while they are sorted. */
const MOST_COMPARED = 60;
/** A longer number is a telephone number or an id, and would lose digits. */
const LONGEST_NUMBER = 15;

/** The key of a column's value; upper and lower case are alike. */
export function textKey(value: string): SortKey {
  const text = value.trim();
  if (text === '') return undefined;
  if (text.length <= LONGEST_NUMBER && /^[+-]?\d+(?:[.,]\d+)?$/.test(text)) return Number(text.replace(',', '.'));
  return text.slice(0, MOST_COMPARED).normalize('NFC').toLowerCase();
}

/** The indexes of the keys, in the order of these; keys that are alike stay as they stand. */
export function inOrder(keys: readonly SortKey[], backwards: boolean): Uint32Array {
  const order = Uint32Array.from(keys, (_, index) => index);
  const sign = backwards ? -1 : 1;
  return order.sort((one, other) => compare(keys[one], keys[other], sign) || one - other);
}

function compare(one: SortKey, other: SortKey, sign: number): number {
  if (one === other) return 0;
  if (one === undefined) return 1;
  if (other === undefined) return -1;
  if (typeof one !== typeof other) return typeof one === 'number' ? -sign : sign;
  return one < other ? -sign : sign;
}
