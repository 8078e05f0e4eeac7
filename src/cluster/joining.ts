import {
  type Append,
  type Entry,
  EntryKind,
  encodeEntry,
  type HeldId,
  type ToldClaim,
} from "./entries.js";
import type { Claim, Hold, Member, OrderState } from "./order-state.js";

type Part = Extract<Entry, { readonly kind: typeof EntryKind.PART }>;

/** What one entry of a part holds at most, about. */
const PART_BYTES = 64 * 1024;
/** What a text takes beyond its characters, and the numbers of a hold. */
const FIELD_BYTES = 64;

/** An append that was read, and not applied yet. */
export interface Read {
  readonly sequence: number;
  readonly append: Append;
}

/**
 * From this node's JOIN in the log to the moment when it knows what all others know. Each member tells
 * it, in the log, what it held and wanted at that JOIN; what is read meanwhile is applied afterwards.
 */
export class Joining {
  readonly #self: string;
  readonly #state: OrderState;
  /** Members that have not told everything. */
  readonly #awaited: Set<string>;
  /** Their last appends that are no copies. */
  readonly #heard = new Map<string, { sequence: number; number: number }>();
  readonly #names = new Map<string, string>();
  readonly #read: Read[] = [];

  constructor(self: string, state: OrderState) {
    this.#self = self;
    this.#state = state;
    // Two that join at once would wait for each other, and neither has anything to tell.
    const others = [...state.members.values()].filter(
      ({ node, hasNothing }) => node !== self && !hasNothing,
    );
    this.#awaited = new Set(others.map(({ node }) => node));
    for (const { node, sequence, number, name } of others) {
      this.#heard.set(node, { sequence, number });
      this.#names.set(node, name);
    }
  }

  /**
   * A member is gone that has not told everything: what it held is known to all others, and cannot be
   * learnt any more. This node has to join once more, when all of that is somebody else's.
   */
  isVoid = false;

  get isDone(): boolean {
    return this.#awaited.size === 0;
  }

  /** What was read since the JOIN, in order. */
  get read(): readonly Read[] {
    return this.#read;
  }

  /** Takes an append that stands behind the JOIN. */
  take(sequence: number, append: Append): void {
    this.#read.push({ sequence, append });
    const { node, number } = append;
    if (number > (this.#heard.get(node)?.number ?? 0)) this.#heard.set(node, { sequence, number });
    for (const entry of append.entries) this.#look(node, entry);
  }

  #look(node: string, entry: Entry): void {
    switch (entry.kind) {
      case EntryKind.PART:
        if (entry.node === this.#self) this.#learn(node, entry);
        break;
      case EntryKind.HEIR:
        if (entry.node === this.#self && this.#awaited.has(node)) {
          this.#state.adoptInherited(entry.heir, entry.wanted);
        }
        break;
      case EntryKind.LEAVE:
        this.#gone(node);
        break;
      case EntryKind.DOWN:
        if (this.#heard.get(entry.node)?.sequence === entry.sequence) this.#gone(entry.node);
        break;
      case EntryKind.JOIN:
        for (const [other, name] of this.#names) {
          if (name === entry.name && other !== node) this.#gone(other);
        }
        break;
    }
  }

  #learn(node: string, part: Part): void {
    if (!this.#awaited.has(node)) return; // a copy
    this.#state.adopt(node, part);
    if (part.isLast) this.#awaited.delete(node);
  }

  #gone(node: string): void {
    if (this.#awaited.has(node)) this.isVoid = true;
  }
}

/** What is told by a node that does not know everything itself yet: nothing. */
export function emptyPartFor(node: string, keeps: boolean): Uint8Array {
  return encodeEntry({
    kind: EntryKind.PART,
    node,
    isLast: true,
    keeps,
    knowsOnce: true,
    held: [],
    wanted: [],
  });
}

/**
 * What this node holds and wants at this moment, for one that has just joined. With it what others have by
 * inheritance, who may not know all of it themselves: every node says so.
 */
export function partsFor(node: string, self: string, state: OrderState): Uint8Array[] {
  const parts: Uint8Array[] = [];
  const keeps = state.members.get(self)?.keeps === true;
  const knowsOnce = true;
  let held: HeldId[] = [];
  let wanted: string[] = [];
  let byteCount = 0;
  const close = (isLast: boolean): void => {
    parts.push(encodeEntry({ kind: EntryKind.PART, node, isLast, keeps, knowsOnce, held, wanted }));
    held = [];
    wanted = [];
    byteCount = 0;
  };
  const count = (characters: number): void => {
    byteCount += FIELD_BYTES + 3 * characters; // three bytes at most for each unit of UTF-16
    if (byteCount >= PART_BYTES) close(false);
  };
  for (const hold of state.holds.values()) {
    // What it waits for, too: its holder may be gone and tell nobody.
    const isOurs = hold.holder.member.node === self || hold.claimant?.member.node === self;
    if (!isOurs && hold.isInherited !== true) continue;
    held.push(heldIdOf(hold));
    count(hold.clientId.length + (hold.holder.username?.length ?? 0));
  }
  for (const member of state.members.values()) parts.push(...inheritedOf(node, member));
  for (const topicFilter of state.members.get(self)?.wanted ?? []) {
    wanted.push(topicFilter);
    count(topicFilter.length);
  }
  close(true);
  return parts;
}

/** What a member wants by inheritance, in entries that are not too long. */
function* inheritedOf(
  node: string,
  { node: heir, inherited }: Member,
): Generator<Uint8Array, void> {
  let wanted: string[] = [];
  let byteCount = 0;
  for (const topicFilter of inherited) {
    wanted.push(topicFilter);
    byteCount += FIELD_BYTES + 3 * topicFilter.length;
    if (byteCount < PART_BYTES) continue;
    yield encodeEntry({ kind: EntryKind.HEIR, node, heir, wanted });
    wanted = [];
    byteCount = 0;
  }
  if (wanted.length > 0) yield encodeEntry({ kind: EntryKind.HEIR, node, heir, wanted });
}

function heldIdOf({ clientId, holder, claimant, isInherited = false }: Hold): HeldId {
  const inherited = isInherited ? { isInherited } : {};
  return { clientId, holder: toldOf(holder), claimant: claimant && toldOf(claimant), ...inherited };
}

function toldOf({ member, username, sequence }: Claim): ToldClaim {
  return { node: member.node, username, sequence };
}
