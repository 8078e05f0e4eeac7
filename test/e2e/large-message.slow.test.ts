import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const RECEIVERS = 1_000;
const TOGETHER = 50;
const MEGABYTE = 1_000_000;
const RESIDENT_MIB_MAX = 200;
/**
 * It was 6 to 8 s, of which this is half at most. The goal is 50 ms, which the loop of this test, with other work on the machine,
 * does not measure: see "One message, many receivers" in spec-notes/decisions.md.
 */
const CANARY_MS_MAX = 3_000;
const TIME_LIMIT_MS = 120_000;

let folder = "";
let server: ChildProcess;
let url = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "beeline-large-"));
  await start();
});
afterAll(() => {
  server.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<void> {
  server = spawn(process.execPath, [
    "dist/cli/main.js",
    "--port",
    "0",
    "--no-admin",
    "--data-dir",
    folder,
  ]);
  let text = "";
  url = await new Promise((resolve) => {
    server.stdout?.on("data", (bytes) => {
      text += bytes;
      const found = /listening on (mqtt:\S+)/.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
}

const residentMib = (): number => {
  const status = readFileSync(`/proc/${server.pid}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1_024;
};

const session = (clientId: string): Promise<MqttClient> =>
  connectAsync(url, { clientId, clean: false, reconnectPeriod: 0 });

/** The same for all receivers, some at a time. */
async function forAll(work: (clientId: string) => Promise<void>): Promise<void> {
  for (let first = 0; first < RECEIVERS; first += TOGETHER) {
    const ids = Array.from({ length: TOGETHER }, (_, n) => `c${first + n}`);
    await Promise.all(ids.map(work));
  }
}

/** Sends to itself, one message after the other, until told to end. @returns the longest way. */
function canary(client: MqttClient): { end(): number } {
  let longestMs = 0;
  let sentMs = performance.now();
  let hasEnded = false;
  const send = (): void => {
    sentMs = performance.now();
    if (!hasEnded) client.publish("canary", "x");
  };
  client.on("message", () => {
    longestMs = Math.max(longestMs, performance.now() - sentMs);
    setTimeout(send, 1);
  });
  send();
  return {
    end: () => {
      hasEnded = true;
      return Math.max(longestMs, 0);
    },
  };
}

describe("[T5] one message of 1 MB at QoS 1 for 1,000 Sessions that are away", () => {
  it(
    "is stored once, stops nobody, survives kill -9, and is gone with its last receiver",
    async () => {
      await forAll(async (clientId) => {
        const client = await session(clientId);
        await client.subscribeAsync("big", { qos: 1 });
        await client.endAsync();
      });
      const bird = await connectAsync(url);
      await bird.subscribeAsync("canary");
      const { end } = canary(bird);
      const publisher = await connectAsync(url, { reconnectPeriod: 0 });
      await publisher.publishAsync("big", Buffer.alloc(MEGABYTE, "x"), { qos: 1 });
      expect(end()).toBeLessThan(CANARY_MS_MAX);
      expect(residentMib()).toBeLessThan(RESIDENT_MIB_MAX);
      expect(statSync(join(folder, "data.mdb")).size).toBeLessThan(4 * MEGABYTE);
      for (const client of [bird, publisher]) client.on("error", () => undefined).end(true);
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.kill("SIGKILL");
      await ended;
      await start();
      await forAll(async (clientId) => {
        const client = connect(url, { clientId, clean: false, manualConnect: true });
        const arrived = new Promise<number>((resolve) => {
          client.on("message", (_topic, payload) => resolve(payload.length));
        });
        client.connect();
        expect(await arrived).toBe(MEGABYTE);
        await client.endAsync();
      });
      expect(residentMib()).toBeLessThan(RESIDENT_MIB_MAX);
    },
    TIME_LIMIT_MS,
  );
});
