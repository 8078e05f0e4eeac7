import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MessageLedger } from "../src/message-ledger.js";

/** Enters the counters of one stream; five were sent. */
function enter(...counters: number[]) {
  const ledger = new MessageLedger(1);
  const advances = counters.map((counter) => ledger.accept(0, counter));
  const { duplicated, reordered } = ledger;
  return { advances, lost: ledger.lost(() => 5), duplicated, reordered };
}

describe("the ledger", () => {
  it("finds nothing wrong when all came in order", () => {
    expect(enter(0, 1, 2, 3, 4)).toEqual({
      advances: [1, 1, 1, 1, 1],
      lost: 0,
      duplicated: 0,
      reordered: 0,
    });
  });

  it("notices a message lost in the middle, and gives its place free at once", () => {
    expect(enter(0, 1, 3, 4)).toMatchObject({ advances: [1, 1, 2, 1], lost: 1, reordered: 0 });
  });

  it("notices messages lost at the end", () => {
    expect(enter(0, 1)).toMatchObject({ lost: 3, duplicated: 0 });
  });

  it("notices a message delivered twice, at once or later", () => {
    expect(enter(0, 0, 1, 2, 3, 4, 1)).toMatchObject({ lost: 0, duplicated: 2, reordered: 0 });
  });

  it("tells a late message from a lost one and from a second one", () => {
    expect(enter(0, 2, 1, 1, 3, 4)).toMatchObject({
      advances: [1, 2, 0, 0, 1, 1],
      lost: 0,
      reordered: 1,
      duplicated: 1,
    });
  });

  it("keeps streams apart", () => {
    const ledger = new MessageLedger(2);
    ledger.accept(0, 0);
    ledger.accept(1, 0);
    ledger.accept(1, 1);
    expect([ledger.expected(0), ledger.expected(1)]).toEqual([1, 2]);
    expect(ledger.lost((stream) => [1, 3][stream] as number)).toBe(1);
  });

  it("agrees with plain counting, whatever is lost, repeated or swapped", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 20 })), (counters) => {
        const ledger = new MessageLedger(1);
        for (const counter of counters) ledger.accept(0, counter);
        const seen = new Set(counters);
        expect(ledger.lost(() => 21)).toBe(21 - seen.size);
        expect(ledger.duplicated).toBe(counters.length - seen.size);
        const late = counters.filter(
          (counter, at) =>
            counters.indexOf(counter) === at &&
            counters.slice(0, at).some((earlier) => earlier > counter),
        );
        expect(ledger.reordered).toBe(late.length);
      }),
    );
  });
});
