/** A little over 300 lines: all that a node is asked, and the clock and the event loop around it. */
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { ClusterNode } from "../cluster/cluster-node.js";
import type { Fabric, FabricInputs } from "../cluster/fabric.js";
import type { ClusterClient } from "../cluster/holds.js";
import type { ClusterStatus, Departures, Membership } from "../cluster/status.js";
import { shown } from "../log/escape.js";
import type { Logger } from "../log/logger.js";
import { nowMs } from "../net/clock.js";
import { UsageError } from "../protocol/errors.js";
import {
  check,
  hasShape,
  isBoolean,
  isFunction,
  isOneOf,
  required,
  type Shape,
} from "../protocol/usage.js";
import type { ConnectionInputs } from "../state/connection.js";
import type { Page } from "./inspector.js";
import { type StandIn, StandIns } from "./stand-ins.js";

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
  /**
   * It is there only to give away what the node before of its name had kept: it takes no Clients. See
   * {@link ClusterView.cleared}. Default: false.
   */
  readonly standsIn?: boolean;
  /**
   * Another node, which keeps its Sessions as this one does, is gone: makes one of that name, with `standsIn`, over
   * a Store that takes over what that one kept, and resolves when all of it is at other nodes. Rejects when that
   * cannot be done. Default: other nodes do it, or nobody.
   */
  readonly standIn?: StandIn;
}

/** How far a node is that gives away what it has. */
export interface DrainState extends Departures {
  /** `incomplete`: the time was up, or this node was lost to the others; what is left ends with it. */
  readonly state: "draining" | "done" | "incomplete";
}

/** What the others are like from here. */
export interface ClusterView {
  /**
   * Empties this node, so that it can be closed without loss: whoever connects is sent away (CONNACK 3),
   * whoever is connected is closed, and kept Sessions go to the other nodes. A second call changes nothing.
   *
   * @param request - So long at most; default 60,000 ms.
   * @returns what came of it, in the end; then call `close()`.
   * @throws UsageError when there is no other node that could take anything.
   */
  drain(request?: { readonly timeoutMs?: number }): Promise<DrainState>;
  /** How far {@link drain} is; `undefined`: nobody has called it. */
  readonly drainState: DrainState | undefined;
  /**
   * Resolves when a node that `standsIn` has nothing left to give away; then call `close()`. Rejects when it cannot
   * go on: another one has its name.
   */
  cleared(): Promise<void>;
  /** What this node is called. */
  readonly nodeName: string;
  /** O(Clients of all nodes). */
  status(): ClusterStatus;
  /** Who is a member, and whether this node serves as one. O(nodes). */
  membership(): Membership;
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
/** A drain that nobody has given a time. */
const DRAIN_MS = 60_000;
/** So long a close waits for other nodes to take the Sessions that this one keeps. */
const GIVE_MAX_MS = 10_000;
/** So long a close of a node may take beyond that of a broker which is alone. */
export const CLUSTER_CLOSE_MAX_MS = GIVE_MAX_MS + LEAVE_MAX_MS;

const isNodeName = check(
  `a text of 1 to ${NODE_NAME_MAX} characters`,
  (value) => typeof value === "string" && value.length > 0 && value.length <= NODE_NAME_MAX,
);

const isFabric = check(
  "the way to the other nodes, as openNatsFabric() of beeline-mqtt/cluster makes it",
  (value) =>
    typeof value === "object" &&
    value !== null &&
    ["open", "append", "send", "keep", "close"].every(
      (name) => name in value && typeof value[name as never] === "function",
    ),
);

const SHAPE: Shape<ClusterOption> = {
  nodeName: required(isNodeName),
  fabric: required(isFabric),
  onEngineLoss: isOneOf(["close", "serve-local"]),
  onLost: isFunction,
  standsIn: isBoolean,
  standIn: isFunction,
};
const checkShape = hasShape(SHAPE);

/** @throws UsageError naming what is wrong. */
export function checkCluster(option: ClusterOption): void {
  checkShape(option, "cluster");
}

function joinedText(name: string, isStandIn: boolean): string {
  if (!isStandIn) return `node ${shown(name)} has joined the cluster`;
  return `another node stands in for node ${shown(name)}: what that has kept goes to all others`;
}

/** Runs what starts a turn: now, or right after the present one. */
type InTurn = (call: () => void) => void;

/** One broker as a node of many: the clock and the event loop around its `ClusterNode`. */
export class Clustering implements ClusterView {
  readonly #option: ClusterOption;
  readonly #logger: Logger | undefined;
  readonly #inTurn: InTurn;
  readonly #keepsSessions: boolean;
  #node!: ClusterNode;
  #isClosed = false;
  #draining: Promise<DrainState> | undefined;
  /** What came of it. */
  #drained: DrainState | undefined;
  readonly #standIns: StandIns | undefined;

