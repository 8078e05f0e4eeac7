import { publishLeftWills } from "../handling/restoring.js";
import type { ConnectionInputs } from "../state/connection.js";
import type { Core } from "../state/core.js";
import { AfterCommit } from "./after-commit.js";
import { Claims } from "./claims.js";
import { EntryKind } from "./entries.js";
import { Forwarding } from "./forwarding.js";
import { Handover } from "./handover.js";
import { Interest } from "./interest.js";
import { Leaving } from "./leaving.js";
import { Moves } from "./moves.js";
import type { ClusterOptions } from "./options.js";
import type { Order } from "./order.js";
import type { Member, OrderEffects } from "./order-state.js";
import type { Peer } from "./peer.js";
import { Peers } from "./peers.js";
import type { Reception } from "./receiving.js";
import { RetainedLog } from "./retained-log.js";
import { TakingBack } from "./taking-back.js";

/** What the log tells that is nothing to the node as a whole. */
type PartEffects = Omit<OrderEffects, "joined" | "left" | "incomplete" | "adopting">;

/** What a node is made of, one beside the other, and what is done with all of them alike. */
export class Parts {
  order: Order;
  readonly peers: Peers;
  readonly claims: Claims;
  readonly interest: Interest;
  readonly forwarding: Forwarding;
  readonly takingBack: TakingBack;
  readonly moves: Moves;
  readonly handover: Handover;
  readonly leaving: Leaving;
  readonly reception: Reception;
  readonly #keeps: boolean;
  /** What is retained, on all nodes alike. */
  readonly retainedLog: RetainedLog;
  readonly #core: Core;

  constructor(
    core: Core,
    inputs: ConnectionInputs,
    { fabric, keepsSessions = false }: Pick<ClusterOptions, "fabric" | "keepsSessions">,
    order: Order,
  ) {
    this.#keeps = keepsSessions;
    this.#core = core;
    this.order = order;
    this.peers = new Peers(core, inputs, fabric, order.node);
    this.claims = new Claims(core, order);
    this.interest = new Interest(core, order);
    const isLeaving = (clientId: string): boolean => this.handover.isUnderWay(clientId);
    const afterCommit = new AfterCommit(core);
    this.forwarding = new Forwarding(core, order, this.peers, this.claims, isLeaving, afterCommit);
    this.takingBack = new TakingBack(core, this.peers, this.forwarding, afterCommit);
    this.moves = new Moves(core, this.peers, this.forwarding, afterCommit);
    this.handover = new Handover(core, order, this.peers, this.moves, this.interest);
    this.claims.serve(this.handover);
    this.reception = {
      begin: (session, ack) => this.forwarding.comesFrom(session, ack),
      opens: (node, from, envelope, publication) =>
        this.handover.opened(node, from, envelope, publication),
      afterCommit,
    };
    this.leaving = new Leaving(core, order, this.handover, this.moves);
    this.retainedLog = new RetainedLog(core, fabric);
  }

  get hasWork(): boolean {
    const { writer } = this.order;
    if (this.retainedLog.hasWork || (writer.hasWork && this.retainedLog.isRead)) return true;
    if (this.claims.hasWork || this.claims.hasAnswers) return true;
    if (this.forwarding.hasWork || this.peers.hasWork || this.handover.hasWork) return true;
    return this.leaving.hasWork && this.leaving.hasHeirs;
  }

  /** Whether nothing of anybody is here any more, nor on its way to others, and the Store knows that. */
  get isCleared(): boolean {
    const { busy, store } = this.#core;
    if (!this.order.isMember || !this.order.writer.isIdle || this.claims.hasWork) return false;
    if (!this.leaving.isEmpty || !this.peers.areQuiet || busy.size > 0) return false;
    return store.committedTicket >= store.openTicket - 1;
  }

