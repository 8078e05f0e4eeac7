import { describe, expect, it } from "vitest";
import { canRun } from "../e2e/stock-server.js";
import { NATS_SERVER } from "../support/nats-servers.js";
import { runFaults } from "./run-faults.js";

/** `npm run cluster:faults` does 300 of them to 200 clients. */
const PLAN = { faults: 30, clients: 50, seed: 20261130 };
const TIME_LIMIT_MS = 400_000; // for a machine with other work; alone it takes about a minute

describe.skipIf(!canRun(NATS_SERVER, "--version"))("three nodes and three NATS servers", () => {
  it("[M33] keep what is promised while they are killed, stopped and cut off", {
    timeout: TIME_LIMIT_MS,
  }, async () => {
    const { broken, acknowledged, received, connects, output } = await runFaults(PLAN);
    expect(broken, output).toEqual([]);
    expect(acknowledged).toBeGreaterThan(1_000); // else it has proven less
    expect(received).toBeGreaterThan(1_000);
    expect(connects).toBeGreaterThan(PLAN.clients); // the faults were felt
  });
});
