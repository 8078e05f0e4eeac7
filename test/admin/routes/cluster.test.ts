import { afterEach, expect, it, vi } from "vitest";
import { ClusterClients, ClusterDrain, ClusterState } from "../../../src/admin/cluster-schemas.js";
import { createBroker } from "../../../src/index.js";
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
  expect(await read("/server")).toEqual({ version: expect.stringMatching(/^\d/) });
});

it("drains a node, and tells how far that is", async () => {
  const log = new MemoryLog();
  world = adminWorld({ options: { cluster: { nodeName: "n1", fabric: log.fabric() } } });
  const { broker } = world;
  await broker.connectInProcess({ clientId: "a" });
  expect(await read("/server")).toMatchObject({ nodeName: "n1" });
  expect((await world.ask("/cluster/drain")).status).toBe(404);
  const refused = await world.post("/cluster/drain", {});
  expect(refused.status).toBe(422);
  expect(await refused.json()).toMatchObject({
    type: expect.stringContaining("no-other-node"),
    detail: "there is no other node that could take the sessions of this one",
  });
  const other = createBroker({ cluster: { nodeName: "n2", fabric: log.fabric() } });
  await vi.waitFor(() => expect(broker.cluster?.status().nodes).toHaveLength(2), 10_000);
  expect((await world.post("/cluster/drain", { timeoutMs: 1 })).status).toBe(400);
  const begun = await world.post("/cluster/drain", { timeoutMs: 20_000 });
  expect(begun.status).toBe(202);
  expect(ClusterDrain.parse(await begun.json())).toMatchObject({
    state: "draining",
    handedOver: 0,
  });
  await vi.waitFor(async () => {
    expect(ClusterDrain.parse(await read("/cluster/drain"))).toMatchObject({
      state: "done",
      left: 0,
    });
  }, 10_000);
  expect(ClusterState.parse(await read("/cluster"))).toMatchObject({
    drain: { state: "done" },
    handovers: { underWay: 0 },
    retained: { waitingTopics: 0, waitingBytes: 0, overdue: 0 },
  });
  await other.close();
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
