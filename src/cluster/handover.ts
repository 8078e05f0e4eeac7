/** A little over 300 lines: what the log says of Sessions that move, and what nodes send each other of them. */
import { endSession } from "../handling/ending.js";
import { freeze, letGo, settleIn } from "../handling/moving.js";
import type { Receipt } from "../session/delivery.js";
import type { Connection } from "../state/connection.js";
import type { Core } from "../state/core.js";
import type { Publication } from "../state/publication.js";
import { TextMap } from "../topic/text-map.js";
import { FieldReader } from "./byte-fields.js";
import { Departure } from "./departure.js";
import { EntryKind } from "./entries.js";
import type { Envelope } from "./envelope.js";
import { Incoming } from "./incoming.js";
import type { Interest } from "./interest.js";
import type { Moves } from "./moves.js";
import type { Order } from "./order.js";
import type { Claim, Hold } from "./order-state.js";
import type { Peers } from "./peers.js";
import { readHead } from "./session-records.js";
import { Wanting } from "./wanting.js";

/** What has come of Sessions that were to move, from here or to here. */
export interface HandoverCounts {
  /** Sent to another node, and at home there. */
  left: number;
  /** Come from another node. */
  arrived: number;
  /** Not moved: nobody wanted it any more, it came too late, or a node was gone. */
  failed: number;
}

/**
 * Kept Sessions go to the node at which their Client connects. The holder sends all that it has of one,
 * and changes nothing of it meanwhile; the other node says in the log that it has it, and when that is
 * read it is at home there, at every node and in every crash: until then it is here, from then on there.
 */
export class Handover {
  readonly #core: Core;
  readonly #peers: Peers;
  readonly #moves: Moves;
  readonly #interest: Interest;
  #order: Order;
  /** Sessions here that another node has asked for. */
  readonly #leaving = new TextMap<Departure>();
  /** Sessions that other nodes send. */
  readonly #incoming = new TextMap<Incoming>();
  readonly counts: HandoverCounts = { left: 0, arrived: 0, failed: 0 };
  /** Those that wait for what their Client has published to be acknowledged. */
  readonly #heldUp = new Set<Departure>();
  #isStirred = false;

  constructor(core: Core, order: Order, peers: Peers, moves: Moves, interest: Interest) {
    this.#core = core;
    this.#order = order;
    this.#peers = peers;
    this.#moves = moves;
    this.#interest = interest;
  }

