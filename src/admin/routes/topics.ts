import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { body, json, problems, routes } from "../api-base.js";
import { payloadOf } from "../message-payload.js";
import { pagedJson } from "../paged-json.js";
import { Problem } from "../problem.js";
import {
  PublishedMessage,
  RetainedMessage,
  RetainedPage,
  RetainedQuery,
  Subscribers,
  SubscriptionsQuery,
} from "../schemas.js";
import type { AdminSource } from "../source.js";
import { topicName as topicNameText } from "../texts.js";

const tags = ["topics"];
const params = z.object({ topic: topicNameText("A topic; a slash in it is written %2F.") });

const publish = createRoute({
  ...{ method: "post", path: "/messages", tags, operationId: "publish" },
  summary: "Publishes a message; answers when it is safe on disk, where it has to be",
  request: { body: body(PublishedMessage) },
  responses: { 204: { description: "It is published" }, ...problems(413, 415) },
});

const retained = createRoute({
  ...{ method: "get", path: "/retained", tags, operationId: "listRetained" },
  summary: "Retained messages without their payloads, in the order of topics",
  request: { query: RetainedQuery },
  responses: { 200: json("A page of them", RetainedPage), ...problems() },
});

const one = createRoute({
  ...{ method: "get", path: "/retained/{topic}", tags, operationId: "readRetained" },
  summary: "The retained message of one topic",
  request: { params },
  responses: { 200: json("The message", RetainedMessage), ...problems(404) },
});

const forget = createRoute({
  ...{ method: "delete", path: "/retained/{topic}", tags, operationId: "deleteRetained" },
  summary: "Takes the retained message of a topic away",
  request: { params },
  responses: { 204: { description: "It is gone" }, ...problems(404) },
});

const subscriptions = createRoute({
  ...{ method: "get", path: "/subscriptions", tags, operationId: "listSubscriptions" },
  summary: "Who subscribes to what, in the order of client identifiers and topic filters",
  request: { query: SubscriptionsQuery },
  responses: { 200: json("A page of subscriptions", Subscribers), ...problems() },
});

/** Topics: what is published, what is retained, who subscribes. */
export function topicRoutes(source: AdminSource): OpenAPIHono {
  const app = routes();
  const publishSafely = async (message: Parameters<AdminSource["publish"]>[0]): Promise<void> => {
    if (await source.publish(message)) return;
    const words = "the disk failed before the message was safe on it; it may be kept all the same";
    throw new Problem(503, "store-failed", words);
  };
  app.openapi(publish, async (context) => {
    const { payload, payloadBase64, ...message } = context.req.valid("json");
    await publishSafely({ ...message, payload: payloadOf({ payload, payloadBase64 }) });
    return context.body(null, 204);
  });
  app.openapi(retained, async (context) =>
    pagedJson(await source.retained(context.req.valid("query")), "messages"),
  );
  app.openapi(one, (context) => {
    const message = source.retainedMessage(context.req.valid("param").topic);
    if (message === undefined) throw nothingRetained();
    return context.json(message, 200);
  });
  app.openapi(forget, async (context) => {
    const { topic: topicName } = context.req.valid("param");
    if (source.retainedMessage(topicName) === undefined) throw nothingRetained();
    await publishSafely({ topicName, payload: "", qos: 0, retain: true });
    return context.body(null, 204);
  });
  app.openapi(subscriptions, async (context) =>
    pagedJson(await source.subscriptions(context.req.valid("query")), "subscriptions"),
  );
  return app;
}

function nothingRetained(): Problem {
  return new Problem(404, "not-found", "no message is retained on this topic");
}
