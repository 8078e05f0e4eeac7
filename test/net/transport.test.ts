import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { duplexPair, PassThrough } from "node:stream";
import { afterEach, describe, expect, it, vi } from "vitest";
import { encode, PacketType } from "../../src/codec/index.js";
import { Broker, type EngineOptions } from "../../src/engine.js";
import { nowMs } from "../../src/net/clock.js";
import { TCP_SOCKET, traitsOf } from "../../src/net/stream-traits.js";
import { socketBlockPool, Transport } from "../../src/net/transport.js";
import { connectPacket, publishPacket, RawClient, subscribePacket } from "./raw-client.js";

const MIB = 1024 * 1024;
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function serve(options: Partial<EngineOptions> = {}) {
  const engine = new Broker({ makeClientId: () => "made", pool: socketBlockPool(), ...options });
  const errors: unknown[] = [];
  const transport = new Transport(engine, (error) => errors.push(error));
  const server: Server = createServer((socket) => transport.open(socket, TCP_SOCKET));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number }; // listening on TCP
  closers.push(async () => {
    server.close();
    await transport.close(100);
  });
  return { engine, transport, port, errors };
}

describe("Transport over TCP", () => {
  it("[S6] [S7] serves Clients: what one publishes the other receives", async () => {
    const { port } = await serve();
    const receiver = await RawClient.accepted(port, { clientId: "A" });
    const sender = await RawClient.accepted(port, { clientId: "B" });
    sender.send(publishPacket("demo/p2p/A", "hello", 1));
    await receiver.until(() => receiver.payloads.length === 1);
    expect(receiver.payloads).toEqual(["hello"]);
    await sender.until(() => sender.packets.at(-1)?.type === PacketType.PUBACK);
  });

  it("[A09] answers a peer that has sent its last byte already", async () => {
    const { port } = await serve();
    const client = await RawClient.open(port, true);
    const publishes = Array.from({ length: 50 }, (_, index) =>
      publishPacket("t", `${index}`, 1, index + 1),
    );
    client.send(connectPacket(), ...publishes);
    client.socket.end();
    await client.ended();
    expect(client.packets.length).toBe(51);
  });

  it("[M24] bounds what a frozen reader costs, delays nobody else, and hangs up on it", async () => {
    const limits = { outboundBytesMax: 256 * 1024, stalledMs: 1_500, queueMessagesMax: 10 };
    const { engine, port } = await serve({ limits });
    const frozen = await RawClient.accepted(port, { clientId: "frozen" });
    const healthy = await RawClient.accepted(port, { clientId: "healthy" });
    for (const client of [frozen, healthy]) client.send(subscribePacket("flood/#"));
    await frozen.until(() => frozen.packets.length === 2);
    frozen.socket.pause();
    const sender = await RawClient.accepted(port, { clientId: "sender" });
    const payload = Buffer.alloc(10_000, "x");
    const memoryBefore = process.memoryUsage.rss();
    let sent = 0;
    while (engine.stats.drops["slow-receiver"] < 1_000) {
      for (let count = 0; count < 50; count += 1) sender.send(publishPacket("flood/x", payload));
      sent += 50;
      await healthy.until(() => healthy.packets.length === sent + 2);
    }
    expect(process.memoryUsage.rss() - memoryBefore).toBeLessThan(200 * MIB);
    await vi.waitUntil(() => engine.stats.closes.get("stalled") === 1, { timeout: 10_000 });
    sender.send(publishPacket("flood/x", "still here"));
    await healthy.until(() => healthy.payloads.at(-1) === "still here");
  });

  it("[M24] gives a reader that goes on reading all that was accepted for it, in order", async () => {
    const { engine, port } = await serve({ limits: { inFlightMax: 65_535 } });
    const slow = await RawClient.accepted(port, { clientId: "slow" });
    slow.socket.pause();
    const payload = Buffer.alloc(100_000, "x");
    for (let index = 0; index < 60; index += 1) {
      payload.writeUInt32BE(index);
      engine.sendToClient("slow", { parent: "t", payload: Buffer.from(payload), qos: 1 }, nowMs());
    }
    engine.flush();
    slow.socket.resume();
    await slow.until(() => slow.packets.length === 61);
    const numbers = slow.packets.flatMap((packet) =>
      packet.type === PacketType.PUBLISH ? [Buffer.from(packet.payload).readUInt32BE()] : [],
    );
    expect(numbers).toEqual(Array.from({ length: 60 }, (_, index) => index));
  });

  it("[B21] closes a refused connection although the peer does not", async () => {
    const { engine, transport, port } = await serve();
    const client = await RawClient.open(port, true);
    client.send(connectPacket({ clientId: "", cleanSession: false }));
    await client.ended();
    expect(client.packets).toEqual([
      { type: PacketType.CONNACK, sessionPresent: false, returnCode: 2 },
    ]);
    expect(engine.stats.connections).toBe(0);
    expect(transport.lingering.size).toBe(1);
    await vi.waitUntil(() => transport.lingering.size === 0, { timeout: 3_000 });
  });

  it("[M19] closes a connection that never sends a CONNECT", async () => {
    const { engine, port } = await serve({ limits: { connectTimeoutMs: 300 } });
    const client = await RawClient.open(port);
    await client.ended();
    expect(engine.stats.closes.get("connect-timeout")).toBe(1);
  });

  it("[MQTT-3.1.2-24] [M18] closes a silent Client after one and a half Keep Alive periods", async () => {
    const { engine, port } = await serve();
    const client = await RawClient.accepted(port, { keepAliveSeconds: 1 });
    const startedMs = performance.now();
    await client.ended();
    const silentMs = performance.now() - startedMs;
    expect(silentMs).toBeGreaterThan(1_450); // how late at most: in virtual time, test/broker/housekeeping.test.ts
    expect(engine.stats.closes.get("keep-alive")).toBe(1);
  });

  it("[M07] close sends what waits, ends all connections, and takes no new ones", async () => {
    const { engine, transport, port } = await serve();
    const client = await RawClient.accepted(port);
    engine.publish({ topicName: "x", payload: Buffer.from("y"), qos: 0, retain: false }, nowMs());
    engine.sendToClient("raw", { parent: "t", payload: Buffer.from("last"), qos: 0 }, nowMs());
    await transport.close(1_000);
    await client.ended();
    expect(client.payloads).toEqual(["last"]);
    const stream = new PassThrough();
    transport.open(stream, traitsOf(stream));
    expect(stream.destroyed).toBe(true);
    await transport.close(1_000);
  });

  it("[M07] close does not wait for a peer longer than it may", async () => {
    const { transport, port } = await serve();
    const stubborn = await RawClient.open(port, true);
    stubborn.send(connectPacket());
    await stubborn.until(() => stubborn.packets.length === 1);
    await transport.close(200); // else for ever: this peer never closes
    await stubborn.ended();
  });

  it("reports what the engine's tick throws, and ticks on", async () => {
    const { engine, transport, errors } = await serve();
    const original = engine.tick.bind(engine);
    engine.tick = (nowMs) => {
      engine.tick = original;
      original(nowMs);
      throw new Error("bad tick");
    };
    transport.startTicking();
    await vi.waitUntil(() => errors.length > 0);
    expect(errors).toEqual([new Error("bad tick")]);
  });
});

describe("Transport over other streams", () => {
  it("serves a Duplex, and opens one that comes in the middle of a turn right after it", async () => {
    const engine = new Broker({
      makeClientId: () => "made",
      events: {
        onPublish: () => transport.open(near, traitsOf(near)),
      },
    });
    const transport = new Transport(engine, () => undefined);
    closers.push(() => transport.close(100));
    const [near, far] = duplexPair();
    const received = new Promise<Buffer>((resolve) => far.once("data", resolve));
    far.write(encode(connectPacket()));
    engine.publish({ topicName: "t", payload: Buffer.from("x"), qos: 0, retain: false }, 1);
    transport.loop.afterCall();
    expect(await received).toEqual(Buffer.from("20020000", "hex"));
  });
});
