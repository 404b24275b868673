/** A text as one line that a terminal shows as it stands: no line breaks, control characters or marks that turn the direction of writing. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
}

/** The first statement of a description, on one line and without its full stop: what has room in a list of proposals. */
export function brief(text: string): string {
  const line = oneLine(text);
  return /^(.+?)(?:\.(?= \p{Lu}|$)|[:;](?= ))/u.exec(line)?.[1] ?? line;
}

/** A text as one word of bash, zsh and sh. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A text as one word of fish, where a backslash counts inside quotes too. */
export function fishQuote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

/** The tool's name as a part of the name of a function, in any shell. */
export function functionName(tool: string): string {
  return tool.replace(/[^A-Za-z0-9]/g, '_');
}
