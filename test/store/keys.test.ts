import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  asBuffer,
  deliveryKey,
  inboundKey,
  metaKey,
  ownerKey,
  ownerOf,
  packetIdOf,
  retainedKey,
  sequenceOf,
  subscriptionKey,
  Table,
  tableRange,
} from "../../src/store/keys.js";

const owner = fc.integer({ min: 1, max: 2 ** 47 });
const sequence = fc.integer({ min: 1, max: 2 ** 47 });
/** LMDB refuses longer keys. */
const KEY_BYTES_MAX = 511;

describe("keys", () => {
  it("give back what they were made of", () => {
    fc.assert(
      fc.property(owner, sequence, fc.integer({ min: 1, max: 65_535 }), (key, seq, packetId) => {
        expect(ownerOf(ownerKey(Table.SESSION, key))).toBe(key);
        expect(ownerOf(deliveryKey(key, seq))).toBe(key);
        expect(sequenceOf(deliveryKey(key, seq))).toBe(seq);
        expect(packetIdOf(inboundKey(key, packetId))).toBe(packetId);
      }),
    );
  });

  it("of deliveries sort by owner, then by sequence", () => {
    fc.assert(
      fc.property(owner, sequence, owner, sequence, (ownerA, a, ownerB, b) => {
        const order = Buffer.compare(deliveryKey(ownerA, a), deliveryKey(ownerB, b));
        expect(order).toBe(Math.sign(ownerA - ownerB) || Math.sign(a - b));
      }),
    );
  });

  it("of one owner lie in the owner's range, and no others do", () => {
    fc.assert(
      fc.property(owner, owner, sequence, (mine, other, seq) => {
        const { from, to } = tableRange(Table.DELIVERY, mine);
        const key = deliveryKey(other, seq);
        const isInside = Buffer.compare(key, from) >= 0 && Buffer.compare(key, to) < 0;
        expect(isInside).toBe(mine === other);
      }),
    );
  });

  it("[C12] [C13] stay short for names of any length, and differ when only the end does", () => {
    const long = "x".repeat(65_534);
    const keys = [
      subscriptionKey(1, `${long}a`),
      subscriptionKey(1, `${long}b`),
      subscriptionKey(1, "x".repeat(480)),
      subscriptionKey(1, "x".repeat(481)),
      retainedKey(`${long}a`),
      retainedKey(`${long}b`),
    ];
    for (const key of keys) expect(key.length).toBeLessThanOrEqual(KEY_BYTES_MAX);
    expect(new Set(keys.map((key) => asBuffer(key).toString("hex"))).size).toBe(keys.length);
  });

  it("of a whole table lie in the table's range", () => {
    const { from, to } = tableRange(Table.RETAINED);
    expect(Buffer.compare(retainedKey("a"), from)).toBeGreaterThan(0);
    expect(Buffer.compare(retainedKey("\u{10ffff}"), to)).toBeLessThan(0);
    expect(metaKey("format")[0]).toBe(Table.META);
  });
});
