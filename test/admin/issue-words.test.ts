import { z } from "@hono/zod-openapi";
import { describe, expect, it } from "vitest";
import { issueWords } from "../../src/admin/issue-words.js";
import * as schemas from "../../src/admin/schemas.js";

/** What is said of a request, an issue a line. */
function words(schema: z.ZodType, request: unknown, where = "body"): readonly string[] {
  const issues = schema.safeParse(request).error?.issues ?? [];
  return issues.map((issue) =>
    issueWords(issue, [where, ...issue.path.map(String)].join("."), request),
  );
}

describe("what is wrong with a request", () => {
  it("says what is missing, and what is of another kind", () => {
    const { DirectMessage } = schemas;
    expect(words(DirectMessage, { payload: "x" })).toEqual([
      "body.parent is missing (allowed: text)",
    ]);
    const wrong = { parent: 5, payload: { a: 1 }, qos: "1", confirm: "yes", timeoutMs: 1.5 };
    expect(words(DirectMessage, wrong)).toEqual([
      "body.parent is 5 (allowed: text)",
      "body.payload is an object (allowed: text)",
      "body.qos is text (allowed: 0, 1, 2)",
      "body.confirm is text (allowed: true or false)",
      "body.timeoutMs is 1.5 (allowed: whole numbers)",
    ]);
    expect(words(DirectMessage, [])).toEqual(["body is an empty list (allowed: an object, {...})"]);
    expect(words(DirectMessage, null)).toEqual(["body is null (allowed: an object, {...})"]);
  });

  it("says which numbers, how many, and how long", () => {
    const message = { parent: "a", payload: "x" };
    expect(words(schemas.DirectMessage, { ...message, timeoutMs: 0 })).toEqual([
      "body.timeoutMs is 0 (allowed: 1 or more)",
    ]);
    expect(words(schemas.DirectMessage, { ...message, timeoutMs: 60_001 })).toEqual([
      "body.timeoutMs is 60001 (allowed: up to 60000)",
    ]);
    expect(words(schemas.ClientIds, { clientIds: [] })).toEqual([
      "body.clientIds is an empty list (allowed: 1 or more in the list)",
    ]);
    expect(words(schemas.Token, { token: "secret".repeat(1_000) })).toEqual([
      "body.token: allowed: up to 1000 characters",
    ]);
  });

  it("says which words may stand there, and when a part of a query is there twice", () => {
    expect(words(schemas.ClientsQuery, { state: "online" }, "query")).toEqual([
      "query.state: allowed: connected, disconnected",
    ]);
    expect(words(schemas.ClientsQuery, { limit: ["5", "6"] }, "query")).toEqual([
      "query.limit is given more than once",
    ]);
  });

  it("leaves the words of a schema as they are", () => {
    expect(words(schemas.RetainedQuery, { filter: "a#" }, "query")).toEqual([
      "query.filter: allowed: + and # only as whole levels, # only at the end; no NUL",
    ]);
    expect(words(schemas.PublishedMessage, { topicName: "a", payload: "x", retan: true })).toEqual([
      "body: unknown key retan: did you mean retain? allowed: topicName, payload, payloadBase64, qos, retain",
    ]);
    expect(words(schemas.PublishedMessage, { topicName: "a" })).toEqual([
      "body: give either payload or payloadBase64",
    ]);
  });

  it("says nothing in the words of zod, whatever is sent to whichever call", () => {
    const values = [null, true, -1, 1.5, 1e300, "", "x".repeat(300_000), [], [[]], {}, [null]];
    const requests = Object.values(schemas).filter((one) => one instanceof z.ZodObject);
    expect(requests.length).toBeGreaterThan(10);
    for (const schema of requests) {
      for (const value of values) {
        const keys = Object.keys(schema.shape);
        const all = Object.fromEntries(keys.map((key) => [key, value]));
        for (const line of [...words(schema, all), ...words(schema, value)]) {
          expect(line).not.toMatch(/Invalid|Too |expected|received|Unrecognized/);
          expect(line.length).toBeLessThan(400);
        }
      }
    }
  });
});
