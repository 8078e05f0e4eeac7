import type { Obligation } from "../ports/policy.js";
import type { Core } from "../state/core.js";
import { asksForShare, shareNameOf } from "../topic/share-name.js";
import { TextMap } from "../topic/text-map.js";
import { EntryKind } from "./entries.js";
import type { Order } from "./order.js";
import type { Peer } from "./peer.js";

/** Who wants which messages: the Subscriptions here, told to others, and those of others, kept here. */
export class Interest {
  readonly #core: Core;
  /** How many Sessions here have each Topic Filter. */
  readonly #counts = new TextMap<number>();
  /** SUBACKs that wait until the log has their Topic Filter. */
  readonly #unread = new TextMap<Obligation[]>();
  #order: Order;
  /** Subscriptions of others in the trie of this node, those shared aside. */
  awayCount = 0;

  constructor(core: Core, order: Order) {
    this.#core = core;
    this.#order = order;
  }

  /** A Session here subscribes: SUBACK waits until all others will learn of it. */
  subscribed(topicFilter: string): void {
    const count = this.#counts.get(topicFilter) ?? 0;
    this.#counts.set(topicFilter, count + 1);
    const isRead = count > 0 && !this.#unread.has(topicFilter);
    if (isRead || !this.#order.isMember) return;
    if (count === 0) this.#order.writer.add({ kind: EntryKind.WANT, topicFilter });
    const unread = this.#unread.get(topicFilter) ?? [];
    unread.push(this.#core.obligations.add());
    this.#unread.set(topicFilter, unread);
  }

  unsubscribed(topicFilter: string): void {
    const count = this.#counts.get(topicFilter);
    if (count === undefined) return; // its own inbox
    if (count > 1) {
      this.#counts.set(topicFilter, count - 1);
      return;
    }
    this.#counts.delete(topicFilter);
    if (this.#order.isMember) this.#order.writer.add({ kind: EntryKind.UNWANT, topicFilter });
  }

  /** This node has become a member: others learn what is wanted here. */
  start(): void {
    for (const topicFilter of this.#counts.keys()) {
      this.#order.writer.add({ kind: EntryKind.WANT, topicFilter });
    }
    const { inherited = [] } = this.#order.state.members.get(this.#order.node) ?? {};
    for (const topicFilter of inherited) {
      if (this.#counts.has(topicFilter)) continue;
      this.#order.writer.add({ kind: EntryKind.UNWANT, topicFilter });
    }
  }

  /** This node starts anew: nobody waits any more. */
  restart(order: Order): void {
    this.#order = order;
    for (const [topicFilter] of [...this.#unread]) this.#settle(topicFilter);
  }

  /** The log has what somebody wants: this node, or another one. */
  wanted(peer: Peer | undefined, topicFilter: string): void {
    if (peer === undefined) {
      this.#settle(topicFilter);
    } else if (asksForShare(topicFilter)) {
      const share = shareNameOf(topicFilter);
      if (share !== undefined) {
        this.#core.shares.joinAway(topicFilter, share.topicFilter, peer.session);
      }
    } else if (this.#core.trie.add(topicFilter, peer.session, 2)) {
      this.awayCount += 1;
    }
  }

  unwanted(peer: Peer, topicFilter: string): void {
    if (asksForShare(topicFilter)) this.#core.shares.leaveAway(topicFilter, peer.session);
    else if (this.#core.trie.remove(topicFilter, peer.session)) this.awayCount -= 1;
  }

  #settle(topicFilter: string): void {
    const unread = this.#unread.get(topicFilter);
    if (unread === undefined) return;
    this.#unread.delete(topicFilter);
    for (const obligation of unread) obligation.settle();
  }
}
