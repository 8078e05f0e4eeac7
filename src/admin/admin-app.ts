import { isIP } from "node:net";
import { Hono } from "hono";
import type { Health } from "./health.js";

/** Where the metrics come from. */
export interface MetricsText {
  readonly contentType: string;
  text(): Promise<string>;
}

/** What the admin listener serves without credentials. */
export interface AdminParts {
  /** Names by which requests may call this host besides addresses and `localhost`. */
  readonly hostNames: readonly string[];
  readonly health: Health;
  readonly metrics: MetricsText;
}

/** The routes of the admin listener: whatever else it serves is mounted on this. */
export function adminApp({ hostNames, health, metrics }: AdminParts): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    const host = context.req.header("host") ?? "";
    if (!isOwnHost(host, hostNames)) {
      return context.text("this host name is not the server's: use its address\n", 421);
    }
    await next();
    return undefined;
  });
  app.get("/healthz", () => health.alive());
  app.get("/readyz", () => health.ready());
  app.get("/metrics", async () => {
    const headers = { "content-type": metrics.contentType, "cache-control": "no-store" };
    return new Response(await metrics.text(), { headers });
  });
  return app;
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
