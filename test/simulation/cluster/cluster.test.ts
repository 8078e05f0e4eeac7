import { describe, expect, it } from "vitest";
import { roundsOf } from "../../support/quick.js";
import { CLUSTER_PROFILES, type ClusterProfile } from "./cluster-profiles.js";
import { simulateCluster } from "./cluster-run.js";

const SEEDS = roundsOf(20, 3);

describe("many engines as one broker in virtual time", () => {
  it.each(Object.keys(CLUSTER_PROFILES) as ClusterProfile[])(
    `[L04] [L05] [L07] [L08] [S6] [P10] [M35] [M36] keep their promises under %s, ${SEEDS} seeds`,
    { timeout: 120_000 },
    (profile) => {
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const { problems, received } = simulateCluster(seed, profile);
        expect({ seed, problems }).toEqual({ seed, problems: [] });
        expect(received).toBeGreaterThan(0);
      }
    },
  );
});
