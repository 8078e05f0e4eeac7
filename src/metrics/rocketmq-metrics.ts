import { Counter, Gauge, type Registry } from "prom-client";

/** What is counted where the server is joined to RocketMQ. */
export interface RocketMqReading {
  readonly isConnected: boolean;
  readonly received: number;
  readonly redelivered: number;
  readonly acknowledged: number;
  readonly postponed: number;
  readonly poison: number;
  readonly tooOld: number;
  readonly own: number;
  readonly sent: number;
  readonly failed: number;
  readonly dropped: number;
  readonly refused: number;
  readonly unsendable: number;
  readonly pending: number;
  readonly pendingBytes: number;
}

/** Counters by the name that they have where they are counted. */
const COUNTERS = {
  received: ["received", "Messages that came from RocketMQ, each delivery of them."],
  redelivered: ["redelivered", "Messages from RocketMQ that had come before."],
  acknowledged: [
    "acknowledged",
    "Messages from RocketMQ that were handled, and RocketMQ knows it.",
  ],
  postponed: ["postponed", "Messages left with RocketMQ, as nothing could be decided here."],
  sent: ["sent", "Messages of clients that RocketMQ has taken."],
  failed: ["send_failures", "Tries to send to RocketMQ that failed; most are made again."],
} as const;

/** Why a message goes no further. */
const REASONS = {
  poison: "poison",
  tooOld: "too-old",
  own: "own",
  dropped: "qos-0",
  refused: "not-taken",
  unsendable: "unsendable",
} as const;

/**
 * Adds what the bridge to RocketMQ counts.
 *
 * @param read - Called once for each answer.
 * @returns what takes the figures of now.
 */
export function addRocketMqMetrics(registry: Registry, read: () => RocketMqReading): () => void {
  const registers = [registry];
  const gauge = (name: string, help: string) =>
    new Gauge({ name: `mqtt_rocketmq_${name}`, help, registers });
  const counters = Object.entries(COUNTERS).map(([key, [name, help]]) => {
    const counter = new Counter({ name: `mqtt_rocketmq_${name}_total`, help, registers });
    return [key as keyof typeof COUNTERS, counter] as const;
  });
  const ended = new Counter({
    name: "mqtt_rocketmq_ended_total",
    help: "Messages that go no further: from RocketMQ poison, too old or sent from here; to RocketMQ given up at QoS 0, left to the sender to repeat, or never to be taken.",
    labelNames: ["reason"],
    registers,
  });
  const connected = gauge("connected", "1 while RocketMQ answers, else 0.");
  const pending = gauge("pending_messages", "Messages of clients that wait for RocketMQ.");
  const pendingBytes = gauge("pending_bytes", "Bytes of their payloads.");
  return () => {
    const reading = read();
    for (const [key, counter] of counters) {
      counter.reset();
      counter.inc(reading[key]);
    }
    ended.reset();
    for (const [key, reason] of Object.entries(REASONS)) {
      ended.inc({ reason }, reading[key as keyof typeof REASONS]);
    }
    connected.set(reading.isConnected ? 1 : 0);
    pending.set(reading.pending);
    pendingBytes.set(reading.pendingBytes);
  };
}
