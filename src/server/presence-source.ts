import type { MqttBroker } from "../library/mqtt-broker.js";
import type { PresenceEvent } from "../library/presence.js";
import type { Logger } from "../log/logger.js";
import { PresenceHeir } from "../presence/heir.js";
import type { JournalLog, JournalWorld, PresenceSink } from "../presence/journal-log.js";
import { PresenceRecorder } from "../presence/recorder.js";
import type { ClusterConfig } from "./cluster.js";
import { asStartError } from "./start-error.js";

/** Told of each event. @param node - Of the node that calls itself so, which is gone; else of this one. */
export type PresenceListener = (event: PresenceEvent, node?: string) => void;

/** Where events of presence come from: this broker, and nodes that are gone. */
export interface PresenceSource {
  /** Tells it, from here on. @param isSettled - How many of the events it was told need not be told again. */
  listen(listener: PresenceListener, settled?: () => number): void;
  /** This server is about to close its connections. */
  stopping(): void;
  /** All are closed: tells what waits, within some time. */
  drained(): Promise<void>;
  /** All is sent that was told. */
  close(): Promise<void>;
  /** `undefined`: nothing is written down. */
  readonly counts: JournalCounts | undefined;
}

/** What there is to be seen of journals. */
export interface JournalCounts {
  /** Events that are told when they are written. */
  readonly waiting: number;
  /** Told without that. */
  readonly unwritten: number;
  /** Told in place of nodes that were gone. */
  readonly inPlaceOfOthers: number;
}

/** Time for what waits when the server stops. */
const DRAIN_MS = 1_500;

/** The events of a broker as they come. */
export class BrokerPresence implements PresenceSource {
  readonly counts = undefined;
  readonly #broker: Pick<MqttBroker, "on" | "off">;
  readonly #listeners: PresenceListener[] = [];

  constructor(broker: Pick<MqttBroker, "on" | "off">) {
    this.#broker = broker;
  }

  listen(listener: PresenceListener): void {
    if (this.#listeners.length === 0) this.#broker.on("presence", this.#tell);
    this.#listeners.push(listener);
  }

  stopping(): void {}

  async drained(): Promise<void> {}

  async close(): Promise<void> {
    this.#broker.off("presence", this.#tell);
  }

  readonly #tell = (event: PresenceEvent): void => {
    for (const listener of this.#listeners) listener(event);
  };
}

type Membership = ReturnType<NonNullable<MqttBroker["cluster"]>["membership"]>;
type ClusterBroker = Pick<MqttBroker, "on" | "off" | "cluster">;
type ClosableLog = JournalLog & { close(): Promise<void> };

/** The events of one node of many: each is written down first, so that others can tell of it when this node is gone. */
export class ClusterPresence implements PresenceSource {
  readonly #broker: ClusterBroker;
  readonly #log: ClosableLog;
  readonly #recorder: PresenceRecorder;
  readonly #heir: PresenceHeir;
  readonly #sink = new Sink();

  /** @param name - What this node calls itself in presence. */
  constructor(broker: ClusterBroker, log: ClosableLog, name: string, logger: Logger) {
    const { cluster } = broker;
    if (cluster === undefined) throw new Error("a journal without a cluster");
    this.#broker = broker;
    this.#log = log;
    const nodes = (): Membership => cluster.membership();
    const parts = { log, sink: this.#sink, world: WORLD, logger };
    this.#recorder = new PresenceRecorder({ ...parts, name, self: nodes });
    this.#heir = new PresenceHeir({ ...parts, nodes });
    broker.on("presence", this.#recorder.add);
  }

  get counts(): JournalCounts {
    return {
      waiting: this.#recorder.waitingCount,
      unwritten: this.#recorder.unwrittenCount,
      inPlaceOfOthers: this.#heir.toldCount,
    };
  }

  listen(listener: PresenceListener, settled?: () => number): void {
    this.#sink.listeners.push(listener);
    if (settled !== undefined) this.#sink.settledBy = settled;
  }

  stopping(): void {
    this.#heir.close();
    this.#recorder.stopping();
  }

  async drained(): Promise<void> {
    this.#broker.off("presence", this.#recorder.add);
    await this.#recorder.drained(DRAIN_MS);
  }

  async close(): Promise<void> {
    await this.#recorder.close();
    await this.#log.close();
  }
}

/** All listeners; the slowest one says how far they are. */
class Sink implements PresenceSink {
  given = 0;
  readonly listeners: PresenceListener[] = [];
  settledBy = (): number => this.given;

  get settled(): number {
    return this.settledBy();
  }

  tell(event: PresenceEvent, node?: string): void {
    this.given += 1;
    for (const listener of this.listeners) listener(event, node);
  }
}

const WORLD: JournalWorld = {
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
  nowMs: () => Date.now(),
};

/**
 * Where events of presence come from. A node of a cluster writes them down.
 *
 * @param name - What this server calls itself in presence.
 * @throws StartError when NATS cannot be used for that.
 */
export async function presenceSource(
  broker: MqttBroker,
  cluster: ClusterConfig | undefined,
  name: string,
  logger: Logger,
): Promise<PresenceSource> {
  if (cluster === undefined) return new BrokerPresence(broker);
  const { openNatsJournalLog } = await import("../nats/nats-journal-log.js"); // a cluster has loaded NATS
  const log = await openNatsJournalLog({ ...cluster, logger }).catch(asStartError);
  return new ClusterPresence(broker, log, name, logger);
}
