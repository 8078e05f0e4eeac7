/** A little over 300 lines: all that a node does with the order log, one beside the other. */
import { Adoption, type AdoptionHost } from "./adoption.js";
import { ForeignError, MalformedError } from "./byte-fields.js";
import { type Append, decodeAppend, type Entry, EntryKind } from "./entries.js";
import type { Fabric } from "./fabric.js";
import { emptyPartFor, Joining, partsFor } from "./joining.js";
import { type Member, type OrderEffects, OrderState } from "./order-state.js";
import { OrderWriter } from "./order-writer.js";

/** How often each node says that it lives. */
const BEAT_MS = 1_000;
/** A node that has read back nothing it has sent since then serves nobody: [L04] */
const LEASE_MS = 12_000;
/** by a clock of its own, before any other takes it for down. */
const SILENCE_MS = 15_000;

/** The node has read what it cannot understand, or not everything: it must not go on. */
export class OrderError extends Error {
  override readonly name = "OrderError";
}

/** As whom a node joins. */
export interface OwnName {
  readonly name: string;
  /** Its Sessions outlive it. */
  readonly keeps: boolean;
  /** It is there only to give away what the one before of that name had. Default false. */
  readonly standsIn?: boolean;
}

/** When something of a node was read last, and where. */
interface Heard {
  ms: number;
  sequence: number;
  number: number;
  /** When it was said to be down, by this node. */
  toldMs: number;
}

/**
 * This node's part in the order log: it joins, reads, applies, says that it lives, and says of others
 * that they are down. One for each start of the node.
 */
export class Order {
  readonly node: string;
  readonly #name: string;
  readonly #keeps: boolean;
  readonly #standsIn: boolean;
  readonly #effects: Omit<OrderEffects, "adopting">;
  readonly state: OrderState;
  readonly writer: OrderWriter;
  readonly #adoption: Adoption;
  readonly #heard = new Map<string, Heard>();
  /** From its JOIN to the moment when it knows everything. */
  #joining: Joining | undefined;
  #isMember = false;
  /** Its own JOIN is read. */
  #hasJoined = false;
  /** What it keeps was still its own after that. */
  #isOwner: boolean;
  #isReplaying = false;
  #isLeaving = false;
  #sequence = 0;
  #beatMs = 0;
  #nowMs = 0;

