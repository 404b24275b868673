import { MASK } from '../redact.ts';

/** How Kaleyra's keys look: `A` and 32 hexadecimal digits. */
const KEY = /(?<![A-Za-z0-9])A[0-9a-f]{32}(?![A-Za-z0-9])/gi;

/** Whether a text is an API key by its form: one that stands where something else belongs must not be shown. */
export function looksLikeKey(text: string): boolean {
  return text.replace(KEY, '') === '' && text !== '';
}

/** The text with everything masked that is an API key by its form. */
export function maskKeys(text: string): string {
  return text.replace(KEY, MASK);
}
