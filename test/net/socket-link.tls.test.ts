import { once } from "node:events";
import { createServer as createHttpsServer } from "node:https";
import type { Socket } from "node:net";
import { createServer, connect as openTls, type TLSSocket } from "node:tls";
import { afterEach, describe, expect, it, vi } from "vitest";
import { encode, PacketStream, PacketType } from "../../src/codec/index.js";
import { BlockPool, Broker, type EngineOptions } from "../../src/engine.js";
import { AttachedWebSockets } from "../../src/net/attached-websockets.js";
import { nowMs } from "../../src/net/clock.js";
import { traitsOf } from "../../src/net/stream-traits.js";
import { Transport } from "../../src/net/transport.js";
import { BLOCK_BYTES } from "../../src/ports/outbox.js";
import { selfSigned } from "../support/certificate.js";
import { connectPacket, publishPacket } from "./raw-client.js";
import { frame } from "./raw-websocket.js";

const MIB = 1024 * 1024;
const CERTIFICATE = selfSigned();
const CONNACK_BYTES = 4;
const PUBACK_BYTES = 4;
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** An engine, its pool, and how many blocks that has had to make. */
function engineOf(options: Partial<EngineOptions> = {}) {
  const made = { blocks: 0 };
  const pool = new BlockPool((byteCount) => {
    made.blocks += 1;
    return Buffer.allocUnsafeSlow(byteCount);
  });
  const engine = new Broker({ makeClientId: () => "made", pool, ...options });
  const transport = new Transport(engine, (error) => {
    throw error;
  });
  closers.push(() => transport.close(100));
  return { engine, transport, made };
}

/** A Client over TLS, and the server's end of its connection. */
async function connected(options: Partial<EngineOptions> = {}) {
  const { engine, transport, made } = engineOf(options);
  const server = createServer({ ...CERTIFICATE, allowHalfOpen: true });
  const near = once(server, "secureConnection") as Promise<[TLSSocket]>;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => server.close());
  const { port } = server.address() as { port: number }; // listening on TCP
  const client = openTls({ port, host: "127.0.0.1", rejectUnauthorized: false });
  client.on("error", () => undefined);
  closers.push(() => client.destroy());
  const [socket] = await near;
  const writes = vi.spyOn(socket, "write");
  transport.open(socket, traitsOf(socket));
  const received = collect(client);
  client.write(encode(connectPacket({ clientId: "C" })));
  await received.until(CONNACK_BYTES);
  writes.mockClear();
  return { engine, made, socket, writes, client, received };
}

function collect(socket: Socket) {
  const chunks: Buffer[] = [];
  const count = (): number => chunks.reduce((sum, { length }) => sum + length, 0);
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  return {
    count,
    bytes: () => Buffer.concat(chunks),
    until: (byteCount: number) =>
      vi.waitUntil(() => count() >= byteCount, { timeout: 10_000, interval: 1 }),
  };
}

/** The payloads that have come whole. */
function publishedIn(stream: PacketStream): Buffer[] {
  const payloads: Buffer[] = [];
  for (let packet = stream.next(); packet !== undefined; packet = stream.next()) {
    if (packet.type === PacketType.PUBLISH) payloads.push(Buffer.from(packet.payload));
  }
  return payloads;
}

/** Reads 64 KiB or a little more at a time, and the payloads in them, with 10 ms in between. */
function readSlowly(client: TLSSocket, into: Buffer[]): void {
  const stream = new PacketStream();
  let unread = 64 * 1024;
  client.on("data", (chunk: Buffer) => {
    stream.push(chunk);
    into.push(...publishedIn(stream));
    unread -= chunk.length;
    if (unread > 0) return;
    unread = 64 * 1024;
    client.pause();
    setTimeout(() => client.resume(), 10);
  });
  client.resume();
}

