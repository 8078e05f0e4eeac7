import { isIP } from "node:net";
import { Hono } from "hono";
import { login, ownOriginOnly, signedInOnly } from "./access.js";
import { api } from "./api.js";
import { consoleFiles } from "./console-files.js";
import type { Health } from "./health.js";
import { MQTT_PATH } from "./mqtt-door.js";
import type { SignIn } from "./sign-in.js";
import type { AdminSource } from "./source.js";

/** Where the metrics come from. */
export interface MetricsText {
  readonly contentType: string;
  text(): Promise<string>;
}

/** What is served to whoever has the token. */
export interface AdminDesk {
  readonly signIn: SignIn;
  readonly source: AdminSource;
  /** Where the build has put the console. */
  readonly consoleFolder: string;
}

/** What the admin listener serves. */
export interface AdminParts {
  /** Names by which requests may call this host besides addresses and `localhost`. */
  readonly hostNames: readonly string[];
  readonly health: Health;
  readonly metrics: MetricsText;
  /** `undefined`: there is no token, so there are neither API nor console. */
  readonly desk?: AdminDesk | undefined;
}

/** The routes of the admin listener: whatever else it serves is mounted on this. */
export function adminApp({ hostNames, health, metrics, desk }: AdminParts): Hono {
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
  if (desk !== undefined) addDesk(app, desk);
  return app;
}

/** API, console and its way to MQTT. */
function addDesk(app: Hono, { signIn, source, consoleFolder }: AdminDesk): void {
  const isSignedIn = signedInOnly(signIn);
  app.use("/api/*", ownOriginOnly);
  app.use(MQTT_PATH, ownOriginOnly, isSignedIn);
  app.get(MQTT_PATH, (context) => context.body(null, 204));
  app.route("/api/v1", login(signIn));
  app.use("/api/*", isSignedIn);
  app.route("/api/v1", api(source));
  app.route("/", consoleFiles(consoleFolder));
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
