import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Delivery } from "../../src/session/delivery.js";
import { InFlight, PACKET_ID_MAX } from "../../src/session/in-flight.js";
import { delivery } from "../support/session-parts.js";

/** Adds `count` deliveries. @returns them, in order. */
function add(inFlight: InFlight, count: number): Delivery[] {
  return Array.from({ length: count }, () => {
    const added = delivery();
    expect(inFlight.add(added)).toBe(true);
    return added;
  });
}

function restore(inFlight: InFlight, packetId: number, sequence: number): void {
  const restored = delivery();
  restored.packetId = packetId;
  restored.sequence = sequence;
  inFlight.restore(restored);
}

describe("Packet Identifiers", () => {
  it("[T7] count the bytes of what they name, and no more when that is gone or its message is", () => {
    const inFlight = new InFlight();
    const sized = [delivery({ bytes: 100 }), delivery({ bytes: 30 })] as const;
    const [first, second] = sized;
    const [all, ofSecond] = [first.byteCount + second.byteCount, second.byteCount];
    for (const one of sized) inFlight.add(one);
    expect(inFlight.byteCount).toBe(all);
    inFlight.delete(first.packetId);
    expect(inFlight.byteCount).toBe(ofSecond);
    const ofMessage = second.message?.byteCount ?? 0;
    inFlight.letGoOfMessage(second);
    expect(inFlight.byteCount).toBe(ofSecond - ofMessage);
    expect(ofMessage).toBeGreaterThan(0);
    inFlight.delete(second.packetId);
    expect(inFlight.byteCount).toBe(0);
  });

  it("[M28] [MQTT-2.3.1-1] start at 1 and count up", () => {
    const inFlight = new InFlight();
    expect(add(inFlight, 3).map(({ packetId }) => packetId)).toEqual([1, 2, 3]);
    expect(inFlight.lastPacketId).toBe(3);
  });

  it("[M28] are not given again at once when they come free, but in their turn", () => {
    const inFlight = new InFlight();
    add(inFlight, 2);
    inFlight.delete(1);
    expect(add(inFlight, 2).map(({ packetId }) => packetId)).toEqual([3, 4]);
  });

  it("[M28] [MQTT-2.3.1-4] go round behind 65,535 and skip those in use", () => {
    const inFlight = new InFlight(PACKET_ID_MAX - 2);
    expect(add(inFlight, 4).map(({ packetId }) => packetId)).toEqual([65_534, 65_535, 1, 2]);
    const again = new InFlight(PACKET_ID_MAX - 1);
    const inUse = delivery();
    inUse.packetId = 1;
    again.restore(inUse);
    expect(add(again, 2).map(({ packetId }) => packetId)).toEqual([65_535, 2]);
  });

  it("[E20] [MQTT-2.3.1-4] are all in use at 65,535: the next one gets none", () => {
    const inFlight = new InFlight();
    const all = new Set<number>();
    for (let count = 0; count < PACKET_ID_MAX; count += 1) {
      const added = delivery();
      inFlight.add(added);
      all.add(added.packetId);
    }
    expect([all.size, all.has(0)]).toEqual([PACKET_ID_MAX, false]);
    const late = delivery();
    expect(inFlight.add(late)).toBe(false);
    expect(late.packetId).toBe(0);
    inFlight.delete(4_711);
    expect(inFlight.add(late)).toBe(true);
    expect(late.packetId).toBe(4_711);
  });
});

