import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Handshakes } from "../../src/net/handshakes.js";
import { awaitProxyHeader, Proxies } from "../../src/net/proxies.js";
import type { ProxyHeader } from "../../src/net/proxy-header.js";
import { whenClosed } from "../support/when-closed.js";

describe("the list of proxies", () => {
  const proxies = new Proxies(["192.0.2.1", "10.0.0.0/8", "fd00::/8"]);

  it.each([
    ["192.0.2.1", true],
    ["::ffff:192.0.2.1", true],
    ["10.9.8.7", true],
    ["fd12::1", true],
    ["192.0.2.2", false],
    ["11.0.0.1", false],
    ["fe80::1", false],
    ["unix", false],
    ["", false],
  ])("has %j: %j", (address, has) => {
    expect(proxies.has(address)).toBe(has);
  });

  it("has whoever comes by a socket file when it says so", () => {
    expect(new Proxies(["unix"]).has("unix")).toBe(true);
  });
});

const closers: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function awaiting(timeMs = 10_000) {
  const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number }; // listening on TCP
  const proxy = connect(port, "127.0.0.1").on("error", () => undefined);
  const [socket] = (await once(server, "connection")) as [Socket];
  socket.on("error", () => undefined);
  closers.push(
    () => server.close(),
    () => proxy.destroy(),
    () => socket.destroy(),
  );
  const headers: ProxyHeader[] = [];
  const refused: string[] = [];
  const handshakes = new Handshakes({ handshakesMax: 10 });
  awaitProxyHeader(socket, handshakes, timeMs, {
    take: (header) => headers.push(header),
    refuse: (why, reason) => refused.push(`${reason}: ${why}`),
  });
  return { proxy, socket, headers, refused, handshakes };
}

const HEADER = "PROXY TCP4 203.0.113.9 10.0.0.1 50412 1883\r\n";

it("[K14] reads a header that comes in pieces, and leaves what follows", async () => {
  const { proxy, socket, headers, handshakes } = await awaiting();
  proxy.write(HEADER.slice(0, 20));
  await vi.waitUntil(() => socket.bytesRead === 20);
  proxy.write(`${HEADER.slice(20)}rest`);
  await vi.waitUntil(() => headers.length === 1);
  expect(headers[0]?.source).toEqual({ address: "203.0.113.9", port: 50_412 });
  expect(String((await once(socket, "data"))[0])).toBe("rest");
  expect(handshakes.size).toBe(0);
});

it("[K14] closes what sends none, or not in time, and tells it", async () => {
  const wrong = await awaiting();
  wrong.proxy.write("GET / HTTP/1.1\r\n");
  await whenClosed(wrong.socket);
  expect(wrong.refused).toEqual(["proxy-header: what came is no PROXY header"]);
  const late = await awaiting(100);
  late.proxy.write("PROXY ");
  await whenClosed(late.socket);
  expect(late.refused).toEqual(["handshake-timeout: no whole PROXY header came from it in time"]);
  const gone = await awaiting();
  gone.proxy.end();
  await whenClosed(gone.socket);
  expect([gone.refused, gone.handshakes.size]).toEqual([[], 0]);
});
