/** A little over 300 lines: all that becomes of a message for another node. */
import { toClient } from "../handling/router.js";
import type { Obligation } from "../ports/policy.js";
import { deliver } from "../sending/delivery.js";
import { goesAway } from "../sending/once.js";
import type { ClientSession } from "../state/client-directory.js";
import type { AwayDispatch } from "../state/cluster.js";
import type { Core } from "../state/core.js";
import { Publication } from "../state/publication.js";
import { RouteKind } from "../state/route-table.js";
import type { ShareGroup } from "../state/share-group.js";
import type { AfterCommit } from "./after-commit.js";
import type { Claims } from "./claims.js";
import { Debts } from "./debts.js";
import type { Envelope } from "./envelope.js";
import type { Order } from "./order.js";
import { Outstanding, type Unacknowledged } from "./outstanding.js";
import type { Peer } from "./peer.js";
import type { PeerAck } from "./peer-ack.js";
import { PeerReceipt } from "./peer-receipt.js";
import type { Peers } from "./peers.js";
import { enveloped, marked } from "./sealing.js";
import { type Waiting, WaitingRoom } from "./waiting-room.js";

/** What a server says of itself: its own, though topics of that kind look alike everywhere. */
const OWN_TOPICS = "$SYS/broker/";

/** A message for one Client, on its way to a node that is gone. */
export interface Returned {
  readonly counted: Unacknowledged;
  readonly publication: Publication;
  readonly owed: Obligation;
}

/** Messages on their way to other nodes, and those of which nobody knows yet where they are to go. */
export class Forwarding {
  readonly #core: Core;
  readonly #peers: Peers;
  readonly #claims: Claims;
  readonly #isLeaving: (clientId: string) => boolean;
  readonly #afterCommit: AfterCommit;
  readonly room = new WaitingRoom();
  readonly #outstanding = new Outstanding();
  readonly #debts: Debts;
  #order: Order;
  /** The append of this node that was read back last. */
  #readBack = 0;
  /** Whose message is passed on just now, and what is to be settled for it. */
  #from: ClientSession | undefined;
  #ack: PeerAck | undefined;
  /** Something has happened that may let messages out of the room. */
  #isStirred = false;

  /** @param isLeaving - Whether a Session here is on its way to another node, and takes nothing more. */
  constructor(
    core: Core,
    order: Order,
    peers: Peers,
    claims: Claims,
    isLeaving: (clientId: string) => boolean,
    afterCommit: AfterCommit,
  ) {
    this.#afterCommit = afterCommit;
    this.#core = core;
    this.#debts = new Debts(core);
    this.#order = order;
    this.#peers = peers;
    this.#claims = claims;
    this.#isLeaving = isLeaving;
  }

  get hasWork(): boolean {
    return this.#isStirred && this.room.count > 0;
  }

  /** The log has told something. */
  readBack(number: number): void {
    this.#readBack = number;
    this.#isStirred = true;
  }

  /** A message of that node is passed on until this is called without one. */
  comesFrom(session: ClientSession | undefined, ack?: PeerAck): void {
    this.#from = session;
    this.#ack = ack;
  }

