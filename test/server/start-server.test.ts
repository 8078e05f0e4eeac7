import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { listenersFrom } from "../../src/server/listener-config.js";
import { type ServerConfig, startServer } from "../../src/server/start-server.js";

import { RawClient } from "../net/raw-client.js";
import { RawWebSocket } from "../net/raw-websocket.js";
import { hasIpv6 } from "../support/ipv6.js";
import { Child } from "./child.js";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const memory = { store: undefined, broker: {} };

/** Where to listen as the flags say it, and the rest of the configuration. */
type Started = Parameters<typeof listenersFrom>[0] & Partial<Omit<ServerConfig, "listeners">>;

async function start({ store, broker, log, ...where }: Started = {}) {
  const lines: string[] = [];
  const listeners = listenersFrom({ port: 0, ...where });
  const config = {
    ...memory,
    listeners,
    ...(store && { store }),
    ...(broker && { broker }),
    ...(log && { log }),
  };
  const server = await startServer(config, { error: (line) => lines.push(line) });
  closers.push(() => server.close());
  const port = Number(/:(\d+)$/.exec(server.urls[0] ?? "")?.[1]);
  return { server, port, lines };
}

describe("startServer", () => {
  it("serves Clients where its URL says, until it is closed", async () => {
    const { server, port } = await start();
    expect(server.urls).toEqual([`mqtt://127.0.0.1:${port}`]);
    const client = await RawClient.accepted(port);
    await server.close();
    await client.ended();
    await expect(RawClient.open(port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("serves WebSockets, too, where its second URL says, at every path or at one", async () => {
    const every = await start({ webSocket: { port: 0 } });
    expect(every.server.urls[1]).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/);
    const { server } = await start({ webSocket: { port: 0, path: "/mqtt" } });
    const [, port] = /^ws:\/\/127\.0\.0\.1:(\d+)\/mqtt$/.exec(server.urls[1] ?? "") ?? [];
    const peer = await RawWebSocket.open(Number(port), { path: "/mqtt" });
    expect(peer.answer).toContain(" 101 ");
    await server.close();
    await peer.ended();
  });

  it("names the flag that chooses the port which is taken, and starts nothing", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    closers.push(() => other.close());
    const { port } = other.address() as { port: number }; // listening on TCP
    await expect(start({ webSocket: { port } })).rejects.toThrow(/another port with --ws-port/);
  });

  it("writes IPv6 addresses as URLs need them", async () => {
    const { server } = await start({ host: "::1" });
    expect(server.urls[0]).toMatch(/^mqtt:\/\/\[::1\]:\d+$/);
  });

  it("listens in both families where localhost is asked for, for WebSockets too", async (context) => {
    if (!(await hasIpv6())) context.skip("needs ::1");
    const { server } = await start({ host: "localhost", webSocket: { port: 0 } });
    const ports = server.urls.map((url) => new URL(url).port);
    expect(server.urls).toEqual([`mqtt://localhost:${ports[0]}`, `ws://localhost:${ports[1]}`]);
    for (const port of ports) {
      for (const host of ["127.0.0.1", "::1"]) {
        const socket = connect({ port: Number(port), host });
        await once(socket, "connect");
        socket.destroy();
      }
    }
    await server.close();
    await expect(once(connect(Number(ports[0]), "::1"), "connect")).rejects.toMatchObject({
      code: "ECONNREFUSED",
    });
  });

  it("says who has the port and what to do when it is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    closers.push(() => other.close());
    const { port } = other.address() as { port: number }; // listening on TCP
    await expect(start({ port })).rejects.toThrow(
      `port ${port} on 127.0.0.1 is in use already: stop the program that has it, or choose another`,
    );
  });

  it("says what is wrong with an address that is not ours, or no address", async () => {
    await expect(start({ host: "192.0.2.1" })).rejects.toMatchObject({
      name: "StartError",
      message: "192.0.2.1 is no address of this machine: choose one with --host, like 127.0.0.1",
    });
    await expect(start({ host: "no.such.host.invalid" })).rejects.toMatchObject({
      name: "StartError",
      message: expect.stringContaining("is not known as a host name"),
    });
  });

  it("does not hide other errors", async () => {
    await expect(start({ port: 70_000 })).rejects.toMatchObject({ name: "UsageError" });
    await expect(start({ broker: { limits: { inFlightCeiling: 0 } } })).rejects.toMatchObject({
      name: "UsageError",
    });
  });

  it("[M06] writes errors on our side as lines", async () => {
    const authenticate = (): boolean => {
      throw new Error("database down");
    };
    const { port, lines } = await start({ broker: { authenticate } });
    await RawClient.accepted(port);
    expect(lines).toEqual(["Error: database down"]);
  });

  it("[J08] refuses a state folder that another server uses, and lets go of it when it cannot listen", async () => {
    const path = mkdtempSync(join(tmpdir(), "beeline-start-"));
    closers.push(() => rmSync(path, { recursive: true }));
    const store = { path };
    await expect(start({ store, host: "192.0.2.1" })).rejects.toThrow(/no address of this machine/);
    const { server } = await start({ store });
    const second = new Child("--port", "0", "--data-dir", path);
    expect(await second.ended).toBe(1);
    expect(second.err).toContain(path);
    await server.close();
  });

  it("[M04] says why a socket file cannot be, also where Node says something else", async () => {
    const unix = join(tmpdir(), "no-such-folder", "mqtt.sock"); // Node: EACCES
    await expect(start({ unix })).rejects.toThrow(
      /^no socket file can be made at \S+: .*folder.*; choose another file with --unix$/,
    );
  });
});
