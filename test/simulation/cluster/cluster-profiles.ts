import type { FabricFaults } from "./sim-fabric.js";

export type FaultKind = "crash" | "cut" | "pause" | "leave";

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
  /** So many of the clients ask for a kept Session, and come back to it at any node. Default: none. */
  readonly durable?: number;
  /** Of each message. Default: no more than its text. */
  readonly payloadBytes?: number;
  /** Owners and strangers act, Clients are users with Sessions that may be kept, topics are long. */
  readonly isOdd?: boolean;
  /** Default: that of the engine. */
  readonly workPerTurnMax?: number;
  readonly onEngineLoss?: "serve-local";
  /** What each node keeps outlives it, and others stand in for it. The first one has no faults then. */
  readonly areAdopting?: boolean;
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
  /** Nodes go as their owners stop them, do little in a turn, and hear what no node says. */
  "cluster-odd": {
    ...{ ...PLAN, isOdd: true, stepMsMax: 400, faultIn: 20, kinds: ["leave", "cut", "crash"] },
    workPerTurnMax: 2,
  },
  /** Those that hear nothing of the others go on: none is cut off here, so that nobody is served twice. */
  "cluster-local": {
    ...{ ...PLAN, isOdd: true, stepMsMax: 300, faultIn: 20, kinds: ["leave", "crash"] },
    ...{ fabric: { ...ROUGH, delayMsMax: 10 }, onEngineLoss: "serve-local" },
  },
  /** Clients with kept Sessions go from node to node, and nothing is broken. */
  "cluster-moves": { ...PLAN, steps: 300, durable: 4 },
  "cluster-moves-rough": { ...PLAN, steps: 300, durable: 4, fabric: ROUGH },
  /** The same, many at once: chains of hand-overs. */
  "cluster-hasty": { ...PLAN, steps: 400, stepMsMax: 20, durable: 5 },
  "cluster-moves-faults": {
    ...{ ...PLAN, steps: 250, stepMsMax: 400, durable: 4, faultIn: 15 },
    fabric: { ...CLEAN, delayMsMax: 40 },
  },
  /** Nodes with kept Sessions die, stand still or are cut off, also those that stand in for others. */
  "cluster-adopted": {
    ...{ ...PLAN, steps: 300, stepMsMax: 600, durable: 4, faultIn: 25, areAdopting: true },
    faultMs: [500, 10_000, 14_000, 16_000, 18_000, 20_000, 30_000, 60_000],
  },
  "cluster-adopted-rough": {
    ...{ ...PLAN, steps: 250, stepMsMax: 600, durable: 4, faultIn: 20, areAdopting: true },
    ...{ faultMs: [14_000, 16_000, 17_000, 20_000, 40_000], fabric: ROUGH },
  },
  "cluster-all": { ...PLAN, nodes: 4, stepMsMax: 600, faultIn: 20, fabric: ROUGH },
} as const satisfies Readonly<Record<string, ClusterPlan>>;
export type ClusterProfile = keyof typeof CLUSTER_PROFILES;
