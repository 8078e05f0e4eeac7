import { setTimeout as delay } from "node:timers/promises";
import { connect, connectAsync, type MqttClient } from "mqtt";
import { describe, expect, it } from "vitest";
import { canRun } from "../e2e/stock-server.js";
import { Child } from "../server/child.js";
import { NATS_SERVER, NatsServers } from "../support/nats-servers.js";

const isMissing = !canRun(NATS_SERVER, "--version");
/** A node that reads nothing back serves no longer than this. */
const LEASE_MS = 12_000;
/** What timers and processes of a busy machine may add. */
const SLACK_MS = 6_000;
/** Within this a node that is well has read back something new. */
const HEARD_MS = 4_000;
/** Everybody is back within this: connections to NATS, the log, and perhaps a node that joins anew. */
const BACK_MS = 60_000;
const TEST_MS = 240_000;

/** A client that comes back by itself never: when it was closed is what is asked. */
interface Watched {
  readonly client: MqttClient;
  readonly got: string[];
  closedMs: number;
}

class Node {
  readonly #child: Child;
  port = 0;
  #admin = "";

  constructor(name: string, url: string, ...flags: string[]) {
    const where = ["--port", "0", "--admin-port", "0"];
    const cluster = ["--cluster-node", name, "--cluster", url, ...flags];
    this.#child = new Child("start", "--allow-anonymous", ...where, ...cluster);
  }

  async begin(): Promise<void> {
    this.port = await this.#child.listening();
    this.#admin = await this.#child.printed(/(http:\/\/127\.0\.0\.1:\d+)/);
  }

  async isReady(): Promise<boolean> {
    const { status } = await fetch(`${this.#admin}/readyz`);
    return status === 200;
  }

  async client(clientId: string): Promise<Watched> {
    const url = `mqtt://127.0.0.1:${this.port}`;
    const options = { clientId, reconnectPeriod: 0, connectTimeout: 30_000 };
    const client = await connectAsync(url, options);
    const watched: Watched = { client, got: [], closedMs: 0 };
    client.on("message", (_topic, payload) => void watched.got.push(String(payload)));
    client.on("close", () => {
      watched.closedMs ||= performance.now();
    });
    client.on("error", () => undefined);
    return watched;
  }

  /** Whether somebody new is served: what comes first, CONNACK or the end. */
  async accepts(clientId: string): Promise<boolean> {
    const options = { clientId, reconnectPeriod: 0, connectTimeout: 30_000 };
    const client = connect(`mqtt://127.0.0.1:${this.port}`, options);
    client.on("error", () => undefined);
    try {
      return await new Promise<boolean>((resolve) => {
        client.on("connect", () => resolve(true));
        client.on("close", () => resolve(false));
      });
    } finally {
      client.end(true);
    }
  }

  async end(): Promise<void> {
    this.#child.signal("SIGKILL");
    await this.#child.ended;
  }
}

/** Looks again and again: how long it takes depends on the machine. */
async function until(isSo: () => boolean | Promise<boolean>, mostMs: number): Promise<void> {
  const endMs = performance.now() + mostMs;
  while (!(await isSo())) {
    if (performance.now() > endMs) expect.fail(`in vain for ${mostMs} ms: ${isSo}`);
    await delay(50);
  }
}

/** Sends at QoS 1 and waits until it is there. */
async function passes(from: Watched, to: Watched, text: string, mostMs = 10_000): Promise<void> {
  const { clientId = "" } = to.client.options;
  from.client.publish(`app/p2p/${clientId}`, text, { qos: 1 });
  await until(() => to.got.includes(text), mostMs);
}

/** NATS, a node that closes its clients without it and one that does not, and who is connected to them. */
class World {
  readonly servers: NatsServers;
  readonly close: Node;
  readonly local: Node;
  a!: Watched;
  l1!: Watched;
  l2!: Watched;

  private constructor(servers: NatsServers) {
    const [url = ""] = servers.urls;
    this.servers = servers;
    this.close = new Node("closes", url);
    this.local = new Node("local", url, "--cluster-on-engine-loss", "serve-local");
  }

