import { describe, expect, it } from "vitest";
import type { PresenceEvent, PresenceType } from "../../src/library/presence.js";
import { Webhook, type WebhookOptions } from "../../src/presence/webhook.js";
import { NoAnswer } from "../../src/presence/webhook-request.js";

const URL_WITH_KEY = "https://hooks.example/presence?key=hidden";

interface Got {
  readonly atMs: number;
  readonly id: string | undefined;
  readonly dropped: number;
  readonly events: { readonly eventType: string; readonly clientId: string }[];
}

/** A receiver, a clock and a log, all in the hands of the test. */
class World {
  nowMs = 1_000_000;
  /** What the receiver does: answers with a status, or not at all. */
  status: number | "down" | "silent" = 200;
  readonly tries: Got[] = [];
  readonly lines: string[] = [];
  readonly #timers: { atMs: number; call: () => void }[] = [];
  readonly webhook: Webhook;

  constructor(options: Partial<WebhookOptions> = {}) {
    const whole = {
      url: URL_WITH_KEY,
      node: "n1",
      queueBytesMax: 1_000_000,
      batchMax: 100,
      timeoutMs: 5_000,
      ...options,
    };
    const log = (line: string) => this.lines.push(line);
    this.webhook = new Webhook(
      whole,
      {
        post: (...request) => this.post(...request),
        after: (ms, call) => this.after(ms, call),
        nowMs: () => this.nowMs,
      },
      { info: log, warn: log },
    );
  }

  post = (
    _: string,
    body: string,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<number> => {
    this.tries.push({ atMs: this.nowMs, id: headers["webhook-id"], ...JSON.parse(body) });
    const { status } = this;
    if (status === "down") return Promise.reject(new NoAnswer("ECONNREFUSED"));
    if (status !== "silent") return Promise.resolve(status);
    return new Promise((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason as Error)),
    );
  };

  after = (atMs: number, call: () => void): (() => void) => {
    const timer = { atMs: this.nowMs + atMs, call };
    this.#timers.push(timer);
    return () => {
      const at = this.#timers.indexOf(timer);
      if (at !== -1) this.#timers.splice(at, 1);
    };
  };

