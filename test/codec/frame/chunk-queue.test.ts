import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChunkQueue } from "../../../src/codec/frame/chunk-queue.js";

describe("ChunkQueue", () => {
  it("gives chunks in their order and counts their bytes, as an array does", () => {
    const step = fc.oneof(fc.constant("shift" as const), fc.integer({ min: 1, max: 9 }));
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const queue = new ChunkQueue();
        const model: Uint8Array[] = [];
        for (const what of steps) {
          if (what === "shift") {
            expect(queue.shift()).toBe(model.shift());
          } else {
            const chunk = new Uint8Array(what);
            queue.push(chunk);
            model.push(chunk);
          }
          expect(queue.byteCount).toBe(model.reduce((sum, { length }) => sum + length, 0));
        }
      }),
    );
  });

  it("takes 200,000 chunks in linear time", () => {
    const queue = new ChunkQueue();
    const chunk = new Uint8Array(1);
    for (let index = 0; index < 200_000; index++) queue.push(chunk);
    let count = 0;
    while (queue.shift() !== undefined) count++;
    expect(count).toBe(200_000);
  });
});
