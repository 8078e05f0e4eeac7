import type { ClientSession } from "../state/client-directory.js";
import type { Core } from "../state/core.js";
import { EntryKind } from "./entries.js";
import type { Handover } from "./handover.js";
import type { Moves } from "./moves.js";
import type { Order } from "./order.js";
import type { Member } from "./order-state.js";

/** So many Sessions leave at the same time: each waits for the log once or twice. */
const AT_ONCE = 200;

/**
 * A node that is to stop gives away the Sessions it keeps, each to the node that a hash names: so others
 * get about as many each, and all nodes name the same one. As some are gone the next ones follow.
 */
export class Leaving {
  readonly #core: Core;
  readonly #handover: Handover;
  readonly #moves: Moves;
  #order: Order;
  /** Given away, and not gone yet. */
  readonly #given = new Set<string>();
  /** Those that were not looked at since the last tick; `undefined`: all were. */
  #rest: Iterator<ClientSession, undefined> | undefined;
  #isOn = false;
  /** How many had left, by whatever way, when it began. */
  #leftBefore = 0;

  constructor(core: Core, order: Order, handover: Handover, moves: Moves) {
    this.#core = core;
    this.#order = order;
    this.#handover = handover;
    this.#moves = moves;
  }

  /** Whether this node is about to go. */
  get isOn(): boolean {
    return this.#isOn;
  }

  /** From here on all Sessions without a connection are given away. In a turn. */
  begin(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    this.#leftBefore = this.#handover.counts.left;
    if (this.#order.isMember) this.#order.sayLeaving();
    this.tick();
  }

  /** Sessions that are at home at other nodes since it began. */
  get handedOver(): number {
    return this.#isOn ? this.#handover.counts.left - this.#leftBefore : 0;
  }

  /** Whether there is a node that could have what this one keeps. */
  get hasHeirs(): boolean {
    return this.#order.isMember && this.#others().length > 0;
  }

  /** Whether nothing is left that another node could have. */
  get isDone(): boolean {
    return !this.hasHeirs || this.isEmpty;
  }

  /** Whether nothing of anybody is here any more, or on its way. */
  get isEmpty(): boolean {
    const { size } = this.#core.sessions;
    return size === 0 && this.#handover.underWay === 0 && this.#moves.count === 0;
  }

  /** Whether there may be some to be given away now. */
  get hasWork(): boolean {
    return this.#rest !== undefined && this.#given.size < AT_ONCE;
  }

  /** Looks at all of them once more: at those that could not go, and whose connections have ended. In a turn. */
  tick(): void {
    if (!this.#isOn) return;
    for (const clientId of this.#given) {
      if (this.#core.sessions.find(clientId) === undefined) this.#given.delete(clientId);
    }
    this.#rest ??= this.#core.sessions.sessions();
    this.work();
  }

  /** Gives away as many as may be under way, as far as a turn goes. In a turn. */
  work(): void {
    const core = this.#core;
    const others = this.#others();
    if (this.#rest === undefined || !this.#order.isMember || others.length === 0) return;
    const rest = this.#rest;
    do {
      const { value } = rest.next();
      core.workLeft -= 1;
      if (value === undefined) this.#rest = undefined;
      else if (this.#mayGo(value)) this.#give(value.clientId, others);
    } while (this.hasWork && core.workLeft > 0);
  }

  /** A Session has left. */
  gone(clientId: string): void {
    this.#given.delete(clientId);
  }

  #mayGo({ clientId, cleanSession, connection, claimant }: ClientSession): boolean {
    if (cleanSession || connection !== undefined || claimant !== undefined) return false;
    if (this.#given.has(clientId) && this.#isUnderWay(clientId)) return false;
    const hold = this.#order.state.holds.get(clientId);
    return hold?.holder.member.node === this.#order.node && hold.claimant === undefined;
  }

  #give(clientId: string, others: readonly Member[]): void {
    this.#given.add(clientId);
    const { node } = chosen(clientId, others);
    this.#order.writer.add({ kind: EntryKind.GIVE, clientId, node });
  }

  restart(order: Order): void {
    this.#order = order;
    this.#given.clear();
    this.#rest = undefined;
  }

  /** What was given to a node that is gone meanwhile is given to another one. */
  #isUnderWay(clientId: string): boolean {
    return this.#handover.isLeaving(clientId) || !this.#order.writer.isIdle;
  }

  /** Those that stay. */
  #others(): Member[] {
    const { members } = this.#order.state;
    return [...members.values()].filter(
      ({ node, isLeaving }) => node !== this.#order.node && !isLeaving,
    );
  }
}

/** The node with the highest hash of both names: when one goes, only what it had goes elsewhere. */
function chosen(clientId: string, members: readonly Member[]): Member {
  let best = members[0] as Member; // there is one
  let bestHash = -1;
  for (const member of members) {
    const hash = hashOf(`${clientId} ${member.name}`);
    if (hash <= bestHash) continue;
    best = member;
    bestHash = hash;
  }
  return best;
}

/** FNV-1a over the code units, stirred once more: identifiers often differ in their last character alone. */
function hashOf(text: string): number {
  let hash = 0x81_1c_9d_c5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01_00_01_93);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c_1b_3c_6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
