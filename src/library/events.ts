import type { EngineEvents } from "../ports/events.js";
import type { Identity } from "../ports/policy.js";
import type { CloseReason, DropReason } from "../ports/reasons.js";
import { type ProtocolError, UsageError } from "../protocol/errors.js";
import type { QoS } from "../protocol/packet.js";

/** What happens in a broker, and what its listeners are told. */
export interface BrokerEvents {
  /** A Client was accepted. */
  readonly connect: { readonly client: Identity; readonly sessionPresent: boolean };
  /** A connection ended; `client` is `undefined` when it was never accepted. */
  readonly disconnect: {
    readonly client: Identity | undefined;
    readonly reason: CloseReason;
    /** What the peer did wrong, when that was the reason. */
    readonly violation: ProtocolError | undefined;
    readonly remoteAddress: string;
  };
  /** A message was accepted for delivery; `from` is `undefined` for the broker's own. */
  readonly publish: {
    readonly from: Identity | undefined;
    readonly topicName: string;
    /** A view: `payload.slice()` to keep it past the call. */
    readonly payload: Uint8Array;
    readonly qos: QoS;
    readonly retain: boolean;
  };
  /** A message, or its copy for one receiver, was dropped. */
  readonly drop: {
    readonly reason: DropReason;
    readonly topicName: string;
    readonly receiverId: string | undefined;
  };
  readonly subscribe: {
    readonly client: Identity;
    readonly topicFilter: string;
    readonly grantedQos: QoS;
  };
  readonly unsubscribe: { readonly client: Identity; readonly topicFilter: string };
  /**
   * A hook or listener threw, a socket could not be accepted, or a bug of ours: never something a
   * peer did. Without a listener it becomes a warning of the process, at most one a minute.
   */
  readonly error: unknown;
}

export type Listener<E extends keyof BrokerEvents> = (event: BrokerEvents[E]) => void;

type Listeners = { [E in keyof BrokerEvents]: readonly Listener<E>[] };
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const WARNING_EVERY_MS = 60_000;

/**
 * The listeners of one broker. They are called inside the turn, in the order they were added; one
 * that throws hurts nobody. An event without listeners costs the engine one comparison.
 */
export class Events {
  /** For the engine: a member is there while somebody listens. */
  readonly engine: Mutable<EngineEvents> = {
    onInternalError: (error) => this.error(error),
  };
  readonly #nowMs: () => number;
  #warnedMs = Number.NEGATIVE_INFINITY;
  // Replaced, never changed: an array that is being walked stays as it is.
  readonly #listeners: Listeners = {
    connect: [],
    disconnect: [],
    publish: [],
    drop: [],
    subscribe: [],
    unsubscribe: [],
    error: [],
  };

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** @throws UsageError for an event that does not exist, or a listener that is no function. */
  on<E extends keyof BrokerEvents>(event: E, listener: Listener<E>): void {
    this.#check(event);
    if (typeof listener !== "function") {
      throw new UsageError(`listener is ${typeof listener}; allowed: a function`);
    }
    this.#set(event, [...this.#listeners[event], listener]);
  }

  /** Takes a listener away; nothing happens when it is not there. */
  off<E extends keyof BrokerEvents>(event: E, listener: Listener<E>): void {
    this.#check(event);
    const index = this.#listeners[event].indexOf(listener);
    if (index !== -1) this.#set(event, this.#listeners[event].toSpliced(index, 1));
  }

  /** Tells what went wrong on our side. */
  error(error: unknown): void {
    if (this.#listeners.error.length > 0) this.#tell("error", error);
    else this.#warn(error);
  }

  #check(event: string): void {
    if (Object.hasOwn(this.#listeners, event)) return;
    const known = Object.keys(this.#listeners).join(", ");
    throw new UsageError(`event is ${JSON.stringify(event)}; allowed: ${known}`);
  }

  #set<E extends keyof BrokerEvents>(event: E, listeners: readonly Listener<E>[]): void {
    (this.#listeners as { [K in E]: readonly Listener<K>[] })[event] = listeners;
    this.#wire(event, listeners.length > 0);
  }

  #tell<E extends keyof BrokerEvents>(event: E, told: BrokerEvents[E]): void {
    for (const listener of this.#listeners[event]) {
      try {
        listener(told);
      } catch (error) {
        // A listener for errors that throws is not told about that.
        if (event === "error") this.#warn(error);
        else this.error(error);
      }
    }
  }

  #warn(error: unknown): void {
    const now = this.#nowMs();
    if (now - this.#warnedMs < WARNING_EVERY_MS) return;
    this.#warnedMs = now;
    process.emitWarning(error instanceof Error ? error : new Error(String(error)));
  }

  #wire(event: keyof BrokerEvents, isHeard: boolean): void {
    const { engine } = this;
    if (!isHeard) {
      const member = MEMBERS[event];
      if (member !== undefined) delete engine[member];
      return;
    }
    switch (event) {
      case "connect":
        engine.onConnect = (client, sessionPresent) =>
          this.#tell("connect", { client, sessionPresent });
        break;
      case "disconnect":
        engine.onDisconnect = (client, reason, violation, remoteAddress) =>
          this.#tell("disconnect", { client, reason, violation, remoteAddress });
        break;
      case "publish":
        engine.onPublish = (from, topicName, payload, qos, retain) =>
          this.#tell("publish", { from, topicName, payload, qos, retain });
        break;
      case "drop":
        engine.onDrop = (reason, topicName, receiverId) =>
          this.#tell("drop", { reason, topicName, receiverId });
        break;
      case "subscribe":
        engine.onSubscribe = (client, topicFilter, grantedQos) =>
          this.#tell("subscribe", { client, topicFilter, grantedQos });
        break;
      case "unsubscribe":
        engine.onUnsubscribe = (client, topicFilter) =>
          this.#tell("unsubscribe", { client, topicFilter });
        break;
      case "error":
        break;
    }
  }
}

const MEMBERS = {
  connect: "onConnect",
  disconnect: "onDisconnect",
  publish: "onPublish",
  drop: "onDrop",
  subscribe: "onSubscribe",
  unsubscribe: "onUnsubscribe",
  error: undefined,
} as const satisfies Record<keyof BrokerEvents, keyof EngineEvents | undefined>;
