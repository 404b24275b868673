/** What a number means by its format: `zeros` pads it to so many digits. */
export type NumberKind = 'number' | 'date' | 'time' | 'datetime' | 'duration' | { zeros: number };

/**
 * The kinds of the formats that have a number and no code (ECMA-376 part 1, 18.8.30; those from 27 to 36 and 50 to 58 as Excel has them in
 * Chinese, Japanese and Korean).
 */
const BUILT_IN: Readonly<Record<number, NumberKind>> = {
  ...kinds([14, 15, 16, 17, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 55, 56, 57, 58], 'date'),
  ...kinds([18, 19, 20, 21, 32, 33, 34, 35], 'time'),
  22: 'datetime',
  ...kinds([45, 46, 47], 'duration'),
};

function kinds(ids: readonly number[], kind: NumberKind): Record<number, NumberKind> {
  return Object.fromEntries(ids.map((id) => [id, kind]));
}

/** The kind of a format: by its code where it has one (`dd/mm/yyyy hh:mm`), else by its number. */
export function numberKind(id: number, code: string | undefined): NumberKind {
  if (code === undefined) return BUILT_IN[id] ?? 'number';
  const [first = ''] = code.replace(/"[^"]*"|\\.|_.|\*./gu, '').split(';');
  if (/\[(?:h+|m+|s+)\]/iu.test(first)) return 'duration';
  const plain = first
    .replace(/\[[^\]]*\]/gu, '')
    .replace(/AM\/PM|A\/P|上午\/下午|general/giu, '')
    .trim()
    .toLowerCase();
  if (/^0{2,}$/u.test(plain)) return { zeros: plain.length };
  const hasTime = /[hs]/u.test(plain);
  // An m beside hours or seconds is minutes, if no day or year stands there too.
  const hasDate = /[yd]/u.test(plain) || (/m/u.test(plain) && !hasTime);
  if (hasDate) return hasTime ? 'datetime' : 'date';
  if (!hasTime) return 'number';
  return /h/u.test(plain) ? 'time' : 'duration';
}

const DAY_SECONDS = 24 * 60 * 60;
/** 31 December 9999, Excel's last day. */
const LAST_DAY = 2_958_465;

/**
 * A number of a workbook as its cell means it: a day as `2026-11-20`, a moment as `2026-11-20T09:15:00`, a time as `09:15:00`, a duration as
 * `1:02:03`; else the number with the 15 digits that Excel shows. `from1904` is the workbook's date system.
 */
export function numberText(value: number, kind: NumberKind, from1904: boolean): string {
  if (typeof kind === 'object') return Number.isInteger(value) && value >= 0 ? String(value).padStart(kind.zeros, '0') : plainNumber(value);
  if (kind === 'number' || value < 0 || value > LAST_DAY) return plainNumber(value);
  const seconds = Math.round(value * DAY_SECONDS);
  if (kind === 'duration') return clock(seconds, 1);
  if (kind === 'time' && value < 1) return clock(seconds % DAY_SECONDS, 2);
  // Excel counts 29 February 1900, which never was: from 1 March on its days are one too many.
  const epoch = from1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, value < 60 ? 31 : 30);
  const iso = new Date(epoch + seconds * 1000).toISOString();
  return kind === 'date' && seconds % DAY_SECONDS === 0 ? iso.slice(0, 10) : iso.slice(0, 19);
}

function plainNumber(value: number): string {
  if (Number.isInteger(value)) return Math.abs(value) < 1e21 ? BigInt(value).toString() : String(value);
  return String(Number(value.toPrecision(15)));
}

function clock(seconds: number, hourDigits: number): string {
  const two = (number: number) => String(number).padStart(2, '0');
  return `${String(Math.floor(seconds / 3600)).padStart(hourDigits, '0')}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
