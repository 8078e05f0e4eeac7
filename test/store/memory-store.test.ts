import { describe, expect, it } from "vitest";
import { MemoryBackend, memoryStore } from "../../src/store/memory-store.js";
import { messageOf } from "../support/deliveries.js";

const key = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

function keysOf(backend: MemoryBackend, from: Uint8Array, to: Uint8Array): number[][] {
  return Array.from(backend.entries(from, to), (entry) => [...entry.key]);
}

describe("keys and values in memory", () => {
  it("are in the order of bytes, from the first key up to the last, not including it", () => {
    const backend = new MemoryBackend();
    for (const one of [key(2), key(1, 255), key(1), key(255)]) {
      backend.apply({ kind: "put", key: one, value: one });
    }
    expect(keysOf(backend, key(1), key(255))).toEqual([[1], [1, 255], [2]]);
    backend.apply({ kind: "delete-range", from: key(1), to: key(2) });
    backend.apply({ kind: "delete", key: key(9) });
    expect(keysOf(backend, key(0), key(255, 1))).toEqual([[2], [255]]);
  });

  it("hold copies: what was given may change", () => {
    const backend = new MemoryBackend();
    const value = key(1);
    backend.apply({ kind: "put", key: key(1), value });
    value[0] = 9;
    const [entry] = backend.entries(key(1), key(2));
    expect([...(entry?.value ?? [])]).toEqual([1]);
  });

  it("make a Store that commits at once, and hand its state to the next one", async () => {
    const backend = new MemoryBackend();
    const store = memoryStore(backend);
    store.putRetained(messageOf("r", "x"));
    expect(store.seal()).toBe(store.committedTicket);
    await store.close();
    expect([...memoryStore(backend).retained()].map(({ topicName }) => topicName)).toEqual(["r"]);
  });
});
