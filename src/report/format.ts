const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes as a person reads them, in powers of 1000: `0 B`, `981 B`, `1.2 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** A whole number as a person reads it: `7`, `12,345`. */
export function formatNumber(number: number): string {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** Milliseconds as a person reads them: `40 ms`, `2.4 s`, `12 s`, `3m 05s`, `2h 07m`. */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${pad(seconds % 60)}s`;
  return `${Math.floor(minutes / 60)}h ${pad(minutes % 60)}m`;
}

/** How long a recording plays, in seconds, as players show it: `0:07`, `12:05`, `1:02:03`; empty where it is not known. */
export function formatLength(seconds: number | undefined): string {
  if (seconds === undefined) return '';
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  const rest = pad(whole % 60);
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${rest}`;
}

/**
 * How much longer something takes, as a person reads it: `4 s left`, `25 s left`, `3m 40s left`, `2h 05m left`. Rounded up in steps that grow
 * with the time, since what is far off is not known to the second, and a number that stands still is easier to read.
 */
export function formatTimeLeft(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  const step = seconds <= 10 ? 1 : seconds <= 60 ? 5 : seconds <= 600 ? 10 : 60;
  const rounded = Math.ceil(seconds / step) * step;
  return `${rounded < 60 ? `${rounded} s` : formatDuration(rounded * 1000)} left`;
}

/** How much longer something is waited for: `waiting 12 s`. */
export function formatWait(ms: number): string {
  return `waiting ${Math.max(1, Math.ceil(ms / 1000))} s`;
}

/** How long nothing has come: `no answer for 48 s`. */
export function formatSilence(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `no answer for ${seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1000)}`;
}

/** How long ago something was: `just now`, `12 s ago`, `3 min ago`, `2 h ago`, `5 days ago`. */
export function formatAge(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 1) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${count(Math.floor(hours / 24), 'day')} ago`;
}

/** A number with its noun: `1 recording`, `12,345 recordings`. */
export function count(number: number, noun: string): string {
  return `${formatNumber(number)} ${noun}${number === 1 ? '' : 's'}`;
}

function pad(number: number): string {
  return String(number).padStart(2, '0');
}

/** When the next attempt follows: `Attempt 2 at once.`, `Attempt 3 in 1.5 s.` */
export function formatAttempt(attempt: number, delayMs: number): string {
  return `Attempt ${attempt} ${delayMs < 50 ? 'at once' : `in ${formatDuration(delayMs)}`}.`;
}
