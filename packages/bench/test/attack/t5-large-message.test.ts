import { expect, it } from "vitest";
import { largeMessage } from "../../src/attack/t5-large-message.js";
import { carriedOut } from "./carried-out.js";

it("publishes one message for sessions that are away, and ends them afterwards", async () => {
  const { stub, notes, during } = await carriedOut(largeMessage, 0.005);
  expect(during.sessions).toBe(5);
  expect(stub.subscribed).toHaveLength(5);
  expect([...stub.published]).toEqual(["attack/t5"]);
  expect(notes["milliseconds until PUBACK"]).toBeGreaterThanOrEqual(0);
  expect(stub.sessions.size).toBe(0);
});
