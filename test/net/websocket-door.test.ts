import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { encode, type Packet, PacketStream, PacketType } from "../../src/codec/index.js";
import { Broker } from "../../src/engine.js";
import { Handshakes } from "../../src/net/handshakes.js";
import { TCP_SOCKET } from "../../src/net/stream-traits.js";
import { tcpListener } from "../../src/net/tcp-listener.js";
import { socketBlockPool, Transport } from "../../src/net/transport.js";
import { WebSocketDoor } from "../../src/net/websocket-door.js";
import type { WebSocketBounds } from "../../src/net/websocket-upgrade.js";
import { DEFAULT_LIMITS } from "../../src/ports/limits.js";
import { connectPacket, publishPacket, RawClient, subscribePacket } from "./raw-client.js";
import { frame, Opcode, RawWebSocket, upgradeRequest } from "./raw-websocket.js";

const KIB = 1024;
const MIB = 1024 * KIB;
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listening(bounds: Partial<WebSocketBounds> = {}) {
  const errors: unknown[] = [];
  const closed: string[] = [];
  const turnedAway: string[] = [];
  const engine = new Broker({
    makeClientId: () => "made",
    pool: socketBlockPool(),
    events: { onDisconnect: (_client, reason) => closed.push(reason) },
  });
  const transport = new Transport(engine, (error) => errors.push(error));
  const door = new WebSocketDoor(
    {
      messageBytesMax: 16 * MIB,
      firstMessageBytesMax: 2 * MIB,
      unfinishedTotalBytesMax: 64 * MIB,
      ...bounds,
    },
    new Handshakes(DEFAULT_LIMITS),
    (stream, traits) => transport.open(stream, traits),
    (address, what, why) => {
      expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
      turnedAway.push(`${what}: ${why}`);
    },
  );
  const sockets = tcpListener(
    (socket) => door.take(socket, {}),
    (error) => errors.push(error),
  );
  const listener = {
    close() {
      sockets.close();
      door.close();
    },
  };
  closers.push(async () => {
    listener.close();
    await transport.close(50);
    expect(errors).toEqual([]);
  });
  const { port } = await sockets.listen({ host: "127.0.0.1", port: 0 });
  return { engine, transport, listener, port, closed, turnedAway };
}

const CONNECT = encode(connectPacket());
const CONNACK = Buffer.from([0x20, 2, 0, 0]);
const PINGREQ = Buffer.from([0xc0, 0]);
const PINGRESP = Buffer.from([0xd0, 0]);

/** A WebSocket whose CONNECT has been accepted. */
async function accepted(port: number, clientId = "raw"): Promise<RawWebSocket> {
  const peer = await RawWebSocket.open(port);
  const payload = Buffer.from(`${clientId} is gone`);
  const will = { topicName: "will", payload, qos: 0, retain: false } as const;
  peer.send(encode(connectPacket({ clientId, will })));
  await peer.until(() => peer.received.length === CONNACK.length);
  expect(peer.received).toEqual(CONNACK);
  return peer;
}

/** The packets among what a broker has sent. */
function packetsIn(bytes: Uint8Array): Packet[] {
  const stream = new PacketStream({ sender: "server" });
  stream.push(bytes);
  const packets: Packet[] = [];
  for (let next = stream.next(); next !== undefined; next = stream.next()) packets.push(next);
  return packets;
}

function payloadsIn(bytes: Uint8Array): string[] {
  return packetsIn(bytes).flatMap((packet) =>
    packet.type === PacketType.PUBLISH ? [Buffer.from(packet.payload).toString()] : [],
  );
}

