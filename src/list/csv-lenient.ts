import type { Delimiter } from './list-row.ts';

/**
 * The fields of a line whose quotes are not as they should be. As in `"Anna" <114>,114` or `"Anna \"the voice\"",114`, a delimiter counts where
 * an even number of quotes stands before it; else, as in `"a 24" screen",114`, each does, if every field that begins with a quote ends with one.
 * Undefined where neither comes to `width` fields, or no width is known: then nobody can say what the fields are.
 */
export function lenientFields(line: string, delimiter: Delimiter, width: number | undefined): string[] | undefined {
  if (width === undefined) return undefined;
  const paired = splitOutsideQuotes(line, delimiter);
  if (paired?.length === width) return paired.map(unquote);
  const fields = line.split(delimiter);
  const isWhole = (field: string) => !field.startsWith('"') || (field.length > 1 && field.endsWith('"'));
  return fields.length === width && fields.every(isWhole) ? fields.map(unquote) : undefined;
}

/** Whether a quote is opened in a line and not closed there. */
export function leavesQuoteOpen(line: string): boolean {
  return line.split('"').length % 2 === 0;
}

function splitOutsideQuotes(line: string, delimiter: Delimiter): string[] | undefined {
  const fields: string[] = [];
  let within = false;
  let from = 0;
  for (let at = 0; at < line.length; at++) {
    const character = line[at];
    if (character === '"') within = !within;
    else if (character === delimiter && !within) {
      fields.push(line.slice(from, at));
      from = at + 1;
    }
  }
  fields.push(line.slice(from));
  return within ? undefined : fields;
}

function unquote(field: string): string {
  if (!field.startsWith('"') || !field.endsWith('"')) return field;
  return field.slice(1, -1).replaceAll('\\"', '"').replaceAll('""', '"');
}
