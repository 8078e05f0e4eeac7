import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import {
  NoAnswer,
  post,
  webhookHeaders,
  webhookRequest,
} from "../../src/presence/webhook-request.js";

const ends: (() => unknown)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

async function receiver(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  ends.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?key=secret`;
}

describe("a request of a webhook", () => {
  it("says whose events these are, and how many were lost before them", () => {
    const { id, body, count } = webhookRequest('n"1', ['{"a":1}', '{"a":2}'], 3);
    expect(JSON.parse(body)).toEqual({ node: 'n"1', dropped: 3, events: [{ a: 1 }, { a: 2 }] });
    expect(count).toBe(2);
    expect(id).toMatch(/^msg_[0-9a-f-]{36}$/);
    expect(webhookRequest("n", [], 0).id).not.toBe(id);
  });

  it("is signed as Standard Webhooks asks: their own example", () => {
    const request = {
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      body: '{"test": 2432232314}',
      count: 1,
    };
    const headers = webhookHeaders(
      request,
      "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      1_614_265_330_999,
    );
    expect(headers).toEqual({
      "content-type": "application/json",
      "webhook-id": request.id,
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  it("takes any other secret as it is, and is not signed without one", () => {
    const request = { id: "i", body: "b", count: 1 };
    const expected = createHmac("sha256", "plain").update("i.5.b").digest("base64");
    expect(webhookHeaders(request, "plain", 5_000)).toMatchObject({
      "webhook-signature": `v1,${expected}`,
    });
    expect(webhookHeaders(request, undefined, 5_000)).not.toHaveProperty("webhook-signature");
  });
});

describe("a POST", () => {
  const patience = (): AbortSignal => new AbortController().signal;

  it("brings body and headers, and the status back", async () => {
    const got: unknown[] = [];
    const url = await receiver(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      got.push([request.method, request.headers["webhook-id"], body]);
      response.writeHead(202).end("thanks");
    });
    expect(await post(url, "{}", { "webhook-id": "i" }, patience())).toBe(202);
    expect(got).toEqual([["POST", "i", "{}"]]);
  });

  it("follows nobody who sends it elsewhere, and names no secret when it fails", async () => {
    const url = await receiver((_, response) => {
      response.writeHead(307, { location: "http://127.0.0.1:1/" }).end();
    });
    const error = await post(url, "{}", {}, patience()).catch((failed: unknown) => failed);
    expect(error).toBeInstanceOf(NoAnswer);
    expect(String(error)).not.toContain("secret");
  });

  it("says why nobody answers: nobody there, or no patience left", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    await expect(post(`http://127.0.0.1:${port}/`, "{}", {}, patience())).rejects.toThrow(
      new NoAnswer("ECONNREFUSED"),
    );
    const controller = new AbortController();
    const url = await receiver(() => controller.abort(new NoAnswer("no answer came in time")));
    await expect(post(url, "{}", {}, controller.signal)).rejects.toThrow(
      new NoAnswer("no answer came in time"),
    );
  });
});
