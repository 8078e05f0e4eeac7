import { expect, it } from "vitest";
import { fanOut } from "../../src/attack/t1-fan-out.js";
import { carriedOut } from "./carried-out.js";

it("floods one topic that all subscribers have", async () => {
  const { stub, notes } = await carriedOut(fanOut, 0.003, (_, room) =>
    room.attackers.some(({ received }) => received > 0),
  );
  expect(stub.subscribed).toEqual(["attack/t1", "attack/t1", "attack/t1"]);
  expect([...stub.published]).toEqual(["attack/t1"]);
  expect(notes["messages sent"]).toBeGreaterThan(0);
  expect(notes["messages received"]).toBeGreaterThan(0);
});
