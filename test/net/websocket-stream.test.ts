import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { encode } from "../../src/engine.js";
import { type GivesUp, streamOver } from "../../src/net/websocket-stream.js";
import { Unfinished } from "../../src/ports/unfinished.js";
import { publishPacket } from "../support/harness.js";
import { frame, Opcode, RawWebSocket } from "./raw-websocket.js";

const MIB = 1024 * 1024;
const closers: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close();
});

/** A PUBLISH with a payload, or with so many bytes of one. */
function packet(payload: string | number): Buffer {
  const bytes = typeof payload === "string" ? payload : Buffer.alloc(payload);
  return Buffer.from(encode(publishPacket("t", bytes)));
}

/** Both ends of a WebSocket: the peer's, and ours as a stream, with what is below it. */
async function pair(
  firstMessageBytesMax = 64 * MIB,
  unfinished = new Unfinished<GivesUp>(64 * MIB),
) {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => server.close());
  const { port } = server.address() as { port: number }; // listening on TCP
  const upgrading = new WebSocketServer({ noServer: true, autoPong: false, maxPayload: 64 * MIB });
  const opening = RawWebSocket.open(port);
  const [request, socket, head] = (await once(server, "upgrade")) as [
    IncomingMessage,
    Socket,
    Buffer,
  ]; // what this event brings
  const made: { stream?: Duplex; webSocket?: WebSocket } = {};
  upgrading.handleUpgrade(request, socket, head, (webSocket) => {
    made.webSocket = webSocket;
    made.stream = streamOver(webSocket, socket, { firstMessageBytesMax, unfinished });
  });
  const peer = await opening;
  closers.push(() => peer.socket.destroy());
  const { stream, webSocket } = made as Required<typeof made>; // handleUpgrade calls back at once
  const received: Buffer[] = [];
  const receive = (): void => void stream.on("data", (chunk: Buffer) => received.push(chunk));
  return { peer, stream, webSocket, socket, receive, received };
}

