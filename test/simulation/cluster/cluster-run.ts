import { CLUSTER_PROFILES, type ClusterProfile } from "./cluster-profiles.js";
import { type ClusterOutcome, ClusterWorld } from "./cluster-world.js";

/** One seed under one profile: many engines as one broker, over a simulated network. */
export function simulateCluster(seed: number, profile: ClusterProfile): ClusterOutcome {
  return new ClusterWorld(seed, { ...CLUSTER_PROFILES[profile] }).run();
}
