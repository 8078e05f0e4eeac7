import { setImmediate as nextTurn } from "node:timers/promises";
import { type AdminParts, adminApp } from "../../src/admin/admin-app.js";
import { AdminListener } from "../../src/admin/admin-listener.js";
import { Health } from "../../src/admin/health.js";
import { SignIn } from "../../src/admin/sign-in.js";
import type { AdminSource } from "../../src/admin/source.js";
import type { BrokerOptions, MqttBroker } from "../../src/index.js";
import { createBroker } from "../../src/index.js";
import { LogTail } from "../../src/log/log-tail.js";
import { History } from "../../src/metrics/history.js";
import { adminSource } from "../../src/server/admin-source.js";
import { ClientTrace } from "../../src/server/client-trace.js";

/** The token of the API in tests. */
export const TOKEN = "a-token-for-tests-only";
const HOST = "127.0.0.1:18083";

/** An API over a broker of its own, asked without a socket. */
export interface AdminWorld {
  readonly broker: MqttBroker;
  readonly source: AdminSource;
  readonly signIn: SignIn;
  readonly log: LogTail;
  /** What failed by our fault. */
  readonly failures: unknown[];
  /** Asks as whoever has the token. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** Asks with a JSON body. */
  post(path: string, body: unknown): Promise<Response>;
  /** Asks with exactly these headers besides the host. */
  askAs(headers: Record<string, string>, path: string, init?: RequestInit): Promise<Response>;
  /** Listens on this machine. @returns the URL. */
  listen(): Promise<string>;
  close(): Promise<void>;
}

export function adminWorld({
  options = {},
  changed = {},
  parts = {},
  isStopping = () => false,
  stop = () => undefined,
}: {
  readonly options?: BrokerOptions;
  /** What of the source is another one. */
  readonly changed?: Partial<AdminSource>;
  readonly parts?: Partial<AdminParts>;
  readonly isStopping?: () => boolean;
  /** Called when the server is to stop by itself. */
  readonly stop?: () => void;
} = {}): AdminWorld {
  const broker = createBroker(options);
  const history = new History({ broker, commits: () => undefined, nowMs: Date.now });
  const log = new LogTail(Date.now);
  const failures: unknown[] = [];
  const source = {
    ...adminSource({
      ...{ broker, history, log, trace: new ClientTrace(broker, Date.now) },
      config: () => [
        { path: "admin.port", value: 18_083, source: "default", unset: undefined },
        { path: "admin.tokenFile", value: undefined, source: "default", unset: "one of its own" },
      ],
      reload: async () => ({ changed: ["limits.queueMessagesMax"], needRestart: [] }),
      stop,
      failed: (error) => failures.push(error),
      pause: () => nextTurn(),
    }),
    ...changed,
  };
  const health = new Health({ loopLagMsMax: 60_000, parts: [] });
  const signIn = new SignIn(TOKEN, Date.now);
  const app = adminApp({
    ...{ hostNames: [], health, metrics: { contentType: "text/plain", text: async () => "" } },
    desk: { signIn, source, isStopping },
    ...parts,
  });
  const askAs: AdminWorld["askAs"] = async (headers, path, init = {}) =>
    app.request(path, { ...init, headers: { host: HOST, ...headers } });
  let listener: AdminListener | undefined;
  const authorization = `Bearer ${TOKEN}`;
  return {
    ...{ broker, source, signIn, log, failures, askAs },
    ask: (path, init) => askAs({ authorization }, `/api/v1${path}`, init),
    post: (path, body) =>
      askAs({ authorization, "content-type": "application/json" }, `/api/v1${path}`, {
        ...{ method: "POST", body: JSON.stringify(body) },
      }),
    listen: () => {
      listener = new AdminListener((request, env) => app.fetch(request, env));
      return listener.listen({ host: "127.0.0.1", port: 0 });
    },
    close: async () => {
      await listener?.close();
      history.close();
      health.close();
      await broker.close();
    },
  };
}
