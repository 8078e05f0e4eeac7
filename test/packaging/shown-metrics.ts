import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { startServer } from "../../src/server/start-server.js";

const packaging = (name: string): string =>
  fileURLToPath(new URL(`../../packaging/${name}`, import.meta.url));

export const ALERTS = packaging("prometheus-alerts.yaml");

/** What `/metrics` of a server answers that has just begun. */
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
    return await (await fetch(`${server.adminUrl}/metrics`)).text();
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