  constructor(
    node: string,
    { name, keeps, standsIn = false }: OwnName,
    fabric: Pick<Fabric, "append" | "send">,
    effects: Omit<OrderEffects, "adopting">,
    host: AdoptionHost,
  ) {
    this.node = node;
    this.#name = name;
    this.#keeps = keeps;
    this.#isOwner = !keeps;
    this.#standsIn = standsIn;
    this.#effects = effects;
    this.#adoption = new Adoption(node, host);
    this.state = new OrderState({
      ...effectsOf(effects),
      adopting: (by, silent, isGivenUp) => {
        this.#adoption.said(by, silent, isGivenUp, this.#nowMs);
      },
      left: (member, successor) => {
        this.#adoption.gone(member, successor);
        effects.left(member, successor);
      },
      held: (hold, before) => {
        // Of one that has left or was taken for down nothing is to be had any more.
        if (before !== undefined && this.state.members.has(before.member.node)) {
          this.#adoption.handedOver(before.member);
        }
        effects.held(hold, before);
      },
      joined: (member) => {
        if (member.node !== node && !this.#isReplaying) {
          this.#tellPart(member.node);
          if (this.#isLeaving) this.sayLeaving();
        }
        effects.joined(member);
      },
    });
    this.writer = new OrderWriter(fabric, node);
    this.writer.add({ kind: EntryKind.JOIN, name, keeps, standsIn, knowsOnce: true });
  }

  /** Whether it knows what all others know, so that it may serve. */
  get isMember(): boolean {
    return this.#isMember;
  }

  /** Until when it may serve: `Infinity` before it serves anybody. */
  get leaseUntilMs(): number {
    if (!this.#isMember) return Number.POSITIVE_INFINITY;
    return this.writer.readBackSentMs + LEASE_MS;
  }

  /** How long nothing of a node has been read. */
  silentMs(node: string, nowMs: number): number {
    return nowMs - (this.#heard.get(node)?.ms ?? nowMs);
  }

  /** Who stands in for a member that is silent, or has begun one that stands in: its name. */
  adopterOf(member: Member): string | undefined {
    return this.#adoption.adopterOf(member, this.#nowMs)?.name;
  }

  /**
   * The next append of the log. In a turn.
   *
   * @returns whether this node has become a member with it.
   * @throws OrderError when this node cannot go on.
   */
  take(sequence: number, bytes: Uint8Array, nowMs: number): boolean {
    if (this.#sequence !== 0 && sequence !== this.#sequence + 1) {
      throw new OrderError(`entry ${sequence} of the log came behind ${this.#sequence}`);
    }
    this.#sequence = sequence;
    this.#nowMs = nowMs;
    const append = decoded(sequence, bytes);
    if (append === undefined) return false;
    this.#hear(append, sequence, nowMs);
    if (append.node === this.node) this.writer.readBack(append.number, nowMs);
    if (this.#isMember) this.#apply(sequence, append);
    else if (this.#joining === undefined) return this.#discover(sequence, append);
    else return this.#collect(this.#joining, sequence, append);
    return false;
  }

  /**
   * Whether its JOIN is read, and it is not known whether what it keeps is still its own. Two processes may go
   * under one name for a while, and the one that has joined last must be the one that keeps something:
   * whoever can write after it has read its JOIN is.
   */
  get mustOwn(): boolean {
    return this.#hasJoined && !this.#isOwner;
  }

  /** {@link mustOwn}: it has written. In a turn. @returns whether it has become a member with that. */
  owns(): boolean {
    this.#isOwner = true;
    return this.#joining !== undefined && this.#finish(this.#joining);
  }

  /** Time has passed. In a turn. */
  tick(nowMs: number): void {
    if (nowMs - this.#beatMs >= BEAT_MS) {
      this.#beatMs = nowMs;
      if (this.writer.isIdle) this.beat();
    }
    if (this.state.isDiscovering) return;
    for (const [node, heard] of this.#heard) {
      if (node === this.node) continue;
      // By what this node has said and read itself: time in which it read nothing does not count.
      if (this.writer.readBackSentMs - heard.ms < SILENCE_MS) continue;
      if (nowMs - heard.toldMs >= BEAT_MS) this.#isSilent(node, heard, nowMs);
    }
  }

  /** Stands in for it, waits for another one that does, or takes it for down. */
  #isSilent(node: string, heard: Heard, nowMs: number): void {
    const member = this.state.members.get(node);
    if (member === undefined) return;
    const { ms, sequence } = heard;
    const { readBackSentMs } = this.writer;
    if (this.#isMember && this.#adoption.isMine(member, readBackSentMs)) {
      this.writer.add({ kind: EntryKind.ADOPT, node, sequence, isGivenUp: false });
    } else {
      const members = this.state.members.values();
      const dueMs = ms + SILENCE_MS;
      if (this.#adoption.isSpared(member, members, dueMs, readBackSentMs)) return;
      this.writer.add({ kind: EntryKind.DOWN, node, sequence });
    }
    heard.toldMs = nowMs;
  }

  /** Standing in for nodes of that name has come to an end: for those that are silent still, in vain. */
  stoodIn(nodeName: string, isDone: boolean): void {
    for (const { node, sequence } of this.#adoption.ended(nodeName, isDone)) {
      this.writer.add({ kind: EntryKind.ADOPT, node, sequence, isGivenUp: true });
    }
  }

  /** Says that it is about to go: at once, and to each node that joins from here on. */
  sayLeaving(): void {
    this.#isLeaving = true;
    this.writer.add({ kind: EntryKind.LEAVING });
  }

  /** Says that it lives. @returns the append that says it: with it everything before is read back. */
  beat(): number {
    return this.writer.ensure({
      kind: EntryKind.BEAT,
      ...{ name: this.#name, keeps: this.#keeps, standsIn: this.#standsIn },
      knowsOnce: true,
    });
  }

  #hear({ node, number }: Append, sequence: number, nowMs: number): void {
    const heard = this.#heard.get(node);
    if (heard === undefined) this.#heard.set(node, { ms: nowMs, sequence, number, toldMs: 0 });
    else if (number > heard.number) {
      // A copy says nothing new, and may come from one that has died since.
      heard.ms = nowMs;
      heard.sequence = sequence;
      heard.number = number;
    }
  }

  /** Before its own JOIN: who else is there? */
  #discover(sequence: number, append: Append): boolean {
    if (append.node !== this.node) {
      if (!this.state.admits(append, sequence)) return false;
      for (const entry of append.entries) {
        if (isOfMembers(entry)) this.state.apply(sequence, append.node, entry);
        else if (!isPart(entry)) this.#hasSomething(append.node);
      }
      return false;
    }
    this.state.admits(append, sequence);
    this.state.isDiscovering = false;
    this.#hasJoined = true;
    this.#isReplaying = true;
    for (const entry of append.entries) this.state.apply(sequence, append.node, entry);
    this.#isReplaying = false;
    this.#joining = new Joining(this.node, this.state);
    return this.#finish(this.#joining);
  }

  #hasSomething(node: string): void {
    const member = this.state.members.get(node);
    if (member !== undefined) member.hasNothing = false;
  }

  /** Behind its own JOIN: what do the others know? */
  #collect(joining: Joining, sequence: number, append: Append): boolean {
    if (this.#isSuccessor(append)) {
      throw new OrderError(`another node has joined the cluster as ${this.#name}`);
    }
    joining.take(sequence, append);
    if (append.node !== this.node && append.number === 1) {
      if (append.entries[0]?.kind === EntryKind.JOIN) this.#tellPart(append.node);
    }
    if (joining.isVoid) this.#effects.incomplete();
    return this.#finish(joining);
  }

  #isSuccessor({ node, number, entries: [first] }: Append): boolean {
    if (number !== 1 || first?.kind !== EntryKind.JOIN || first.name !== this.#name) return false;
    return node !== this.node && !this.state.isGone(node);
  }

  #finish(joining: Joining): boolean {
    if (!joining.isDone || !this.#isOwner) return false;
    this.#joining = undefined;
    this.#isMember = true;
    this.#isReplaying = true;
    for (const { sequence, append } of joining.read) this.#apply(sequence, append);
    this.#isReplaying = false;
    return true;
  }

  #apply(sequence: number, append: Append): void {
    if (!this.state.admits(append, sequence)) return;
    for (const entry of append.entries) {
      if (append.node === this.node && entry.kind === EntryKind.CLAIM) {
        this.#effects.claimed(entry.clientId, append.number, sequence);
      }
      this.state.apply(sequence, append.node, entry);
    }
  }

  #tellPart(node: string): void {
    if (!this.#isMember) {
      this.writer.addEncoded(emptyPartFor(node, this.#keeps));
      return;
    }
    for (const part of partsFor(node, this.node, this.state)) this.writer.addEncoded(part);
  }
}

function isPart({ kind }: Entry): boolean {
  return kind === EntryKind.PART || kind === EntryKind.HEIR;
}

function isOfMembers({ kind }: Entry): boolean {
  return (
    kind === EntryKind.JOIN ||
    kind === EntryKind.LEAVE ||
    kind === EntryKind.DOWN ||
    kind === EntryKind.BEAT
  );
}

/** @returns `undefined` for what is none of ours. [L03] */
function decoded(sequence: number, bytes: Uint8Array): Append | undefined {
  try {
    return decodeAppend(bytes);
  } catch (error) {
    if (error instanceof ForeignError) return undefined;
    if (!(error instanceof MalformedError)) throw error;
    throw new OrderError(`entry ${sequence} of the log cannot be understood: ${error.message}`);
  }
}

type Passed = Omit<OrderEffects, "adopting" | "held" | "joined" | "left">;

function effectsOf(effects: Passed): Passed {
  return {
    wanted: (member, topicFilter) => effects.wanted(member, topicFilter),
    unwanted: (member, topicFilter) => effects.unwanted(member, topicFilter),
    withdrawn: (hold) => effects.withdrawn(hold),
    asked: (hold) => effects.asked(hold),
    turnedDown: (claim, clientId, reason) => effects.turnedDown(claim, clientId, reason),
    incomplete: () => effects.incomplete(),
    claimed: (clientId, number, sequence) => effects.claimed(clientId, number, sequence),
  };
}
