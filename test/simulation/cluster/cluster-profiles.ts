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
  /** How long one takes, about. */
  readonly faultMs: readonly number[];
  readonly fabric: FabricFaults;
  /** Of each message. Default: no more than its text. */
  readonly payloadBytes?: number;
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
  faultMs: [500, 3_000, 10_000, 14_000, 20_000, 40_000],
  fabric: CLEAN,
};

/** By name: `npm run simulate -- --profile cluster-rough`. */
export const CLUSTER_PROFILES = {
  "cluster-calm": PLAN,
  "cluster-rough": { ...PLAN, fabric: ROUGH },
  "cluster-faults": { ...PLAN, stepMsMax: 600, faultIn: 25 },
  /** Nodes stand still for longer than they may serve: their clients go elsewhere. */
  "cluster-stills": {
    ...{ ...PLAN, stepMsMax: 400, faultIn: 15, kinds: ["pause"] },
    faultMs: [3_000, 14_000, 14_500, 15_000, 15_500, 20_000],
    fabric: { ...CLEAN, delayMsMax: 200 },
  },
  /** Nodes die, one while another is cut off, and much between them gets lost. */
  "cluster-deaths": {
    ...{ ...PLAN, stepMsMax: 300, faultIn: 12, kinds: ["crash", "cut"] },
    fabric: { ...CLEAN, sendLost: 4, delayMsMax: 40 },
  },
  "cluster-large": {
    ...{ ...PLAN, steps: 100, faultIn: 15, kinds: ["pause", "cut"], payloadBytes: 120_000 },
    fabric: { ...CLEAN, sendLost: 20, sendCopied: 20 },
  },
  "cluster-all": { ...PLAN, nodes: 4, stepMsMax: 600, faultIn: 20, fabric: ROUGH },
} as const satisfies Readonly<Record<string, ClusterPlan>>;
export type ClusterProfile = keyof typeof CLUSTER_PROFILES;