  /** Between turns. */
  work(nowMs: number): void {
    const { turns } = this.#core;
    this.claims.tell(nowMs);
    if (this.claims.hasWork) this.claims.release();
    if (this.forwarding.hasWork) turns.run(nowMs, () => this.forwarding.settleRoom());
    if (this.handover.hasWork) turns.run(nowMs, () => this.handover.work());
    if (this.leaving.hasWork) turns.run(nowMs, () => this.leaving.work());
    this.peers.work(nowMs);
    this.retainedLog.work(nowMs);
    // It joins, and serves, when it knows what is retained.
    if (this.retainedLog.isRead) this.order.writer.work(nowMs);
  }

  /** Time has passed. In a turn. */
  tick(nowMs: number): void {
    this.order.tick(nowMs);
    this.peers.tick(nowMs);
    this.handover.tick();
    this.leaving.tick();
    this.retainedLog.tick(nowMs);
  }

  /** It has become a member, and knows what all others know. */
  start(): void {
    for (const member of this.order.state.members.values()) {
      if (member.node === this.order.node) continue;
      const peer = this.peers.add(member);
      for (const topicFilter of member.wanted) this.interest.wanted(peer, topicFilter);
    }
    this.takingBack.resume();
    this.claims.start();
    this.interest.start();
    if (this.#keeps) this.order.writer.add({ kind: EntryKind.KEPT });
    publishLeftWills(this.#core); // to all nodes, once [M34]
    if (this.leaving.isOn) this.order.sayLeaving();
  }

  /** A new node begins, that knows nothing of the others. */
  restart(order: Order): void {
    for (const peer of [...this.peers.all()]) this.#part(peer, undefined, true);
    this.order = order;
    this.peers.restart(order.node);
    this.claims.restart(order);
    this.interest.restart(order);
    this.handover.restart(order);
    this.forwarding.restart(order);
    this.leaving.restart(order);
    this.retainedLog.restart();
  }

  /**
   * A node is gone: what it has not acknowledged goes elsewhere. In a turn.
   *
   * @param successor - Its next start.
   * @returns false: it was gone.
   */
  left(member: Member, successor?: Member): boolean {
    const peer = this.peers.at(member);
    if (peer === undefined) return false;
    const heir = successor?.keeps === true && member.keeps ? this.#heir(successor) : undefined;
    this.#part(peer, heir, false);
    return true;
  }

  /** @param isSelf - It is this node that goes, and begins anew. */
  #part(peer: Peer, heir: Peer | undefined, isSelf: boolean): void {
    const { node, wanted } = peer.member;
    for (const topicFilter of wanted) this.interest.unwanted(peer, topicFilter);
    this.moves.gone(node);
    this.takingBack.of(peer, this.peers.remove(peer), heir, isSelf);
  }

  /** What it wants by inheritance it gets from here on. */
  #heir(successor: Member): Peer {
    const heir = this.peers.add(successor);
    for (const topicFilter of successor.wanted) this.interest.wanted(heir, topicFilter);
    return heir;
  }

  readonly effects: PartEffects = {
    wanted: (member, topicFilter) => {
      const peer = this.peers.at(member);
      if (peer !== undefined || member.node === this.order.node) {
        this.interest.wanted(peer, topicFilter);
      }
    },
    unwanted: (member, topicFilter) => {
      const peer = this.peers.at(member);
      if (peer !== undefined) this.interest.unwanted(peer, topicFilter);
    },
    held: (hold, before) => {
      this.handover.held(hold, before); // first: then its Session is here
      this.leaving.gone(hold.clientId);
      this.claims.held(hold);
    },
    asked: (hold) => {
      if (hold.holder.member.node === this.order.node) this.claims.asked(hold);
    },
    withdrawn: (hold) => {
      this.handover.withdrawn(hold);
      this.claims.withdrawn(hold);
    },
    turnedDown: (claim, clientId, reason) => this.claims.turnedDown(claim, clientId, reason),
    claimed: (clientId, number, sequence) => this.claims.claimed(clientId, number, sequence),
  };
}
