import type { AdapterHost } from "./adapter.js";
import type { Tally } from "./counts.js";
import type { TroubleLog } from "./trouble-log.js";

/** Whether messages arrive from RocketMQ, topic by topic, with a line in the log when that changes. */
export class Reception implements AdapterHost {
  readonly #address: string;
  readonly #topics: readonly string[];
  readonly #tally: Tally;
  readonly #log: TroubleLog;
  /** Why nothing arrives; `undefined`: it does. A topic that is missing has not been tried. */
  readonly #failures = new Map<string, string | undefined>();

  constructor(address: string, topics: readonly string[], tally: Tally, log: TroubleLog) {
    this.#address = address;
    this.#topics = topics;
    this.#tally = tally;
    this.#log = log;
  }

  /** Why nothing arrives of a topic; `undefined`: all is well. */
  get failure(): string | undefined {
    for (const topic of this.#topics) {
      if (!this.#failures.has(topic)) return "not connected yet";
      const failure = this.#failures.get(topic);
      if (failure !== undefined) return failure;
    }
    return undefined;
  }

  receiving(topic: string, failure: string | undefined): void {
    const isFirst = !this.#failures.has(topic);
    const wasWell = this.#failures.get(topic) === undefined;
    this.#failures.set(topic, failure);
    const place = `the topic ${topic} from RocketMQ at ${this.#address}`;
    if (failure !== undefined) {
      this.#log.warn(topic, `cannot receive ${place}: ${failure}; it is tried again`);
    } else if (isFirst) {
      this.#log.info(`receiving ${place}`);
    } else if (!wasWell) {
      this.#log.over(topic, `receiving ${place} again`);
    }
  }

  acknowledged(failure: string | undefined): void {
    if (failure === undefined) this.#tally.acknowledged += 1;
    else this.#log.warn("acknowledging", `RocketMQ will send a message again: ${failure}`);
  }
}
