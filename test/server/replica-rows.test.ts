import { expect, it } from "vitest";
import { defaultsOf } from "../../src/options/check.js";
import { REPLICA_ROWS } from "../../src/server/replica-rows.js";

it("the options of a replica make none by default, and take no password in an address", () => {
  expect(defaultsOf(REPLICA_ROWS)).toEqual({ name: "beeline" });
  expect(REPLICA_ROWS.servers.isAllowed("nats://a:4222")).toBe(true);
  expect(REPLICA_ROWS.servers.isAllowed("nats://user:word@a:4222")).toBe(false);
  expect(["a", "", "a\0"].map(REPLICA_ROWS.credentials.isAllowed)).toEqual([true, false, false]);
});
