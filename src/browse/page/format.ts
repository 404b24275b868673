/** Bytes as a person reads them, in powers of 1000. */
export function bytesText(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return '';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** Seconds as a clock shows them: `1:05`, `1:02:03`. */
export function clockText(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return '';
  const whole = Math.floor(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** A moment as `2026-11-20 09:15`, in UTC, as the report's own time without a zone is read. */
export function momentText(time: number | undefined, day: string): string {
  if (time === undefined) return day;
  const iso = new Date(time).toISOString();
  return `${day || iso.slice(0, 10)} ${iso.slice(11, 16)}`;
}

/** A number with its thousands set apart. */
export function countText(value: number): string {
  return value.toLocaleString('en');
}

/**
 * A text with what nobody sees made visible: control and format characters, which could make one id look like another.
 */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
}
