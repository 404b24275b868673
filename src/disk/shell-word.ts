/** A word as a POSIX shell takes it: as it is where it can be, else in quotes. */
export function shellWord(word: string): string {
  return /^[\w./=+:@%-]+$/.test(word) && !word.startsWith('-') ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
