import { Socket } from "node:net";
import { PassThrough } from "node:stream";
import { TLSSocket } from "node:tls";
import { describe, expect, it } from "vitest";
import { isEncrypted, TCP_SOCKET, traitsOf } from "../../src/net/stream-traits.js";

class KeepingSocket extends Socket {}

describe("what a stream does with bytes", () => {
  it("a net.Socket has copied what it took", () => {
    expect(traitsOf(new Socket())).toEqual(TCP_SOCKET);
  });

  it("a TLS socket has the options of one, but keeps bytes and finishes later", () => {
    const expected = { copies: "never", isPrompt: false, isSocket: true };
    expect(traitsOf(new TLSSocket(new Socket()))).toEqual(expected);
  });

  it("whoever extends net.Socket may keep bytes, as any stream may", () => {
    const expected = { copies: "never", isPrompt: false, isSocket: false };
    expect(traitsOf(new KeepingSocket())).toEqual(expected);
    expect(traitsOf(new PassThrough())).toEqual(expected);
  });

  it("tells TLS by its field", () => {
    expect(isEncrypted(new TLSSocket(new Socket()))).toBe(true);
    expect(isEncrypted(new Socket())).toBe(false);
  });
});
