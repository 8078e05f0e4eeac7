import { afterEach, expect, it } from "vitest";
import { ClusterClients, ClusterState } from "../../../src/admin/cluster-schemas.js";
import { type AdminWorld, adminWorld } from "../../support/admin.js";
import { MemoryLog } from "../../support/memory-fabric.js";

let world: AdminWorld;
afterEach(() => world.close());

const read = async (path: string): Promise<unknown> => (await world.ask(path)).json();

it("says that a server without a cluster is alone", async () => {
  world = adminWorld();
  for (const path of ["/cluster", "/cluster/clients", "/cluster/clients/a"]) {
    const answer = await world.ask(path);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({
      detail: "this server is alone: it was started without --cluster",
    });
  }
});

it("shows the nodes, and which of them has a client", async () => {
  const fabric = new MemoryLog().fabric();
  world = adminWorld({ options: { cluster: { nodeName: "n1", fabric } } });
  await world.broker.connectInProcess({ clientId: "a/ü" });
  expect(ClusterState.parse(await read("/cluster"))).toMatchObject({
    nodeName: "n1",
    isServing: true,
    nodes: [{ name: "n1", isThis: true, clients: 1, unsentBytes: 0 }],
  });
  await world.broker.connectInProcess({ clientId: "b" });
  const first = ClusterClients.parse(await read("/cluster/clients?limit=1"));
  expect(first.clients).toEqual([{ clientId: "a/ü", nodeName: "n1" }]);
  const rest = ClusterClients.parse(await read(`/cluster/clients?limit=5&cursor=${first.next}`));
  expect(rest).toEqual({ clients: [{ clientId: "b", nodeName: "n1" }] });
  const id = encodeURIComponent("a/ü");
  expect(await read(`/cluster/clients/${id}`)).toEqual({ clientId: "a/ü", nodeName: "n1" });
  expect((await world.ask("/cluster/clients/nobody")).status).toBe(404);
});
