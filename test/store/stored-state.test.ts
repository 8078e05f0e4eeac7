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
