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

describe("NativeSockets", () => {
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