describe("SocketLink over TLS", () => {
  it("writes once a flush, and gives the block back at once", async () => {
    const { made, writes, client, received } = await connected();
    const before = made.blocks;
    for (let index = 0; index < 100; index += 1) {
      client.write(encode(publishPacket("t", "x", 1, index + 1)));
      await received.until(CONNACK_BYTES + PUBACK_BYTES * (index + 1));
    }
    expect(writes).toHaveBeenCalledTimes(100);
    expect(made.blocks).toBe(before);
  });

  it("[M24] a flush that TLS has merely not finished is no blocked peer", async () => {
    const { engine, socket, client, received, writes } = await connected();
    const drained = vi.spyOn(engine, "drained");
    const unsent: number[] = [];
    for (let index = 0; index < 10; index += 1) {
      client.write(encode({ type: PacketType.PINGREQ }));
      await received.until(CONNACK_BYTES + 2 * (index + 1));
      await vi.waitUntil(() => drained.mock.calls.length === index + 1, { interval: 1 });
      const [connection] = drained.mock.calls[index] as Parameters<Broker["drained"]>;
      unsent.push(connection.link.unsentBytes, connection.blockedSinceMs);
    }
    expect(unsent).toEqual(Array(20).fill(0));
    expect(writes).toHaveBeenCalledTimes(10);
    expect(socket.writableLength).toBe(0);
  });

  it("[M24] hangs up on a reader that takes nothing for `stalledMs`", async () => {
    const limits = { stalledMs: 600, outboundBytesMax: 32 * MIB };
    const { engine, client } = await connected({ limits });
    client.pause();
    const payload = Buffer.alloc(MIB, "x");
    for (let index = 0; index < 16; index += 1) {
      engine.sendToClient("C", { parent: "t", payload, qos: 0 }, nowMs());
    }
    engine.flush();
    const startedMs = nowMs();
    await vi.waitUntil(() => engine.stats.closes.get("stalled") === 1, { timeout: 10_000 });
    expect(nowMs() - startedMs).toBeGreaterThanOrEqual(600);
  });

  it("[M24] keeps a reader that is slow but steady, however long it takes", async () => {
    const limits = { stalledMs: 600, outboundBytesMax: 32 * MIB };
    const { engine, client, received } = await connected({ limits });
    client.removeAllListeners("data");
    client.pause();
    const payload = Buffer.alloc(MIB);
    for (let at = 0; at < MIB; at += 4) payload.writeUInt32BE(at, at);
    for (let index = 0; index < 12; index += 1) {
      engine.sendToClient("C", { parent: "t", payload, qos: 0 }, nowMs());
    }
    engine.flush();
    const startedMs = nowMs();
    const payloads: Buffer[] = [];
    readSlowly(client, payloads);
    await vi.waitUntil(() => payloads.length === 12, { timeout: 20_000 });
    expect(payloads.every((each) => each.equals(payload))).toBe(true);
    expect(nowMs() - startedMs).toBeGreaterThan(1_200);
    expect(engine.stats.closes.get("stalled")).toBeUndefined();
    expect(engine.stats.connections).toBe(1);
    expect(received.count()).toBe(CONNACK_BYTES);
  });

  it("sends what is more than a portion in order, large payloads without a copy that stays", async () => {
    const { engine, received } = await connected({ limits: { outboundBytesMax: 32 * MIB } });
    const payload = Buffer.alloc(3 * MIB);
    for (let at = 0; at < payload.length; at += 4) payload.writeUInt32BE(at, at);
    const small = Buffer.alloc(1000, "s");
    for (const part of [small, payload, small]) {
      engine.sendToClient("C", { parent: "t", payload: part, qos: 0 }, nowMs());
    }
    for (let index = 0; index < BLOCK_BYTES / 500; index += 1) {
      engine.sendToClient("C", { parent: "t", payload: small, qos: 0 }, nowMs());
    }
    engine.flush();
    await received.until(3 * MIB + 1000 * (2 + Math.floor(BLOCK_BYTES / 500)));
    const stream = new PacketStream();
    stream.push(received.bytes());
    const payloads = publishedIn(stream);
    expect(payloads[1]?.equals(payload)).toBe(true);
    const others = payloads.filter((_, at) => at !== 1);
    expect(others.every((other) => other.equals(small))).toBe(true);
  });
});

describe("SocketLink over a WebSocket over TLS", () => {
  it("writes once a flush, and gives the block back at once", async () => {
    const { transport, made } = engineOf();
    const server = createHttpsServer(CERTIFICATE);
    const bounds = {
      messageBytesMax: MIB,
      firstMessageBytesMax: MIB,
      unfinishedTotalBytesMax: MIB,
    };
    const webSockets = new AttachedWebSockets(server, bounds, (stream, traits) => {
      transport.open(stream, traits);
    });
    await webSockets.listen();
    const near = once(server, "secureConnection") as Promise<[TLSSocket]>;
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    closers.push(() => server.close());
    const { port } = server.address() as { port: number }; // listening on TCP
    const client = openTls({ port, host: "127.0.0.1", rejectUnauthorized: false });
    closers.push(() => client.destroy());
    const [socket] = await near;
    const received = collect(client);
    const key = "dGhlIHNhbXBsZSBub25jZQ==";
    client.write(
      `GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n`,
    );
    await vi.waitUntil(() => received.bytes().includes("\r\n\r\n"));
    const head = received.count();
    client.write(frame(encode(connectPacket())));
    await received.until(head + 2 + CONNACK_BYTES);
    const writes = vi.spyOn(socket, "write");
    const before = made.blocks;
    for (let index = 0; index < 50; index += 1) {
      client.write(frame(encode(publishPacket("t", "x", 1, index + 1))));
      await received.until(head + (2 + CONNACK_BYTES) + (2 + PUBACK_BYTES) * (index + 1));
    }
    expect(writes).toHaveBeenCalledTimes(50);
    expect(made.blocks).toBe(before);
  });
});
