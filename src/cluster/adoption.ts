import type { Member } from "./order-state.js";

/** A node that stands in for another one says so each second; who is not heard for so long does not do it. */
const TERM_MS = 15_000;
/** So long it is waited for somebody else who might. */
const GRACE_MS = 2_000;
/** A node tries so often to stand in for others of one name, until one of that name has left in order. */
const TRIES_MAX = 3;

/** What the log says of one silent node. */
interface Said {
  /** Who stands in for it; `undefined`: whoever has tried could not. */
  readonly by: Member | undefined;
  /** In time of this node: until then nobody takes the silent one for down. */
  readonly untilMs: number;
}

/** What this node can do for others. */
export interface AdoptionHost {
  /** Whether it can stand in for others just now. */
  canStandIn(): boolean;
  /** Does so: as a node of that name, which finds the Sessions, and gives them to all. */
  standIn(nodeName: string): void;
  /** A Session of a node that this one stands in for is at another node now. */
  gave(): void;
}

/**
 * Who stands in for nodes that have gone silent, and whose Sessions outlive them. It is a new start of that
 * node, at another one's: it makes what the dead one writes later be refused, inherits what that held by its
 * JOIN, and gives it away. So a second one that does the same does no harm: the later one goes on with what
 * the earlier one had left. The first one that says so is to do it.
 */
export class Adoption {
  readonly #self: string;
  readonly #host: AdoptionHost;
  readonly #said = new Map<Member, Said>();
  /** Those that are there in place of others, and who has begun them: as far as this node has read it. */
  readonly #standIns = new Map<Member, Member>();
  /** Those that this node stands in for, and that are members yet. */
  readonly #underWay = new Set<Member>();
  /** Those for which it has tried, and could not. */
  readonly #givenUp = new WeakSet<Member>();
  readonly #tries = new Map<string, number>();

  constructor(self: string, host: AdoptionHost) {
    this.#self = self;
    this.#host = host;
  }

  /** Whether this node is to say that it stands in for that one: the first time, or again. */
  isMine(silent: Member, readMs: number): boolean {
    if (this.#underWay.has(silent)) return true;
    if (!silent.keeps || !this.#host.canStandIn() || this.#isTaken(silent, readMs)) return false;
    return (this.#tries.get(silent.name) ?? 0) < TRIES_MAX && !this.#givenUp.has(silent);
  }

  /**
   * Whether a silent node is not to be taken for down yet: somebody stands in for it, or is about to.
   *
   * @param dueMs - When it would be.
   * @param readMs - Time of what this node has said and read last.
   */
  isSpared(silent: Member, members: Iterable<Member>, dueMs: number, readMs: number): boolean {
    if (!silent.keeps || !hasOther(silent, members)) return false;
    return readMs < (this.#said.get(silent)?.untilMs ?? dueMs + GRACE_MS);
  }

  /** The log has it: `OrderEffects.adopting`. */
  said(by: Member, silent: Member, isGivenUp: boolean, nowMs: number): void {
    const before = this.#said.get(silent);
    const known = before?.by;
    if (isGivenUp) {
      if (known === undefined || known === by) {
        this.#said.set(silent, { by: undefined, untilMs: nowMs + GRACE_MS });
      }
      return;
    }
    // Another one was first: also where that is this node, which would leave it to the second, and that to it.
    if (known !== undefined && known !== by && nowMs < (before?.untilMs ?? 0)) return;
    this.#said.set(silent, { by, untilMs: nowMs + TERM_MS });
    if (by.node === this.#self) this.#begin(silent);
    else this.#underWay.delete(silent); // this one was silent itself for long
  }

  /**
   * Who stands in for a member that is silent, or has begun one that stands in. `undefined`: nobody, or that
   * was said before this node joined.
   */
  adopterOf(member: Member, nowMs: number): Member | undefined {
    const said = this.#said.get(member);
    if (said !== undefined && nowMs < said.untilMs) return said.by;
    return this.#standIns.get(member);
  }

  /** What a member had is at another one now. */
  handedOver(member: Member): void {
    if (this.#standIns.get(member)?.node === this.#self) this.#host.gave();
  }

  /** A node is gone, or another one has its name. */
  gone(member: Member, successor?: Member): void {
    const by = this.#said.get(member)?.by;
    if (successor?.standsIn === true && by !== undefined) this.#standIns.set(successor, by);
    this.#standIns.delete(member);
    this.#said.delete(member);
    this.#underWay.delete(member);
    for (const [silent, { by }] of this.#said) if (by === member) this.#said.delete(silent);
  }

  /** Standing in for nodes of that name has come to an end. @returns those for which it was in vain. */
  ended(nodeName: string, isDone: boolean): readonly Member[] {
    if (isDone) this.#tries.delete(nodeName);
    const failed = [...this.#underWay].filter(({ name }) => name === nodeName);
    for (const silent of failed) {
      this.#underWay.delete(silent);
      this.#givenUp.add(silent);
    }
    return failed;
  }

  #begin(silent: Member): void {
    if (this.#underWay.has(silent)) return;
    this.#underWay.add(silent);
    this.#tries.set(silent.name, (this.#tries.get(silent.name) ?? 0) + 1);
    this.#host.standIn(silent.name);
  }

  #isTaken(silent: Member, nowMs: number): boolean {
    const said = this.#said.get(silent);
    if (said?.by === undefined || said.by.node === this.#self) return false;
    return nowMs < said.untilMs;
  }
}

/** Whether somebody else could: only a node that keeps Sessions itself. */
function hasOther(silent: Member, members: Iterable<Member>): boolean {
  for (const member of members) {
    if (member !== silent && member.keeps && !member.standsIn) return true;
  }
  return false;
}
