import { describe, expect, test } from 'vitest';
import { shellWords } from '../../src/completion/shell-words.ts';

describe('the words of a line up to the cursor', () => {
  test.each<[line: string, words: string[]]>([
    ['', ['']],
    ['tool', ['tool']],
    ['tool ', ['tool', '']],
    ['tool  a\tb', ['tool', 'a', 'b']],
    ['tool --region=in', ['tool', '--region=in']],
    ['tool my\\ file', ['tool', 'my file']],
    ["tool 'my file", ['tool', 'my file']],
    ['tool "my \\"file\\"" x', ['tool', 'my "file"', 'x']],
    ['tool a"b c"d', ['tool', 'ab cd']],
    ['tool my\\', ['tool', 'my']],
    ['tool a\\ ', ['tool', 'a ']],
    ['tool x 2>/dev/null y', ['tool', 'x', 'y']],
    ['tool x < in y', ['tool', 'x', 'y']],
    ['tool x 2>&1 y', ['tool', 'x', 'y']],
    ['a | tool x', ['tool', 'x']],
    ['a && tool x ', ['tool', 'x', '']],
    ['tool $(touch pwned)', ['tool', '$(touch', 'pwned)']],
  ])('%j are %j', (line, words) => {
    expect(shellWords(line)).toEqual({ words, isRedirected: false });
  });

  test.each<[line: string, typed: string]>([
    ['tool x > ', ''],
    ['tool x >', ''],
    ['tool x > out', 'out'],
    ['tool x 2>>out', 'out'],
  ])('%j ends in the file of a redirection', (line, typed) => {
    const { words, isRedirected } = shellWords(line);
    expect([words.at(-1), isRedirected]).toEqual([typed, true]);
  });
});
