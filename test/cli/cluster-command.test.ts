import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
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

it("says which node has a client, or that none has", async () => {
  expect(await runCommand("cluster", ...flags, "where", "a")).toMatchObject({ out: "n1\n" });
  const none = await runCommand("cluster", ...flags, "where", "nobody");
  expect(none.code).toBe(1);
  expect(none.err).toContain("no node has this client");
});

it("fails when the node does not serve", async () => {
  fabric.lose(new Error("entries are gone"));
  const { code, err } = await runCommand("cluster", ...flags, "status");
  expect(code).toBe(1);
  expect(err).toContain("node n1 does not serve now");
});
