import type { QoS } from "../protocol/packet.js";
import type { SubscriptionTrie } from "../topic/subscription-trie.js";
import { TextMap } from "../topic/text-map.js";
import type { ClientSession } from "./client-directory.js";
import { ShareGroup, ShareMember } from "./share-group.js";

/** Who the trie knows: Sessions, and groups that share one Subscription. */
export type Subscriber = ClientSession | ShareGroup;

/**
 * All groups by `$share/{group}/{filter}`, and the memberships of each Session. [M30] A group is
 * there, and in the trie, as long as it has a member.
 */
export class Shares {
  readonly #trie: SubscriptionTrie<Subscriber>;
  /** By the whole filter. */
  readonly #groups = new TextMap<ShareGroup>();
  /** Only Sessions with memberships are here; the inner keys are those of `#groups`. */
  readonly #memberships = new Map<ClientSession, TextMap<ShareMember>>();
  #memberCount = 0;

  constructor(trie: SubscriptionTrie<Subscriber>) {
    this.#trie = trie;
  }

  /** How many memberships there are, in all groups. */
  get size(): number {
    return this.#memberCount;
  }

  /** How many Subscriptions there are beyond what the trie counts: it has a group as one. */
  get surplus(): number {
    return this.#memberCount - this.#groups.size;
  }

  find(text: string): ShareGroup | undefined {
    return this.#groups.get(text);
  }

  /**
   * Makes a Session a member, or changes the QoS it was granted. [MQTT-3.8.4-3] O(length).
   *
   * @param text - The whole filter.
   * @param topicFilter - The part of it that is shared.
   */
  join(text: string, topicFilter: string, session: ClientSession, grantedQos: QoS): void {
    let memberships = this.#memberships.get(session);
    const member = memberships?.get(text);
    if (member !== undefined) {
      member.grantedQos = grantedQos;
      return;
    }
    const group = this.#groups.get(text) ?? this.#open(text, topicFilter);
    const joined = new ShareMember(group, session, grantedQos, session.connection !== undefined);
    if (memberships === undefined) {
      memberships = new TextMap();
      this.#memberships.set(session, memberships);
    }
    memberships.set(text, joined);
    group.add(joined);
    this.#memberCount += 1;
  }

  /** Ends a membership, and the group with its last one; nothing happens when there is none. */
  leave(text: string, session: ClientSession): void {
    const memberships = this.#memberships.get(session);
    const member = memberships?.get(text);
    if (memberships === undefined || member === undefined) return;
    memberships.delete(text);
    if (memberships.size === 0) this.#memberships.delete(session);
    const { group } = member;
    group.remove(member);
    this.#memberCount -= 1;
    this.#closeIfEmpty(group);
  }

  /** Another node has members of the group, too. */
  joinAway(text: string, topicFilter: string, node: ClientSession): void {
    const { away } = this.#groups.get(text) ?? this.#open(text, topicFilter);
    if (!away.includes(node)) away.push(node);
  }

  /** It has none any more. */
  leaveAway(text: string, node: ClientSession): void {
    const group = this.#groups.get(text);
    const at = group?.away.indexOf(node) ?? -1;
    if (group === undefined || at === -1) return;
    group.away.splice(at, 1);
    this.#closeIfEmpty(group);
  }

  #closeIfEmpty(group: ShareGroup): void {
    if (group.size > 0 || group.away.length > 0) return;
    this.#groups.delete(group.text);
    this.#trie.remove(group.topicFilter, group);
  }

  /** A Client has come or gone. O(its memberships). */
  setOnline(session: ClientSession, isOnline: boolean): void {
    const memberships = this.#memberships.get(session);
    if (memberships === undefined) return;
    for (const member of memberships.values()) member.group.move(member, isOnline);
  }

  #open(text: string, topicFilter: string): ShareGroup {
    const group = new ShareGroup(text, topicFilter);
    this.#groups.set(text, group);
    this.#trie.add(topicFilter, group, 2); // the QoS is each member's own
    return group;
  }
}
