import { closeConnection } from "../handling/closing.js";
import { endSession } from "../handling/ending.js";
import { sessionRecord } from "../sending/durability.js";
import type { ClientSession } from "../state/client-directory.js";
import type { ClaimAnswer, ClaimedClient } from "../state/cluster.js";
import type { Core } from "../state/core.js";
import { TextMap } from "../topic/text-map.js";
import { EntryKind } from "./entries.js";
import type { Order } from "./order.js";
import type { Claim, Hold, TurnedDown } from "./order-state.js";

/** Sends what is kept of a Client to where it is wanted. False: nothing of it is to be sent. */
interface Asked {
  asked(hold: Hold): boolean;
}

type Tell = (answer: ClaimAnswer, nowMs: number) => void;

/** A CONNECT that waits until its Client Identifier is this node's to serve. */
interface Pending {
  readonly client: ClaimedClient;
  readonly tell: Tell;
  /** The append that has its CLAIM, or one before it; 0: none yet. */
  number: number;
  /** Where that stands in the log; 0: not read yet. */
  sequence: number;
}

/**
 * Which Clients this node serves, may serve, or must give up. What the log says is done in the turn that
 * reads it; answers are told after it, in turns of their own.
 */
export class Claims {
  readonly #core: Core;
  readonly #pending = new TextMap<Pending>();
  #answers: { readonly clientId: string; readonly tell: Tell; answer: ClaimAnswer }[] = [];
  /** Clients that may have no Session here any more. */
  readonly #ended = new Set<string>();
  #order: Order;
  #handover!: Asked;

  constructor(core: Core, order: Order) {
    this.#core = core;
    this.#order = order;
  }

  /** Who sends what is kept of a Client to where it is wanted: given once, before anything else. */
  serve(handover: Asked): void {
    this.#handover = handover;
  }