  get hasWork(): boolean {
    if (this.#isStirred) return true;
    for (const departure of this.#heldUp) if (!departure.isHeldUp) return true;
    return false;
  }

  /** How many are on their way just now. */
  get underWay(): number {
    return this.#leaving.size + this.#incoming.size;
  }

  /** Whether a Client has its Session here, and it is on its way to another node. */
  isLeaving(clientId: string): boolean {
    return this.#leaving.has(clientId);
  }

  /** The same, and it takes nothing more: what is sent to it waits. */
  isUnderWay(clientId: string): boolean {
    return this.#leaving.get(clientId)?.hasBegun === true;
  }

  // What the log says, in the turn that reads it.

  /** Another node wants a Client of this one, who is not connected. @returns false: it gets nothing of it. */
  asked({ clientId, holder, claimant }: Hold): boolean {
    const session = this.#core.sessions.find(clientId);
    const departure = this.#leaving.get(clientId);
    if (session === undefined || claimant === undefined) return false;
    if (session.cleanSession || claimant.isClean === true) return false;
    const attempt = { sequence: holder.sequence, to: claimant.member };
    this.#isStirred = true;
    if (departure === undefined) {
      freeze(this.#core, session);
      const begun = new Departure(session, attempt);
      this.#leaving.set(clientId, begun);
      this.#moves.leaves(begun);
    } else if (
      departure.attempt.to !== attempt.to ||
      departure.attempt.sequence !== attempt.sequence
    ) {
      departure.begin(attempt);
    }
    return true;
  }

  /** {@link OrderEffects.held} */
  held({ clientId, holder }: Hold, before: Claim | undefined): void {
    const isMine = holder.member.node === this.#order.node;
    this.#heldOfLeaving(clientId, holder, before);
    this.#heldOfIncoming(clientId, isMine, before);
    if (before === undefined) return;
    for (const { member } of [before, holder]) {
      if (member.node === this.#order.node || !this.#isMember(member.node)) continue;
      this.#moves.passing.owe(member, this.#order.state.sequence);
    }
  }

  #heldOfLeaving(clientId: string, holder: Claim, before: Claim | undefined): void {
    const departure = this.#leaving.get(clientId);
    if (departure === undefined) return;
    const self = this.#order.node;
    this.#leaving.delete(clientId);
    if (holder.member.node === self) this.#stays(departure);
    else if (before?.member.node === self) this.#leave(departure, holder);
    else this.#moves.ends(departure); // it was released: its Session has ended
  }

  #heldOfIncoming(clientId: string, isMine: boolean, before: Claim | undefined): void {
    const incoming = this.#incoming.get(clientId);
    if (incoming === undefined) return;
    // Its sender had read this as well, and has it since then: it has come here by another move.
    if (this.#order.state.sequence <= incoming.readTo) return;
    this.#incoming.delete(clientId);
    const isWhole = incoming.isComplete && before?.sequence === incoming.sequence;
    if (isMine && isWhole && before !== undefined) this.#settle(incoming, before);
    else this.#giveUp(incoming);
  }

  /** {@link OrderEffects.withdrawn} */
  withdrawn({ clientId }: Hold): void {
    const departure = this.#leaving.get(clientId);
    if (departure === undefined) return;
    this.#leaving.delete(clientId);
    this.#stays(departure);
  }

  /** The log is read so far: what it makes of what other nodes have sent is known. In a turn. */
  readOn(): void {
    const { sequence } = this.#order.state;
    for (const incoming of [...this.#incoming.values()]) {
      if (this.#isAskedFor(incoming)) this.#tell(incoming);
      else if (sequence >= incoming.readTo) this.#forget(incoming); // a later wish was preferred
    }
    const { passing } = this.#moves;
    if (passing.hasDue) passing.tellAll();
    passing.readOn(sequence);
  }

  /** A Session here has ended. */
  ended(clientId: string): void {
    this.#moves.ended(clientId);
    const departure = this.#leaving.get(clientId);
    if (departure === undefined || this.#core.sessions.find(clientId) !== undefined) return;
    this.#leaving.delete(clientId);
    this.#moves.ends(departure);
  }

  // What other nodes send.

  /** @returns false: it is about something else. */
  opened(
    from: string,
    connection: Connection,
    { kind, about, topicName }: Envelope,
    publication: Publication,
  ): boolean {
    const { passing } = this.#moves;
    const known = this.#order.state.sequence;
    const number = Number(topicName);
    if (kind === "session") this.#takePart(from, about, publication);
    else if (kind === "moved") this.#moves.moved(about, publication);
    else if (kind === "until") passing.readTo(from, connection, number, known, nothing);
    else if (kind === "done") this.#moves.done(about, from, number);
    else if (kind === "passed") {
      passing.readTo(from, connection, number, known, () => this.#moves.passed(from, number));
    } else return false;
    return true;
  }

  #takePart(from: string, clientId: string, publication: Publication): void {
    const { block, payloadAt, payloadEnd } = publication;
    const reader = new FieldReader(block.subarray(payloadAt, payloadEnd));
    const { sequence, readTo, number, isLast } = readHead(reader);
    const known = this.#incoming.get(clientId);
    if (number === 1 && known?.isTold !== true) {
      if (known !== undefined) this.#dispose(known);
      const begun = new Incoming(this.#core, clientId, from, sequence, readTo);
      this.#incoming.set(clientId, begun);
    }
    const incoming = this.#incoming.get(clientId);
    if (incoming?.from !== from || incoming.sequence !== sequence) return;
    if (incoming.take(number, isLast, reader) && this.#isAskedFor(incoming)) this.#tell(incoming);
  }

  /** Whether the log says that it is to come here, and that its sender has it as it was sent. */
  #isAskedFor({ clientId, from, sequence }: Incoming): boolean {
    const hold = this.#order.state.holds.get(clientId);
    if (hold?.claimant?.member.node !== this.#order.node) return false;
    return hold.holder.member.node === from && hold.holder.sequence === sequence;
  }

  /** All of it is here, and asked for: once it stays here, the log can say so. */
  #tell(incoming: Incoming): void {
    if (!incoming.isComplete || incoming.isTold) return;
    if (incoming.isStored) this.#want(incoming);
    if (incoming.isRecorded) return;
    incoming.record();
    this.#core.durableWaits.whenDurable(() => {
      incoming.isStored = true;
      const { clientId } = incoming;
      if (this.#incoming.get(clientId) !== incoming) return;
      if (this.#isAskedFor(incoming)) this.#want(incoming);
    });
  }

  /** Behind it, what it subscribes to is wanted here by then. */
  #want(incoming: Incoming): void {
    const { clientId, sequence, isWanting } = incoming;
    if (isWanting) return;
    incoming.isWanting = true;
    const wanting = new Wanting(this.#core, this.#interest, incoming, () => {
      incoming.isTold = true;
      this.#order.writer.add({ kind: EntryKind.HOMED, clientId, sequence });
    });
    if (!wanting.proceed()) this.#core.busy.add(wanting);
  }

  // What becomes of them.

  /** It is at home here. */
  #settle(incoming: Incoming, before: Claim): void {
    const { session, rest } = incoming;
    if (session === undefined) return;
    if (!incoming.isRecorded) incoming.record(); // it was not asked to say so: its former home is gone
    this.counts.arrived += 1;
    const stale = this.#core.sessions.find(session.clientId);
    if (stale !== undefined) endSession(this.#core, stale);
    settleIn(this.#core, session, rest);
    this.#unwant(incoming); // now it wants them itself
    if (!this.#isMember(before.member.node)) return; // it is gone, and passes on nothing
    const homedAt = this.#order.state.sequence;
    this.#moves.arrives(session, before.member, homedAt, this.#others());
  }

  /** It is at home elsewhere. */
  #leave(departure: Departure, { member }: Claim): void {
    this.counts.left += 1;
    letGo(this.#core, departure.session);
    this.#moves.isElsewhere(departure, member, this.#order.state.sequence, this.#others());
  }

  #stays(departure: Departure): void {
    this.counts.failed += 1;
    this.#moves.stays(departure);
  }

  #forget(incoming: Incoming): void {
    this.#incoming.delete(incoming.clientId);
    this.#giveUp(incoming);
  }

  #giveUp(incoming: Incoming): void {
    this.counts.failed += 1;
    this.#dispose(incoming);
  }

  #dispose(incoming: Incoming): void {
    incoming.drop();
    this.#unwant(incoming);
  }

  #unwant(incoming: Incoming): void {
    incoming.isOver = true;
    for (const [topicFilter] of incoming.rest) this.#interest.unsubscribed(topicFilter);
  }

  #isMember(node: string): boolean {
    return this.#order.state.members.has(node);
  }

  #others(): Set<string> {
    const others = new Set(this.#order.state.members.keys());
    others.delete(this.#order.node);
    return others;
  }

  // What leaves.

  /** Sends what there is room for, as far as a turn goes. In a turn. */
  work(): void {
    this.#isStirred = false;
    this.#heldUp.clear();
    for (const departure of this.#leaving.values()) {
      if (departure.isHeldUp) this.#heldUp.add(departure);
      while (departure.maySend) {
        if (this.#core.workLeft <= 0) {
          this.#isStirred = true;
          return;
        }
        if (!this.#sendPart(departure)) break;
      }
    }
  }

  #sendPart(departure: Departure): boolean {
    const { attempt, session } = departure;
    const peer = this.#peers.at(attempt.to);
    if (peer === undefined) return false; // it is known a moment later, when this node has joined
    if (!departure.hasBegun) freeze(this.#core, session); // what has come since it was asked for, too
    const { bytes, count } = departure.nextPart(this.#order.state.sequence, this.#core.nowMs);
    this.#core.workLeft -= count;
    const receipt: Receipt = {
      settle: (outcome) => {
        departure.partDone(attempt);
        if (outcome === "dropped" && departure.attempt === attempt) departure.mustRestart = true;
        this.#isStirred = true;
      },
    };
    const envelope = { kind: "session", about: session.clientId, topicName: "" } as const;
    return this.#moves.passing.tell(peer, envelope, bytes, receipt);
  }

  /** Time has passed. In a turn. */
  tick(): void {
    this.#moves.tick();
    if (this.#moves.passing.hasDue) this.#moves.passing.tellAll();
    for (const departure of this.#leaving.values()) {
      if (departure.mustRestart) departure.begin({ ...departure.attempt });
      this.#isStirred = true;
    }
  }

  /** This node starts anew: whatever was on its way is where it is now. */
  restart(order: Order): void {
    this.#order = order;
    this.counts.failed += this.#leaving.size;
    this.#leaving.clear();
    this.#moves.restart();
    for (const incoming of [...this.#incoming.values()]) {
      this.#incoming.delete(incoming.clientId);
      // Others may have read that it is at home here: when nobody has it, it is.
      if (incoming.isTold && incoming.session !== undefined) {
        settleIn(this.#core, incoming.session, incoming.rest);
        this.#unwant(incoming);
      } else this.#giveUp(incoming);
    }
  }
}

function nothing(): void {}
