import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { brief, fishQuote, functionName, oneLine, quote } from '../../src/completion/text.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { describeShells, run } from './shells.ts';

describe('a description', () => {
  test.each([
    [
      'Save one recording, proven whole before it gets its name. Prints the path.',
      'Save one recording, proven whole before it gets its name',
    ],
    ['Save every recording named in a list: an id a line, or a report.', 'Save every recording named in a list'],
    ['how the service is asked; a 405 switches by itself', 'how the service is asked'],
    ['Delete a stored profile.', 'Delete a stored profile'],
    ['listen on 127.0.0.1, e.g. for tests', 'listen on 127.0.0.1, e.g. for tests'],
    ['Gibt aus. Änderungen bleiben.', 'Gibt aus'],
    ['as {Start Time:yyyy-MM-dd}', 'as {Start Time:yyyy-MM-dd}'],
    ['...', '..'],
    [': odd', ': odd'],
    ['', ''],
  ])('%j is cut to %j', (text, expected) => {
    expect(brief(text)).toBe(expected);
  });

  test('becomes one line without what moves the cursor or turns the writing', () => {
    expect(oneLine('  a\r\n\tb\u001b[31mc\u2028d\u202ee\u0000f\u0085 g  ')).toBe('a b [31mc d e f g');
  });
});

test('a name of a function holds letters, digits and underscores', () => {
  expect(functionName('kaleyra-rec 2.0')).toBe('kaleyra_rec_2_0');
});

describeShells((shell) => {
  test('reads a quoted text as what it was', async () => {
    const texts = fc
      .sample(fc.string({ unit: fc.constantFrom(...'\'"\\$`!#~*?[]{}()<>|&; \n\ta%é^=-:'), minLength: 1 }), { numRuns: 1000, seed: 4 })
      .concat('$(echo x)', "it's", "\\'", '\\\\', '`id`', '!!', '-n');
    const quoted = texts.map(shell === 'fish' ? fishQuote : quote);
    const folder = await tempFolder();
    const code = `printf '%s\\0' ${quoted.join(' ')}`;
    const shown = await run(shell, ['-c', code], { cwd: folder, env: { HOME: folder, PATH: process.env.PATH ?? '' } });
    expect(shown.split('\0').slice(0, -1)).toEqual(texts);
  });
});
