import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { createBroker, type MqttBroker } from "../../src/index.js";
import { LogTail } from "../../src/log/log-tail.js";
import { type AdminConfig, Observing } from "../../src/server/observing.js";
import { type RunningServer, startServer } from "../../src/server/start-server.js";

const ADMIN: AdminConfig = {
  ...{ host: "127.0.0.1", port: 0, loopLagMsMax: 60_000, mayBeAbsent: false },
};
const LISTENERS = [
  { options: { type: "tcp", host: "127.0.0.1", port: 0 }, chosenBy: "--port" },
] as const;
const NO_LOG = {};
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function started(
  config: Partial<Parameters<typeof startServer>[0]> = {},
): Promise<RunningServer> {
  const server = await startServer(
    { listeners: LISTENERS, broker: {}, store: undefined, admin: ADMIN, ...config },
    NO_LOG,
  );
  ends.push(() => server.close());
  return server;
}

/** With an API: its token is in the data folder. */
async function startedWithApi(
  config: object = {},
): Promise<{ server: RunningServer; headers: object }> {
  const path = mkdtempSync(join(tmpdir(), "observing-"));
  const server = await startServer(
    { listeners: LISTENERS, broker: {}, store: { path }, admin: ADMIN, ...config },
    NO_LOG,
    {
      log: new LogTail(Date.now),
      config: () => [],
      reload: async () => ({ changed: [], needRestart: [] }),
      stop: () => undefined,
    },
  );
  ends.push(
    () => server.close(),
    () => rmSync(path, { recursive: true }),
  );
  expect(server.adminTokenFile).toBe(join(path, "admin-token"));
  const token = readFileSync(join(path, "admin-token"), "utf8").trim();
  return { server, headers: { authorization: `Bearer ${token}` } };
}

async function metricsOf({ adminUrl }: RunningServer): Promise<string> {
  return (await fetch(`${adminUrl}/metrics`)).text();
}

