import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeName, foldName, MAX_STEM_BYTES, recordingFileName } from '../../src/archive/file-name.ts';

/** Any string at all, lone surrogates included, and those that are hard on names more often. */
const text = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.string({ minLength: 1, unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 1 }).map((units) => String.fromCharCode(...units)),
  fc
    .array(fc.constantFrom(...'./\\:*?"<>|%~- \t\0éßİ', '%2F', 'con', 'NUL', 'COM1', 'lpt9', '\ud800', '\udc00', '\u202e'), {
      minLength: 1,
      maxLength: 8,
    })
    .map((parts) => parts.join('')),
  fc.string({ minLength: 100, maxLength: 400, unit: 'grapheme' }),
);

/** Undoes the encoding as any percent decoder does, for well-formed texts. */
const decode = decodeURIComponent;

describe('encodeName', () => {
  test.each([
    ['1a2b8agiu587==', '1a2b8agiu587=='],
    ["a+b=é 日本😀,;!#$&()[]{}~@^`'", "a+b=é 日本😀,;!#$&()[]{}~@^`'"],
    ['a/b', 'a%2Fb'],
    ['\\:*?"<>|%', '%5C%3A%2A%3F%22%3C%3E%7C%25'],
    ['%2F', '%252F'],
    ['../../etc/passwd', '%2E.%2F..%2Fetc%2Fpasswd'],
    ['.', '%2E'],
    ['..', '%2E%2E'],
    ['...', '%2E.%2E'],
    ['.hidden', '%2Ehidden'],
    ['-rf', '%2Drf'],
    [' a ', '%20a%20'],
    ['a.', 'a%2E'],
    ['a. ', 'a.%20'],
    ['a-b.c d', 'a-b.c d'],
    ['a\n\0\x7f\x85', 'a%0A%00%7F%C2%85'],
    ['a\u2028\u2029', 'a%E2%80%A8%E2%80%A9'],
    ['gpj\u202e.exe', 'gpj%E2%80%AE.exe'],
    ['\u200ea\u2066b\ufeff', '%E2%80%8Ea%E2%81%A6b%EF%BB%BF'],
    ['a\uffff', 'a%EF%BF%BF'],
    ['\ud800', '%ED%A0%80'],
    ['a\udfffb', 'a%ED%BF%BFb'],
    ['\ud83d\ude00', '😀'],
    ['CON', '%43ON'],
    ['con', '%63on'],
    ['con.txt', '%63on.txt'],
    ['Aux .x', '%41ux .x'],
    ['com0', '%63om0'],
    ['LPT9.', 'LPT9%2E'],
    ['COM¹', '%43OM¹'],
    ['lpt³.a', '%6Cpt³.a'],
    ['CONIN$', '%43ONIN$'],
    ['conout$.log', '%63onout$.log'],
    ['nul', '%6Eul'],
    ['PRN', '%50RN'],
    ['CONSOLE', 'CONSOLE'],
    ['COM10', 'COM10'],
    ['xCON', 'xCON'],
    ['a.con', 'a.con'],
    ['', ''],
  ])('writes %j as %j', (given, expected) => {
    expect(encodeName(given)).toBe(expected);
  });

  test('never leaves what a file system, shell or terminal cannot bear', () => {
    fc.assert(
      fc.property(text, (given) => {
        const name = encodeName(given);
        expect(name).not.toMatch(/[/\\:*?"<>|\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
        expect(name).not.toMatch(/^[.\- ]|[. ]$/);
        expect(name).not.toMatch(/^(con|prn|aux|nul|(com|lpt)[0-9¹²³]|conin\$|conout\$)\s*(\.|$)/i);
        expect(name).not.toBe('');
      }),
      { numRuns: 1000 },
    );
  });

  test('loses nothing: the text can be decoded from the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (given) => {
        expect(decode(encodeName(given))).toBe(given);
      }),
    );
  });

  test('gives different names to different texts', () => {
    fc.assert(
      fc.property(fc.uniqueArray(text, { minLength: 2, maxLength: 50 }), (texts) => {
        expect(new Set(texts.map(encodeName)).size).toBe(texts.length);
      }),
    );
    expect(encodeName('\ud800')).not.toBe(encodeName('\ufffd'));
  });
});

