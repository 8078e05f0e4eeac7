import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createBroker } from "../../src/index.js";
import { type AdminWorld, adminWorld, TOKEN } from "../support/admin.js";
import { MemoryLog } from "../support/memory-fabric.js";
import { runCommand } from "../support/run-command.js";

const folder = mkdtempSync(join(tmpdir(), "cluster-command-"));
const tokenFile = join(folder, "token");
const fabric = new MemoryLog().fabric();
let world: AdminWorld;
let flags: string[];
beforeAll(async () => {
  world = adminWorld({ options: { cluster: { nodeName: "n1", fabric } } });
  await world.broker.connectInProcess({ clientId: "a" });
  writeFileSync(tokenFile, TOKEN);
  flags = ["--url", await world.listen(), "--token-file", tokenFile];
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true });
});

it("shows the nodes in a table, and as JSON", async () => {
  const { code, out } = await runCommand("cluster", ...flags, "status");
  expect(code).toBe(0);
  expect(out).toMatch(/^NODE {2}CLIENTS .*\nn1 \* {2}1 /);
  expect(out).toContain("this node (*) serves");
  const { out: json } = await runCommand("cluster", ...flags, "--json", "status");
  expect(JSON.parse(json)).toMatchObject({ nodeName: "n1", nodes: [{ clients: 1 }] });
});

it("[M35] says where a node stands in for one that is gone", async () => {
  const { cluster } = world.broker;
  const state = cluster?.status();
  const [own] = state?.nodes ?? [];
  if (cluster === undefined || state === undefined || own === undefined) throw new Error("alone");
  const gone = { ...own, adopter: "n1" };
  const nodes = [
    ...[own, { ...gone, name: "n2", node: "2" }],
    ...[{ ...own, name: "n3", node: "3", standsIn: true }],
  ];
  const adoptions = { underWay: 1, done: 2, failed: 3, sessions: 4, lastMs: 5 };
  const status = vi.spyOn(cluster, "status").mockReturnValue({ ...state, nodes, adoptions });
  const { out } = await runCommand("cluster", ...flags, "status");
  expect(out).toMatch(/\nn1 \* .*\nn2 \(stand-in at n1\) .*\nn3 \(stand-in\) /);
  for (const line of ["it stands in for +1", "it has stood in for +2", "to the end +3"]) {
    expect(out).toMatch(new RegExp(line));
  }
  const { out: json } = await runCommand("cluster", ...flags, "--json", "status");
  expect(JSON.parse(json)).toMatchObject({ nodes: [{}, { adopter: "n1" }, {}], adoptions });
  status.mockRestore();
});

it("says which node has a client, or that none has", async () => {
  expect(await runCommand("cluster", ...flags, "where", "a")).toMatchObject({ out: "n1\n" });
  const none = await runCommand("cluster", ...flags, "where", "nobody");
  expect(none.code).toBe(1);
  expect(none.err).toContain("no node has this client");
});

it("finds the node by its configuration, as ctl does", async () => {
  const file = join(folder, "beeline.yaml");
  const { port } = new URL(flags[1] ?? "");
  writeFileSync(file, `admin: { port: ${port}, tokenFile: ${tokenFile} }\n`);
  expect(await runCommand("cluster", "-c", file, "where", "a")).toMatchObject({ out: "n1\n" });
});

it("drains a node with exit code 0 once everything is at others, and refuses where it is alone", async () => {
  const log = new MemoryLog();
  let stops = 0;
  const stop = () => {
    stops += 1;
  };
  const options = { cluster: { nodeName: "n1", fabric: log.fabric() } };
  const leaving = adminWorld({ options, stop });
  const at = ["--url", await leaving.listen(), "--token-file", tokenFile];
  const alone = await runCommand("cluster", ...at, "drain");
  expect(alone).toMatchObject({ code: 1, err: expect.stringContaining("no other node") });
  expect((await runCommand("cluster", ...at, "drain", "--timeout-s", "0")).code).toBe(2);
  const other = createBroker({ cluster: { nodeName: "n2", fabric: log.fabric() } });
  await vi.waitFor(() => expect(leaving.broker.cluster?.status().nodes).toHaveLength(2), 10_000);
  const client = await leaving.broker.connectInProcess({ clientId: "kept", cleanSession: false });
  const { code, out } = await runCommand("cluster", ...at, "drain", "--timeout-s", "20");
  await client.closed;
  expect(code).toBe(0);
  expect(out).toContain("all 1 sessions are at other nodes; the node stops");
  await vi.waitFor(() => expect(stops).toBe(1), 10_000);
  expect(other.client("kept")).toBeDefined();
  await leaving.close();
  await other.close();
});

it("fails when the node does not serve", async () => {
  fabric.lose(new Error("entries are gone"));
  const { code, err } = await runCommand("cluster", ...flags, "status");
  expect(code).toBe(1);
  expect(err).toContain("node n1 does not serve now");
});