  get hasWork(): boolean {
    return this.#ended.size > 0 && this.#order.isMember;
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  /** A CONNECT. Whoever waits under the same identifier waits in vain. */
  claim(client: ClaimedClient, tell: Tell): void {
    const { clientId } = client;
    const previous = this.#pending.get(clientId);
    if (previous !== undefined) this.#answer(clientId, previous, "superseded");
    const pending: Pending = { client, tell, number: 0, sequence: 0 };
    this.#pending.set(clientId, pending);
    if (this.#order.isMember) this.#send(pending);
  }

  /** It was not granted in time: whoever holds it keeps it. */
  unclaim(clientId: string): void {
    const pending = this.#pending.get(clientId);
    if (pending === undefined) return;
    this.#pending.delete(clientId);
    if (pending.number !== 0) this.#order.writer.add({ kind: EntryKind.WITHDRAW, clientId });
  }

  isPending(clientId: string): boolean {
    return this.#pending.has(clientId);
  }

  /** A Session has ended; perhaps another follows at once. */
  ended(clientId: string): void {
    this.#ended.add(clientId);
  }

  /** This node has become a member: what waited for that, and Sessions without a connection. */
  start(): void {
    for (const session of [...this.#core.sessions.sessions()]) this.#startWith(session);
    this.#core.arriving.clear();
    for (const hold of [...this.#order.state.holds.values()]) this.#startFrom(hold);
    for (const pending of this.#pending.values()) this.#send(pending);
  }

  /** What is here is this node's when it had it before it ended, or nobody has it. */
  #startWith(session: ClientSession): void {
    const { arriving, settings, store } = this.#core;
    const { clientId, username, storeKey } = session;
    const hold = this.#order.state.holds.get(clientId);
    const isArriving = arriving.has(clientId);
    if (hold?.holder.member.node === this.#order.node) {
      if (isArriving && storeKey !== 0) {
        store.putSession(sessionRecord(session, this.#core.nowMs));
      }
    } else if (hold !== undefined || isArriving) this.#giveUp(clientId);
    else {
      const client = { clientId, username, cleanSession: false };
      this.#sendClaim(client, true, settings.takeOverBy === "same-user");
    }
  }

  /** What it had before it ended: others may have asked for that meanwhile, and some of it has ended with it. */
  #startFrom(hold: Hold): void {
    if (hold.holder.member.node !== this.#order.node) return;
    if (hold.claimant !== undefined) this.asked(hold);
    else this.#ended.add(hold.clientId);
  }

  /** This node starts anew. */
  restart(order: Order): void {
    this.#order = order;
    this.#ended.clear();
    for (const [, pending] of this.#pending) {
      pending.number = 0;
      pending.sequence = 0;
    }
  }

  /** Between turns: says which Clients it holds no more. */
  release(): void {
    const { holds } = this.#order.state;
    for (const clientId of this.#ended) {
      const hold = holds.get(clientId);
      if (hold?.holder.member.node !== this.#order.node || this.#isHere(clientId)) continue;
      const { sequence } = hold.holder;
      this.#order.writer.add({ kind: EntryKind.RELEASE, clientId, sequence });
    }
    this.#ended.clear();
  }

  /** Between turns: tells what the last one has brought. */
  tell(nowMs: number): void {
    const answers = this.#answers;
    this.#answers = [];
    for (const { clientId, tell, answer } of answers) {
      tell(answer, nowMs);
      this.#ended.add(clientId); // if it has no Session by now, it is held for nobody
    }
  }

  get hasAnswers(): boolean {
    return this.#answers.length > 0;
  }

  /** {@link OrderEffects.claimed} */
  claimed(clientId: string, number: number, sequence: number): void {
    const pending = this.#pending.get(clientId);
    if (pending !== undefined && pending.number !== 0 && pending.number <= number) {
      pending.sequence = sequence;
    }
  }

  /** {@link OrderEffects.held} */
  held({ clientId, holder }: Hold): void {
    if (holder.member.node !== this.#order.node) return;
    const pending = this.#pending.get(clientId);
    if (pending?.sequence === holder.sequence) this.#answer(clientId, pending, "granted");
    else this.#ended.add(clientId);
  }

  /** {@link OrderEffects.asked} */
  asked(hold: Hold): void {
    const { clientId, holder } = hold;
    if (holder.member.node !== this.#order.node) return;
    this.#closeOf(clientId);
    if (!this.#handover.asked(hold)) this.#endOf(clientId);
  }

  /** {@link OrderEffects.withdrawn} */
  withdrawn({ clientId, holder }: Hold): void {
    if (holder.member.node === this.#order.node) this.#ended.add(clientId);
  }

  /** {@link OrderEffects.turnedDown} */
  turnedDown({ member, sequence }: Claim, clientId: string, reason: TurnedDown): void {
    if (member.node !== this.#order.node) return;
    const pending = this.#pending.get(clientId);
    if (reason === "held") {
      // What is kept here is of a time when this node was not known: another has gone on with it since.
      if (pending === undefined) this.#giveUp(clientId);
      else this.#endOf(clientId);
    } else if (pending?.sequence === sequence) {
      this.#answer(clientId, pending, reason);
    }
  }

  #isHere(clientId: string): boolean {
    return this.#core.sessions.find(clientId) !== undefined || this.#pending.has(clientId);
  }

  #answer(clientId: string, pending: Pending, answer: ClaimAnswer): void {
    if (this.#pending.get(clientId) === pending) this.#pending.delete(clientId);
    this.#answers.push({ clientId, tell: pending.tell, answer });
  }

  #send(pending: Pending): void {
    pending.number = this.#order.writer.nextNumber;
    const isSameUserOnly = this.#core.settings.takeOverBy === "same-user";
    this.#sendClaim(pending.client, false, isSameUserOnly);
  }

  #sendClaim(client: ClaimedClient, isIfFree: boolean, isSameUserOnly: boolean): void {
    const kind = EntryKind.CLAIM;
    const { clientId, username, cleanSession: isClean } = client;
    this.#order.writer.add({ kind, clientId, username, isSameUserOnly, isIfFree, isClean });
  }

  /** Another node is to have it: whoever is connected is closed, and what is kept of it ends. [M1] */
  #giveUp(clientId: string): void {
    this.#closeOf(clientId);
    this.#endOf(clientId);
  }

  #closeOf(clientId: string): void {
    const core = this.#core;
    for (const answer of this.#answers) {
      if (answer.clientId === clientId) answer.answer = "superseded"; // granted a moment ago
    }
    const session = core.sessions.find(clientId);
    const connection = session?.connection ?? session?.claimant;
    if (connection !== undefined) closeConnection(core, connection, "taken-over");
  }

  #endOf(clientId: string): void {
    const left = this.#core.sessions.find(clientId);
    if (left !== undefined) endSession(this.#core, left);
    this.#ended.add(clientId);
  }
}
