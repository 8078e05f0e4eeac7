import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { encode } from "../../src/codec/index.js";
import { createBroker, type MqttBroker } from "../../src/library/mqtt-broker.js";
import type { BrokerOptions } from "../../src/library/options.js";
import { connectPacket } from "./raw-client.js";
import { RawWebSocket } from "./raw-websocket.js";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A program's own server: it says what it is asked for, and what came with it. */
async function ownServer(): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer(async (asked, answer) => {
    const chunks: Buffer[] = [];
    for await (const chunk of asked) chunks.push(chunk);
    answer.end(`${asked.method} ${asked.url} ${Buffer.concat(chunks)}`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

function brokerWith(options: BrokerOptions = {}): MqttBroker {
  const broker = createBroker(options);
  closers.push(() => broker.close());
  return broker;
}

/** Whether an MQTT Client is accepted there. */
async function accepts(port: number, path: string): Promise<boolean> {
  const peer = await RawWebSocket.open(port, { path });
  peer.send(encode(connectPacket({ clientId: path })));
  await peer.until(() => peer.received.length > 0);
  const isAccepted = peer.received.equals(Buffer.from([0x20, 2, 0, 0]));
  peer.socket.destroy();
  return isAccepted;
}

async function text(port: number, path: string): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}${path}`)).text();
}

/** What a server answers to these bytes, until it closes or has said `last`. */
async function answerTo(port: number, bytes: string, last: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  closers.push(() => socket.destroy());
  socket.write(bytes);
  let answer = "";
  for await (const chunk of socket) {
    answer += chunk;
    if (answer.includes(last)) break;
  }
  return answer;
}

/** Another WebSocket server on the same HTTP server, as programs have one for themselves. */
function otherWebSockets(server: Server, path?: string): void {
  const other = new WebSocketServer(path === undefined ? { server } : { server, path });
  other.on("connection", (webSocket) => webSocket.send("other"));
  closers.push(() => {
    for (const webSocket of other.clients) webSocket.terminate();
    other.close();
  });
}

async function firstMessage(port: number, path: string): Promise<string> {
  const webSocket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
  closers.push(() => webSocket.terminate());
  const [message] = await once(webSocket, "message");
  return String(message);
}

describe("listen({ webSocket: { server } })", () => {
  it("takes MQTT on its path, and leaves other requests alone", async () => {
    const { server, port } = await ownServer();
    const address = await brokerWith().listen({ webSocket: { server, path: "/mqtt" } });
    expect(address).toEqual({ host: "127.0.0.1", port });
    expect(await accepts(port, "/mqtt")).toBe(true);
    expect(await accepts(port, "/mqtt?token=x")).toBe(true);
    expect(await text(port, "/page")).toBe("GET /page ");
    expect(await text(port, "/mqtt")).toBe("GET /mqtt ");
  });

  it("may be attached before the server listens", async () => {
    const server = createServer();
    closers.push(() => server.close());
    const address = await brokerWith().listen({ webSocket: { server } });
    expect(address).toEqual({ host: "", port: 0 });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    expect(await accepts((server.address() as AddressInfo).port, "/any")).toBe(true);
  });

  it.each(["before", "after"])(
    "leaves another WebSocket server alone that was there %s",
    async (when) => {
      const { server, port } = await ownServer();
      if (when === "before") otherWebSockets(server, "/live");
      await brokerWith().listen({ webSocket: { server, path: "/mqtt" } });
      if (when === "after") otherWebSockets(server, "/live");
      expect(await firstMessage(port, "/live")).toBe("other");
      expect(await accepts(port, "/mqtt")).toBe(true);
      expect(await text(port, "/page")).toBe("GET /page ");
    },
  );

  it("takes without a path what offers the subprotocol mqtt, and nothing else", async () => {
    const { server, port } = await ownServer();
    otherWebSockets(server);
    await brokerWith().listen({ webSocket: { server } });
    expect(await accepts(port, "/")).toBe(true);
    expect(await accepts(port, "/any/path")).toBe(true);
    expect(await firstMessage(port, "/")).toBe("other");
  });

  it("[MQTT-6.0.0-3] refuses on its path what does not offer mqtt", async () => {
    const { server, port } = await ownServer();
    await brokerWith().listen({ webSocket: { server, path: "/mqtt" } });
    const { answer } = await RawWebSocket.open(port, { path: "/mqtt", protocol: "other" });
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request/);
  });

  it("tells the log and the hooks where a peer came in, also one that it refuses", async () => {
    const { server, port } = await ownServer();
    const seen: unknown[] = [];
    const lines: string[] = [];
    const broker = brokerWith({
      authenticate: ({ listener }) => seen.push(listener) > 0,
      logger: { info: (line) => void lines.push(line) },
    });
    await broker.listen({ webSocket: { server, path: "/mqtt" } });
    expect(await accepts(port, "/mqtt")).toBe(true);
    expect(seen).toEqual([`ws://127.0.0.1:${port}/mqtt`]);
    const peer = await RawWebSocket.open(port, { path: "/mqtt", protocol: "other" });
    peer.socket.destroy();
    expect(lines.filter((line) => line.startsWith("refused"))).toEqual([
      expect.stringMatching(
        new RegExp(`^refused 127.0.0.1:\\d+ on ws://127.0.0.1:${port}/mqtt: it does not offer`),
      ),
    ]);
  });

  it("gives the server back an upgrade that nobody takes: with its body, on the same connection", async () => {
    const { server, port } = await ownServer();
    await brokerWith().listen({ webSocket: { server, path: "/mqtt" } });
    const asking = "Host: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n";
    const answer = await answerTo(
      port,
      `POST /a HTTP/1.1\r\n${asking}Content-Length: 4\r\n\r\nbody` +
        "GET /b HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /b",
    );
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 200"]);
    expect(answer).toContain("POST /a body");
    const plain = request({
      port,
      host: "127.0.0.1",
      path: "/c",
      headers: { Connection: "Upgrade", Upgrade: "websocket" },
    });
    plain.end();
    const [response] = await once(plain, "response");
    expect(response.statusCode).toBe(200);
    response.resume();
  });

  it("two brokers share a server, each on its path; each leaves it as it was", async () => {
    const { server, port } = await ownServer();
    const first = brokerWith();
    const second = brokerWith();
    await first.listen({ webSocket: { server, path: "/1" } });
    await second.listen({ webSocket: { server, path: "/2" } });
    expect(await accepts(port, "/1")).toBe(true);
    expect(await accepts(port, "/2")).toBe(true);
    await first.close();
    expect(await accepts(port, "/2")).toBe(true);
    expect(await text(port, "/1")).toBe("GET /1 ");
    await second.close();
    expect(server.listenerCount("upgrade")).toBe(0);
    expect(server.listening).toBe(true);
  });

  it("does nothing any more where somebody stands before it, and can come back", async () => {
    const { server, port } = await ownServer();
    const broker = brokerWith();
    await broker.listen({ webSocket: { server, path: "/mqtt" } });
    type Emit = (event: string, ...told: unknown[]) => boolean;
    const traced = server as unknown as { emit: Emit }; // less exact: events as they come
    const { emit } = traced;
    const other: Emit = (event, ...told) => emit.call(server, event, ...told);
    traced.emit = other; // as tracing tools do
    await broker.close();
    expect(traced.emit).toBe(other);
    expect(await text(port, "/mqtt")).toBe("GET /mqtt ");
    otherWebSockets(server, "/mqtt");
    expect(await firstMessage(port, "/mqtt")).toBe("other");
    await brokerWith().listen({ webSocket: { server, path: "/again" } });
    expect(await accepts(port, "/again")).toBe(true);
  });

  it("is detached when the broker closes: connections end, the server runs on", async () => {
    const { server, port } = await ownServer();
    const broker = brokerWith();
    await broker.listen({ webSocket: { server, path: "/mqtt" } });
    const peer = await RawWebSocket.open(port, { path: "/mqtt" });
    peer.send(encode(connectPacket({ clientId: "web" })));
    await peer.until(() => peer.received.length > 0);
    await broker.close();
    await peer.until(() => peer.closeCode > 0);
    expect(Object.hasOwn(server, "emit")).toBe(false);
    expect(server.listenerCount("upgrade")).toBe(0);
    expect(await text(port, "/page")).toBe("GET /page ");
  });

  it("tells hooks the peer's address and the headers of its request", async () => {
    const { server, port } = await ownServer();
    const seen: unknown[] = [];
    const broker = brokerWith({
      authenticate: ({ remoteAddress, request, certificate }) => {
        seen.push(remoteAddress, request?.url, request?.headers["x-forwarded-for"], certificate);
        return true;
      },
    });
    broker.on("connect", ({ client }) => seen.push(client.remoteAddress));
    await broker.listen({ webSocket: { server, path: "/mqtt" } });
    const headers = ["X-Forwarded-For: 203.0.113.9"];
    const peer = await RawWebSocket.open(port, { path: "/mqtt?a=1", headers });
    peer.send(encode(connectPacket({ clientId: "web" })));
    await peer.until(() => peer.received.length > 0);
    const address = `127.0.0.1:${peer.socket.localPort}`;
    expect(seen).toEqual([address, "/mqtt?a=1", "203.0.113.9", undefined, address]);
  });
});
