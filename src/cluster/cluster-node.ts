/** A little over 300 lines: what the engine asks and what the log tells, one beside the other. */
import type { ClientSession } from "../state/client-directory.js";
import type { AwayDispatch, ClaimAnswer, Cluster } from "../state/cluster.js";
import type { Connection, ConnectionInputs } from "../state/connection.js";
import type { Core } from "../state/core.js";
import type { Publication } from "../state/publication.js";
import type { ShareGroup } from "../state/share-group.js";
import type { Page, PageRequest } from "../viewing/page.js";
import { ForeignError, MalformedError } from "./byte-fields.js";
import { type Chunk, decodeChunk } from "./channel.js";
import { Claims } from "./claims.js";
import { EntryKind } from "./entries.js";
import { Forwarding } from "./forwarding.js";
import type { ClusterClient } from "./holds.js";
import { Interest } from "./interest.js";
import type { ClusterOptions } from "./options.js";
import { Order } from "./order.js";
import type { Member, OrderEffects } from "./order-state.js";
import { Peers } from "./peers.js";
import { onPeerPublish } from "./receiving.js";
import { type ClusterStatus, nodesOf } from "./status.js";

/**
 * One node of many that are one broker: the engine's {@link Cluster}. Its owner brings what the
 * {@link Fabric} tells, each with the time, and none inside a turn.
 */
export class ClusterNode implements Cluster {
  readonly isOn = true;
  readonly #options: ClusterOptions;
  readonly #inputs: ConnectionInputs;
  #core!: Core;
  #order!: Order;
  #peers!: Peers;
  #claims!: Claims;
  #interest!: Interest;
  #forwarding!: Forwarding;
  servesUntilMs = Number.POSITIVE_INFINITY;
  #wasServing = false;
  #mustRestart = false;
  #isLeaving = false;
  /** It does nothing any more. */
  #isStopped = false;
  #foreign = 0;

  constructor(options: ClusterOptions, inputs: ConnectionInputs) {
    this.#options = options;
    this.#inputs = inputs;
  }

  /** The tables it works on: given once, before anything else. */
  serve(core: Core): void {
    this.#core = core;
    this.#order = this.#newOrder();
    const { fabric } = this.#options;
    this.#peers = new Peers(core, this.#inputs, fabric, this.#order.node);
    this.#claims = new Claims(core, this.#order);
    this.#interest = new Interest(core, this.#order);
    this.#forwarding = new Forwarding(core, this.#order, this.#peers, this.#claims);
  }

  /** Of this start: where its inbox is. */
  get node(): string {
    return this.#order.node;
  }

  get awayCount(): number {
    return this.#interest.awayCount;
  }

