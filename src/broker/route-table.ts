import { utf8Decode } from "../codec/index.js";
import { bytesEqual, hashBytes, utf8Encode } from "../codec/raw.js";
import type { QoS } from "../protocol/packet.js";
import type { ClientSession } from "./client-directory.js";
import { copyOf } from "./copy-of.js";
import type { PointToPoint } from "./point-to-point.js";

/** What kind of receivers a Topic Name has. */
export const RouteKind = {
  /** Whoever subscribed. */
  ORDINARY: 0,
  /** The one Client it addresses. [P1] */
  CLIENT: 1,
  /** Nobody: point-to-point without a Client Identifier. [P2] */
  MALFORMED: 2,
  /** Whoever subscribed; but Clients may not publish to it. [M8] */
  DOLLAR: 3,
} as const;
export type RouteKind = (typeof RouteKind)[keyof typeof RouteKind];

/** Who gets a message on a topic by Subscription: each Session once, at its best granted QoS. */
export interface Targets {
  readonly sessions: readonly ClientSession[];
  /** The granted QoS of the Session at the same index. */
  readonly grantedQos: readonly QoS[];
}

/** All that a Topic Name alone decides, worked out once and remembered. */
export interface Route {
  readonly topicName: string;
  /** The Topic Name in UTF-8. */
  readonly topic: Uint8Array;
  readonly hash: number;
  readonly kind: RouteKind;
  /** First level and Client Identifier of a `CLIENT` route, else empty. */
  readonly parent: string;
  readonly receiverId: string;
  /** The Session that `receiverId` named last: still the right one while it has a connection. */
  receiver: ClientSession | undefined;
  /** Targets found last, valid while the trie has the version `targetsVersion`. */
  targets: Targets | undefined;
  targetsVersion: number;
}

const SMALLEST_BITS = 10;
/** 65,536 routes, about 20 MiB when full. */
const LARGEST_BITS = 16;

/**
 * Topic Name in bytes -> Route. A cache with two places for each hash: a lookup compares at most
 * two names, however topics were chosen [C15], and its size is bounded whatever peers publish to.
 *
 * It saves decoding the Topic Name, parsing its address and asking the trie again for each message
 * on a topic that was used lately.
 */
export class RouteTable {
  readonly #pointToPoint: PointToPoint;
  #bits = SMALLEST_BITS;
  #routes: (Route | undefined)[] = new Array<Route | undefined>(1 << SMALLEST_BITS).fill(undefined);
  #evictions = 0;

  constructor(pointToPoint: PointToPoint) {
    this.#pointToPoint = pointToPoint;
  }

  /** The route of a Topic Name that a decoder has found valid. `hash` is `hashBytes` of the range. */
  find(bytes: Uint8Array, from: number, to: number, hash: number): Route {
    const length = to - from;
    const slot = hash >>> (32 - this.#bits);
    let route = this.#routes[slot];
    if (isFor(route, hash, bytes, from, length)) return route;
    route = this.#routes[slot ^ 1];
    if (isFor(route, hash, bytes, from, length)) return route;
    return this.#insert(this.#make(utf8Decode(bytes, from, to), copyOf(bytes, from, to), hash));
  }

  /** The route of a Topic Name given as a string: valid, our caller sees to that. */
  of(topicName: string): Route {
    const topic = utf8Encode(topicName);
    return this.find(topic, 0, topic.length, hashBytes(topic, 0, topic.length));
  }

  /** Forgets all targets found so far, and with them the Sessions they hold. */
  forgetTargets(): void {
    for (const route of this.#routes) if (route !== undefined) route.targets = undefined;
  }

  #make(topicName: string, topic: Uint8Array, hash: number): Route {
    const addressing = this.#pointToPoint.addressing(topicName);
    const client = addressing.kind === "client";
    return {
      topicName,
      topic,
      hash,
      kind: client
        ? RouteKind.CLIENT
        : addressing.kind === "malformed"
          ? RouteKind.MALFORMED
          : topicName.startsWith("$")
            ? RouteKind.DOLLAR
            : RouteKind.ORDINARY,
      parent: client ? addressing.parent : "",
      receiverId: client ? addressing.clientId : "",
      receiver: undefined,
      targets: undefined,
      targetsVersion: -1,
    };
  }

  /** The newest takes the home slot, what was there moves next door. */
  #insert(route: Route): Route {
    const home = route.hash >>> (32 - this.#bits);
    const previous = this.#routes[home];
    if (previous !== undefined) {
      if (this.#routes[home ^ 1] !== undefined) this.#evictions += 1;
      this.#routes[home ^ 1] = previous;
    }
    this.#routes[home] = route;
    if (this.#evictions >= this.#routes.length && this.#bits < LARGEST_BITS) this.#grow();
    return route;
  }

  /** As many routes were pushed out as the table holds: it is too small for the traffic. */
  #grow(): void {
    this.#evictions = 0;
    this.#bits += 1;
    const old = this.#routes;
    this.#routes = new Array<Route | undefined>(1 << this.#bits).fill(undefined);
    for (const route of old) {
      if (route !== undefined) this.#routes[route.hash >>> (32 - this.#bits)] = route;
    }
  }
}

function isFor(
  route: Route | undefined,
  hash: number,
  bytes: Uint8Array,
  from: number,
  length: number,
): route is Route {
  return (
    route !== undefined &&
    route.hash === hash &&
    route.topic.length === length &&
    bytesEqual(route.topic, 0, bytes, from, length)
  );
}
