import { Unmet } from "./outcome.js";
import type { Clock } from "./target.js";
import type { WireClient } from "./wire-client.js";

/** The longest a message between two innocent Clients may take while others misbehave. */
export const CANARY_LATENCY_MS = 2_000;

/** Time as the pair needs it: what {@link Clock} says of it. */
type Watch = Pick<Clock, "now" | "slackMs">;

/**
 * Two Clients that did nothing wrong. After every attack they must still exchange a message, at
 * once: one bad peer costs only itself.
 */
export class CanaryPair {
  readonly #sender: WireClient;
  readonly #receiver: WireClient;
  readonly #topicName: string;
  readonly #watch: Watch;
  #sent = 0;

  /** @param receiver - Subscribed to `topicName` at QoS 1. */
  constructor(sender: WireClient, receiver: WireClient, topicName: string, watch: Watch) {
    this.#sender = sender;
    this.#receiver = receiver;
    this.#topicName = topicName;
    this.#watch = watch;
  }

  /**
   * Sends one QoS 1 message through.
   *
   * @returns Milliseconds from PUBLISH to its delivery.
   * @throws {@link Unmet} when it does not arrive, is not acknowledged or takes too long.
   */
  async check(): Promise<number> {
    this.#sent++;
    const message = { topicName: this.#topicName, payload: `canary ${this.#sent}`, qos: 1 };
    const startMs = this.#watch.now();
    try {
      await this.#sender.publish(message);
      await this.#receiver.receive(message);
    } catch (error) {
      throw new Unmet(`the innocent pair suffered: ${(error as Error).message}`);
    }
    const latencyMs = this.#watch.now() - startMs;
    if (latencyMs > CANARY_LATENCY_MS + 2 * this.#watch.slackMs) {
      throw new Unmet(`a message of the innocent pair took ${Math.round(latencyMs)} ms`);
    }
    return latencyMs;
  }
}
