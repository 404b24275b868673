import type { Delimiter } from './list-row.ts';

/**
 * The fields of a line whose quotes are not as they should be, as `"Anna" <114>,114` or `"Anna \"the voice\"",114`: a delimiter counts where an
 * even number of quotes stands before it. Undefined where that does not come to `width` fields, where no width is known, and where a quote is
 * left open: then nobody can say what the fields are.
 */
export function lenientFields(line: string, delimiter: Delimiter, width: number | undefined): string[] | undefined {
  const fields = width === undefined ? undefined : splitOutsideQuotes(line, delimiter);
  return fields?.length === width ? fields?.map(unquote) : undefined;
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
  if (field.length < 2 || !field.startsWith('"') || !field.endsWith('"')) return field;
  return field.slice(1, -1).replaceAll('\\"', '"').replaceAll('""', '"');
}
