import { createRoute, z } from "@hono/zod-openapi";
import { expect, it } from "vitest";
import { body, json, problems, routes } from "../../src/admin/api-base.js";
import type { Problem } from "../../src/admin/problem.js";

const Shape = z.object({ list: z.array(z.object({ name: z.string() })) });
const route = createRoute({
  ...{ method: "post", path: "/" },
  request: { body: body(Shape) },
  responses: { 200: json("fine", Shape), ...problems(404) },
});

async function detailOf(value: unknown): Promise<string> {
  const app = routes();
  app.openapi(route, (context) => context.json(context.req.valid("json"), 200));
  app.onError((error) => (error as Problem).answer());
  const answer = await app.request("/", {
    ...{ method: "POST", body: JSON.stringify(value) },
    headers: { "content-type": "application/json" },
  });
  return ((await answer.json()) as { detail: string }).detail;
}

it("names the place of each thing that is wrong with a request, five at most", async () => {
  const wrong = await detailOf({ list: [{ name: "a" }, {}, { name: 1 }] });
  expect(wrong).toBe(
    "body.list.1.name is missing (allowed: text); body.list.2.name is 1 (allowed: text)",
  );
  const much = await detailOf({ list: Array.from({ length: 50 }, () => ({})) });
  expect(much.split("; ")).toHaveLength(5);
});

it("declares what every call may answer, in the order of statuses", () => {
  const { 404: missing, ...others } = problems(404);
  expect(missing.description).toBe("There is no such thing.");
  expect(Object.keys(others)).toEqual(["400", "401", "403", "421", "429", "500", "503"]);
});
