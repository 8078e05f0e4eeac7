import { expect, it } from "vitest";
import { Problem } from "../../src/admin/problem.js";

it("says what went wrong, as a problem detail with a type that stays", async () => {
  const problem = new Problem(404, "not-sent", "it is offline", { outcome: "offline" });
  const answer = problem.answer({ allow: "GET" });
  expect(answer.status).toBe(404);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.headers.get("allow")).toBe("GET");
  expect(await answer.json()).toEqual({
    ...{ type: "urn:beeline:problem:not-sent", title: "not sent", status: 404 },
    ...{ detail: "it is offline", outcome: "offline" },
  });
});

it("ends the connection with a body that is not read to its end", () => {
  expect(new Problem(413, "too-large", "").answer().headers.get("connection")).toBe("close");
  expect(new Problem(400, "bad-request", "").answer().headers.get("connection")).toBeNull();
});
