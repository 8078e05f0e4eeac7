import { describe, expect, it } from "vitest";
import { MemoryBackend, memoryStore } from "../../src/store/memory-store.js";
import {
  decodeQueues,
  encodeQueues,
  QUEUES_PER_RECORD,
  queueKey,
  readQueues,
} from "../../src/store/queue-counts.js";
import { seal } from "../../src/store/seal.js";
import { deliveryOf } from "../support/deliveries.js";

describe("[D2] the counts of queues", () => {
  it("come back, and are zero where there are none", () => {
    const counts = Uint32Array.from({ length: QUEUES_PER_RECORD }, (_, at) => at * 1_000);
    expect(decodeQueues(queueKey(5), seal(queueKey(5), encodeQueues(counts)))).toEqual(counts);
    expect(readQueues(new MemoryBackend(), 5).every((count) => count === 0)).toBe(true);
  });

  it("are counted anew when their record is damaged", () => {
    const backend = new MemoryBackend();
    const store = memoryStore(backend);
    store.putDelivery(64, deliveryOf(1));
    store.putDelivery(64, deliveryOf(2));
    store.putDelivery(127, deliveryOf(1));
    store.putDelivery(128, deliveryOf(1));
    store.seal();
    const before = readQueues(backend, 1);
    const value = Uint8Array.from(backend.get(queueKey(1)) ?? []);
    value[3] = 99;
    backend.apply({ kind: "put", key: queueKey(1), value });
    expect(readQueues(backend, 1)).toEqual(before);
    expect([before[0], before[63]]).toEqual([2, 1]);
  });
});
