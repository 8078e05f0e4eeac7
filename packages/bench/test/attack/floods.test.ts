import { expect, it } from "vitest";
import { FLOODS } from "../../src/attack/floods.js";
import { AttackRoom } from "../../src/attack/room.js";
import { StubBroker, type StubOptions } from "../stub-broker.js";

it("has the floods of the list, in their order", () => {
  expect(FLOODS.map(({ name }) => name).join(" ")).toBe("I01 I02 I03 K11 M02");
});

/** Carries one out against a stub until so many connections have come. */
async function carriedOut(name: string, connections: number, options: StubOptions = {}) {
  const stub = await StubBroker.start(options);
  const address = { host: "127.0.0.1", port: stub.port, tlsPort: stub.port, username: "anna" };
  const room = new AttackRoom(address, 0.05);
  const flood = FLOODS.find((one) => one.name === name);
  const timer = setInterval(() => {
    if (stub.connections >= connections) room.end();
  }, 5);
  await flood?.run(room);
  clearInterval(timer);
  await stub.stop();
  return Object.fromEntries(room.notes);
}

it.each([
  ["I01", 100],
  ["I02", 25],
])("%s keeps its connections", async (name, count) => {
  const notes = await carriedOut(name, count);
  expect(notes).toEqual({ "connections opened": count });
});

it("I03 opens one connection after the other", async () => {
  const { "connections opened": opened = 0 } = await carriedOut("I03", 20);
  expect(opened).toBeGreaterThanOrEqual(20);
});

it("M02 counts what its guesses are answered with", async () => {
  const notes = await carriedOut("M02", 10, { returnCode: 4 });
  expect(notes["guesses answered with 4"]).toBeGreaterThanOrEqual(10);
});

it("K11 counts the handshakes that are answered: here none", async () => {
  const notes = await carriedOut("K11", 5);
  expect(notes["connections opened"]).toBeGreaterThanOrEqual(5);
  expect(notes["handshakes answered"]).toBeUndefined();
});
