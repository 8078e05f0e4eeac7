import { describe, expect, it } from "vitest";
import { Adoption } from "../../src/cluster/adoption.js";
import { Member } from "../../src/cluster/order-state.js";
import { MemoryBackend, memoryStore } from "../../src/store/memory-store.js";
import { type SimClient, SimSession } from "../simulation/cluster/sim-client.js";
import type { SimNode } from "../simulation/cluster/sim-node.js";
import { bytesOf } from "../support/harness.js";
import { StillCluster } from "../support/still-cluster.js";

/** A client of the first node that subscribes to `t/1`, and has gone. */
function sleeper(cluster: StillCluster, clientId = "x"): SimSession {
  const session = new SimSession();
  const first = cluster.connectKept(clientId, 0, session);
  cluster.subscribe(first, "t/1", 2);
  first.leave(true);
  cluster.wait(100);
  return session;
}

/** What the sessions of the first node had when that was gone: whoever asks at the third one is answered in time. */
function asked(cluster: StillCluster, session: SimSession): SimClient {
  const waiting = cluster.connectKept("x", 2, session);
  cluster.wait(20_000);
  return waiting;
}

describe("[M35] nodes that stand in for each other", () => {
  it("whoever waits at another node gets its Session, with all that was acknowledged, though its home stays away", () => {
    const cluster = new StillCluster(3, { areAdopting: true });
    const session = sleeper(cluster);
    const sender = cluster.connect("s", 1);
    const sent = [sender.publish("t/1", "one", 1), sender.publish("d/p2p/x", "two", 2)];
    cluster.wait(200);
    cluster.node(0).crash();
    sent.push(sender.publish("t/1", "three", 1));
    const waiting = cluster.connectKept("x", 2, session);
    cluster.wait(18_000);
    expect(waiting.life.sessionPresent).toBe(true);
    expect(StillCluster.texts(waiting).sort()).toEqual(["one", "three", "two"]);
    expect(sent.every(({ ackedMs }) => ackedMs > 0)).toBe(true);
    cluster.wait(5_000);
    for (const at of [1, 2]) expect(namesAt(cluster, at)).toEqual(["n1", "n2"]);
  });

  it("Sessions whose Clients do not come are at others as well, and a node that comes back has none", () => {
    const cluster = new StillCluster(3, { areAdopting: true });
    const sessions = ["u", "v", "w"].map((clientId) => sleeper(cluster, clientId));
    cluster.node(0).crash();
    cluster.wait(20_000);
    cluster.node(0).start();
    cluster.wait(2_000);
    const { view } = cluster.node(0).broker;
    expect(["u", "v", "w"].map((id) => view.client(id))).toEqual([undefined, undefined, undefined]);
    expect(["u", "v", "w"].map((id) => cluster.node(1).cluster.whereIs(id))).not.toContain("n0");
    const back = cluster.connectKept("v", 0, sessions[1] as SimSession);
    expect(back.life.sessionPresent).toBe(true);
  });

  it("[M2] its Wills are published once", () => {
    const disk = new MemoryBackend();
    const store = memoryStore(disk);
    const will = { topicName: "t/1", qos: 1, retain: false, payload: bytesOf("gone") } as const;
    const owner = { clientId: "w", username: undefined, senderIsDurable: false };
    const cluster = new StillCluster(2, { areAdopting: true });
    const listener = cluster.connect("listener", 1);
    cluster.subscribe(listener, "t/1");
    const node = cluster.addNode("n2", disk);
    cluster.wait(1_000);
    store.putWill({ key: store.nextKey(), ...owner, will }); // of somebody who is connected there
    store.seal();
    node.crash();
    cluster.wait(20_000);
    expect(StillCluster.texts(listener)).toEqual(["gone"]);
    node.start();
    cluster.wait(2_000);
    expect(namesAt(cluster, 1)).toEqual(["n0", "n1", "n2"]);
    expect(StillCluster.texts(listener)).toEqual(["gone"]);
  });

  it("when the one that stands in dies as well, at whatever moment, another one goes on", () => {
    for (let ms = 0; ms < 60; ms += 4) {
      const cluster = new StillCluster(3, { areAdopting: true });
      const session = sleeper(cluster);
      sleeper(cluster, "y");
      cluster.connect("s", 1).publish("t/1", "one", 1);
      cluster.wait(200);
      cluster.node(0).crash();
      const host = hostOf(cluster, ms);
      host.crash();
      const last = cluster.nodes.indexOf(host) === 1 ? 2 : 1;
      const waiting = cluster.begin("x", last, session);
      cluster.wait(19_000); // another silence
      expect([ms, waiting.life.sessionPresent]).toEqual([ms, true]);
      expect([ms, ...StillCluster.texts(waiting)]).toEqual([ms, "one"]);
    }
  });

  it("when the node comes back in the middle of it, whoever has a Session has all of it", () => {
    for (let ms = 0; ms < 60; ms += 4) {
      const cluster = new StillCluster(3, { areAdopting: true });
      const session = sleeper(cluster);
      cluster.connect("s", 1).publish("t/1", "one", 1);
      cluster.wait(200);
      cluster.node(0).crash();
      hostOf(cluster, ms);
      cluster.node(0).start();
      cluster.wait(5_000);
      const found = asked(cluster, session);
      expect([ms, found.life.sessionPresent]).toEqual([ms, true]);
      expect([ms, ...StillCluster.texts(found)]).toEqual([ms, "one"]);
    }
  });

  it("a node that has only stood still is not the home any more, whatever it writes", () => {
    const cluster = new StillCluster(3, { areAdopting: true });
    const session = sleeper(cluster);
    const late = cluster.connect("late", 0);
    cluster.wait(1_000);
    const sent = late.publish("d/p2p/x", "late", 1);
    cluster.wait(2); // it is recorded there, and not in the log
    cluster.node(0).pause();
    cluster.wait(25_000);
    cluster.node(0).goOn();
    cluster.wait(5_000);
    const found = asked(cluster, session);
    expect(found.life.sessionPresent).toBe(true);
    expect(StillCluster.texts(found).length > 0 || sent.ackedMs === 0).toBe(true);
    expect(namesAt(cluster, 1)).toEqual(["n0", "n1", "n2"]); // it was started again
  });

  it("of two processes of one name, one that has joined last and cannot write gives nothing away", () => {
    const { isAcknowledged, found } = afterSlowStart({ areAdopting: true });
    expect(isAcknowledged).toBe(true);
    expect(found.life.sessionPresent).toBe(true);
    expect(StillCluster.texts(found)).toEqual(["one"]);
  });

  it("without the fence that one would be the home, and what the other has acknowledged would be lost", () => {
    const { isAcknowledged, found } = afterSlowStart({ areAdopting: true, areUnfenced: true });
    expect(isAcknowledged).toBe(true);
    expect(StillCluster.texts(found)).toEqual([]);
  });

  it("all others see who stands in for whom, and that one counts what it has done", () => {
    const cluster = new StillCluster(3, { areAdopting: true });
    for (const clientId of ["u", "v", "w"]) sleeper(cluster, clientId);
    cluster.node(0).crash();
    const host = hostOf(cluster, 0);
    const at = cluster.nodes.indexOf(host);
    const begun = host.cluster.status(0).adoptions;
    expect(begun).toMatchObject({ underWay: 1, done: 0, sessions: 0 });
    const seen = [new Set<string>(), new Set<string>()];
    for (let ms = 0; ms < 500; ms += 1) {
      for (const [nth, lines] of seen.entries()) {
        for (const line of adoptersAt(cluster, nth + 1)) lines.add(line);
      }
      cluster.wait(1);
    }
    // First for the silent one, then at the one of its name that stands in.
    const all = [`n${at} for n0`, `n${at} for n0, begun`];
    expect(seen.map((lines) => [...lines])).toEqual([all, all]);
    cluster.wait(3_000);
    const { adoptions } = host.cluster.status(0);
    expect(adoptions).toMatchObject({ underWay: 0, done: 1, failed: 0, sessions: 3 });
    expect(adoptions.lastMs).toBeGreaterThan(0);
    const other = cluster.node(at === 1 ? 2 : 1).cluster.status(0);
    expect(other.adoptions).toMatchObject({ underWay: 0, done: 0, sessions: 0 });
  });

  it("a node that nobody can stand in for is taken for down, a moment later than others", () => {
    const cluster = new StillCluster(3, { areDurable: true });
    const other = new SimSession();
    cluster.connectKept("y", 0, other).leave(true);
    cluster.node(0).crash();
    cluster.wait(16_500);
    expect(namesAt(cluster, 1)).toEqual(["n0", "n1", "n2"]);
    cluster.wait(2_500);
    expect(namesAt(cluster, 1)).toEqual(["n1", "n2"]);
  });
});

