import { expect, it } from "vitest";
import { subscribeLong } from "../../src/attack/long-filters.js";
import type { Attack } from "../../src/attack/room.js";
import { AttackRoom } from "../../src/attack/room.js";
import { StubBroker } from "../stub-broker.js";
import { carriedOut } from "./carried-out.js";

function attack(count: number): Attack {
  return {
    ...{ name: "L", title: "", p99MsMax: 50, prepare: async () => undefined },
    run: (room) => subscribeLong(room, "long", count, (n) => 100 + n),
  };
}

it("subscribes to different filters of the lengths asked for", async () => {
  const { stub, notes } = await carriedOut(attack(25), 1);
  expect(stub.subscribed.map(({ length }) => length)).toEqual(
    Array.from({ length: 25 }, (_, n) => 100 + n),
  );
  expect(notes).toEqual({ "filters sent": 25 });
});

it("comes back when it is refused, and gives up in the end", async () => {
  const stub = await StubBroker.start({ returnCode: 5 });
  const room = new AttackRoom({ host: "127.0.0.1", port: stub.port }, 1);
  await attack(10_000).run(room);
  await stub.stop();
  expect(Object.fromEntries(room.notes)).toEqual({ "connections refused": 100 });
});
