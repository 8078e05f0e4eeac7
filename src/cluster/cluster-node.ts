/** A little over 300 lines: what the engine asks and what the log tells, one beside the other. */
import type { QoS } from "../protocol/packet.js";
import type { Message } from "../session/message.js";
import type { ClientSession } from "../state/client-directory.js";
import type { AwayDispatch, ClaimAnswer, ClaimedClient, Cluster } from "../state/cluster.js";
import type { Connection, ConnectionInputs } from "../state/connection.js";
import type { Core } from "../state/core.js";
import type { Publication } from "../state/publication.js";
import type { ShareGroup } from "../state/share-group.js";
import type { Page, PageRequest } from "../viewing/page.js";
import { AdoptionCounts } from "./adoption-counts.js";
import { ForeignError, MalformedError } from "./byte-fields.js";
import { type Chunk, decodeChunk } from "./channel.js";
import type { Claims } from "./claims.js";
import { EntryKind } from "./entries.js";
import type { Forwarding } from "./forwarding.js";
import type { ClusterClient } from "./holds.js";
import type { ClusterOptions } from "./options.js";
import { Order } from "./order.js";
import type { OrderEffects } from "./order-state.js";
import { Parts } from "./parts.js";
import type { Peers } from "./peers.js";
import { onPeerPublish } from "./receiving.js";
import type { RetainedLog } from "./retained-log.js";
import { type ClusterStatus, type Departures, type Membership, nodesOf } from "./status.js";

/** One Client does not publish so many QoS 2 messages before another entry is read: each second there is one. */
const NUMBERS_PER_ENTRY = 0x1_0000;

/**
 * One node of many that are one broker: the engine's {@link Cluster}. Its owner brings what the
 * {@link Fabric} tells, each with the time, and none inside a turn.
 */
export class ClusterNode implements Cluster {
  readonly isOn = true;
  readonly #options: ClusterOptions;
  readonly #inputs: ConnectionInputs;
  #core!: Core;
  #parts!: Parts;
  servesUntilMs = Number.POSITIVE_INFINITY;
  #wasServing = false;
  #mustRestart = false;
  #hasSaidBye = false;
  /** It does nothing any more. */
  #isStopped = false;
  #foreign = 0;
  readonly #adoptions = new AdoptionCounts();
  /** How much of the log it has read as a member, in any of its starts. */
  #read = 0;
  /** For which start it has been asked whether what is kept is this node's. */
  #owning: Order | undefined;

  constructor(options: ClusterOptions, inputs: ConnectionInputs) {
    this.#options = options;
    this.#inputs = inputs;
  }

  /** The tables it works on: given once, before anything else. */
  serve(core: Core): void {
    this.#core = core;
    this.#parts = new Parts(core, this.#inputs, this.#options, this.#newOrder());
  }

  /** Of this start: where its inbox is. */
  get node(): string {
    return this.#order.node;
  }

  /** What is retained, on all nodes alike: its owner tells it directly what the Fabric tells of that. */
  get retainedLog(): RetainedLog {
    return this.#parts.retainedLog;
  }

  get awayCount(): number {
    return this.#parts.interest.awayCount;
  }

  get position(): number {
    return this.#order.state.sequence;
  }

