import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import {
  isOrigin,
  type ListenOptions,
  listenerFor,
  listenerName,
  listeningFrom,
} from "../../src/library/listening.js";
import { DEFAULT_LIMITS } from "../../src/ports/limits.js";
import { UsageError } from "../../src/protocol/errors.js";

const http = createHttpServer();
const net = createServer();

describe("where to listen", () => {
  it("is TCP at port 1883 of this machine unless said otherwise, WebSocket at 8080", () => {
    const host = "127.0.0.1";
    expect(listeningFrom({})).toEqual({ address: { host, port: 1883 }, webSocket: undefined });
    expect(listeningFrom({ webSocket: false, port: 5, host: "::1" })).toEqual({
      address: { host: "::1", port: 5 },
      webSocket: undefined,
    });
    expect(listeningFrom({ webSocket: true })).toEqual({
      address: { host, port: 8080 },
      webSocket: {},
    });
    const webSocket = { path: "/mqtt", origins: ["https://a.example"], messageBytesMax: 1_024 };
    expect(listeningFrom({ webSocket, port: 0 })).toEqual({
      address: { host, port: 0 },
      webSocket,
    });
  });

  it.each<[unknown, string]>([
    [{ port: 65_536 }, "port is 65536; allowed: whole numbers from 0 to 65535"],
    [{ webSocket: { path: "mqtt" } }, 'path is "mqtt"; allowed: a string that starts with /'],
    [
      { webSocket: { origins: ["a.example"] } },
      'webSocket.origins[0] is "a.example"; allowed: an origin like https://example.com',
    ],
    [{ prot: 1883 }, "unknown key prot: did you mean port? allowed: host, port, webSocket"],
    [{ port: "1883" }, 'port is "1883"; allowed: whole numbers'],
    [{ host: 7 }, "host is 7; allowed: a string"],
    [{ webSocket: "yes" }, 'webSocket is "yes"; allowed: an object with server, path, origins'],
    [{ webSocket: null }, "webSocket is null"],
    [{ webSocket: { Path: "/" } }, "unknown key webSocket.Path: did you mean webSocket.path?"],
    [
      { server: http },
      "unknown key server: to attach MQTT over WebSocket to an HTTP server, write",
    ],
    [{ webSocket: { server: "x" } }, 'webSocket.server is "x"; allowed: a server of node:http or'],
    [
      { webSocket: { server: net } },
      "a net.Server speaks no HTTP: for plain MQTT write net.create",
    ],
    [
      { webSocket: { server: http }, port: 5 },
      "port is 5; leave it out, because webSocket.server has an address",
    ],
    [
      { webSocket: { server: http }, host: "::" },
      'host is "::"; leave it out, because webSocket.server',
    ],
    [null, "options is null; allowed: an object with host, port, webSocket"],
    ["1883", 'options is "1883"; allowed'],
    [{ webSocket: { messageBytesMax: 1_023 } }, "messageBytesMax is 1023; allowed: whole numbers"],
    [{ webSocket: { messageBytesMax: Number.NaN } }, "messageBytesMax is NaN; allowed"],
  ])("[M04] refuses %j", (options, message) => {
    const wrong = options as ListenOptions; // on purpose
    expect(() => listeningFrom(wrong)).toThrow(UsageError);
    expect(() => listeningFrom(wrong)).toThrow(message);
  });

  it.each([
    ["https://example.com", true],
    ["http://localhost:8080", true],
    ["http://[::1]:81", true],
    ["https://example.com/", false],
    ["https://example.com:443", false],
    ["https://EXAMPLE.com", false],
    ["example.com", false],
    ["*", false],
    ["null", false],
    [7, false],
  ])("knows whether a browser would write %j as an origin: %j", (text, expected) => {
    expect(isOrigin(text)).toBe(expected);
  });
});

it("makes the kind of listener that was asked for", async () => {
  const { WebSocketListener } = await import("../../src/net/websocket-listener.js");
  const ignore = (): void => undefined;
  const listener = await listenerFor(
    listeningFrom({ webSocket: true }),
    DEFAULT_LIMITS,
    true,
    ignore,
    ignore,
  );
  expect(listener).toBeInstanceOf(WebSocketListener);
  const { AttachedWebSockets } = await import("../../src/net/attached-websockets.js");
  const guest = await listenerFor(
    listeningFrom({ webSocket: { server: http } }),
    DEFAULT_LIMITS,
    true,
    ignore,
    ignore,
  );
  expect(guest).toBeInstanceOf(AttachedWebSockets);
  const tcp = await listenerFor(listeningFrom({}), DEFAULT_LIMITS, true, ignore, ignore);
  expect(tcp).not.toBeInstanceOf(WebSocketListener);
});

it.each([
  ["127.0.0.1", undefined, "mqtt://127.0.0.1:9"],
  ["::1", undefined, "mqtt://[::1]:9"],
  ["127.0.0.1", {}, "ws://127.0.0.1:9"],
  ["::", { path: "/mqtt" }, "ws://[::]:9/mqtt"],
  ["127.0.0.1", { server: http, path: "/mqtt" }, "ws://127.0.0.1:9/mqtt"],
  ["127.0.0.1", { server: createHttpsServer() }, "wss://127.0.0.1:9"],
  ["", { server: http }, undefined],
])("names a listener as clients reach it: %s", (host, webSocket, name) => {
  const address = { host, port: 9 };
  expect(listenerName(address, { address, webSocket })).toBe(name);
});
