/** A little over 300 lines: what each kind of entry means, one beside the other. */
import { type Append, type Entry, EntryKind, type ToldClaim } from "./entries.js";
import { Holds } from "./holds.js";

type PartEntry = Extract<Entry, { readonly kind: typeof EntryKind.PART }>;
type ClaimEntry = Extract<Entry, { readonly kind: typeof EntryKind.CLAIM }>;

/** Another node, or this one, as the order log shows it. */
export class Member {
  readonly node: string;
  name = "";
  /** Of its last entry. */
  sequence = 0;
  /** Of its last append. */
  number = 0;
  /** It has said nothing since it joined that others would have to know. */
  hasNothing = false;
  /** Its Sessions outlive it, and are its next start's. */
  keeps = false;
  /** It is about to go. Decides nothing: older nodes do not know of it. */
  isLeaving = false;
  /** It is there only to give away what the one before of its name had. */
  standsIn = false;
  /** It understands messages that are to be given once, and Sessions that say which they were given. [M36] */
  knowsOnce = false;
  /** What somebody there subscribes to. */
  readonly wanted = new Set<string>();
  /** Of that, what its last start wanted, until this one has said that it has gone through it. */
  readonly inherited = new Set<string>();

  constructor(node: string) {
    this.node = node;
  }
}

/** Somebody's wish for a Client Identifier. */
export interface Claim {
  readonly member: Member;
  readonly username: string | undefined;
  readonly sequence: number;
  /** Its Client begins anew: nothing is to be handed over. */
  readonly isClean?: boolean;
}

/** A Client Identifier that somebody holds. */
export interface Hold {
  readonly clientId: string;
  /** Whose Client it is: nobody else's until it is released. */
  holder: Claim;
  /** Who gets it then: the last who has asked. */
  claimant: Claim | undefined;
  /** Its holder has it from its last start, and has not said yet that it has gone through all that. */
  isInherited?: boolean;
}

/** What the entries mean for whoever reads them: told in their order, while they are applied. */
export interface OrderEffects {
  joined(member: Member): void;
  /** It has left, is down, or `successor` has its name: nothing of it is left in the state. */
  left(member: Member, successor?: Member): void;
  wanted(member: Member, topicFilter: string): void;
  unwanted(member: Member, topicFilter: string): void;
  /**
   * A member holds it from now on.
   *
   * @param before - Whose it was, with all that is kept of the Client: it has been handed over, or that
   *   member is gone. `undefined`: nothing of it is to be had.
   */
  held(hold: Hold, before?: Claim): void;
  /** Nobody waits for it any more: its holder keeps it. */
  withdrawn(hold: Hold): void;
  /** Somebody else has asked for what a member holds. */
  asked(hold: Hold): void;
  /** `by` stands in for a member that has gone silent, or cannot; nothing of that one has come meanwhile. */
  adopting(by: Member, silent: Member, isGivenUp: boolean): void;
  /** A claim has come to nothing. */
  turnedDown(claim: Claim, clientId: string, reason: TurnedDown): void;
  /** A CLAIM of this node is about to be applied. */
  claimed(clientId: string, number: number, sequence: number): void;
  /** Others know what this node cannot learn any more: it has to join once more. */
  incomplete(): void;
}

/** A later claim was preferred, it is another user's identifier, or it is held and was to be had only if not. */
export type TurnedDown = "superseded" | "other-user" | "held";

/** So many that have gone are remembered: what they still append counts for nothing. */
const GONE_MAX = 1_000;

/**
 * Who is a member, who holds which Client Identifier and who wants which messages: all nodes apply
 * the same entries in the same order, and so come to the same state. Nothing else decides anything.
 *
 * An identifier is held by one member at a time, from the CLAIM that found it free, or from the RELEASE
 * of the one before. The last CLAIM wins: whoever waits and is not the last waits in vain.
 */
export class OrderState {
  readonly members = new Map<string, Member>();
  readonly holds = new Holds<Hold>();
  /** Until this node has joined, whoever appends something is a member. */
  isDiscovering = true;
  /** Of the entry that was applied last. */
  sequence = 0;
  readonly #gone = new Set<string>();
  readonly #effects: OrderEffects;

  constructor(effects: OrderEffects) {
    this.#effects = effects;
  }

  /**
   * Whether an append counts: a copy of an earlier one does not, nor one of a node that has left or was
   * taken for down, which must join anew. Nobody else's entries are applied after its end: that is what
   * makes it safe to give away what it held.
   */
  admits({ node, number, entries }: Append, sequence: number): boolean {
    const member = this.members.get(node) ?? this.#newMember(node, number, entries[0]);
    if (member === undefined || number <= member.number) return false;
    member.number = number;
    member.sequence = sequence;
    return true;
  }

