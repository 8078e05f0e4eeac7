import { describe, expect, it } from "vitest";
import { Delivery } from "../../src/session/delivery.js";
import type { Message } from "../../src/session/message.js";
import type { Operation } from "../../src/store/backend.js";
import { KeyedStore } from "../../src/store/keyed-store.js";
import { Table, tableRange } from "../../src/store/keys.js";
import { MemoryBackend } from "../../src/store/memory-store.js";
import { deliveryOf, messageOf } from "../support/deliveries.js";
import { examined } from "../support/examined.js";

/** A disk that remembers how much each commit wrote, and takes them when the test says so. */
class CountingDisk extends MemoryBackend {
  readonly commits: { operations: number; bytes: number }[] = [];
  readonly #waiting: (() => void)[] = [];

  override commit(operations: readonly Operation[], done: (error?: Error) => void): void {
    let bytes = 0;
    for (const one of operations) if (one.kind === "put") bytes += one.value.length;
    this.commits.push({ operations: operations.length, bytes });
    this.#waiting.push(() => super.commit(operations, done));
  }

  finishOne(): boolean {
    const next = this.#waiting.shift();
    next?.();
    return next !== undefined;
  }
}

const atOnce = (commit: () => void): void => commit();

function storeOver(disk: CountingDisk, commitWeightMax?: number): KeyedStore {
  const bound = commitWeightMax === undefined ? {} : { commitWeightMax };
  return new KeyedStore({ backend: disk, gather: atOnce, retry: atOnce, ...bound });
}

function onlyDelivery(store: KeyedStore, key: number): Delivery {
  const into: Delivery[] = [];
  store.pagesOf(key).read(0, 10, into);
  expect(into).toHaveLength(1);
  return into[0] as Delivery; // as the line above says
}

const MEGABYTE = 1_000_000;
const RECEIVERS = 1_000;

describe("[T5] a message of 1 MB for 1,000 receivers that are away", () => {
  function publish(store: KeyedStore, keys: readonly number[], sequence: number): void {
    const message = messageOf("big", "x".repeat(MEGABYTE));
    for (const key of keys) {
      const delivery = new Delivery(message, 1, false, false, 0);
      delivery.sequence = sequence;
      store.putDelivery(key, delivery);
    }
    store.seal();
  }

  it("[M30] stays when the last of them, which came by a share, ends and another gets it", () => {
    const disk = new CountingDisk();
    const store = storeOver(disk);
    const [first, second] = [store.nextKey(), store.nextKey()];
    const delivery = new Delivery(messageOf("big", "x".repeat(MEGABYTE)), 1, false, false, 0);
    delivery.sequence = 1;
    delivery.share = "$share/g/big";
    store.putDelivery(first, delivery);
    store.seal();
    while (disk.finishOne());
    const next = storeOver(disk); // another run: message and share come from the disk
    const found = onlyDelivery(next, first);
    expect([found.share, found.storedPayload > 0]).toEqual(["$share/g/big", true]);
    const handedOver = new Delivery(found.message as Message, 1, false, false, 0);
    handedOver.sequence = 1;
    handedOver.share = found.share;
    next.deleteOwner(first);
    next.putDelivery(second, handedOver);
    next.seal();
    while (disk.finishOne());
    const { counts, references, damaged } = examined(disk);
    expect([counts.deliveries, counts.payloads, references.size, damaged]).toEqual([1, 1, 0, []]);
    const kept = onlyDelivery(storeOver(disk), second);
    expect([kept.share, kept.message?.payload.length]).toEqual(["$share/g/big", MEGABYTE]);
  });

  it("is written once, and removed with the last of them", () => {
    const disk = new CountingDisk();
    const store = storeOver(disk);
    const keys = Array.from({ length: RECEIVERS }, () => store.nextKey());
    publish(store, keys, 1);
    while (disk.finishOne());
    expect(disk.commits.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(1.2 * MEGABYTE);
    expect(examined(disk).counts).toMatchObject({ deliveries: RECEIVERS, payloads: 1 });
    const next = storeOver(disk); // another run: it knows the count from the disk
    for (const key of keys) {
      const into: Delivery[] = [];
      next.pagesOf(key).read(0, 10, into);
      expect(into[0]?.message?.payload).toHaveLength(MEGABYTE);
      next.deleteDelivery(key, into[0] as Delivery);
      if (key % 100 !== 0) continue;
      expect(examined(disk).counts.payloads).toBe(1);
      next.seal();
      while (disk.finishOne());
    }
    expect(examined(disk).counts).toMatchObject({ deliveries: 0, payloads: 0 });
    expect([...disk.entries(...range(Table.REFERENCES))]).toEqual([]);
  }, 60_000);

  it("is read once for all that come back together", () => {
    const disk = new CountingDisk();
    const keys = [1, 2, 3];
    publish(storeOver(disk), keys, 1);
    while (disk.finishOne());
    const store = storeOver(disk);
    const blocks = keys.map((key) => {
      const into: Delivery[] = [];
      store.pagesOf(key).read(0, 10, into);
      return into[0]?.message?.block;
    });
    expect(new Set(blocks).size).toBe(1);
  });
});

describe("[T5] [M26] a commit has a bound", () => {
  it("many large turns are committed one after the other, in order, none of them in parts", () => {
    const disk = new CountingDisk();
    const store = storeOver(disk, 50_000);
    const tickets: number[] = [];
    for (let turn = 0; turn < 20; turn += 1) {
      for (let key = 1; key <= 5; key += 1) {
        store.putDelivery(key, deliveryOf(turn + 1, { payload: "x".repeat(900), qos: 2 }));
      }
      store.putInbound(9, turn + 1); // the publisher's exchange: with all of its turn or not at all
      tickets.push(store.seal());
    }
    let committed = 0;
    while (disk.finishOne()) {
      const { deliveries, inbound } = examined(disk).counts;
      expect(deliveries).toBe(5 * inbound);
      expect(store.committedTicket).toBe(tickets[inbound - 1]);
      expect(store.committedTicket).toBeGreaterThan(committed);
      committed = store.committedTicket;
    }
    expect(committed).toBe(tickets.at(-1));
    expect(disk.commits.length).toBeGreaterThan(3);
    for (const { bytes } of disk.commits) expect(bytes).toBeLessThan(60_000);
  });

  it("a turn that alone is larger is one commit all the same", () => {
    const disk = new CountingDisk();
    const store = storeOver(disk, 5_000);
    for (let key = 1; key <= 50; key += 1) store.putDelivery(key, deliveryOf(1));
    store.seal();
    while (disk.finishOne());
    expect(disk.commits).toHaveLength(1);
    expect(examined(disk).counts.deliveries).toBe(50);
  });

  it("[M25] an owner that ends in a later commit leaves nothing of an earlier one", () => {
    const disk = new CountingDisk();
    const store = storeOver(disk, 15_000);
    const key = store.nextKey();
    for (let n = 1; n <= 4; n += 1) {
      store.putDelivery(key, deliveryOf(n, { payload: "x".repeat(5_000) }));
      store.putDelivery(99, deliveryOf(n, { payload: "x".repeat(5_000) }));
      store.seal();
    }
    store.deleteOwner(key);
    store.seal();
    while (disk.finishOne());
    expect(examined(disk).counts).toMatchObject({ deliveries: 4, payloads: 4 });
  });
});

function range(table: Table): [Uint8Array, Uint8Array] {
  const { from, to } = tableRange(table);
  return [from, to];
}
