import { once } from "node:events";
import { createServer, connect as openSocket, type Socket } from "node:net";
import { Duplex, PassThrough } from "node:stream";
import { afterEach, describe, expect, it, vi } from "vitest";
import { PacketReader } from "../../src/codec/index.js";
import { BlockPool, Broker, Outbox } from "../../src/engine.js";
import { nowMs } from "../../src/net/clock.js";
import { EngineLoop } from "../../src/net/engine-loop.js";
import { Lingering } from "../../src/net/lingering.js";
import { SilentPeers } from "../../src/net/silent-peers.js";
import { SocketLink } from "../../src/net/socket-link.js";
import { traitsOf } from "../../src/net/stream-traits.js";
import { PacketType } from "../../src/protocol/packet-type.js";
import { Connection, type ConnectionInputs } from "../../src/state/connection.js";

const MIB = 1024 * 1024;

/** What the engine would have been told. */
class Recorder implements ConnectionInputs {
  readonly calls: string[] = [];
  readonly received: Buffer[] = [];
  drains = 0;
  onDrained: () => void = () => undefined;

  receive(_connection: Connection, bytes: Uint8Array): void {
    this.calls.push("receive");
    this.received.push(Buffer.from(bytes));
  }
  drained(): void {
    this.drains += 1;
    this.onDrained();
  }
  closed(): void {
    this.calls.push("closed");
  }
}

function linkOver(socket: Duplex, onError = rethrow) {
  const engine = new Broker({ makeClientId: () => "made" });
  const loop = new EngineLoop(engine, onError);
  const lingering = new Lingering();
  const silentPeers = new SilentPeers();
  const link = new SocketLink({ loop, lingering, silentPeers }, socket, traitsOf(socket));
  const pool = new BlockPool((byteCount) => Buffer.allocUnsafeSlow(byteCount));
  const recorder = new Recorder();
  const connection = new Connection(link, new PacketReader(), pool, recorder, 1);
  link.connection = connection;
  link.opened();
  const outbox = new Outbox(pool);
  return { engine, link, connection, outbox, pool, recorder, lingering, loop, silentPeers };
}

function rethrow(error: unknown): void {
  throw error;
}

const opened: { destroy(): void }[] = [];

/** Both ends of a TCP connection; the far end reads nothing until it is told to. */
async function socketPair(): Promise<{ near: Socket; far: Socket }> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: false });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number }; // listening on TCP
  const far = openSocket({ port, host: "127.0.0.1", allowHalfOpen: true });
  const [near] = (await once(server, "connection")) as [Socket]; // what this event brings
  server.close();
  opened.push(near, far);
  return { near, far };
}

/** Fills an outbox with numbers, so that a lost or moved byte shows. */
function fill(outbox: Outbox, byteCount: number, firstByte = 0): Buffer {
  const all = Buffer.alloc(byteCount);
  for (let at = 0; at < byteCount; at += 1) all[at] = (firstByte + at * 7 + (at >> 8)) & 0xff;
  for (let at = 0; at < byteCount; at += 1000) {
    const part = all.subarray(at, at + 1000);
    const start = outbox.reserve(PacketType.PUBLISH, part.length);
    outbox.block.set(part, start);
  }
  return all;
}

function collect(socket: Duplex): { bytes(): Buffer; until(byteCount: number): Promise<void> } {
  const chunks: Buffer[] = [];
  let byteCount = 0;
  let onChange: () => void = () => undefined;
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    byteCount += chunk.length;
    onChange();
  });
  return {
    bytes: () => Buffer.concat(chunks),
    until: (wanted) =>
      new Promise((resolve) => {
        onChange = () => {
          if (byteCount >= wanted) resolve();
        };
        onChange();
      }),
  };
}

afterEach(() => {
  for (const socket of opened.splice(0)) socket.destroy();
});

