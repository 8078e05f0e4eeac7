import type { MqttBroker } from "../library/mqtt-broker.js";
import { SysTopics } from "./sys-topics.js";

/** What the publisher asks of a broker. */
export type SysBroker = Pick<MqttBroker, "publish" | "stats">;

/** Publishes `$SYS/broker/...`, retained, again and again. */
export class SysPublisher {
  readonly #broker: SysBroker;
  readonly #topics: SysTopics;
  readonly #timer: NodeJS.Timeout;

  /** @param seconds - Between two rounds; the first one goes at once. */
  constructor(broker: SysBroker, version: string, seconds: number) {
    this.#broker = broker;
    this.#topics = new SysTopics(version);
    this.#timer = setInterval(() => this.publish(), seconds * 1000).unref();
    this.publish();
  }

  /** Publishes what has changed since the last time. */
  publish(): void {
    const broker = this.#broker;
    const changed = this.#topics.changed({
      stats: broker.stats(),
      uptimeSeconds: process.uptime(),
      heapBytes: process.memoryUsage().heapUsed,
    });
    for (const [topicName, payload] of changed) {
      // Nobody waits for the disk, and nothing of this is kept there.
      broker.publish({ topicName, payload, qos: 0, retain: true }).catch(() => undefined);
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
