import { once } from "node:events";
import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Outbox } from "../../../src/engine.js";
import { PacketType } from "../../../src/protocol/packet-type.js";
import { RawWorld } from "../../support/raw-world.js";

const MIB = 1024 * 1024;

let world: RawWorld;
beforeEach(async () => {
  world = await new RawWorld().listen();
});
afterEach(() => {
  expect(world.end()).toEqual([]); // every descriptor was closed, once
  expect(world.checked.faults).toEqual([]);
});

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

function collect(socket: Socket): { bytes(): Buffer; until(byteCount: number): Promise<void> } {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  const bytes = (): Buffer => Buffer.concat(chunks);
  const until = (wanted: number): Promise<void> =>
    vi.waitFor(() => expect(bytes().length).toBeGreaterThanOrEqual(wanted), { timeout: 10_000 });
  return { bytes, until };
}

describe("RawLink", () => {
  it("sends what is in the outbox, and gives its block back", async () => {
    const { link, far, outbox } = await world.pair();
    const received = collect(far);
    const bytes = fill(outbox, 5_000);
    const { block } = outbox;
    link.flush(outbox);
    expect(link.unsentBytes).toBe(0);
    expect(world.pool.take().bytes).toBe(block);
    await received.until(5_000);
    expect(received.bytes().equals(bytes)).toBe(true);
  });

  it("sends blocks and referenced payloads in order", async () => {
    const { link, far, outbox } = await world.pair();
    const received = collect(far);
    const first = fill(outbox, 20_000);
    const payload = Buffer.alloc(5_000, 9);
    outbox.append(payload);
    const last = fill(outbox, 100, 4);
    link.flush(outbox);
    await received.until(25_100);
    expect(received.bytes().equals(Buffer.concat([first, payload, last]))).toBe(true);
  });

  it("does nothing for an empty outbox", async () => {
    const { link, outbox } = await world.pair();
    world.checked.sendErrors.push(104); // would be met by any send
    link.flush(outbox);
    expect(world.checked.sendErrors).toEqual([104]);
  });

  it("[M24] leaves the outbox alone while the peer takes nothing, and loses nothing after", async () => {
    const { link, far, outbox, recorder } = await world.pair();
    const first = fill(outbox, 12 * MIB);
    link.flush(outbox);
    const { unsentBytes } = link;
    expect(unsentBytes).toBeGreaterThan(0);
    const second = fill(outbox, 1_000, 3);
    link.flush(outbox);
    expect(outbox.byteCount).toBe(1_000);
    recorder.onDrained = () => link.flush(outbox);
    const received = collect(far);
    await received.until(12 * MIB + 1_000);
    expect(received.bytes().equals(Buffer.concat([first, second]))).toBe(true);
    expect(link.unsentBytes).toBe(0);
    expect(recorder.drains).toBeGreaterThan(1); // [M24] progress was reported on the way
  });

  it("[T9] many that take much at once are sent to in portions, and all of them to the end", async () => {
    const short = await new RawWorld(-1).listen(); // its second input is one too many for a round
    const drainsOf = new Map<number, number>();
    let round = 0;
    const begin = short.loop.beginRound.bind(short.loop);
    short.loop.beginRound = () => {
      round += 1;
      begin();
    };
    const all = [];
    for (let at = 0; at < 6; at += 1) {
      const pair = await short.pair();
      const bytes = fill(pair.outbox, 8 * MIB, at);
      pair.link.flush(pair.outbox);
      expect(pair.link.unsentBytes).toBeGreaterThan(0);
      pair.recorder.onDrained = () => drainsOf.set(round, (drainsOf.get(round) ?? 0) + 1);
      all.push({ ...pair, bytes });
    }
    const received = all.map(({ far }) => collect(far));
    for (const [at, { bytes }] of all.entries()) {
      await received[at]?.until(bytes.length);
      expect(received[at]?.bytes().equals(bytes)).toBe(true);
    }
    expect(Math.max(...drainsOf.values())).toBeLessThanOrEqual(2);
    expect(short.end()).toEqual([]);
  });

  it("tells bytes and the end of the peer, the end exactly once", async () => {
    const { far, recorder } = await world.pair();
    far.write("hello");
    await vi.waitFor(() => expect(recorder.calls).toEqual(["receive"]));
    far.end();
    await once(far.resume(), "end");
    expect(Buffer.concat(recorder.received).toString()).toBe("hello");
    expect(recorder.calls).toEqual(["receive", "closed"]);
  });

  it("answers a peer that only sends no more", async () => {
    const { link, far, outbox, recorder } = await world.pair();
    recorder.onReceive = () => fill(outbox, 10);
    recorder.closed = () => {
      link.flush(outbox); // as the engine does when a connection ends
      link.close();
    };
    const received = collect(far);
    far.end("question");
    await once(far, "end");
    expect(received.bytes().length).toBe(10);
  });

  it("[F04] tells a reset connection as an end, and survives everything that comes late", async () => {
    const { link, far, outbox, recorder } = await world.pair();
    far.resetAndDestroy();
    await vi.waitFor(() => expect(recorder.calls).toEqual(["closed"]));
    fill(outbox, 10);
    link.flush(outbox);
    link.close();
    link.pause();
    link.resume();
    link.lost();
    link.destroy();
    link.watchPeer();
    expect(outbox.byteCount).toBe(0);
    expect(link.remoteAddress).toBe(""); // nobody asked while it was there
    expect(recorder.calls).toEqual(["closed"]);
  });

  it("[M1] close sends what was flushed before it ends the connection", async () => {
    const { link, far, outbox } = await world.pair();
    const bytes = fill(outbox, 12 * MIB);
    link.flush(outbox);
    expect(link.unsentBytes).toBeGreaterThan(0);
    link.close();
    const received = collect(far);
    await once(far, "end");
    expect(received.bytes().equals(bytes)).toBe(true);
    expect(world.lingering.size).toBe(1);
    far.end();
    await vi.waitFor(() => expect(world.lingering.size).toBe(0));
  });

  it("[A22] hears nothing any more after close", async () => {
    const { link, far, recorder } = await world.pair();
    link.close();
    far.end("late");
    await once(far.resume(), "close");
    await vi.waitFor(() => expect(link.fd).toBe(-1));
    expect(recorder.received).toEqual([]);
  });

  it("[B21] keeps the socket of a peer that does not close until the sweep", async () => {
    const { link, far } = await world.pair();
    link.close();
    await once(far.resume(), "end");
    expect(world.lingering.size).toBe(1);
    world.lingering.sweep(Number.MAX_SAFE_INTEGER);
    expect(world.lingering.size).toBe(0);
    expect(link.fd).toBe(-1);
  });

  it("stops reading while paused", async () => {
    const { link, far, recorder } = await world.pair();
    link.pause();
    far.write("waits");
    const { far: other, recorder: others } = await world.pair();
    other.write("comes"); // later: by then the first would have come
    await vi.waitFor(() => expect(others.calls).toEqual(["receive"]));
    expect(recorder.calls).toEqual([]);
    link.resume();
    await vi.waitFor(() => expect(recorder.calls).toEqual(["receive"]));
  });

  it("reads nothing before it is open, and loses nothing of what came meanwhile", async () => {
    const { link, far, connection, recorder } = await world.pair(false);
    far.write("early");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(recorder.calls).toEqual([]);
    link.connection = connection;
    link.opened();
    await vi.waitFor(() => expect(Buffer.concat(recorder.received).toString()).toBe("early"));
  });

  it("[F04] hears of a reset while it is paused", async () => {
    const { link, far, recorder } = await world.pair();
    link.pause();
    far.resetAndDestroy();
    await vi.waitFor(() => expect(recorder.calls).toEqual(["closed"]));
  });

  it("[M02] knows that the peer of a paused link sends no more, unless something of it is unread", async () => {
    const { link, far, recorder } = await world.pair();
    link.pause();
    expect(link.hasPeerEnded()).toBe(false);
    far.end();
    await vi.waitFor(() => expect(link.hasPeerEnded()).toBe(true));
    expect(recorder.calls).toEqual([]); // told when it is read
    const { link: other, far: otherFar, recorder: others } = await world.pair();
    other.pause();
    otherFar.end("last words");
    await once(otherFar, "finish");
    expect(other.hasPeerEnded()).toBe(false);
    other.resume(); // nothing of it was taken
    await vi.waitFor(() => expect(others.calls).toEqual(["receive", "closed"]));
    expect(others.received[0]?.toString()).toBe("last words");
    expect(other.hasPeerEnded()).toBe(true);
  });

  it("a send that fails ends the connection after the flush", async () => {
    const { link, outbox, recorder } = await world.pair();
    fill(outbox, 10);
    world.checked.sendErrors.push(32); // EPIPE
    link.flush(outbox);
    expect(outbox.byteCount).toBe(0);
    expect(recorder.calls).toEqual(["closed"]);
    expect(link.fd).toBe(-1);
  });

  it("a bug of ours that a packet meets costs this connection, not the process", async () => {
    const { link, far, recorder } = await world.pair();
    const bug = new Error("a bug");
    recorder.onReceive = () => {
      throw bug;
    };
    far.write("x");
    await vi.waitFor(() => expect(link.fd).toBe(-1));
    expect(world.errors).toEqual([bug]);
    const { far: other, recorder: others } = await world.pair();
    other.write("y");
    await vi.waitFor(() => expect(others.calls).toEqual(["receive"]));
  });

  it("[B22] has the kernel ask after silent peers", async () => {
    const { link } = await world.pair();
    const asked = vi.spyOn(world.checked.calls, "setOption");
    world.silentPeers.sweep(Number.MAX_SAFE_INTEGER);
    expect(asked.mock.calls.map(([fd, , name]) => [fd, name])).toEqual([
      [link.fd, 9],
      [link.fd, 4],
      [link.fd, 5],
      [link.fd, 6],
    ]);
  });

  it("knows the address of a peer that had ended its side before we end ours", async () => {
    const { link, far } = await world.pair();
    const { localPort } = far;
    link.pause();
    far.end();
    await once(far, "finish");
    link.close();
    await once(far.resume(), "end");
    await vi.waitFor(() => expect(link.fd).toBe(-1));
    expect(link.remoteAddress).toBe(`127.0.0.1:${localPort}`);
  });

  it("knows the peer's address, also when it is gone", async () => {
    const { link, far } = await world.pair();
    const { localPort } = far;
    expect(link.remoteAddress).toBe(`127.0.0.1:${localPort}`);
    link.destroy();
    expect(link.remoteAddress).toBe(`127.0.0.1:${localPort}`);
  });
});
