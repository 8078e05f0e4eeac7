import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { type ListenOptions, listenerUrl, listeningFrom } from "../../src/library/listening.js";
import { UsageError } from "../../src/protocol/errors.js";

const http = createHttpServer();
const net = createServer();

describe("where to listen", () => {
  it("is TCP at port 1883 of this machine unless said otherwise, WebSocket at 8080", () => {
    const host = "127.0.0.1";
    expect(listeningFrom({})).toMatchObject({ address: { host, port: 1883 }, scheme: "mqtt" });
    expect(listeningFrom({ webSocket: false, port: 5, host: "::1" })).toMatchObject({
      address: { host: "::1", port: 5 },
      webSocket: undefined,
    });
    expect(listeningFrom({ webSocket: true })).toMatchObject({
      address: { host, port: 8080 },
      webSocket: {},
      scheme: "ws",
    });
    const webSocket = { path: "/mqtt", origins: ["https://a.example"], messageBytesMax: 1_024 };
    expect(listeningFrom({ webSocket, port: 0 })).toMatchObject({
      address: { host, port: 0 },
      webSocket,
    });
  });

  it("has a usual port for each type of listener", () => {
    const host = "127.0.0.1";
    const files = { cert: "c.pem", key: "k.pem" };
    expect(listeningFrom({ type: "tcp" }).address).toEqual({ host, port: 1_883 });
    expect(listeningFrom({ type: "ws" }).address).toEqual({ host, port: 8_083 });
    const tls = listeningFrom({ type: "tls", ...files });
    expect(tls).toMatchObject({ address: { host, port: 8_883 }, scheme: "mqtts", tls: files });
    const secure = listeningFrom({ type: "wss", ...files, path: "/mqtt" });
    expect(secure).toMatchObject({
      address: { host, port: 8_084 },
      scheme: "wss",
      tls: files,
      webSocket: { path: "/mqtt" },
    });
    const unix = listeningFrom({ type: "unix", path: "/run/beeline.sock" });
    expect(unix).toMatchObject({
      scheme: "unix",
      address: { path: "/run/beeline.sock" },
      file: { path: "/run/beeline.sock", mode: "660", owner: undefined },
    });
  });

  it.each<[unknown, string]>([
    [{ port: 65_536 }, "port is 65536; allowed: whole numbers from 0 to 65535"],
    [{ webSocket: { path: "mqtt" } }, 'path is "mqtt"; allowed: a string that starts with /'],
    [
      { webSocket: { origins: ["a.example"] } },
      'webSocket.origins[0] is "a.example"; allowed: an origin like https://example.com',
    ],
    [
      { prot: 1883 },
      "unknown key prot: did you mean port? allowed: host, port, transport, webSocket",
    ],
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
    [{ type: "tpc" }, 'options.type is "tpc"; allowed: tcp, tls, ws, wss, unix'],
    [{ type: "tls", cert: "c" }, "options.key is undefined; allowed: names of a file"],
    [{ type: "tcp", cert: "c" }, "unknown key options.cert"],
    [{ type: "tcp", proxyProtocol: ["ten"] }, 'options.proxyProtocol[0] is "ten"; allowed: addr'],
    [
      { type: "unix", path: "a", mode: "999" },
      'options.mode is "999"; allowed: three octal digits',
    ],
    [null, "options is null; allowed: an object with host, port, transport, webSocket"],
    ["1883", 'options is "1883"; allowed'],
    [{ webSocket: { messageBytesMax: 1_023 } }, "messageBytesMax is 1023; allowed: whole numbers"],
    [{ webSocket: { messageBytesMax: Number.NaN } }, "messageBytesMax is NaN; allowed"],
  ])("[M04] refuses %j", (options, message) => {
    const wrong = options as ListenOptions; // on purpose
    expect(() => listeningFrom(wrong)).toThrow(UsageError);
    expect(() => listeningFrom(wrong)).toThrow(message);
  });
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
  const scheme = webSocket === undefined ? {} : { webSocket };
  expect(listenerUrl({ host, port: 9 }, listeningFrom(scheme))).toBe(name);
});

it("names a socket file as what it is", () => {
  const listening = listeningFrom({ type: "unix", path: "/run/b.sock" });
  expect(listenerUrl(listening.address, listening)).toBe("unix:/run/b.sock");
});
