import { isIP } from "node:net";
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { UsageError } from "../protocol/errors.js";
import { ownOriginOnly, signedInOnly } from "./access.js";
import { type AdminDesk, API, api } from "./api.js";
import { consoleFiles } from "./console-files.js";
import type { FailureLimit } from "./failure-limit.js";
import type { Health } from "./health.js";
import { MQTT_PATH } from "./mqtt-door.js";
import { Problem, type ProblemStatus } from "./problem.js";
import { type TokenRequests, tokenCalls } from "./token-calls.js";

/** Where the metrics come from. */
export interface MetricsText {
  readonly contentType: string;
  text(): Promise<string>;
}

/** Who answers what accounts ask about their tokens. */
export interface TokenDesk {
  readonly answer: TokenRequests;
  readonly failures: FailureLimit;
}

/** What the admin listener serves. */
export interface AdminParts {
  /** Names by which requests may call this host besides addresses and `localhost`. */
  readonly hostNames: readonly string[];
  readonly health: Health;
  readonly metrics: MetricsText;
  /** `undefined`: there is no token, so there are neither API nor console. */
  readonly desk?: AdminDesk | undefined;
  /** Where the build has put the console. */
  readonly consoleFolder?: string | undefined;
  /** `undefined`: there are no tokens of accounts. */
  readonly tokens?: TokenDesk | undefined;
}

/** The routes of the admin listener. */
export function adminApp({
  hostNames,
  health,
  metrics,
  desk,
  tokens,
  consoleFolder,
}: AdminParts): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    if (isOwnHost(context.req.header("host") ?? "", hostNames)) return next();
    const words = "this host name is not the server's: use its address";
    throw new Problem(421, "wrong-host", words);
  });
  app.onError((error) => {
    const problem = problemFrom(error);
    if (problem.status === 500) desk?.source.failed(error);
    return problem.answer();
  });
  app.notFound(() => new Problem(404, "not-found", "there is nothing at this path").answer());
  app.get("/healthz", () => health.alive());
  app.get("/readyz", () => health.ready());
  app.get("/metrics", async () => {
    const headers = { "content-type": metrics.contentType, "cache-control": "no-store" };
    return new Response(await metrics.text(), { headers });
  });
  if (tokens !== undefined) {
    app.use("/token/*", ownOriginOnly);
    app.route("/token", tokenCalls(tokens.answer, tokens.failures));
  }
  if (desk === undefined) return app;
  app.route(API, api(desk));
  app.use(MQTT_PATH, ownOriginOnly, signedInOnly(desk.signIn));
  app.get(MQTT_PATH, (context) => context.body(null, 204)); // asked by MqttDoor alone
  if (consoleFolder !== undefined) app.route("/", consoleFiles(consoleFolder));
  return app;
}

/** What was thrown, as an answer. */
function problemFrom(error: Error): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof UsageError) return new Problem(400, "bad-request", error.message);
  if (error instanceof HTTPException && error.status < 500) {
    const status = error.status as ProblemStatus; // 400 or 415, of its checks of bodies
    const words = status === 415 ? "the body must be application/json" : "the body is no JSON";
    return new Problem(status, "bad-request", words);
  }
  return new Problem(500, "internal-error", "the server failed; its log says why");
}

/**
 * Whether a request means this server: a page of somebody else's can make a browser ask here only
 * under a name of its own, never under an address or `localhost` (DNS rebinding).
 */
export function isOwnHost(header: string, hostNames: readonly string[]): boolean {
  const name = header.replace(/:\d*$/, "").toLowerCase();
  const bare = name.replace(/^\[(.*)\]$/, "$1");
  return isIP(bare) !== 0 || name === "localhost" || hostNames.includes(name);
}
