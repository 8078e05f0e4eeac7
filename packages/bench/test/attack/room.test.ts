import { afterEach, beforeEach, expect, it } from "vitest";
import { AttackRoom, inGroups } from "../../src/attack/room.js";
import { StubBroker } from "../stub-broker.js";

let stub: StubBroker;

beforeEach(async () => {
  stub = await StubBroker.start();
});

afterEach(() => stub.stop());

function room(scale: number): AttackRoom {
  return new AttackRoom({ host: "127.0.0.1", port: stub.port }, scale);
}

it("scales numbers, but never to none", () => {
  expect([room(0.5).scaled(7), room(0.001).scaled(10), room(3).scaled(2)]).toEqual([4, 1, 6]);
});

it("opens connections, and drops them all", async () => {
  const one = room(1);
  const all = await one.connectAll(250, (n) => ({ clientId: `c${n}` }));
  expect(all).toHaveLength(250);
  expect(one.attackers).toHaveLength(250);
  one.dropAll();
  expect(all.some(({ open }) => open)).toBe(false);
  expect(one.attackers).toHaveLength(0);
});

it("notes who was refused and who was cut off, but not whom it cut off itself", async () => {
  const one = room(1);
  const attacker = await one.connect({ clientId: "c" });
  await stub.stop();
  await one.connect({ clientId: "d" });
  expect(attacker && (await one.flood(attacker, Buffer.from([0xc0, 0])))).toBeGreaterThanOrEqual(0);
  one.end();
  one.noteIfClosed(attacker);
  expect(Object.fromEntries(one.notes)).toEqual({
    "connections refused": 1,
    "connections closed by the server": 1,
  });
  stub = await StubBroker.start();
});

it("calls for each of them, some at a time", async () => {
  const seen: number[] = [];
  let most = 0;
  let now = 0;
  await inGroups(
    7,
    async (index) => {
      seen.push(index);
      now += 1;
      most = Math.max(most, now);
      await Promise.resolve();
      now -= 1;
    },
    3,
  );
  expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(most).toBe(3);
});
