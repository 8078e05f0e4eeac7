import type { QoS } from "../protocol/packet.js";

/** What one subscriber was granted for one Topic Filter. */
export interface Subscription<T> {
  readonly subscriber: T;
  /** The latest one granted: it changes when the subscriber asks again. [MQTT-3.8.4-3] */
  readonly grantedQos: QoS;
}

/**
 * Everybody subscribed to one Topic Filter. Most filters have one subscriber, so one Subscription
 * stands for itself: a set only begins with the second.
 */
export type Subscribers<T extends object> = OneSubscription<T> | SubscriberSet<T>;

/** A Subscription as the trie holds it. 40 bytes. */
export class OneSubscription<T extends object> implements Subscription<T> {
  readonly subscriber: T;
  grantedQos: QoS;

  constructor(subscriber: T, grantedQos: QoS) {
    this.subscriber = subscriber;
    this.grantedQos = grantedQos;
  }
}

/** Two or more Subscriptions to one filter: an array to match by, and a Map to edit by. */
export class SubscriberSet<T extends object> {
  readonly subscriptions: OneSubscription<T>[];
  /** Where each subscriber stands in the array; only while searching it would take longer. */
  places: Map<T, number> | undefined = undefined;

  constructor(first: OneSubscription<T>, second: OneSubscription<T>) {
    this.subscriptions = [first, second];
  }
}

/** The Subscription of this subscriber, if any. O(1). */
export function findSubscription<T extends object>(
  subscribers: Subscribers<T> | undefined,
  subscriber: T,
): OneSubscription<T> | undefined {
  if (subscribers instanceof SubscriberSet) {
    return subscribers.subscriptions[placeOf(subscribers, subscriber)];
  }
  return subscribers?.subscriber === subscriber ? subscribers : undefined;
}

/** `subscribers` and one more, which is not among them. O(1), amortised. */
export function withSubscription<T extends object>(
  subscribers: Subscribers<T> | undefined,
  added: OneSubscription<T>,
): Subscribers<T> {
  if (subscribers === undefined) return added;
  if (!(subscribers instanceof SubscriberSet)) return new SubscriberSet(subscribers, added);
  const { subscriptions } = subscribers;
  const place = subscriptions.push(added) - 1;
  if (subscribers.places !== undefined) subscribers.places.set(added.subscriber, place);
  else if (subscriptions.length > SEARCHED_MAX) subscribers.places = placesOf(subscriptions);
  return subscribers;
}

/** `subscribers` without this one, who is among them; `undefined` when nobody is left. O(1). */
export function withoutSubscriber<T extends object>(
  subscribers: Subscribers<T>,
  subscriber: T,
): Subscribers<T> | undefined {
  if (!(subscribers instanceof SubscriberSet)) return undefined;
  const { subscriptions } = subscribers;
  const place = placeOf(subscribers, subscriber);
  const last = subscriptions.pop() as OneSubscription<T>; // a set has at least two
  subscribers.places?.delete(subscriber);
  if (place < subscriptions.length) {
    subscriptions[place] = last; // the order of subscribers means nothing
    subscribers.places?.set(last.subscriber, place);
  }
  if (subscriptions.length === 1) return subscriptions[0];
  if (subscriptions.length < SEARCHED_MAX / 2) subscribers.places = undefined;
  return subscribers;
}

/** Appends the Subscription of each to `into`. */
export function appendSubscriptions<T extends object>(
  subscribers: Subscribers<T>,
  into: Subscription<T>[],
): void {
  if (!(subscribers instanceof SubscriberSet)) {
    into.push(subscribers);
    return;
  }
  const { subscriptions } = subscribers;
  for (let at = 0; at < subscriptions.length; at++) {
    into.push(subscriptions[at] as OneSubscription<T>); // at < length
  }
}

/** Up to here an array is searched; above it a Map remembers the places. */
const SEARCHED_MAX = 8;

/** -1 when the subscriber is not in the set. */
function placeOf<T extends object>(set: SubscriberSet<T>, subscriber: T): number {
  if (set.places !== undefined) return set.places.get(subscriber) ?? -1;
  for (let at = 0; at < set.subscriptions.length; at++) {
    if (set.subscriptions[at]?.subscriber === subscriber) return at;
  }
  return -1;
}

function placesOf<T extends object>(subscriptions: readonly OneSubscription<T>[]): Map<T, number> {
  const places = new Map<T, number>();
  for (const { subscriber } of subscriptions) places.set(subscriber, places.size);
  return places;
}