  /** Whether it was a member, and is none any more, as far as that is remembered. */
  isGone(node: string): boolean {
    return this.#gone.has(node);
  }

  #newMember(node: string, number: number, first: Entry | undefined): Member | undefined {
    if (this.#gone.has(node)) return undefined;
    if (!this.isDiscovering && (number !== 1 || first?.kind !== EntryKind.JOIN)) {
      this.#effects.incomplete(); // it is a member for all others: too little of the log was read
      return undefined;
    }
    const member = new Member(node);
    member.hasNothing = number === 1;
    this.members.set(node, member);
    return member;
  }

  /** Applies one entry of a member. */
  apply(sequence: number, node: string, entry: Entry): void {
    this.sequence = sequence;
    const member = this.members.get(node);
    if (member === undefined) return; // its own LEAVE stands before this one
    switch (entry.kind) {
      case EntryKind.BEAT:
        member.name = entry.name;
        member.keeps = entry.keeps === true;
        member.standsIn = entry.standsIn === true;
        member.knowsOnce = entry.knowsOnce === true;
        break;
      case EntryKind.ADOPT: {
        const silent = this.#silent(entry);
        if (silent !== undefined) this.#effects.adopting(member, silent, entry.isGivenUp);
        break;
      }
      case EntryKind.LEAVING:
        member.isLeaving = true;
        break;
      case EntryKind.JOIN:
        member.keeps = entry.keeps === true;
        member.standsIn = entry.standsIn === true;
        member.knowsOnce = entry.knowsOnce === true;
        this.#join(member, entry.name, sequence);
        break;
      case EntryKind.KEPT:
        this.#kept(member);
        break;
      case EntryKind.LEAVE:
        this.remove(member, sequence);
        break;
      case EntryKind.DOWN: {
        const silent = this.#silent(entry);
        if (silent !== undefined) this.remove(silent, sequence);
        break;
      }
      case EntryKind.CLAIM:
        this.#claim(claimOf(member, sequence, entry), entry);
        break;
      case EntryKind.RELEASE:
        this.#release(member, entry.clientId, entry.sequence);
        break;
      case EntryKind.HOMED:
        this.#homed(member, entry.clientId, entry.sequence);
        break;
      case EntryKind.WITHDRAW: {
        const hold = this.holds.get(entry.clientId);
        if (hold?.claimant?.member === member) this.#withdraw(hold, sequence);
        break;
      }
      case EntryKind.GIVE:
        this.#give(member, entry.clientId, entry.node, sequence);
        break;
      case EntryKind.WANT:
        member.wanted.add(entry.topicFilter);
        this.#effects.wanted(member, entry.topicFilter);
        break;
      case EntryKind.UNWANT:
        member.inherited.delete(entry.topicFilter);
        if (member.wanted.delete(entry.topicFilter)) {
          this.#effects.unwanted(member, entry.topicFilter);
        }
        break;
    }
  }