  get hasWork(): boolean {
    if (this.#isStopped) return false;
    const { writer } = this.#order;
    if (writer.hasWork || this.#claims.hasWork || this.#claims.hasAnswers) return true;
    return this.#mustRestart || this.#forwarding.hasWork || this.#peers.hasWork;
  }

  /** Whether the log has all that this node wrote: then it may {@link leave}. */
  get isIdle(): boolean {
    return this.#isStopped || this.#order.writer.isIdle;
  }

  // What the owner brings, between turns.

  /** Joins the others. Call it once, when whoever calls the inputs below is ready. */
  begin(): void {
    this.#options.open(this.node);
  }

  /** The next entry of the order log. */
  ordered(sequence: number, bytes: Uint8Array, nowMs: number): void {
    if (this.#isStopped) return;
    this.#core.turns.run(nowMs, () => {
      try {
        if (this.#order.take(sequence, bytes, nowMs)) this.#start();
      } catch (error) {
        this.#stop(error as Error); // an OrderError, or a fault of ours: it must not go on either way
      }
      this.#forwarding.readBack(this.#order.state.members.get(this.node)?.number ?? 0);
      this.#renew(nowMs);
    });
    this.work(nowMs);
  }

  /** Something came into the inbox. */
  arrived(bytes: Uint8Array, nowMs: number): void {
    if (this.#isStopped) return;
    const chunk = this.#chunkOf(bytes);
    if (chunk === undefined) return;
    this.#core.turns.run(nowMs, () => this.#renew(nowMs));
    this.#peers.arrived(chunk, nowMs);
  }

  /** Part of the log is gone. */
  lost(reason: Error, nowMs: number): void {
    this.#core.turns.run(nowMs, () => this.#stop(reason));
  }

  /** Says that it goes: others need not find out. It has gone when it reads so itself. */
  leave(nowMs: number): void {
    if (this.#isStopped) return;
    this.#isLeaving = true;
    this.#claims.release();
    this.#order.writer.add({ kind: EntryKind.LEAVE });
    this.#order.writer.work(nowMs);
  }

  /** Whether it does nothing any more: it has left, or cannot go on. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  work(nowMs: number): void {
    if (this.#isStopped) return;
    if (this.#mustRestart) this.#restart(nowMs);
    this.#claims.tell(nowMs);
    if (this.#claims.hasWork) this.#claims.release();
    if (this.#forwarding.hasWork) {
      this.#core.turns.run(nowMs, () => this.#forwarding.settleRoom());
    }
    this.#peers.work(nowMs);
    this.#order.writer.work(nowMs);
  }

  tick(): void {
    if (this.#isStopped) return;
    const { nowMs } = this.#core;
    this.#order.tick(nowMs);
    this.#peers.tick(nowMs);
    this.#renew(nowMs);
  }

  /** What it looks like from here. */
  status(nowMs: number): ClusterStatus {
    return {
      nodeName: this.#options.nodeName,
      node: this.node,
      isServing: this.#isServing(nowMs),
      nodes: nodesOf(this.#order, this.#peers, nowMs),
      waitingMessages: this.#forwarding.room.count,
      waitingConnects: this.#claims.pendingCount,
      lagMs: this.#order.writer.lagMs,
      foreign: this.#foreign,
    };
  }

  /** The name of the node that has a Client; `undefined`: none has. */
  whereIs(clientId: string): string | undefined {
    return this.#order.state.holds.get(clientId)?.holder.member.name;
  }

  /** Clients of all nodes, each with its node. */
  clients(request: PageRequest): Page<ClusterClient> {
    return this.#order.state.holds.page(request);
  }

  // What the engine asks, inside turns.

  claim(
    _connection: Connection,
    clientId: string,
    username: string | undefined,
    tell: (answer: ClaimAnswer, nowMs: number) => void,
  ): void {
    this.#claims.claim(clientId, username, tell);
  }

  ended(clientId: string): void {
    this.#claims.ended(clientId);
  }

  kick(clientId: string): boolean {
    return this.#forwarding.kick(clientId);
  }

  subscribed(topicFilter: string): void {
    this.#interest.subscribed(topicFilter);
  }

  unsubscribed(topicFilter: string): void {
    this.#interest.unsubscribed(topicFilter);
  }

  routeAway(publication: Publication): AwayDispatch | undefined {
    return this.#forwarding.isPassing ? undefined : this.#forwarding.routeAway(publication);
  }

  toPeer(session: ClientSession, publication: Publication): boolean {
    return this.#forwarding.toPeer(session, publication);
  }

  toMemberAway(group: ShareGroup, publication: Publication): boolean {
    return this.#forwarding.toMemberAway(group, publication);
  }

  onPublish(connection: Connection): void {
    const { session } = connection;
    onPeerPublish(this.#core, connection, (ack) => this.#forwarding.comesFrom(session, ack));
    this.#forwarding.comesFrom(undefined);
  }

  /** What a node sends cannot be read: there is no channel to it any more, so this one starts anew. */
  closed(): void {
    this.#mustRestart = true;
  }

  #isServing(nowMs: number): boolean {
    return !this.#isStopped && this.#order.isMember && nowMs < this.#order.leaseUntilMs;
  }

  /** How long it may serve, by what it has read by now. In a turn. */
  #renew(nowMs: number): void {
    const isServing = this.#isServing(nowMs);
    const mayServe = this.#options.onEngineLoss === "serve-local" && !this.#isStopped;
    this.servesUntilMs = mayServe ? Number.POSITIVE_INFINITY : this.#order.leaseUntilMs;
    if (nowMs >= this.servesUntilMs) this.#closeClients();
    if (isServing === this.#wasServing) return;
    this.#wasServing = isServing;
    this.#options.events?.onServing?.(isServing);
  }

  #closeClients(): void {
    this.#core.doomAll([...this.#core.connections], "cluster-lost");
  }

  /** It has become a member, and knows what all others know. */
  #start(): void {
    for (const member of this.#order.state.members.values()) {
      if (member.node === this.node) continue;
      const peer = this.#peers.add(member);
      for (const topicFilter of member.wanted) this.#interest.wanted(peer, topicFilter);
    }
    this.#claims.start();
    this.#interest.start();
  }

  /** Others have taken this node for down, or it has missed something: a new one begins. */
  #restart(nowMs: number): void {
    this.#mustRestart = false;
    this.#core.turns.run(nowMs, () => {
      this.#closeClients();
      for (const peer of [...this.#peers.all()]) this.#left(peer.member);
      this.#order = this.#newOrder();
      this.#peers.restart(this.node);
      this.#claims.restart(this.#order);
      this.#interest.restart(this.#order);
      this.#forwarding.restart(this.#order);
      this.#renew(nowMs);
    });
    this.#options.open(this.node);
  }

  #stop(reason: Error): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#closeClients();
    this.#options.events?.onLost?.(reason);
  }

  #chunkOf(bytes: Uint8Array): Chunk | undefined {
    try {
      return decodeChunk(bytes);
    } catch (error) {
      if (!(error instanceof ForeignError || error instanceof MalformedError)) throw error;
      this.#foreign += 1; // [L03]
      return undefined;
    }
  }

