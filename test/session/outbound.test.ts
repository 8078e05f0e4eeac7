import { describe, expect, it } from "vitest";
import { ProtocolError } from "../../src/protocol/errors.js";
import { type Delivery, DeliveryState } from "../../src/session/delivery.js";
import { PAGE } from "../../src/session/delivery-queue.js";
import { Outbound } from "../../src/session/outbound.js";
import { type DeliveryOptions, delivery, Pages } from "../support/session-parts.js";

const LIMITS = {
  inFlightMax: 3,
  inFlightCeiling: 1_024,
  windowGrowMs: 1_000,
  queueMessagesMax: 1_000,
  queueBytesMax: 1_000_000,
  pointToPointMessagesMax: 1_000,
  pointToPointBytesMax: 1_000_000,
};

/** Takes a new delivery in flight, as the broker does when there is room. */
function begin(outbound: Outbound, options: DeliveryOptions = {}): Delivery {
  expect(outbound.hasRoom).toBe(true);
  const begun = delivery(options);
  outbound.admit(begun);
  outbound.begin(begun);
  return begun;
}

/** Puts a new delivery into the queue. @returns what was dropped. */
function enqueue(outbound: Outbound, options: DeliveryOptions = {}, pages?: Pages): Delivery[] {
  const queued = delivery(options);
  const dropped: Delivery[] = [];
  outbound.admit(queued);
  outbound.enqueue(queued, dropped);
  pages?.put(queued);
  return dropped;
}

/** One delivery in each state, under the identifiers 1, 2 and 3. */
function inEachState(): Outbound {
  const outbound = new Outbound(LIMITS);
  begin(outbound, { qos: 1 });
  begin(outbound, { qos: 2 });
  begin(outbound, { qos: 2 });
  outbound.pubrec(3);
  return outbound;
}

