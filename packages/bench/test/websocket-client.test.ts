import { once } from "node:events";
import { createServer as createHttp, type Server as HttpServer } from "node:http";
import {
  type AddressInfo,
  createConnection,
  createServer,
  type Server,
  type Socket,
} from "node:net";
import { afterEach, expect, it } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { WebSocketClient } from "../src/websocket-client.js";

const servers: (Server | HttpServer)[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function opened(server: Server | HttpServer): Promise<WebSocketClient> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return new WebSocketClient(createConnection({ host: "127.0.0.1", port }), `127.0.0.1:${port}`);
}

/** A client of the `ws` package's server, and that server's end. */
async function pair(): Promise<{ readonly client: WebSocketClient; readonly server: WebSocket }> {
  const http = createHttp();
  const accepted = once(new WebSocketServer({ server: http }), "connection");
  const client = await opened(http);
  const [server] = (await accepted) as [WebSocket];
  return { client, server };
}

/** A client of a server that answers its request with these bytes, and so on. */
function answered(answer: (socket: Socket) => void): Promise<WebSocketClient> {
  return opened(createServer((socket) => socket.once("data", () => answer(socket))));
}

function collected(client: WebSocketClient): () => Buffer {
  const chunks: Buffer[] = [];
  client.on("data", (bytes: Buffer) => chunks.push(bytes));
  return () => Buffer.concat(chunks);
}

const AGREED = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";

it("asks for mqtt, and sends each write as one binary frame, of any length", async () => {
  const { client, server } = await pair();
  expect(server.protocol).toBe("mqtt");
  const frames: { readonly bytes: Buffer; readonly isBinary: boolean }[] = [];
  server.on("message", (bytes: Buffer, isBinary) => frames.push({ bytes, isBinary }));
  const sent = [0, 1, 125, 126, 65_535, 65_536].map((length) => Buffer.alloc(length, length & 255));
  for (const bytes of sent) client.write(bytes);
  const expected = sent.slice(1).map((bytes) => ({ bytes, isBinary: true })); // nothing is no frame
  await expect.poll(() => frames.length).toBe(expected.length);
  expect(frames).toEqual(expected);
  client.destroy();
});

it("reads frames of any length, answers pings, and ends when the server closes", async () => {
  const { client, server } = await pair();
  const got = collected(client);
  const sent = [1, 125, 126, 65_535, 65_536].map((length) => Buffer.alloc(length, length & 255));
  const pong = once(server, "pong");
  for (const bytes of sent) server.send(bytes);
  server.ping("x");
  const [payload] = (await pong) as [Buffer];
  expect(payload.toString()).toBe("x");
  await expect.poll(() => got().length).toBe(Buffer.concat(sent).length);
  expect(got().equals(Buffer.concat(sent))).toBe(true);
  server.close();
  await once(client, "close");
});

it("says good-bye when it ends", async () => {
  const { client, server } = await pair();
  client.end(Uint8Array.of(0xe0, 0));
  const [code] = (await once(server, "close")) as [number];
  expect(code).toBe(1000);
});

it("reads what comes a byte at a time, and a message in several frames", async () => {
  const bytes = Buffer.concat([
    Buffer.from(AGREED),
    ...[Buffer.of(0x02, 2, 1, 2), Buffer.of(0x89, 0), Buffer.of(0x80, 126, 0, 3, 3, 4, 5)],
  ]);
  const client = await answered(async (socket) => {
    for (const byte of bytes) {
      socket.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  const got = collected(client);
  await expect.poll(() => [...got()]).toEqual([1, 2, 3, 4, 5]);
  client.destroy();
});

it("reads no more than somebody takes", async () => {
  const { client, server } = await pair();
  for (let count = 0; count < 100; count += 1) server.send(Buffer.alloc(65_536));
  await expect.poll(() => client.readableLength).toBeGreaterThan(0);
  expect(client.readableLength).toBeLessThan(1_000_000);
  const got = collected(client);
  await expect.poll(() => got().length).toBe(6_553_600);
  client.destroy();
});

it.each(["HTTP/1.1 426 Upgrade Required\r\n\r\n", "x".repeat(20_000)])(
  "is told no: %.20s",
  async (no) => {
    const client = await answered((socket) => socket.write(no));
    const [error] = (await once(client, "error")) as [Error];
    expect(error.message).toContain("does not speak WebSocket here");
  },
);

it("ends with its connection", async () => {
  const client = await answered((socket) => socket.destroy());
  await once(client, "close");
});
