import { createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { hex, wire } from "../../../../test/support/wire.js";
import { type Address, Attacker } from "../../src/attack/attacker.js";
import { PacketType } from "../../src/mqtt.js";

let server: Server;
let address: Address;
let answers: (socket: Socket, bytes: Uint8Array) => void;
const received: string[] = [];

beforeEach(async () => {
  received.length = 0;
  server = createServer((socket) => {
    socket.on("data", (bytes) => {
      if (bytes.length < 100) received.push(hex(bytes));
      answers(socket, bytes);
    });
    socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  address = { host: "127.0.0.1", port: typeof bound === "object" ? (bound?.port ?? 0) : 0 };
});

afterEach(() => new Promise<unknown>((resolve) => server.close(resolve)));

/** A server that accepts, and answers SUBSCRIBE with these bytes. */
function accepting(suback: Uint8Array): typeof answers {
  return (socket, bytes) => {
    const type = (bytes[0] ?? 0) >> 4;
    if (type === PacketType.CONNECT) socket.write(wire`20 02 00 00`);
    if (type === PacketType.SUBSCRIBE) socket.write(suback);
    if (type === PacketType.DISCONNECT) socket.end();
  };
}

const SUBSCRIBE = wire`82 06 0001 0001 61 00`;

it("counts what comes and what is refused, and acknowledges at QoS 1", async () => {
  answers = accepting(wire`32 06 0001 74 0007 78   90 04 0001 00 80`);
  const attacker = await Attacker.connect(address, { clientId: "c" });
  expect(await attacker?.ask(SUBSCRIBE, PacketType.SUBACK)).toBe(true);
  expect(attacker).toMatchObject({ received: 1, refusedFilters: 1, open: true });
  await attacker?.leave();
  expect(received.slice(2).join(" ")).toBe("40 02 00 07 e0 00");
  expect(attacker?.open).toBe(false);
});

it("is nobody when the server refuses, closes, or is not there", async () => {
  answers = (socket) => socket.write(wire`20 02 00 05`);
  expect(await Attacker.connect(address, { clientId: "c" })).toBeUndefined();
  answers = (socket) => socket.destroy();
  expect(await Attacker.connect(address, { clientId: "c" })).toBeUndefined();
  expect(await Attacker.connect({ host: "127.0.0.1", port: 1 }, { clientId: "c" })).toBeUndefined();
});

it("says that an answer will not come when the connection ends", async () => {
  answers = accepting(wire``);
  const attacker = await Attacker.connect(address, { clientId: "c" });
  const asked = attacker?.ask(SUBSCRIBE, PacketType.SUBACK);
  attacker?.drop();
  expect(await asked).toBe(false);
  expect(await attacker?.write(SUBSCRIBE)).toBe(false);
  expect(await attacker?.ask(SUBSCRIBE, PacketType.SUBACK)).toBe(false);
  await attacker?.leave();
});

it("waits until the kernel has taken what it writes", async () => {
  let reading: Socket | undefined;
  answers = (socket) => {
    reading = socket;
    socket.write(wire`20 02 00 00`);
    socket.pause();
  };
  const attacker = await Attacker.connect(address, { clientId: "c" });
  let taken = false;
  const writing = attacker?.write(Buffer.alloc(20_000_000)).then((open) => {
    taken = open;
  });
  expect(taken).toBe(false);
  answers = () => undefined;
  reading?.resume();
  await writing;
  expect(taken).toBe(true);
  attacker?.drop();
});
