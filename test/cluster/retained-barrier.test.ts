import { describe, expect, it } from "vitest";
import { RetainedBarrier } from "../../src/cluster/retained-barrier.js";

function world() {
  const sent: number[] = [];
  const ends: string[] = [];
  const barrier = new RetainedBarrier({ keep: ({ number }) => void sent.push(number) });
  let number = 0;
  const next = (): number => {
    number += 1;
    return number;
  };
  const add = (name: string): void =>
    barrier.add({ settle: () => void ends.push(name), fail: () => void ends.push("failed") });
  return { sent, ends, barrier, next, add };
}

describe("the barrier before SUBACK", () => {
  it("is one record for all who wait, and they wait until it is read back", () => {
    const { sent, ends, barrier, next, add } = world();
    add("a");
    add("b");
    barrier.work(0, next);
    add("c");
    barrier.work(1, next);
    expect(sent).toEqual([1]);
    barrier.answered(1, 20, 19);
    expect(ends).toEqual([]);
    barrier.readTo(20);
    expect(ends).toEqual(["a", "b"]);
    expect(barrier.hasWork).toBe(true);
    barrier.work(2, next);
    expect(sent).toEqual([1, 2]);
    barrier.readTo(30); // its place is not known yet
    expect(ends).toEqual(["a", "b"]);
    barrier.answered(2, 25, 30); // what replaced it was read
    expect(ends).toEqual(["a", "b", "c"]);
    expect(barrier.isIdle).toBe(true);
  });

  it("is sent again when nobody knows what became of it, and leaves other records alone", () => {
    const { sent, barrier, next, add } = world();
    add("a");
    barrier.work(0, next);
    expect(barrier.answered(7, 1, 1)).toBe(false);
    expect(barrier.hasWork).toBe(false);
    expect(barrier.answered(1, undefined, 0)).toBe(true);
    expect(barrier.hasWork).toBe(true);
    barrier.work(1, next);
    expect(sent).toEqual([1, 1]);
  });

  it("waits 5 s and no longer, and counts who went without", () => {
    const { ends, barrier, next, add } = world();
    add("a");
    barrier.work(1_000, next);
    barrier.tick(5_999);
    expect(ends).toEqual([]);
    barrier.tick(6_000);
    expect(ends).toEqual(["a"]);
    expect([barrier.overdue, barrier.isIdle]).toEqual([1, true]);
  });

  it("lets all go when the node starts anew", () => {
    const { ends, barrier, next, add } = world();
    add("a");
    barrier.work(0, next);
    add("b");
    barrier.drop();
    expect([...ends].sort()).toEqual(["a", "b"]);
    expect(barrier.hasWork).toBe(false);
  });
});
