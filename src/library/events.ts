import { type BrokerLog, LOGGED } from "../log/broker-log.js";
import { endWords, refusalWords } from "../log/lines.js";
import { DROP_WORDS } from "../log/words.js";
import type { EngineEvents, PresentConnection } from "../ports/events.js";
import type { Identity } from "../ports/policy.js";
import type { CloseReason } from "../ports/reasons.js";
import { DENIALS, REFUSALS } from "../ports/refusals.js";
import { UsageError } from "../protocol/errors.js";
import { isFunction, shown } from "../protocol/usage.js";
import type { BrokerEvents, Listener } from "./broker-events.js";
import { ChannelIds } from "./channel-ids.js";
import { type PresenceEvent, type PresenceType, presenceEvent } from "./presence.js";

type Listeners = { [E in keyof BrokerEvents]: readonly Listener<E>[] };
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const WARNING_EVERY_MS = 60_000;

/**
 * The listeners of one broker, and its log. They are called inside the turn, in the order they were
 * added; one that throws hurts nobody. An event without listeners costs the engine one comparison.
 */
export class Events {
  /** For the engine: a member is a function while somebody listens. All are there, always: see NOBODY. */
  readonly engine: Mutable<EngineEvents>;
  readonly #nowMs: () => number;
  readonly #log: BrokerLog | undefined;
  readonly #channelIds: ChannelIds;
  #warnedMs = Number.NEGATIVE_INFINITY;
  // Replaced, never changed: an array that is being walked stays as it is.
  readonly #listeners: Listeners = {
    connect: [],
    refused: [],
    disconnect: [],
    presence: [],
    publish: [],
    drop: [],
    subscribe: [],
    denied: [],
    unsubscribe: [],
    store: [],
    error: [],
  };

  /** @param log - Told everything first. */
  constructor(nowMs: () => number, log?: BrokerLog, channelIds = new ChannelIds()) {
    this.#nowMs = nowMs;
    this.#log = log;
    this.#channelIds = channelIds;
    this.engine = Object.assign({ ...NOBODY }, log?.engine, {
      onInternalError: (error: unknown) => this.error(error),
    });
  }

  /** @throws UsageError for an event that does not exist, or a listener that is no function. */
  on<E extends keyof BrokerEvents>(event: E, listener: Listener<E>): void {
    this.#check(event);
    isFunction(listener, "listener");
    this.#set(event, [...this.#listeners[event], listener]);
  }

  /** Takes a listener away; nothing happens when it is not there. */
  off<E extends keyof BrokerEvents>(event: E, listener: Listener<E>): void {
    this.#check(event);
    const index = this.#listeners[event].indexOf(listener);
    if (index !== -1) this.#set(event, this.#listeners[event].toSpliced(index, 1));
  }

  /** The log wants other lines than before. */
  logChanged(): void {
    const logged = this.#log?.engine ?? {};
    for (const member of LOGGED) this.#call(member, logged[member]);
    for (const [event, listeners] of Object.entries(this.#listeners)) {
      if (listeners.length > 0) this.#wire(event as keyof BrokerEvents, true); // a key of ours
    }
  }

  /** Tells what went wrong on our side. */
  error(error: unknown): void {
    this.#log?.error(error);
    this.#tellError(error);
  }

  /** A commit of the Store failed, for the n-th time in a row. */
  storeFailed(error: Error, failures: number): void {
    this.#log?.storeFailed(error);
    this.#tell("store", { state: "failing", error, failures });
    this.#tellError(error);
  }

  /** The Store has committed after so many failures. */
  storeRecovered(failures: number): void {
    this.#log?.storeRecovered(failures);
    this.#tell("store", { state: "recovered", error: undefined, failures });
  }

  #tellError(error: unknown): void {
    if (this.#listeners.error.length > 0) this.#tell("error", error);
    else if (this.#log === undefined) this.#warn(error);
  }

  #check(event: string): void {
    if (typeof event === "string" && Object.hasOwn(this.#listeners, event)) return;
    const known = Object.keys(this.#listeners).join(", ");
    throw new UsageError(`event is ${shown(event)}; allowed: ${known}`);
  }

  #set<E extends keyof BrokerEvents>(event: E, listeners: readonly Listener<E>[]): void {
    (this.#listeners as { [K in E]: readonly Listener<K>[] })[event] = listeners;
    this.#wire(event, listeners.length > 0);
  }

  #tell<E extends keyof BrokerEvents>(event: E, told: BrokerEvents[E]): void {
    // One object for all listeners: what one does to it must not reach the next.
    if (event !== "error") Object.freeze(told);
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

  /** The engine calls the log, then the listeners; whoever is not there is not called. */
  #wire(event: keyof BrokerEvents, isHeard: boolean): void {
    const logged = this.#log?.engine ?? {};
    const heard = isHeard ? this.#heard() : {};
    for (const member of MEMBERS[event]) this.#call(member, both(logged[member], heard[member]));
  }

  #call(member: keyof EngineEvents, call: Call | undefined): void {
    Object.assign(this.engine, { [member]: call });
  }

  #presence(
    eventType: PresenceType,
    client: Identity,
    connection: PresentConnection,
    reason: CloseReason | undefined,
  ): PresenceEvent {
    const epochMs = Date.now() - this.#nowMs();
    const channelId = this.#channelIds.of(connection.number);
    return presenceEvent(eventType, client, { connection, channelId, reason, epochMs });
  }

  /** What each member of {@link engine} tells the listeners. */
  #heard(): EngineEvents {
    return {
      onConnect: (client, sessionPresent, { cleanSession, keepAliveSeconds, protocolLevel }) =>
        this.#tell("connect", {
          client,
          sessionPresent,
          cleanSession,
          keepAliveSeconds,
          protocolLevel,
        }),
      onRefuse: (connect, reason, { remoteAddress, listener }) =>
        this.#tell("refused", {
          clientId: connect?.clientId,
          username: connect?.username,
          reason,
          returnCode: REFUSALS[reason][0],
          message: refusalWords(reason),
          remoteAddress,
          listener,
        }),
      onDisconnect: (client, reason, violation, remoteAddress, listener) => {
        const message = endWords(reason, violation);
        this.#tell("disconnect", { client, reason, violation, message, remoteAddress, listener });
      },
      onArrive: (client, connection) =>
        this.#tell("presence", this.#presence("connect", client, connection, undefined)),
      onLeave: (client, connection, reason) => {
        if (reason === "disconnected") {
          this.#tell("presence", this.#presence("disconnect", client, connection, reason));
        }
        this.#tell("presence", this.#presence("tcpclean", client, connection, reason));
      },
      onPublish: (from, topicName, payload, qos, retain) =>
        this.#tell("publish", { from, topicName, payload, qos, retain }),
      onDrop: (reason, topicName, receiverId, from) => {
        const message = DROP_WORDS[reason];
        this.#tell("drop", { reason, topicName, receiverId, from, message });
      },
      onSubscribe: (client, topicFilter, grantedQos) =>
        this.#tell("subscribe", { client, topicFilter, grantedQos }),
      onDeny: (client, topicFilter, reason) =>
        this.#tell("denied", { client, topicFilter, reason, message: DENIALS[reason] }),
      onUnsubscribe: (client, topicFilter) => this.#tell("unsubscribe", { client, topicFilter }),
    };
  }
}

