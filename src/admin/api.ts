import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { logStream } from "./log-stream.js";
import { BadRequest, problem } from "./problem.js";
import { choiceOf, messageOf, textOf, wholeOf } from "./request-values.js";
import type { AdminSource } from "./source.js";

const BODY_BYTES_MAX = 1024 * 1024;
const CLIENTS = 100;
const LIMIT_MAX = 1_000;
const POSITION_MAX = 2 ** 31;

/** HTTP status of what became of a message; 200 for all others. */
const STATUS: Readonly<Record<string, number>> = {
  queued: 202,
  denied: 403,
  offline: 404,
  timeout: 504,
  dropped: 503,
  "store-failed": 503,
};

/** The API for whoever has signed in: what goes on in the server, and what it is told to do. */
export function api(source: AdminSource): Hono {
  const app = new Hono();
  app.use(
    bodyLimit({
      maxSize: BODY_BYTES_MAX,
      onError: () => problem(413, "too-large", `a body has at most ${BODY_BYTES_MAX} bytes`),
    }),
  );
  app.onError((error) => {
    if (error instanceof BadRequest || error.name === "UsageError") {
      return problem(400, "bad-request", error.message);
    }
    return problem(500, "internal-error", `the server failed: ${error.message}`);
  });
  app.get("/stats", (context) => context.json(source.stats()));
  app.get("/history", ({ req, json }) =>
    json(source.history(wholeOf(req.query("after"), "after", Number.MAX_SAFE_INTEGER))),
  );
  app.get("/config", (context) => context.json({ options: source.config() }));
  app.post("/reload", async (context) => {
    try {
      return context.json({ message: await source.reload() });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return problem(409, "refused", `nothing was reloaded: ${why}`);
    }
  });
  app.route("/", clientRoutes(source));
  app.route("/", topicRoutes(source));
  app.route("/", logStream(source.log));
  app.notFound(() => problem(404, "not-found", "the API has no such path"));
  return app;
}

function clientRoutes(source: AdminSource): Hono {
  const app = new Hono();
  app.get("/clients", async ({ req, json }) => {
    const { clients, next } = await source.clients({
      text: req.query("q") ?? "",
      state: choiceOf(req.query("state"), "state", ["connected", "offline"]),
      limit: wholeOf(req.query("limit"), "limit", LIMIT_MAX) ?? CLIENTS,
      from: wholeOf(req.query("cursor"), "cursor", POSITION_MAX) ?? 0,
    });
    return json({ clients, ...(next !== undefined && { next: String(next) }) });
  });
  app.get("/clients/:id", (context) => {
    const client = source.client(context.req.param("id"));
    return client === undefined ? noClient() : context.json(client);
  });
  app.delete("/clients/:id", (context) =>
    source.kick(context.req.param("id"))
      ? context.body(null, 204)
      : problem(404, "not-found", "This client is not connected."),
  );
  app.post("/clients/:id/messages", async (context) => {
    const body: unknown = await context.req.json().catch(() => undefined);
    const outcome = await source.send(context.req.param("id"), messageOf(body));
    const status = STATUS[outcome] ?? 200;
    if (status < 300) return Response.json({ outcome }, { status });
    return problem(status, "not-sent", `The message was not delivered: ${outcome}.`, { outcome });
  });
  return app;
}

function topicRoutes(source: AdminSource): Hono {
  const app = new Hono();
  app.get("/retained", ({ req, json }) => {
    const limit = wholeOf(req.query("limit"), "limit", LIMIT_MAX) ?? LIMIT_MAX;
    const { messages, hasMore } = source.retained(req.query("filter") ?? "#", limit);
    const shown = messages.map(({ topicName, payload, qos }) => ({
      ...{ topicName, qos },
      payloadBase64: Buffer.from(payload).toString("base64"),
    }));
    return json({ messages: shown, hasMore });
  });
  app.delete("/retained/:topic", async (context) => {
    await source.forget(context.req.param("topic"));
    return context.body(null, 204);
  });
  app.get("/subscriptions", ({ req, json }) => {
    const limit = wholeOf(req.query("limit"), "limit", LIMIT_MAX) ?? CLIENTS;
    return json({
      subscriptions: source.subscribersOf(textOf(req.query("topic"), "topic"), limit),
    });
  });
  return app;
}

function noClient(): Response {
  return problem(
    404,
    "not-found",
    "No client with this identifier is connected, and none has a session.",
  );
}
