import { expect, it } from "vitest";
import { ClusterClients, ClusterClientsQuery } from "../../src/admin/cluster-schemas.js";

it("takes a page of the clients of all nodes, and nothing that is no part of it", () => {
  expect(ClusterClientsQuery.parse({ limit: "5" })).toMatchObject({ limit: 5 });
  expect(ClusterClientsQuery.safeParse({ limits: "5" }).error?.message).toContain("limit");
  const clients = [{ clientId: "a", nodeName: "n1" }];
  expect(ClusterClients.parse({ clients, next: "x" })).toEqual({ clients, next: "x" });
});
