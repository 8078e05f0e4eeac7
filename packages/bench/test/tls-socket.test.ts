import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, expect, it } from "vitest";
import { selfSigned } from "../../../test/support/certificate.js";
import { Peer, type PeerEvents } from "../src/peer.js";
import { dialTls } from "../src/tls-socket.js";

let server: Server;
let port = 0;
const open = new Set<TLSSocket>();
const CONNACK = Uint8Array.of(0x20, 2, 0, 0);

beforeAll(async () => {
  server = createServer(selfSigned(), (socket) => {
    open.add(socket);
    socket.on("error", () => undefined).once("data", () => socket.write(CONNACK));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port; // it listens on TCP
});
afterAll(async () => {
  for (const socket of open) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

it("has a whole handshake each time, or goes on with the session of the one before", async () => {
  for (const [mode, resumed] of [
    ["full", [false, false]],
    ["resumed", [false, true]],
  ] as const) {
    const seen: boolean[] = [];
    for (let at = 0; at < 2; at += 1) {
      const socket = dialTls({ host: "127.0.0.1", port }, mode);
      const session = mode === "resumed" && at === 0 ? once(socket, "session") : undefined;
      await once(socket, "secureConnect");
      expect(socket.getProtocol()).toBe("TLSv1.3");
      seen.push(socket.isSessionReused());
      socket.write("x");
      await Promise.all([once(socket, "data"), session]);
      socket.destroy();
    }
    expect(seen).toEqual(resumed);
  }
});

it("carries a client of the generator", async () => {
  const events: PeerEvents = {
    ...{ chunkBegins: () => undefined, repliesWait: () => undefined, message: () => undefined },
    ...{ acknowledged: () => undefined, lost: () => undefined },
  };
  const peer = new Peer("sender", 0, "c", events);
  const target = { host: "127.0.0.1", port, username: undefined, password: undefined };
  await peer.connect({ ...target, tls: "full" }, undefined);
  expect(peer.open).toBe(true);
  await peer.close();
});