/** One process of a node has opened what it kept, joins only when another one of its name has served, and is slow. */
function afterSlowStart(options: { areAdopting: true; areUnfenced?: true }): {
  readonly isAcknowledged: boolean;
  readonly found: SimClient;
} {
  const cluster = new StillCluster(3, options);
  const session = sleeper(cluster);
  cluster.node(0).crash();
  const slow = cluster.addNode("n0"); // it has opened the home, and does not join
  slow.fabric.isCut = true;
  cluster.node(0).start();
  cluster.wait(1_000);
  const sent = cluster.connect("s", 1).publish("t/1", "one", 1);
  cluster.wait(200);
  const isAcknowledged = sent.ackedMs > 0;
  const waiting = cluster.begin("x", 2, session);
  slow.fabric.mend();
  cluster.wait(25_000);
  return { isAcknowledged, found: waiting.life.isConnected ? waiting : asked(cluster, session) };
}

describe("[M35] who stands in", () => {
  const begun: string[] = [];
  let given = 0;
  const host = {
    canStandIn: () => true,
    standIn: (name: string) => void begun.push(name),
    gave: () => {
      given += 1;
    },
  };

  function member(name: string, keeps = true): Member {
    const one = new Member(name);
    one.name = name;
    one.keeps = keeps;
    return one;
  }

  it("is the first one that has said so, until it is silent or cannot", () => {
    begun.length = 0;
    const [a, b, silent] = [member("a"), member("b"), member("silent")];
    const adoption = new Adoption("b", host);
    const all = [a, b, silent];
    expect(adoption.isMine(silent, 15_000)).toBe(true);
    adoption.said(a, silent, false, 15_000);
    adoption.said(b, silent, false, 15_001);
    expect(begun).toEqual([]);
    expect(adoption.isMine(silent, 16_000)).toBe(false);
    expect(adoption.isSpared(silent, all, 15_000, 29_000)).toBe(true);
    expect(adoption.isSpared(silent, all, 15_000, 30_000)).toBe(false);
    adoption.said(a, silent, true, 20_000);
    expect(adoption.isSpared(silent, all, 15_000, 21_000)).toBe(true);
    expect(adoption.isMine(silent, 21_000)).toBe(true);
    adoption.said(b, silent, false, 21_000);
    expect(begun).toEqual(["silent"]);
    adoption.said(b, silent, false, 22_000); // once more, while it is at it
    expect(begun).toEqual(["silent"]);
    expect(adoption.ended("silent", false)).toEqual([silent]);
    expect(adoption.isMine(silent, 23_000)).toBe(false);
    adoption.said(b, silent, true, 23_000);
    expect(adoption.isSpared(silent, all, 15_000, 26_000)).toBe(false);
  });

  it("tries three times for one name, and anew when that has succeeded", () => {
    begun.length = 0;
    const [b] = [member("b")];
    const adoption = new Adoption("b", host);
    for (const isDone of [false, false, true, false, false, false]) {
      const silent = member("silent");
      expect(adoption.isMine(silent, 1)).toBe(true);
      adoption.said(b as Member, silent, false, 1);
      adoption.gone(silent); // it has joined in its place
      expect(adoption.ended("silent", isDone)).toEqual([]);
    }
    expect(adoption.isMine(member("silent"), 1)).toBe(false);
    expect(begun).toHaveLength(6);
  });

  it("is the first one for that one too, unless it was silent for long itself", () => {
    begun.length = 0;
    const [a, b, silent] = [member("a"), member("b"), member("silent")];
    const adoption = new Adoption("b", host);
    adoption.said(b, silent, false, 15_000);
    adoption.said(a, silent, false, 15_001); // as late as it could
    expect(adoption.isMine(silent, 16_000)).toBe(true);
    expect(adoption.adopterOf(silent, 16_000)).toBe(b);
    adoption.said(a, silent, false, 30_000);
    expect(adoption.isMine(silent, 31_000)).toBe(false);
    expect(adoption.adopterOf(silent, 31_000)).toBe(a);
    expect(begun).toEqual(["silent"]);
  });

  it("is known until that has come to an end, and counts what it has given away", () => {
    given = 0;
    const [a, b, silent, other] = [member("a"), member("b"), member("silent"), member("other")];
    const [standIn, second] = [member("silent"), member("other")];
    standIn.standsIn = second.standsIn = true;
    const adoption = new Adoption("b", host);
    adoption.said(b, silent, false, 15_000);
    adoption.said(a, other, false, 15_000);
    expect([silent, other].map((one) => adoption.adopterOf(one, 16_000))).toEqual([b, a]);
    expect(adoption.adopterOf(silent, 30_000)).toBe(undefined); // it has not said so for long
    adoption.gone(silent, standIn);
    adoption.gone(other, second);
    expect([standIn, second].map((one) => adoption.adopterOf(one, 60_000))).toEqual([b, a]);
    for (const one of [standIn, standIn, second, a]) adoption.handedOver(one);
    expect(given).toBe(2);
    adoption.gone(standIn);
    expect(adoption.adopterOf(standIn, 60_000)).toBe(undefined);
    const back = member("other");
    adoption.gone(second, back); // the node itself has come back
    expect(adoption.adopterOf(back, 60_000)).toBe(undefined);
  });

  it("is nobody for a node that keeps nothing, nor where nobody else keeps anything", () => {
    const adoption = new Adoption("b", host);
    expect(adoption.isMine(member("silent", false), 1)).toBe(false);
    const silent = member("silent");
    const standIn = member("other");
    standIn.standsIn = true;
    expect(adoption.isSpared(silent, [silent, member("b", false), standIn], 0, 1)).toBe(false);
  });
});

function namesAt(cluster: StillCluster, at: number): string[] {
  const { nodes } = cluster.node(at).cluster.status(0);
  return nodes.map(({ name }) => name).sort();
}

/** Who stands in for whom, as one of the nodes sees it. */
function adoptersAt(cluster: StillCluster, at: number): string[] {
  return cluster
    .node(at)
    .cluster.status(0)
    .nodes.filter(({ adopter }) => adopter !== undefined)
    .map(({ adopter, name, standsIn }) => `${adopter} for ${name}${standsIn ? ", begun" : ""}`);
}

/** Whoever stands in for the first node, so long after it has begun to. */
function hostOf(cluster: StillCluster, ms: number): SimNode {
  for (let waited = 0; waited < 20_000; waited += 1) {
    cluster.wait(1);
    const host = cluster.nodes.find(({ standIns }) => standIns.size > 0);
    if (host === undefined) continue;
    cluster.wait(ms);
    return host;
  }
  throw new Error("nobody stands in for it");
}