  #newOrder(): Order {
    const { makeNode, nodeName, fabric } = this.#options;
    return new Order(makeNode(), nodeName, fabric, this.#effects);
  }

  readonly #effects: OrderEffects = {
    joined: (member) => {
      if (member.node === this.node) return;
      if (this.#order.isMember) this.#peers.add(member);
      this.#options.events?.onJoin?.(member.name);
    },
    left: (member, successor) => {
      if (member.node !== this.node) this.#left(member);
      else if (this.#isLeaving) this.#isStopped = true;
      else if (successor === undefined) this.#mustRestart = true;
      else this.#stop(new Error(`another node has joined the cluster as ${member.name}`));
    },
    wanted: (member, topicFilter) => {
      const peer = this.#peers.at(member);
      if (peer !== undefined || member.node === this.node) this.#interest.wanted(peer, topicFilter);
    },
    unwanted: (member, topicFilter) => {
      const peer = this.#peers.at(member);
      if (peer !== undefined) this.#interest.unwanted(peer, topicFilter);
    },
    held: (hold) => this.#claims.held(hold),
    asked: (hold) => this.#claims.asked(hold),
    turnedDown: (claim, clientId, reason) => this.#claims.turnedDown(claim, clientId, reason),
    claimed: (clientId, number, sequence) => this.#claims.claimed(clientId, number, sequence),
    incomplete: () => {
      this.#mustRestart = true;
    },
  };

  /** A node is gone: what it has not acknowledged goes elsewhere. In a turn. */
  #left(member: Member): void {
    const peer = this.#peers.at(member);
    if (peer === undefined) return;
    for (const topicFilter of member.wanted) this.#interest.unwanted(peer, topicFilter);
    this.#forwarding.takeBack(peer, this.#peers.remove(peer));
    this.#options.events?.onLeave?.(member.name);
  }
}
