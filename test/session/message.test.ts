import { describe, expect, it } from "vitest";
import { Message } from "../../src/session/message.js";

const topic = new TextEncoder().encode("caf\u00e9");
const block = Uint8Array.of(9, 1, 2, 3, 9);

describe("a message", () => {
  it("counts the bytes of its Topic Name in UTF-8 and of its payload", () => {
    expect(new Message("caf\u00e9", topic, block, 1, 4, 1).byteCount).toBe(5 + 3);
    expect(new Message("caf\u00e9", topic, block, 2, 2, 0).byteCount).toBe(5);
  });

  it("has its payload as a view of the block, which others share", () => {
    const { payload } = new Message("caf\u00e9", topic, block, 1, 4, 2);
    expect(payload).toEqual(Uint8Array.of(1, 2, 3));
    expect(payload.buffer).toBe(block.buffer);
  });
});
