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
