import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { httpCredential } from "../../src/auth/http.js";
import type { ConnectAttempt } from "../../src/engine.js";
import { attempt } from "./attempt.js";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

interface Asked {
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: IncomingMessage["headers"];
}

/** A program that answers so; functions answer by hand. */
async function program(answer: object | ((asked: Asked, response: ServerResponse) => void)) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    request.on("end", () => {
      const one = { body: JSON.parse(text), headers: request.headers };
      asked.push(one);
      if (typeof answer === "function") answer(one, response);
      else response.end(JSON.stringify(answer));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return { url: `http://127.0.0.1:${port}/auth?key=s3cret`, asked };
}

const someone: ConnectAttempt = attempt({ clientId: "c", username: "anna", password: "hunter2" });
const outcome = async (checking: unknown): Promise<unknown> => {
  try {
    const verdict = (await checking) as { kind: string; returnCode?: number } | undefined;
    return verdict?.returnCode ?? verdict?.kind;
  } catch (error) {
    return String(error);
  }
};

describe("a program that is asked by HTTP", () => {
  it("is told of the attempt as JSON by POST, and who asks", async () => {
    const { url, asked } = await program({ result: "allow", username: "Anna" });
    const certificate = { subject: { CN: "dev" }, subjectaltname: "DNS:d", fingerprint256: "3A" };
    const http = httpCredential({ url, secret: "t0ken" });
    const verdict = await http.check({ ...someone, certificate });
    expect(verdict).toEqual({ kind: "accepted", username: "Anna" });
    expect(asked).toHaveLength(1);
    expect(asked[0]?.headers).toMatchObject({
      authorization: "Bearer t0ken",
      "content-type": "application/json",
    });
    expect(asked[0]?.body).toEqual({
      clientId: "c",
      username: "anna",
      password: "hunter2",
      remoteAddress: "127.0.0.1:50412",
      listener: "mqtt://127.0.0.1:1883",
      cleanSession: true,
      keepAliveSeconds: 60,
      protocolLevel: 4,
      certificate: { commonName: "dev", subjectAltName: "DNS:d", fingerprint256: "3A" },
    });
  });

  it("[B19] gets null for what is missing, and Base64 of what is no text", async () => {
    const { url, asked } = await program({ result: "ignore" });
    const http = httpCredential({ url });
    expect(await http.check(attempt())).toBeUndefined();
    await http.check(attempt({ username: "\"}{'", password: Uint8Array.of(0xff, 0) }));
    expect(asked.map(({ body }) => body)).toMatchObject([
      { username: null, password: null, certificate: null },
      { username: "\"}{'", password: null, passwordBase64: "/wA=" },
    ]);
  });

  it.each([
    [500, "{}", /127\.0\.0\.1:\d+\/auth gave no answer about a client: it answered with HTTP 500$/],
    [204, "", /HTTP 204/],
    [200, "allow", /its answer is no JSON/],
    [200, '{"result": "allow", "x": 1}', /unknown key x/],
    [200, `"${"x".repeat(70_000)}"`, /its answer has more than 65536 bytes/],
  ])(
    "[B18] [M03] fails closed at HTTP %s with %s, and shows no secret",
    async (status, text, words) => {
      const { url } = await program((_, response) => response.writeHead(status).end(text));
      const failed = await outcome(httpCredential({ url, secret: "t0ken" }).check(someone));
      expect(failed).toMatch(words);
      expect(failed).not.toMatch(/s3cret|t0ken|hunter2/);
    },
  );

  it("follows no redirect: it could lead anywhere", async () => {
    const other = await program({ result: "allow" });
    const { url } = await program((_, response) =>
      response.writeHead(307, { location: other.url }).end(),
    );
    expect(await outcome(httpCredential({ url }).check(someone))).toMatch(/gave no answer/);
    expect(other.asked).toEqual([]);
  });

  it("[B18] fails closed when nobody listens, and when nothing comes in time", async () => {
    const nobody = httpCredential({ url: "http://127.0.0.1:1/" });
    expect(await outcome(nobody.check(someone))).toMatch(/gave no answer about a client: \w+/);
    const { url } = await program(() => undefined);
    const slow = httpCredential({ url, timeoutMs: 50 });
    expect(await outcome(slow.check(someone))).toMatch(/its time was up$/);
  });

  it("[M02] asks so many at once; further ones wait, and more are turned away", async () => {
    const open: ServerResponse[] = [];
    const { url, asked } = await program((_, response) => open.push(response));
    const http = httpCredential({ url, requestsMax: 2, waitingMax: 1 });
    const all = [1, 2, 3, 4].map((n) => outcome(http.check(attempt({ clientId: `${n}` }))));
    expect(await all[3]).toBe(3);
    await expect.poll(() => asked.length).toBe(2);
    for (const response of open.splice(0)) response.end('{"result": "deny"}');
    await expect.poll(() => asked.length).toBe(3);
    for (const response of open.splice(0)) response.end('{"result": "allow"}');
    expect(await Promise.all(all)).toEqual([4, 4, "accepted", 3]);
  });

  it("is left alone for a while after failures in a row: CONNACK 3 at once", async () => {
    let status = 500;
    const { url, asked } = await program((_, response) =>
      response.writeHead(status).end('{"result": "allow"}'),
    );
    let nowMs = 0;
    const http = httpCredential({ url, failuresMax: 2, pauseMs: 1_000 }, () => nowMs);
    const check = (): Promise<unknown> => outcome(http.check(someone));
    expect([await check(), await check()]).toEqual([
      expect.stringMatching("HTTP 500"),
      expect.stringMatching("HTTP 500"),
    ]);
    expect([await check(), asked.length]).toEqual([3, 2]);
    nowMs = 1_000;
    status = 200;
    expect([await check(), await check(), asked.length]).toEqual(["accepted", "accepted", 4]);
  });

  it("remembers an answer for the same names, password and certificate as long as it is told to", async () => {
    const { url, asked } = await program({ result: "allow" });
    let nowMs = 0;
    const http = httpCredential({ url, cacheMs: 1_000 }, () => nowMs);
    const others = [
      { ...someone, password: new Uint8Array([1]) },
      { ...someone, clientId: "d" },
      { ...someone, username: undefined },
      { ...someone, username: "" },
    ];
    for (const one of [someone, someone, ...others, someone]) await http.check(one);
    expect(asked).toHaveLength(5);
    nowMs = 1_000;
    await http.check(someone);
    expect(asked).toHaveLength(6);
    (await http.prepare?.())?.();
    await http.check(someone);
    expect(asked).toHaveLength(7);
  });
});
