import { describe, expect, it } from "vitest";
import type { Delivery } from "../../src/session/delivery.js";
import { DeliveryQueue, PAGE } from "../../src/session/delivery-queue.js";
import { type DeliveryOptions, delivery, Pages } from "../support/session-parts.js";

const LIMITS = {
  queueMessagesMax: 4,
  queueBytesMax: 1_000,
  pointToPointMessagesMax: 3,
  pointToPointBytesMax: 500,
};

/** A queue, and what it has dropped so far. Deliveries are told apart by `sequence`. */
class Line {
  readonly queue: DeliveryQueue;
  readonly pages: Pages | undefined;
  readonly dropped: number[] = [];
  toPages = false;
  #sequence = 0;

  constructor(limits: Partial<typeof LIMITS> = {}, pages?: Pages) {
    this.pages = pages;
    this.queue = new DeliveryQueue({ ...LIMITS, ...limits }, pages);
  }

  push(options: DeliveryOptions = {}, burstMax = 0): void {
    const pushed = delivery(options);
    this.#sequence += 1;
    pushed.sequence = this.#sequence;
    const dropped: Delivery[] = [];
    this.queue.push(pushed, this.toPages, dropped, burstMax);
    if (!dropped.includes(pushed) && pushed.qos > 0) this.pages?.put(pushed);
    this.#note(dropped);
  }

  /** Takes out everything from the head. */
  drain(): number[] {
    const sequences: number[] = [];
    for (let head = this.queue.shift(); head !== undefined; head = this.queue.shift()) {
      sequences.push(head.sequence);
    }
    return sequences;
  }

  removeQos0(): void {
    const dropped: Delivery[] = [];
    this.queue.removeQos0(dropped);
    this.#note(dropped);
  }

  removeExpired(nowMs: number): void {
    const dropped: Delivery[] = [];
    this.queue.removeExpired(nowMs, dropped);
    this.#note(dropped);
  }

  #note(dropped: readonly Delivery[]): void {
    for (const victim of dropped) {
      this.dropped.push(victim.sequence);
      this.pages?.delete(victim);
    }
  }
}

const direct = (options: DeliveryOptions = {}): DeliveryOptions => ({
  ...options,
  pointToPoint: true,
});

