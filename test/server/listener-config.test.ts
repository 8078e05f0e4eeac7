import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/protocol/errors.js";
import { checkExposure, listenersFrom } from "../../src/server/listener-config.js";

const files = { cert: "c.pem", key: "k.pem" };
const tlsFlags = { port: 8883, ...files };
const nobody = { allowAnonymous: false, hasCredentials: false };

function places(given: Parameters<typeof listenersFrom>[0]): string[] {
  return listenersFrom(given).map(({ options, chosenBy }) => {
    const where = options.type === "unix" ? options.path : `${options.host}:${options.port}`;
    return `${options.type} ${where} ${chosenBy}`;
  });
}

describe("where the server listens", () => {
  it("is plain TCP when nothing is said, and beside WebSocket", () => {
    expect(places({})).toEqual(["tcp 127.0.0.1:1883 --port"]);
    expect(places({ webSocket: { port: 8083 } })).toEqual([
      "tcp 127.0.0.1:1883 --port",
      "ws 127.0.0.1:8083 --ws-port",
    ]);
  });

  it("is no plain TCP for those who ask for TLS, a socket file or a list, and not for it", () => {
    expect(places({ tls: tlsFlags, host: "::" })).toEqual(["tls :::8883 --tls-port"]);
    expect(places({ unix: "/run/b" })).toEqual(["unix /run/b --unix"]);
    expect(places({ secureWebSocket: { port: 8084 }, tls: files })).toEqual([
      "wss 127.0.0.1:8084 --wss-port",
    ]);
    const listeners = [
      { type: "tcp", host: "h", port: 5 },
      { type: "unix", path: "/p" },
    ] as const;
    expect(places({ listeners })).toEqual([
      "tcp h:5 listeners[0].port",
      "unix /p listeners[1].path",
    ]);
  });

  it("is all that is asked for, together", () => {
    const listeners = [{ type: "tcp", host: "h", port: 5 }] as const;
    const given = { port: 1, tls: tlsFlags, secureWebSocket: { port: 3 }, unix: "/u", listeners };
    expect(places(given)).toEqual([
      "tcp 127.0.0.1:1 --port",
      "tls 127.0.0.1:8883 --tls-port",
      "wss 127.0.0.1:3 --wss-port",
      "unix /u --unix",
      "tcp h:5 listeners[0].port",
    ]);
  });

  it("keeps apart what a listener is told of its own rules", () => {
    const listeners = [
      { type: "tcp", port: 5, rulesFile: "r.yaml" },
      { type: "unix", path: "/p", aclFile: "acl" },
      { type: "ws", port: 6 },
    ] as const;
    expect(listenersFrom({ listeners }).map(({ options, rules }) => [options, rules])).toEqual([
      [{ type: "tcp", port: 5, transport: "auto" }, { rulesFile: "r.yaml" }],
      [{ type: "unix", path: "/p" }, { aclFile: "acl" }],
      [{ type: "ws", port: 6 }, undefined],
    ]);
  });

  it("hands on what the flags for TLS say, to WebSocket over TLS too", () => {
    const tls = { ...tlsFlags, ca: "a.pem", clientCert: "required" } as const;
    const given = { tls, secureWebSocket: { port: 3 }, webSocket: { path: "/mqtt" } };
    const expected = { ...files, ca: "a.pem", clientCertificate: "required" };
    expect(listenersFrom(given).map(({ options }) => options)).toEqual([
      { type: "tls", host: "127.0.0.1", port: 8883, ...expected },
      { type: "wss", host: "127.0.0.1", port: 3, path: "/mqtt", ...expected },
    ]);
  });

  it.each([
    [{ webSocket: { path: "/a" } }, "--ws-path and --ws-origins need --ws-port"],
    [{ tls: files }, "--tls-cert and the other flags for TLS need --tls-port or --wss-port"],
    [{ tls: { port: 1, cert: "c" } }, "--tls-port needs --tls-cert <file> and --tls-key <file>"],
    [{ secureWebSocket: { port: 1 } }, "--wss-port needs --tls-cert <file> and --tls-key <file>"],
  ] as const)("[M04] refuses %j", (given, words) => {
    expect(() => listenersFrom(given)).toThrow(UsageError);
    expect(() => listenersFrom(given)).toThrow(words);
  });
});

describe("[H13] who may reach it without credentials", () => {
  it("is this machine, by any address of its own and by a socket file", () => {
    const listeners = listenersFrom({
      host: "::1",
      port: 1,
      unix: "/u",
      listeners: [{ type: "tcp" }, { type: "ws", host: "localhost" }],
    });
    expect(() => checkExposure(listeners, nobody)).not.toThrow();
  });

  it("is nobody else, whichever listener it is", () => {
    const listeners = listenersFrom({
      listeners: [
        { type: "unix", path: "u" },
        { type: "ws", host: "::" },
      ],
    });
    expect(() => checkExposure(listeners, nobody)).toThrow(
      "listeners[1].port on :: is refused: everybody who reaches this address could connect",
    );
    const byFlag = listenersFrom({ host: "0.0.0.0", tls: tlsFlags });
    expect(() => checkExposure(byFlag, nobody)).toThrow("--host 0.0.0.0 is refused");
  });

  it("is whoever shows a certificate that must be shown, or whom somebody lets in by name", () => {
    const open = { host: "::", anonymous: "accept" } as const;
    const certified = { host: "::", ...files, ca: "a", clientCertificate: "required" } as const;
    const listeners = listenersFrom({
      listeners: [
        { type: "tcp", ...open },
        { type: "tls", ...certified },
      ],
    });
    expect(() => checkExposure(listeners, nobody)).not.toThrow();
    const others = listenersFrom({ host: "::" });
    expect(() => checkExposure(others, { ...nobody, allowAnonymous: true })).not.toThrow();
    expect(() => checkExposure(others, { ...nobody, hasCredentials: true })).not.toThrow();
  });
});
