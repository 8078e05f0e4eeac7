import { afterEach, expect, it } from "vitest";
import { createBroker } from "../../src/index.js";
import { Metrics } from "../../src/metrics/metrics.js";

const metrics = new Metrics();
const broker = createBroker();

afterEach(async () => {
  metrics.close();
  await broker.close();
});

it("shows a broker, its hooks and its commits as Prometheus reads them", async () => {
  metrics.start({ broker, version: "1" });
  metrics.committed(0.004);
  metrics.answered("authenticate", 0.2);
  metrics.answered("mayPublish", 0.02);
  metrics.sendDenied();
  metrics.commitFailed();
  const text = await metrics.text();
  expect(metrics.contentType).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(text).toContain('mqtt_store_commit_seconds_bucket{le="0.005"} 1');
  expect(text).toContain("mqtt_credential_seconds_count 1");
  expect(text).toContain('mqtt_hook_seconds_count{type="mayPublish"} 1');
  expect(text).toContain('mqtt_p2p_dispatch_total{result="denied"} 1');
  expect(text).toContain("mqtt_store_commit_failures_total 1");
  expect(text).toContain("mqtt_connections 0");
});
