import { describe, expect, it } from "vitest";
import { targetView } from "../../../src/codec/bytes/target-view.js";

describe("targetView", () => {
  it("makes a view of what is asked for again, once", () => {
    const slab = new Uint8Array(100).subarray(10, 60);
    const other = new Uint8Array(5);
    expect(targetView(slab)).toBeUndefined();
    const view = targetView(slab);
    expect(view?.byteOffset).toBe(10);
    expect(view?.byteLength).toBe(50);
    expect(targetView(slab)).toBe(view);
    expect(targetView(other)).toBeUndefined();
    expect(targetView(slab)).toBeUndefined();
  });
});
