import { once } from "node:events";
import { connect, type Socket } from "node:net";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { encode, PacketStream, PacketType } from "../../../src/codec/index.js";
import { Broker, DEFAULT_LIMITS } from "../../../src/engine.js";
import { AddressBook } from "../../../src/net/address-book.js";
import { Admission } from "../../../src/net/admission.js";
import { MSG_DONTWAIT, MSG_NOSIGNAL } from "../../../src/net/native/constants.js";
import { loadLibc } from "../../../src/net/native/libc.js";
import { ensureNative, NativeSockets } from "../../../src/net/native/native-sockets.js";
import { socketBlockPool, Transport } from "../../../src/net/transport.js";
import { CheckedLibc } from "../../support/checked-libc.js";
import { connectPacket, publishPacket, subscribePacket } from "../../support/harness.js";

/** One real engine over the native transport, and what hostile peers may do to it. */
let checked: CheckedLibc;
let engine: Broker;
let transport: Transport;
let native: NativeSockets;
let port: number;
let listening: { close(): void };
const errors: unknown[] = [];
const sockets = new Set<Socket>();

beforeEach(async () => {
  await ensureNative();
  checked = new CheckedLibc();
  errors.length = 0;
  let made = 0;
  engine = new Broker({ makeClientId: () => `made-${made++}`, pool: socketBlockPool() });
  transport = new Transport(engine, (error) => errors.push(error));
  native = new NativeSockets(transport, (error) => errors.push(error), checked.calls);
  const listener = native.listener({
    knownAddress: "",
    admission: new Admission(new AddressBook(DEFAULT_LIMITS), {}),
    name: () => "mqtt://test",
    onError: (error) => errors.push(error),
    onTurnedAway: (...told) => errors.push(told),
  });
  ({ port } = await listener.listen({ host: "127.0.0.1", port: 0 }));
  listening = listener;
  transport.startTicking();
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  listening.close();
  await transport.close(500);
  native.close();
  await vi.waitFor(() => expect([...checked.open]).toEqual([]));
  expect(checked.faults).toEqual([]);
  expect(errors).toEqual([]);
});

async function peer(): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.on("error", () => undefined);
  socket.on("close", () => sockets.delete(socket));
  sockets.add(socket);
  await once(socket, "connect");
  return socket;
}

type Step = (socket: Socket, index: number) => void | Promise<void>;

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const STEPS: Record<string, Step> = {
  connect: (socket, index) =>
    void socket.write(encode(connectPacket({ clientId: `c${index % 3}` }))),
  subscribe: (socket) => void socket.write(encode(subscribePacket("t/#"))),
  publish: (socket) => void socket.write(encode(publishPacket("t/x", Buffer.alloc(3_000, 7)))),
  large: (socket) => void socket.write(encode(publishPacket("t/y", Buffer.alloc(300_000, 8)))),
  half: (socket) => void socket.write(encode(connectPacket({ clientId: "half" })).subarray(0, 7)),
  garbage: (socket) => void socket.write(Buffer.alloc(50, 0xff)),
  dribble: async (socket) => {
    for (const byte of encode(publishPacket("t/z", "dribbled"))) {
      socket.write(Buffer.of(byte));
      await soon();
    }
  },
  stopReading: (socket) => void socket.pause(),
  read: (socket) => void socket.resume(),
  end: (socket) => void socket.end(),
  urgent: (socket) => sendUrgent(socket),
  reset: (socket) => void socket.resetAndDestroy(),
  destroy: (socket) => void socket.destroy(),
  wait: soon,
};

/** One byte out of band, as no Client of MQTT does: Node cannot, so the kernel is asked. */
function sendUrgent(socket: Socket): void {
  const { fd } = (socket as Socket & { _handle: { fd: number } | null })._handle ?? { fd: -1 };
  const MSG_OOB = 1;
  if (fd >= 0) loadLibc().send(fd, Buffer.of(0xff), 1, MSG_OOB | MSG_DONTWAIT | MSG_NOSIGNAL);
}

/** How a peer may go. */
const ENDINGS: Record<string, (socket: Socket) => void> = {
  "a reset": (socket) => void socket.resetAndDestroy(),
  "a half-close": (socket) => void socket.end(),
  "a close": (socket) => void socket.destroy(),
};