describe("a queue in memory", () => {
  it("hands out first what came first, and counts what it holds", () => {
    const line = new Line();
    expect([line.queue.length, line.queue.byteCount, line.queue.peek()]).toEqual([0, 0, undefined]);
    line.push({ bytes: 10 });
    line.push(direct({ bytes: 20 }));
    line.push({ bytes: 30, qos: 0 });
    const { queue } = line;
    expect([queue.length, queue.pointToPointLength, queue.byteCount]).toEqual([3, 1, 60]);
    expect(queue.peek()?.sequence).toBe(1);
    expect(line.drain()).toEqual([1, 2, 3]);
    expect([queue.length, queue.pointToPointLength, queue.byteCount]).toEqual([0, 0, 0]);
  });

  it("[M17] at the bound of messages holds all, one past it drops the newcomer", () => {
    const line = new Line();
    for (let count = 0; count < 4; count += 1) line.push();
    expect(line.dropped).toEqual([]);
    line.push();
    line.push({ qos: 0 });
    expect(line.dropped).toEqual([5, 6]);
    expect(line.drain()).toEqual([1, 2, 3, 4]);
  });

  it("[M17] at the bound of bytes holds all, one past it drops the newcomer", () => {
    const line = new Line();
    line.push({ bytes: 400 });
    line.push({ bytes: 600 });
    expect(line.dropped).toEqual([]);
    line.push({ bytes: 1 });
    expect(line.dropped).toEqual([3]);
  });

  it("[M17] the oldest at QoS 0 make room for whoever comes", () => {
    const line = new Line();
    for (const qos of [1, 0, 2, 0] as const) line.push({ qos });
    line.push({ qos: 1 });
    line.push({ qos: 0 });
    expect(line.dropped).toEqual([2, 4]);
    expect(line.drain()).toEqual([1, 3, 5, 6]);
  });

  it("[M17] as many of them as it takes, and none for what fits into no queue", () => {
    const line = new Line();
    for (let count = 0; count < 3; count += 1) line.push({ qos: 0, bytes: 300 });
    line.push({ bytes: 1_001 });
    expect(line.dropped).toEqual([4]);
    line.push({ bytes: 700 });
    expect(line.dropped).toEqual([4, 1, 2]);
    expect(line.drain()).toEqual([3, 5]);
  });

  it("[P9] point-to-point drops its oldest, whatever stands before and between", () => {
    const line = new Line();
    line.push();
    line.push(direct());
    line.push();
    line.push(direct());
    line.push(direct({ qos: 0 }));
    line.push(direct());
    line.push(direct());
    expect(line.dropped).toEqual([2, 4]);
    expect(line.drain()).toEqual([1, 3, 5, 6, 7]);
  });

  it("[P9] as many as its bytes take; what is larger than all, or has no room at all, goes itself", () => {
    const line = new Line();
    line.push(direct({ bytes: 250 }));
    line.push(direct({ bytes: 250 }));
    line.push(direct({ bytes: 1 }));
    expect(line.dropped).toEqual([1]);
    line.push(direct({ bytes: 500 }));
    expect(line.dropped).toEqual([1, 2, 3]);
    line.push(direct({ bytes: 501 }));
    expect(line.dropped).toEqual([1, 2, 3, 5]);
    const none = new Line({ pointToPointMessagesMax: 0 });
    none.push(direct());
    expect(none.dropped).toEqual([1]);
  });

  it("[P9] at the bounds of point-to-point holds all, with room for one the older goes", () => {
    const line = new Line();
    line.push({ pointToPoint: true, bytes: 200 });
    line.push({ pointToPoint: true, bytes: 300 });
    expect(line.dropped).toEqual([]);
    const narrow = new Line({ pointToPointMessagesMax: 1 });
    narrow.push({ pointToPoint: true });
    narrow.push({ pointToPoint: true });
    expect(narrow.dropped).toEqual([1]);
    expect(narrow.drain()).toEqual([2]);
  });

  it.each([
    ["queueMessagesMax", {}],
    ["queueBytesMax", {}],
    ["pointToPointMessagesMax", { pointToPoint: true }],
    ["pointToPointBytesMax", { pointToPoint: true }],
  ])("[M17] [P9] with %s of 0 nothing waits", (limit, options) => {
    const line = new Line({ [limit]: 0 });
    line.push({ ...options, bytes: 10 });
    expect(line.dropped).toEqual([1]);
    expect(line.queue.length).toBe(0);
  });

  it("[M17] [P9] the two accounts do not touch each other", () => {
    const line = new Line();
    for (let count = 0; count < 10; count += 1) {
      line.push({ qos: 0 });
      line.push(direct({ qos: 0 }));
    }
    expect([line.queue.length, line.queue.pointToPointLength]).toEqual([7, 3]);
  });

  it("[M17] [P9] holds more in a burst, and its end costs one message for each that comes", () => {
    const line = new Line();
    for (let count = 0; count < 6; count += 1) line.push({}, 6);
    for (let count = 0; count < 6; count += 1) line.push(direct(), 6);
    expect(line.dropped).toEqual([]);
    line.push({}, 6);
    expect(line.dropped).toEqual([13]);
    line.push();
    expect(line.dropped).toEqual([13, 14]);
    line.push(direct());
    line.push(direct());
    expect(line.dropped).toEqual([13, 14, 7, 8]);
    expect([line.queue.length, line.queue.pointToPointLength]).toEqual([12, 6]);
  });

  it("[M17] lets go of everything at QoS 0 when its Client goes", () => {
    const line = new Line();
    line.push({ qos: 0 });
    line.push({ qos: 1 });
    line.push(direct({ qos: 0 }));
    line.push({ qos: 2 });
    line.removeQos0();
    line.removeQos0();
    expect(line.dropped).toEqual([1, 3]);
    expect(line.queue.length).toBe(2);
    expect(line.drain()).toEqual([2, 4]);
  });

  it("[P9] lets go of what is past its age, wherever it stands", () => {
    const line = new Line();
    line.push();
    line.push(direct({ expiresMs: 100 }));
    line.push(direct({ expiresMs: 300 }));
    line.push(direct({ expiresMs: 200 })); // it came out of an inbox: older than the one before
    line.removeExpired(99);
    expect(line.dropped).toEqual([]);
    line.removeExpired(200);
    expect(line.dropped).toEqual([2, 4]);
    line.removeExpired(299);
    expect(line.dropped).toEqual([2, 4]);
    line.removeExpired(300);
    expect(line.dropped).toEqual([2, 4, 3]);
    expect(line.drain()).toEqual([1]);
  });

  it("[P9] [D14] a flood into a queue nobody reads keeps no more than its bounds", () => {
    const line = new Line({ pointToPointMessagesMax: 10, pointToPointBytesMax: 1_000 });
    line.push(); // never read: what is dropped stands behind it
    const nowUs = () => process.cpuUsage().user; // what other programs take does not count
    const startUs = nowUs();
    for (let count = 0; count < 2_000; count += 1) line.push(direct());
    const firstUs = nowUs() - startUs;
    for (let count = 0; count < 30_000; count += 1) line.push(direct());
    const againUs = nowUs();
    for (let count = 0; count < 2_000; count += 1) line.push(direct());
    // With a hole for each dropped message the last two thousand would take 16 times as long.
    expect(nowUs() - againUs).toBeLessThan(Math.max(200_000, firstUs * 8));
    expect(line.queue.length).toBe(11);
    expect(line.drain()).toEqual([1, ...Array.from({ length: 10 }, (_, at) => 33_992 + at)]);
  });

  it("keeps its order while it is filled and emptied for long", () => {
    const line = new Line({ queueMessagesMax: 1_000 });
    const seen: number[] = [];
    for (let round = 0; round < 300; round += 1) {
      for (let count = 0; count < 3; count += 1) line.push();
      for (let count = 0; count < 2; count += 1) seen.push(line.queue.shift()?.sequence ?? -1);
    }
    seen.push(...line.drain());
    expect(seen).toEqual(Array.from({ length: 900 }, (_, at) => at + 1));
  });
});

