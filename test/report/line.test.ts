import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { ASCII, composeLine, cutTo, type LineContent, UNICODE } from '../../src/report/line.ts';

const compose = (content: LineContent, width: number, glyphs = UNICODE) => composeLine(content, width, glyphs, stringWidth);
const batch: LineContent = {
  share: 0.5,
  parts: [
    { text: '50/100', importance: 1 },
    { text: '3 failed', importance: 3 },
    { text: '2 skipped', importance: 10 },
    { text: '1.2 GB', importance: 6 },
    { text: 'waiting 12 s', more: { text: ': too many requests', importance: 4 }, importance: 2 },
  ],
};

describe('a status line', () => {
  it('shows all there is, in its order, where there is room', () => {
    expect(compose(batch, 120)).toBe(
      `${'█'.repeat(12)}${'░'.repeat(12)}  50/100  3 failed  2 skipped  1.2 GB  waiting 12 s: too many requests`,
    );
  });

  it('leaves out what matters least, then makes the bar smaller than the room, then says less', () => {
    expect(compose(batch, 69)).toBe('█████░░░░░  50/100  3 failed  1.2 GB  waiting 12 s: too many requests');
    expect(compose(batch, 62)).toBe('██████░░░░░  50/100  3 failed  waiting 12 s: too many requests');
    expect(compose(batch, 40)).toBe('████░░░░  50/100  3 failed  waiting 12 s');
    expect(compose(batch, 30)).toBe('50/100  3 failed  waiting 12 s');
    expect(compose(batch, 29)).toBe('50/100  waiting 12 s');
    expect(compose(batch, 19)).toBe('50/100');
  });

  it('cuts only the most important part, and that last', () => {
    expect(compose(batch, 6)).toBe('50/100');
    expect(compose(batch, 5)).toBe('50/10');
    expect(compose(batch, 0)).toBe('');
    expect(compose(batch, -3)).toBe('');
  });

  it('draws with ASCII where nothing else is to be had', () => {
    expect(compose({ share: 0.5, parts: [] }, 8, ASCII)).toBe('####----');
  });

  it.each([
    [0, '░░░░░░░░'],
    [0.001, '█░░░░░░░'],
    [0.5, '████░░░░'],
    [0.9999, '███████░'],
    [1, '████████'],
  ])('has a bar for %d that is full or empty only when that is so', (share, bar) => {
    expect(compose({ share, parts: [] }, 8)).toBe(bar);
  });

  it('colours what it keeps, which takes no room', () => {
    const paint = (text: string) => `\u001b[31m${text}\u001b[39m`;
    expect(compose({ parts: [{ text: '12', paint, importance: 1 }] }, 2)).toBe('\u001b[31m12\u001b[39m');
  });

  it('never is wider than the room, whatever it is to show', () => {
    const part = fc.record({ text: fc.string({ unit: 'grapheme' }), importance: fc.integer({ min: 1, max: 10 }) });
    fc.assert(
      fc.property(
        fc.array(part),
        fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
        fc.nat(100),
        (parts, share, width) => {
          expect(stringWidth(compose({ parts, share }, width))).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});

describe('cutting', () => {
  it('counts characters of East Asian scripts as the two columns that they take', () => {
    expect(cutTo('通話記録', 5, stringWidth)).toBe('通話');
    expect(cutTo('通話記録', 8, stringWidth)).toBe('通話記録');
  });

  it('takes nothing apart that is seen as one character', () => {
    expect(cutTo('e\u0301👨‍👩‍👧x', 3, stringWidth)).toBe('e\u0301👨‍👩‍👧');
    expect(cutTo('e\u0301👨‍👩‍👧x', 2, stringWidth)).toBe('e\u0301');
  });
});
