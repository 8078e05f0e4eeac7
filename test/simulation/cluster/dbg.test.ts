import { it } from "vitest";
import { decodeAppend } from "../../../src/cluster/entries.js";
import { CLUSTER_PROFILES, type ClusterProfile } from "./cluster-profiles.js";
import { ClusterWorld } from "./cluster-world.js";

it("dbg", { timeout: 600_000 }, () => {
  const w = new ClusterWorld(Number(process.env.SEED), { ...CLUSTER_PROFILES[process.env.PROFILE as ClusterProfile] });
  const o = w.run();
  console.log(o.problems.join("\n"));
  console.log(w.nodeFaultsMs);
  w.log.entries.forEach((e, i) => {
    const a = decodeAppend(e.bytes);
    const es = a.entries.filter((x) => x.kind !== 1).map((x) => JSON.stringify(x)).join(" ");
    if (es !== "") console.log(i + 1, e.atMs, a.node.slice(0, 4), a.number, es.slice(0, 400));
  });
  for (const n of w.nodes) console.log(JSON.stringify(n.cluster.status(w.nowMs)));
});
it("dbg2", { timeout: 600_000 }, () => {
  const w = new ClusterWorld(Number(process.env.SEED), { ...CLUSTER_PROFILES[process.env.PROFILE as ClusterProfile] });
  const o = w.run();
  console.log(o.problems.join("\n"));
  for (const t of (process.env.TEXTS ?? "").split(",")) { const p = w.published.find((x) => x.text === t); if (p) console.log("PUB", t, p.topicName, p.qos, p.sentMs, p.ackedMs, p.life.clientId, p.life.node.name, p.life.connectedMs, p.life.endedMs);
   for (const c of w.all) if (c.life.received.some((r) => r.text === t)) console.log("  GOT", c.life.clientId, c.life.node.name, c.life.connectedMs, c.life.endedMs, [...c.life.subscribed], JSON.stringify(c.life.received.map((r) => r.text + "/" + r.qos))); }
  console.log("FAULTS", w.faultLog.join("; "));
  for (const c of w.all) {
    if (!c.life.isConnected) continue;
    const conn = c.life.link.connection as any;
    const s = conn.session;
    console.log("LIFE", c.life.clientId, c.life.node.name, c.life.connectedMs, "received", c.life.received.length, "last", c.life.received.slice(-3).map((r) => r.text + "/" + r.qos).join(","), "inflight", s.outbound.inFlightCount, "queued", s.outbound.queuedCount, "held", conn.held?.length, "phase", conn.phase, "stops", conn.readingStops, "unread", conn.reader.bufferedBytes, "ended", c.life.link.isEnded, [...c.life.subscribed]);
  }
  for (const n of w.nodes) console.log(n.name, n.process.isPaused, [...n.drops], JSON.stringify(n.broker.stats.drops).slice(0, 0));
});
import { ClusterNode } from "../../../src/cluster/cluster-node.js";
it("dbg3", { timeout: 600_000 }, () => {
  const cores: any[] = [];
  const open = new Map<any, string>();
  const serve = ClusterNode.prototype.serve;
  ClusterNode.prototype.serve = function (core: any) {
    cores.push(core);
    const add = core.obligations.add.bind(core.obligations);
    core.obligations.add = (...a: any[]) => {
      const o = add(...a);
      open.set(o, core.nowMs + " " + (new Error().stack ?? "").split("\n").slice(2, 6).map((x) => x.trim().replace(/\(.*\//, "(")).join(" < "));
      return o;
    };
    serve.call(this, core);
  };
  const w = new ClusterWorld(Number(process.env.SEED), { ...CLUSTER_PROFILES[process.env.PROFILE as ClusterProfile] });
  w.run();
  for (const [o, text] of open) if (o.isOpen) console.log("OPEN", text, "owner", o.owner?.identity?.clientId ?? o.owner?.session?.clientId);
  for (const n of w.nodes) { const st = n.cluster.status(w.nowMs); console.log("STATUS", n.name, st.node, st.waitingMessages, st.waitingConnects, JSON.stringify(st.nodes.map((x) => [x.name, x.unsentBytes, x.queued]))); }
  for (const core of cores) for (const t of core.trie ? [1] : []) { }
  for (const core of cores) { for (const c of core.holding) console.log("HOLDING", c.identity?.clientId ?? c.session?.clientId, c.held?.length, c.isPeer, c.phase); }
});
