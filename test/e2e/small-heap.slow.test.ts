import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync, type MqttClient } from "mqtt";
import { afterEach, describe, expect, it } from "vitest";

const HEAP_MIB = 160;
/** Filters of the attack: half as much again as the heap holds. */
const FILTERS = 60_000;
const FILTER_BYTES = 4_000;
const TOGETHER = 250;
const TIME_LIMIT_MS = 180_000;

let folder = "";
let server: ChildProcess | undefined;
let said = "";
afterEach(() => {
  server?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** The command with a small heap. @returns where it listens. */
async function start(...flags: readonly string[]): Promise<string> {
  folder = mkdtempSync(join(tmpdir(), "beeline-small-heap-"));
  const command = ["dist/cli/main.js", "--port", "0", "--data-dir", folder, ...flags];
  const child = spawn(process.execPath, [`--max-old-space-size=${HEAP_MIB}`, ...command]);
  server = child;
  said = "";
  return new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error(said)));
    const hear = (bytes: Buffer): void => {
      said += bytes;
      const found = /listening on (mqtt:\S+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
  });
}

const connect = (url: string, clientId: string): Promise<MqttClient> =>
  connectAsync(url, { clientId, reconnectPeriod: 0 });

/** Subscribes to as many long filters as it may. @returns how many were granted. */
async function subscribeToAll(client: MqttClient): Promise<number> {
  let granted = 0;
  for (let first = 0; first < FILTERS; first += TOGETHER) {
    const filters = Array.from({ length: TOGETHER }, (_, at) =>
      `${first + at}/`.padEnd(FILTER_BYTES, "long"),
    );
    const codes = new Promise<number[]>((resolve, reject) => {
      client.once("close", () => reject(new Error(`the server is gone: ${said.slice(-3_000)}`)));
      client.subscribe(filters, (_error, _granted, packet) => {
        resolve((packet as { granted: number[] } | undefined)?.granted ?? []);
      });
    });
    granted += (await codes).filter((code) => code < 0x80).length;
    client.removeAllListeners("close");
  }
  return granted;
}

/** Whether a message goes from one Client that was here before to another. */
async function expectServed(from: MqttClient, to: MqttClient): Promise<void> {
  const came = new Promise((resolve) => to.once("message", resolve));
  await from.publishAsync("canary", "x", { qos: 1 });
  await came;
}

describe("one Client that subscribes to more than the heap holds", () => {
  it(
    "[T7] is stopped by the bound on bytes of one Session, and the heap stays small",
    async () => {
      const url = await start();
      const [one, other] = [await connect(url, "one"), await connect(url, "other")];
      await other.subscribeAsync("canary");
      const attacker = await connect(url, "attacker");
      expect(await subscribeToAll(attacker)).toBe(Math.floor((4 * 1024 * 1024) / FILTER_BYTES));
      await expectServed(one, other);
      expect(said).toContain("limits.subscriptionBytesPerSessionMax");
      await connect(url, "late");
    },
    TIME_LIMIT_MS,
  );

  it(
    "[I12] [T7] is stopped by the memory that is left where the other bounds are wide",
    async () => {
      const wide = ["subscriptions-per-session-max", "subscription-bytes-per-session-max"];
      const flags = [...wide, "subscription-bytes-max"].flatMap((flag) => [
        `--${flag}`,
        "2000000000",
      ]);
      const url = await start(...flags);
      const [one, other] = [await connect(url, "one"), await connect(url, "other")];
      await other.subscribeAsync("canary");
      const attacker = await connect(url, "attacker");
      const granted = await subscribeToAll(attacker);
      expect(granted).toBeGreaterThan(1_000);
      expect(granted).toBeLessThan(FILTERS);
      expect(said).toContain("limits.memoryPercentMax is 85");
      await expectServed(one, other);
      expect(server?.exitCode).toBe(null);
      await attacker.endAsync(true);
      await expectServed(one, other);
    },
    TIME_LIMIT_MS,
  );
});
