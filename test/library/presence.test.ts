import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { duplexPair } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/index.js";
import { createBroker, type MqttBroker } from "../../src/library/mqtt-broker.js";
import type { BrokerOptions } from "../../src/library/options.js";
import type { PresenceEvent } from "../../src/library/presence.js";
import { openLmdbStore } from "../../src/store/index.js";
import { RawClient } from "../net/raw-client.js";

const brokers: MqttBroker[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const broker of brokers.splice(0)) await broker.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function listening(options: BrokerOptions = {}, told: PresenceEvent[] = []) {
  const broker = createBroker(options);
  brokers.push(broker);
  broker.on("presence", (event) => told.push(event));
  const { port } = await broker.listen({ port: 0 });
  return { broker, port, told };
}

function groupsBy(
  told: readonly PresenceEvent[],
  key: "channelId" | "clientId",
): PresenceEvent[][] {
  const groups = new Map<string, PresenceEvent[]>();
  for (const event of told) groups.set(event[key], [...(groups.get(event[key]) ?? []), event]);
  return [...groups.values()];
}

describe("presence", () => {
  it("tells who came and who went, with everything that is known", async () => {
    const { broker, port, told } = await listening({
      authenticate: () => ({ kind: "accepted", data: { tenant: 7 } }),
    });
    const before = Date.now();
    const client = await RawClient.accepted(port, {
      clientId: "a",
      username: "u",
      keepAliveSeconds: 30,
    });
    const { channelId } = broker.client("a") ?? {};
    client.send({ type: PacketType.DISCONNECT });
    await client.ended();
    const known = {
      clientId: "a",
      channelId,
      clientIp: "127.0.0.1",
      client: expect.objectContaining({ username: "u", data: { tenant: 7 } }),
      time: expect.any(Number),
      connectedAtMs: expect.any(Number),
      keepAliveSeconds: 30,
      protocolLevel: 4,
    };
    expect(told).toEqual([
      { ...known, eventType: "connect", reason: undefined },
      { ...known, eventType: "disconnect", reason: "disconnected" },
      { ...known, eventType: "tcpclean", reason: "disconnected" },
    ]);
    expect(channelId).toMatch(/^[0-9a-f]{32}$/);
    for (const { time, connectedAtMs } of told) {
      expect(time).toBeGreaterThanOrEqual(before);
      expect(time).toBeLessThanOrEqual(Date.now());
      // The two clocks are read one after the other, and one counts whole milliseconds.
      expect(Math.abs(connectedAtMs - before)).toBeLessThan(2_000);
    }
    expect(told.every((event) => Object.isFrozen(event))).toBe(true);
  });

  it("has the address without its port, whatever it looks like", async () => {
    const { broker, told } = await listening();
    const addresses = ["203.0.113.9:50412", "[2001:db8::1]:50412", "2001:db8::1", "unix", ""];
    for (const remoteAddress of addresses) {
      const [theirs, ours] = duplexPair();
      broker.handle(ours, { remoteAddress });
      theirs.write(Buffer.from("100d00044d51545404020000000161", "hex"));
      await new Promise((resolve) => theirs.on("data", resolve));
    }
    const connects = told.filter(({ eventType }) => eventType === "connect");
    expect(connects.map(({ clientIp }) => clientIp)).toEqual([
      "203.0.113.9",
      "2001:db8::1",
      "2001:db8::1",
      "unix",
      "",
    ]);
  });

  it("[MQTT-3.1.4-5] says nothing of a connection that was never accepted", async () => {
    const { port, told } = await listening({ authenticate: () => false });
    const refused = await RawClient.accepted(port, { clientId: "a" });
    await refused.ended();
    const cut = await RawClient.open(port);
    cut.socket.destroy();
    expect(told).toEqual([]);
  });

  it("[MQTT-3.1.4-2] of a take-over tells the end of the old connection first", async () => {
    const { port, told } = await listening();
    await RawClient.accepted(port, { clientId: "a" });
    await RawClient.accepted(port, { clientId: "a" });
    const seen = told.map(({ eventType, reason }) => [eventType, reason]);
    expect(seen).toEqual([
      ["connect", undefined],
      ["tcpclean", "taken-over"],
      ["connect", undefined],
    ]);
    expect(told[0]?.channelId).toBe(told[1]?.channelId);
    expect(told[2]?.channelId).not.toBe(told[1]?.channelId);
  });

  it("tells the end of every connection before close has resolved", async () => {
    const { broker, port, told } = await listening();
    await RawClient.accepted(port, { clientId: "a" });
    await broker.connectInProcess({ clientId: "b" });
    await broker.close();
    const ends = told.filter(({ eventType }) => eventType === "tcpclean");
    expect(ends.map(({ clientId }) => clientId).sort()).toEqual(["a", "b"]);
  });

  it("tells 1,000 connections with take-overs, kicks, cuts, violations and restarts, each once and in order", async () => {
    const path = mkdtempSync(join(tmpdir(), "beeline-presence-"));
    folders.push(path);
    const told: PresenceEvent[] = [];
    const start = () => listening({ store: openLmdbStore({ path }) }, told);
    let { broker, port } = await start();
    const saidGoodbye = new Set<string>();
    let accepted = 0;
    /** One of ten Clients; every other one has a Session that is kept. */
    const connect = async (turn: number) => {
      const clientId = `c${turn % 10}`;
      const client = await RawClient.accepted(port, { clientId, cleanSession: turn % 2 === 0 });
      accepted += 1;
      return { clientId, client };
    };
    /** What becomes of a connection; the last one stays, until the tenth turn from here takes over. */
    const ends: ((clientId: string, client: RawClient, turn: number) => unknown)[] = [
      (clientId, client) => {
        saidGoodbye.add(broker.client(clientId)?.channelId ?? "");
        client.send({ type: PacketType.DISCONNECT });
        return client.ended();
      },
      (clientId) => expect(broker.disconnect(clientId)).toBe(true),
      (_, client) => client.socket.resetAndDestroy(),
      (_, client) => client.socket.destroy(),
      (_, client) => client.send(Uint8Array.of(0x36, 0)), // QoS 3
      (_, __, turn) => connect(turn), // taken over
      () => undefined,
    ];
    for (let turn = 0; accepted < 1_000; turn += 1) {
      const { clientId, client } = await connect(turn);
      await ends[turn % ends.length]?.(clientId, client, turn);
      if (turn % 200 === 199) {
        await broker.close();
        ({ broker, port } = await start());
      }
    }
    await broker.close();

    const channels = groupsBy(told, "channelId");
    expect(channels).toHaveLength(accepted);
    for (const events of channels) {
      const [{ channelId, clientId, connectedAtMs } = {} as PresenceEvent] = events;
      const expected = saidGoodbye.has(channelId)
        ? ["connect", "disconnect", "tcpclean"]
        : ["connect", "tcpclean"];
      expect(events.map(({ eventType }) => eventType)).toEqual(expected);
      expect(new Set(events.map((event) => event.clientId))).toEqual(new Set([clientId]));
      expect(events.every((event) => event.time + 1_000 > connectedAtMs)).toBe(true);
    }
    // Of one Client a connection begins only when the one before it is gone.
    for (const events of groupsBy(told, "clientId")) {
      const order = events.map(({ channelId }) => channelId);
      const changes = order.filter((channelId, at) => channelId !== order[at - 1]);
      expect(changes).toHaveLength(new Set(order).size);
    }
    const reasons = new Set(told.flatMap(({ reason }) => reason ?? []));
    expect([...reasons].sort()).toEqual([
      "connection-lost",
      "disconnected",
      "kicked",
      "shutdown",
      "taken-over",
      "violation",
    ]);
  }, 60_000);
});
