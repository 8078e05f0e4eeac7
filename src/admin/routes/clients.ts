import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { body, json, problems, routes } from "../api-base.js";
import { payloadOf } from "../message-payload.js";
import { pagedJson } from "../paged-json.js";
import { Problem, type ProblemStatus } from "../problem.js";
import {
  ClientDetails,
  ClientIds,
  Clients,
  ClientsQuery,
  DirectMessage,
  FoundClients,
  Outcome,
} from "../schemas.js";
import type { AdminSource, ApiOutcome } from "../source.js";
import { ADDRESSABLE_ID, CLIENT_ID } from "../texts.js";

const tags = ["clients"];
const params = z.object({ id: CLIENT_ID });

const list = createRoute({
  ...{ method: "get", path: "/clients", tags, operationId: "listClients" },
  summary: "Who is connected or has a session, in the order of identifiers",
  request: { query: ClientsQuery },
  responses: { 200: json("A page of clients", Clients), ...problems() },
});

const one = createRoute({
  ...{ method: "get", path: "/clients/{id}", tags, operationId: "readClient" },
  summary: "One client, with its subscriptions and what happened to it",
  request: { params },
  responses: { 200: json("The client", ClientDetails), ...problems(404) },
});

const kick = createRoute({
  ...{ method: "delete", path: "/clients/{id}", tags, operationId: "disconnectClient" },
  summary: "Closes a client's connection; its will is published, its session stays",
  request: { params },
  responses: { 204: { description: "It is closed" }, ...problems(404) },
});

const many = createRoute({
  ...{ method: "post", path: "/clients/query", tags, operationId: "queryClients" },
  summary: "Up to 100 clients by their identifiers",
  request: { body: body(ClientIds) },
  responses: { 200: json("Those that there are", FoundClients), ...problems(413, 415) },
});

const send = createRoute({
  ...{ method: "post", path: "/clients/{id}/messages", tags, operationId: "sendToClient" },
  summary: "Sends to one client, which need not subscribe, and tells what became of it",
  request: { params: z.object({ id: ADDRESSABLE_ID }), body: body(DirectMessage) },
  responses: {
    200: json("It was acknowledged (`delivered`), or handed to its connection (`sent`)", Outcome),
    202: json("It is kept for the receiver", Outcome),
    ...problems(404, 413, 415, 504),
  },
});

/** Clients: who there is, what is known of them, and messages to one of them. */
export function clientRoutes(source: AdminSource): OpenAPIHono {
  const app = routes();
  app.openapi(list, async (context) =>
    pagedJson(await source.clients(context.req.valid("query")), "clients"),
  );
  app.openapi(one, (context) => {
    const client = source.client(context.req.valid("param").id);
    if (client === undefined) throw noClient();
    return context.json(client, 200);
  });
  app.openapi(kick, (context) => {
    if (source.kick(context.req.valid("param").id)) return context.body(null, 204);
    throw new Problem(404, "not-found", "this client is not connected");
  });
  app.openapi(many, (context) => {
    const clientIds = [...new Set(context.req.valid("json").clientIds)];
    const clients = source.clientsOf(clientIds);
    const known = new Set(clients.map(({ clientId }) => clientId));
    return context.json({ clients, unknown: clientIds.filter((id) => !known.has(id)) }, 200);
  });
  app.openapi(send, async (context) => {
    const { payload, payloadBase64, ...message } = context.req.valid("json");
    const outcome = await source.send(context.req.valid("param").id, {
      ...message,
      payload: payloadOf({ payload, payloadBase64 }),
    });
    if (outcome === "delivered" || outcome === "sent") return context.json({ outcome }, 200);
    if (outcome === "queued") return context.json({ outcome }, 202);
    throw notSent(outcome);
  });
  return app;
}

/** That there is no such client. */
export function noClient(): Problem {
  const words = "no client with this identifier is connected, and none has a session";
  return new Problem(404, "not-found", words);
}

type Failed = Exclude<ApiOutcome, "delivered" | "sent" | "queued">;

const FAILED: Readonly<Record<Failed, readonly [ProblemStatus, string]>> = {
  denied: [403, "the message may not be sent to this client"],
  offline: [404, "this client is offline or unknown, and the message is not kept for it"],
  dropped: [429, "the message was given up: too much waits for this client already"],
  "store-failed": [
    503,
    "the disk failed before the message was safe on it; it may arrive all the same",
  ],
  timeout: [504, "this client did not acknowledge in time; the message may still arrive"],
};

function notSent(outcome: Failed): Problem {
  const [status, words] = FAILED[outcome];
  return new Problem(status, "not-sent", words, { outcome });
}