describe("SocketLink over TCP", () => {
  it("[MQTT-3.14.4-3] [A09] tells a peer's end behind what it has sent, which may not be read yet", async () => {
    const stream = new Duplex({
      read: () => undefined,
      write: (_chunk, _encoding, done) => done(),
    });
    const { link, recorder, loop } = linkOver(stream);
    link.pause();
    stream.push("a");
    stream.push(null);
    const receive = recorder.receive.bind(recorder);
    recorder.receive = (...told) => {
      receive(...told);
      link.pause(); // as the engine does when the turn has done its share
    };
    const soon = () => new Promise((resolve) => setImmediate(resolve));
    loop.run(() => link.resume());
    await soon();
    await soon();
    expect(recorder.calls).toEqual(["receive"]);
    loop.run(() => link.resume());
    expect(recorder.calls).toEqual(["receive", "closed"]);
  });

  it("sends what is in the outbox, and gives its block back when the kernel took all", async () => {
    const { near, far } = await socketPair();
    const { link, outbox, pool } = linkOver(near);
    const bytes = fill(outbox, 100);
    const { block } = outbox;
    link.flush(outbox);
    expect(link.unsentBytes).toBe(0);
    expect(outbox.byteCount).toBe(0);
    expect(pool.takeSmall().bytes).toBe(block);
    const received = collect(far);
    await received.until(100);
    expect(received.bytes()).toEqual(bytes);
  });

  it("sends blocks and referenced payloads in order, in one go", async () => {
    const { near, far } = await socketPair();
    const { link, outbox } = linkOver(near);
    const before = fill(outbox, 20_000);
    const payload = Buffer.alloc(5_000, "p");
    outbox.append(payload);
    const after = fill(outbox, 10, 9);
    link.flush(outbox);
    const received = collect(far);
    await received.until(25_010);
    expect(received.bytes().equals(Buffer.concat([before, payload, after]))).toBe(true);
  });

  it("does nothing for an empty outbox", async () => {
    const { near } = await socketPair();
    const { link, outbox } = linkOver(near);
    link.flush(outbox);
    expect(near.bytesWritten).toBe(0);
  });

  it("[M24] leaves the outbox alone while the peer takes nothing, and loses nothing after", async () => {
    const { near, far } = await socketPair();
    const { link, outbox, recorder } = linkOver(near);
    far.pause();
    const first = fill(outbox, 12 * MIB);
    link.flush(outbox);
    const unsentBytes = link.unsentBytes;
    expect(unsentBytes).toBeGreaterThan(0);
    expect(near.writableLength).toBeLessThanOrEqual(256 * 1024);
    const second = fill(outbox, 1000, 3);
    link.flush(outbox);
    expect(outbox.byteCount).toBe(1000);
    expect(link.unsentBytes).toBe(unsentBytes);
    recorder.onDrained = () => link.flush(outbox);
    const received = collect(far);
    far.resume();
    await received.until(12 * MIB + 1000);
    expect(received.bytes().equals(Buffer.concat([first, second]))).toBe(true);
    expect(link.unsentBytes).toBe(0);
  });

  it("[M24] reports progress before a large backlog has left", async () => {
    const { near, far } = await socketPair();
    const { link, outbox, recorder } = linkOver(near);
    far.pause();
    fill(outbox, 12 * MIB);
    link.flush(outbox);
    const unsentAtDrains: number[] = [];
    recorder.onDrained = () => unsentAtDrains.push(link.unsentBytes);
    const received = collect(far);
    far.resume();
    await received.until(12 * MIB);
    expect(recorder.drains).toBeGreaterThan(1);
    expect(unsentAtDrains.some((unsentBytes) => unsentBytes > 0)).toBe(true);
  });

  it("tells bytes and the end of the peer, the end exactly once", async () => {
    const { near, far } = await socketPair();
    const { recorder } = linkOver(near);
    far.write("hello");
    await once(near, "data");
    far.end();
    await once(near, "end");
    near.destroy();
    await once(near, "close");
    expect(Buffer.concat(recorder.received).toString()).toBe("hello");
    expect(recorder.calls).toEqual(["receive", "closed"]);
  });

  it("[F04] tells a reset connection as an end, and survives everything that comes late", async () => {
    const { near, far } = await socketPair();
    const { link, outbox, recorder } = linkOver(near);
    far.resetAndDestroy();
    await new Promise((resolve) => near.once("close", resolve)); // `once` would fail with its error
    expect(recorder.calls).toEqual(["closed"]);
    fill(outbox, 10);
    link.flush(outbox);
    link.close();
    link.pause();
    link.resume();
    link.lost();
    link.receive(Buffer.from("late"));
    expect(outbox.byteCount).toBe(0);
    expect(recorder.calls).toEqual(["closed"]);
  });

  it("[M1] close sends what was flushed before it ends the connection", async () => {
    const { near, far } = await socketPair();
    const { link, outbox } = linkOver(near);
    far.pause();
    const bytes = fill(outbox, 12 * MIB);
    link.flush(outbox);
    expect(link.unsentBytes).toBeGreaterThan(0);
    link.close();
    const received = collect(far);
    far.resume();
    await once(far, "end");
    expect(received.bytes().equals(bytes)).toBe(true);
  });

  it("[A22] hears nothing any more after close", async () => {
    const { near, far } = await socketPair();
    const { link, recorder } = linkOver(near);
    link.close();
    far.write("late");
    await once(near, "data");
    expect(recorder.received).toEqual([]);
  });

  it("[B21] keeps the socket of a peer that does not close until the sweep", async () => {
    const { near, far } = await socketPair();
    const { link, lingering } = linkOver(near);
    far.resume();
    link.close();
    await once(far, "end");
    expect(lingering.size).toBe(1);
    lingering.sweep(Number.MAX_SAFE_INTEGER);
    await once(near, "close");
    expect(lingering.size).toBe(0);
  });

  it("a bug of ours that a packet meets costs this connection, not the process", async () => {
    const { near, far } = await socketPair();
    const errors: unknown[] = [];
    const { recorder } = linkOver(near, (error) => errors.push(error));
    recorder.receive = () => {
      throw new Error("bad receive");
    };
    recorder.closed = () => {
      throw new Error("bad closed");
    };
    far.resume();
    far.write("x");
    await once(far, "end");
    await vi.waitUntil(() => errors.length === 2);
    expect(errors).toEqual([new Error("bad receive"), new Error("bad closed")]);
  });

  it("a bug of ours that comes with taken bytes costs this connection, not the process", async () => {
    const { near, far } = await socketPair();
    const errors: unknown[] = [];
    const { link, outbox, recorder } = linkOver(near, (error) => errors.push(error));
    recorder.drained = () => {
      throw new Error("bad drained");
    };
    fill(outbox, 12 * MIB);
    link.flush(outbox);
    far.on("error", () => undefined); // it may be a reset
    far.resume();
    await new Promise((resolve) => near.once("close", resolve));
    expect(errors).toEqual([new Error("bad drained")]);
  });

  it("stops reading while paused", async () => {
    const { near, far } = await socketPair();
    const { link, recorder } = linkOver(near);
    link.pause();
    expect(near.isPaused()).toBe(true);
    link.resume();
    far.write("now");
    await once(near, "data");
    expect(recorder.calls).toEqual(["receive"]);
  });

  it("[M02] knows that the peer of a paused link sends no more, unless something of it is unread", async () => {
    const { near, far } = await socketPair();
    const { link, recorder } = linkOver(near);
    link.pause();
    expect(link.hasPeerEnded()).toBe(false);
    far.end();
    await vi.waitFor(() => expect(link.hasPeerEnded()).toBe(true));
    expect(recorder.calls).toEqual([]); // told when it is read
    const { near: other, far: otherFar } = await socketPair();
    const { link: otherLink } = linkOver(other);
    otherLink.pause();
    otherFar.end("last words");
    await vi.waitFor(() => expect(other.readableLength).toBe(10));
    expect(otherLink.hasPeerEnded()).toBe(false);
    other.destroy();
    expect(otherLink.hasPeerEnded()).toBe(true);
  });

  it("[B22] asks the kernel to look after silent peers, and sends small packets at once", async () => {
    const { near } = await socketPair();
    const calls: unknown[] = [];
    near.setKeepAlive = (enable, delay) => {
      calls.push(["keepAlive", enable, delay]);
      return near;
    };
    near.setNoDelay = (enable) => {
      calls.push(["noDelay", enable]);
      return near;
    };
    const { silentPeers } = linkOver(near);
    expect(calls).toEqual([["noDelay", true]]);
    silentPeers.sweep(nowMs() + 60_000);
    expect(calls).toEqual([
      ["noDelay", true],
      ["keepAlive", true, 60_000],
    ]);
  });

  it("[B22] leaves it to MQTT where Keep Alive finds a silent peer as soon", async () => {
    for (const [seconds, asked] of [
      [1, 0],
      [60, 0],
      [61, 1],
    ] as const) {
      const { near } = await socketPair();
      const setKeepAlive = vi.spyOn(near, "setKeepAlive");
      const { silentPeers, connection } = linkOver(near);
      connection.keepAliveSeconds = seconds;
      silentPeers.sweep(nowMs() + 60_000);
      expect(setKeepAlive).toHaveBeenCalledTimes(asked);
    }
  });

  it("[B22] does not look after a socket that is gone", async () => {
    const { near } = await socketPair();
    const setKeepAlive = vi.spyOn(near, "setKeepAlive");
    const { silentPeers } = linkOver(near);
    near.destroy();
    await once(near, "close");
    silentPeers.sweep(nowMs() + 60_000);
    expect(setKeepAlive).not.toHaveBeenCalled();
  });

  it("knows the peer's address, also when it is gone", async () => {
    const { near, far } = await socketPair();
    const { link } = linkOver(near);
    const address = `127.0.0.1:${far.localPort}`;
    expect(link.remoteAddress).toBe(address);
    near.destroy();
    await once(near, "close");
    expect(link.remoteAddress).toBe(address);
  });

  it("tells the end of a socket that was destroyed before it was handed over", async () => {
    const { near } = await socketPair();
    near.destroy();
    await once(near, "close");
    const { recorder } = linkOver(near);
    await new Promise(setImmediate);
    expect(recorder.calls).toEqual(["closed"]);
  });
});