describe('recordingFileName', () => {
  test('is the id with the extension', () => {
    expect(recordingFileName('1a2b/8agiu587==', 'mp3')).toBe('1a2b%2F8agiu587==.mp3');
  });

  test('keeps an id whole up to the bound, and cuts a longer one with a hash of the whole id', () => {
    const longest = 'a'.repeat(MAX_STEM_BYTES);
    const longer = `${longest}a`;
    const hash = createHash('sha256').update(longer).digest('hex').slice(0, 16);
    expect(recordingFileName(longest, 'mp3')).toBe(`${longest}.mp3`);
    expect(recordingFileName(longer, 'mp3')).toBe(`${'a'.repeat(MAX_STEM_BYTES - 17)}~${hash}.mp3`);
  });

  test.each([
    ['é', 'é', 2],
    ['日', '日', 3],
    ['😀', '😀', 4],
    ['/', '%2F', 3],
    ['\u202e', '%E2%80%AE', 9],
    ['\ud800', '%ED%A0%80', 9],
  ])('cuts ids of %j at whole characters', (character, encoded, size) => {
    const [stem = ''] = recordingFileName(character.repeat(300), 'mp3').split('~');
    expect(stem).toBe(encoded.repeat(Math.floor((MAX_STEM_BYTES - 17) / size)));
  });

  test('gives long ids that differ only at their ends different names', () => {
    const start = 'a'.repeat(300);
    expect(recordingFileName(`${start}1`, 'mp3')).not.toBe(recordingFileName(`${start}2`, 'mp3'));
  });

  test('fits a file system with the suffix of an unfinished file, is no path and hides nothing', () => {
    fc.assert(
      fc.property(text, fc.constantFrom('mp3', 'wav', 'webm', 'bin'), (id, extension) => {
        const name = recordingFileName(id, extension);
        expect(Buffer.byteLength(`${name}.part.json`)).toBeLessThanOrEqual(255);
        expect(name).not.toMatch(/[/\\]/);
        expect(name.startsWith('.')).toBe(false);
        expect(name.endsWith(`.${extension}`)).toBe(true);
        expect(Buffer.from(name).toString()).toBe(name);
      }),
      { numRuns: 1000 },
    );
  });

  test('asks with the folded name whether it is taken, and appends a hash then', () => {
    const asked: string[] = [];
    const name = recordingFileName('AbC==', 'mp3', (folded) => asked.push(folded) === 1);
    const hash = createHash('sha256').update('AbC==').digest('hex').slice(0, 16);
    expect(name).toBe(`AbC==~${hash}.mp3`);
    expect(asked).toEqual(['abc==.mp3', foldName(name)]);
  });

  test('gives every id a name of its own on a disk that ignores letter case', () => {
    const alike = fc.array(fc.constantFrom('a', 'A', 'é', 'E\u0301', 'ß', 'SS', 'ſ', 'K', '\u212a'), { minLength: 1, maxLength: 3 });
    const ids = fc.uniqueArray(
      fc.oneof(
        alike.map((parts) => parts.join('')),
        text,
      ),
      { minLength: 2, maxLength: 30 },
    );
    fc.assert(
      fc.property(ids, (list) => {
        const names = new Set<string>();
        for (const id of list) names.add(foldName(recordingFileName(id, 'mp3', (folded) => names.has(folded))));
        expect(names.size).toBe(list.length);
      }),
    );
  });

  test('finds a name even where another id spells the hashed one', () => {
    const names = new Map<string, string>();
    const add = (id: string) => {
      const name = recordingFileName(id, 'mp3', (folded) => names.has(folded));
      names.set(foldName(name), id);
      return name;
    };
    add('ABC');
    add(`abc~${createHash('sha256').update('abc').digest('hex').slice(0, 16)}`);
    expect(add('abc')).toMatch(/^abc~[0-9a-f]{16}\.mp3$/);
    expect(names.size).toBe(3);
  });

  test('does not search for ever where everything is said to be taken', () => {
    expect(() => recordingFileName('a', 'mp3', () => true)).toThrow();
  });
});

describe('foldName', () => {
  test.each([
    ['ABC', 'abc'],
    ['É', 'e\u0301'],
    ['Å', '\u212b'],
    ['K', '\u212a'],
    ['ß', 'ẞ'],
    ['ß', 'SS'],
    ['ΑΣ', 'ας'],
    ['ας', 'ασ'],
    ['ﬁ', 'FI'],
    ['ſ', 'S'],
    ['Ⴀ', 'ⴀ'],
    ['𐐀', '𐐨'],
    ['a\u200db', 'ab'],
  ])('makes %j and %j meet', (one, other) => {
    expect(foldName(one)).toBe(foldName(other));
  });

  test('keeps different letters apart', () => {
    expect(new Set(['a', 'b', 'é', 'e', 'ä', 'æ', 'ae', '1', '=', '+'].map(foldName)).size).toBe(10);
  });

  test('changes nothing the second time, and does not see letter case or composition', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const folded = foldName(name);
        expect(foldName(folded)).toBe(folded);
        for (const same of [name.toUpperCase(), name.toLowerCase(), name.normalize('NFC'), name.normalize('NFD')]) {
          expect(foldName(same)).toBe(folded);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
