import { describe, expect, it } from 'vitest';
import { errorLines } from '../../src/report/error-lines.ts';
import { error } from './events.ts';

describe('an error in two lines', () => {
  it('says what happened, and what to do', () => {
    expect(errorLines(error('It is gone.'), false)).toEqual(['error: It is gone.', 'hint: Check the id.']);
  });

  it('names the recording where several were asked for', () => {
    expect(errorLines(error('It is gone.'), false, 'a==')).toEqual(['error: a==: It is gone.', 'hint: Check the id.']);
  });

  it('colours the first words alone', () => {
    expect(errorLines(error('It is gone.'), true)).toEqual([
      '\u001b[31;1merror:\u001b[0m It is gone.',
      '\u001b[2mhint:\u001b[0m Check the id.',
    ]);
  });

  it('is two lines whatever the message and the id hold', () => {
    const lines = errorLines(error('two\nlines \u001b[2J'), false, 'a\r\nb');
    expect(lines).toEqual(['error: a\\u000d\\u000ab: two\\u000alines \\u001b[2J', 'hint: Check the id.']);
  });
});
