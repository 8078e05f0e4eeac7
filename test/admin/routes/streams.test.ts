import { afterEach, beforeEach, expect, it } from "vitest";
import { type AdminWorld, adminWorld } from "../../support/admin.js";
import { eventsOf } from "../../support/server-sent.js";

let world: AdminWorld;
beforeEach(() => {
  world = adminWorld();
});
afterEach(() => world.close());

it("tells the last lines of the log, and those to come", async () => {
  const log = world.log.behind({ info: () => undefined });
  log.info?.("before", {});
  const events = eventsOf(await world.ask("/log"));
  expect(await events.next()).toMatchObject({ text: "before", level: "info" });
  log.info?.("after", { client: "a" });
  expect(await events.next()).toMatchObject({ text: "after", client: "a" });
  await events.cancel();
});

it("tells what happens, to whom it is asked of", async () => {
  const all = eventsOf(await world.ask("/events"));
  const some = eventsOf(await world.ask("/events?client=b&kind=disconnected"));
  for (const clientId of ["a", "b"]) {
    await (await world.broker.connectInProcess({ clientId })).disconnect();
  }
  expect(await all.next()).toMatchObject({ clientId: "a", kind: "connected" });
  expect(await all.next()).toMatchObject({ clientId: "a", kind: "disconnected" });
  expect(await some.next()).toMatchObject({ clientId: "b", kind: "disconnected" });
  await Promise.all([all.cancel(), some.cancel()]);
});