describe("a queue with pages", () => {
  it("holds in memory what comes while the Client is connected", () => {
    const line = new Line({}, new Pages());
    line.push();
    line.push({ qos: 0 });
    expect(line.drain()).toEqual([1, 2]);
    expect(line.pages?.readCount).toBe(0);
  });

  it("holds only the number of what comes while the Client is away, and reads it page by page", () => {
    const line = new Line({ queueMessagesMax: 1_000 }, new Pages());
    line.toPages = true;
    for (let count = 0; count < 150; count += 1) line.push({ bytes: 2 });
    expect([line.queue.length, line.queue.byteCount]).toEqual([150, 300]);
    expect(line.pages?.readCount).toBe(0);
    expect(line.queue.peek()?.sequence).toBe(1);
    expect(line.pages?.readCount).toBe(PAGE);
    expect(line.drain()).toEqual(Array.from({ length: 150 }, (_, at) => at + 1));
    expect([line.queue.length, line.queue.byteCount]).toEqual([0, 0]);
    expect(line.pages?.readCount).toBe(150);
  });

  it("lets go of what is in memory when its Client goes, and of no more than the pages have", () => {
    const line = new Line({ queueMessagesMax: 1_000 }, new Pages());
    for (let count = 0; count < 100; count += 1) line.push();
    line.queue.shift();
    line.queue.unload();
    line.queue.unload();
    line.toPages = true;
    line.push();
    expect(line.queue.length).toBe(100);
    expect(line.drain()).toEqual(Array.from({ length: 100 }, (_, at) => at + 2));
  });

  it("takes QoS 0 again when all pages are read", () => {
    const line = new Line({}, new Pages());
    line.push({ qos: 1 });
    line.push({ qos: 1 });
    line.queue.unload();
    expect(line.queue.peek()?.sequence).toBe(1);
    line.push({ qos: 0 });
    expect(line.dropped).toEqual([]);
    expect(line.drain()).toEqual([1, 2, 3]);
  });

  it("counts what is there and not where something was when its Client goes", () => {
    const pages = new Pages();
    const line = new Line({}, pages);
    for (const qos of [1, 0, 1] as const) line.push({ qos });
    line.removeQos0();
    line.queue.unload();
    expect(line.drain()).toEqual([1, 3]);
    const { readCount } = pages;
    expect(line.queue.peek()).toBeUndefined();
    expect(pages.readCount).toBe(readCount);
  });

  it("keeps everything in memory without pages", () => {
    const line = new Line();
    line.push();
    line.queue.unload();
    expect(line.drain()).toEqual([1]);
  });

  it("sends what comes while pages are still to be read behind them; QoS 0 cannot wait there", () => {
    const line = new Line({ queueMessagesMax: 1_000 }, new Pages());
    line.toPages = true;
    for (let count = 0; count < 70; count += 1) line.push();
    line.toPages = false;
    expect(line.queue.shift()?.sequence).toBe(1);
    line.push();
    line.push({ qos: 0 });
    expect(line.dropped).toEqual([72]);
    expect(line.drain()).toEqual(Array.from({ length: 70 }, (_, at) => at + 2));
  });

  it("[P9] drops the oldest out of the pages, and knows what is past its age there", () => {
    const line = new Line({}, new Pages());
    line.toPages = true;
    line.push();
    for (const expiresMs of [100, 200, 300]) line.push(direct({ expiresMs }));
    line.push(direct({ expiresMs: 400 }));
    expect(line.dropped).toEqual([2]);
    line.queue.unload();
    line.removeExpired(199);
    expect(line.dropped).toEqual([2]);
    line.removeExpired(300);
    expect(line.dropped).toEqual([2, 3, 4]);
    line.queue.unload();
    expect(line.drain()).toEqual([1, 5]);
  });

  it("[M33] shows all that waits, from memory and from the pages, and keeps none of the pages", () => {
    const line = new Line({ queueMessagesMax: 1_000 }, new Pages());
    for (const qos of [1, 0, 1] as const) line.push({ qos });
    line.removeQos0(); // leaves a hole between the other two
    line.toPages = true;
    for (let count = 0; count < 2 * PAGE; count += 1) line.push();
    const expected = [1, 3, ...Array.from({ length: 2 * PAGE }, (_, at) => at + 4)];
    for (const _ of ["first look", "second look"]) {
      expect([...line.queue.all()].map(({ sequence }) => sequence)).toEqual(expected);
    }
    expect(line.queue.length).toBe(expected.length);
    expect(line.drain()).toEqual(expected);
  });

  it("[M33] shows no more than the pages have, though more was counted", () => {
    const pages = new Pages();
    const line = new Line({ queueMessagesMax: 1_000 }, pages);
    line.toPages = true;
    for (let count = 0; count < 3; count += 1) line.push();
    pages.lose(2);
    pages.lose(3);
    expect([...line.queue.all()].map(({ sequence }) => sequence)).toEqual([1]);
  });

  it("ends when the pages have less than was counted: there is nothing left to wait for", () => {
    const pages = new Pages();
    const line = new Line({}, pages);
    line.toPages = true;
    for (let count = 0; count < 3; count += 1) line.push();
    for (const sequence of [1, 2, 3]) pages.lose(sequence);
    expect(line.drain()).toEqual([]);
    expect(line.queue.length).toBe(0);
    line.push();
    expect(line.drain()).toEqual([4]);
  });

  it("[D1] what the pages have lost takes nothing with it that is in memory already", () => {
    const pages = new Pages();
    const line = new Line({}, pages);
    line.toPages = true;
    for (const expiresMs of [100, 900, 900]) line.push(direct({ expiresMs }));
    line.push();
    pages.lose(2);
    line.removeExpired(100); // all of it comes into memory
    expect(line.dropped).toEqual([1]);
    expect([line.queue.length, line.queue.pointToPointLength]).toEqual([2, 1]);
    line.queue.unload();
    expect(line.drain()).toEqual([3, 4]);
    expect([line.queue.length, line.queue.byteCount]).toEqual([0, 0]);
  });

  it("[D1] nor what was taken out before", () => {
    const pages = new Pages();
    const line = new Line({ queueMessagesMax: 1_000, queueBytesMax: 100_000 }, pages);
    line.toPages = true;
    line.push(direct({ expiresMs: 100 }));
    for (let count = 0; count < PAGE; count += 1) line.push();
    expect(line.queue.shift()?.sequence).toBe(1);
    expect(line.queue.shift()?.sequence).toBe(2);
    pages.lose(PAGE + 1);
    expect(line.queue.length).toBe(PAGE - 1);
    line.removeExpired(100); // all of it comes into memory
    expect(line.queue.length).toBe(PAGE - 2);
    expect(line.drain()).toHaveLength(PAGE - 2);
    expect([line.queue.length, line.queue.byteCount]).toEqual([0, 0]);
  });
});
