import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Delivery } from "../../src/session/delivery.js";
import { DELIVERY_BYTES, MessageBytes } from "../../src/session/message-bytes.js";
import { Outbound } from "../../src/session/outbound.js";
import { type DeliveryOptions, delivery, Pages } from "../support/session-parts.js";

const LIMITS = {
  inFlightMax: 3,
  inFlightCeiling: 1_024,
  windowGrowMs: 1_000,
  queueMessagesMax: 6,
  queueBytesMax: 1_000,
  pointToPointMessagesMax: 4,
  pointToPointBytesMax: 1_000,
};

describe("MessageBytes", () => {
  it("[T7] counts a message for many once, until the last of them has done with it", () => {
    const memory = new MessageBytes();
    const one = delivery({ bytes: 1_000 });
    const other = one.forAnotherOwner();
    memory.take(one);
    expect(memory.used).toBe(DELIVERY_BYTES + 1_000);
    memory.take(other);
    expect(memory.used).toBe(2 * DELIVERY_BYTES + 1_000);
    memory.give(one);
    memory.give(other);
    expect(memory.used).toBe(0);
  });

  it("[T7] a delivery without its message takes only its own place", () => {
    const memory = new MessageBytes();
    const known = delivery({ qos: 2 });
    known.message = undefined;
    memory.take(known);
    expect(memory.used).toBe(DELIVERY_BYTES);
    memory.give(known);
    expect(memory.used).toBe(0);
  });

  it.each([
    ["in memory", false],
    ["with pages", true],
  ])(
    "[T7] has what a Session holds, %s, after any events, and nothing at its end",
    (_, hasPages) => {
      fc.assert(
        fc.property(fc.array(EVENT, { maxLength: 60 }), (events) => {
          const memory = new MessageBytes();
          const pages = hasPages ? new Pages() : undefined;
          const outbound = new Outbound(LIMITS, pages, memory);
          for (const [at, event] of events.entries()) {
            happen(outbound, event, at + 1, pages);
            if (hasPages) expect(memory.used).toBeLessThanOrEqual(heldBy(outbound));
            else expect(memory.used).toBe(heldBy(outbound));
          }
          outbound.drain();
          expect([memory.used, heldBy(outbound)]).toEqual([0, 0]);
        }),
      );
    },
  );
});

const EVENT = fc.record({
  kind: fc.constantFrom(
    "new",
    "puback",
    "pubrec",
    "pubcomp",
    "next",
    "expire",
    "offline",
    "online",
  ),
  qos: fc.constantFrom(0, 1, 2),
  pointToPoint: fc.boolean(),
  bytes: fc.integer({ min: 1, max: 400 }),
  packetId: fc.integer({ min: 1, max: 8 }),
});
type Event = typeof EVENT extends fc.Arbitrary<infer E> ? E : never;

/** As the broker would do it, and record it. */
function happen(outbound: Outbound, event: Event, nowMs: number, pages?: Pages): void {
  const { kind, packetId, ...options } = event;
  const gone: (Delivery | undefined)[] = [];
  switch (kind) {
    case "new": {
      const arriving = delivery({ ...options, expiresMs: nowMs + 5 } as DeliveryOptions);
      arrive(outbound, arriving, gone as Delivery[]);
      if (arriving.qos > 0 && !gone.includes(arriving)) pages?.put(arriving);
      break;
    }
    case "next": {
      const sent = outbound.next(nowMs);
      if (sent !== undefined && sent.packetId > 0) pages?.put(sent);
      else gone.push(sent);
      break;
    }
    case "expire":
      outbound.removeExpired(nowMs, gone as Delivery[]);
      break;
    case "offline":
      outbound.dropQos0([]);
      outbound.unload();
      break;
    case "online":
      outbound.unacknowledged();
      break;
    default:
      gone.push(acknowledge(outbound, kind, packetId, pages));
  }
  for (const one of gone) if (one !== undefined) pages?.delete(one);
}

function arrive(outbound: Outbound, arriving: Delivery, dropped: Delivery[]): void {
  outbound.admit(arriving);
  if (arriving.qos > 0 && outbound.hasRoom) outbound.begin(arriving);
  else outbound.enqueue(arriving, dropped);
}

/** @returns what is done with. */
function acknowledge(
  outbound: Outbound,
  kind: "puback" | "pubrec" | "pubcomp",
  packetId: number,
  pages?: Pages,
): Delivery | undefined {
  try {
    const found = outbound[kind](packetId);
    if (kind !== "pubrec") return found;
    if (found !== undefined) pages?.put(found);
  } catch {
    // The wrong kind: it would be hung up on.
  }
  return undefined;
}

/** Bytes of a Session whose messages nobody else has. */
function heldBy({ inFlightCount, inFlightBytes, queuedCount, queuedBytes }: Outbound): number {
  return (inFlightCount + queuedCount) * DELIVERY_BYTES + inFlightBytes + queuedBytes;
}
