import { describe, expect, it } from "vitest";
import { foreignProtocol } from "../../src/handling/foreign.js";
import { bytesOf, Harness } from "../support/harness.js";
import { wire } from "../support/wire.js";

const TLS_HELLO = wire`16 0301 00c8 01 0000c4 0303 0000000000000000`;

/** What a connection was hung up on for, and what was counted. */
function hungUpOn(...chunks: Uint8Array[]) {
  const codes: (string | undefined)[] = [];
  const harness = new Harness({
    events: { onHangUp: (_client, _reason, violation) => codes.push(violation?.code) },
  });
  const peer = harness.open();
  for (const chunk of chunks) peer.send(chunk);
  return { codes, counted: Object.fromEntries(harness.broker.stats.violations) };
}

describe("who speaks something else than MQTT", () => {
  it.each([
    ["TLS 1.0 to 1.3", TLS_HELLO, "tls-hello"],
    ["a GET", bytesOf("GET / HTTP/1.1\r\n"), "http-request"],
    [
      "a WebSocket's upgrade",
      bytesOf("GET /mqtt HTTP/1.1\r\nUpgrade: websocket\r\n"),
      "http-request",
    ],
    ["a POST", bytesOf("POST /x HTTP/1.1\r\n"), "http-request"],
    ["HTTP/2", bytesOf("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "http-request"],
    ["a PROXY header, version 1", bytesOf("PROXY TCP4 10.0.0.1 "), "proxy-header"],
    ["a PROXY header, version 2", wire`0d0a0d0a000d0a515549540a 21 11 000c`, "proxy-header"],
  ])("[A03] is recognised by its first bytes and counted: %s", (_what, bytes, code) => {
    expect(hungUpOn(bytes)).toEqual({ codes: [code], counted: { [code]: 1 } });
    expect(foreignProtocol(bytes)).toBe(code);
  });

  it("[MQTT-3.1.0-1] stays what the reader says where nothing is recognised", () => {
    expect(hungUpOn(bytesOf("SSH-2.0-x\r\n")).codes).toEqual(["first-packet-not-connect"]);
    expect(hungUpOn(bytesOf("GE")).codes).toEqual(["first-packet-not-connect"]);
    expect(hungUpOn(TLS_HELLO.subarray(0, 5)).codes).toEqual(["reserved-flags"]);
  });

  it("is not looked for once a CONNECT has come", () => {
    const connect = wire`10 0d 0004 4d515454 04 02 0000 0001 61`;
    expect(hungUpOn(connect, bytesOf("GET / HTTP/1.1\r\n")).codes).not.toContain("http-request");
    expect(hungUpOn(connect, TLS_HELLO).codes).not.toContain("tls-hello");
    const waiting = new Harness({ policy: { authenticate: () => undefined } });
    const peer = waiting.open();
    peer.send(connect);
    for (let count = 0; count < 3; count += 1) {
      peer.send(bytesOf(`GET ${"x".repeat(700_000)}`));
    }
    expect(Object.fromEntries(waiting.broker.stats.violations)).toEqual({ "packet-too-large": 1 });
  });

  it("none of them is the beginning of a CONNECT", () => {
    expect(foreignProtocol(wire`10 0d 0004 4d515454 04`)).toBeUndefined();
    expect(foreignProtocol(new Uint8Array(0))).toBeUndefined();
  });
});
