import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The name under which a signed link carries its signature; masked, `***` follows, in a file's name encoded. */
const SIGNATURE = 'x-amz-signature';
const MASKED = /^(?:=|%3d)(?:\*\*\*|%2a%2a%2a)/;

/**
 * Which secrets a text or the bytes of a file hold, as they stand or in base64: `signature` for a link's that is not masked, `secret` for
 * one of the values. Empty where it holds none.
 */
export function secretsIn(content: string | Buffer, values: Iterable<string>): string[] {
  // Latin-1 keeps every byte, so that a file of any kind can be searched as text.
  const text = (typeof content === 'string' ? content : content.toString('latin1')).toLowerCase();
  const found: string[] = [];
  for (let at = text.indexOf(SIGNATURE); at >= 0; at = text.indexOf(SIGNATURE, at + 1)) {
    if (!MASKED.test(text.slice(at + SIGNATURE.length, at + SIGNATURE.length + 12))) found.push('signature');
  }
  for (const value of values) {
    const forms = [value, Buffer.from(value).toString('base64').replace(/=+$/, '')];
    if (forms.some((form) => text.includes(form.toLowerCase()))) found.push('secret');
  }
  return found;
}

/** The secrets in the names and the bytes of all files below a folder, each with its path: `manifest.jsonl: signature`. */
export function secretsBelow(folder: string, values: Iterable<string>): string[] {
  const known = [...values];
  return filesBelow(folder).flatMap((file) => {
    // A pipe keeps nothing, and reading one that nobody writes to never ends.
    const holds = lstatSync(join(folder, file)).isFIFO() ? [] : secretsIn(readFileSync(join(folder, file)), known);
    const found = [...secretsIn(file, known), ...holds];
    return found.map((what) => `${file}: ${what}`);
  });
}

/** The files below a folder, relative to it, sorted. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
