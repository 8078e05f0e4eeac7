import { expect, it } from "vitest";
import { ChannelIds } from "../../src/library/channel-ids.js";

it("are 32 hex digits, one for each connection", () => {
  const ids = new ChannelIds("0123456789abcdef0123");
  expect(ids.of(1)).toBe("0123456789abcdef0123000000000001");
  expect(ids.of(2 ** 40)).toBe("0123456789abcdef0123010000000000");
});

it("are others in another run", () => {
  const [one, other] = [new ChannelIds().of(1), new ChannelIds().of(1)];
  expect(one).toMatch(/^[0-9a-f]{32}$/);
  expect(one).not.toBe(other);
});
