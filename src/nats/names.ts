import { UsageError } from "../protocol/errors.js";

/** What a cluster's things are called in NATS. Whoever has the same names is in the same cluster. */
export interface ClusterNames {
  /** The stream of the order log. */
  readonly stream: string;
  /** Where its entries are published. */
  readonly order: string;
  /** Where the leader of the stream publishes them once more, with their sequences. */
  readonly ordered: string;
  /** Before the name of a node: its inbox. */
  readonly inboxes: string;
}

/** In words, for option tables. */
export const CLUSTER_NAMES = "names of 1 to 32 letters A-Z a-z, digits, - and _";

/** Within what streams and subjects of NATS may be called, and short enough for both. */
export function isClusterName(name: string): boolean {
  return /^[A-Za-z0-9_-]{1,32}$/.test(name);
}

/** @throws UsageError for a name that cannot be part of a subject. */
export function clusterNames(name: string): ClusterNames {
  if (!isClusterName(name)) {
    throw new UsageError(`cluster.name is ${JSON.stringify(name)}; allowed: ${CLUSTER_NAMES}`);
  }
  const subjects = `bl.${name}`;
  return Object.freeze({
    stream: `BL_${name}_ORDER`,
    order: `${subjects}.order`,
    ordered: `${subjects}.ordered`,
    inboxes: `${subjects}.n.`,
  });
}

/** What the log of a replicated store is called in NATS. */
export interface HomeNames {
  readonly stream: string;
  readonly subject: string;
}

/** @throws UsageError for a name that cannot be part of a subject. */
export function homeNames(name: string): HomeNames {
  if (!isClusterName(name)) {
    throw new UsageError(`replica.name is ${JSON.stringify(name)}; allowed: ${CLUSTER_NAMES}`);
  }
  return Object.freeze({ stream: `BL_${name}_HOME`, subject: `bl.${name}.home` });
}