describe("SocketLink over another Duplex", () => {
  it("copies, because such a stream may hand the same bytes on", async () => {
    const stream = new PassThrough();
    const { link, outbox, pool } = linkOver(stream);
    stream.pause();
    fill(outbox, 10, 65);
    const { block } = outbox;
    link.flush(outbox);
    expect(pool.takeSmall().bytes).toBe(block);
    block.fill(0);
    const expected = Buffer.alloc(10);
    for (let at = 0; at < 10; at += 1) expected[at] = 65 + at * 7;
    expect(stream.read()).toEqual(expected);
  });

  it("[M24] gives it portions, so that each that has left counts as progress", () => {
    const chunks: Buffer[] = [];
    let release: () => void = () => undefined;
    const stream = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        chunks.push(chunk);
        release = done;
      },
    });
    const { link, outbox, recorder } = linkOver(stream);
    const byteCount = 3 * 256 * 1024 - 100;
    fill(outbox, byteCount);
    link.flush(outbox);
    expect(chunks.map(({ length }) => length)).toEqual([256 * 1024]);
    expect(link.unsentBytes).toBe(byteCount);
    expect(outbox.byteCount).toBe(0);
    release();
    expect(recorder.drains).toBe(1);
    expect(chunks.map(({ length }) => length)).toEqual([256 * 1024, 256 * 1024]);
    expect(link.unsentBytes).toBe(byteCount - 256 * 1024);
    release();
    release();
    expect(link.unsentBytes).toBe(0);
    expect(recorder.drains).toBe(3);
    expect(chunks.reduce((sum, { length }) => sum + length, 0)).toBe(byteCount);
  });

  it("gives it no bytes that others get as well, also when it closes", () => {
    const waiting: (() => void)[] = [];
    let byteCount = 0;
    const stream = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        byteCount += chunk.length;
        chunk.fill(0); // as a stream may that masks or encrypts in place
        waiting.push(done);
      },
    });
    const { link, outbox } = linkOver(stream);
    const payload = Buffer.alloc(3 * 256 * 1024, "p");
    outbox.append(payload);
    link.flush(outbox);
    link.close();
    for (let done = waiting.shift(); done !== undefined; done = waiting.shift()) done();
    expect(byteCount).toBe(payload.length);
    expect(payload.every((byte) => byte === 0x70)).toBe(true);
  });

  it("knows the address if the stream does", () => {
    const stream = Object.assign(new PassThrough(), { remoteAddress: "::1", remotePort: 7 });
    expect(linkOver(stream).link.remoteAddress).toBe("[::1]:7");
  });

  it("has no address", () => {
    expect(linkOver(new PassThrough()).link.remoteAddress).toBe("");
  });

  it("hears later what a stream answers while it is written to", async () => {
    const stream = new Duplex({
      read: () => undefined,
      write(chunk: Buffer, _encoding, done) {
        this.push(Buffer.concat([Buffer.from("echo "), chunk]));
        done();
      },
    });
    const { link, outbox, recorder, loop, engine } = linkOver(stream);
    await new Promise(setImmediate); // the stream flows now
    let heardInFlush: string[] = ["not flushed"];
    engine.flush = () => {
      engine.flush = () => undefined; // else each echo brings the next one, long after this test
      fill(outbox, 1, 33);
      link.flush(outbox);
      heardInFlush = [...recorder.calls];
    };
    loop.flush();
    expect(heardInFlush).toEqual([]);
    await new Promise(setImmediate);
    expect(recorder.calls).toEqual(["receive"]);
    expect(Buffer.concat(recorder.received).toString()).toBe("echo !");
  });

  it("waits for a stream that takes its time", async () => {
    let release: () => void = () => undefined;
    const stream = new Duplex({
      read: () => undefined,
      write: (_chunk, _encoding, done) => {
        release = done;
      },
    });
    const { link, outbox, recorder } = linkOver(stream);
    fill(outbox, 100);
    link.flush(outbox);
    expect(link.unsentBytes).toBe(100);
    const drained = new Promise<void>((resolve) => {
      recorder.onDrained = resolve;
    });
    release();
    await drained;
    expect(link.unsentBytes).toBe(0);
  });
});
