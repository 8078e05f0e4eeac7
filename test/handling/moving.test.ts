import { describe, expect, it } from "vitest";
import { Turns } from "../../src/broker/turns.js";
import { prepare, settleIn } from "../../src/handling/moving.js";
import { Session } from "../../src/session/session.js";
import type { ClientSession } from "../../src/state/client-directory.js";
import type { Core } from "../../src/state/core.js";
import { SimSession } from "../simulation/cluster/sim-client.js";
import { Harness, publishPacket } from "../support/harness.js";
import { StillCluster } from "../support/still-cluster.js";

/** An engine whose turns do little, and its tables. */
function engine(): { harness: Harness; core: Core } {
  const found: Core[] = [];
  const { serve } = Turns.prototype;
  Turns.prototype.serve = function (core) {
    found.push(core);
    serve.call(this, core);
  };
  try {
    const harness = new Harness({ limits: { workPerTurnMax: 10 } });
    return { harness, core: found[0] as Core };
  } finally {
    Turns.prototype.serve = serve;
  }
}

describe("a Session that is frozen", () => {
  it("[M33] a CONNECT with cleanSession 1 elsewhere ends it, and nothing of it moves", () => {
    const cluster = new StillCluster(2);
    const session = new SimSession();
    cluster.connectKept("x", 0, session).leave(true);
    cluster.wait(100);
    const clean = cluster.connect("x", 1);
    expect([clean.life.isConnected, clean.life.sessionPresent]).toEqual([true, false]);
    expect(cluster.node(0).cluster.status(0).handovers.left).toBe(0);
    clean.leave(true);
    cluster.wait(100);
    expect(cluster.connectKept("x", 0, session).life.sessionPresent).toBe(false);
  });

  it("[M33] takes along what waits for its Client", () => {
    const cluster = new StillCluster(2);
    const session = new SimSession();
    cluster.connectKept("x", 0, session).leave(true);
    cluster.wait(100);
    cluster.connect("s", 0).publish("d/p2p/x", "one", 1);
    cluster.wait(100);
    expect(StillCluster.texts(cluster.connectKept("x", 1, session))).toEqual(["one"]);
    expect(cluster.node(0).cluster.status(0).handovers).toMatchObject({ left: 1, underWay: 0 });
  });
});

describe("a Session that is at home here from a moment on", () => {
  it("[M33] gets nothing of what was on its way to many before: that has come along", () => {
    const { harness, core } = engine();
    for (let at = 0; at < 30; at += 1) harness.connect({ clientId: `s${at}` }).subscribe(["t", 0]);
    const publisher = harness.connect({ clientId: "p" });
    const { limits, memory } = core;
    const session: ClientSession = new Session(
      ...(["x", false, undefined, limits, 0, undefined, memory.messages] as const),
    );
    const inTurn = (call: () => void): void => core.turns.run(harness.nowMs, call);
    inTurn(() => {
      expect(prepare(core, session, "t", 1)).toBe(true);
      expect(prepare(core, session, "$share/g/t", 1)).toBe(false);
    });
    expect(session.isMoving).toBe(true);
    publisher.send(publishPacket("t", "before", { qos: 1, packetId: 1 }));
    expect(harness.broker.needsWork).toBe(true);
    inTurn(() => settleIn(core, session, []));
    harness.work();
    expect([session.isMoving, session.outbound.queuedCount]).toEqual([false, 0]);
    publisher.send(publishPacket("t", "behind", { qos: 1, packetId: 2 }));
    harness.work();
    expect(session.outbound.queuedCount).toBe(1);
  });
});
