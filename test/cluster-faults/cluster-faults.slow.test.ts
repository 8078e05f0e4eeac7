import { describe, expect, it } from "vitest";
import { canRun } from "../e2e/stock-server.js";
import { NATS_SERVER } from "../support/nats-servers.js";
import { runFaults } from "./run-faults.js";

describe.skipIf(!canRun(NATS_SERVER, "--version"))("three nodes over three NATS servers", () => {
  it("[L04] [L05] keep what docs/cluster.md promises while they are killed, stopped and cut, 30 times", {
    timeout: 300_000,
  }, async () => {
    const { broken, output, ...counts } = await runFaults({ faults: 30, clients: 40, seed: 2 });
    if (broken.length > 0) expect.fail(`${broken.slice(0, 20).join("\n")}\n\n${output}`);
    expect(counts.received).toBeGreaterThan(0);
    expect(counts.acknowledged).toBeGreaterThan(100);
    expect(counts.connects).toBeGreaterThan(40);
  });
});