// The rows and columns of "QoS 1 and 2 as sender" in spec-notes/state-machines.md.
describe("QoS 1 and 2 as sender", () => {
  it("[MQTT-4.3.2-1] [MQTT-4.3.3-1] sending: QoS 1 awaits PUBACK, QoS 2 awaits PUBREC", () => {
    const outbound = new Outbound(LIMITS);
    expect(begin(outbound, { qos: 1 })).toMatchObject({
      state: DeliveryState.AWAITING_PUBACK,
      packetId: 1,
    });
    expect(begin(outbound, { qos: 2 })).toMatchObject({
      state: DeliveryState.AWAITING_PUBREC,
      packetId: 2,
    });
    expect(outbound.inFlightCount).toBe(2);
  });

  it("[MQTT-4.3.2-1] awaiting PUBACK + PUBACK: done, its identifier is free", () => {
    const outbound = inEachState();
    expect(outbound.puback(1)?.packetId).toBe(1);
    expect(outbound.inFlightCount).toBe(2);
    expect(outbound.puback(1)).toBeUndefined();
  });

  it("[MQTT-4.3.3-1] awaiting PUBREC + PUBREC: awaits PUBCOMP, the message is let go of", () => {
    const outbound = inEachState();
    expect(outbound.pubrec(2)).toMatchObject({
      state: DeliveryState.AWAITING_PUBCOMP,
      message: undefined,
    });
    expect(outbound.inFlightCount).toBe(3);
  });

  it("[M13] awaiting PUBCOMP + PUBREC again: the same", () => {
    const outbound = inEachState();
    expect(outbound.pubrec(3)?.state).toBe(DeliveryState.AWAITING_PUBCOMP);
    expect(outbound.inFlightCount).toBe(3);
  });

  it("[MQTT-4.3.3-1] awaiting PUBCOMP + PUBCOMP: done, its identifier is free", () => {
    const outbound = inEachState();
    expect(outbound.pubcomp(3)?.packetId).toBe(3);
    expect(outbound.pubcomp(3)).toBeUndefined();
    expect(outbound.inFlightCount).toBe(2);
  });

  it("[M13] an identifier nobody waits for: nothing happens", () => {
    const outbound = inEachState();
    expect([outbound.puback(9), outbound.pubrec(9), outbound.pubcomp(9)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(outbound.inFlightCount).toBe(3);
  });

  it.each([
    ["awaiting PUBACK + PUBREC", 1, "pubrec"],
    ["awaiting PUBACK + PUBCOMP", 1, "pubcomp"],
    ["awaiting PUBREC + PUBACK", 2, "puback"],
    ["awaiting PUBREC + PUBCOMP", 2, "pubcomp"],
    ["awaiting PUBCOMP + PUBACK", 3, "puback"],
  ] as const)("[M13] [E08] %s: a violation, the state stays", (_, packetId, kind) => {
    const outbound = inEachState();
    const before = outbound.unacknowledged().map(({ state }) => state);
    expect(() => outbound[kind](packetId)).toThrow(ProtocolError);
    expect(outbound.unacknowledged().map(({ state }) => state)).toEqual(before);
  });
});

describe("the window and the queue behind it", () => {
  it("[M16] has room below its size, and only while nothing is queued", () => {
    const outbound = new Outbound(LIMITS);
    for (let count = 0; count < 3; count += 1) begin(outbound);
    expect(outbound.hasRoom).toBe(false);
    enqueue(outbound);
    outbound.puback(1);
    expect(outbound.hasRoom).toBe(false); // the queued one goes first
    expect(outbound.next(0)).toMatchObject({ packetId: 4 });
    outbound.puback(2);
    expect(outbound.hasRoom).toBe(true);
  });

  it("[M16] hands out the head of the queue when there is room for it; QoS 0 needs none", () => {
    const outbound = new Outbound({ ...LIMITS, inFlightMax: 1 });
    expect(outbound.next(0)).toBeUndefined();
    begin(outbound);
    enqueue(outbound, { qos: 0 });
    enqueue(outbound, { qos: 2 });
    expect([outbound.queuedCount, outbound.queuedBytes]).toEqual([2, 2]);
    expect(outbound.next(0)).toMatchObject({ qos: 0, packetId: 0 });
    expect(outbound.next(0)).toBeUndefined();
    outbound.puback(1);
    expect(outbound.next(0)).toMatchObject({ qos: 2, state: DeliveryState.AWAITING_PUBREC });
    expect([outbound.queuedCount, outbound.queuedBytes]).toEqual([0, 0]);
  });

  it("[M17] tells what the bounds of the queue push out", () => {
    const outbound = new Outbound({ ...LIMITS, queueMessagesMax: 1 });
    expect(enqueue(outbound)).toEqual([]);
    expect(enqueue(outbound).map(({ sequence }) => sequence)).toEqual([2]);
  });

  it("[P9] hands out what is past its age too, without an identifier, room or not", () => {
    const outbound = new Outbound({ ...LIMITS, inFlightMax: 1 });
    begin(outbound);
    enqueue(outbound, { pointToPoint: true, expiresMs: 100 });
    expect(outbound.queuedPointToPointCount).toBe(1);
    expect(outbound.next(99)).toBeUndefined();
    const expired = outbound.next(100);
    expect(expired).toMatchObject({ packetId: 0, state: DeliveryState.QUEUED });
    expect(expired?.isTooLate(100)).toBe(true);
  });

  it("[P9] what is in flight is never past its age", () => {
    const outbound = new Outbound(LIMITS);
    expect(begin(outbound, { expiresMs: 1 }).isTooLate(100)).toBe(false);
  });

  it("counts nothing and removes nothing before the first message is queued", () => {
    const outbound = new Outbound(LIMITS);
    const removed: Delivery[] = [];
    outbound.dropQos0(removed);
    outbound.removeExpired(1_000_000, removed);
    expect(removed).toEqual([]);
    expect([
      outbound.queuedCount,
      outbound.queuedPointToPointCount,
      outbound.queuedBytes,
      outbound.tally(),
    ]).toEqual([0, 0, 0, 0]);
  });

  it("[M17] [P9] lets go of QoS 0, and of what is past its age", () => {
    const outbound = new Outbound(LIMITS);
    enqueue(outbound, { qos: 0 });
    enqueue(outbound, { pointToPoint: true, expiresMs: 100 });
    enqueue(outbound);
    const removed: Delivery[] = [];
    outbound.dropQos0(removed);
    outbound.removeExpired(100, removed);
    expect(removed.map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect(outbound.queuedCount).toBe(1);
  });
});

describe("cut and resumed", () => {
  it("[M14] [MQTT-4.4.0-1] [MQTT-4.6.0-1] what is unacknowledged comes in the order of first sending", () => {
    const outbound = inEachState();
    outbound.puback(1);
    begin(outbound);
    expect(outbound.unacknowledged().map(({ packetId, state }) => [packetId, state])).toEqual([
      [2, DeliveryState.AWAITING_PUBREC],
      [3, DeliveryState.AWAITING_PUBCOMP],
      [4, DeliveryState.AWAITING_PUBACK],
    ]);
  });

  it("ending takes out everything: in flight first, then the queue", () => {
    const outbound = inEachState();
    enqueue(outbound);
    enqueue(outbound, { qos: 0 });
    expect(outbound.drain().map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
    expect([outbound.inFlightCount, outbound.queuedCount]).toEqual([0, 0]);
    expect(outbound.drain()).toEqual([]);
  });
});

describe("how many may be in flight", () => {
  const GROWING = { ...LIMITS, inFlightMax: 0 };

  /** The Client acknowledges so many at one moment, and has had something to at that moment too. */
  function acknowledge(outbound: Outbound, count: number, nowMs: number): void {
    for (let left = count; left > 0; left -= 1) outbound.keepsUp(nowMs, nowMs, true);
  }

  it("[M16] begins with 32, and doubles when a whole window was acknowledged in time", () => {
    const outbound = new Outbound(GROWING);
    expect(outbound.windowSize).toBe(32);
    acknowledge(outbound, 31, 1_000);
    expect(outbound.windowSize).toBe(32);
    acknowledge(outbound, 1, 1_000);
    expect(outbound.windowSize).toBe(64);
  });

  it("[M16] what was learnt of one connection is forgotten with the next", () => {
    const outbound = new Outbound(GROWING);
    acknowledge(outbound, 32 + 31, 1_000);
    outbound.openWindow(0);
    expect(outbound.windowSize).toBe(32);
    acknowledge(outbound, 31, 1_000);
    expect(outbound.windowSize).toBe(32);
    acknowledge(outbound, 1, 1_000);
    expect(outbound.windowSize).toBe(64);
  });

  it("[M16] is fixed where somebody has said how many, until a connection that has no such", () => {
    const outbound = new Outbound(LIMITS);
    expect(outbound.windowSize).toBe(3);
    acknowledge(outbound, 100, 1_000);
    expect(outbound.windowSize).toBe(3);
    outbound.openWindow(5);
    acknowledge(outbound, 100, 1_000);
    expect(outbound.windowSize).toBe(5);
    outbound.openWindow(0);
    acknowledge(outbound, 32, 1_000);
    expect(outbound.windowSize).toBe(64);
  });

  it("[M16] is halved by silence while something is in flight", () => {
    const outbound = new Outbound(GROWING);
    begin(outbound);
    outbound.lagsBehind(90_000, 1_000); // nothing has been learnt of it yet
    expect(outbound.windowSize).toBe(32);
    acknowledge(outbound, 32, 90_000);
    expect(outbound.windowSize).toBe(64);
    outbound.lagsBehind(91_001, 90_000);
    expect(outbound.windowSize).toBe(32);
  });

  it("[M16] silence of who has nothing to acknowledge is none", () => {
    const outbound = new Outbound(GROWING);
    acknowledge(outbound, 32, 1_000);
    outbound.lagsBehind(90_000, 1_000);
    expect(outbound.windowSize).toBe(64);
  });

  it("[F15] what may not be had any more is in flight no longer", () => {
    const outbound = inEachState();
    outbound.forget(1);
    expect(outbound.inFlightCount).toBe(2);
    expect(outbound.puback(1)).toBeUndefined();
    expect(outbound.unacknowledged().map(({ packetId }) => packetId)).toEqual([2, 3]);
  });
});

describe("with pages", () => {
  /** A window of three in flight and two queued, all of it in the pages too. */
  function stored(): { outbound: Outbound; pages: Pages } {
    const pages = new Pages();
    const outbound = new Outbound(LIMITS, pages);
    for (const qos of [1, 2, 2] as const) pages.put(begin(outbound, { qos }));
    const last = outbound.pubrec(3);
    if (last !== undefined) pages.put(last);
    enqueue(outbound, { pointToPoint: true, expiresMs: 500 }, pages);
    enqueue(outbound, {}, pages);
    return { outbound, pages };
  }

  it("lets go of everything but the numbers while the Client is away", () => {
    const { outbound, pages } = stored();
    outbound.unload();
    outbound.unload();
    expect([outbound.inFlightCount, outbound.queuedCount, outbound.queuedBytes]).toEqual([3, 2, 2]);
    enqueue(outbound, {}, pages);
    expect(outbound.queuedCount).toBe(3);
    expect(pages.readCount).toBe(0);
  });

  it("[M14] brings back what is in flight with its identifiers and states, then the queue", () => {
    const { outbound } = stored();
    outbound.unload();
    expect(outbound.unacknowledged().map(({ packetId, state }) => [packetId, state])).toEqual([
      [1, DeliveryState.AWAITING_PUBACK],
      [2, DeliveryState.AWAITING_PUBREC],
      [3, DeliveryState.AWAITING_PUBCOMP],
    ]);
    expect(outbound.inFlightCount).toBe(3);
    outbound.puback(1);
    expect(outbound.next(0)).toMatchObject({ sequence: 4, packetId: 4 });
  });

  it("[M28] goes on counting identifiers where it was", () => {
    const pages = new Pages();
    const outbound = new Outbound(LIMITS, pages);
    begin(outbound, { qos: 1 });
    outbound.puback(1);
    outbound.unload();
    expect(outbound.unacknowledged()).toEqual([]);
    expect(begin(outbound, { qos: 1 }).packetId).toBe(2);
  });

  it("reads its pages once, however often somebody asks what is in flight", () => {
    const { outbound, pages } = stored();
    outbound.unload();
    outbound.unacknowledged();
    const { readCount } = pages;
    outbound.unacknowledged();
    expect(pages.readCount).toBe(readCount);
    expect(outbound.inFlightCount).toBe(3);
  });

  it("holds what comes in memory while the Client is there, without a look into the pages", () => {
    const { outbound, pages } = stored();
    enqueue(outbound, {}, pages);
    outbound.removeExpired(0, []);
    for (const packetId of [1, 2, 3]) outbound.forget(packetId);
    expect([outbound.next(0), outbound.next(0), outbound.next(0)]).toMatchObject([
      { sequence: 4 },
      { sequence: 5 },
      { sequence: 6 },
    ]);
    expect(pages.readCount).toBe(0);
  });

  it("[P9] takes what is past its age out of the pages, and leaves the rest there", () => {
    const { outbound, pages } = stored();
    outbound.unload();
    const removed: Delivery[] = [];
    outbound.removeExpired(499, removed);
    expect(pages.readCount).toBe(0);
    outbound.removeExpired(500, removed);
    for (const expired of removed) pages.delete(expired);
    expect(removed.map(({ sequence }) => sequence)).toEqual([4]);
    expect(outbound.queuedCount).toBe(1);
    expect(outbound.drain().map(({ sequence }) => sequence)).toEqual([1, 2, 3, 5]);
  });

  it("counts what an earlier run has left when somebody asks, once", () => {
    const { pages } = stored();
    const outbound = new Outbound(LIMITS, pages);
    outbound.restore();
    expect([outbound.inFlightCount, outbound.queuedCount]).toEqual([0, 0]);
    expect(outbound.tally()).toBe(1); // by point-to-point
    expect(outbound.tally()).toBe(0);
    expect([outbound.inFlightCount, outbound.queuedCount]).toEqual([3, 2]);
    enqueue(outbound, {}, pages);
    expect(outbound.drain().map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("counts and brings back more than a page", () => {
    const pages = new Pages();
    const limits = { ...LIMITS, inFlightMax: 1_000 };
    const before = new Outbound(limits, pages);
    for (let count = 0; count < PAGE + 10; count += 1) pages.put(begin(before));
    for (let count = 0; count < PAGE + 20; count += 1) enqueue(before, {}, pages);
    const after = new Outbound(limits, pages);
    after.restore();
    expect(after.unacknowledged()).toHaveLength(PAGE + 10);
    expect(after.queuedCount).toBe(PAGE + 20);
    after.puback(1);
    expect(after.next(0)).toMatchObject({ sequence: PAGE + 11, packetId: PAGE + 11 });
  });

  it("brings back what there is when the pages have less than was counted", () => {
    const { outbound, pages } = stored();
    outbound.unload();
    for (const lost of outbound.drain().slice(0, 2)) pages.delete(lost);
    const other = stored();
    other.outbound.unload();
    const gone = delivery();
    for (const sequence of [1, 2, 3, 4, 5]) {
      gone.sequence = sequence;
      other.pages.delete(gone);
    }
    expect(other.outbound.unacknowledged()).toEqual([]);
    expect(other.outbound.next(0)).toBeUndefined();
  });

  it("[D1] takes nothing queued for what the pages have lost of what was in flight", () => {
    const { outbound, pages } = stored();
    outbound.unload();
    const lost = delivery();
    lost.sequence = 1;
    pages.delete(lost);
    const inFlight = outbound.unacknowledged();
    expect(inFlight.map(({ sequence }) => sequence)).toEqual([2, 3]);
    expect(inFlight.every(({ packetId }) => packetId > 0)).toBe(true);
    expect([outbound.inFlightCount, outbound.queuedCount]).toEqual([2, 2]);
    expect(outbound.drain().map(({ sequence }) => sequence)).toEqual([2, 3, 4, 5]);
  });

  it("without pages everything stays in memory", () => {
    const outbound = inEachState();
    outbound.unload();
    expect(outbound.unacknowledged()).toHaveLength(3);
  });
});

describe("deliveries of another node", () => {
  it("[M33] go in flight under their identifiers, or behind what is queued, and are shown in that order", () => {
    const outbound = new Outbound({ ...LIMITS, queueMessagesMax: 1 });
    const [first, second] = [delivery({ qos: 2 }), delivery()];
    first.packetId = 7;
    second.packetId = 9;
    const queued = [delivery(), delivery()];
    const dropped: Delivery[] = [];
    for (const one of [first, second, ...queued]) outbound.put(one, dropped);
    expect(dropped).toEqual([]);
    expect([...outbound.all()]).toEqual([first, second, ...queued]);
    expect(outbound.inFlightCount).toBe(2);
    expect(new Outbound(LIMITS).inFlightCount).toBe(0); // another one's are its own
    expect(outbound.unacknowledged()).toEqual([first, second]);
    expect(outbound.drain()).toEqual([first, second, ...queued]);
  });

  it("[M33] are none where there is nothing", () => {
    expect([...new Outbound(LIMITS).all()]).toEqual([]);
  });
});
