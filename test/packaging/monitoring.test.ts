import { beforeAll, describe, expect, it } from "vitest";
import { alertRules, dashboard, dashboardQueries, metricsText } from "./shown-metrics.js";

/** The names of metrics, with their type and the labels of what was shown of them. */
const types = new Map<string, string>();
const labels = new Map<string, Set<string>>();
let text = "";

beforeAll(async () => {
  text = await metricsText();
  for (const [, name = "", type = ""] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    types.set(name, type);
    labels.set(name, new Set());
  }
  for (const [, series = "", inside = ""] of text.matchAll(/^(mqtt_\w+)\{([^}]*)\}/gm)) {
    for (const [, label = ""] of inside.matchAll(/(\w+)=/g))
      labels.get(metricOf(series))?.add(label);
  }
});

/** The metric that a series belongs to: three are made of one histogram. */
function metricOf(series: string): string {
  const base = series.replace(/_(bucket|sum|count)$/, "");
  return types.get(base) === "histogram" ? base : series;
}

/** What a query asks for, and by which labels. */
function readsOf(query: string): { metrics: string[]; asked: string[] } {
  const metrics = [...query.matchAll(/\bmqtt_\w+/g)].map(([series]) => metricOf(series));
  const by = [...query.matchAll(/by \(([^)]*)\)/g)].flatMap(([, names = ""]) => names.split(", "));
  const matched = [...query.matchAll(/(\w+)(?:=~|!=|!~|=)"/g)].map(([, name = ""]) => name);
  return { metrics, asked: [...by, ...matched] };
}

/** Those of Prometheus itself. */
const OWN_LABELS = ["instance", "job", "le"];
/** Their first series comes with the first thing that happens. */
const EMPTY_AT_FIRST: Readonly<Record<string, readonly string[]>> = {
  mqtt_disconnects_total: ["reason"],
  mqtt_violations_total: ["reason"],
  mqtt_subscriptions_denied_total: ["reason"],
  mqtt_receipts_total: ["result"],
  mqtt_hook_seconds: ["type"],
  mqtt_gc_seconds: ["type"],
};

describe.each([
  ["packaging/grafana-dashboard.json", dashboardQueries],
  ["packaging/prometheus-alerts.yaml", alertRules.map(({ expr }) => expr)],
])("%s", (_, queries) => {
  it("asks for metrics and labels that exist", () => {
    expect(queries.length).toBeGreaterThan(5);
    for (const query of queries) {
      const { metrics, asked } = readsOf(query);
      if (!query.includes("up{")) expect(metrics.length, query).toBeGreaterThan(0);
      for (const metric of metrics) expect([...types.keys()], query).toContain(metric);
      const known = metrics.flatMap((metric) => [
        ...(labels.get(metric) ?? []),
        ...(EMPTY_AT_FIRST[metric] ?? []),
      ]);
      for (const label of asked) expect([...known, ...OWN_LABELS], query).toContain(label);
    }
  });

  it("counts what grows by its rate, and nothing else", () => {
    for (const query of queries) {
      for (const [, how, series = ""] of query.matchAll(/(\w+) ?\((mqtt_\w+)/g)) {
        const grows = /^(counter|histogram)$/.test(types.get(metricOf(series)) ?? "");
        expect(/^(rate|increase)$/.test(how ?? ""), `${query}: ${series}`).toBe(grows);
      }
    }
  });
});

describe("packaging/grafana-dashboard.json", () => {
  it("shows every metric there is", () => {
    const shown = new Set(dashboardQueries.flatMap((query) => readsOf(query).metrics));
    expect([...types.keys()].filter((name) => !shown.has(name))).toEqual([]);
  });

  it("has panels that say what they show, side by side on 24 columns", () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = new Set<string>();
    for (const { title, type, description, gridPos, targets = [] } of panels) {
      expect(title).not.toBe("");
      if (type !== "row")
        expect([description === undefined, targets.length > 0]).toEqual([false, true]);
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken.has(`${x},${y}`), `${title} lies over another panel`).toBe(false);
          taken.add(`${x},${y}`);
        }
      }
    }
    const names = dashboard.templating.list.map(({ name }) => name);
    const used = JSON.stringify(panels).match(/\$\{?[a-z]\w*/g) ?? [];
    expect([...new Set(used.map((name) => name.replace(/\W/g, "")))].sort()).toEqual(names.sort());
  });
});

describe("packaging/prometheus-alerts.yaml", () => {
  it("names reasons that there are", () => {
    const known = new Set([...text.matchAll(/reason="([^"]+)"/g)].map(([, reason]) => reason));
    const named = alertRules
      .flatMap(({ expr }) => [...expr.matchAll(/reason=~?"([^"]+)"/g)])
      .flatMap(([, reasons = ""]) => reasons.split("|"));
    expect(named.length).toBeGreaterThan(3);
    for (const reason of named) expect([...known]).toContain(reason);
  });
});
