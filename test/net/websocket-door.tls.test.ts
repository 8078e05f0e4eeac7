import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, connect as openTls } from "node:tls";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { encode } from "../../src/codec/index.js";
import { createBroker, type MqttBroker } from "../../src/index.js";
import { Handshakes } from "../../src/net/handshakes.js";
import { WebSocketDoor } from "../../src/net/websocket-door.js";
import { DEFAULT_LIMITS } from "../../src/ports/limits.js";
import { selfSigned } from "../support/certificate.js";
import { connectPacket, publishPacket } from "./raw-client.js";
import {
  frame,
  Opcode,
  RawWebSocket,
  type UpgradeRequest,
  upgradeRequest,
} from "./raw-websocket.js";

const CERTIFICATE = selfSigned();
const folder = mkdtempSync(join(tmpdir(), "beeline-wss-"));
afterAll(() => rmSync(folder, { recursive: true }));
const files = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
writeFileSync(files.cert, CERTIFICATE.cert);
writeFileSync(files.key, CERTIFICATE.key, { mode: 0o600 });

const CONNACK = Buffer.from([0x20, 2, 0, 0]);
const PINGREQ = Buffer.from([0xc0, 0]);
const PINGRESP = Buffer.from([0xd0, 0]);
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A broker that listens for WebSockets over TLS. */
async function listening(webSocket: object = {}): Promise<{ broker: MqttBroker; port: number }> {
  const broker = createBroker();
  closers.push(() => broker.close());
  const { port } = await broker.listen({ type: "wss", port: 0, ...files, ...webSocket });
  return { broker, port };
}

/** Sends a text through TLS, and waits for nothing. */
async function sending(port: number, text: string): Promise<RawWebSocket> {
  const socket = openTls({ port, host: "127.0.0.1", rejectUnauthorized: false });
  closers.push(() => socket.destroy());
  await once(socket, "secureConnect");
  return RawWebSocket.through(socket, text);
}

async function open(port: number, request: UpgradeRequest = {}): Promise<RawWebSocket> {
  const peer = await sending(port, upgradeRequest(request));
  await peer.until(() => peer.answer !== "" || peer.isEnded);
  return peer;
}

async function accepted(port: number, clientId = "raw"): Promise<RawWebSocket> {
  const peer = await open(port);
  peer.send(encode(connectPacket({ clientId })));
  await peer.until(() => peer.received.length === CONNACK.length);
  expect(peer.received).toEqual(CONNACK);
  return peer;
}