  /** Does something to a world of its own. */
  static async with(test: (world: World) => Promise<void>): Promise<void> {
    const world = new World(await NatsServers.start(1));
    try {
      await world.#begin();
      await test(world);
    } finally {
      await world.#end();
    }
  }

  async areReady(): Promise<void> {
    await until(() => this.close.isReady(), BACK_MS);
    await until(() => this.local.isReady(), BACK_MS);
  }

  async #begin(): Promise<void> {
    await Promise.all([this.close.begin(), this.local.begin()]);
    await this.areReady();
    this.a = await this.close.client("a");
    this.l1 = await this.local.client("l1");
    this.l2 = await this.local.client("l2");
    await passes(this.a, this.l1, "before");
  }

  async #end(): Promise<void> {
    for (const one of [this.a, this.l1, this.l2]) one?.client.end(true);
    await Promise.all([this.close.end(), this.local.end()]);
    await this.servers.stop();
  }
}

// Side by side, each with a world of its own: nearly all of the time is waiting.
describe.skipIf(isMissing)(
  "[L04] [L08] NATS is gone, for two nodes with a client or two each",
  { timeout: TEST_MS },
  () => {
    it.concurrent("for 5 s: nobody is closed, and what waited for it arrives", () =>
      World.with(async ({ servers, close, a, l1, l2 }) => {
        servers.pause(0);
        a.client.publish("app/p2p/l1", "meanwhile", { qos: 1 });
        await passes(l1, l2, "beside each other");
        await delay(5_000);
        servers.resume(0);
        await until(() => l1.got.includes("meanwhile"), BACK_MS);
        await passes(l2, a, "after 5 s", BACK_MS);
        expect([a.closedMs, l1.closedMs, l2.closedMs]).toEqual([0, 0, 0]);
        expect(await close.isReady()).toBe(true);
      }));

    it.concurrent("for 30 s: closed after 12 s and not ready, or kept, and back afterwards", () =>
      World.with(async (world) => {
        const { servers, close, local } = world;
        let { a, l1, l2 } = world;
        await delay(HEARD_MS); // the lease counts from what was read back last
        const fromMs = performance.now();
        servers.pause(0);
        await until(() => a.closedMs > 0, LEASE_MS + SLACK_MS);
        expect(a.closedMs - fromMs).toBeGreaterThan(LEASE_MS - HEARD_MS);
        expect(await close.isReady()).toBe(false);
        await passes(l1, l2, "without the others");
        await delay(Math.max(0, 30_000 - (performance.now() - fromMs)));
        await passes(l2, l1, "still without the others");
        expect([l1.closedMs, l2.closedMs]).toEqual([0, 0]);
        servers.resume(0);
        await world.areReady();
        a = world.a = await close.client("a");
        // A node that was taken for down meanwhile has joined anew, and closed its clients for that.
        if (l1.closedMs > 0) l1 = world.l1 = await local.client("l1");
        if (l2.closedMs > 0) l2 = world.l2 = await local.client("l2");
        await passes(a, l2, "there again", BACK_MS);
        await passes(l1, a, "and back", BACK_MS);
      }));

    it.concurrent("for ever: closed, not ready and nobody served, or kept", () =>
      World.with(async ({ servers, close, a, l1, l2 }) => {
        await delay(HEARD_MS); // the lease counts from what was read back last
        const fromMs = performance.now();
        await servers.kill(0);
        await until(() => a.closedMs > 0, LEASE_MS + SLACK_MS);
        expect(a.closedMs - fromMs).toBeGreaterThan(LEASE_MS - HEARD_MS);
        await delay(Math.max(0, LEASE_MS + 4_000 - (performance.now() - fromMs)));
        expect(await close.isReady()).toBe(false);
        expect(await close.accepts("late")).toBe(false);
        await passes(l1, l2, "to the end");
        expect([l1.closedMs, l2.closedMs]).toEqual([0, 0]);
      }));
  },
);
