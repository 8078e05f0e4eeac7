import { it } from "vitest";
import { CLUSTER_PROFILES, type ClusterProfile } from "./cluster-profiles.js";
import { simulateCluster } from "./cluster-run.js";

it("runs", { timeout: 600_000 }, () => {
  const [from, to] = (process.env.SEEDS ?? "1..3").split("..").map(Number) as [number, number];
  for (const profile of (process.env.PROFILES?.split(",") ?? Object.keys(CLUSTER_PROFILES)) as ClusterProfile[]) {
    let failed = 0; let received = 0; let published = 0; let faults = 0;
    const t = performance.now();
    for (let seed = from; seed <= to; seed += 1) {
      let problems: readonly string[];
      try { const o = simulateCluster(seed, profile); problems = o.problems; received += o.received; published += o.published; faults += o.faults; } catch (e) { problems = [String((e as Error).stack)]; }
      if (problems.length === 0) continue;
      failed += 1;
      if (failed <= 3) console.log(profile, seed, problems.slice(0, 4).join("\n   "));
    }
    console.log(profile, "failed", failed, "of", to - from + 1, { published, received, faults }, `${((performance.now() - t) / (to - from + 1)).toFixed(1)} ms a seed`);
  }
});
