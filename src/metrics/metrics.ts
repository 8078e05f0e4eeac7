import { Histogram, Registry } from "prom-client";
import type { MqttBroker } from "../library/mqtt-broker.js";
import { addBrokerMetrics } from "./broker-metrics.js";
import { addClusterMetrics, type ClusterReading } from "./cluster-metrics.js";
import { addPresenceMetrics, type PresenceReading } from "./presence-metrics.js";
import { addProcessMetrics, type ProcessMetrics } from "./process-metrics.js";
import { addRocketMqMetrics, type RocketMqReading } from "./rocketmq-metrics.js";
import type { HookObserver } from "./timed-hooks.js";

/** What is measured. */
export interface MetricSources {
  readonly broker: Pick<MqttBroker, "stats">;
  /** Of the server. */
  readonly version: string;
  /** Where somebody is told who comes and goes. */
  readonly presence?: () => PresenceReading;
  /** Where it is one node of many. */
  readonly cluster?: () => ClusterReading;
  /** Where the server is joined to RocketMQ. */
  readonly rocketmq?: () => RocketMqReading;
}

const COMMIT_SECONDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const HOOK_SECONDS = [0.00001, 0.0001, 0.001, 0.01, 0.1, 1, 10];
/** How often a step of the walk over all queues is taken. */
const SURVEY_MS = 1_000;

/**
 * The metrics of one server, in the text format of Prometheus. Nothing is paid for them where messages
 * pass: the broker's own counters are read when somebody asks.
 */
export class Metrics implements HookObserver {
  readonly #registry = new Registry();
  readonly #commitSeconds: Histogram;
  readonly #hookSeconds: Histogram;
  readonly #credentialSeconds: Histogram;
  #sendsDenied = 0;
  #commitFailures = 0;
  #process: ProcessMetrics | undefined;
  #fill: () => void = () => undefined;
  /** Takes the figures of the parts that not every server has. */
  readonly #fillParts: (() => void)[] = [];
  #survey: NodeJS.Timeout | undefined;

  constructor() {
    const registers = [this.#registry];
    this.#commitSeconds = new Histogram({
      ...{ name: "mqtt_store_commit_seconds", help: "How long a commit to disk took.", registers },
      buckets: COMMIT_SECONDS,
    });
    this.#hookSeconds = new Histogram({
      name: "mqtt_hook_seconds",
      help: "How long a permission took to be decided, by the kind of permission.",
      labelNames: ["type"],
      buckets: HOOK_SECONDS,
      registers,
    });
    this.#credentialSeconds = new Histogram({
      name: "mqtt_credential_seconds",
      help: "How long it took to check the credentials of a client.",
      buckets: HOOK_SECONDS,
      registers,
    });
  }

  /** What the answers are written in. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** From now on a broker is measured. Once. */
  start({ broker, version, presence, cluster, rocketmq }: MetricSources): void {
    this.#process = addProcessMetrics(this.#registry, version);
    this.#fill = addBrokerMetrics(this.#registry, () => ({
      stats: broker.stats(),
      commitFailures: this.#commitFailures,
      sendsDenied: this.#sendsDenied,
    }));
    if (presence !== undefined) this.#fillParts.push(addPresenceMetrics(this.#registry, presence));
    if (cluster !== undefined) this.#fillParts.push(addClusterMetrics(this.#registry, cluster));
    if (rocketmq !== undefined) this.#fillParts.push(addRocketMqMetrics(this.#registry, rocketmq));
    this.#survey = setInterval(() => broker.stats(), SURVEY_MS).unref();
  }

  /** Everything as it is now. */
  text(): Promise<string> {
    this.#process?.fill();
    this.#fill();
    for (const fill of this.#fillParts) fill();
    return this.#registry.metrics();
  }

  committed(seconds: number): void {
    this.#commitSeconds.observe(seconds);
  }

  commitFailed(): void {
    this.#commitFailures += 1;
  }

  answered(hook: string, seconds: number): void {
    if (hook === "authenticate") this.#credentialSeconds.observe(seconds);
    else this.#hookSeconds.observe({ type: hook }, seconds);
  }

  sendDenied(): void {
    this.#sendsDenied += 1;
  }

  close(): void {
    clearInterval(this.#survey);
    this.#process?.close();
  }
}
