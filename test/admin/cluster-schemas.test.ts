import { expect, it } from "vitest";
import {
  ClusterClients,
  ClusterClientsQuery,
  ClusterDrain,
  DrainOptions,
} from "../../src/admin/cluster-schemas.js";

it("takes how long a drain may be, and says how far it is", () => {
  expect(DrainOptions.parse({})).toEqual({});
  expect(DrainOptions.safeParse({ timeoutMs: 999 }).success).toBe(false);
  expect(DrainOptions.safeParse({ timeout: 5 }).error?.message).toContain("timeout");
  const state = { state: "done", handedOver: 1, left: 0, connected: 0 };
  expect(ClusterDrain.parse(state)).toEqual(state);
});

it("takes a page of the clients of all nodes, and nothing that is no part of it", () => {
  expect(ClusterClientsQuery.parse({ limit: "5" })).toMatchObject({ limit: 5 });
  expect(ClusterClientsQuery.safeParse({ limits: "5" }).error?.message).toContain("limit");
  const clients = [{ clientId: "a", nodeName: "n1" }];
  expect(ClusterClients.parse({ clients, next: "x" })).toEqual({ clients, next: "x" });
});
