import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../src/ports/limits.js";
import { noStore } from "../../src/ports/store.js";
import type { Delivery } from "../../src/session/delivery.js";
import { DELIVERY_BYTES, MessageBytes } from "../../src/session/message-bytes.js";
import { Inboxes } from "../../src/state/inboxes.js";
import { memoryStore } from "../../src/store/memory-store.js";
import { examined } from "../support/examined.js";
import { bytesOf, connectPacket, Harness } from "../support/harness.js";
import { delivery } from "../support/session-parts.js";
import { SlowDisk, slowStore } from "../support/slow-store.js";

const direct = (expiresMs = 1_000): Delivery => delivery({ pointToPoint: true, expiresMs });

/** Keeps one. @returns what was dropped for it. */
function add(inboxes: Inboxes, clientId: string, kept: Delivery): Delivery[] {
  const dropped: Delivery[] = [];
  inboxes.add(clientId, kept, dropped);
  return dropped;
}

describe("inboxes", () => {
  it("[P7] keep for a Client until it is asked for, oldest first, and are gone then", () => {
    const inboxes = new Inboxes(DEFAULT_LIMITS, noStore(), new MessageBytes());
    const [first, second] = [direct(), direct()];
    add(inboxes, "a", first);
    add(inboxes, "b", direct());
    add(inboxes, "a", second);
    expect([inboxes.size, inboxes.has("a"), inboxes.has("c")]).toEqual([2, true, false]);
    const taken = inboxes.take("a").deliveries.map(({ message }) => message);
    expect(taken.map((message) => [first.message, second.message].indexOf(message))).toEqual([
      0, 1,
    ]);
    expect([inboxes.size, inboxes.has("a")]).toEqual([1, false]);
    expect(inboxes.take("a").deliveries).toEqual([]);
  });

  it("[T7] take memory where there is no Store, and give it back", () => {
    const memory = new MessageBytes();
    const inboxes = new Inboxes(DEFAULT_LIMITS, noStore(), memory);
    expect(inboxes.areInMemory).toBe(true);
    add(inboxes, "a", direct());
    expect(memory.used).toBeGreaterThan(DELIVERY_BYTES);
    inboxes.take("a");
    expect(memory.used).toBe(0);
    const stored = new Inboxes(DEFAULT_LIMITS, memoryStore(), memory);
    expect(stored.areInMemory).toBe(false);
    add(stored, "a", direct());
    expect(memory.used).toBe(0);
  });

  it("[P9] each has its bounds: at it all are kept, one past it the oldest goes", () => {
    const limits = { ...DEFAULT_LIMITS, pointToPointMessagesMax: 2 };
    const inboxes = new Inboxes(limits, noStore(), new MessageBytes());
    const oldest = direct();
    expect(add(inboxes, "a", oldest)).toEqual([]);
    expect(add(inboxes, "a", direct())).toEqual([]);
    expect(add(inboxes, "a", direct())).toEqual([oldest]);
    expect(add(inboxes, "b", direct())).toEqual([]);
  });

  it("[P9] look for what is past its age in so many at a time, in turn, and end when empty", () => {
    const inboxes = new Inboxes(DEFAULT_LIMITS, noStore(), new MessageBytes());
    for (const clientId of ["a", "b", "c"]) add(inboxes, clientId, direct(100));
    add(inboxes, "b", direct(900));
    const expired = (count: number): string[] =>
      inboxes.expire(500, count).expired.map(({ clientId }) => clientId);
    expect(expired(2)).toEqual(["a", "b"]);
    expect(expired(2)).toEqual(["c"]);
    expect(inboxes.size).toBe(1);
    expect(inboxes.expire(900, 10).expired).toMatchObject([{ clientId: "b" }]);
    expect(inboxes.size).toBe(0);
    expect(inboxes.expire(900, 10).expired).toEqual([]);
  });

  it("[P7] are found again in the Store, and counted when somebody asks", () => {
    const store = memoryStore();
    const before = new Inboxes(DEFAULT_LIMITS, store, new MessageBytes());
    add(before, "a", direct(100));
    add(before, "a", direct(900));
    store.seal();
    const after = new Inboxes(DEFAULT_LIMITS, store, new MessageBytes());
    expect(after.has("a")).toBe(true);
    expect(after.expire(500, 10)).toMatchObject({ expired: [{ clientId: "a" }], found: 2 });
    store.seal();
    expect(after.take("a")).toMatchObject({ deliveries: [{ expiresMs: 900 }], found: 0 });
    store.seal();
    expect(new Inboxes(DEFAULT_LIMITS, store, new MessageBytes()).size).toBe(0);
  });
});

describe("[D2] what is taken out of an inbox", () => {
  function over(disk: SlowDisk) {
    const harness = new Harness({ store: slowStore(disk) });
    const { broker } = harness;
    const commit = (): void => {
      disk.finishAll();
      broker.committed(harness.nowMs);
      broker.flush();
    };
    const send = (payload: string): void => {
      const whole = { parent: "t", payload: bytesOf(payload), qos: 1, keepOffline: true } as const;
      broker.sendToClient("R", whole, harness.nowMs);
    };
    return { harness, commit, send };
  }

  it.each(["committed", "on its way"])(
    "is counted where it is then, and so is the large message it refers to: %s",
    (state) => {
      const disk = new SlowDisk();
      const { harness, commit, send } = over(disk);
      const large = "L".repeat(50_000);
      for (const payload of ["1", large, "3"]) send(payload);
      if (state === "committed") commit();
      const receiver = connectPacket({ clientId: "R", cleanSession: false });
      harness.open().send(receiver);
      commit(); // CONNACK leaves
      commit(); // and the Client has acknowledged nothing
      const { queues, lost, damaged, counts } = examined(disk);
      expect({ queues, lost, damaged }).toEqual({ queues: [], lost: [], damaged: [] });
      expect(counts).toMatchObject({ deliveries: 3, payloads: 1 });
      const after = over(disk).harness;
      after.broker.restore(after.nowMs);
      const again = after.open();
      again.send(receiver);
      expect(again.payloads()).toEqual(["1", large, "3"]);
    },
  );
});