/** Reads nothing, so that its window closes, until the broker waits for it. */
async function deaf(): Promise<Socket> {
  const socket = await peer();
  socket.write(encode(connectPacket({ clientId: "deaf" })));
  socket.write(encode(subscribePacket("flood")));
  await once(socket, "data");
  socket.pause();
  const sender = await peer();
  sender.write(encode(connectPacket({ clientId: "sender" })));
  const flood = encode(publishPacket("flood", Buffer.alloc(500_000, 9)));
  let count = 0;
  while (engine.stats.drops["slow-receiver"] === 0) {
    sender.write(flood);
    if (++count > 200) throw new Error("everything was taken");
    await soon();
  }
  sender.destroy();
  return socket;
}

/** A publisher and a subscriber who behave get their message through. */
async function canary(): Promise<void> {
  const [sender, receiver] = [await peer(), await peer()];
  const chunks: Buffer[] = [];
  receiver.on("data", (chunk: Buffer) => chunks.push(chunk));
  receiver.write(encode(connectPacket({ clientId: "canary" })));
  receiver.write(encode(subscribePacket("canary")));
  await vi.waitFor(() => expect(Buffer.concat(chunks).length).toBe(4 + 5));
  sender.write(encode(connectPacket({ clientId: "bird" })));
  sender.write(encode(publishPacket("canary", "sings")));
  await vi.waitFor(() => expect(Buffer.concat(chunks).toString("latin1")).toContain("sings"));
  sender.destroy();
  receiver.destroy();
}

describe("hostile peers over the native transport", () => {
  it("[A01] touch no descriptor but their own, whatever they do and in whatever order", async () => {
    const script = fc.array(fc.tuple(fc.nat(5), fc.constantFrom(...Object.keys(STEPS))), {
      minLength: 5,
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(script, async (steps) => {
        const peers: (Socket | undefined)[] = [];
        for (const [index, name] of steps) {
          let socket = peers[index];
          if (socket === undefined || socket.destroyed) {
            socket = await peer();
            peers[index] = socket;
          }
          await STEPS[name]?.(socket, index);
        }
        for (const socket of peers) socket?.destroy();
      }),
      { numRuns: 60 },
    );
    await canary();
  });

  it.each(Object.keys(ENDINGS))(
    "[A12] %s at any byte of what a Client sends costs itself only",
    async (name) => {
      const packets = [connectPacket({ clientId: "cut" }), subscribePacket("t/#")];
      const bytes = Buffer.concat([
        ...packets.map((packet) => encode(packet)),
        encode(publishPacket("t/x", "payload")),
      ]);
      for (let at = 0; at <= bytes.length; at += 1) {
        const socket = await peer();
        socket.write(bytes.subarray(0, at));
        if (at % 2 === 0) await soon(); // it may have been read, or not
        ENDINGS[name]?.(socket);
        socket.resume();
      }
      await vi.waitFor(() => expect(engine.stats.connections).toBe(0));
      await canary();
    },
  );

  it.each(Object.keys(ENDINGS))(
    "[M24] %s with a closed window, and megabytes on their way",
    async (name) => {
      const socket = await deaf();
      ENDINGS[name]?.(socket);
      if (name === "a half-close") {
        let count = 0;
        socket.on("data", (chunk: Buffer) => {
          count += chunk.length;
        });
        socket.resume();
        await once(socket, "end"); // all that was accepted for it comes first
        expect(count).toBeGreaterThan(1_000_000);
      }
      await vi.waitFor(() => expect(engine.identityOf("deaf")).toBeUndefined());
      await canary();
    },
  );

  it("[M24] a window that opens again: what waited comes, whole and in order", async () => {
    const socket = await deaf();
    const stream = new PacketStream({ sender: "server" });
    let count = 0;
    socket.on("data", (chunk: Buffer) => {
      stream.push(chunk);
      for (let packet = stream.next(); packet !== undefined; packet = stream.next()) {
        if (packet.type === PacketType.PUBLISH) expect(packet.payload).toHaveLength(500_000);
        if (packet.type === PacketType.PINGRESP) count += 1;
      }
    });
    socket.resume();
    socket.write(encode({ type: PacketType.PINGREQ }));
    await vi.waitFor(() => expect(count).toBe(1), { timeout: 5_000 });
  });

  it("[A21] urgent data is no part of the stream", async () => {
    const socket = await peer();
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    const connect = encode(connectPacket({ clientId: "urgent" }));
    socket.write(connect.subarray(0, 5));
    await soon();
    sendUrgent(socket);
    socket.write(connect.subarray(5));
    await vi.waitFor(() => expect(Buffer.concat(chunks)).toHaveLength(4));
    sendUrgent(socket);
    socket.write(encode({ type: PacketType.PINGREQ }));
    await vi.waitFor(() => expect(Buffer.concat(chunks).toString("hex")).toBe("20020000d000"));
  });
});