describe("over TLS as without it: the upgrade", () => {
  it.each([
    ["nothing", undefined],
    ["a thousand names with mqtt among them", `mqtt,${"abc,".repeat(999)}x`],
  ])("[MQTT-6.0.0-3] [K01] refuses who offers %s with 400", async (_what, protocol) => {
    const { broker, port } = await listening();
    const peer = await open(port, { protocol });
    await peer.ended();
    expect(peer.answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(broker.stats().connections).toBe(0);
  });

  it("[K05] takes no compression", async () => {
    const { port } = await listening();
    const peer = await open(port, {
      headers: ["Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"],
    });
    expect(peer.answer).toMatch(/^HTTP\/1\.1 101 /);
    expect(peer.answer).not.toMatch(/extensions/i);
    peer.socket.write(frame(encode(connectPacket()), { reserved: 4 })); // as if it were compressed
    await peer.until(() => peer.closeCode > 0);
    expect(peer.closeCode).toBe(1002);
  });

  it.each([
    ["a page of the list", "https://good.example", 101],
    ["a page of another origin", "https://evil.example", 403],
  ])("[K06] with a list of origins: %s", async (_what, origin, status) => {
    const { port } = await listening({ origins: ["https://good.example"] });
    const peer = await open(port, { headers: [`Origin: ${origin}`] });
    expect(peer.answer).toContain(`HTTP/1.1 ${status} `);
  });

  it.each([
    ["a plain request", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 426],
    [
      "length and chunks",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
      400,
    ],
    ["a body to be upgraded", upgradeRequest({ headers: ["Content-Length: 40"] }), 400],
  ])("[K08] answers %s once and closes", async (_what, text, status) => {
    const { broker, port } = await listening();
    const peer = await sending(port, text + upgradeRequest());
    let answered = "";
    peer.socket.on("data", (chunk: Buffer) => {
      answered += chunk.toString();
    });
    await peer.ended();
    expect(answered.match(/HTTP\/1\.1 \d+/g)).toEqual([`HTTP/1.1 ${status}`]);
    expect(broker.stats().connections).toBe(0);
  });

  it("[K09] gives the whole request a time limit, however it trickles", async () => {
    const bounds = { messageBytesMax: 1024, firstMessageBytesMax: 1024, handshakeMs: 200 };
    const door = new WebSocketDoor(
      { ...bounds, unfinishedTotalBytesMax: 1024 },
      new Handshakes(DEFAULT_LIMITS),
      () => expect.unreachable("nobody has asked for a WebSocket"),
      () => undefined,
    );
    const server = createServer({ ...CERTIFICATE, allowHalfOpen: true }, (socket) =>
      door.take(socket, {}),
    );
    await once(server.listen(0, "127.0.0.1"), "listening");
    closers.push(() => server.close());
    closers.push(() => door.close());
    const { port } = server.address() as { port: number }; // listening on TCP
    const silent = await sending(port, "");
    const slow = await sending(port, "GET / HTTP/1.1\r\nX: ");
    const trickle = setInterval(() => slow.socket.write("x"), 20);
    closers.push(() => clearInterval(trickle));
    await Promise.all([silent.ended(), slow.ended()]);
    expect(slow.answer).toMatch(/^HTTP\/1\.1 408 /);
  });
});

describe("over TLS as without it: frames", () => {
  it("[MQTT-6.0.0-1] [K02] hangs up on a text frame", async () => {
    const { broker, port } = await listening();
    const peer = await accepted(port);
    peer.socket.write(frame(PINGREQ, { opcode: Opcode.TEXT }));
    await peer.until(() => peer.closeCode > 0);
    expect(peer.closeCode).toBe(1003);
    await vi.waitUntil(() => broker.stats().connections === 0);
    expect(peer.received).toEqual(CONNACK); // no PINGRESP
  });

  it("[MQTT-6.0.0-2] [K03] reads a packet out of a thousand frames, and a thousand out of one", async () => {
    const { port } = await listening();
    const peer = await accepted(port);
    for (const byte of encode(publishPacket("t", Buffer.alloc(990, 65), 1))) {
      peer.send(Buffer.from([byte]));
    }
    await peer.until(() => peer.received.length > CONNACK.length);
    expect(peer.received.subarray(4)).toEqual(Buffer.from([0x40, 2, 0, 1]));
    peer.send(Buffer.concat(Array<Buffer>(1_000).fill(PINGREQ)));
    await peer.until(() => peer.received.length === 8 + 2_000);
    expect(peer.received.subarray(8)).toEqual(Buffer.concat(Array(1_000).fill(PINGRESP)));
  });

  it.each([
    ["no mask", frame(PINGREQ, { isMasked: false }), 1002],
    ["a reserved bit", frame(PINGREQ, { reserved: 1 }), 1002],
    ["a length of 2^63", Buffer.from([0x82, 0xff, 128, 0, 0, 0, 0, 0, 0, 0]), 1009],
  ])("[K04] hangs up on %s", async (_what, bytes, code) => {
    const { broker, port } = await listening();
    const peer = await accepted(port);
    peer.socket.write(bytes);
    await peer.until(() => peer.closeCode > 0);
    expect(peer.closeCode).toBe(code);
    await vi.waitUntil(() => broker.stats().connections === 0);
    expect(peer.received).toEqual(CONNACK);
  });

  it("[K07] answers pings, but no flood of them", async () => {
    const { broker, port } = await listening();
    const peer = await accepted(port);
    peer.socket.write(frame("hello", { opcode: Opcode.PING }));
    await peer.until(() => peer.frames.some(({ opcode }) => opcode === Opcode.PONG));
    const flood = setInterval(() => peer.socket.write(frame("", { opcode: Opcode.PING })), 1);
    closers.push(() => clearInterval(flood));
    await peer.until(() => peer.closeCode > 0);
    expect(peer.closeCode).toBe(1008);
    await vi.waitUntil(() => broker.stats().connections === 0);
  });
});
