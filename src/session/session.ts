import type { QoS } from "../protocol/packet.js";
import { type ReadonlyTextMap, TextMap } from "../topic/text-map.js";
import type { DeliveryPages } from "./delivery-queue.js";
import { Inbound } from "./inbound.js";
import type { MessageBytes } from "./message-bytes.js";
import { Outbound, type OutboundLimits } from "./outbound.js";
import type { Seen } from "./seen.js";

const NO_SUBSCRIPTIONS: ReadonlyTextMap<QoS> = new TextMap();

/** Who says which messages a Client may be given. */
export interface Guard {
  /** May it be given a message on this topic by a Subscription? */
  mayReceive(topicName: string): boolean;
}

/** Bounds of one Session. */
export interface SessionLimits extends OutboundLimits {
  /** QoS 2 messages received whose PUBREL has not come. 1..65535 */
  readonly inboundInFlightMax: number;
}

/**
 * The Session State of one Client, §3.1.2.4, and the Network Connection that serves it now.
 * [MQTT-4.1.0-1]
 *
 * The key of a Session is its Client Identifier alone, byte for byte. [MQTT-3.1.3-2]
 *
 * @typeParam C - The live connection; this layer only remembers which one it is.
 */
export class Session<C> {
  readonly clientId: string;
  /** false: it outlives its connection. [MQTT-3.1.2-4] */
  readonly cleanSession: boolean;
  /** Who opened it, when Clients are authenticated; only they may resume or end it. */
  readonly username: string | undefined;
  readonly inbound: Inbound;
  readonly outbound: Outbound;
  /** Its number in the Store; 0: it is not kept there. */
  readonly storeKey: number;
  /** The turn that recorded it; 0: it comes from an earlier run, or is not kept. */
  storeTicket = 0;
  /** The one owner of this Session, `undefined` while the Client is offline. [M1] */
  connection: C | undefined = undefined;
  /** Who will be its owner as soon as the Store has recorded that: messages wait for it already. */
  claimant: C | undefined = undefined;
  /**
   * Asked about each message by Subscription, whatever filter it matches; `undefined`: everything it
   * subscribes to is allowed. [H01]
   */
  guard: Guard | undefined = undefined;
  /** Whether it is neither a bridge nor on its way: a plain field, read once a delivery. */
  isOrdinary = true;
  #isBridge = false;
  #isMoving = false;
  /** The number of the last Subscription of it that has ended, among all Sessions'; 0: none has. */
  leftAt = 0;
  /** When it came from another node, by `Core.arriveCount`; 0: it began here. */
  arrivedAt = 0;
  /** Scratch of the router while it merges overlapping Subscriptions: see `merge.ts`. */
  mergeMark = 0;
  mergeAt = 0;
  /** Messages of its Client that others were handed and have not acknowledged yet. */
  owedCount = 0;
  /** Tickets of the turns in which that was, and of some that are over. `undefined`: there never were any. */
  owedIn: number[] | undefined = undefined;
  /** QoS 2 messages that it has been given and others may send again. `undefined`: none. [M36] */
  seen: Seen | undefined = undefined;
  /** Bytes of the Topic Filters of its Subscriptions, kept by whoever counts them. [T7] */
  subscriptionBytes = 0;
  #subscriptions: TextMap<QoS> | undefined;

  constructor(
    clientId: string,
    cleanSession: boolean,
    username: string | undefined,
    limits: SessionLimits,
    storeKey = 0,
    pages?: DeliveryPages,
    memory?: MessageBytes,
  ) {
    this.clientId = clientId;
    this.cleanSession = cleanSession;
    this.username = username;
    this.inbound = new Inbound(limits);
    this.outbound = new Outbound(limits, pages, memory);
    this.storeKey = storeKey;
  }

  /** Its Client connected last as a bridge: a broker that passes messages on to others. */
  get isBridge(): boolean {
    return this.#isBridge;
  }

  set isBridge(isBridge: boolean) {
    this.#isBridge = isBridge;
    this.isOrdinary = !isBridge && !this.#isMoving;
  }

  /** It is on its way to another node, or has just come from one: that says what becomes of a message. */
  get isMoving(): boolean {
    return this.#isMoving;
  }

  set isMoving(isMoving: boolean) {
    this.#isMoving = isMoving;
    this.isOrdinary = !isMoving && !this.#isBridge;
  }

  /** Topic Filter -> granted QoS. */
  get subscriptions(): ReadonlyTextMap<QoS> {
    return this.#subscriptions ?? NO_SUBSCRIPTIONS;
  }

  /** A Subscription, or the new QoS of one that is there. [MQTT-3.8.4-3] */
  subscribe(topicFilter: string, grantedQos: QoS): void {
    // Made when needed: who is reached point-to-point alone saves 184 bytes. [S9]
    this.#subscriptions ??= new TextMap();
    this.#subscriptions.set(topicFilter, grantedQos);
  }

  /** @returns whether it was there. */
  unsubscribe(topicFilter: string): boolean {
    return this.#subscriptions?.delete(topicFilter) === true;
  }

  /** It subscribes to nothing any more. @returns what it subscribed to, for whoever keeps tables of that. */
  unsubscribeAll(): ReadonlyTextMap<QoS> {
    const { subscriptions } = this;
    this.#subscriptions = undefined;
    return subscriptions;
  }
}
