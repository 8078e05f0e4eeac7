import { utf8Decode } from "../codec/index.js";
import { bytesEqual, copyBytes, hashBytes, utf8Encode } from "../codec/raw.js";
import type { QoS } from "../protocol/packet.js";
import type { Addressing, PointToPoint } from "../topic/point-to-point.js";
import type { Subscription } from "../topic/subscription-trie.js";
import type { ClientSession } from "./client-directory.js";
import { copyOf } from "./copy-of.js";
import type { ShareGroup } from "./share-group.js";

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
  /** Each gets a copy for one of its members, chosen anew for each message. [M30] */
  readonly groups: readonly ShareGroup[];
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
  /** By what the sender of a message to a Client knows its receipt; else empty. [P20] */
  readonly token: string;
  /** The Session that `receiverId` named last: still the right one while it has a connection. */
  receiver: ClientSession | undefined = undefined;
  /** Targets found last, valid while the trie has the version `targetsVersion`. */
  targets: Targets = NOBODY;
  /** The only target, and its granted QoS: most topics have one, which needs no arrays. */
  soleTarget: ClientSession | undefined = undefined;
  soleQos: QoS = 0;
  /** -1: they were never looked for. */
  targetsVersion = -1;
  /** Whether the table holds it. */
  isHeld = false;
  #topic: Uint8Array | undefined = undefined;

  constructor(topicName: string, topicLength: number, hash: number, addressing: Addressing) {
    const client = addressing.kind === "client";
    this.topicName = topicName;
    this.topicLength = topicLength;
    this.hash = hash;
    this.kind = kindOf(topicName, addressing);
    this.parent = client ? addressing.parent : "";
    this.receiverId = client ? addressing.clientId : "";
    this.token = client ? addressing.token : "";
  }

  /** The Topic Name in UTF-8. Made when it is first asked for: what is only passed on needs none. */
  get topic(): Uint8Array {
    this.#topic ??= copyOf(utf8Encode(this.topicName));
    return this.#topic;
  }

  /** How many targets it holds. */
  get targetCount(): number {
    const { sessions, groups } = this.targets;
    return this.soleTarget === undefined ? sessions.length + groups.length : 1;
  }

  /** Lets go of its targets. */
  forgetTargets(): void {
    this.targets = NOBODY;
    this.soleTarget = undefined;
    this.targetsVersion = -1;
  }
}

/** No targets. */
export const NOBODY: Targets = { sessions: [], grantedQos: [], groups: [] };

function kindOf(topicName: string, { kind }: Addressing): RouteKind {
  if (kind === "client") return RouteKind.CLIENT;
  if (kind === "malformed") return RouteKind.MALFORMED;
  return topicName.startsWith("$") ? RouteKind.DOLLAR : RouteKind.ORDINARY;
}

const SMALLEST_BITS = 10;
/** 262,144 routes: 54 MiB when full of Topic Names of 25 bytes. */
const LARGEST_BITS = 18;
/** The table grows when this share of its places was taken from others: CPU time 0.75 of a whole. */
const GROWTH_SHARE = 1 / 8;
/** Newcomers of which one is let into a full table that cannot grow: 5 % less CPU time. */
const NEWCOMERS_PER_PLACE = 8;
/** At most this many Sessions are remembered by all routes together: 16 MiB of references. */
const TARGETS_MAX = 1_000_000;
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
  /** Targets of all routes in the table. */
  #targetCount = 0;

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
    if (addressing.kind === "client" && addressing.token !== "") {
      // The address without the token, which is new each time: not worth a place.
      return new Route(`${addressing.parent}/p2p/${addressing.clientId}`, 0, 0, addressing);
    }
    return this.#insert(new Route(topicName, length, hash, addressing), bytes, from);
  }

  /** The route of a Topic Name given as a string: valid, our caller sees to that. */
  of(topicName: string): Route {
    const topic = utf8Encode(topicName);
    return this.find(topic, 0, topic.length, hashBytes(topic, 0, topic.length));
  }

  /**
   * Remembers who gets a message on a route while the trie has this version.
   *
   * @param sole - The only target there is, in place of `targets`.
   */
  setTargets(
    route: Route,
    version: number,
    sole: Subscription<ClientSession> | undefined,
    targets: Targets,
  ): void {
    if (route.isHeld) this.#targetCount -= route.targetCount;
    route.targetsVersion = version;
    route.targets = targets;
    route.soleTarget = sole?.subscriber;
    route.soleQos = sole?.grantedQos ?? 0;
    if (!route.isHeld) return;
    this.#targetCount += route.targetCount;
    if (this.#targetCount > TARGETS_MAX) this.#forgetTargetsExcept(route);
  }

  /** Forgets all targets found so far, and with them the Sessions they hold. */
  forgetTargets(): void {
    this.#forgetTargetsExcept(undefined);
  }

  #forgetTargetsExcept(kept: Route | undefined): void {
    for (const route of this.#routes) {
      if (route !== kept) route?.forgetTargets();
    }
    this.#targetCount = kept?.targetCount ?? 0;
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
      const victim = this.#routes[home ^ 1];
      if (victim !== undefined && !this.#pushOut(victim)) return route;
      this.#put(home ^ 1, previous, this.#names.bytes, home * PLACE_BYTES);
    }
    this.#put(home, route, bytes, from);
    if (this.#evictions >= this.#routes.length * GROWTH_SHARE) this.#grow();
    return route;
  }

  /** Makes room for a newcomer; false: too many come, and this one is to do without a place. */
  #pushOut(victim: Route): boolean {
    this.#evictions += 1;
    const isLargest = this.#bits === LARGEST_BITS;
    if (isLargest && this.#evictions % NEWCOMERS_PER_PLACE !== 0) return false;
    this.#targetCount -= victim.targetCount;
    victim.isHeld = false;
    return true;
  }

  /** @param from - Where its Topic Name begins in `bytes`. */
  #put(slot: number, route: Route, bytes: Uint8Array, from: number): void {
    this.#routes[slot] = route;
    route.isHeld = true;
    if (route.topicLength > PLACE_BYTES) return;
    copyBytes(bytes, from, from + route.topicLength, this.#names.bytes, slot * PLACE_BYTES);
  }

  /** The table is too small for the traffic. */
  #grow(): void {
    if (this.#bits === LARGEST_BITS) return;
    const routes = this.#routes;
    const { bytes } = this.#names;
    this.#evictions = 0;
    this.#bits += 1;
    this.#makeRoom();
    for (const [slot, route] of routes.entries()) {
      if (route === undefined) continue;
      const home = route.hash >>> (32 - this.#bits);
      // Two at most had this home before, and those of its neighbour have another now.
      const place = this.#routes[home] === undefined ? home : home ^ 1;
      this.#put(place, route, bytes, slot * PLACE_BYTES);
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
