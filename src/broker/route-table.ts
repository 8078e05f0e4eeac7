import { utf8Decode } from "../codec/index.js";
import { bytesEqual, copyBytes, hashBytes, utf8Encode } from "../codec/raw.js";
import type { QoS } from "../protocol/packet.js";
import type { ClientSession } from "./client-directory.js";
import { copyOf } from "./copy-of.js";
import type { Addressing, PointToPoint } from "./point-to-point.js";

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
export class Route {
  readonly topicName: string;
  readonly hash: number;
  /** Bytes of the Topic Name. */
  readonly topicLength: number;
  readonly kind: RouteKind;
  /** First level and Client Identifier of a `CLIENT` route, else empty. */
  readonly parent: string;
  readonly receiverId: string;
  /** The Session that `receiverId` named last: still the right one while it has a connection. */
  receiver: ClientSession | undefined = undefined;
  /** Targets found last, valid while the trie has the version `targetsVersion`. */
  targets: Targets = NOBODY;
  /** The only target, and its granted QoS: most topics have one, which needs no arrays. */
  soleTarget: ClientSession | undefined = undefined;
  soleQos: QoS = 0;
  /** -1: they were never looked for. */
  targetsVersion = -1;
  #topic: Uint8Array | undefined = undefined;

  constructor(topicName: string, topicLength: number, hash: number, addressing: Addressing) {
    const client = addressing.kind === "client";
    this.topicName = topicName;
    this.topicLength = topicLength;
    this.hash = hash;
    this.kind = kindOf(topicName, addressing);
    this.parent = client ? addressing.parent : "";
    this.receiverId = client ? addressing.clientId : "";
  }

  /** The Topic Name in UTF-8. Made when it is first asked for: what is only passed on needs none. */
  get topic(): Uint8Array {
    this.#topic ??= copyOf(utf8Encode(this.topicName));
    return this.#topic;
  }

  /** How many targets it holds. */
  get targetCount(): number {
    return this.soleTarget === undefined ? this.targets.sessions.length : 1;
  }

  /** Lets go of its targets. */
  forgetTargets(): void {
    this.targets = NOBODY;
    this.soleTarget = undefined;
    this.targetsVersion = -1;
  }
}

/** No targets. */
export const NOBODY: Targets = { sessions: [], grantedQos: [] };

function kindOf(topicName: string, { kind }: Addressing): RouteKind {
  if (kind === "client") return RouteKind.CLIENT;
  if (kind === "malformed") return RouteKind.MALFORMED;
  return topicName.startsWith("$") ? RouteKind.DOLLAR : RouteKind.ORDINARY;
}

const SMALLEST_BITS = 10;
/** 262,144 routes: 54 MiB when full of Topic Names of 25 bytes. */
const LARGEST_BITS = 18;
/** Longer Topic Names are compared with the bytes of their route. */
const PLACE_BYTES = 48;

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
  #routes: (Route | undefined)[] = [];
  /** The Topic Name of each route, side by side: no array of its own for each. */
  #names = NO_NAMES;
  #evictions = 0;

  constructor(pointToPoint: PointToPoint) {
    this.#pointToPoint = pointToPoint;
    this.#makeRoom();
  }

  /**
   * The route of a Topic Name that a decoder has found valid.
   *
   * @param hash - `hashBytes` of the range.
   * @param view - Of `bytes`, where there is one: names are compared faster through it.
   */
  find(bytes: Uint8Array, from: number, to: number, hash: number, view?: DataView): Route {
    const length = to - from;
    const slot = hash >>> (32 - this.#bits);
    let route = this.#routes[slot];
    if (route?.hash === hash && route.topicLength === length) {
      if (this.#isAt(slot, route, bytes, view, from, length)) return route;
    }
    route = this.#routes[slot ^ 1];
    if (route?.hash === hash && route.topicLength === length) {
      if (this.#isAt(slot ^ 1, route, bytes, view, from, length)) return route;
    }
    const topicName = utf8Decode(bytes, from, to);
    const addressing = this.#pointToPoint.addressing(topicName);
    return this.#insert(new Route(topicName, length, hash, addressing), bytes, from);
  }

  /** The route of a Topic Name given as a string: valid, our caller sees to that. */
  of(topicName: string): Route {
    const topic = utf8Encode(topicName);
    return this.find(topic, 0, topic.length, hashBytes(topic, 0, topic.length));
  }

  /** Forgets all targets found so far, and with them the Sessions they hold. */
  forgetTargets(): void {
    for (const route of this.#routes) route?.forgetTargets();
  }

  /** Whether the route in this slot, of the right length and hash, is that of `bytes` from `from` on. */
  #isAt(
    slot: number,
    route: Route,
    bytes: Uint8Array,
    view: DataView | undefined,
    from: number,
    length: number,
  ): boolean {
    if (length > PLACE_BYTES) return bytesEqual(route.topic, 0, bytes, from, length);
    const at = slot * PLACE_BYTES;
    if (view === undefined || length < 4) {
      return bytesEqual(this.#names.bytes, at, bytes, from, length);
    }
    const names = this.#names.view;
    const last = length - 4;
    for (let index = 0; index < last; index += 4) {
      if (names.getInt32(at + index) !== view.getInt32(from + index)) return false;
    }
    return names.getInt32(at + last) === view.getInt32(from + last);
  }

  /** The newest takes the home slot, what was there moves next door. */
  #insert(route: Route, bytes: Uint8Array, from: number): Route {
    const home = route.hash >>> (32 - this.#bits);
    const previous = this.#routes[home];
    if (previous !== undefined) {
      if (this.#routes[home ^ 1] !== undefined) this.#evictions += 1;
      this.#put(home ^ 1, previous, this.#names.bytes, home * PLACE_BYTES);
    }
    this.#put(home, route, bytes, from);
    if (this.#evictions >= this.#routes.length && this.#bits < LARGEST_BITS) this.#grow();
    return route;
  }

  /** @param from - Where its Topic Name begins in `bytes`. */
  #put(slot: number, route: Route, bytes: Uint8Array, from: number): void {
    this.#routes[slot] = route;
    if (route.topicLength > PLACE_BYTES) return;
    copyBytes(bytes, from, from + route.topicLength, this.#names.bytes, slot * PLACE_BYTES);
  }

  /** As many routes were pushed out as the table holds: it is too small for the traffic. */
  #grow(): void {
    const routes = this.#routes;
    const { bytes } = this.#names;
    this.#evictions = 0;
    this.#bits += 1;
    this.#makeRoom();
    for (const [slot, route] of routes.entries()) {
      if (route === undefined) continue;
      this.#put(route.hash >>> (32 - this.#bits), route, bytes, slot * PLACE_BYTES);
    }
  }

  #makeRoom(): void {
    const slots = 1 << this.#bits;
    this.#routes = new Array<Route | undefined>(slots).fill(undefined);
    const bytes = new Uint8Array(slots * PLACE_BYTES);
    this.#names = { bytes, view: new DataView(bytes.buffer) };
  }
}

const NO_NAMES = { bytes: new Uint8Array(0), view: new DataView(new ArrayBuffer(0)) };