  /** Time passes; whatever has been promised meanwhile is done. */
  async pass(ms: number): Promise<void> {
    const endMs = this.nowMs + ms;
    await settled();
    for (;;) {
      const due = this.#timers
        .filter(({ atMs }) => atMs <= endMs)
        .sort((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.#timers.splice(this.#timers.indexOf(due), 1);
      this.nowMs = Math.max(this.nowMs, due.atMs);
      due.call();
      await settled();
    }
    this.nowMs = endMs;
  }

  add(clientId: string, eventType: PresenceType = "connect"): void {
    this.webhook.add(eventOf(clientId, eventType, this.nowMs));
  }

  /** What the receiver has taken, each request once. */
  taken(): Got[] {
    return [...new Map(this.tries.map((got) => [got.id, got])).values()];
  }
}

/** All promises that can be done by now. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

function eventOf(clientId: string, eventType: PresenceType, time: number): PresenceEvent {
  return {
    eventType,
    clientId,
    time,
    channelId: "0".repeat(32),
    clientIp: "127.0.0.1",
    client: {
      clientId,
      username: undefined,
      remoteAddress: "127.0.0.1:5",
      cleanSession: true,
      data: { password: "hidden" },
    },
    connectedAtMs: time,
    keepAliveSeconds: 0,
    protocolLevel: 4,
    reason: eventType === "connect" ? undefined : "disconnected",
  };
}

describe("a webhook", () => {
  it("sends what comes close together in one request, and nothing the embedder has given along", async () => {
    const world = new World();
    world.add("a");
    world.add("a", "tcpclean");
    expect(world.tries).toEqual([]);
    await world.pass(100);
    expect(world.tries).toMatchObject([{ dropped: 0, node: "n1" }]);
    expect(world.tries[0]?.events).toEqual([
      {
        eventType: "connect",
        clientId: "a",
        time: 1_000_000,
        channelId: "0".repeat(32),
        clientIp: "127.0.0.1",
        username: null,
        listener: null,
        connectedAtMs: 1_000_000,
        reason: null,
      },
      expect.objectContaining({ eventType: "tcpclean", reason: "disconnected" }),
    ]);
    expect(world.webhook.counts).toEqual({
      ...{ delivered: 2, dropped: 0, accepted: 1, failed: 0, queued: 0, queuedBytes: 0 },
    });
    expect(world.lines).toEqual([]);
  });

  it("tells which events need not be told again: not what is left when it is closed", async () => {
    const world = new World({ batchMax: 1 });
    world.add("a");
    await world.pass(100);
    expect(world.webhook.settled).toBe(1);
    world.status = 400;
    world.add("b");
    await world.pass(100);
    expect(world.webhook.settled).toBe(2);
    world.status = "down";
    world.add("c");
    await Promise.all([world.webhook.close(1_000), world.pass(2_000)]);
    expect([world.webhook.settled, world.webhook.counts.dropped]).toEqual([2, 2]);
  });

  it("names the node of an event that is told in its place", async () => {
    const world = new World();
    world.webhook.add(eventOf("a", "tcpclean", 1), "n2");
    await world.pass(100);
    expect(world.tries[0]).toMatchObject({ node: "n1", events: [{ clientId: "a", node: "n2" }] });
  });

  it("has one request under way at a time, so that order holds", async () => {
    const world = new World({ batchMax: 2 });
    for (const id of ["a", "b", "c", "d", "e"]) world.add(id);
    world.status = "silent";
    await world.pass(100);
    expect(world.tries).toHaveLength(1);
    world.status = 200;
    await world.pass(5_000 + 500);
    expect(world.taken().map(({ events }) => events.map(({ clientId }) => clientId))).toEqual([
      ["a", "b"],
      ["c", "d"],
      ["e"],
    ]);
  });

  it("outlives a receiver that is down for a minute: everything comes, in order, the same request under the same id", async () => {
    const world = new World();
    world.status = "down";
    for (let second = 0; second < 60; second += 1) {
      world.add(`c${second}`);
      world.add(`c${second}`, "tcpclean");
      await world.pass(1_000);
    }
    const whileDown = world.tries.length;
    const gaps = world.tries.slice(1).map(({ atMs }, at) => atMs - (world.tries[at]?.atMs ?? 0));
    expect(gaps).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
    expect(new Set(world.tries.map(({ id }) => id)).size).toBe(1);
    world.status = 200;
    await world.pass(15_000);
    expect(world.tries.length).toBeGreaterThan(whileDown);
    const events = world.taken().flatMap((got) => got.events);
    expect(events.map(({ clientId, eventType }) => [clientId, eventType])).toEqual(
      Array.from({ length: 60 }, (_, at) => [
        [`c${at}`, "connect"],
        [`c${at}`, "tcpclean"],
      ]).flat(),
    );
    expect(world.webhook.counts).toMatchObject({ delivered: 120, dropped: 0, queued: 0 });
    expect(world.lines).toEqual([
      "the webhook for presence was not taken by https://hooks.example/presence: ECONNREFUSED; 2 events wait, and it is tried again",
      "the webhook for presence is taken again, after 8 failed requests",
    ]);
  });

  it("has a bound: beyond it the oldest go, are counted and logged, and the receiver is told how many", async () => {
    const world = new World({ queueBytesMax: 5_000, batchMax: 3 });
    world.status = 503;
    for (let at = 0; at < 100; at += 1) {
      world.add(`c${at}`);
      await world.pass(300);
    }
    const { queued, dropped, queuedBytes } = world.webhook.counts;
    expect(queuedBytes).toBeLessThanOrEqual(5_000);
    expect(queued + dropped).toBe(100);
    expect(dropped).toBeGreaterThan(80);
    world.status = 200;
    await world.pass(15_000);
    const taken = world.taken();
    expect(taken.map((got) => got.dropped)).toEqual([0, dropped, ...taken.slice(2).map(() => 0)]);
    const ids = taken.flatMap(({ events }) => events.map(({ clientId }) => clientId));
    expect(ids.at(-1)).toBe("c99");
    expect(ids).toHaveLength(100 - dropped);
    expect(world.webhook.counts).toMatchObject({ delivered: 100 - dropped, queued: 0, dropped });
    expect(world.lines.filter((line) => line.startsWith("dropped"))).toEqual([
      "dropped 1 events of presence that a webhook was to send: too many wait",
    ]);
  });

  it("says again how many were dropped, once a minute", async () => {
    const world = new World({ queueBytesMax: 1_000 });
    world.status = "down";
    world.add("first");
    await world.pass(100);
    for (let at = 0; at < 130; at += 1) {
      world.add(`c${at}`);
      await world.pass(1_000);
    }
    const dropped = world.lines.filter((line) => line.startsWith("dropped"));
    expect(dropped).toEqual([
      "dropped 1 events of presence that a webhook was to send: too many wait",
      "dropped 60 events of presence that a webhook was to send: too many wait",
      "dropped 60 events of presence that a webhook was to send: too many wait",
    ]);
  });

  it("gives up what the receiver will never take, and goes on with what comes behind", async () => {
    const world = new World({ batchMax: 1 });
    world.status = 422;
    world.add("poison");
    await world.pass(100);
    world.status = 200;
    world.add("next");
    await world.pass(100);
    expect(world.taken().map((got) => [got.dropped, got.events[0]?.clientId])).toEqual([
      [0, "poison"],
      [1, "next"],
    ]);
    expect(world.webhook.counts).toMatchObject({ delivered: 1, dropped: 1, queued: 0 });
    expect(world.lines).toContain(
      "dropped 1 events of presence that a webhook was to send: the receiver does not take them: HTTP 422",
    );
  });

  it.each([401, 403, 404, 408, 429, 500, 301])("tries again after HTTP %i", async (status) => {
    const world = new World();
    world.status = status;
    world.add("a");
    await world.pass(100);
    world.status = 200;
    await world.pass(500);
    expect(world.webhook.counts).toMatchObject({ delivered: 1, dropped: 0, failed: 1 });
  });

  it("names neither what stands behind the path of its address nor what was given along", async () => {
    const world = new World();
    world.status = "silent";
    world.add("a");
    await world.pass(6_000);
    expect(world.lines).toHaveLength(1);
    expect(world.lines.join()).toContain("no answer came in time");
    expect(world.lines.join()).not.toContain("hidden");
    expect(JSON.stringify(world.tries)).not.toContain("hidden");
  });

  it("throws nothing away whatever goes wrong in a request", async () => {
    const world = new World();
    world.post = () => Promise.reject(new Error("a bug"));
    world.add("a");
    await world.pass(100);
    expect(world.webhook.counts).toMatchObject({ failed: 1, queued: 1 });
  });
});

describe("a webhook that is closed", () => {
  it("sends what waits, at once", async () => {
    const world = new World({ batchMax: 1 });
    world.add("a");
    world.add("b");
    await world.webhook.close(1_000);
    expect(world.webhook.counts).toMatchObject({ delivered: 2, dropped: 0, queued: 0 });
    const idle = new World();
    await idle.webhook.close(1_000);
    expect(idle.tries).toEqual([]);
  });

  it("waits for the request under way, but no longer than it may", async () => {
    const world = new World();
    world.status = "silent";
    world.add("a");
    await world.pass(100);
    const closing = world.webhook.close(1_000);
    world.add("b");
    await world.pass(1_000);
    await closing;
    expect(world.tries).toHaveLength(1);
    expect(world.webhook.counts).toMatchObject({ delivered: 0, dropped: 2, queued: 0 });
    expect(world.lines).toContain(
      "dropped 2 events of presence that a webhook was to send: this server has stopped",
    );
  });

  it("asks a receiver that is down once more, and says what is lost", async () => {
    const world = new World();
    world.status = "down";
    world.add("a");
    await world.pass(100);
    world.add("b");
    await world.webhook.close(1_000);
    expect(world.tries).toHaveLength(2);
    expect(world.webhook.counts).toMatchObject({ delivered: 0, dropped: 2, queued: 0 });
  });
});
