import { describe, expect, it } from 'vitest';
import { Slots } from '../../src/batch/slots.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A promise that the test resolves. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** One recording on its way through the slots: each step waits for the test, and is noted when it begins. */
function recording(slots: Slots, log: string[], name: string) {
  const [link, bytes, line] = [gate(), gate(), gate()];
  const way = slots.through({
    ask: async () => {
      log.push(`${name} asks`);
      await link.opened;
    },
    fetch: async () => {
      log.push(`${name} fetches`);
      await bytes.opened;
      return name;
    },
    end: async (outcome) => {
      log.push(`${name} ends ${'got' in outcome ? outcome.got : outcome.error}`);
      await line.opened;
    },
  });
  return { link, bytes, line, way };
}

/** Slots with a clock that the test moves, and a loop that begins recordings wherever there is room. */
function slotsOf(most: number) {
  const clock = { ms: 0, elapsed: () => clock.ms };
  const slots = new Slots(most, clock);
  const log: string[] = [];
  const begun: ReturnType<typeof recording>[] = [];
  /** Begins so many, each as soon as there is room; resolves when no more can be for now. */
  const begin = async (count: number) => {
    void (async () => {
      for (let n = 0; n < count; n += 1) {
        await slots.room();
        begun.push(recording(slots, log, `${begun.length}`));
      }
    })();
    await settle();
  };
  /** Lets one recording go its way, whose bytes take so many milliseconds. */
  const fetchOne = (ms: number) =>
    slots.through({
      ask: async () => {},
      fetch: async () => {
        clock.ms += ms;
      },
      end: async () => {},
    });
  /** Gives these recordings their links. */
  const giveLinks = async (...indexes: number[]) => {
    for (const index of indexes) begun[index]?.link.open();
    await settle();
  };
  const inSlots = () => log.filter((entry) => entry.endsWith('fetches')).map((entry) => Number.parseInt(entry, 10));
  return { clock, slots, log, begun, begin, fetchOne, giveLinks, inSlots };
}

describe('Slots', () => {
  it('begin as many as may be fetched at once, and none ahead while nobody knows how long one takes', async () => {
    const { begun, begin } = slotsOf(3);
    await begin(10);
    expect(begun).toHaveLength(3);
  });

  it('ask for as many links ahead as may be fetched at once, where one takes no time', async () => {
    const { begun, begin, fetchOne, giveLinks, inSlots } = slotsOf(3);
    await fetchOne(0);
    await begin(10);
    expect(begun).toHaveLength(6);
    await giveLinks(5, 4, 3, 2, 1, 0);
    expect(inSlots()).toEqual([5, 4, 3]);
  });

  it('ask for the next link while a slot still downloads, and give the slot to it when that is free', async () => {
    const { begin, begun, fetchOne, giveLinks, inSlots } = slotsOf(2);
    await fetchOne(1);
    await begin(4);
    await giveLinks(0, 1, 2);
    expect(inSlots()).toEqual([0, 1]);
    begun[1]?.bytes.open();
    await settle();
    expect(inSlots()).toEqual([0, 1, 2]);
  });

  it.each([
    [1000, 10],
    [2000, 10],
    [4000, 5],
    [20_000, 1],
    [21_000, 0],
  ])('ask ahead only for what has its slot within two seconds: where one takes %i ms, for %i of ten', async (ms, ahead) => {
    const { begun, begin, fetchOne } = slotsOf(10);
    await fetchOne(ms);
    await begin(30);
    expect(begun).toHaveLength(10 + ahead);
  });

  it('go by the recordings of late: after long ones fewer begin ahead, after short ones more', async () => {
    const { begun, begin, fetchOne } = slotsOf(10);
    await fetchOne(100);
    for (let n = 0; n < 30; n += 1) await fetchOne(60_000);
    await begin(30);
    expect(begun).toHaveLength(10);
  });

  it('begin none ahead where one is to be fetched at a time', async () => {
    const { begun, begin, fetchOne, giveLinks } = slotsOf(1);
    await fetchOne(1);
    await begin(3);
    await giveLinks(0);
    expect(begun).toHaveLength(1);
    begun[0]?.bytes.open();
    begun[0]?.line.open();
    await settle();
    expect(begun).toHaveLength(2);
  });

  it('give a slot to the one who has waited longest', async () => {
    const { begun, begin, fetchOne, giveLinks, inSlots } = slotsOf(2);
    await fetchOne(1);
    await begin(4);
    await giveLinks(0, 1);
    await giveLinks(3);
    await giveLinks(2);
    begun[0]?.bytes.open();
    await settle();
    begun[1]?.bytes.open();
    await settle();
    expect(inSlots()).toEqual([0, 1, 3, 2]);
  });

  it('hold no slot while a recording is brought to its end, and begin no more while as many are as there are slots', async () => {
    const { begun, begin, fetchOne, giveLinks } = slotsOf(2);
    await fetchOne(1);
    await begin(10);
    await giveLinks(0, 1, 2, 3);
    for (const index of [0, 1]) begun[index]?.bytes.open();
    await settle();
    const before = begun.length;
    expect(before).toBeLessThanOrEqual(5);
    begun[0]?.line.open();
    await settle();
    expect(begun.length).toBeGreaterThan(before);
  });

  it('bring a recording to its end whichever step fails, and give its slot back', async () => {
    const { slots, begin, begun } = slotsOf(1);
    const ends: unknown[] = [];
    const fail = async () => {
      throw 'in vain';
    };
    const end = async (outcome: unknown) => void ends.push(outcome);
    await slots.through({ ask: fail, fetch: async () => expect.unreachable(), end });
    await slots.through({ ask: async () => {}, fetch: fail, end });
    expect(ends).toEqual([{ error: 'in vain' }, { error: 'in vain' }]);
    await expect(slots.through({ ask: fail, fetch: fail, end: fail })).rejects.toBe('in vain');
    await slots.empty();
    await begin(1);
    expect(begun).toHaveLength(1);
  });

  it('say when all that was begun has ended: at once where nothing was, else with the last one', async () => {
    const { slots, begun, begin, giveLinks } = slotsOf(2);
    await slots.empty();
    await begin(2);
    let told = false;
    void slots.empty().then(() => {
      told = true;
    });
    await giveLinks(0, 1);
    for (const { bytes } of begun) bytes.open();
    begun[0]?.line.open();
    await settle();
    expect(told).toBe(false);
    begun[1]?.line.open();
    await settle();
    expect(told).toBe(true);
  });
});
