import { createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { AttackRoom } from "../../src/attack/room.js";
import { clientHello, Stranger } from "../../src/attack/stranger.js";
import type { Door } from "../../src/door.js";

let server: Server;
let port = 0;
let onConnection: (socket: Socket) => void;

beforeEach(async () => {
  onConnection = () => undefined;
  server = createServer((socket) => onConnection(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  port = typeof bound === "object" ? (bound?.port ?? 0) : 0;
});

afterEach(() => new Promise((resolve) => server.close(resolve)));

const room = (door?: Door): AttackRoom => new AttackRoom({ host: "127.0.0.1", port, door }, 1);

it("says something, and is answered", async () => {
  onConnection = (socket) => socket.on("data", (bytes) => socket.write(bytes));
  const here = room();
  const stranger = await Stranger.dial(here);
  stranger?.say(Uint8Array.of(1, 2));
  expect([...((await stranger?.answer(5_000)) ?? [])]).toEqual([1, 2]);
  expect(await stranger?.answer(1)).toBeUndefined();
  stranger?.leave();
  expect(stranger?.open).toBe(false);
  expect(Object.fromEntries(here.notes)).toEqual({ "connections opened": 1 });
});

it("comes in through the server's door, or as far as TCP", async () => {
  onConnection = (socket) => socket.on("data", (bytes) => socket.write(bytes)); // no WebSockets
  const here = room("ws");
  expect(await Stranger.dial(here)).toBeUndefined();
  const outside = await Stranger.dial(here, port);
  expect(outside?.open).toBe(true);
  outside?.leave();
  expect(Object.fromEntries(here.notes)).toEqual({
    ...{ "connections nobody took": 1, "connections opened": 1 },
  });
});

it("learns that it was closed, also when it waits for no answer", async () => {
  onConnection = (socket) => socket.end();
  const [one, other] = [await Stranger.dial(room()), await Stranger.dial(room(), port)];
  expect(await one?.answer(5_000)).toBeUndefined();
  await expect.poll(() => other?.open).toBe(false);
  expect(await other?.answer(5_000)).toBeUndefined();
});

it("notes that nobody took it", async () => {
  const free = room();
  await new Promise((resolve) => server.close(resolve));
  expect(await Stranger.dial(free)).toBeUndefined();
  expect(Object.fromEntries(free.notes)).toEqual({ "connections nobody took": 1 });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

it("has the first message of a TLS handshake", async () => {
  const hello = await clientHello();
  expect([...hello.subarray(0, 2)]).toEqual([22, 3]);
  expect(hello[5]).toBe(1); // client_hello, RFC 8446 section 4
});
