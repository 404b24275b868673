import { describe, expect, it } from 'vitest';
import { type Place, Turns } from '../../src/batch/turns.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Turns with a clock that the test moves, and what has begun by now. */
function turnsOf(most: number) {
  const clock = { ms: 0, elapsed: () => clock.ms };
  const turns = new Turns(most, clock);
  const begun: Place[] = [];
  const begin = (count: number) => {
    for (let n = 0; n < count; n += 1) void turns.begin().then((place) => begun.push(place));
    return settle();
  };
  /** Begins one recording, and brings it to its end after so many milliseconds. */
  const fetchOne = async (ms: number) => {
    const place = await turns.begin();
    await place.take();
    clock.ms += ms;
    place.end();
    place.leave();
  };
  return { clock, turns, begun, begin, fetchOne };
}

/** What of these places has its turn by now. */
async function inTurn(places: readonly Place[]): Promise<number[]> {
  const had: number[] = [];
  for (const [index, place] of places.entries()) void place.take().then(() => had.push(index));
  await settle();
  return had;
}

describe('Turns', () => {
  it('begins as many as may be fetched at once, and none ahead while nobody knows how long one takes', async () => {
    const { begun, begin } = turnsOf(3);
    await begin(10);
    expect(begun).toHaveLength(3);
    expect(await inTurn(begun)).toEqual([0, 1, 2]);
  });

  it('begins as many ahead as may be fetched at once, where one takes no time', async () => {
    const { begun, begin, fetchOne } = turnsOf(3);
    await fetchOne(0);
    await begin(10);
    expect(begun).toHaveLength(3);
    expect(await inTurn(begun)).toEqual([0, 1, 2]);
    expect(begun).toHaveLength(6);
  });

  it.each([
    [1000, 10],
    [2000, 10],
    [4000, 5],
    [20_000, 1],
    [21_000, 0],
  ])('begins ahead only what has its turn within two seconds: where one takes %i ms, %i of ten', async (ms, ahead) => {
    const { begun, begin, fetchOne } = turnsOf(10);
    await fetchOne(ms);
    await begin(30);
    await inTurn(begun);
    expect(begun).toHaveLength(10 + ahead);
  });

  it('goes by the recordings of late: after long ones fewer begin ahead, after short ones more', async () => {
    const { begun, begin, fetchOne } = turnsOf(10);
    await fetchOne(100);
    for (let n = 0; n < 30; n += 1) await fetchOne(60_000);
    await begin(30);
    await inTurn(begun);
    expect(begun).toHaveLength(10);
  });

  it('begins none ahead where one is to be fetched at a time', async () => {
    const { begun, begin, fetchOne } = turnsOf(1);
    await fetchOne(1);
    await begin(3);
    expect(begun).toHaveLength(1);
    await begun[0]?.take();
    await settle();
    expect(begun).toHaveLength(1);
    begun[0]?.leave();
    await settle();
    expect(begun).toHaveLength(2);
  });

  it('gives a turn that comes free to the one who has waited longest', async () => {
    const { begun, begin, fetchOne } = turnsOf(2);
    await fetchOne(1);
    await begin(4);
    const had: number[] = [];
    for (const index of [0, 1]) void begun[index]?.take();
    await settle();
    for (const index of [3, 2]) void begun[index]?.take().then(() => had.push(index));
    await settle();
    expect(had).toEqual([]);
    begun[0]?.end();
    await settle();
    expect(had).toEqual([3]);
    begun[1]?.leave();
    await settle();
    expect(had).toEqual([3, 2]);
  });

  it('keeps its bound when one ends twice, or leaves after its end', async () => {
    const { begun, begin } = turnsOf(1);
    await begin(4);
    begun[0]?.end();
    begun[0]?.end();
    begun[0]?.leave();
    begun[0]?.leave();
    await settle();
    expect(begun).toHaveLength(2);
  });

  it('begins another in place of one that leaves before its turn', async () => {
    const { begun, begin, fetchOne } = turnsOf(2);
    await fetchOne(1);
    await begin(5);
    expect(begun).toHaveLength(2);
    begun[0]?.leave();
    await settle();
    expect(begun).toHaveLength(3);
    expect(await inTurn(begun.slice(1))).toEqual([0, 1]);
  });

  it('begins no more while as many as may be fetched at once are still brought to their end', async () => {
    const { begun, begin, fetchOne } = turnsOf(2);
    await fetchOne(1);
    await begin(10);
    for (let n = 0; n < 2; n += 1) {
      await begun[n]?.take();
      begun[n]?.end();
    }
    await settle();
    const before = begun.length;
    begun[2]?.leave();
    await settle();
    expect(begun).toHaveLength(before);
    begun[0]?.leave();
    await settle();
    expect(begun.length).toBeGreaterThan(before);
  });

  it('says when all that was begun has left: at once where nothing was, else with the last one', async () => {
    const { turns, begun, begin } = turnsOf(2);
    await turns.empty();
    await begin(2);
    let told = false;
    void turns.empty().then(() => {
      told = true;
    });
    begun[0]?.leave();
    begun[1]?.end();
    await settle();
    expect(told).toBe(false);
    begun[1]?.leave();
    await settle();
    expect(told).toBe(true);
  });
});
