import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventQueue } from "../../src/presence/event-queue.js";

describe("the queue of events", () => {
  it("gives out what came first, as many and as much as asked for, but one at least", () => {
    const queue = new EventQueue(1_000);
    for (const text of ["a".repeat(30), "b", "c", "d"]) queue.push(text);
    expect([queue.length, queue.byteCount]).toEqual([4, 66]);
    expect(queue.take(10, 20)).toEqual(["a".repeat(30)]);
    expect(queue.take(2, 20)).toEqual(["b", "c"]);
    expect(queue.take(10, 20)).toEqual(["d"]);
    expect(queue.take(10, 20)).toEqual([]);
    expect([queue.length, queue.byteCount]).toEqual([0, 0]);
  });

  it("at its bound loses nothing, and one byte beyond it the oldest", () => {
    const queue = new EventQueue(6);
    expect(["a", "b", "c"].map((text) => queue.push(text))).toEqual([0, 0, 0]);
    expect(queue.push("dd")).toBe(2);
    expect(queue.take(9, 99)).toEqual(["c", "dd"]);
    expect(queue.push("too long")).toBe(1);
    expect([queue.length, queue.byteCount]).toEqual([0, 0]);
  });

  it("is empty when it was cleared", () => {
    const queue = new EventQueue(100);
    queue.push("a");
    queue.push("b");
    expect(queue.clear()).toBe(2);
    expect([queue.length, queue.byteCount, queue.take(1, 1)]).toEqual([0, 0, []]);
  });

  it("holds what a plain array would, whatever is done to it", () => {
    const step = fc.oneof(
      fc.record({ push: fc.string({ maxLength: 8 }) }),
      fc.record({ take: fc.integer({ min: 1, max: 5 }) }),
    );
    fc.assert(
      fc.property(fc.array(step), fc.integer({ min: 0, max: 60 }), (steps, bytesMax) => {
        const queue = new EventQueue(bytesMax);
        let model: string[] = [];
        const bytes = (): number => 2 * model.join("").length;
        for (const what of steps) {
          if ("push" in what) {
            model.push(what.push);
            let dropped = 0;
            for (; bytes() > bytesMax; dropped += 1) model = model.slice(1);
            expect(queue.push(what.push)).toBe(dropped);
          } else {
            expect(queue.take(what.take, 1_000)).toEqual(model.splice(0, what.take));
          }
          expect([queue.length, queue.byteCount]).toEqual([model.length, bytes()]);
        }
      }),
    );
  });
});
