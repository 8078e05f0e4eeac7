import { Registry } from "prom-client";
import { expect, it } from "vitest";
import { addRocketMqMetrics } from "../../src/metrics/rocketmq-metrics.js";

it("the bridge's metrics are what it has counted, however often somebody asks", async () => {
  const registry = new Registry();
  const reading = {
    ...{ isConnected: true, received: 1, redelivered: 2, acknowledged: 3, postponed: 4 },
    ...{ poison: 5, tooOld: 6, own: 7, sent: 8, failed: 9, dropped: 10, refused: 11 },
    ...{ unsendable: 12, pending: 13, pendingBytes: 14 },
  };
  const fill = addRocketMqMetrics(registry, () => reading);
  fill();
  fill();
  const lines = (await registry.metrics()).split("\n");
  expect(lines.filter((line) => line !== "" && !line.startsWith("#"))).toEqual([
    "mqtt_rocketmq_received_total 1",
    "mqtt_rocketmq_redelivered_total 2",
    "mqtt_rocketmq_acknowledged_total 3",
    "mqtt_rocketmq_postponed_total 4",
    "mqtt_rocketmq_sent_total 8",
    "mqtt_rocketmq_send_failures_total 9",
    'mqtt_rocketmq_ended_total{reason="poison"} 5',
    'mqtt_rocketmq_ended_total{reason="too-old"} 6',
    'mqtt_rocketmq_ended_total{reason="own"} 7',
    'mqtt_rocketmq_ended_total{reason="qos-0"} 10',
    'mqtt_rocketmq_ended_total{reason="not-taken"} 11',
    'mqtt_rocketmq_ended_total{reason="unsendable"} 12',
    "mqtt_rocketmq_connected 1",
    "mqtt_rocketmq_pending_messages 13",
    "mqtt_rocketmq_pending_bytes 14",
  ]);
  Object.assign(reading, { isConnected: false });
  fill();
  expect(await registry.metrics()).toContain("mqtt_rocketmq_connected 0\n");
});
