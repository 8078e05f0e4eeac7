import { describe, expect, it } from "vitest";
import { deliveryKey } from "../../src/store/keys.js";
import { MemoryBackend, memoryStore } from "../../src/store/memory-store.js";
import { deliveryOf } from "../support/deliveries.js";
import { examined } from "../support/examined.js";

/** Two queues on a medium. */
function filled(): MemoryBackend {
  const backend = new MemoryBackend();
  const store = memoryStore(backend);
  for (const key of [1, 70]) {
    for (let n = 1; n <= 3; n += 1) store.putDelivery(key, deliveryOf(n));
  }
  store.seal();
  return backend;
}

describe("[D2] a look at every record", () => {
  it("finds nothing wrong with what was written", () => {
    expect(examined(filled())).toMatchObject({ damaged: [], lost: [], queues: [] });
  });

  it("says which queue has less than was put into it", () => {
    const backend = filled();
    backend.apply({ kind: "delete", key: deliveryKey(70, 2) });
    expect(examined(backend).queues).toEqual([{ owner: 70, counted: 3, found: 2 }]);
  });

  it("says which queue has more, or was not counted at all", () => {
    const backend = filled();
    const value = backend.get(deliveryKey(1, 1)) as Uint8Array;
    backend.apply({ kind: "put", key: deliveryKey(500, 1), value });
    const { queues, lost } = examined(backend);
    expect(queues).toEqual([{ owner: 500, counted: 0, found: 1 }]);
    expect(lost).toMatchObject([{ owner: 500, sequence: 1 }]); // it was written under another key
  });

  it("knows no other keys than ours", () => {
    const backend = filled();
    for (const byte of [0x41, 0x6d, 0x64]) {
      backend.apply({ kind: "put", key: Uint8Array.of(byte, 1), value: Uint8Array.of(1) });
    }
    expect(examined(backend).damaged).toHaveLength(3);
  });
});
