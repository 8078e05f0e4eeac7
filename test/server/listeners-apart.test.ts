import { describe, expect, it } from "vitest";
import type { ListenerOptions } from "../../src/library/listener-rows.js";
import { UsageError } from "../../src/protocol/errors.js";
import { listenersFrom } from "../../src/server/listener-config.js";
import { checkApart } from "../../src/server/listeners-apart.js";

const listed = (...listeners: ListenerOptions[]) => listenersFrom({ listeners });
const files = { cert: "c.pem", key: "k.pem" };

describe("[M04] two listeners at one place", () => {
  it.each([
    [
      listenersFrom({ port: 1883, webSocket: { port: 1883 } }),
      "--port and --ws-port name the same",
    ],
    [
      listed({ type: "tcp" }, { type: "tcp", port: 1883 }),
      "listeners[0].port and listeners[1].port",
    ],
    [listed({ type: "tls", ...files }, { type: "ws", port: 8883 }), "port 8883 on 127.0.0.1"],
    [listed({ type: "tcp", host: "0.0.0.0" }, { type: "tcp" }), "listeners[1].port name the same"],
    [listed({ type: "tcp", host: "::1" }, { type: "ws", host: "::", port: 1883 }), "1883 on ::"],
    [listed({ type: "unix", path: "/a" }, { type: "unix", path: "/a" }), "the same place, /a:"],
  ])("%#: are refused, with both named", (listeners, words) => {
    expect(() => checkApart(listeners)).toThrow(UsageError);
    expect(() => checkApart(listeners)).toThrow(words);
  });

  it("nor one where health and metrics are answered", () => {
    const admin = { host: "127.0.0.1", port: 1883 };
    expect(() => checkApart(listed({ type: "tcp" }), admin)).toThrow(
      "listeners[0].port and --admin-port name the same place, port 1883 on 127.0.0.1: choose another",
    );
    expect(() => checkApart(listed({ type: "unix", path: "/a" }), admin)).not.toThrow();
  });

  it("are two places by another address, another port, or any free one", () => {
    const apart = listed(
      { type: "tcp", host: "127.0.0.1" },
      { type: "tcp", host: "127.0.0.2" },
      { type: "ws", port: 0 },
      { type: "ws", port: 0 },
      { type: "unix", path: "/a" },
      { type: "unix", path: "/b" },
    );
    expect(() => checkApart(apart, { host: "127.0.0.1", port: 18_083 })).not.toThrow();
  });
});

it("[H05] two listeners of one name are refused: what is for one would be for both", () => {
  const twice = listed({ type: "tcp", name: "a" }, { type: "unix", path: "/a", name: "a" });
  expect(() => checkApart(twice)).toThrow(
    "two listeners are called a: give one of them another name",
  );
  const apart = listed({ type: "tcp", name: "a" }, { type: "unix", path: "/a" });
  expect(() => checkApart([...apart, ...listed({ type: "ws" })])).not.toThrow();
});
