import { createHash } from "node:crypto";
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
  /** The stream of retained messages. */
  readonly retainedStream: string;
  /** Before what stands for a topic: where its retained message is published. */
  readonly retained: string;
}

/** Longer Topic Names are named by their hash: a subject must fit into a line of NATS. */
const PLAIN_BYTES_MAX = 160;

/** Where the retained message of a topic is published: one subject for each, whatever it is called. [L01] */
export function retainedSubject({ retained }: ClusterNames, topicName: string): string {
  const topic = Buffer.from(topicName);
  if (topic.length > 0 && topic.length <= PLAIN_BYTES_MAX) {
    return retained + topic.toString("base64url");
  }
  if (topic.length === 0) return `${retained}~`;
  return `${retained}~${createHash("sha256").update(topic).digest("base64url")}`;
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
    retainedStream: `BL_${name}_RETAINED`,
    retained: `${subjects}.ret.`,
  });
}

/** What the journals of presence are called in NATS. */
export interface JournalNames {
  /** The stream of all of them. */
  readonly stream: string;
  /** Before the name of a node's inbox: its journal. */
  readonly journals: string;
}

/** @throws UsageError for a name that cannot be part of a subject. */
export function journalNames(name: string): JournalNames {
  clusterNames(name);
  return Object.freeze({ stream: `BL_${name}_PRESENCE`, journals: `bl.${name}.pres.` });
}

/** What the log of a replicated store is called in NATS. */
export interface HomeNames {
  readonly stream: string;
  readonly subject: string;
}

/**
 * @param node - The store is that of a node of the cluster of this name.
 * @throws UsageError for a name that cannot be part of a subject.
 */
export function homeNames(name: string, node?: string): HomeNames {
  if (!isClusterName(name)) {
    throw new UsageError(`replica.name is ${JSON.stringify(name)}; allowed: ${CLUSTER_NAMES}`);
  }
  if (node === undefined) {
    return Object.freeze({ stream: `BL_${name}_HOME`, subject: `bl.${name}.home` });
  }
  const home = homeOf(node);
  return Object.freeze({ stream: `BL_${name}_HOME_${home}`, subject: `bl.${name}.home.${home}` });
}

/** Nodes may be called anything, such as `node-1.example.com`; no two are called the same here. */
function homeOf(node: string): string {
  if (/^[A-Za-z0-9_-]+$/.test(node)) return node;
  return `~${createHash("sha256").update(node).digest("base64url")}`;
}
