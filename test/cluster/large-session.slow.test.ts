import { afterAll, expect, it } from "vitest";
import { Turns } from "../../src/broker/turns.js";
import type { Core } from "../../src/state/core.js";
import { SimSession } from "../simulation/cluster/sim-client.js";
import { StillCluster } from "../support/still-cluster.js";

const cpuMs = () => process.cpuUsage().user / 1000;
const LIMITS = { queueMessagesMax: 200_000, queueBytesMax: 1e9 };

/** What the longest turn of any node took while something was done: units beyond what it had, and ms. */
function longest(during: () => void): { beyond: number; ms: number } {
  const most = { beyond: 0, ms: 0 };
  const { begin, end } = Turns.prototype;
  const cores = new Map<Turns, { core: Core; beganMs: number }>();
  Turns.prototype.begin = function (nowMs) {
    begin.call(this, nowMs);
    cores.set(this, { core: coreOf.get(this) as Core, beganMs: cpuMs() });
  };
  Turns.prototype.end = function () {
    end.call(this);
    const { core, beganMs } = cores.get(this) as { core: Core; beganMs: number };
    most.beyond = Math.max(most.beyond, -core.workLeft);
    const ms = cpuMs() - beganMs;
    most.ms = Math.max(most.ms, ms);
  };
  try {
    during();
  } finally {
    Object.assign(Turns.prototype, { begin, end });
  }
  return most;
}

const coreOf = new WeakMap<Turns, Core>();
const { serve } = Turns.prototype;
Turns.prototype.serve = function (core) {
  coreOf.set(this, core);
  serve.call(this, core);
};
afterAll(() => Object.assign(Turns.prototype, { serve }));

it("[M33] a large Session moves in slices: both nodes have turns for others meanwhile", () => {
  const cluster = new StillCluster(2, { limits: LIMITS });
  const session = new SimSession();
  const client = cluster.connectKept("x", 0, session);
  for (let at = 0; at < 10_000; at += 1) client.subscribe(`t/${at}/+`, 1);
  client.subscribe("q", 1);
  cluster.wait(2_000);
  client.leave(true);
  cluster.wait(500);
  const node = cluster.node(0);
  const payload = new Uint8Array(10);
  for (let at = 0; at < 100_000; at += 1) {
    node.broker.publish(
      { topicName: "q", payload, qos: 1, retain: false },
      cluster.scheduler.nowMs,
    );
  }
  cluster.wait(500);
  const most = longest(() => {
    node.turn((nowMs) => node.cluster.giveAway(nowMs));
    cluster.wait(5_000);
  });
  // A part has up to 64 KiB, and a look takes 64 deliveries: so much beyond its units a turn may do.
  expect(most.beyond).toBeLessThan(200);
  console.log(`the longest turn: ${most.ms.toFixed(1)} ms of CPU`);
  expect(node.cluster.departures).toMatchObject({ handedOver: 1, left: 0 });
  const there = cluster.node(1).broker.view.client("x");
  expect([there?.queuedMessages, there?.subscriptions.length]).toEqual([100_000, 10_001]);
  cluster.connect("s", 1).publish("t/77/a", "one", 1); // what it subscribes to came along
  cluster.wait(500);
  expect(cluster.node(1).broker.view.client("x")?.queuedMessages).toBe(100_001);
}, 120_000);
