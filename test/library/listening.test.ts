import { describe, expect, it } from "vitest";
import { isOrigin, listenerFor, listeningFrom } from "../../src/library/listening.js";
import { DEFAULT_LIMITS } from "../../src/ports/limits.js";

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

  it.each([
    [{ port: 65_536 }, "port is 65536; allowed: whole numbers from 0 to 65535"],
    [{ webSocket: { path: "mqtt" } }, 'path is "mqtt"; allowed: a string that starts with /'],
    [{ webSocket: { origins: ["a.example"] } }, 'origins is ["a.example"]; allowed: a list of'],
    [{ webSocket: { messageBytesMax: 1_023 } }, "messageBytesMax is 1023; allowed: whole numbers"],
    [{ webSocket: { messageBytesMax: Number.NaN } }, "messageBytesMax is NaN; allowed"],
  ])("[M04] refuses %j", (options, message) => {
    expect(() => listeningFrom(options)).toThrow(message);
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
    ignore,
    ignore,
  );
  expect(listener).toBeInstanceOf(WebSocketListener);
  const tcp = await listenerFor(listeningFrom({}), DEFAULT_LIMITS, ignore, ignore);
  expect(tcp).not.toBeInstanceOf(WebSocketListener);
});
