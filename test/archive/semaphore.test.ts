import { describe, expect, it } from 'vitest';
import { Semaphore } from '../../src/archive/semaphore.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Takes a slot, and notes under which name when it was had. */
function taker(slots: Semaphore) {
  const had: string[] = [];
  return { had, take: (name: string) => void slots.take().then(() => had.push(name)) };
}

describe('Semaphore', () => {
  it('gives no more than there are, then one for each that comes back, in the order asked', async () => {
    const slots = new Semaphore(2);
    const { had, take } = taker(slots);
    for (const name of ['a', 'b', 'c', 'd']) take(name);
    await settle();
    expect(had).toEqual(['a', 'b']);
    slots.free();
    await settle();
    expect(had).toEqual(['a', 'b', 'c']);
    slots.free();
    slots.free();
    await settle();
    expect(had).toEqual(['a', 'b', 'c', 'd']);
  });

  it('keeps its bound after slots have been handed on', async () => {
    const slots = new Semaphore(1);
    const { had, take } = taker(slots);
    take('a');
    take('b');
    await settle();
    slots.free();
    take('c');
    await settle();
    expect(had).toEqual(['a', 'b']);
    slots.free();
    await settle();
    expect(had).toEqual(['a', 'b', 'c']);
  });

  it('says when all are free: at once where none was taken, else when the last one is back', async () => {
    const slots = new Semaphore(2);
    await slots.allFree();
    await slots.take();
    await slots.take();
    let free = 0;
    void slots.allFree().then(() => (free += 1));
    void slots.allFree().then(() => (free += 1));
    slots.free();
    await settle();
    expect(free).toBe(0);
    slots.free();
    await settle();
    expect(free).toBe(2);
  });
});
