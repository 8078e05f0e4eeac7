import { afterEach, describe, expect, it } from "vitest";
import { ClientDetails, Clients, FoundClients } from "../../../src/admin/schemas.js";
import type { ApiOutcome } from "../../../src/admin/source.js";
import { type AdminWorld, adminWorld } from "../../support/admin.js";

let world: AdminWorld;
afterEach(() => world.close());

const WAIT = { parent: "demo", payload: "hi", confirm: true, timeoutMs: 1_000 };

async function withClients(...clientIds: string[]): Promise<void> {
  world = adminWorld({ options: { pointToPoint: { parents: ["demo"] } } });
  for (const clientId of clientIds) {
    await world.broker.connectInProcess({ clientId, username: `user of ${clientId}` });
  }
}

describe("clients of the API", () => {
  it("are listed in pages, and searched", async () => {
    await withClients("a1", "a2", "b1");
    const first = Clients.parse(await (await world.ask("/clients?limit=2")).json());
    expect(first.clients.map(({ clientId }) => clientId)).toEqual(["a1", "a2"]);
    const next = `/clients?limit=2&cursor=${encodeURIComponent(first.next ?? "")}`;
    const second = Clients.parse(await (await world.ask(next)).json());
    expect(second.clients.map(({ clientId }) => clientId)).toEqual(["b1"]);
    expect(second.next).toBeUndefined();
    const found = await (await world.ask("/clients?q=b1&state=connected")).json();
    expect(Clients.parse(found).clients).toMatchObject([
      { clientId: "b1", connected: true, username: "user of b1", cleanSession: true },
    ]);
    expect(found).not.toHaveProperty("clients.0.data");
    expect(await (await world.ask("/clients?state=disconnected")).json()).toEqual({ clients: [] });
  });

  it.each([
    ["limit=0", "query.limit: allowed: whole numbers from 1 to 1000"],
    ["limit=1001", "query.limit: allowed: whole numbers from 1 to 1000"],
    ["limit=1e2", "query.limit: allowed: whole numbers from 1 to 1000"],
    ["limit=1&limit=2", "query.limit is given more than once"],
    ["state=offline", "query.state: allowed: connected, disconnected"],
    ["stat=connected", "unknown key stat: did you mean state?"],
  ])("are not asked for with ?%s", async (query, words) => {
    await withClients();
    const answer = await world.ask(`/clients?${query}`);
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as { detail: string }).detail).toContain(words);
  });

  it("are shown one by one, with what happened to them, whatever is in their identifiers", async () => {
    const clientId = "a/b c?#%é";
    await withClients(clientId);
    const path = `/clients/${encodeURIComponent(clientId)}`;
    const client = ClientDetails.parse(await (await world.ask(path)).json());
    expect(client).toMatchObject({ clientId, subscriptions: [], hasWill: false });
    expect(client.trace.map(({ kind }) => kind)).toEqual(["connected"]);
    expect((await world.ask("/clients/nobody")).status).toBe(404);
  });

  it("are asked for by up to a hundred identifiers", async () => {
    await withClients("a", "b");
    const asked = await world.post("/clients/query", { clientIds: ["b", "x", "b"] });
    const { clients, unknown } = FoundClients.parse(await asked.json());
    expect(clients.map(({ clientId }) => clientId)).toEqual(["b"]);
    expect(unknown).toEqual(["x"]);
    const ids = (count: number) => Array.from({ length: count }, (_, at) => `c${at}`);
    expect((await world.post("/clients/query", { clientIds: ids(100) })).status).toBe(200);
    expect((await world.post("/clients/query", { clientIds: ids(101) })).status).toBe(400);
    expect((await world.post("/clients/query", { clientIds: [] })).status).toBe(400);
  });

  it("are disconnected, once", async () => {
    await withClients("a");
    expect((await world.ask("/clients/a", { method: "DELETE" })).status).toBe(204);
    expect((await world.ask("/clients/a", { method: "DELETE" })).status).toBe(404);
    expect(world.broker.client("a")).toBeUndefined();
  });
});

describe("a message to one client", () => {
  it("is delivered to whoever is there, with its bytes", async () => {
    await withClients();
    const got: string[] = [];
    const client = await world.broker.connectInProcess({ clientId: "a" });
    client.onMessage(({ topicName, payload }) => {
      got.push(`${topicName} ${Buffer.from(payload).toString("hex")}`);
    });
    const delivered = await world.post("/clients/a/messages", WAIT);
    expect([delivered.status, await delivered.json()]).toEqual([200, { outcome: "delivered" }]);
    const sent = await world.post("/clients/a/messages", {
      ...{ parent: "demo", payloadBase64: "AP8=", qos: 0, topicName: "shown" },
    });
    expect([sent.status, await sent.json()]).toEqual([200, { outcome: "sent" }]);
    await client.unsubscribe("t"); // answered after what was sent before
    expect(got).toEqual(["demo/p2p/a 6869", "shown 00ff"]);
  });

  it.each<[ApiOutcome, number]>([
    ["queued", 202],
    ["denied", 403],
    ["offline", 404],
    ["dropped", 429],
    ["store-failed", 503],
    ["timeout", 504],
  ])("that is %s is answered %d", async (outcome, status) => {
    world = adminWorld({ changed: { send: async () => outcome } });
    const answer = await world.post("/clients/a/messages", WAIT);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ outcome });
  });

  it.each([
    [{ parent: "demo" }, "body: give either payload or payloadBase64"],
    [{ parent: "demo", payload: "a", payloadBase64: "" }, "body: give either"],
    [{ payload: "a" }, "body.parent is missing"],
    [{ parent: "demo", payload: 7 }, "body.payload is 7"],
    [{ parent: "demo", payloadBase64: "A" }, "body.payloadBase64: allowed: Base64"],
    [{ parent: "demo", payload: "a", qos: 3 }, "body.qos is 3 (allowed: 0, 1, 2)"],
    [{ parent: "demo", payload: "a", timeoutMs: 60_001 }, "body.timeoutMs is 60001"],
    [{ parent: "demo", payload: "a", timeOut: 1 }, "unknown key timeOut: did you mean timeoutMs?"],
    [{ parent: "other", payload: "a" }, "parent"],
    [{ parent: "demo", payload: "a", topicName: "a/#" }, "topicName"],
    [[], "body is an empty list"],
    [null, "body is null"],
  ])("is refused as %j", async (body, words) => {
    await withClients("a");
    const answer = await world.post("/clients/a/messages", body);
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as { detail: string }).detail).toContain(words);
    expect(world.failures).toEqual([]);
  });
});