  get numbersFrom(): number {
    if (this.#order.isMember) this.#read = Math.max(this.#read, this.#order.state.sequence);
    return this.#read * NUMBERS_PER_ENTRY;
  }

  get hasWork(): boolean {
    if (this.#isStopped) return false;
    return this.#mustRestart || this.#parts.hasWork;
  }

  /** Whether the log has all that this node wrote: then it may {@link leave}. */
  get isIdle(): boolean {
    return this.#isStopped || (this.#order.writer.isIdle && this.retainedLog.isIdle);
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
        if (this.#order.take(sequence, bytes, nowMs)) this.#parts.start();
        else if (this.#order.mustOwn) this.#own(this.#order);
      } catch (error) {
        this.#stop(error as Error); // an OrderError, or a fault of ours: it must not go on either way
      }
      this.#parts.forwarding.readBack(this.#order.state.members.get(this.node)?.number ?? 0);
      this.#parts.handover.readOn();
      this.#renew(nowMs);
    });
    this.work(nowMs);
  }

  /** A Store that another process has taken over refuses whatever is written: here that nothing is there. */
  #own(order: Order): void {
    if (this.#owning === order) return;
    this.#owning = order;
    const { store, durableWaits } = this.#core;
    store.deleteInbound(store.nextKey(), 1);
    durableWaits.whenDurable(() => {
      if (this.#order === order && !this.#isStopped && order.owns()) this.#parts.start();
    });
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

  get isLeaving(): boolean {
    return this.#parts.leaving.isOn;
  }

  /** Gives away the Sessions it keeps, for {@link leave}: nobody may connect any more. */
  giveAway(nowMs: number): void {
    if (this.#isStopped) return;
    this.#core.turns.run(nowMs, () => this.#parts.leaving.begin());
    this.work(nowMs);
  }

  /** The same while others still try to connect: who is connected is closed, and finds another node. */
  drain(nowMs: number): void {
    this.giveAway(nowMs);
    if (this.#isStopped) return;
    const core = this.#core;
    core.turns.run(nowMs, () => core.doomAll([...core.connections], "shutdown"));
  }

  /** Whether this node can stand in for others that are gone. */
  get canStandIn(): boolean {
    const { standIn, keepsSessions } = this.#options;
    return standIn !== undefined && keepsSessions === true && !this.isLeaving && !this.#isStopped;
  }

  /**
   * A node that was to stand in for others of that name has come to an end.
   *
   * @param isDone - All that it had is at other nodes.
   */
  stoodIn(nodeName: string, isDone: boolean, nowMs: number): void {
    this.#adoptions.ended(nodeName, isDone, nowMs);
    if (this.#isStopped) return;
    this.#order.stoodIn(nodeName, isDone);
    this.work(nowMs);
  }

  /** Whether there is a node that could have what this one keeps. */
  get hasHeirs(): boolean {
    return !this.#isStopped && this.#parts.leaving.hasHeirs;
  }

  /** Whether {@link drain} has nothing left to do. */
  get isEmpty(): boolean {
    return this.#isStopped || this.#parts.leaving.isEmpty;
  }

  /** Whether a node that stands in for another one has nothing left to do: then it may {@link leave}. */
  get isCleared(): boolean {
    return !this.#isStopped && this.#parts.isCleared;
  }

  /** How far {@link drain} is. */
  get departures(): Departures {
    const { sessions, connections } = this.#core;
    const { handedOver } = this.#parts.leaving;
    return { handedOver, left: sessions.size, connected: connections.size };
  }

  /** Whether there is nothing left to be given away. */
  get hasGivenAway(): boolean {
    return this.#isStopped || this.#parts.leaving.isDone;
  }

  /** Says that it goes: others need not find out. It has gone when it reads so itself. */
  leave(nowMs: number): void {
    if (this.#isStopped) return;
    this.#hasSaidBye = true;
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
    this.#parts.work(nowMs);
  }

  tick(): void {
    if (this.#isStopped) return;
    const { nowMs } = this.#core;
    this.#parts.tick(nowMs);
    this.#renew(nowMs);
  }

  /** What it looks like from here. */
  status(nowMs: number): ClusterStatus {
    return {
      nodeName: this.#options.nodeName,
      node: this.node,
      isServing: this.#isServing(nowMs),
      isLeaving: this.isLeaving,
      nodes: nodesOf(this.#order, this.#peers, nowMs),
      waitingMessages: this.#forwarding.room.count,
      waitingConnects: this.#claims.pendingCount,
      lagMs: this.#order.writer.lagMs,
      waitingRetained: this.retainedLog.waitingCount,
      waitingRetainedBytes: this.retainedLog.waitingBytes,
      retainedLagMs: this.retainedLog.lagMs,
      retainedOverdue: this.retainedLog.overdue,
      foreign: this.#foreign + this.retainedLog.foreign,
      handovers: { underWay: this.#parts.handover.underWay, ...this.#parts.handover.counts },
      adoptions: this.#adoptions.view,
    };
  }

  /** Less than {@link status}: O(nodes). */
  membership(nowMs: number): Membership {
    const order = this.#order;
    return {
      node: this.node,
      isServing: this.#isServing(nowMs),
      nowMs,
      readBackMs: order.writer.readBackSentMs,
      members: [...order.state.members.keys()].map((node) => ({
        node,
        silentMs: order.silentMs(node, nowMs),
      })),
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
    client: ClaimedClient,
    tell: (answer: ClaimAnswer, nowMs: number) => void,
  ): void {
    this.#claims.claim(client, tell);
  }

  unclaim(clientId: string): void {
    this.#claims.unclaim(clientId);
  }

  ended(clientId: string): void {
    this.#parts.handover.ended(clientId);
    this.#claims.ended(clientId);
  }

  kick(clientId: string): boolean {
    return this.#forwarding.kick(clientId);
  }

  subscribed(topicFilter: string): void {
    this.#parts.interest.subscribed(topicFilter);
  }

  unsubscribed(topicFilter: string): void {
    this.#parts.interest.unsubscribed(topicFilter);
  }

  retained(topicName: string, message: Message | undefined, publication: Publication): boolean {
    return this.retainedLog.retain(topicName, message, publication);
  }

  awaitRetained(): void {
    if (this.#order.isMember) this.retainedLog.awaitRead();
  }

  routeAway(publication: Publication): AwayDispatch | undefined {
    return this.#forwarding.isPassing ? undefined : this.#forwarding.routeAway(publication);
  }

  divert(session: ClientSession, publication: Publication, grantedQos: QoS): boolean {
    if (session.isMoving) return this.#parts.moves.divert(session, publication, grantedQos);
    return this.#forwarding.toPeer(session, publication);
  }

  toMemberAway(group: ShareGroup, publication: Publication): boolean {
    return this.#forwarding.toMemberAway(group, publication);
  }

  onPublish(connection: Connection): void {
    const { forwarding, peers, reception } = this.#parts;
    onPeerPublish(this.#core, connection, peers.nodeOf(connection.session), reception);
    forwarding.comesFrom(undefined);
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

  /** Others have taken this node for down, or it has missed something: a new one begins. */
  #restart(nowMs: number): void {
    this.#mustRestart = false;
    this.#core.turns.run(nowMs, () => {
      this.#closeClients();
      const peers = [...this.#parts.peers.all()];
      this.#parts.restart(this.#newOrder());
      for (const { member } of peers) this.#options.events?.onLeave?.(member.name);
      this.#renew(nowMs);
    });
    this.#options.open(this.node);
  }

  #stop(reason: Error): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#closeClients();
    this.retainedLog.restart(); // who waits for it is told
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
    const { makeNode, nodeName: name, fabric, standsIn = false } = this.#options;
    const own = { name, keeps: this.#options.keepsSessions === true, standsIn };
    return new Order(makeNode(), own, fabric, this.#effects, this.#adopting);
  }

  readonly #adopting = {
    canStandIn: (): boolean => this.canStandIn,
    standIn: (nodeName: string): void => {
      this.#adoptions.began(nodeName, this.#core.nowMs);
      this.#options.standIn?.(nodeName);
    },
    gave: (): void => this.#adoptions.gave(),
  };

  readonly #effects: Omit<OrderEffects, "adopting"> = {
    joined: (member) => {
      if (member.node === this.node) return;
      if (this.#order.isMember) this.#peers.add(member);
      this.#options.events?.onJoin?.(member.name, member.standsIn);
    },
    left: (member, successor) => {
      if (member.node !== this.node) {
        if (this.#parts.left(member, successor)) this.#options.events?.onLeave?.(member.name);
      } else if (this.#hasSaidBye) this.#isStopped = true;
      else if (successor === undefined) this.#mustRestart = true;
      else this.#stop(new Error(`another node has joined the cluster as ${member.name}`));
    },
    wanted: (member, topicFilter) => this.#parts.effects.wanted(member, topicFilter),
    unwanted: (member, topicFilter) => this.#parts.effects.unwanted(member, topicFilter),
    held: (hold, before) => this.#parts.effects.held(hold, before),
    asked: (hold) => this.#parts.effects.asked(hold),
    withdrawn: (hold) => this.#parts.effects.withdrawn(hold),
    turnedDown: (claim, id, reason) => this.#parts.effects.turnedDown(claim, id, reason),
    claimed: (id, number, sequence) => this.#parts.effects.claimed(id, number, sequence),
    incomplete: () => {
      this.#mustRestart = true;
    },
  };

  get #order(): Order {
    return this.#parts.order;
  }

  get #peers(): Peers {
    return this.#parts.peers;
  }

  get #claims(): Claims {
    return this.#parts.claims;
  }

  get #forwarding(): Forwarding {
    return this.#parts.forwarding;
  }
}
