import { Registry } from "prom-client";
import { expect, it } from "vitest";
import { addProcessMetrics } from "../../src/metrics/process-metrics.js";

it("shows memory, processor time, lag and versions", async () => {
  const registry = new Registry();
  const metrics = addProcessMetrics(registry, "1.2.3");
  metrics.fill();
  metrics.fill();
  const text = await registry.metrics();
  metrics.close();
  expect(text).toMatch(/^mqtt_process_resident_memory_bytes [1-9]\d{6,}$/m);
  expect(text).toMatch(/^mqtt_process_cpu_seconds_total\{type="user"\} \d/m);
  expect(text).toMatch(/^mqtt_event_loop_lag_seconds\{type="max"\} \d/m);
  expect(text).toContain(`mqtt_build_info{version="1.2.3",node="${process.version}"} 1`);
  expect(text).not.toContain("NaN");
});
