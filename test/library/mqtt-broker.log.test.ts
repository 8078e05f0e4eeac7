import { afterEach, describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/index.js";
import type { BrokerEvents } from "../../src/library/broker-events.js";
import { createBroker, type MqttBroker } from "../../src/library/mqtt-broker.js";
import type { BrokerOptions } from "../../src/library/options.js";
import { KeyedStore } from "../../src/store/keyed-store.js";
import { MemoryBackend } from "../../src/store/memory-store.js";
import { connectPacket, publishPacket, RawClient, subscribePacket } from "../net/raw-client.js";
import { wire } from "../support/wire.js";

const brokers: MqttBroker[] = [];
afterEach(async () => {
  for (const broker of brokers.splice(0)) await broker.close();
});

async function listening(options: BrokerOptions = {}) {
  const broker = createBroker(options);
  brokers.push(broker);
  const { port } = await broker.listen({ port: 0 });
  return { broker, port, listener: `mqtt://127.0.0.1:${port}` };
}

function record<E extends keyof BrokerEvents>(broker: MqttBroker, event: E): BrokerEvents[E][] {
  const told: BrokerEvents[E][] = [];
  broker.on(event, (event) => told.push(event));
  return told;
}

/** A disk that is full as long as the test says so. */
class FullDisk extends MemoryBackend {
  isFull = false;

  override commit(...[operations, done]: Parameters<MemoryBackend["commit"]>): void {
    if (this.isFull) done(new Error("no space left"));
    else super.commit(operations, done);
  }
}

describe("the events of what goes wrong", () => {
  it("[MQTT-3.1.4-5] refused: who, from where, why, in words", async () => {
    const { broker, port, listener } = await listening({ authenticate: () => false });
    const refused = record(broker, "refused");
    const ends = record(broker, "disconnect");
    const client = await RawClient.open(port);
    const remoteAddress = `127.0.0.1:${client.socket.localPort}`;
    client.send(connectPacket({ clientId: "a", username: "u", password: Buffer.from("p") }));
    await client.ended();
    expect(refused).toEqual([
      {
        clientId: "a",
        username: "u",
        reason: "not-authorized",
        returnCode: 5,
        message: "it is not allowed to connect [§3.2.2.3]",
        remoteAddress,
        listener,
      },
    ]);
    expect(ends).toMatchObject([{ client: undefined, reason: "refused", remoteAddress, listener }]);
    expect(broker.stats().refusals).toEqual({ "not-authorized": 1 });
  });

  it("[MQTT-4.8.0-1] disconnect: the violation in words, with the topic it is about", async () => {
    const { broker, port, listener } = await listening();
    const ends = record(broker, "disconnect");
    const client = await RawClient.accepted(port, { clientId: "a" });
    client.send(wire`30 05 0003 612b62`);
    await client.ended();
    expect(ends).toMatchObject([
      {
        client: { clientId: "a", listener },
        reason: "violation",
        message: "a Topic Name holds + or #, byte 5 [MQTT-3.3.2-2]",
        violation: { topic: Uint8Array.from(Buffer.from("a+b")) },
        listener,
      },
    ]);
  });

  it("[M21] denied and drop: what a client may not do", async () => {
    const { broker, port } = await listening({
      maySubscribe: () => false,
      mayPublish: () => false,
    });
    const denied = record(broker, "denied");
    const drops = record(broker, "drop");
    const client = await RawClient.accepted(port, { clientId: "a" });
    client.send(subscribePacket("t/#"), publishPacket("t", "x", 1));
    await client.until(() => client.packets.some(({ type }) => type === PacketType.PUBACK));
    expect(denied).toMatchObject([
      { client: { clientId: "a" }, topicFilter: "t/#", reason: "not-allowed" },
    ]);
    expect(drops).toMatchObject([{ reason: "denied", topicName: "t", from: { clientId: "a" } }]);
  });

  it("[J04] store: failing, with each failure an error, and recovered", async () => {
    const disk = new FullDisk();
    const retries: (() => void)[] = [];
    const store = new KeyedStore({
      backend: disk,
      gather: (commit) => commit(),
      retry: (commit) => retries.push(commit),
    });
    const lines: string[] = [];
    const logger = {
      info: (line: string) => lines.push(`info: ${line}`),
      error: (line: string) => lines.push(`error: ${line}`),
    };
    const { broker } = await listening({ store, logger });
    const told = record(broker, "store");
    const errors = record(broker, "error");
    disk.isFull = true;
    broker.publish({ topicName: "t", payload: "x", retain: true });
    retries.shift()?.();
    disk.isFull = false;
    retries.shift()?.();
    expect(told).toMatchObject([
      { state: "failing", failures: 1, error: { message: "no space left" } },
      { state: "failing", failures: 2 },
      { state: "recovered", failures: 2, error: undefined },
    ]);
    expect(errors).toHaveLength(2);
    expect(lines).toEqual([
      "error: the store cannot be written to, and is tried again: no space left",
      "info: the store can be written to again, after 2 failed commits",
    ]);
  });
});

describe("a logger", () => {
  it("gets the lines, with the listener, beside the listeners of events", async () => {
    const lines: [string, object][] = [];
    const logger = { info: (line: string, fields: object) => lines.push([line, fields]) };
    const { broker, port, listener } = await listening({ logger });
    const refused = record(broker, "refused");
    const client = await RawClient.open(port);
    client.send(connectPacket({ clientId: "", cleanSession: false }));
    await client.ended();
    expect(refused).toHaveLength(1);
    expect(lines).toEqual([
      [
        expect.stringMatching(/^refused client "" at 127/),
        expect.objectContaining({ listener, reason: "empty-client-id" }),
      ],
    ]);
  });

  it("tells what it has counted when the broker closes", async () => {
    const counts: number[] = [];
    const logger = {
      info: (_line: string, { count }: { count?: number }) => {
        if (count !== undefined) counts.push(count); // lines of coming and going have none
      },
    };
    const { broker, port } = await listening({ logger });
    const client = await RawClient.accepted(port, { clientId: "a" });
    for (let index = 1; index <= 10; index += 1) client.send(publishPacket("$x", "x", 1, index));
    await client.until(() => client.packets.length === 11);
    await broker.close();
    expect(counts).toEqual([1, 9]);
  });

  it("hears of errors instead of the process, and of nothing else a peer did not do", async () => {
    const lines: string[] = [];
    const { port } = await listening({
      authenticate: () => {
        throw new Error("database down");
      },
      logger: { error: (line) => lines.push(line) },
    });
    const client = await RawClient.open(port);
    client.send(connectPacket());
    await client.ended();
    expect(lines).toEqual(["Error: database down"]);
  });
});
