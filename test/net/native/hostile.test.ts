import { once } from "node:events";
import { connect, type Socket } from "node:net";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { encode } from "../../../src/codec/index.js";
import { Broker, DEFAULT_LIMITS } from "../../../src/engine.js";
import { AddressBook } from "../../../src/net/address-book.js";
import { Admission } from "../../../src/net/admission.js";
import { ensureNative, NativeSockets } from "../../../src/net/native/native-sockets.js";
import { socketBlockPool, Transport } from "../../../src/net/transport.js";
import { CheckedLibc } from "../../support/checked-libc.js";
import { connectPacket, publishPacket, subscribePacket } from "../../support/harness.js";

/** One real engine over the native transport, and what hostile peers may do to it. */
let checked: CheckedLibc;
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
  const engine = new Broker({ makeClientId: () => `made-${made++}`, pool: socketBlockPool() });
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
  reset: (socket) => void socket.resetAndDestroy(),
  destroy: (socket) => void socket.destroy(),
  wait: soon,
};

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
});
