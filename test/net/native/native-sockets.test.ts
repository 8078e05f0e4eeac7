import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Broker, DEFAULT_LIMITS } from "../../../src/engine.js";
import { AddressBook } from "../../../src/net/address-book.js";
import { Admission } from "../../../src/net/admission.js";
import {
  ensureNative,
  type NativeDoor,
  NativeSockets,
} from "../../../src/net/native/native-sockets.js";
import { socketBlockPool, Transport } from "../../../src/net/transport.js";
import { CheckedLibc } from "../../support/checked-libc.js";
import { RawClient } from "../raw-client.js";

const errors: unknown[] = [];
let checked: CheckedLibc;
let engine: Broker;
let transport: Transport;
let native: NativeSockets;
beforeEach(async () => {
  await ensureNative();
  errors.length = 0;
  checked = new CheckedLibc();
  engine = new Broker({ makeClientId: () => "made", pool: socketBlockPool() });
  transport = new Transport(engine, (error) => errors.push(error));
  native = new NativeSockets(transport, (error) => errors.push(error), checked.calls);
});
afterEach(async () => {
  await transport.close(500);
  native.close();
  await vi.waitFor(() => expect([...checked.open]).toEqual([]));
  expect(checked.faults).toEqual([]);
  expect(errors).toEqual([]);
});

function door(changes: Partial<NativeDoor> = {}): NativeDoor {
  return {
    knownAddress: "",
    admission: new Admission(new AddressBook(DEFAULT_LIMITS), {}),
    name: () => "mqtt://here",
    onError: (error) => errors.push(error),
    onTurnedAway: (...told) => errors.push(told),
    ...changes,
  };
}

describe("ensureNative", () => {
  afterEach(() => {
    vi.doUnmock("../../../src/net/native/self-test.js");
    vi.resetModules();
  });

  it("tests once, but again after a failure: it may have been of that moment", async () => {
    vi.resetModules();
    const testOnce = vi
      .fn()
      .mockRejectedValueOnce(new Error("EMFILE"))
      .mockResolvedValue(undefined);
    vi.doMock("../../../src/net/native/self-test.js", () => ({ testOnce }));
    const fresh = await import("../../../src/net/native/native-sockets.js");
    const [first, second] = await Promise.allSettled([fresh.ensureNative(), fresh.ensureNative()]);
    expect([first, second]).toMatchObject([{ status: "rejected" }, { status: "rejected" }]);
    await fresh.ensureNative();
    await fresh.ensureNative();
    expect(testOnce).toHaveBeenCalledTimes(2);
  });
});

describe("NativeSockets", () => {
  it.each([
    ["name", "name"],
    ["onTurnedAway", "onTurnedAway"],
  ] as const)("goes on and leaves nothing open when %s throws", async (_, callback) => {
    const admission = new Admission(new AddressBook(DEFAULT_LIMITS), { connectionsMax: 1 });
    let isBad = true;
    const bad = (): undefined => {
      if (isBad) throw new Error("bad callback");
    };
    const listening = native.listener(door({ admission, [callback]: bad }));
    const { port } = await listening.listen({ host: "127.0.0.1", port: 0 });
    const peers = [connect(port, "127.0.0.1"), connect(port, "127.0.0.1")];
    await vi.waitFor(() => expect(errors.length).toBeGreaterThan(0));
    expect(errors.splice(0)[0]).toEqual(new Error("bad callback"));
    for (const one of peers) one.on("error", () => undefined).destroy();
    await vi.waitFor(() => expect(engine.stats.connections).toBe(0));
    isBad = false;
    errors.length = 0;
    const client = await RawClient.accepted(port); // the stays of the others have ended
    client.socket.destroy();
    listening.close();
  });

  it("closes a connection that the engine cannot open", async () => {
    const listening = native.listener(door());
    const { port } = await listening.listen({ host: "127.0.0.1", port: 0 });
    const { open } = engine;
    engine.open = () => {
      throw new Error("bad engine");
    };
    const socket = connect(port, "127.0.0.1").on("error", () => undefined);
    await once(socket.resume(), "close");
    expect(errors.splice(0)).toEqual([new Error("bad engine")]);
    engine.open = open;
    (await RawClient.accepted(port)).socket.destroy();
    listening.close();
  });

  it("[I01] turns away whom the listener has no room for, by the address it came from", async () => {
    const told: unknown[] = [];
    const admission = new Admission(new AddressBook(DEFAULT_LIMITS), { connectionsMax: 1 });
    const listening = native.listener(
      door({
        knownAddress: undefined,
        admission,
        onTurnedAway: (...what) => told.push(what),
      }),
    );
    const { port } = await listening.listen({ host: "127.0.0.1", port: 0 });
    const first = await RawClient.accepted(port, { clientId: "C" });
    expect(engine.identityOf("C")).toMatchObject({
      remoteAddress: `127.0.0.1:${first.socket.localPort}`,
    });
    const second = connect(port, "127.0.0.1");
    await once(second, "connect");
    const place = `127.0.0.1:${second.localPort}`;
    await once(second.on("error", () => undefined).resume(), "close");
    expect(told).toEqual([
      [place, "refused", "there are as many connections here as there may be", "listener-full"],
    ]);
    first.socket.destroy();
    await vi.waitFor(() => expect(engine.identityOf("C")).toBeUndefined());
    const third = await RawClient.accepted(port); // the first one's stay has ended
    third.socket.destroy();
    listening.close();
  });

  it("serves Clients, whose Identity says where they came in", async () => {
    const listening = native.listener(door());
    const { port } = await listening.listen({ host: "127.0.0.1", port: 0 });
    const client = await RawClient.accepted(port, { clientId: "C" });
    expect(engine.identityOf("C")).toMatchObject({
      listener: "mqtt://here",
      remoteAddress: `127.0.0.1:${client.socket.localPort}`,
    });
    listening.close();
    client.socket.destroy();
    await vi.waitFor(() => expect(engine.identityOf("C")).toBeUndefined());
  });

  it("closes a connection that the kernel does not watch", async () => {
    const refused: Error[] = [];
    const listening = native.listener(door({ onError: (error) => refused.push(error) }));
    const { port } = await listening.listen({ host: "127.0.0.1", port: 0 });
    const { epollControl } = checked.calls;
    checked.calls.epollControl = () => -1;
    const socket = connect(port, "127.0.0.1");
    await once(socket.resume(), "end");
    expect(engine.stats.connectionsOpened).toBe(0);
    expect(refused).toMatchObject([{ syscall: "epoll_ctl" }]);
    checked.calls.epollControl = epollControl;
    listening.close();
  });
});