/**
 * A member that is taken away would make a dictionary of the object, for good: after the first reload of the
 * log's level each look at it took 19 ns instead of 2, once a message.
 */
const NOBODY: Readonly<Record<keyof EngineEvents, undefined>> = {
  onConnect: undefined,
  onRefuse: undefined,
  onHangUp: undefined,
  onDisconnect: undefined,
  onArrive: undefined,
  onLeave: undefined,
  onPublish: undefined,
  onDrop: undefined,
  onSlowDown: undefined,
  onDeny: undefined,
  onSubscribe: undefined,
  onUnsubscribe: undefined,
  onInternalError: undefined,
};

const MEMBERS: Readonly<Record<keyof BrokerEvents, readonly (keyof EngineEvents)[]>> = {
  connect: ["onConnect"],
  refused: ["onRefuse"],
  disconnect: ["onDisconnect"],
  presence: ["onArrive", "onLeave"],
  publish: ["onPublish"],
  drop: ["onDrop"],
  subscribe: ["onSubscribe"],
  denied: ["onDeny"],
  unsubscribe: ["onUnsubscribe"],
  store: [],
  error: [],
};

type Call = (...told: never[]) => void;

/** One call for both, or the one that is there. */
function both(first: Call | undefined, second: Call | undefined): Call | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return (...told) => {
    first(...told);
    second(...told);
  };
}
