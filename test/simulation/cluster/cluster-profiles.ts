import type { FabricFaults } from "./sim-fabric.js";

export type FaultKind = "crash" | "cut" | "pause";

/** What a run is made of. */
export interface ClusterPlan {
  readonly nodes: number;
  readonly steps: number;
  readonly stepMsMax: number;
  /** A fault of a node in so many steps; 0: never. */
  readonly faultIn: number;
  readonly kinds: readonly FaultKind[];
  readonly fabric: FabricFaults;
}

const CLEAN: FabricFaults = {
  appendLost: 0,
  answerLost: 0,
  appendCopied: 0,
  sendLost: 0,
  sendCopied: 0,
  delayMsMax: 5,
};

const ROUGH: FabricFaults = {
  appendLost: 20,
  answerLost: 20,
  appendCopied: 20,
  sendLost: 20,
  sendCopied: 20,
  delayMsMax: 40,
};

const PLAN: ClusterPlan = {
  nodes: 3,
  steps: 150,
  stepMsMax: 200,
  faultIn: 0,
  kinds: ["crash", "cut", "pause"],
  fabric: CLEAN,
};

/** By name: `npm run simulate -- --profile cluster-rough`. */
export const CLUSTER_PROFILES = {
  "cluster-calm": PLAN,
  "cluster-rough": { ...PLAN, fabric: ROUGH },
  "cluster-faults": { ...PLAN, stepMsMax: 600, faultIn: 25 },
  "cluster-all": { ...PLAN, nodes: 4, stepMsMax: 600, faultIn: 20, fabric: ROUGH },
} as const satisfies Readonly<Record<string, ClusterPlan>>;
export type ClusterProfile = keyof typeof CLUSTER_PROFILES;
