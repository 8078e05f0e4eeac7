import { expect, it } from "vitest";
import { usageOf } from "../../src/log/usage.js";

it("says how long a connection was open, in whole ms, and how many packets there were", () => {
  const ended = { sinceMs: 1_000.4, packetsReceived: 3, packetsSent: 4 };
  expect(usageOf(ended, 2_500.7)).toEqual({
    ...{ durationMs: 1_500, packetsReceived: 3, packetsSent: 4 },
  });
});
