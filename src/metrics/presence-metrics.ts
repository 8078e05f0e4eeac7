import { Counter, Gauge, type Registry } from "prom-client";

/** What is counted where presence is told. */
export interface PresenceReading {
  readonly events: Readonly<Record<string, number>>;
  /** `undefined`: there is none. */
  readonly webhook:
    | {
        readonly delivered: number;
        readonly dropped: number;
        readonly accepted: number;
        readonly failed: number;
        readonly queued: number;
        readonly queuedBytes: number;
      }
    | undefined;
  /** `undefined`: this server is no node of a cluster. */
  readonly journal?:
    | {
        readonly waiting: number;
        readonly unwritten: number;
        readonly inPlaceOfOthers: number;
      }
    | undefined;
}

/**
 * Adds what a server counts that tells of presence.
 *
 * @param read - Called once for each answer.
 * @returns what takes the figures of now.
 */
export function addPresenceMetrics(registry: Registry, read: () => PresenceReading): () => void {
  const registers = [registry];
  const counter = (name: string, help: string, label: string) =>
    new Counter({ name, help, labelNames: [label], registers });
  const events = counter(
    "mqtt_presence_events_total",
    "Events of presence that were told: connect, disconnect, tcpclean.",
    "type",
  );
  const sent = counter(
    "mqtt_webhook_events_total",
    "Events that a webhook has delivered, or that were dropped as nobody took them.",
    "result",
  );
  const requests = counter(
    "mqtt_webhook_requests_total",
    "Requests of a webhook that were accepted, or failed and were sent again.",
    "result",
  );
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const queued = gauge("mqtt_webhook_queued_events", "Events that wait for a webhook.");
  const queuedBytes = gauge("mqtt_webhook_queued_bytes", "Memory of the events that wait.");
  const fillJournal = addJournalMetrics(registers);
  return () => {
    const { events: told, webhook, journal } = read();
    events.reset();
    for (const [type, count] of Object.entries(told)) events.inc({ type }, count);
    fillJournal(journal);
    if (webhook === undefined) return;
    const { delivered, dropped, accepted, failed } = webhook;
    sent.reset();
    sent.inc({ result: "delivered" }, delivered);
    sent.inc({ result: "dropped" }, dropped);
    requests.reset();
    requests.inc({ result: "accepted" }, accepted);
    requests.inc({ result: "failed" }, failed);
    queued.set(webhook.queued);
    queuedBytes.set(webhook.queuedBytes);
  };
}

function addJournalMetrics(registers: Registry[]): (journal: PresenceReading["journal"]) => void {
  const waiting = new Gauge({
    name: "mqtt_presence_waiting_events",
    help: "Events of presence that a node of a cluster tells when they are written in NATS.",
    registers,
  });
  const unwritten = new Counter({
    name: "mqtt_presence_unwritten_events_total",
    help: "Events of presence that were told without being written in NATS.",
    registers,
  });
  const forOthers = new Counter({
    name: "mqtt_presence_told_for_others_total",
    help: "Events of presence that this node has told in place of nodes that were gone.",
    registers,
  });
  return (journal) => {
    if (journal === undefined) return;
    waiting.set(journal.waiting);
    unwritten.reset();
    unwritten.inc(journal.unwritten);
    forOthers.reset();
    forOthers.inc(journal.inPlaceOfOthers);
  };
}
