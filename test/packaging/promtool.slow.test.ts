import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { canRun } from "../e2e/stock-server.js";
import { ALERTS, alertRules, dashboardQueries, metricsText } from "./shown-metrics.js";

const folder = mkdtempSync(join(tmpdir(), "beeline-promtool-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs promtool: how it ended, and what it has said. */
function promtool(args: readonly string[], input = ""): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync("promtool", args, { input, encoding: "utf8" });
  return { status, said: stdout + stderr };
}

/** Whether an alert fires where a metric has these values, a minute apart. */
function fires(alert: string, series: string, values: string, labels: object) {
  return {
    interval: "1m",
    input_series: [{ series, values }],
    alert_rule_test: [
      { eval_time: "1m", alertname: alert, exp_alerts: [] },
      { eval_time: "30m", alertname: alert, exp_alerts: [{ exp_labels: labels }] },
    ],
  };
}

const at = { instance: "a" };
const warning = { severity: "warning", ...at };
const critical = { severity: "critical", ...at };
/** A series for each alert that makes it fire, and the labels it then has. */
const TROUBLE: Readonly<Record<string, readonly [series: string, values: string, labels: object]>> =
  {
    BeelineDown: ['up{job="beeline", instance="a"}', "1 1 0x40", { ...critical, job: "beeline" }],
    BeelineStoreFailing: ['mqtt_store_commit_failures_total{instance="a"}', "0 0 1+1x40", critical],
    BeelineStoreSlow: ['mqtt_store_commit_seconds_bucket{instance="a", le="+Inf"}', "", warning],
    BeelineLoopLagging: [
      'mqtt_event_loop_lag_seconds{instance="a", type="p99"}',
      "0 0 0.5x40",
      { ...warning, type: "p99" },
    ],
    BeelineDropping: [
      'mqtt_publishes_dropped_total{instance="a", reason="queue-full"}',
      "0 0 0+60x40",
      { ...warning, reason: "queue-full" },
    ],
    BeelineMemoryFull: [
      'mqtt_publishes_dropped_total{instance="a", reason="memory-full"}',
      "0 0 0+60x40",
      { ...critical, reason: "memory-full" },
    ],
    BeelineTurningAway: [
      'mqtt_connections_turned_away_total{instance="a", reason="address-full"}',
      "0 0 0+600x40",
      { ...warning, reason: "address-full" },
    ],
    BeelineRefusing: [
      'mqtt_connects_total{instance="a", result="bad-credentials"}',
      "0 0 0+600x40",
      { ...warning, result: "bad-credentials" },
    ],
    BeelineOutOfCluster: ['mqtt_cluster_serving{instance="a"}', "1 1 0x40", critical],
    BeelineNodeAdopted: ['mqtt_cluster_adoptions_done_total{instance="a"}', "0 0 0+1x40", warning],
    BeelineNodeNotAdopted: [
      'mqtt_cluster_adoptions_failed_total{instance="a"}',
      "0 0 0+1x40",
      warning,
    ],
    BeelineRestarting: ['mqtt_process_start_time_seconds{instance="a"}', "0 0 1+1x40", warning],
  };

describe.skipIf(!canRun("promtool", "--version"))("promtool", () => {
  it("finds nothing to complain about in /metrics", async () => {
    expect(promtool(["check", "metrics"], await metricsText())).toEqual({ status: 0, said: "" });
    expect(promtool(["check", "metrics"], "# TYPE a counter\na 1\n").status).not.toBe(0);
  });

  it("understands the alerts, and every query of the dashboard", () => {
    expect(promtool(["check", "rules", ALERTS])).toMatchObject({
      status: 0,
      said: expect.stringContaining(`SUCCESS: ${alertRules.length} rules found`),
    });
    const rules = dashboardQueries.map((expr, number) => ({ record: `query:${number}`, expr }));
    const file = join(folder, "queries.yaml");
    writeFileSync(file, stringify({ groups: [{ name: "queries", rules }] }));
    expect(promtool(["check", "rules", file])).toMatchObject({
      status: 0,
      said: expect.stringContaining(`SUCCESS: ${rules.length} rules found`),
    });
  });

  it("each alert is quiet at first, and fires where something is wrong", () => {
    expect(Object.keys(TROUBLE).sort()).toEqual(alertRules.map(({ alert }) => alert).sort());
    const slow = {
      ...fires("BeelineStoreSlow", "", "", warning),
      input_series: [
        { series: 'mqtt_store_commit_seconds_bucket{instance="a", le="0.5"}', values: "0x40" },
        { series: 'mqtt_store_commit_seconds_bucket{instance="a", le="2.5"}', values: "0+60x40" },
        { series: 'mqtt_store_commit_seconds_bucket{instance="a", le="+Inf"}', values: "0+60x40" },
      ],
    };
    const tests = Object.entries(TROUBLE).map(([alert, [series, values, labels]]) =>
      alert === "BeelineStoreSlow" ? slow : fires(alert, series, values, labels),
    );
    // Without what they say to people, which would have to be told here again, word by word.
    const quiet = alertRules.map(({ annotations: _, ...rule }) => rule);
    const rules = join(folder, "alerts.yaml");
    writeFileSync(rules, stringify({ groups: [{ name: "quiet", rules: quiet }] }));
    const file = join(folder, "tests.yaml");
    writeFileSync(file, stringify({ rule_files: [rules], evaluation_interval: "1m", tests }));
    const { status, said } = promtool(["test", "rules", file]);
    expect(status, said).toBe(0);
  });
});
