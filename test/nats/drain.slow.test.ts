import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { canRun } from "../e2e/stock-server.js";
import { Child } from "../server/child.js";
import { NATS_SERVER, NatsServers } from "../support/nats-servers.js";
import { runCommand } from "../support/run-command.js";

const SESSIONS = 300;
const folder = mkdtempSync(join(tmpdir(), "drain-"));
const tokenFile = join(folder, "token");

/** Two processes of the built command over one NATS server. */
describe.skipIf(!canRun(NATS_SERVER, "--version"))("beeline cluster drain", () => {
  let servers: NatsServers;
  let nodes: Child[] = [];
  let ports: number[];
  let admins: string[];
  beforeAll(async () => {
    writeFileSync(tokenFile, "a-token-for-this-test-alone");
    servers = await NatsServers.start(1);
    nodes = ["a", "b"].map(
      (name) =>
        new Child(
          ...["start", "--memory", "--port", "0", "--admin-port", "0", "--allow-anonymous"],
          ...["--admin-token-file", tokenFile, "--cluster-node", name, "--cluster"],
          ...servers.urls,
        ),
    );
    ports = await Promise.all(nodes.map((node) => node.listening()));
    admins = await Promise.all(nodes.map((node) => node.printed(/console at (\S+)\/,/)));
  }, 60_000);
  afterAll(async () => {
    for (const node of nodes) node.signal("SIGKILL");
    await servers?.stop();
    rmSync(folder, { recursive: true });
  });

  const command = (at: number, name: string) =>
    runCommand("cluster", "--url", admins[at] ?? "", "--token-file", tokenFile, name);

  it("[M33] hands over every session, says so, and the process ends with 0", {
    timeout: 120_000,
  }, async () => {
    const url = `mqtt://127.0.0.1:${ports[0]}`;
    for (let at = 0; at < SESSIONS; at += 1) {
      const given = { clientId: `kept-${at}`, clean: false, connectTimeout: 25_000 };
      await (await connectAsync(url, given, false)).endAsync();
    }
    const { code, out, err } = await command(0, "drain");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain(`all ${SESSIONS} sessions are at other nodes; the node stops`);
    expect(await nodes[0]?.ended).toBe(0);
    const { out: status } = await command(1, "status");
    expect(status).toMatch(/sessions taken over\s+300/);
    const alone = await command(1, "drain");
    expect(alone).toMatchObject({ code: 1, err: expect.stringContaining("no other node") });
  });
});
