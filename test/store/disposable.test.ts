import { expect, it } from "vitest";
import { createBroker } from "../../src/library/mqtt-broker.js";
import { MemoryBackend, memoryStore } from "../../src/store/memory-store.js";

/** Counts how often its medium is let go of. */
class CountingBackend extends MemoryBackend {
  closed = 0;

  override async close(): Promise<void> {
    this.closed += 1;
  }
}

it("is closed once, by `await using`, by itself and by the broker that has it", async () => {
  const backend = new CountingBackend();
  {
    await using store = memoryStore(backend);
    const broker = createBroker({ store });
    broker.publish({ topicName: "t", payload: "x", retain: true });
    await broker.close();
    await store.close();
    expect(backend.closed).toBe(1);
  }
  expect(backend.closed).toBe(1);
  await memoryStore(backend)[Symbol.asyncDispose]();
  expect(backend.closed).toBe(2);
});