describe("a WebSocket as a stream", () => {
  it("knows the address of its peer, also when it is gone", async () => {
    const { peer, stream } = await pair();
    const { localPort } = peer.socket;
    peer.socket.destroy();
    stream.resume();
    await once(stream, "end");
    expect(stream).toMatchObject({ remoteAddress: "127.0.0.1", remotePort: localPort });
  });

  it("hands on each message as it came, and [M32] sends each packet as one binary frame", async () => {
    const { peer, stream, receive, received } = await pair();
    receive();
    peer.send(Buffer.from("one"), Buffer.alloc(0), Buffer.from("two"));
    await vi.waitUntil(() => received.length === 2);
    expect(received.map(String)).toEqual(["one", "two"]);
    stream.write(Buffer.concat([packet("three"), packet("four")]));
    stream.write(packet("five"));
    await peer.until(() => peer.frames.length === 3);
    expect(peer.frames).toEqual(
      ["three", "four", "five"].map((text) => ({ opcode: Opcode.BINARY, payload: packet(text) })),
    );
  });

  it("reads no more from a peer whose bytes nobody takes, and loses none of them", async () => {
    const { peer, stream, webSocket, receive, received } = await pair();
    const messages = 200;
    for (let index = 0; index < messages; index += 1) peer.send(Buffer.alloc(64 * 1024, index));
    await vi.waitUntil(() => webSocket.isPaused);
    expect(stream.readableLength).toBeLessThan(MIB);
    receive();
    await vi.waitUntil(() => received.length === messages);
    expect(received.every((chunk, index) => chunk.length === 65_536 && chunk[0] === index)).toBe(
      true,
    );
    expect(webSocket.isPaused).toBe(false);
  });

  it("[M24] is done with a write only when the peer takes it", async () => {
    const { peer, stream } = await pair();
    peer.socket.pause();
    let written = 0;
    for (let index = 0; index < 64; index += 1) {
      stream.write(packet(256 * 1024), () => {
        written += 1;
      });
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(stream.writableLength).toBeGreaterThan(4 * MIB);
    peer.socket.resume();
    await vi.waitUntil(() => written === 64);
    expect(stream.writableLength).toBe(0);
  });

  it("ends when it is ended: the close frame last, and the peer's in answer", async () => {
    const { peer, stream, receive, received } = await pair();
    receive();
    const closed = once(stream, "close");
    stream.end(packet("last"));
    await peer.until(() => peer.closeCode > 0);
    expect(peer.closeCode).toBe(1000);
    expect(peer.received).toEqual(packet("last"));
    peer.send(Buffer.from("late"));
    peer.socket.write(frame(Buffer.from([0x03, 0xe8]), { opcode: Opcode.CLOSE }));
    await closed;
    expect(received.map(String)).toEqual(["late"]);
    await peer.ended();
  });

  it("ends when the peer closes it, behind all that came before", async () => {
    const { peer, stream, receive, received } = await pair();
    peer.send(Buffer.from("before"));
    peer.socket.write(frame(Buffer.from([0x03, 0xe9]), { opcode: Opcode.CLOSE }));
    await peer.until(() => peer.closeCode > 0); // `ws` has read it all
    receive();
    await once(stream, "end");
    expect(received.map(String)).toEqual(["before"]);
    stream.write(packet("to nobody"));
    const closed = once(stream, "close");
    stream.end();
    await closed;
    expect(peer.received.length).toBe(0);
  });

  it("[M02] tells its end while it is paused, unless something is unread, as sockets do", async () => {
    const { peer, stream, webSocket } = await pair();
    stream.pause();
    peer.send(packet("x"));
    await vi.waitFor(() => expect(stream.readableLength).toBeGreaterThan(0));
    const { peer: silent, stream: other } = await pair();
    other.pause();
    for (const { socket } of [silent, peer]) socket.destroy();
    await vi.waitFor(() => expect(webSocket.readyState).toBe(webSocket.CLOSED));
    await vi.waitFor(() => expect(other.readableEnded).toBe(true));
    expect(stream.readableEnded).toBe(false);
  });

  it("can be ended when everything is over", async () => {
    const { peer, stream, webSocket } = await pair();
    stream.resume();
    peer.socket.resetAndDestroy();
    await once(webSocket, "close");
    const closed = once(stream, "close");
    stream.end(packet("too late"));
    await closed;
  });

  it("drops the connection when it is destroyed, without a word", async () => {
    const { peer, stream } = await pair();
    stream.destroy();
    await peer.ended();
    expect(peer.frames).toEqual([]);
  });

  it("[M32] [K07] answers a ping between two frames, not in the middle of one", async () => {
    const { peer, stream, webSocket } = await pair();
    const large = packet(300_000);
    stream.write(large.subarray(0, 100_000));
    const pinged = once(webSocket, "ping");
    for (const text of ["1", "2"]) peer.socket.write(frame(text, { opcode: Opcode.PING }));
    await pinged;
    stream.write(large.subarray(100_000, 200_000));
    stream.write(large.subarray(200_000));
    await peer.until(() => peer.frames.length === 2);
    expect(peer.frames[0]?.payload.equals(large)).toBe(true);
    expect(peer.frames[1]).toEqual({ opcode: Opcode.PONG, payload: Buffer.from("2") });
  });

  it("[M32] the frames of one flush share a write", async () => {
    const { peer, stream, socket } = await pair();
    const writes = vi.spyOn(socket, "write");
    stream.write(Buffer.concat(["1", "2", "3"].map(packet)));
    await peer.until(() => peer.frames.length === 3);
    expect(writes).toHaveBeenCalledTimes(1);
  });

  it("[K07] drops the connection where a reason would get into the middle of a frame", async () => {
    const { peer, stream } = await pair();
    await new Promise((resolve) => stream.write(packet(300_000).subarray(0, 100_000), resolve));
    peer.socket.write(frame("a", { opcode: Opcode.TEXT }));
    await peer.ended();
    expect(peer.closeCode).toBe(0);
  });

  it("[M23] what all send of messages that are not whole is bounded: the longest unfinished goes", async () => {
    const unfinished = new Unfinished<GivesUp>(200_000);
    const slow = await pair(64 * MIB, unfinished);
    const quick = await pair(64 * MIB, unfinished);
    const part = frame(Buffer.alloc(150_000)).subarray(0, 120_000);
    slow.peer.socket.write(part);
    await vi.waitUntil(() => unfinished.byteCount > 100_000);
    for (let round = 0; round < 3; round += 1) quick.peer.send(Buffer.alloc(70_000));
    quick.receive();
    await vi.waitUntil(() => quick.received.length === 3);
    expect(unfinished.byteCount).toBe(120_000); // whole messages are not counted
    quick.peer.socket.write(part);
    await slow.peer.until(() => slow.peer.closeCode > 0);
    expect(slow.peer.closeCode).toBe(1013);
    await vi.waitUntil(() => unfinished.byteCount === 120_000);
    quick.peer.socket.destroy();
    await vi.waitUntil(() => unfinished.byteCount === 0);
  });

  it("[K02] nothing behind a text frame counts, and it ends", async () => {
    const { peer, stream, receive, received } = await pair();
    receive();
    const bytes = [frame("a"), frame("b", { opcode: Opcode.TEXT }), frame("c")];
    peer.socket.write(Buffer.concat(bytes));
    await once(stream, "end");
    await peer.until(() => peer.closeCode > 0);
    expect(received.map(String)).toEqual(["a"]);
    expect(peer.closeCode).toBe(1003);
  });

  it("[K04] counts the bytes before the first message only", async () => {
    const { peer, receive, received } = await pair(1_000);
    receive();
    peer.send(Buffer.alloc(900));
    await vi.waitUntil(() => received.length === 1);
    peer.send(Buffer.alloc(100_000));
    await vi.waitUntil(() => received.length === 2);
    expect(peer.closeCode).toBe(0);
    const other = await pair(1_000);
    other.receive();
    other.peer.send(Buffer.alloc(100_000));
    await other.peer.until(() => other.peer.closeCode > 0);
    expect(other.peer.closeCode).toBe(1009);
    expect(other.received).toEqual([]);
  });

  it("[K07] answers fifty pings in a second, and hangs up at the next", async () => {
    const { peer, stream } = await pair();
    stream.resume();
    const ping = frame("", { opcode: Opcode.PING });
    const pongs = (): number => peer.frames.filter(({ opcode }) => opcode === Opcode.PONG).length;
    for (let count = 1; count <= 50; count += 1) {
      peer.socket.write(ping);
      await peer.until(() => pongs() === count);
    }
    expect(peer.closeCode).toBe(0);
    peer.socket.write(ping);
    await peer.until(() => peer.closeCode > 0);
    expect(peer.closeCode).toBe(1008);
  });
});
