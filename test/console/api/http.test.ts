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
  expect(error).toMatchObject({ message: "It is offline.", status: 404, outcome: "offline" });
  expect(signedOut).toBe(0);
  await expect(http(() => new Response("<html>", { status: 401 })).read("/x")).rejects.toThrow(
    "Something between this page and the server, such as a proxy, answered 401.",
  );
  expect(signedOut).toBe(1);
});

it.each([
  [
    403,
    "a web page of another origin may not ask this server",
    "A web page of another origin may not ask this server.",
  ],
  [404, "this client is not connected", "This client is not connected."],
  [409, "it ended: see the log.", "It ended: see the log."],
  [413, "the body may have 10 bytes", "The body may have 10 bytes."],
  [422, "body.qos is text (allowed: 0, 1, 2)", "body.qos is text (allowed: 0, 1, 2)."],
  [500, "lamp-7 is gone", "lamp-7 is gone."],
])("shows what the API says of a %i as a sentence", async (status, detail, shown) => {
  const api = http(() => Response.json({ detail }, { status }));
  await expect(api.read("/x")).rejects.toMatchObject({ message: shown, status });
});

it("tells a proxy's page from an answer of the server, whatever its status", async () => {
  const page = (status: number) => http(() => new Response("<html>", { status }));
  const words = "Something between this page and the server, such as a proxy, answered ";
  await expect(page(200).read("/x")).rejects.toMatchObject({ message: `${words}200.` });
  await expect(page(200).post("/x")).rejects.toMatchObject({ message: `${words}200.` });
  await expect(page(502).read("/x")).rejects.toMatchObject({ message: `${words}502.` });
  const nothing = http(() => Response.json(null, { status: 503 }));
  await expect(nothing.read("/x")).rejects.toMatchObject({ message: `${words}503.` });
});

it("has words for a server that goes in the middle of an answer", async () => {
  const cut = (error: Error) =>
    http(
      () => new Response(new ReadableStream({ start: (controller) => controller.error(error) })),
    );
  await expect(cut(new TypeError("network error")).read("/x")).rejects.toMatchObject({
    message: "The server does not answer. It may be restarting, or the network is down.",
    status: 0,
  });
  const nobodyWaits = new DOMException("aborted", "AbortError");
  await expect(cut(nobodyWaits).read("/x")).rejects.toBe(nobodyWaits);
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
