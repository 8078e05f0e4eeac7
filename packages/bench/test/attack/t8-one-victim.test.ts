import { expect, it } from "vitest";
import { oneVictim } from "../../src/attack/t8-one-victim.js";
import { carriedOut } from "./carried-out.js";

it("floods the inbox of one client", async () => {
  const { stub, notes } = await carriedOut(oneVictim, 1, (_, room) =>
    room.attackers.some(({ received }) => received > 0),
  );
  expect(stub.subscribed).toEqual(["attack/p2p/attack-t8-victim"]);
  expect([...stub.published]).toEqual(["attack/p2p/attack-t8-victim"]);
  expect(notes["messages received"]).toBeGreaterThan(0);
});