describe("what is in flight", () => {
  it("[M16] costs the same to acknowledge, however much more there is", () => {
    const cycle = (inFlight: InFlight, cycles: number): number => {
      const fresh = Array.from({ length: cycles }, () => delivery());
      let correct = 0;
      const begun = performance.now();
      let oldest = inFlight.lastPacketId - inFlight.size;
      for (const one of fresh) {
        oldest = oldest === PACKET_ID_MAX ? 1 : oldest + 1;
        if (inFlight.delete(oldest) !== undefined && inFlight.add(one)) correct += 1;
      }
      const took = performance.now() - begun;
      expect(correct).toBe(cycles);
      return took;
    };
    const [few, many] = [new InFlight(), new InFlight()];
    add(few, 10);
    add(many, 30_000);
    cycle(few, 5_000); // compiled
    const fastest = (inFlight: InFlight): number =>
      Math.min(...Array.from({ length: 5 }, () => cycle(inFlight, 5_000)));
    expect(fastest(many) / fastest(few)).toBeLessThan(10); // 1,300 when it went through all of them
  });

  it("is found by its identifier, and not after it is deleted", () => {
    const inFlight = new InFlight();
    expect(inFlight.get(1)).toBeUndefined();
    expect(inFlight.delete(1)).toBeUndefined();
    const [first, second] = add(inFlight, 2);
    expect(inFlight.get(1)).toBe(first);
    expect(inFlight.delete(1)).toBe(first);
    expect([inFlight.get(1), inFlight.get(2), inFlight.size]).toEqual([undefined, second, 1]);
  });

  it("[MQTT-4.6.0-1] comes in the order of first sending, whatever the identifiers", () => {
    const inFlight = new InFlight();
    for (const [packetId, sequence] of [
      [9, 3],
      [1, 1],
      [17, 2],
    ] as const) {
      restore(inFlight, packetId, sequence);
    }
    expect(inFlight.inSendOrder().map(({ packetId }) => packetId)).toEqual([1, 17, 9]);
    expect(inFlight.lastPacketId).toBe(9); // identifiers are sought behind one that was in use
  });

  it("is found although another lies in its place, and after that one is gone", () => {
    const inFlight = new InFlight();
    const [old] = add(inFlight, 1); // never acknowledged, while the identifiers go on
    for (let packetId = 2; packetId <= 8; packetId += 1) {
      add(inFlight, 1);
      inFlight.delete(packetId);
    }
    const [ninth, tenth] = add(inFlight, 2); // 1 and 9 have the same place in a table of eight
    expect([inFlight.get(1), inFlight.get(9), inFlight.get(10)]).toEqual([old, ninth, tenth]);
    inFlight.delete(1);
    expect([inFlight.get(1), inFlight.get(9), inFlight.get(10)]).toEqual([undefined, ninth, tenth]);
  });

  it.each([
    { what: "all of one place", packetIds: [1, 9, 17] },
    { what: "one of another place between them", packetIds: [1, 2, 9] },
  ])("closes the gap that one leaves in a row of $what", ({ packetIds }) => {
    for (const gone of packetIds) {
      const inFlight = new InFlight();
      for (const [sequence, packetId] of packetIds.entries()) restore(inFlight, packetId, sequence);
      inFlight.delete(gone);
      const kept = packetIds.filter((packetId) => inFlight.get(packetId)?.packetId === packetId);
      expect(kept).toEqual(packetIds.filter((packetId) => packetId !== gone));
      for (const packetId of kept) expect(inFlight.delete(packetId)?.packetId).toBe(packetId);
      expect(inFlight.size).toBe(0);
    }
  });

  it("is what a Map of the same would hold, under any additions and removals", () => {
    const edit = fc.oneof(
      { weight: 3, arbitrary: fc.constant("add" as const) },
      { weight: 2, arbitrary: fc.nat({ max: 400 }) },
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: PACKET_ID_MAX }),
        fc.array(edit, { maxLength: 300, size: "max" }),
        (last, edits) => {
          const both = new Both(last);
          for (const step of edits) {
            if (step === "add") both.add();
            else both.delete(step);
            both.compare();
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});

/** The table, and a Map that must hold the same. */
class Both {
  readonly #real: InFlight;
  readonly #model = new Map<number, Delivery>();

  constructor(lastPacketId: number) {
    this.#real = new InFlight(lastPacketId);
  }

  add(): void {
    const added = delivery();
    if (!this.#real.add(added)) throw new Error("no identifier although most are free");
    if (this.#model.has(added.packetId)) throw new Error(`${added.packetId} is in use`);
    this.#model.set(added.packetId, added);
  }

  delete(pick: number): void {
    const ids = [...this.#model.keys()];
    const packetId = ids[pick % Math.max(1, ids.length)] ?? 1;
    if (this.#real.delete(packetId) !== this.#model.get(packetId)) throw new Error("another one");
    this.#model.delete(packetId);
  }

  compare(): void {
    if (this.#real.size !== this.#model.size) throw new Error("another size");
    for (const [packetId, held] of this.#model) {
      if (this.#real.get(packetId) !== held) throw new Error(`${packetId} is not found`);
    }
  }
}