describe("the upgrade", () => {
  it.each(["mqtt", "mqtt, mqttv3.1", "mqttv3.1,mqtt", "other , mqtt"])(
    "[MQTT-6.0.0-4] selects mqtt and says so, offered %j",
    async (protocol) => {
      const { port } = await listening();
      const { answer } = await RawWebSocket.open(port, { protocol });
      expect(answer).toMatch(/^HTTP\/1\.1 101 /);
      expect(answer.match(/^Sec-WebSocket-Protocol: .*$/gim)).toEqual([
        "Sec-WebSocket-Protocol: mqtt",
      ]);
    },
  );

  it.each(["mqttv3.1", "mqttv3.1, other", "other,mqttv3.1"])(
    "[M27] [MQTT-6.0.0-4] selects mqttv3.1 where MQTT 3.1 is spoken, offered %j",
    async (protocol) => {
      const { port } = await listening();
      const peer = await RawWebSocket.open(port, { protocol });
      expect(peer.answer).toMatch(/^HTTP\/1\.1 101 /);
      expect(peer.answer.match(/^Sec-WebSocket-Protocol: .*$/gim)).toEqual([
        "Sec-WebSocket-Protocol: mqttv3.1",
      ]);
      const old = { protocolName: "MQIsdp", protocolLevel: 3 };
      peer.send(encode(connectPacket({ clientId: "old", ...old })));
      await peer.until(() => peer.received.length === CONNACK.length);
      expect(peer.received).toEqual(CONNACK);
    },
  );

  it("[M27] [K01] refuses who offers mqttv3.1 only with 400 where it is off", async () => {
    const { port, engine } = await listening({ mqtt31: false });
    const peer = await RawWebSocket.open(port, { protocol: "mqttv3.1" });
    await peer.ended();
    expect(peer.answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(engine.stats.connections).toBe(0);
    const { answer } = await RawWebSocket.open(port, { protocol: "mqttv3.1, mqtt" });
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
  });

  it.each([
    ["nothing", undefined],
    ["an empty list", ""],
    ["another case", "MQTT"],
    ["a longer name", "mqtt5"],
    ["a later version of the old name", "mqttv3.1.1"],
    ["a thousand names with mqtt among them", `mqtt,${"abc,".repeat(999)}x`],
    ["one name twice", "mqtt, mqtt"],
    ["no list of names", "mqtt, ,"],
  ])("[MQTT-6.0.0-3] [K01] refuses who offers %s with 400", async (_what, protocol) => {
    const { port, engine } = await listening();
    const peer = await RawWebSocket.open(port, { protocol });
    await peer.ended();
    expect(peer.answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(peer.answer).not.toContain("Sec-WebSocket-Accept");
    expect(engine.stats.connections).toBe(0);
  });

  it("[K01] refuses headers of more than 8 KiB with 431", async () => {
    const { port } = await listening();
    const peer = await RawWebSocket.open(port, { protocol: `mqtt, ${"x".repeat(8 * KIB)}` });
    await peer.ended();
    expect(peer.answer).toMatch(/^HTTP\/1\.1 431 /);
  });

  it("[K05] takes no compression, however it is offered", async () => {
    const { port } = await listening();
    const peer = await RawWebSocket.open(port, {
      headers: ["Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"],
    });
    expect(peer.answer).toMatch(/^HTTP\/1\.1 101 /);
    expect(peer.answer).not.toMatch(/extensions/i);
    peer.socket.write(frame(CONNECT, { reserved: 4 })); // as if it were compressed
    await peer.until(() => peer.closeCode > 0);
    expect(peer.closeCode).toBe(1002);
  });

  it("[K06] lets every page connect, unless there is a list", async () => {
    const { port } = await listening();
    const { answer } = await RawWebSocket.open(port, { headers: ["Origin: https://evil.example"] });
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
  });

  it.each([
    ["a page of the list", ["Origin: https://good.example"], "101"],
    ["a program that names no origin", [], "101"],
    ["a page of another origin", ["Origin: https://evil.example"], "403"],
    ["a page without an origin of its own", ["Origin: null"], "403"],
    ["another port", ["Origin: https://good.example:8443"], "403"],
    ["two origins", ["Origin: https://good.example", "Origin: https://evil.example"], "403"],
    ["the header of older drafts", ["Sec-WebSocket-Origin: https://evil.example"], "403"],
  ])("[K06] with a list of origins: %s", async (_what, headers, status) => {
    const { port } = await listening({ origins: ["https://good.example"] });
    const peer = await RawWebSocket.open(port, { headers });
    expect(peer.answer).toContain(`HTTP/1.1 ${status} `);
  });

  it("serves every path, or the one it is told, with any query", async () => {
    const open = await listening();
    for (const path of ["/", "/mqtt", "/ws?token=1", "*"]) {
      expect((await RawWebSocket.open(open.port, { path })).answer).toContain(" 101 ");
    }
    const bound = await listening({ path: "/mqtt" });
    for (const [path, status] of [
      ["/mqtt", 101],
      ["/mqtt?x=/", 101],
      ["/", 404],
      ["/mqtt/", 404],
      ["/MQTT", 404],
      ["/x/../mqtt", 404],
    ] as const) {
      const { answer } = await RawWebSocket.open(bound.port, { path });
      expect(answer, path).toContain(`HTTP/1.1 ${status} `);
    }
  });

  it.each([
    ["GET", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 426],
    [
      "POST with a chunked body",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
      426,
    ],
    [
      "Expect: 100-continue",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n",
      426,
    ],
    ["another Expect", "GET / HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n", 426],
    [
      "another upgrade",
      "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n",
      400,
    ],
    ["another method", upgradeRequest({ method: "POST" }), 405],
    [
      "a chunked body to be upgraded",
      upgradeRequest({ headers: ["Transfer-Encoding: chunked"] }),
      400,
    ],
    ["a body to be upgraded", upgradeRequest({ headers: ["Content-Length: 40"] }), 400],
    [
      "two lengths",
      "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n",
      400,
    ],
    [
      "length and chunks",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
      400,
    ],
    ["no HTTP", "\u0010\u0010\u0000\u0004MQTT\u0004\u0002\u0000\u0000\u0000\u0004test", 400],
  ])("[K08] answers %s once and closes", async (_what, text, status) => {
    const { port, engine } = await listening();
    // A second request behind the first one finds nobody.
    const peer = await RawWebSocket.sending(port, text + upgradeRequest());
    let answered = "";
    peer.socket.on("data", (chunk: Buffer) => {
      answered += chunk.toString();
    });
    await peer.ended();
    expect(peer.answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answered.match(/HTTP\/1\.1 \d+/g)).toEqual([`HTTP/1.1 ${status}`]);
    if (status === 426) expect(peer.answer).toContain("Upgrade: websocket");
    expect(engine.stats.connections).toBe(0);
  });

  it("[K09] gives the whole request a time limit, however it trickles", async () => {
    const { port } = await listening({ handshakeMs: 200 });
    const silent = await RawWebSocket.sending(port, "");
    const slow = await RawWebSocket.sending(port, "GET / HTTP/1.1\r\nX: ");
    const trickle = setInterval(() => slow.socket.write("x"), 20);
    closers.push(() => clearInterval(trickle));
    await Promise.all([silent.ended(), slow.ended()]);
    expect(slow.answer).toMatch(/^HTTP\/1\.1 408 /);
    await accepted(port);
  });

  it("leaves those alone that are upgraded when the time limit is over", async () => {
    const { port } = await listening({ handshakeMs: 50 });
    const peer = await accepted(port);
    const silent = await RawWebSocket.sending(port, "");
    await silent.ended();
    peer.send(PINGREQ);
    await peer.until(() => peer.received.length > CONNACK.length);
    expect(peer.isEnded).toBe(false);
  });

  it("drops half a request when it closes, and accepts nobody", async () => {
    const { port, listener } = await listening();
    const half = await RawWebSocket.sending(port, "GET / HTTP/1.1\r\n");
    await accepted(port); // so that the first one has arrived
    listener.close();
    await half.ended();
    await expect(RawWebSocket.open(port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("survives who breaks off in the middle of it", async () => {
    const { port } = await listening();
    const peers = await Promise.all(
      Array.from({ length: 20 }, () => RawWebSocket.sending(port, upgradeRequest())),
    );
    for (const peer of peers) peer.socket.resetAndDestroy();
    await accepted(port);
  });
});

describe("frames", () => {
  it("[MQTT-6.0.0-1] [K02] hangs up on a text frame, and publishes the Will", async () => {
    const { port, closed } = await listening();
    const watcher = await accepted(port);
    watcher.send(encode(subscribePacket("will")));
    const peer = await accepted(port, "mortal");
    peer.socket.write(frame(PINGREQ, { opcode: Opcode.TEXT }));
    peer.send(encode(publishPacket("will", "behind the text frame")));
    await peer.until(() => peer.closeCode > 0);
    expect(peer.closeCode).toBe(1003);
    await watcher.until(() => payloadsIn(watcher.received).length > 0);
    expect(payloadsIn(watcher.received)).toEqual(["mortal is gone"]);
    expect(closed).toEqual(["connection-lost"]);
    expect(peer.received).toEqual(CONNACK); // no PINGRESP
  });

  it("[MQTT-6.0.0-1] [K02] also before CONNECT, and when its rest is binary", async () => {
    const { port, engine } = await listening();
    const peer = await RawWebSocket.open(port);
    const [head, rest] = [CONNECT.subarray(0, 5), CONNECT.subarray(5)];
    peer.socket.write(frame(head, { opcode: Opcode.TEXT, isLast: false }));
    peer.socket.write(frame(rest, { opcode: Opcode.CONTINUATION }));
    await peer.until(() => peer.closeCode > 0);
    expect(peer.closeCode).toBeGreaterThan(1000);
    await vi.waitUntil(() => engine.stats.connections === 0);
    expect(peer.received.length).toBe(0);
  });

  it("[MQTT-6.0.0-2] [K03] reads a packet out of a thousand frames, and a thousand out of one", async () => {
    const { port } = await listening();
    const peer = await accepted(port);
    const publish = encode(publishPacket("t", Buffer.alloc(990, 65), 1));
    for (const byte of publish) peer.send(Buffer.from([byte]));
    await peer.until(() => peer.received.length > CONNACK.length);
    expect(peer.received.subarray(4)).toEqual(Buffer.from([0x40, 2, 0, 1]));
    peer.send(Buffer.concat(Array<Buffer>(1_000).fill(PINGREQ)));
    await peer.until(() => peer.received.length === 8 + 2_000);
    expect(peer.received.subarray(8)).toEqual(Buffer.concat(Array(1_000).fill(PINGRESP)));
  });

  it("[MQTT-6.0.0-2] [K03] any cut of a stream into messages and fragments gives the same answers", async () => {
    const { port } = await listening();
    const stream = Buffer.concat([
      CONNECT,
      encode(subscribePacket("#", 1)),
      ...["a", "b", "c"].map((payload, at) => encode(publishPacket("t", payload, 1, at + 1))),
      PINGREQ,
    ]);
    const whole = await answersTo(port, [frame(stream)]);
    const cut = fc.record({ at: fc.nat(stream.length), ends: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(cut, { maxLength: 12 }), async (cuts) => {
        expect(await answersTo(port, framesOf(stream, cuts))).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });

  it("[K03] waits for the rest of a packet that is longer than its frame says", async () => {
    const { port } = await listening();
    const peer = await accepted(port);
    peer.send(Buffer.from([0x30, 0x80, 0x20, 0, 1, 65])); // 4,096 declared, three there
    peer.send(Buffer.alloc(4_093, 66));
    peer.send(PINGREQ);
    await peer.until(() => peer.received.length > CONNACK.length);
    expect(peer.received.subarray(4)).toEqual(PINGRESP);
  });

  it.each([
    ["no mask", frame(PINGREQ, { isMasked: false }), 1002],
    ["a reserved bit", frame(PINGREQ, { reserved: 1 }), 1002],
    ["a reserved kind of frame", frame(PINGREQ, { opcode: 3 }), 1002],
    ["a reserved kind of control frame", frame("", { opcode: 11 }), 1002],
    ["a ping of 126 bytes", frame(Buffer.alloc(126), { opcode: Opcode.PING }), 1002],
    ["a ping in fragments", frame("x", { opcode: Opcode.PING, isLast: false }), 1002],
    ["a continuation of nothing", frame(PINGREQ, { opcode: Opcode.CONTINUATION }), 1002],
    ["a length of 2^63", Buffer.from([0x82, 0xff, 128, 0, 0, 0, 0, 0, 0, 0]), 1009],
    ["a message over the bound", Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 16, 0, 1]), 1009],
    ["a close frame with half a code", frame("x", { opcode: Opcode.CLOSE }), 1002],
  ])("[K04] hangs up on %s", async (_what, bytes, code) => {
    const { port, engine } = await listening({ messageBytesMax: MIB });
    const peer = await accepted(port);
    peer.socket.write(bytes);
    peer.send(PINGREQ);
    await peer.until(() => peer.closeCode > 0);
    expect(peer.closeCode).toBe(code);
    await vi.waitUntil(() => engine.stats.connections === 0);
    expect(peer.received).toEqual(CONNACK);
  });

  it("[K04] hangs up on fragments without end: as many as the bound, or very many empty ones", async () => {
    const { port, engine } = await listening({ messageBytesMax: 256 * KIB });
    const large = await accepted(port);
    const many = await accepted(port, "many");
    const go = (peer: RawWebSocket, byteCount: number): void => {
      peer.socket.write(frame(Buffer.alloc(byteCount), { isLast: false }));
      const more = frame(Buffer.alloc(byteCount), { opcode: 0, isLast: false });
      peer.socket.write(Buffer.concat(Array(Math.min(17_000, 300_000 / byteCount)).fill(more)));
    };
    go(large, 10_000);
    go(many, 1);
    await Promise.all([large, many].map((peer) => peer.until(() => peer.closeCode > 0)));
    expect(large.closeCode).toBe(1009);
    expect(many.closeCode).toBe(1008);
    await vi.waitUntil(() => engine.stats.connections === 0);
  });

  it("[K04] [M19] keeps little for a peer whose first message does not end", async () => {
    const { port, engine } = await listening({ firstMessageBytesMax: 64 * KIB });
    const peer = await RawWebSocket.open(port);
    peer.socket.write(Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0, 1, 2, 3, 4])); // 1 MiB
    peer.socket.write(Buffer.alloc(70 * KIB));
    await peer.until(() => peer.closeCode > 0);
    expect(peer.closeCode).toBe(1009);
    await vi.waitUntil(() => engine.stats.connections === 0);
    const known = await accepted(port);
    known.send(encode(publishPacket("t", Buffer.alloc(200 * KIB), 1)));
    await known.until(() => known.received.length > CONNACK.length);
  });

  it("[B21] [M12] hangs up on bad packets, also when the peer does not answer the close frame", async () => {
    const { port, closed } = await listening();
    const peer = await accepted(port);
    const startMs = performance.now();
    peer.send(Buffer.from([0xc1, 0]), PINGREQ);
    await peer.ended();
    expect(performance.now() - startMs).toBeLessThan(10_000); // `ws` itself would wait for 30 s
    expect(peer.closeCode).toBe(1000);
    expect(peer.received).toEqual(CONNACK);
    expect(closed).toEqual(["violation"]);
  });

  it("[K07] answers pings, but no flood of them", async () => {
    const { port, engine } = await listening();
    const peer = await accepted(port);
    peer.socket.write(frame("hello", { opcode: Opcode.PING }));
    await peer.until(() => peer.frames.some(({ opcode }) => opcode === Opcode.PONG));
    expect(peer.frames.at(-1)?.payload.toString()).toBe("hello");
    const flood = setInterval(() => peer.socket.write(frame("", { opcode: Opcode.PING })), 1);
    closers.push(() => clearInterval(flood));
    await peer.until(() => peer.closeCode > 0);
    expect(peer.closeCode).toBe(1008);
    await vi.waitUntil(() => engine.stats.connections === 0);
  });

  it("[K07] keeps no heap of pongs for a peer that does not read them", async () => {
    const { port, engine } = await listening();
    const peer = await accepted(port);
    peer.socket.pause();
    const ping = frame(Buffer.alloc(125), { opcode: Opcode.PING });
    peer.socket.write(Buffer.concat(Array<Buffer>(10_000).fill(ping)));
    await vi.waitUntil(() => engine.stats.connections === 0);
  });

  it("[M18] pings and empty messages of a WebSocket are no sign of life of the Client", async () => {
    const { port, engine, closed } = await listening();
    const peer = await RawWebSocket.open(port);
    peer.send(encode(connectPacket({ keepAliveSeconds: 1 })));
    await peer.until(() => peer.received.length > 0);
    const alive = setInterval(() => {
      peer.socket.write(frame("", { opcode: Opcode.PING }));
      peer.send(Buffer.alloc(0));
    }, 100);
    closers.push(() => clearInterval(alive));
    await vi.waitUntil(() => engine.stats.connections === 0, { timeout: 10_000 });
    expect(closed).toEqual(["keep-alive"]);
  });
});

describe("next to TCP", () => {
  it("gives both kinds of Clients the same broker", async () => {
    const { port, transport } = await listening();
    const { createServer } = await import("node:net");
    const server = createServer((socket) => transport.open(socket, TCP_SOCKET)).listen(
      0,
      "127.0.0.1",
    );
    closers.push(() => server.close());
    await vi.waitUntil(() => server.listening);
    const { port: tcpPort } = server.address() as { port: number }; // listening on TCP
    const tcp = await RawClient.accepted(tcpPort, { clientId: "tcp" });
    const web = await accepted(port);
    tcp.send(publishPacket("t/p2p/raw", "to the web"));
    await web.until(() => payloadsIn(web.received).length > 0);
    expect(payloadsIn(web.received)).toEqual(["to the web"]);
    web.send(encode(publishPacket("t/p2p/tcp", "to tcp")));
    await tcp.until(() => tcp.payloads.length > 0);
    expect(tcp.payloads).toEqual(["to tcp"]);
  });
});

/** What a Client of its own connection is answered, joined. */
async function answersTo(port: number, frames: readonly Buffer[]): Promise<Buffer> {
  const peer = await RawWebSocket.open(port);
  peer.socket.write(Buffer.concat(frames));
  await peer.until(() => peer.received.subarray(-2).equals(PINGRESP));
  peer.socket.destroy();
  return peer.received;
}

/** The bytes as messages: a cut ends a message or only a fragment of one. */
function framesOf(bytes: Buffer, cuts: readonly { at: number; ends: boolean }[]): Buffer[] {
  const frames: Buffer[] = [];
  let start = 0;
  let isContinued = false;
  for (const { at, ends } of [...cuts].sort((left, right) => left.at - right.at)) {
    frames.push(piece(bytes.subarray(start, at), isContinued, ends));
    start = at;
    isContinued = !ends;
  }
  return [...frames, piece(bytes.subarray(start), isContinued, true)];
}

function piece(bytes: Buffer, isContinued: boolean, isLast: boolean): Buffer {
  return frame(bytes, { opcode: isContinued ? Opcode.CONTINUATION : Opcode.BINARY, isLast });
}

describe("whoever is turned away", () => {
  it.each([
    [
      "a plain request",
      "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
      "a request that asks for no WebSocket (HTTP 426)",
    ],
    [
      "another path",
      upgradeRequest({ path: "/x" }),
      "it asks for another path than the one that is served (HTTP 404 Not Found)",
    ],
    [
      "no subprotocol",
      upgradeRequest({ path: "/mqtt", protocol: "" }),
      "it does not offer the subprotocol mqtt [MQTT-6.0.0-3] (HTTP 400 Bad Request)",
    ],
    [
      "another web page",
      upgradeRequest({ path: "/mqtt", headers: ["Origin: https://evil.example"] }),
      "its web page is of an origin that may not connect (HTTP 403 Forbidden)",
    ],
    [
      "a body",
      upgradeRequest({ path: "/mqtt", headers: ["Content-Length: 4"] }),
      "its request has a body (HTTP 400 Bad Request)",
    ],
    [
      "no WebSocket",
      upgradeRequest({ path: "/mqtt", method: "POST" }),
      "its request is no WebSocket's",
    ],
    [
      "plain MQTT",
      "\u0010\u0010\u0000\u0004MQTT\u0004\u0002\u0000\u0000\u0000\u0004test",
      "plain MQTT came where WebSocket is spoken (HTTP 400 Bad Request)",
    ],
    [
      "TLS",
      "\u0016\u0003\u0001\u0000\u0010\u0001",
      "TLS came where plain WebSocket is spoken (HTTP 400 Bad Request)",
    ],
    [
      "large headers",
      upgradeRequest({ path: "/mqtt", headers: [`X: ${"x".repeat(9_000)}`] }),
      "its headers are too large (HTTP 431 Request Header Fields Too Large)",
    ],
  ])("is told with the reason: %s", async (_what, text, why) => {
    const { port, turnedAway } = await listening({ path: "/mqtt", origins: ["https://a.example"] });
    const peer = await RawWebSocket.sending(port, text);
    await peer.ended();
    expect(turnedAway).toEqual([`refused: ${why}`]);
  });

  it("is told when an open WebSocket is cut off: text, a frame that is none", async () => {
    const { port, turnedAway } = await listening();
    const texting = await RawWebSocket.open(port);
    texting.socket.write(frame("hello", { opcode: Opcode.TEXT }));
    await texting.ended();
    const broken = await RawWebSocket.open(port);
    broken.socket.write(Buffer.from([0xff, 0x80, 0, 0, 0, 0]));
    await broken.ended();
    expect(turnedAway[0]).toBe("hung up: MQTT needs binary frames");
    expect(turnedAway[1]).toMatch(/^hung up: WebSocket: Invalid WebSocket frame/);
  });
});