  /** @param keepsSessions - In a Store, from which the next start has them. */
  constructor(
    option: ClusterOption,
    logger: Logger | undefined,
    inTurn: InTurn,
    keepsSessions: boolean,
  ) {
    this.#keepsSessions = keepsSessions;
    this.#option = option;
    this.#logger = logger;
    this.#inTurn = inTurn;
    const { standIn } = option;
    this.#standIns =
      standIn &&
      new StandIns(standIn, logger, (name, isDone) =>
        this.#run(() => this.#node.stoodIn(name, isDone, nowMs())),
      );
  }

  /** For the engine, which takes its node as it is made. */
  readonly connect = (inputs: ConnectionInputs): ClusterNode => {
    const { nodeName, fabric, onEngineLoss, onLost, standsIn = false } = this.#option;
    const standIns = this.#standIns;
    const log = this.#logger;
    this.#node = new ClusterNode(
      {
        nodeName,
        fabric,
        keepsSessions: this.#keepsSessions,
        standsIn,
        ...(standIns && { standIn: (name: string) => standIns.begin(name) }),
        ...(onEngineLoss !== undefined && { onEngineLoss }),
        open: (node) => fabric.open(node, this.#inputs),
        makeNode: () => randomBytes(8).toString("hex"),
        events: {
          onJoin: (name, isStandIn) => log?.info?.(joinedText(name, isStandIn), {}),
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
    if (this.#option.standsIn === true) this.#inTurn(() => this.#node.giveAway(nowMs()));
  }

  async cleared(): Promise<void> {
    do await delay(LEAVE_LOOK_MS);
    while (!this.#node.isCleared && !this.#node.isStopped && !this.#isClosed);
    if (!this.#node.isCleared) throw new Error("another node has its name, or it was closed");
  }

  get nodeName(): string {
    return this.#option.nodeName;
  }

  status(): ClusterStatus {
    return this.#node.status(nowMs());
  }

  membership(): Membership {
    return this.#node.membership(nowMs());
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

  async drain({ timeoutMs = DRAIN_MS }: { readonly timeoutMs?: number } = {}): Promise<DrainState> {
    if (!Number.isInteger(timeoutMs) || timeoutMs < 0) {
      throw new UsageError("timeoutMs must be a whole number of milliseconds");
    }
    if (this.#draining === undefined && !this.#node.hasHeirs) {
      throw new UsageError("there is no other node that could take the sessions of this one");
    }
    this.#draining ??= this.#drain(timeoutMs);
    return this.#draining;
  }

  get drainState(): DrainState | undefined {
    if (this.#draining === undefined) return undefined;
    return this.#drained ?? { state: "draining", ...this.#node.departures };
  }

  async #drain(timeoutMs: number): Promise<DrainState> {
    const log = this.#logger;
    const untilMs = nowMs() + timeoutMs;
    log?.info?.("this node is drained: its clients and their sessions go to the other nodes", {});
    this.#inTurn(() => this.#node.drain(nowMs()));
    const isOver = (): boolean => this.#node.isEmpty || this.#isClosed || nowMs() >= untilMs;
    do await delay(LEAVE_LOOK_MS);
    while (!isOver());
    const { departures } = this.#node;
    const { handedOver, left } = departures;
    this.#drained = { state: left === 0 ? "done" : "incomplete", ...departures };
    if (left === 0) log?.info?.(`drained: ${handedOver} sessions are at other nodes`, {});
    else log?.warn?.(`not drained: ${handedOver} sessions are at other nodes, ${left} are not`, {});
    return this.#drained;
  }

  /** Tells the others that it goes, and lets go of the way to them. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    // What is kept of Clients goes to other nodes, each with what waits in it; not when that was tried.
    const givenMs = nowMs() + (this.#drained === undefined ? GIVE_MAX_MS : 0);
    this.#inTurn(() => this.#node.giveAway(nowMs()));
    const isBusy = (): boolean => !this.#node.hasGivenAway || (this.#standIns?.size ?? 0) > 0;
    while (isBusy() && nowMs() < givenMs) await delay(LEAVE_LOOK_MS);
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
    kept: (number, sequence) =>
      this.#run(() => this.#node.retainedLog.kept(number, sequence, nowMs())),
    retained: (sequence, bytes) => {
      const kept = bytes.slice();
      this.#run(() => this.#node.retainedLog.retained(sequence, kept, nowMs()));
    },
    retainedBegin: () => this.#run(() => this.#node.retainedLog.begin(nowMs())),
    retainedEnd: () => this.#run(() => this.#node.retainedLog.end(nowMs())),
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
