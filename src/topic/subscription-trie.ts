import type { QoS } from "../protocol/packet.js";
import { hasWildcard } from "./topic-filter.js";
import { startsWithDollar } from "./topic-name.js";

/** What one subscriber was granted for one Topic Filter; lives in the trie. */
export interface Subscription<T> {
  readonly subscriber: T;
  readonly grantedQos: QoS;
}

/** Topic Filter -> subscribers, asked by Topic Name. §4.7. */
export class SubscriptionTrie<T extends object> {
  readonly #exact = new Map<string, Map<T, Subscription<T>>>();
  readonly #root = new Node<T>();
  #size = 0;
  #version = 0;

  /** Subscriptions held: pairs of filter and subscriber. */
  get size(): number {
    return this.#size;
  }

  /** Changes with every edit that may change the result of a {@link match}. */
  get version(): number {
    return this.#version;
  }

  /** True: new. False: it replaced an existing one of the same filter. [MQTT-3.8.4-3] */
  add(topicFilter: string, subscriber: T, grantedQos: QoS): boolean {
    const subscriptions = this.#subscriptionsOf(topicFilter);
    const isNew = !subscriptions.has(subscriber);
    subscriptions.set(subscriber, { subscriber, grantedQos });
    if (isNew) this.#size++;
    this.#version++;
    return isNew;
  }

  /** False: there was none of exactly this filter. [MQTT-3.10.4-1] */
  remove(topicFilter: string, subscriber: T): boolean {
    const removed = hasWildcard(topicFilter)
      ? this.#removeFromTrie(topicFilter.split("/"), subscriber)
      : this.#removeExact(topicFilter, subscriber);
    if (!removed) return false;
    this.#size--;
    this.#version++;
    return true;
  }

  /** Appends every matching Subscription; a subscriber with several matching filters, several times. */
  match(topicName: string, into: Subscription<T>[]): void {
    const exact = this.#exact.get(topicName);
    if (exact !== undefined) appendAll(exact, into);
    const levels = topicName.split("/");
    let nodes = [this.#root];
    for (let depth = 0; depth <= levels.length && nodes.length > 0; depth++) {
      const wildcardsMatch = depth > 0 || !startsWithDollar(topicName); // [MQTT-4.7.2-1]
      const next: Node<T>[] = [];
      for (const node of nodes) node.step(levels[depth], wildcardsMatch, next, into);
      nodes = next;
    }
  }

  #subscriptionsOf(topicFilter: string): Map<T, Subscription<T>> {
    if (hasWildcard(topicFilter)) {
      let node = this.#root;
      for (const level of topicFilter.split("/")) {
        let child = node.children.get(level);
        if (child === undefined) {
          child = new Node();
          node.children.set(level, child);
        }
        node = child;
      }
      return node.subscriptions;
    }
    let subscriptions = this.#exact.get(topicFilter);
    if (subscriptions === undefined) {
      subscriptions = new Map();
      this.#exact.set(topicFilter, subscriptions);
    }
    return subscriptions;
  }

  #removeExact(topicFilter: string, subscriber: T): boolean {
    const subscriptions = this.#exact.get(topicFilter);
    if (subscriptions === undefined || !subscriptions.delete(subscriber)) return false;
    if (subscriptions.size === 0) this.#exact.delete(topicFilter);
    return true;
  }

  #removeFromTrie(levels: readonly string[], subscriber: T): boolean {
    const path = [this.#root];
    for (const level of levels) {
      const child = path[path.length - 1]?.children.get(level);
      if (child === undefined) return false;
      path.push(child);
    }
    if (!path[path.length - 1]?.subscriptions.delete(subscriber)) return false;
    for (let depth = levels.length; depth > 0; depth--) {
      const node = path[depth] as Node<T>; // the path has levels.length + 1 nodes
      if (node.children.size > 0 || node.subscriptions.size > 0) break;
      path[depth - 1]?.children.delete(levels[depth - 1] as string);
    }
    return true;
  }
}

class Node<T> {
  readonly children = new Map<string, Node<T>>();
  readonly subscriptions = new Map<T, Subscription<T>>();

  /** Appends what ends here to `into`, and the children that `level` leads to, to `next`. */
  step(
    level: string | undefined,
    wildcardsMatch: boolean,
    next: Node<T>[],
    into: Subscription<T>[],
  ): void {
    const multi = wildcardsMatch ? this.children.get("#") : undefined;
    if (multi !== undefined) appendAll(multi.subscriptions, into);
    if (level === undefined) {
      appendAll(this.subscriptions, into);
      return;
    }
    const single = wildcardsMatch ? this.children.get("+") : undefined;
    if (single !== undefined) next.push(single);
    const literal = this.children.get(level);
    if (literal !== undefined) next.push(literal);
  }
}

function appendAll<T>(from: Map<T, Subscription<T>>, into: Subscription<T>[]): void {
  for (const subscription of from.values()) into.push(subscription);
}
