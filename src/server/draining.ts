import type { DrainState } from "../library/clustering.js";
import type { MqttBroker } from "../library/mqtt-broker.js";

/** So long the server stays when it is empty, for whoever wants to know what came of it. */
const TOLD_MAX_MS = 3_000;
/** So long the answer that tells it has to leave. */
const ANSWER_MS = 200;

/**
 * Empties a node, and has the server stop then: as soon as whoever has asked for it has been told what came
 * of it, for that is known nowhere else any more.
 */
export class Draining {
  readonly #broker: Pick<MqttBroker, "cluster">;
  readonly #stop: () => void;
  #isBegun = false;
  #isTold = false;

  constructor(broker: Pick<MqttBroker, "cluster">, stop: () => void) {
    this.#broker = broker;
    this.#stop = stop;
  }

  /** @throws UsageError when there is no other node. */
  async begin(timeoutMs: number | undefined): Promise<void> {
    const { cluster } = this.#broker;
    if (cluster === undefined || this.#isBegun) return;
    const drained = cluster.drain(timeoutMs === undefined ? {} : { timeoutMs });
    if (cluster.drainState === undefined) {
      await drained; // which says why not
      return;
    }
    this.#isBegun = true;
    drained.then(() => {
      if (!this.#isTold) setTimeout(this.#stop, TOLD_MAX_MS).unref();
    }, ignore);
  }

  /** How far it is. Once it has said that it is over, the server stops. */
  get state(): DrainState | undefined {
    const state = this.#broker.cluster?.drainState;
    if (state !== undefined && state.state !== "draining" && !this.#isTold) {
      this.#isTold = true;
      setTimeout(this.#stop, ANSWER_MS).unref();
    }
    return state;
  }
}

function ignore(): void {}
