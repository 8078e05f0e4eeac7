import type { Handled, Received } from "./adapter.js";
import { wordsOf } from "./adapter.js";
import type { Tally } from "./counts.js";
import { type Plan, planOf, type Qos } from "./reading.js";
import type { TroubleLog } from "./trouble-log.js";

/** What the bridge needs of a broker: `createBroker` of beeline-mqtt makes one. */
export interface BridgedBroker {
  /** Resolves when everything it promises is durable. */
  publish(message: {
    readonly topicName: string;
    readonly payload: Uint8Array;
    readonly qos: Qos;
  }): Promise<void>;
  /** Resolves with what became of it, as soon as that is durable. */
  sendToClient(
    clientId: string,
    message: {
      readonly parent: string;
      readonly payload: Uint8Array;
      readonly qos: Qos;
      readonly topicName?: string;
      readonly keepOffline?: boolean;
    },
  ): Promise<string>;
}

/** A message that can never be delivered, for whoever looks after it. */
export interface PoisonMessage {
  readonly topic: string;
  readonly messageId: string;
  readonly why: string;
}

export interface InboundOptions {
  readonly group: string;
  readonly maxAgeMs: number;
  readonly onPoison?: ((message: PoisonMessage) => void) | undefined;
}

/**
 * Takes messages from RocketMQ to the broker. RocketMQ is told `done` for whatever was decided, when
 * that is durable here: delivered, kept, nobody there, too old, never to be delivered. It is told
 * `again` only where nothing could be decided: the disk has failed, or the broker closes.
 */
export class Inbound {
  readonly #broker: BridgedBroker;
  readonly #options: InboundOptions;
  readonly #tally: Tally;
  readonly #log: TroubleLog;
  #isClosing = false;

  constructor(broker: BridgedBroker, options: InboundOptions, tally: Tally, log: TroubleLog) {
    this.#broker = broker;
    this.#options = options;
    this.#tally = tally;
    this.#log = log;
  }

  /** From now on nothing is decided any more. */
  close(): void {
    this.#isClosing = true;
  }

  /** Calls the broker before it returns, so that messages keep the order of the calls. */
  readonly handle = async (message: Received): Promise<Handled> => {
    this.#tally.received += 1;
    if (message.attempt > 1) this.#tally.redelivered += 1;
    const handled = this.#isClosing ? "again" : await this.#decide(message);
    if (handled === "again") this.#tally.postponed += 1;
    return handled;
  };

  async #decide(message: Received): Promise<Handled> {
    const { group, maxAgeMs } = this.#options;
    const plan = planOf(message, { group, maxAgeMs, nowMs: Date.now() });
    switch (plan.kind) {
      case "own":
        this.#tally.own += 1;
        return "done";
      case "too-old":
        this.#tally.tooOld += 1;
        this.#log.warn("too old", `${nameOf(message)} is older than allowed and was dropped`);
        return "done";
      case "poison":
        return this.#poison(message, plan.why);
      default:
        return this.#deliver(message, plan);
    }
  }

  async #deliver(
    message: Received,
    plan: Extract<Plan, { kind: "to-client" | "publish" }>,
  ): Promise<Handled> {
    try {
      const outcome = await this.#hand(plan);
      if (outcome !== "store-failed") return "done";
      this.#log.warn("store", `${nameOf(message)} is left with RocketMQ: the store has failed`);
      return "again";
    } catch (error) {
      if (this.#isClosing) return "again";
      // It is the message that is wrong, not the moment.
      if (error instanceof Error && error.name === "UsageError") {
        return this.#poison(message, wordsOf(error));
      }
      this.#log.warn("store", `${nameOf(message)} is left with RocketMQ: ${wordsOf(error)}`);
      return "again";
    }
  }

  #hand(plan: Extract<Plan, { kind: "to-client" | "publish" }>): Promise<unknown> {
    const { payload, qos } = plan;
    if (plan.kind === "publish") {
      return this.#broker.publish({ topicName: plan.topicName, payload, qos });
    }
    const { clientId, parent, topicName, keepOffline } = plan;
    return this.#broker.sendToClient(clientId, {
      ...{ parent, payload, qos },
      ...(topicName !== undefined && { topicName }),
      ...(keepOffline !== undefined && { keepOffline }),
    });
  }

  #poison(message: Received, why: string): Handled {
    this.#tally.poison += 1;
    const words = `${nameOf(message)} can never be delivered and was dropped: ${why}`;
    this.#log.warn("poison", words);
    const { topic, messageId } = message;
    try {
      this.#options.onPoison?.({ topic, messageId, why });
    } catch (error) {
      this.#log.warn("onPoison", `onPoison has thrown: ${wordsOf(error)}`);
    }
    return "done";
  }
}

function nameOf({ topic, messageId }: Received): string {
  return `the RocketMQ message ${messageId} of topic ${topic}`;
}
