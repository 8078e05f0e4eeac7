import { afterEach, beforeEach, expect, it } from "vitest";
import { type AdminWorld, adminWorld } from "../support/admin.js";

let world: AdminWorld;
beforeEach(() => {
  world = adminWorld();
});
afterEach(() => world.close());

const PAGE = { cursor: undefined, limit: undefined };

it("fills a page with what is rare among many, and lets others have turns meanwhile", async () => {
  for (let at = 0; at < 12_000; at += 1) {
    const topicName = `t/${at % 4_000 === 7 ? "rare" : "x"}/${at}`;
    void world.broker.publish({ topicName, payload: "1", retain: true });
  }
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  const { messages, next } = await world.source.retained({ ...PAGE, filter: "+/+/#" });
  expect(messages).toHaveLength(100);
  expect(next).toBeDefined();
  const rare = await world.source.retained({ ...PAGE, filter: "+/rare/#" });
  isDone = true;
  expect(rare.messages.map(({ topicName }) => topicName)).toEqual(
    ["4007", "7", "8007"].map((at) => `t/rare/${at}`),
  );
  expect(rare.next).toBeUndefined();
  expect(turns).toBeGreaterThanOrEqual(2); // three looks
});

it("goes from page to page over all that there is", async () => {
  const { broker, source } = world;
  const all = Array.from({ length: 7 }, (_, at) => `client ${at}`);
  for (const clientId of all) await broker.connectInProcess({ clientId });
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await source.clients({ cursor, limit: 3 });
    seen.push(...page.clients.map(({ clientId }) => clientId));
    cursor = page.next;
  } while (cursor !== undefined);
  expect(seen).toEqual(all);
});

it("tells whether what was published is safe, and throws what may not be", async () => {
  const message = { topicName: "t", payload: "", qos: 0, retain: false } as const;
  expect(await world.source.publish(message)).toBe(true);
  expect(() => world.source.publish({ ...message, topicName: "#" })).toThrow("topicName");
  const failing = Object.create(world.broker) as typeof world.broker;
  failing.publish = () => Promise.reject(new Error("disk full"));
  const { adminSource } = await import("../../src/server/admin-source.js");
  const source = adminSource({ broker: failing } as Parameters<typeof adminSource>[0]);
  expect(await source.publish(message)).toBe(false);
});
