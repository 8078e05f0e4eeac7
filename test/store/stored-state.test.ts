import { describe, expect, it } from "vitest";
import { MemoryBackend, memoryStore } from "../../src/store/memory-store.js";
import { DamagedRecordError } from "../../src/store/seal.js";
import { StoredState } from "../../src/store/stored-state.js";
import { Times } from "../../src/store/times.js";
import { messageOf } from "../support/deliveries.js";

const times = new Times(0);

describe("what a medium holds", () => {
  it("is nothing at first", () => {
    const state = new StoredState(new MemoryBackend(), times);
    expect(state.nextKey()).toBe(0);
    const all = [state.sessions(), state.inboxes(), state.retained(), state.wills()];
    expect(all.flatMap((one) => [...(one as Iterable<unknown>)])).toEqual([]);
  });

  it("is handed out by owner, with what belongs to each, and the number of the newest", () => {
    const backend = new MemoryBackend();
    const store = memoryStore(backend);
    const keys = [store.nextKey(), store.nextKey(), store.nextKey()];
    for (const key of keys) {
      store.putSession({ key, clientId: `c${key}`, username: undefined, offlineSinceMs: key });
    }
    store.putSubscription(2, "a", 1);
    store.putSubscription(3, "b", 2);
    store.putInbound(1, 7);
    store.putRetained(messageOf("r", "x"));
    store.seal();
    const state = new StoredState(backend, times);
    expect(
      Array.from(state.sessions(), ({ clientId, subscriptions, inbound }) => [
        clientId,
        subscriptions,
        inbound,
      ]),
    ).toEqual([
      ["c1", [], [7]],
      ["c2", [["a", 1]], []],
      ["c3", [["b", 2]], []],
    ]);
    expect(Array.from(state.retained(), ({ topicName }) => topicName)).toEqual(["r"]);
    expect(state.nextKey()).toBe(3);
  });

  it("[M36] has what a Session has published and was given, under the longest identifiers too", () => {
    const backend = new MemoryBackend();
    const store = memoryStore(backend);
    const keys = [store.nextKey(), store.nextKey()];
    for (const key of keys) {
      const record = { key, clientId: `c${key}`, username: undefined, offlineSinceMs: 1 };
      store.putSession({ ...record, numberFloor: 100 });
    }
    const long = "x".repeat(60_000);
    store.putInbound(1, 7, 2 ** 40);
    store.putInbound(1, 8);
    store.putReleased(1, 9, 150);
    store.putNumberFloor(1, 120);
    store.putSeen(1, "p", [{ packetId: 65_535, number: 2 ** 40 + 1 }]);
    store.putSeen(1, long, [{ packetId: 1, number: 2 }]);
    store.putSeen(1, "q", [{ packetId: 1, number: 2 }]);
    store.putSeen(2, "p", []);
    store.seal();
    store.putSeen(1, "q", undefined);
    store.putInbound(2, 5, 9);
    store.deleteInbound(2, 5);
    store.seal();
    const [first, second] = new StoredState(backend, times).sessions();
    expect(first).toMatchObject({
      ...{ inbound: [7, 8], numberFloor: 120 },
      numbered: [
        { packetId: 7, number: 2 ** 40, isReleased: false },
        { packetId: 9, number: 150, isReleased: true },
      ],
    });
    expect(new Map(first?.seen)).toEqual(
      new Map([
        ["p", [{ packetId: 65_535, number: 2 ** 40 + 1 }]],
        [long, [{ packetId: 1, number: 2 }]],
      ]),
    );
    expect(second).toMatchObject({ inbound: [], numberFloor: 100, seen: [["p", []]] });
    store.deleteOwner(1);
    store.seal();
    expect(backend.size).toBe(3); // the other one, what it was given, and the number given last
  });

  it("[J06] says which record is not what was written", () => {
    const backend = new MemoryBackend();
    const store = memoryStore(backend);
    store.putRetained(messageOf("r", "xxxx"));
    store.seal();
    for (const { key, value } of backend.entries(Uint8Array.of(1), Uint8Array.of(255))) {
      const bent = value.slice();
      bent[4] = (bent[4] as number) ^ 1;
      backend.apply({ kind: "put", key, value: bent });
    }
    expect(() => [...new StoredState(backend, times).retained()]).toThrow(DamagedRecordError);
  });
});
