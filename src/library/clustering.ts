import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { ClusterNode } from "../cluster/cluster-node.js";
import type { Fabric, FabricInputs } from "../cluster/fabric.js";
import type { ClusterClient } from "../cluster/holds.js";
import type { ClusterStatus } from "../cluster/status.js";
import { shown } from "../log/escape.js";
import type { Logger } from "../log/logger.js";
import { nowMs } from "../net/clock.js";
import { UsageError } from "../protocol/errors.js";
import { check, hasShape, isFunction, isOneOf, required, type Shape } from "../protocol/usage.js";
import type { ConnectionInputs } from "../state/connection.js";
import type { Page } from "./inspector.js";

/** What makes a broker one node of many, which are one broker for their Clients. */
export interface ClusterOption {
  /** What this node is called: no other node may have the same. 1 to 64 characters. */
  readonly nodeName: string;
  /** The way to the others, such as `openNatsFabric` of `beeline-mqtt/cluster` makes. The broker closes it. */
  readonly fabric: Fabric;
  /**
   * What happens to Clients while this node does not reach the others. `close`, the default: after 12 s
   * they are closed, and find a node that does. `serve-local`: they stay, and reach only each other.
   */
  readonly onEngineLoss?: "close" | "serve-local";
  /** This node cannot go on: it closes all Clients, and must be started anew. Default: nothing more. */
  readonly onLost?: (reason: Error) => void;
}

/** What the others are like from here. */
export interface ClusterView {
  /** O(Clients of all nodes). */
  status(): ClusterStatus;
  /** The name of the node that has a Client; `undefined`: none has. */
  whereIs(clientId: string): string | undefined;
  /**
   * Clients of all nodes, each with its node, in the order of their identifiers; with a kept Session, also
   * those that are not connected. Not waited for: others may know of the newest a moment later.
   *
   * @param request - Default: the first 100. `after` is what the page before said as `next`.
   * @throws UsageError for a limit outside 1 to 1,000.
   */
  clients(request?: {
    readonly after?: string | undefined;
    readonly limit?: number;
  }): Page<ClusterClient>;
}

const NODE_NAME_MAX = 64;
const CLIENTS_DEFAULT = 100;
const CLIENTS_MAX = 1_000;
/** So long a close waits for the log to take what this node has said. */
const LEAVE_MAX_MS = 1_500;
const LEAVE_LOOK_MS = 5;

const isNodeName = check(
  `a text of 1 to ${NODE_NAME_MAX} characters`,
  (value) => typeof value === "string" && value.length > 0 && value.length <= NODE_NAME_MAX,
);

const isFabric = check(
  "the way to the other nodes, as openNatsFabric() of beeline-mqtt/cluster makes it",
  (value) =>
    typeof value === "object" &&
    value !== null &&
    ["open", "append", "send", "close"].every(
      (name) => name in value && typeof value[name as never] === "function",
    ),
);

const SHAPE: Shape<ClusterOption> = {
  nodeName: required(isNodeName),
  fabric: required(isFabric),
  onEngineLoss: isOneOf(["close", "serve-local"]),
  onLost: isFunction,
};
const checkShape = hasShape(SHAPE);

/** @throws UsageError naming what is wrong. */
export function checkCluster(option: ClusterOption, hasStore: boolean): void {
  checkShape(option, "cluster");
  if (hasStore) {
    throw new UsageError(
      "cluster and store contradict each other: a node of a cluster keeps its sessions in memory",
    );
  }
}

/** Runs what starts a turn: now, or right after the present one. */
type InTurn = (call: () => void) => void;

/** One broker as a node of many: the clock and the event loop around its `ClusterNode`. */
export class Clustering implements ClusterView {
  readonly #option: ClusterOption;
  readonly #logger: Logger | undefined;
  readonly #inTurn: InTurn;
  #node!: ClusterNode;
  #isClosed = false;

  constructor(option: ClusterOption, logger: Logger | undefined, inTurn: InTurn) {
    this.#option = option;
    this.#logger = logger;
    this.#inTurn = inTurn;
  }

  /** For the engine, which takes its node as it is made. */
  readonly connect = (inputs: ConnectionInputs): ClusterNode => {
    const { nodeName, fabric, onEngineLoss, onLost } = this.#option;
    const log = this.#logger;
    this.#node = new ClusterNode(
      {
        nodeName,
        fabric,
        ...(onEngineLoss !== undefined && { onEngineLoss }),
        open: (node) => fabric.open(node, this.#inputs),
        makeNode: () => randomBytes(8).toString("hex"),
        events: {
          onJoin: (name) => log?.info?.(`node ${shown(name)} has joined the cluster`, {}),
          onLeave: (name) => log?.warn?.(`node ${shown(name)} has left the cluster`, {}),
          onServing: (isServing) => this.#told(isServing),
          onLost: (reason) => {
            log?.error?.(`this node cannot go on in the cluster: ${reason.message}`, {});
            onLost?.(reason);
          },
        },
      },
      inputs,
    );
    return this.#node;
  };

  /** Joins the others. */
  begin(): void {
    this.#inTurn(() => this.#node.begin());
  }

  status(): ClusterStatus {
    return this.#node.status(nowMs());
  }

  whereIs(clientId: string): string | undefined {
    return this.#node.whereIs(clientId);
  }

  clients({
    after,
    limit = CLIENTS_DEFAULT,
  }: {
    readonly after?: string | undefined;
    readonly limit?: number;
  } = {}): Page<ClusterClient> {
    if (!Number.isInteger(limit) || limit < 1 || limit > CLIENTS_MAX) {
      throw new UsageError(`limit must be a whole number from 1 to ${CLIENTS_MAX}`);
    }
    return this.#node.clients({ after, limit });
  }

  /** Tells the others that it goes, and lets go of the way to them. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    // That Clients have gone is said first: others need not wait for them.
    const endMs = nowMs() + LEAVE_MAX_MS;
    while (!this.#node.isIdle && nowMs() < endMs) await delay(LEAVE_LOOK_MS);
    this.#inTurn(() => this.#node.leave(nowMs()));
    this.#isClosed = true;
    await this.#option.fabric.close();
  }

  /** Bytes are kept where the engine is busy: they are valid during the call only. */
  readonly #inputs: FabricInputs = {
    ordered: (sequence, bytes) => {
      const kept = bytes.slice();
      this.#run(() => this.#node.ordered(sequence, kept, nowMs()));
    },
    arrived: (bytes) => {
      const kept = bytes.slice();
      this.#run(() => this.#node.arrived(kept, nowMs()));
    },
    lost: (reason) => this.#run(() => this.#node.lost(reason, nowMs())),
  };

  #run(call: () => void): void {
    if (!this.#isClosed) this.#inTurn(call);
  }

  #told(isServing: boolean): void {
    const log = this.#logger;
    const { nodeName, onEngineLoss = "close" } = this.#option;
    if (isServing) {
      log?.info?.(`this node, ${shown(nodeName)}, serves as one of the cluster`, {});
    } else if (onEngineLoss === "close") {
      log?.error?.("this node does not reach the cluster any more: clients are closed", {});
    } else {
      log?.error?.(
        "this node does not reach the cluster any more: its clients reach only each other",
        {},
      );
    }
  }
}
