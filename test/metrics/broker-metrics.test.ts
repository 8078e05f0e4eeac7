import { Registry } from "prom-client";
import { expect, it } from "vitest";
import { createBroker } from "../../src/index.js";
import { addBrokerMetrics, type Reading } from "../../src/metrics/broker-metrics.js";

const broker = createBroker();
const reading: Reading = {
  stats: {
    ...broker.stats(),
    ...{ connectsAccepted: 5, sessions: 7, offlineSessions: 4, pointToPointSent: 6 },
    queues: { inFlight: 1, queued: 2, queuedBytes: 300 },
    ...{ slowedDown: 12, matchVisits: 13, subscriptionBytes: 14, logLinesLeftOut: 15 },
    packetsReceivedByType: { publish: 21, puback: 22 },
    bytesReceivedByType: { publish: 23 },
    packetsSentByType: { connack: 24 },
    bytesSentByType: { connack: 25 },
    waitingBytes: 16,
    turnedAway: { ...broker.stats().turnedAway, "address-full": 11 },
    ...{ refusals: { "bad-credentials": 2 }, closes: { "keep-alive": 3 } },
  },
  ...{ commitFailures: 8, sendsDenied: 9 },
};

it("shows what the broker has counted, by label, and never counts it twice", async () => {
  const registry = new Registry();
  const fill = addBrokerMetrics(registry, () => reading);
  fill();
  fill();
  const lines = (await registry.metrics()).split("\n");
  expect(lines).toEqual(
    expect.arrayContaining([
      'mqtt_connects_total{result="accepted"} 5',
      'mqtt_connects_total{result="bad-credentials"} 2',
      'mqtt_disconnects_total{reason="keep-alive"} 3',
      'mqtt_sessions{state="connected"} 3',
      'mqtt_sessions{state="offline"} 4',
      'mqtt_p2p_dispatch_total{result="local"} 6',
      'mqtt_p2p_dispatch_total{result="denied"} 9',
      "mqtt_store_commit_failures_total 8",
      'mqtt_connections_turned_away_total{reason="address-full"} 11',
      'mqtt_packets_received_total{type="publish"} 21',
      'mqtt_packets_received_total{type="puback"} 22',
      'mqtt_bytes_received_total{type="publish"} 23',
      'mqtt_packets_sent_total{type="connack"} 24',
      'mqtt_bytes_sent_total{type="connack"} 25',
      "mqtt_clients_slowed_total 12",
      "mqtt_match_visits_total 13",
      "mqtt_subscription_bytes 14",
      "mqtt_log_lines_left_out_total 15",
      "mqtt_inflight_messages 1",
      "mqtt_queued_bytes 300",
      "mqtt_waiting_bytes 16",
    ]),
  );
});

it("uses the prefix, and no label but those that are agreed on", async () => {
  const registry = new Registry();
  addBrokerMetrics(registry, () => reading)();
  for (const { name, values } of await registry.getMetricsAsJSON()) {
    expect(name).toMatch(/^mqtt_[a-z0-9_]+$/);
    for (const { labels } of values) {
      for (const label of Object.keys(labels)) {
        expect(["type", "qos", "reason", "listener", "result", "state"]).toContain(label);
      }
    }
  }
});
