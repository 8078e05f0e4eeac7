import { type Adapter, type Outgoing, UnsendableError } from "./adapter.js";
import type { BridgeCounts, Tally } from "./counts.js";
import { type BridgedBroker, Inbound } from "./inbound.js";
import type { BridgeOptions } from "./options.js";
import { Outbound, type Sending } from "./outbound.js";
import { type PresenceEvent, presenceMessage } from "./presence-events.js";
import type { Reception } from "./reception.js";
import type { TroubleLog } from "./trouble-log.js";
import { type MqttMessage, type MqttSender, outgoingOf } from "./writing.js";

const THREE_DAYS_MS = 3 * 24 * 3_600_000;
const MIB = 1024 * 1024;
/** Enough to keep RocketMQ busy over one connection. */
const IN_FLIGHT_MAX = 128;

/** What a bridge consists of. */
interface BridgeParts {
  readonly adapter: Adapter;
  readonly reception: Pick<Reception, "failure">;
  readonly tally: Tally;
  readonly log: TroubleLog;
}

/**
 * Joins an MQTT broker and RocketMQ. Give its `forward` to the broker as the hook of that name, then
 * call `start` with the broker, and `presence` with its events where they are wanted:
 *
 *     const bridge = await openBridge({ address: "127.0.0.1:8081", inTopics: ["demo"], outTopics: ["demo"] });
 *     const broker = createBroker({ forward: bridge.forward });
 *     bridge.start(broker);
 */
export class RocketMqBridge {
  readonly #options: BridgeOptions;
  readonly #adapter: Adapter;
  readonly #outbound: Outbound;
  readonly #outTopics: ReadonlySet<string>;
  readonly #ordered: ReadonlySet<string>;
  readonly #presenceGroups: ReadonlySet<string>;
  readonly #reception: Pick<Reception, "failure">;
  readonly #tally: Tally;
  readonly #log: TroubleLog;
  readonly #node: string;
  #inbound: Inbound | undefined;

  /** `openBridge` makes one. */
  constructor(options: BridgeOptions, { adapter, reception, tally, log }: BridgeParts) {
    this.#options = options;
    this.#adapter = adapter;
    this.#reception = reception;
    this.#tally = tally;
    this.#log = log;
    this.#node = options.group ?? "beeline";
    this.#outTopics = new Set(options.outTopics);
    this.#ordered = new Set(options.orderedTopics);
    this.#presenceGroups = new Set(options.presenceGroups);
    const bounds = {
      inFlightMax: IN_FLIGHT_MAX,
      pendingMax: options.pendingMax ?? 10_000,
      pendingBytesMax: options.pendingBytesMax ?? 64 * MIB,
      sendTimeoutMs: options.sendTimeoutMs ?? 8_000,
    };
    this.#outbound = new Outbound(adapter, bounds, tally, log);
  }

  get counts(): BridgeCounts {
    const { pending, pendingBytes } = this.#outbound;
    return { ...this.#tally, isConnected: this.failure === undefined, pending, pendingBytes };
  }

  /** Why nothing comes or goes at the moment; `undefined`: it does. */
  get failure(): string | undefined {
    return this.#reception.failure ?? this.#outbound.failure;
  }

  /** Messages from RocketMQ go to this broker from now on. */
  start(broker: BridgedBroker): void {
    const { inTopics = [], maxAgeMs = THREE_DAYS_MS, onPoison } = this.#options;
    if (inTopics.length === 0) return;
    const options = { group: this.#node, maxAgeMs, onPoison };
    this.#inbound = new Inbound(broker, options, this.#tally, this.#log);
    this.#adapter.receive(inTopics, this.#inbound.handle);
  }

  /**
   * The broker's hook of this name: messages of its Clients on their way to RocketMQ. The sender is
   * acknowledged when RocketMQ has said that it has the message.
   */
  readonly forward = (message: MqttMessage, from: MqttSender): Promise<void> | undefined => {
    const topic = this.#topicOf(message.topicName);
    if (topic === undefined) return undefined;
    const outgoing = outgoingOf(message, from, this.#node, this.#ordered.has(topic));
    if (typeof outgoing === "string") {
      // Whoever is not acknowledged sends it again, for ever.
      this.#tally.unsendable += 1;
      this.#log.warn("unsendable", `a message of a client cannot go to RocketMQ: ${outgoing}`);
      return undefined;
    }
    const key = outgoing.group === undefined ? undefined : `${topic}/${outgoing.group}`;
    if (message.qos === 0) {
      this.#send(outgoing, key, this.#dropped);
      return undefined;
    }
    return new Promise((resolve, reject) => {
      this.#send(outgoing, key, (failure) => {
        if (failure === undefined || this.#isForEver(failure)) return resolve();
        this.#givenUp(failure, "refused");
        reject(failure);
      });
    });
  };

  /** A listener for the broker's event of this name. */
  readonly presence = (event: PresenceEvent): void => {
    const message = presenceMessage(event, this.#presenceGroups, this.#node);
    if (message === undefined) return;
    // Their order is kept by sending them one after the other; the topic need not be FIFO.
    const key = `${message.topic}/${message.group}`;
    this.#send({ ...message, group: undefined }, key, this.#dropped);
  };

  /** Takes nothing more from RocketMQ. Before the broker closes: it can still say what it has decided. */
  async stop(ms = 800): Promise<void> {
    await this.#adapter.stopReceiving(ms);
    this.#inbound?.close();
  }

  /** Sends what waits, for so long at most, and lets go. After the broker has closed. */
  async close(ms = 1_000): Promise<void> {
    await this.#outbound.close(ms);
    await this.#adapter.close();
  }

  /** @returns the RocketMQ topic that it goes to, if any. */
  #topicOf(topicName: string): string | undefined {
    const slash = topicName.indexOf("/");
    const topic = slash === -1 ? topicName : topicName.slice(0, slash);
    if (!this.#outTopics.has(topic)) return undefined;
    const isDirect = topicName.startsWith("/p2p/", slash) && slash !== -1;
    return isDirect && this.#options.pointToPoint === false ? undefined : topic;
  }

  #send(message: Outgoing, key: string | undefined, tell: Sending["tell"]): void {
    const refusal = this.#outbound.add({ message, key, tell });
    if (refusal !== undefined) tell(new Error(refusal));
  }

  /** Nobody waits for this one. */
  readonly #dropped = (failure: Error | undefined): void => {
    if (failure !== undefined && !this.#isForEver(failure)) this.#givenUp(failure, "dropped");
  };

  #isForEver(failure: Error): boolean {
    if (!(failure instanceof UnsendableError)) return false;
    this.#tally.unsendable += 1;
    return true;
  }

  #givenUp(failure: Error, as: "dropped" | "refused"): void {
    this.#tally[as] += 1;
    const who = as === "dropped" ? "was dropped" : "is left to its sender to repeat";
    this.#log.warn(as, `a message for RocketMQ ${who}: ${failure.message}`);
  }
}
