import { afterEach, expect, it } from "vitest";
import { Config, History, Stats, Trace } from "../../../src/admin/schemas.js";
import { type AdminWorld, adminWorld } from "../../support/admin.js";

let world: AdminWorld;
afterEach(() => world.close());

it("says which server it is", async () => {
  world = adminWorld();
  const answer = await world.ask("/server");
  expect(await answer.json()).toEqual({ version: expect.stringMatching(/^\d+\./) });
});

it("shows counters, measurements, configuration and what happened", async () => {
  world = adminWorld();
  await world.broker.connectInProcess({ clientId: "a" });
  const read = async (path: string): Promise<unknown> => (await world.ask(path)).json();
  expect(Stats.parse(await read("/stats"))).toMatchObject({ sessions: 1, connectsAccepted: 1 });
  expect(History.parse(await read("/history"))).toMatchObject({ intervalSeconds: 2, times: [] });
  expect(Config.parse(await read("/config")).options).toMatchObject([
    { path: "admin.port", value: "18083", source: "default", isDefault: true },
    { path: "admin.tokenFile", value: "one of its own" },
  ]);
  const { entries } = Trace.parse(await read("/trace?client=a"));
  expect(entries.map(({ kind }) => kind)).toEqual(["connected"]);
  expect((await world.ask("/trace")).status).toBe(400);
  expect((await world.ask("/history?after=-1")).status).toBe(400);
});

it("reloads, or says why not", async () => {
  world = adminWorld();
  const reloaded = await world.ask("/reload", { method: "POST" });
  expect(await reloaded.json()).toEqual({ changed: ["limits.queueMessagesMax"], needRestart: [] });
  await world.close();
  world = adminWorld({
    changed: { reload: () => Promise.reject(new Error("beeline.yaml:3:1: unknown key lisen")) },
  });
  const refused = await world.ask("/reload", { method: "POST" });
  expect(refused.status).toBe(422);
  expect(await refused.json()).toMatchObject({
    detail: "nothing was reloaded: beeline.yaml:3:1: unknown key lisen",
  });
});
