import { expect, it } from "vitest";
import { inboundKey, packetIdOf } from "../../src/store/keys.js";
import { OwnerCursor } from "../../src/store/owner-cursor.js";

it("hands out each owner's entries in one pass, and skips those nobody asks for", () => {
  const entries = [
    [1, 5],
    [1, 6],
    [2, 7],
    [4, 8],
  ].map(([owner = 0, packetId = 0]) => ({
    key: inboundKey(owner, packetId),
    value: new Uint8Array(),
  }));
  const cursor = new OwnerCursor(entries);
  const take = (owner: number): number[] => cursor.take(owner, ({ key }) => packetIdOf(key));
  expect([take(1), take(3), take(4), take(5)]).toEqual([[5, 6], [], [8], []]);
});
