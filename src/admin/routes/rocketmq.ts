import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { json, problems, routes } from "../api-base.js";
import { RocketMqState } from "../rocketmq-schema.js";
import type { AdminSource } from "../source.js";

const state = createRoute({
  ...{ method: "get", path: "/rocketmq", tags: ["rocketmq"], operationId: "readRocketMq" },
  summary: "The bridge to RocketMQ: where it leads, how it is, what it has done",
  responses: { 200: json("The bridge, where there is one", RocketMqState), ...problems() },
});

/** What joins the server to RocketMQ. */
export function rocketMqRoutes(source: AdminSource): OpenAPIHono {
  const app = routes();
  app.openapi(state, (context) => context.json({ bridge: source.rocketmq() }, 200));
  return app;
}
