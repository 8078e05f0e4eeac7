import type { QoS } from "../protocol/packet.js";
import { isWelcome } from "../sending/guarding.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Core } from "../state/core.js";
import type { Route, Targets } from "../state/route-table.js";
import { ShareGroup } from "../state/share-group.js";
import type { Subscriber } from "../state/shares.js";
import type { Subscription } from "../topic/subscription-trie.js";

/** So many Subscriptions are merged for what one delivery costs. */
export const MERGED_BITS = 3;
/** Between two looks at what the turn has left. */
const MERGED_PER_LOOK = 1 << MERGED_BITS;

/**
 * Brings the Subscriptions that match one message together, where there are too many for one turn: each
 * Session once, at the highest QoS granted to any of its filters. [M6] [MQTT-3.3.5-1] The Subscriptions
 * are those of the moment the message was accepted, whatever the trie has by now. [T1]
 *
 * With a hundred thousand subscribers this took 17 ms: to look at each of them for the first time is
 * to wait for memory.
 */
export class Merging {
  readonly #subscriptions: readonly Subscription<Subscriber>[];
  readonly #version: number;
  /** Where each Session stands; `undefined` when nobody can come twice. */
  readonly #places: Map<ClientSession, number> | undefined;
  readonly #sessions: ClientSession[] = [];
  readonly #grantedQos: QoS[] = [];
  readonly #groups: ShareGroup[] = [];
  #at = 0;

  /**
   * @param version - Of the trie that has found them.
   * @param isOverlapping - They come from several filters.
   */
  constructor(
    subscriptions: readonly Subscription<Subscriber>[],
    version: number,
    isOverlapping: boolean,
  ) {
    this.#subscriptions = subscriptions;
    this.#version = version;
    this.#places = isOverlapping ? new Map() : undefined;
  }

  /**
   * Does a slice. With the last one the route remembers its targets, if they still hold.
   *
   * @returns the targets; `undefined`: something is left.
   */
  proceed(core: Core, route: Route): Targets | undefined {
    const { length } = this.#subscriptions;
    do {
      const end = Math.min(this.#at + MERGED_PER_LOOK, length);
      for (; this.#at < end; this.#at += 1) {
        this.#enter(this.#subscriptions[this.#at] as Subscription<Subscriber>, route.topicName);
      }
      core.workLeft -= 1;
    } while (this.#at < length && core.workLeft > 0);
    if (this.#at < length) return undefined;
    const targets: Targets = {
      sessions: this.#sessions,
      grantedQos: this.#grantedQos,
      groups: this.#groups,
    };
    const { trie, routes } = core;
    if (trie.version === this.#version) {
      routes.setTargets(route, this.#version, undefined, targets);
    }
    return targets;
  }

  #enter({ subscriber, grantedQos }: Subscription<Subscriber>, topicName: string): void {
    if (subscriber instanceof ShareGroup) {
      this.#groups.push(subscriber);
      return;
    }
    if (!isWelcome(subscriber, topicName)) return; // [H01]
    const place = this.#places?.get(subscriber);
    if (place === undefined) {
      this.#places?.set(subscriber, this.#sessions.length);
      this.#sessions.push(subscriber);
      this.#grantedQos.push(grantedQos);
    } else if (grantedQos > (this.#grantedQos[place] as QoS)) {
      this.#grantedQos[place] = grantedQos;
    }
  }
}
