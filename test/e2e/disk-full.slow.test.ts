import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type MqttClient } from "mqtt";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** Room for the store's file, in KiB: enough to begin, and soon used up. */
const LIMIT_KIB = 1_024;
const KEPT = { clean: false, reconnectPeriod: 0, protocolVersion: 4 } as const;
const PATIENCE_MS = 15_000;
const missing = spawnSync("prlimit", ["--version"]).error !== undefined;

let folder = "";
let server: ChildProcess | undefined;
let port = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "beeline-full-"));
});
afterEach(async () => {
  if (server !== undefined && server.exitCode === null) {
    const ended = once(server, "exit");
    server.kill("SIGKILL");
    await ended;
  }
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** A server whose files the kernel lets grow up to a size: writing more fails, as on a full disk. */
async function startServer(): Promise<void> {
  const main = "dist/cli/main.js";
  const command = `ulimit -S -f ${LIMIT_KIB}; exec "${process.execPath}" ${main} start --port 0 --no-admin --data-dir "${folder}/data"`;
  const child = spawn("bash", ["-c", command], { stdio: ["ignore", "pipe", "pipe"] });
  server = child;
  port = await new Promise<number>((resolve, reject) => {
    let text = "";
    const take = (bytes: Buffer): void => {
      text += bytes.toString();
      const found = /listening on mqtt:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1];
      if (found !== undefined) resolve(Number(found));
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${text}`)));
  });
}

function moreSpace(): void {
  spawnSync("prlimit", ["--pid", `${server?.pid}`, "--fsize=unlimited"]);
}

function open(clientId: string, clean: boolean): Promise<{ client: MqttClient; got: string[] }> {
  const client = connect(`mqtt://127.0.0.1:${port}`, { ...KEPT, clientId, clean });
  const got: string[] = [];
  client.on("message", (_topic, payload) => got.push(payload.toString().slice(0, 8).trim()));
  return new Promise((resolve, reject) => {
    client.once("connect", () => resolve({ client, got }));
    client.once("close", () => reject(new Error(`${clientId} was not accepted`)));
    client.on("error", () => undefined);
  });
}

/** Publishes at QoS 1. @returns whether it was acknowledged before the connection ended. */
function isAcknowledged(client: MqttClient, topic: string, payload: string): Promise<boolean> {
  return new Promise((resolve) => {
    const onClose = (): void => resolve(false);
    client.once("close", onClose);
    client.publish(topic, payload, { qos: 1 }, (error) => {
      client.off("close", onClose);
      resolve(error === undefined || error === null);
    });
  });
}

async function until(isTrue: () => boolean): Promise<void> {
  const endMs = Date.now() + PATIENCE_MS;
  while (!isTrue() && Date.now() < endMs) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(isTrue()).toBe(true);
}

describe.skipIf(missing)("a disk that is full (made so with util-linux's prlimit)", () => {
  it(
    "[J04] takes nothing new that must be kept, serves everything else, and recovers with the space",
    async () => {
      await startServer();
      const away = await open("away", false);
      await away.client.subscribeAsync("big/#", { qos: 1 });
      await away.client.endAsync();
      const acknowledged: string[] = [];
      let sender = await open("s0", true);
      for (let n = 0; ; n += 1) {
        const payload = `${n}`.padEnd(20_000);
        if (!(await isAcknowledged(sender.client, "big/t", payload))) break;
        acknowledged.push(`${n}`);
        expect(n).toBeLessThan(1_000);
      }
      expect(acknowledged.length).toBeGreaterThan(10);

      // QoS 0, pings and new connections that keep nothing.
      const reader = await open("reader", true);
      await reader.client.subscribeAsync("small", { qos: 0 });
      sender = await open("s1", true);
      sender.client.publish("small", "hello", { qos: 0 });
      await until(() => reader.got.includes("hello"));
      expect(server?.exitCode).toBeNull();

      // What is kept can be fetched, in order, and its removal makes room.
      const back = await open("away", false);
      await until(() => acknowledged.every((payload) => back.got.includes(payload)));
      expect(back.got.filter((payload) => acknowledged.includes(payload))).toEqual(acknowledged);

      moreSpace();
      const endMs = Date.now() + PATIENCE_MS;
      let isTaken = false;
      for (let n = 0; !isTaken && Date.now() < endMs; n += 1) {
        const next = await open(`r${n}`, true);
        isTaken = await isAcknowledged(next.client, "big/after", "after".padEnd(20_000));
        next.client.end(true);
      }
      expect(isTaken).toBe(true);
      await until(() => back.got.includes("after"));
      for (const { client } of [back, reader, sender]) client.end(true);
    },
    4 * PATIENCE_MS,
  );

  it("[J04] [J05] a commit that finds no room says what the system said, ends no process, and can be tried again", () => {
    const script = `
    import { spawnSync } from "node:child_process";
    import { openLmdbStore } from "beeline-mqtt/store";
    const store = openLmdbStore({ path: process.argv[1] });
    const messages = [];
    store.onFailed = (error) => {
      messages.push(error.message);
      if (messages.length === 2) spawnSync("prlimit", ["--pid", String(process.pid), "--fsize=unlimited"]);
    };
    const key = store.nextKey();
    for (let n = 0; n < 300; n += 1) store.putSubscription(key, "x".repeat(9_000) + n, 1);
    const ticket = store.seal();
    store.onCommitted = async () => {
      if (store.committedTicket < ticket) return;
      await store.close();
      console.log(JSON.stringify({ messages, failures: store.counts.failures }));
      process.exit(0);
    };`;
    const command = `ulimit -S -f 1024; exec "${process.execPath}" --input-type=module -e '${script}' "${folder}/d"`;
    const run = spawnSync("bash", ["-c", command], { encoding: "utf8", timeout: 20_000 });
    const { messages, failures } = JSON.parse(run.stdout) as {
      messages: string[];
      failures: number;
    };
    expect(messages[0]).toMatch(/error|space|large/i);
    expect(messages[0]).not.toContain("commitError");
    expect(failures).toBe(2);
  });

  it("[J04] the file is kept open after a commit that failed, and let go of again after one that did not", () => {
    const backend = new URL("../../dist/store/lmdb-backend.js", import.meta.url).href;
    const script = `
    import { spawnSync } from "node:child_process";
    import { LmdbBackend } from "${backend}";
    const backend = new LmdbBackend({ path: process.argv[1] }, undefined, 0);
    const commit = (byte, size) => new Promise((resolve) => {
      const put = (n) => ({ kind: "put", key: Uint8Array.of(byte, n >> 8, n), value: new Uint8Array(size) });
      backend.commit(Array.from({ length: 300 }, (_, n) => put(n)), resolve);
    });
    const told = [await commit(1, 10), await commit(2, 9_000), await commit(2, 9_000)];
    spawnSync("prlimit", ["--pid", String(process.pid), "--fsize=unlimited"]);
    told.push(await commit(2, 9_000), await commit(3, 10), await commit(4, 10));
    const count = [...backend.entries(Uint8Array.of(1), Uint8Array.of(255))].length;
    await backend.close();
    console.log(JSON.stringify({ failed: told.map((error) => error !== undefined), count }));
    process.exit(0);`;
    const command = `ulimit -S -f 1024; exec "${process.execPath}" --input-type=module -e '${script}' "${folder}/e"`;
    const run = spawnSync("bash", ["-c", command], { encoding: "utf8", timeout: 20_000 });
    expect(JSON.parse(run.stdout)).toEqual({
      failed: [false, true, true, false, false, false],
      count: 1_200,
    });
  });
});
