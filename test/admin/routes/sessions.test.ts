import { afterEach, beforeEach, expect, it } from "vitest";
import { Queue, Session } from "../../../src/admin/schemas.js";
import { type AdminWorld, adminWorld } from "../../support/admin.js";

let world: AdminWorld;
beforeEach(async () => {
  world = adminWorld();
  const client = await world.broker.connectInProcess({ clientId: "a/1", cleanSession: false });
  await client.subscribe("t", 1);
  await client.disconnect();
  for (let count = 0; count < 3; count += 1) {
    await world.broker.publish({ topicName: "t", payload: "x", qos: 1 });
  }
});
afterEach(() => world.close());

it("shows a session and how much waits in it", async () => {
  const session = (await (await world.ask("/sessions/a%2F1")).json()) as object;
  expect(Session.parse(session)).toEqual(session);
  expect(session).toMatchObject({
    ...{ clientId: "a/1", connected: false, cleanSession: false, queuedMessages: 3 },
    subscriptions: [{ topicFilter: "t", grantedQos: 1 }],
  });
  const queue = (await (await world.ask("/sessions/a%2F1/queue")).json()) as object;
  expect(Queue.parse(queue)).toEqual(queue);
  expect(queue).toMatchObject({ queuedMessages: 3, inboxMessages: 0 });
});

it("drops what waits, and ends a session", async () => {
  const cleared = await world.ask("/sessions/a%2F1/queue", { method: "DELETE" });
  expect(await cleared.json()).toEqual({ dropped: 3 });
  expect(world.broker.client("a/1")?.queuedMessages).toBe(0);
  expect((await world.ask("/sessions/a%2F1", { method: "DELETE" })).status).toBe(204);
  expect(world.broker.client("a/1")).toBeUndefined();
});

it.each([
  ["GET", "/sessions/x"],
  ["DELETE", "/sessions/x"],
  ["GET", "/sessions/x/queue"],
  ["DELETE", "/sessions/x/queue"],
])("has nothing for %s %s", async (method, path) => {
  expect((await world.ask(path, { method })).status).toBe(404);
});
