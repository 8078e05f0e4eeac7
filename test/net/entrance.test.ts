import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, expect, it, vi } from "vitest";
import { AddressBook } from "../../src/net/address-book.js";
import { Admission } from "../../src/net/admission.js";
import { Entrance } from "../../src/net/entrance.js";
import { Handshakes } from "../../src/net/handshakes.js";
import type { ConnectionDetails } from "../../src/net/peer-details.js";
import { Proxies } from "../../src/net/proxies.js";
import { tcpListener } from "../../src/net/tcp-listener.js";
import { proxyV2 } from "./proxy-bytes.js";

const closers: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function entrance(proxies?: readonly string[], connectionsMax = 10) {
  const came: ConnectionDetails[] = [];
  const refused: string[] = [];
  const sockets: Socket[] = [];
  const rules = {
    knownAddress: proxies === undefined ? "" : undefined,
    admission: new Admission(
      new AddressBook({ connectionsPerAddressMax: 9, connectsPerSecondMax: 9 }),
      {
        connectionsMax,
      },
    ),
    proxies: proxies && new Proxies(proxies),
    handshakes: new Handshakes({ handshakesMax: 10 }),
    timeMs: () => 10_000,
  };
  const gate = new Entrance(
    rules,
    (socket, details) => {
      came.push(details);
      socket.resume();
    },
    (address, what, _why, reason) => {
      expect(address).toMatch(/^(127\.0\.0\.1|203\.0\.113\.9):\d+$/);
      refused.push(`${what} ${reason}`);
    },
  );
  const listener = tcpListener(
    (socket) => {
      sockets.push(socket);
      gate.take(socket);
    },
    (error) => expect.fail(error.message),
  );
  const address = await listener.listen({ host: "127.0.0.1", port: 0 });
  closers.push(() => {
    listener.close();
    for (const socket of sockets) socket.destroy();
  });
  const open = (bytes?: Uint8Array) => {
    const peer = connect(address)
      .on("error", () => undefined)
      .resume();
    if (bytes !== undefined) peer.write(bytes);
    return peer;
  };
  return { came, refused, open };
}

it("gives on whoever comes, as it is", async () => {
  const { came, open } = await entrance();
  open();
  await vi.waitUntil(() => came.length === 1);
  expect(came).toEqual([{}]);
});

it("[K14] gives on whom a proxy speaks for, and the proxy itself when it speaks for itself", async () => {
  const { came, open } = await entrance(["127.0.0.1"]);
  open(proxyV2({ address: "203.0.113.9", port: 7 }));
  await vi.waitUntil(() => came.length === 1);
  open(Buffer.from("PROXY UNKNOWN\r\n"));
  await vi.waitUntil(() => came.length === 2);
  expect(came).toEqual([{ remoteAddress: "203.0.113.9:7" }, {}]);
});

it("[K14] closes a proxy without a header", async () => {
  const { came, refused, open } = await entrance(["127.0.0.1"]);
  await once(open(Buffer.from([0x10, 0])), "close");
  expect([came, refused]).toEqual([[], ["refused proxy-header"]]);
});

it("[I01] closes one too many, and tells whose address it is", async () => {
  const { came, refused, open } = await entrance(["127.0.0.1"], 1);
  open(proxyV2({ address: "203.0.113.9" }));
  await vi.waitUntil(() => came.length === 1);
  await once(open(proxyV2({ address: "203.0.113.9" })), "close");
  expect(refused).toEqual(["refused listener-full"]);
});
