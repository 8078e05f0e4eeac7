import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Registry } from "prom-client";
import { parse } from "yaml";
import { addClusterMetrics } from "../../src/metrics/cluster-metrics.js";
import { startServer } from "../../src/server/start-server.js";

const packaging = (name: string): string =>
  fileURLToPath(new URL(`../../packaging/${name}`, import.meta.url));

export const ALERTS = packaging("prometheus-alerts.yaml");

/** What a node of a cluster answers besides, which needs NATS. */
export function clusterText(): Promise<string> {
  const registry = new Registry();
  const fabric = {
    ...{ isConnected: true, reconnects: 1, appended: 2, appendsUnanswered: 3, entriesRead: 4 },
    ...{ entriesMissed: 5, lag: 6, sentMessages: 7, sentBytes: 8, receivedMessages: 9 },
    ...{ receivedBytes: 10, sendsDropped: 11, foreign: 12 },
    ...{ retainedAppended: 19, retainedUnanswered: 20, retainedRead: 21 },
  };
  const nodes = [
    { standsIn: false, unsentBytes: 0, queued: 0 },
    { standsIn: true, unsentBytes: 13, queued: 14 },
  ];
  const status = {
    ...{
      isServing: true,
      isLeaving: true,
      nodes,
      waitingMessages: 15,
      waitingConnects: 16,
      lagMs: 17,
      foreign: 18,
    },
    ...{ waitingRetained: 22, waitingRetainedBytes: 23, retainedLagMs: 25, retainedOverdue: 24 },
    handovers: { underWay: 19, left: 20, arrived: 21, failed: 22 },
    adoptions: { underWay: 26, done: 27, failed: 28, sessions: 29, lastMs: 2_500 },
  };
  const fill = addClusterMetrics(registry, () => ({ status, fabric }));
  fill();
  fill();
  return registry.metrics();
}

/** What `/metrics` of a server answers that has just begun, as a node of a cluster too. */
export async function metricsText(): Promise<string> {
  const server = await startServer(
    {
      listeners: [{ options: { type: "tcp", port: 0 }, chosenBy: "--port" }],
      admin: { host: "127.0.0.1", port: 0, loopLagMsMax: 5_000, mayBeAbsent: false },
      store: undefined,
      presence: { topics: true, webhookUrl: "http://127.0.0.1:1/" }, // shows its metrics, too
      broker: {},
      rocketmq: { address: "127.0.0.1:9", out: ["demo"] },
    },
    {},
  );
  try {
    const own = await (await fetch(`${server.adminUrl}/metrics`)).text();
    return own + (await clusterText());
  } finally {
    await server.close();
  }
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets?: readonly { readonly expr: string; readonly refId: string }[];
}

interface Dashboard {
  readonly uid: string;
  readonly schemaVersion: number;
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly definition?: string }[];
  };
  readonly panels: readonly Panel[];
}

export const dashboard = JSON.parse(
  readFileSync(packaging("grafana-dashboard.json"), "utf8"),
) as Dashboard;

/** Every query of the dashboard, with what Grafana fills in. */
export const dashboardQueries: readonly string[] = dashboard.panels
  .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
  .map((expr) => expr.replaceAll("$__rate_interval", "1m").replaceAll("$instance", ".*"));

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
}

const rules = parse(readFileSync(ALERTS, "utf8")) as {
  readonly groups: readonly { readonly rules: readonly Alert[] }[];
};
export const alertRules = rules.groups.flatMap((group) => group.rules);