  /** `Cluster.routeAway` */
  routeAway(publication: Publication): AwayDispatch | undefined {
    const { route, fromPeer } = publication;
    const { receiverId } = route;
    if (fromPeer && publication.qos === 0) return undefined; // it was here, and is not
    // Whoever asks has just looked for it.
    if (route.receiver !== undefined && !this.#isLeaving(receiverId)) return undefined;
    const peer = this.#placeOf(receiverId, fromPeer);
    if (peer !== undefined && !this.room.has(receiverId, fromPeer)) {
      return this.#send(peer, publication, receiverId, undefined);
    }
    return this.#wait(receiverId, publication.detached(), publication);
  }

  /** Whether it is the Session of a node; then the message is passed on to that, if it is for it. */
  toPeer(session: ClientSession, publication: Publication): boolean {
    if (!this.#peers.isPeer(session)) return false;
    const { kind, topicName } = publication.route;
    const isOwn = kind === RouteKind.DOLLAR && topicName.startsWith(OWN_TOPICS);
    const peer = this.#peers.of(session);
    // One that addresses a Client goes where that Client is, and is mirrored here alone.
    if (peer === undefined || publication.fromPeer || isOwn || kind === RouteKind.CLIENT)
      return true;
    this.#send(peer, publication, "", undefined);
    return true;
  }

  /** `Cluster.toMemberAway` */
  toMemberAway(group: ShareGroup, publication: Publication, owed?: Obligation): boolean {
    const { away } = group;
    for (let tried = 0; tried < away.length; tried += 1) {
      group.awayTurn = (group.awayTurn + 1) % away.length;
      const session = away[group.awayTurn] as ClientSession; // below its length
      const peer = this.#peers.of(session);
      if (peer === undefined || session === this.#from) continue; // it has sent it here itself
      const { topicName } = publication.route;
      this.#sendSealed(peer, publication, { kind: "share", about: group.text, topicName }, owed);
      return true;
    }
    return false;
  }

  /** Passes on a message for whoever subscribes to it at that node. */
  toNode(peer: Peer, publication: Publication, owed: Obligation | undefined): void {
    this.#send(peer, publication, "", owed);
  }

  /** Passes on a message in an envelope. */
  toPeerSealed(
    peer: Peer,
    publication: Publication,
    envelope: Envelope,
    owed: Obligation | undefined,
  ): void {
    this.#sendSealed(peer, publication, envelope, owed);
  }

  /** The other node at which a Client is at home, by all that is known here. */
  homeOf(clientId: string): Peer | undefined {
    const hold = this.#order.state.holds.get(clientId);
    return hold && this.#peers.at(hold.holder.member);
  }

  /** Asks another node to close a Client's connection. */
  kick(clientId: string): boolean {
    const peer = this.#placeOf(clientId, true);
    if (peer === undefined) return false;
    const publication = new Publication(this.#core.routes.of("-"));
    publication.set(publication.route, 1, false, NO_BYTES, 0, 0);
    this.#sendSealed(peer, publication, { kind: "kick", about: clientId, topicName: "" });
    return true;
  }

  /** Lets go what need not wait any more. In a turn. */
  settleRoom(): void {
    this.#isStirred = false;
    this.room.settle((waiting) => this.#pass(waiting));
  }

  /** Messages for one Client each that a node has not acknowledged, and never will: they go on in front. */
  comeBack(returned: readonly Returned[]): void {
    const back = returned.map(({ counted, publication, owed }): Waiting => {
      this.#forget(counted);
      return { clientId: counted.clientId, publication, owed, barrier: this.#order.beat() };
    });
    this.room.putBack(back); // in front of what has waited for it
    this.#isStirred = true;
  }

  /** This node starts anew: where receivers are it learns again, and then what waits goes on. */
  restart(order: Order): void {
    this.#order = order;
    this.#readBack = 0;
    this.#outstanding.clear();
    if (this.room.count > 0) this.room.waitFor(order.beat());
  }

  /**
   * The node that has a Client, and will have it for all that is known here.
   *
   * @param isFromPeer - The message is none of those that others here have to stay behind.
   */
  #placeOf(clientId: string, isFromPeer: boolean): Peer | undefined {
    const hold = this.#order.state.holds.get(clientId);
    if (hold === undefined || hold.claimant !== undefined) return undefined;
    const peer = this.#peers.at(hold.holder.member);
    // What the node before has not acknowledged might come later than what is sent now.
    return isFromPeer || !this.#outstanding.hasElsewhere(clientId, peer) ? peer : undefined;
  }

  /** The acknowledgement of a message waits for one thing more. */
  owe({ origin }: Publication): Obligation {
    return this.#ack?.take() ?? this.#debts.of(origin);
  }

  /** Keeps a message until the log tells where its receiver is. */
  #wait(clientId: string, own: Publication, publication: Publication): AwayDispatch {
    const owed = publication.qos > 0 ? this.owe(publication) : undefined;
    goesAway(this.#core, publication.provenance);
    own.origin = undefined;
    return this.#enter(clientId, own, owed);
  }

  #enter(clientId: string, own: Publication, owed: Obligation | undefined): AwayDispatch {
    const barrier = this.#order.beat();
    if (this.room.add({ clientId, publication: own, owed, barrier })) return "queued";
    this.#core.drop("point-to-point-queue-full", own.route.topicName, clientId, own.from);
    owed?.settle();
    return "dropped";
  }

  /** @returns false: it has to wait. */
  #pass({ clientId, publication, owed, barrier }: Waiting): boolean {
    const core = this.#core;
    if (!this.#order.isMember) return false; // who is here may be known to be elsewhere by then
    if (!this.#isHere(clientId)) {
      if (barrier > this.#readBack) return false;
      const peer = this.#placeOf(clientId, publication.fromPeer);
      if (peer !== undefined) {
        this.#send(peer, publication, clientId, owed);
        return true;
      }
      if (this.#isComing(clientId, publication.fromPeer)) return false;
    }
    this.isPassing = true;
    toClient(core, publication); // here, or nowhere: then it is dropped, or kept for later
    this.isPassing = false;
    this.#afterCommit.settle(owed);
    return true;
  }

  /** Whether it has its Session here, and that does not leave. */
  #isHere(clientId: string): boolean {
    return this.#core.sessions.find(clientId) !== undefined && !this.#isLeaving(clientId);
  }

  /** Whether somebody, here or elsewhere, is about to have the Client. */
  #isComing(clientId: string, isFromPeer: boolean): boolean {
    const hold = this.#order.state.holds.get(clientId);
    if (hold === undefined) return false;
    if (hold.claimant !== undefined || this.#claims.isPending(clientId)) return true;
    const isElsewhere = hold.holder.member.node !== this.#order.node;
    return isElsewhere && !isFromPeer && this.#outstanding.has(clientId);
  }

  /** Whether {@link routeAway} has nothing to say: it was asked already. */
  isPassing = false;

  #send(
    peer: Peer,
    publication: Publication,
    clientId: string,
    owed: Obligation | undefined,
  ): AwayDispatch {
    const { shownTopicName, route } = publication;
    if (shownTopicName !== undefined) {
      const envelope = {
        kind: "shown",
        about: shownTopicName,
        topicName: route.topicName,
      } as const;
      return this.#sendSealed(peer, publication, envelope, owed, clientId);
    }
    return this.#deliver(peer, publication, clientId, owed);
  }

  #sendSealed(
    peer: Peer,
    publication: Publication,
    envelope: Envelope,
    owed?: Obligation,
    clientId = "",
  ): AwayDispatch {
    const wrapped = enveloped(publication, envelope);
    if (wrapped !== undefined) return this.#deliver(peer, wrapped, clientId, owed);
    const { route, from } = publication;
    this.#core.drop("message-too-large", route.topicName, undefined, from);
    owed?.settle();
    return "dropped";
  }

  #deliver(
    peer: Peer,
    publication: Publication,
    clientId: string,
    owed: Obligation | undefined,
  ): AwayDispatch {
    const { receipt: inner, qos } = publication;
    if (qos === 0) return deliver(this.#core, peer.session, publication, 0, false, false);
    const promise = owed ?? this.owe(publication);
    const counted = clientId === "" ? undefined : this.#outstanding.add(clientId, peer);
    const { provenance } = publication;
    const sent = this.#marked(peer, publication);
    sent.receipt = new PeerReceipt(peer, counted, qos, promise, inner, this.#ended);
    sent.provenance = undefined; // a node is no receiver of it
    const outcome = deliver(this.#core, peer.session, sent, 2, false, false);
    publication.receipt = inner;
    publication.provenance = provenance;
    return outcome;
  }

  /** As that node is sent it: at QoS 2 with what says where it comes from, if it can read that. [M36] */
  #marked(peer: Peer, publication: Publication): Publication {
    const { provenance, qos } = publication;
    if (provenance === undefined || qos < 2) return publication;
    goesAway(this.#core, provenance);
    return peer.member.knowsOnce ? marked(publication) : publication;
  }

  /** One for all messages. */
  readonly #ended = ({ counted, qos, owed, inner }: PeerReceipt, isDone: boolean): void => {
    if (counted !== undefined) this.#forget(counted);
    owed.settle();
    // The node has it: whether the Client has, nobody has said.
    const outcome = isDone ? "sent" : "dropped";
    if (typeof inner === "string") this.#core.dueReceipts.ended(inner, qos, outcome);
    else inner?.settle(outcome);
  };

  #forget(counted: Unacknowledged): void {
    if (this.#outstanding.done(counted)) this.#isStirred = true;
  }
}

const NO_BYTES = new Uint8Array(0);
