import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Child } from "../server/child.js";
import { NATS_SERVER, NatsServers } from "../support/nats-servers.js";
import { canRun } from "./stock-server.js";

const isMissing = !canRun(NATS_SERVER, "--version");
/** Each kills a server of ours, a NATS server, or both; and what comes after it begins elsewhere. */
const ROUNDS = ["ours", "nats", "both"] as const;
const ROUND_MS = 1_500;
/** Between two messages: all of them wait for one client, who is to get them in seconds. */
const PAUSE_MS = 2;
/** A killed leader costs NATS up to ten seconds each time, in which nothing is acknowledged. */
const TEST_MS = 180_000;

describe.skipIf(isMissing)(
  "machines that burn, with a copy of the store in NATS [M26] [J01]",
  () => {
    let servers: NatsServers;
    let root: string;
    let running: Child | undefined;
    beforeAll(async () => {
      root = mkdtempSync(join(tmpdir(), "beeline-burns-"));
      servers = await NatsServers.start(3);
    });
    afterAll(async () => {
      running?.signal("SIGKILL");
      await running?.ended;
      await servers?.stop();
      rmSync(root, { recursive: true, force: true, maxRetries: 10 });
    });

    /** The same server on the next machine, whose folder is empty. */
    const next = async (at: number): Promise<string> => {
      const flags = servers.urls.flatMap((url) => ["--replica", url]);
      const folder = join(root, String(at));
      const room = ["--queue-messages-max", "100000", "--queue-bytes-max", "100000000"];
      running = new Child("start", "--port", "0", "--data-dir", folder, ...room, ...flags);
      return `mqtt://127.0.0.1:${await running.listening()}`;
    };

    it(
      "loses nothing that was acknowledged, and keeps its order and its sessions",
      async () => {
        let url = await next(0);
        const sleeper = await connectAsync(url, { clientId: "sleeper", clean: false });
        await sleeper.subscribeAsync("t", { qos: 1 });
        await sleeper.endAsync();
        const sender = new Sender();
        for (const [at, what] of ROUNDS.entries()) {
          await sender.sendTo(url, ROUND_MS);
          if (what !== "ours") await servers.kill(at % 3);
          if (what === "nats") await sender.sendTo(url, ROUND_MS);
          running?.signal("SIGKILL");
          await running?.ended;
          url = await next(at + 1);
          if (what !== "ours") await servers.restart(at % 3);
        }
        const got = await received(url, () => sender.acknowledged);
        const firsts = [...new Set(got)];
        const lost = sender.acknowledged.filter((number) => !firsts.includes(number));
        expect(lost).toEqual([]);
        expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
        expect(sender.acknowledged.length).toBeGreaterThan(ROUNDS.length * 10);
      },
      TEST_MS,
    );
  },
);

/** Sends numbers, each when the one before was acknowledged, and knows which were. */
class Sender {
  readonly acknowledged: number[] = [];
  #last = 0;

  async sendTo(url: string, forMs: number): Promise<void> {
    const client = await connectAsync(url, { reconnectPeriod: 0 });
    const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
    client.on("error", () => undefined);
    const end = performance.now() + forMs;
    while (performance.now() < end && client.connected) {
      await Promise.race([this.#send(client), closed]);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    // More, which are on their way when the server is killed: these may arrive or not.
    for (let more = 0; more < 20; more += 1) void this.#send(client);
  }

  async #send(client: MqttClient): Promise<void> {
    this.#last += 1;
    const number = this.#last;
    try {
      await client.publishAsync("t", String(number), { qos: 1 });
      this.acknowledged.push(number);
    } catch {
      // Its server was killed first.
    }
  }
}

async function received(url: string, wanted: () => readonly number[]): Promise<number[]> {
  const got: number[] = [];
  const client = connect(url, { clientId: "sleeper", clean: false, reconnectPeriod: 0 });
  client.on("message", (_, payload) => void got.push(Number(String(payload))));
  const end = performance.now() + 20_000;
  const isAllThere = (): boolean => {
    const all = new Set(got);
    return wanted().every((number) => all.has(number));
  };
  while (!isAllThere() && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await client.endAsync();
  return got;
}
