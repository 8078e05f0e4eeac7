import { describe, expect, it } from "vitest";
import { FieldReader, FieldWriter } from "../../src/cluster/byte-fields.js";
import { Incoming } from "../../src/cluster/incoming.js";
import { DEFAULT_LIMITS } from "../../src/engine.js";
import { noStore } from "../../src/ports/store.js";

const SESSION = new FieldReader(new FieldWriter().u8(1).u8(0).bytes);

describe("a Session that comes", () => {
  it("[M33] takes its parts in their order, each once", () => {
    const core = { limits: DEFAULT_LIMITS, store: noStore(), memory: {}, workLeft: 10, nowMs: 1 };
    const incoming = new Incoming(core as never, "x", "a", 5, 9);
    const nothing = (): FieldReader => new FieldReader(new Uint8Array(0));
    expect(incoming.take(2, true, nothing())).toBe(false);
    expect(incoming.take(1, false, SESSION)).toBe(true);
    expect(incoming.take(1, false, nothing())).toBe(false);
    expect(incoming.isComplete).toBe(false);
    expect(incoming.take(2, true, nothing())).toBe(true);
    expect([incoming.isComplete, incoming.session?.cleanSession]).toEqual([true, false]);
  });
});