  /** Whoever is said to be silent, unless something of it has come meanwhile. */
  #silent({
    node,
    sequence,
  }: {
    readonly node: string;
    readonly sequence: number;
  }): Member | undefined {
    const member = this.members.get(node);
    return member?.sequence === sequence ? member : undefined;
  }

  /** Takes over what a member held and wanted when this node has joined. */
  adopt(
    node: string,
    {
      held,
      wanted,
      keeps = false,
      knowsOnce = false,
    }: Pick<PartEntry, "held" | "wanted" | "keeps" | "knowsOnce">,
  ): void {
    const member = this.members.get(node);
    if (member === undefined) return; // it is down meanwhile
    member.keeps = keeps;
    if (knowsOnce) member.knowsOnce = true;
    for (const { clientId, holder, claimant, isInherited = false } of held) {
      const claim = claimant && this.#known(claimant);
      const own = this.#known(holder) ?? claim; // a holder that is no member any more holds nothing
      if (own === undefined) continue;
      const waiting = own === claim ? undefined : claim;
      this.holds.set(clientId, { clientId, holder: own, claimant: waiting, isInherited });
    }
    for (const topicFilter of wanted) {
      member.wanted.add(topicFilter);
      this.#effects.wanted(member, topicFilter);
    }
  }

  /** Takes over what a member wanted by inheritance when this node has joined. */
  adoptInherited(node: string, wanted: readonly string[]): void {
    const member = this.members.get(node);
    if (member === undefined) return;
    for (const topicFilter of wanted) {
      member.inherited.add(topicFilter);
      member.wanted.add(topicFilter);
      this.#effects.wanted(member, topicFilter);
    }
  }

  #known({ node, username, sequence }: ToldClaim): Claim | undefined {
    const member = this.members.get(node);
    return member && { member, username, sequence };
  }

  /**
   * A member is gone: whoever waits for what it held gets it. Where its Sessions outlive it, a new start of
   * it has all of that from here on.
   */
  remove(member: Member, sequence: number, successor?: Member): void {
    const heir = successor?.keeps === true && member.keeps ? successor : undefined;
    this.members.delete(member.node);
    this.#gone.add(member.node);
    for (const oldest of this.#gone) {
      if (this.#gone.size <= GONE_MAX) break;
      this.#gone.delete(oldest);
    }
    for (const hold of [...this.holds.values()]) {
      if (hold.claimant?.member === member) this.#withdraw(hold, sequence);
      if (hold.holder.member !== member) continue;
      if (heir === undefined) this.#pass(hold, hold.holder);
      else inherit(hold, heir, sequence);
    }
    if (heir !== undefined) inheritInterest(member, heir);
    this.#effects.left(member, successor);
  }

  /** A new start of a node ends what is left of the one before: both cannot live. */
  #join(member: Member, name: string, sequence: number): void {
    for (const other of [...this.members.values()]) {
      if (other.name === name && other !== member) this.remove(other, sequence, member);
    }
    member.name = name;
    this.#effects.joined(member);
  }

  #kept(member: Member): void {
    member.inherited.clear();
    for (const hold of this.holds.values()) {
      if (hold.holder.member === member) hold.isInherited = false;
    }
  }

  #claim(claim: Claim, entry: ClaimEntry): void {
    const { clientId } = entry;
    const hold = this.holds.get(clientId);
    if (hold === undefined) {
      const begun: Hold = { clientId, holder: claim, claimant: undefined };
      this.holds.set(clientId, begun);
      this.#effects.held(begun);
    } else if (entry.isIfFree) {
      this.#effects.turnedDown(claim, clientId, "held");
    } else if (hold.holder.member === claim.member) {
      this.#supersede(hold);
      hold.holder = claim; // whether that user may have it is its node's to say: it has the Session
      this.#effects.held(hold);
    } else if (entry.isSameUserOnly && hold.holder.username !== claim.username) {
      this.#effects.turnedDown(claim, clientId, "other-user"); // [F05]
    } else {
      // A member that asks again asks for the same: its last CLAIM is the one that counts.
      const isOther = hold.claimant !== undefined && hold.claimant.member !== claim.member;
      if (isOther) {
        this.#supersede(hold);
        hold.holder = { ...hold.holder, sequence: claim.sequence }; // as in {@link #withdraw}
      }
      hold.claimant = claim;
      this.#effects.asked(hold);
    }
  }

  #supersede(hold: Hold): void {
    const { claimant } = hold;
    hold.claimant = undefined;
    if (claimant !== undefined) this.#effects.turnedDown(claimant, hold.clientId, "superseded");
  }

  #release(member: Member, clientId: string, sequence: number): void {
    const hold = this.holds.get(clientId);
    if (hold === undefined || hold.holder.member !== member) return;
    if (hold.holder.sequence === sequence) this.#pass(hold); // else it has claimed it again since
  }

  /** What the holder had has been sent to whoever waits for it: that one has it from here on. */
  #homed(member: Member, clientId: string, sequence: number): void {
    const hold = this.holds.get(clientId);
    if (hold === undefined || hold.claimant?.member !== member) return;
    if (hold.holder.sequence === sequence) this.#pass(hold, hold.holder);
  }

  /**
   * Nobody waits for it any more. What was sent by then is worth nothing: the holder may change it. So
   * it is held under another number, and a HOMED on its way names the old one.
   */
  #withdraw(hold: Hold, sequence: number): void {
    hold.claimant = undefined;
    hold.holder = { ...hold.holder, sequence };
    this.#effects.withdrawn(hold);
  }

  #give(member: Member, clientId: string, node: string, sequence: number): void {
    const hold = this.holds.get(clientId);
    const target = this.members.get(node);
    if (hold === undefined || target === undefined || target === member) return;
    if (hold.holder.member !== member || hold.claimant !== undefined) return;
    hold.claimant = { member: target, username: hold.holder.username, sequence };
    this.#effects.asked(hold);
  }

  #pass(hold: Hold, before?: Claim): void {
    const { clientId, claimant } = hold;
    if (claimant === undefined) {
      this.holds.delete(clientId);
      return;
    }
    hold.holder = claimant;
    hold.claimant = undefined;
    hold.isInherited = false;
    this.#effects.held(hold, before);
  }
}

function claimOf(
  member: Member,
  sequence: number,
  { username, isClean = false }: ClaimEntry,
): Claim {
  return { member, username, sequence, isClean };
}

function inherit(hold: Hold, heir: Member, sequence: number): void {
  hold.holder = { member: heir, username: hold.holder.username, sequence };
  hold.isInherited = true;
}

function inheritInterest({ wanted }: Member, heir: Member): void {
  for (const topicFilter of wanted) {
    heir.inherited.add(topicFilter);
    heir.wanted.add(topicFilter);
  }
}