describe("a server that shows itself", () => {
  it("answers health and metrics while it runs, and not afterwards", async () => {
    const server = await started();
    expect(server.adminUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await fetch(`${server.adminUrl}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${server.adminUrl}/readyz`)).json()).toEqual({ status: "ready" });
    expect(await metricsOf(server)).toContain("mqtt_connections 0");
    await server.close();
    await expect(fetch(`${server.adminUrl}/healthz`)).rejects.toThrow();
  });

  it("times hooks, and commits to disk", async () => {
    const folder = mkdtempSync(join(tmpdir(), "observing-"));
    ends.push(() => rmSync(folder, { recursive: true }));
    const observing = new Observing({ admin: ADMIN });
    const observed = observing.observed({
      ...{ admin: ADMIN, store: { path: join(folder, "data") } },
      broker: { authenticate: () => true },
    });
    const { openLmdbStore } = await import("../../src/store/index.js");
    const broker = createBroker({ ...observed.broker, store: openLmdbStore(observed.store) });
    ends.unshift(
      () => observing.close(),
      () => broker.close(),
    );
    const url = await observing.start(broker, NO_LOG);
    await broker.connectInProcess({ clientId: "c" });
    await broker.publish({ topicName: "t", payload: "x", retain: true });
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toContain("mqtt_credential_seconds_count 1");
    expect(text).toMatch(/^mqtt_store_commit_seconds_count [1-9]/m);
  });

  it("is not ready while its store cannot be written to, and counts that", async () => {
    const listeners: ((event: object) => void)[] = [];
    const broker = createBroker();
    ends.push(() => broker.close());
    const watched = Object.assign(Object.create(broker) as MqttBroker, {
      on: (_: string, listener: (event: object) => void) => listeners.push(listener),
      stats: () => broker.stats(),
    });
    const observing = new Observing({ admin: ADMIN });
    ends.push(() => observing.close());
    const url = await observing.start(watched, NO_LOG);
    for (const tell of listeners) tell({ state: "failing", error: new Error("disk full") });
    const answer = await fetch(`${url}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      reasons: ["the store cannot be written to: disk full"],
    });
    expect(await (await fetch(`${url}/metrics`)).text()).toContain(
      "mqtt_store_commit_failures_total 1",
    );
    for (const tell of listeners) tell({ state: "recovered", error: undefined });
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    observing.stopping();
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
  });

  it("publishes $SYS topics when it is told to", async () => {
    const server = await started({ sysIntervalSeconds: 60 });
    expect(await metricsOf(server)).toMatch(/^mqtt_retained_messages [1-9]\d/m);
    const without = await started({ sysIntervalSeconds: 0 });
    expect(await metricsOf(without)).toContain("mqtt_retained_messages 0");
  });

  it("shows nothing when all is switched off", async () => {
    expect((await started({ admin: undefined })).adminUrl).toBeUndefined();
  });
});

describe("a server with a data folder", () => {
  it("has an API for whoever can read the token there", async () => {
    const { server, headers } = await startedWithApi();
    const url = `${server.adminUrl}/api/v1/clients`;
    expect((await fetch(url)).status).toBe(401);
    expect(await (await fetch(url, { headers: { ...headers } })).json()).toEqual({ clients: [] });
  });

  it("reads no body that is too large, and goes on", async () => {
    const { server, headers } = await startedWithApi();
    const url = `${server.adminUrl}/api/v1/messages`;
    const body = JSON.stringify({ topicName: "t", payload: "x".repeat(2 << 20) });
    const post = { method: "POST", headers: { ...headers, "content-type": "application/json" } };
    expect((await fetch(url, { ...post, body })).status).toBe(413);
    const [first, rest] = [body.slice(0, 1 << 20), body.slice(1 << 20)];
    const chunks = ReadableStream.from([Buffer.from(first), Buffer.from(rest)]);
    expect(
      (await fetch(url, { ...post, body: chunks, duplex: "half" } as RequestInit)).status,
    ).toBe(413);
    const small = JSON.stringify({ topicName: "t", payload: "x" });
    expect((await fetch(url, { ...post, body: small })).status).toBe(204);
  });

  it("answers what accounts ask about their tokens", async () => {
    const folder = mkdtempSync(join(tmpdir(), "observing-tokens-"));
    ends.push(() => rmSync(folder, { recursive: true }));
    const keysFile = join(folder, "keys");
    writeFileSync(keysFile, "AK:exampleSecret\n");
    const { server } = await startedWithApi({
      credentials: [{ kind: "token", keysFile, stateDir: join(folder, "state") }],
    });
    const fields = {
      ...{ actions: "R", expireTime: `${Date.now() + 60_000}`, instanceId: "mqtt-x" },
      ...{ resources: "t/#", serviceName: "mq" },
    };
    const signed = Object.entries(fields)
      .map(([key, value]) => `${key}=${value}`)
      .sort()
      .join("&");
    const signature = createHmac("sha1", "exampleSecret").update(signed).digest("base64");
    const apply = (sent: string): Promise<Response> =>
      fetch(`${server.adminUrl}/token/apply`, {
        method: "POST",
        body: new URLSearchParams({ ...fields, accessKey: "AK", signature: sent }),
      });
    const answer = await apply(signature);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ success: true, tokenData: expect.any(String) });
    expect((await apply("wrong")).status).toBe(403);
  });
});

describe("a port that another program has", () => {
  /** A port that is taken. */
  async function taken(): Promise<number> {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    ends.push(() => new Promise((resolve) => other.close(resolve)));
    const address = other.address();
    return typeof address === "object" ? (address?.port ?? 0) : 0;
  }

  it("is no reason not to start when nobody has chosen it", async () => {
    const lines: string[] = [];
    const port = await taken();
    const server = await startServer(
      {
        ...{ listeners: LISTENERS, broker: {}, store: undefined },
        admin: { ...ADMIN, port, mayBeAbsent: true },
      },
      { warn: (line) => void lines.push(line) },
    );
    ends.push(() => server.close());
    expect(server.adminUrl).toBeUndefined();
    expect(lines).toEqual([
      expect.stringMatching(/^port \d+ on 127\.0\.0\.1 is in use: .* --admin-port/),
    ]);
  });

  it("is one when somebody has", async () => {
    const port = await taken();
    await expect(started({ admin: { ...ADMIN, port } })).rejects.toThrow(
      new RegExp(`^port ${port} on 127.0.0.1 is in use already: .* with --admin-port`),
    );
  });
});
