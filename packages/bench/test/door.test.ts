import { once } from "node:events";
import { createServer as createHttp, type Server as HttpServer } from "node:http";
import { createServer as createHttps } from "node:https";
import { type AddressInfo, createServer as createTcp, type Server } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTls } from "node:tls";
import { afterAll, describe, expect, it } from "vitest";
import { createWebSocketStream, WebSocketServer } from "ws";
import { selfSigned } from "../../../test/support/certificate.js";
import { Attacker } from "../src/attack/attacker.js";
import { DOORS, type Door, dial } from "../src/door.js";
import { Peer, type PeerEvents } from "../src/peer.js";

const CONNACK = Uint8Array.of(0x20, 2, 0, 0);
const closers: (() => void)[] = [];
afterAll(() => {
  for (const close of closers) close();
});

/** A server that hands every stream of MQTT that comes through its door to `welcome`. */
async function serverAt(door: Door, welcome: (stream: Duplex) => void): Promise<number> {
  const server = withDoor(door, (stream) => welcome(stream.on("error", () => undefined)));
  server.listen(0, "127.0.0.1");
  closers.push(() => server.close());
  await once(server, "listening");
  return (server.address() as AddressInfo).port; // it listens on TCP
}

function withDoor(door: Door, welcome: (stream: Duplex) => void): Server {
  if (door === "tcp") return createTcp(welcome);
  if (door === "tls") return createTls(selfSigned(), welcome);
  const http: HttpServer = door === "ws" ? createHttp() : createHttps(selfSigned());
  new WebSocketServer({ server: http }).on("connection", (webSocket) =>
    welcome(createWebSocketStream(webSocket)),
  );
  return http;
}

const EVENTS: PeerEvents = {
  ...{ chunkBegins: () => undefined, repliesWait: () => undefined, message: () => undefined },
  ...{ acknowledged: () => undefined, lost: () => undefined },
};

describe.each(DOORS)("over %s", (door) => {
  it("says when it is open, and carries bytes both ways", async () => {
    const port = await serverAt(door, (stream) =>
      stream.on("data", (b: Buffer) => stream.write(b)),
    );
    const got: number[] = [];
    const stream = dial(
      door,
      { host: "127.0.0.1", port },
      {
        opened: () => void stream.write(Uint8Array.of(1, 2, 3)),
        received: (bytes, length) => got.push(...bytes.subarray(0, length)),
      },
    );
    await expect.poll(() => got).toEqual([1, 2, 3]);
    stream.destroy();
    await once(stream, "close");
  });

  it("a client of the generator and one of an attack are accepted, and hear of the end", async () => {
    const streams: Duplex[] = [];
    const port = await serverAt(door, (stream) => {
      streams.push(stream);
      stream.once("data", () => stream.write(CONNACK));
    });
    const address = { host: "127.0.0.1", port, door, username: undefined, password: undefined };
    const peer = new Peer("sender", 0, "c", EVENTS);
    await peer.connect(address, undefined);
    expect(peer.open).toBe(true);
    const attacker = await Attacker.connect(address, { clientId: "a" });
    expect(attacker?.open).toBe(true);
    for (const stream of streams) stream.destroy();
    await expect.poll(() => [peer.open, attacker?.open]).toEqual([false, false]);
    await peer.close();
  });
});
