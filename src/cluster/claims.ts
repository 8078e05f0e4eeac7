import { closeConnection } from "../handling/closing.js";
import { endSession } from "../handling/ending.js";
import type { ClaimAnswer } from "../state/cluster.js";
import type { Core } from "../state/core.js";
import { TextMap } from "../topic/text-map.js";
import { EntryKind } from "./entries.js";
import type { Order } from "./order.js";
import type { Claim, Hold, TurnedDown } from "./order-state.js";

type Tell = (answer: ClaimAnswer, nowMs: number) => void;

/** A CONNECT that waits until its Client Identifier is this node's to serve. */
interface Pending {
  readonly username: string | undefined;
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

  constructor(core: Core, order: Order) {
    this.#core = core;
    this.#order = order;
  }

  get hasWork(): boolean {
    return this.#ended.size > 0 && this.#order.isMember;
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  /** A CONNECT. Whoever waits under the same identifier waits in vain. */
  claim(clientId: string, username: string | undefined, tell: Tell): void {
    const previous = this.#pending.get(clientId);
    if (previous !== undefined) this.#answer(clientId, previous, "superseded");
    const pending: Pending = { username, tell, number: 0, sequence: 0 };
    this.#pending.set(clientId, pending);
    if (this.#order.isMember) this.#send(clientId, pending);
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
    const { sessions, settings } = this.#core;
    for (const { clientId, username } of [...sessions.sessions()]) {
      if (this.#order.state.holds.has(clientId)) this.#giveUp(clientId);
      else this.#sendClaim(clientId, username, true, settings.takeOverBy === "same-user");
    }
    for (const [clientId, pending] of this.#pending) this.#send(clientId, pending);
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
  asked({ clientId, holder }: Hold): void {
    if (holder.member.node === this.#order.node) this.#giveUp(clientId);
  }

  /** {@link OrderEffects.turnedDown} */
  turnedDown({ member, sequence }: Claim, clientId: string, reason: TurnedDown): void {
    if (member.node !== this.#order.node) return;
    const pending = this.#pending.get(clientId);
    if (reason === "held") {
      if (pending === undefined) this.#giveUp(clientId);
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

  #send(clientId: string, pending: Pending): void {
    pending.number = this.#order.writer.nextNumber;
    const isSameUserOnly = this.#core.settings.takeOverBy === "same-user";
    this.#sendClaim(clientId, pending.username, false, isSameUserOnly);
  }

  #sendClaim(
    clientId: string,
    username: string | undefined,
    isIfFree: boolean,
    isSameUserOnly: boolean,
  ): void {
    const kind = EntryKind.CLAIM;
    this.#order.writer.add({ kind, clientId, username, isSameUserOnly, isIfFree });
  }

  /** Another node is to have it: whoever is connected is closed, and what is kept of it ends. [M1] */
  #giveUp(clientId: string): void {
    const core = this.#core;
    for (const answer of this.#answers) {
      if (answer.clientId === clientId) answer.answer = "superseded"; // granted a moment ago
    }
    const session = core.sessions.find(clientId);
    const connection = session?.connection ?? session?.claimant;
    if (connection !== undefined) closeConnection(core, connection, "taken-over");
    const left = core.sessions.find(clientId);
    if (left !== undefined) endSession(core, left);
    this.#ended.add(clientId);
  }
}
