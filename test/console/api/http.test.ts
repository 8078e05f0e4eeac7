import { expect, it } from "vitest";
import { ApiError, Http, segment, wordsOf } from "../../../src/console/api/http.js";

const asked: [string, RequestInit][] = [];
let signedOut = 0;

function http(answer: () => Response | Promise<Response>): Http {
  asked.length = 0;
  signedOut = 0;
  return new Http(
    async (url, init) => {
      asked.push([url, init]);
      return answer();
    },
    () => {
      signedOut += 1;
    },
  );
}

it("asks with what is given of a query, and its own cookie only", async () => {
  const api = http(() => Response.json({ a: 1 }));
  expect(await api.read("/x", { q: "a&b", state: "", cursor: undefined, limit: 5 })).toEqual({
    a: 1,
  });
  expect(asked[0]?.[0]).toBe("/x?q=a%26b&limit=5");
  expect(asked[0]?.[1]).toMatchObject({ method: "GET", credentials: "same-origin" });
});

it("posts JSON, and takes an answer without a body", async () => {
  const api = http(() => new Response(null, { status: 204 }));
  expect(await api.post("/x", { a: 1 })).toBeUndefined();
  expect(asked[0]?.[1]).toMatchObject({ method: "POST", body: '{"a":1}' });
  expect(await api.delete("/x")).toBeUndefined();
});

it("throws what a problem says, and tells when nobody is signed in", async () => {
  const problem = { detail: "it is offline", outcome: "offline" };
  const api = http(() => Response.json(problem, { status: 404 }));
  const error = await api.read("/x").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ message: "it is offline", status: 404, outcome: "offline" });
  expect(signedOut).toBe(0);
  await expect(http(() => new Response("<html>", { status: 401 })).read("/x")).rejects.toThrow(
    "The server answered 401.",
  );
  expect(signedOut).toBe(1);
});

it("has words for a server that does not answer, and passes on that nobody waits", async () => {
  const api = http(() => Promise.reject(new TypeError("fetch failed")));
  await expect(api.read("/x")).rejects.toMatchObject({ status: 0 });
  const signal = AbortSignal.abort();
  await expect(api.read("/x", {}, signal)).rejects.toThrow("fetch failed");
});

it("makes one part of a path, and words", () => {
  expect(segment("a/b?c")).toBe("a%2Fb%3Fc");
  expect(wordsOf(new Error("x"))).toBe("x");
  expect(wordsOf("y")).toBe("y");
});
