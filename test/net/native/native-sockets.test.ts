import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Broker } from "../../../src/engine.js";
import { ensureNative, NativeSockets } from "../../../src/net/native/native-sockets.js";
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

describe("NativeSockets", () => {
  it("serves Clients, whose Identity says where they came in", async () => {
    const listening = native.listening(
      () => "mqtt://here",
      (error) => errors.push(error),
    );
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
    const listening = native.listening(
      () => undefined,
      (error) => errors.push(error),
    );
    const { port } = await listening.listen({ host: "127.0.0.1", port: 0 });
    const { epollControl } = checked.calls;
    checked.calls.epollControl = () => -1;
    const socket = connect(port, "127.0.0.1");
    await once(socket.resume(), "end");
    expect(engine.stats.connectionsOpened).toBe(0);
    checked.calls.epollControl = epollControl;
    listening.close();
  });
});
