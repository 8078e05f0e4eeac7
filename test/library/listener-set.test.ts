import { connect } from "node:net";
import { expect, it, vi } from "vitest";
import { Listeners } from "../../src/library/listener-set.js";
import { DEFAULT_LIMITS } from "../../src/ports/limits.js";
import type { ConnectAttempt } from "../../src/ports/policy.js";
import { whenClosed } from "../support/when-closed.js";

function listenersOf(isAuthenticating = true) {
  const fns = {
    checkOpen: vi.fn(),
    open: vi.fn(),
    error: vi.fn(),
    turnedAway: vi.fn(),
    fellBack: vi.fn(),
    native: vi.fn(),
  };
  const host = { ...fns, inTurn: (call: () => void) => call() };
  return {
    host,
    listeners: new Listeners(isAuthenticating ? { authenticate: () => true } : {}, host),
  };
}

it("counts and tells whom each listener turns away, by its name", async () => {
  const { host, listeners } = listenersOf();
  const address = await listeners.listen({ type: "ws", port: 0, name: "web" });
  const peer = connect(address).resume();
  peer.write("\x10");
  await whenClosed(peer);
  expect(listeners.turnedAway["no-websocket"]).toBe(1);
  expect(host.turnedAway).toHaveBeenCalledWith(
    "web",
    expect.stringMatching(/^127\.0\.0\.1:/),
    "refused",
    expect.stringContaining("plain MQTT came where WebSocket is spoken"),
    "no-websocket",
  );
  listeners.close();
});

it("keeps the rules for Clients without credentials by listener", async () => {
  const { listeners } = listenersOf();
  const { port } = await listeners.listen({ type: "tcp", port: 0, anonymous: "refuse" });
  const ask = vi.fn();
  const answer = vi.fn();
  const from = (listener: string | undefined) =>
    ({
      username: undefined,
      certificate: undefined,
      listener,
      remoteAddress: "",
    }) as ConnectAttempt; // all that counts
  listeners.authenticate(ask, from(`mqtt://127.0.0.1:${port}`), answer);
  expect(answer.mock.calls[0]?.[0]).toEqual({ kind: "refused", returnCode: 5 });
  listeners.authenticate(ask, from("mqtt://127.0.0.1:1"), answer);
  listeners.authenticate(ask, from(undefined), answer);
  expect(ask).toHaveBeenCalledTimes(2);
  listeners.close();
});

it("does not keep a listener that cannot listen", async () => {
  const { listeners } = listenersOf();
  const failing = { type: "tcp", host: "192.0.2.1", port: 0, name: "n" } as const;
  await expect(listeners.listen(failing)).rejects.toMatchObject({ code: "EADDRNOTAVAIL" });
  await listeners.listen({ type: "tcp", port: 0, name: "n" });
  listeners.close();
});

it("takes other limits for those that come from then on", async () => {
  const { host, listeners } = listenersOf();
  // Peers on this machine are not counted, unless they speak for others.
  const address = await listeners.listen({ type: "tcp", port: 0, proxyProtocol: ["127.0.0.1"] });
  listeners.changeLimits({ ...DEFAULT_LIMITS, connectionsPerAddressMax: 1 });
  const peers = [connect(address).resume(), connect(address).resume()];
  for (const peer of peers) peer.write("PROXY TCP4 192.0.2.1 192.0.2.2 1000 1883\r\n");
  await vi.waitFor(() => expect(listeners.turnedAway["address-full"]).toBe(1));
  expect(host.open).toHaveBeenCalledTimes(1);
  for (const peer of peers) peer.destroy();
  listeners.close();
});
