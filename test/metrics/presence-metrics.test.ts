import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { addPresenceMetrics, type PresenceReading } from "../../src/metrics/presence-metrics.js";

const events = { connect: 3, disconnect: 1, tcpclean: 2 };

async function textFor(reading: PresenceReading): Promise<string> {
  const registry = new Registry();
  const fill = addPresenceMetrics(registry, () => reading);
  fill();
  fill();
  return registry.metrics();
}

describe("metrics of presence", () => {
  it("are what was counted, however often somebody asks", async () => {
    const webhook = {
      ...{ delivered: 4, dropped: 5, accepted: 6, failed: 7, queued: 8, queuedBytes: 9 },
    };
    const journal = { waiting: 10, unwritten: 11, inPlaceOfOthers: 12 };
    const lines = (await textFor({ events, webhook, journal })).split("\n");
    expect(lines.filter((line) => line !== "" && !line.startsWith("#"))).toEqual([
      'mqtt_presence_events_total{type="connect"} 3',
      'mqtt_presence_events_total{type="disconnect"} 1',
      'mqtt_presence_events_total{type="tcpclean"} 2',
      'mqtt_webhook_events_total{result="delivered"} 4',
      'mqtt_webhook_events_total{result="dropped"} 5',
      'mqtt_webhook_requests_total{result="accepted"} 6',
      'mqtt_webhook_requests_total{result="failed"} 7',
      "mqtt_webhook_queued_events 8",
      "mqtt_webhook_queued_bytes 9",
      "mqtt_presence_waiting_events 10",
      "mqtt_presence_unwritten_events_total 11",
      "mqtt_presence_told_for_others_total 12",
    ]);
  });

  it("are 0 where there is no webhook", async () => {
    expect(await textFor({ events, webhook: undefined })).toContain("mqtt_webhook_queued_events 0");
  });
});
