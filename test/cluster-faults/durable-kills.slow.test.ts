import { describe, expect, it } from "vitest";
import { canRun } from "../e2e/stock-server.js";
import { NATS_SERVER } from "../support/nats-servers.js";
import { killDurableNodes } from "./durable-kills.js";

/** `npm run cluster:faults -- --durable` does as many as somebody likes. Each kind of kill is among five. */
const PLAN = { kills: 5, seed: 20261130, areMovesOver: true };
const TIME_LIMIT_MS = 400_000; // for a machine with other work; alone it takes half a minute

describe.skipIf(!canRun(NATS_SERVER, "--version"))("three nodes with data folders", () => {
  it("[M34] [M35] [M36] lose and double nothing that was acknowledged while they and NATS servers are killed", {
    timeout: TIME_LIMIT_MS,
  }, async () => {
    const result = await killDurableNodes(PLAN);
    const { broken, twice, killed, acknowledged, deliveries, output } = result;
    expect(broken, output).toEqual([]);
    expect(killed).toEqual({ node: 3, server: 1, both: 1 });
    expect(acknowledged).toBeGreaterThanOrEqual(100 * PLAN.kills); // else it has proven less
    expect(deliveries).toBeGreaterThanOrEqual(acknowledged);
    expect(twice, output).toEqual([]);
  });
});
