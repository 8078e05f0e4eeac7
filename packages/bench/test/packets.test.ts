import mqttPacket, { type Packet } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { readUint32, StampAt } from "../src/message-stamp.js";
import { DISCONNECT, encodeConnect, encodeSubscribe, PublishBlock } from "../src/packets.js";

/** What another implementation of MQTT makes of the bytes. */
function parsed(bytes: Buffer): Packet[] {
  const parser = mqttPacket.parser({ protocolVersion: 4 });
  const packets: Packet[] = [];
  parser.on("packet", (packet: Packet) => packets.push(packet));
  parser.on("error", (error: Error) => {
    throw error;
  });
  parser.parse(bytes);
  return packets;
}

const SHAPE = {
  topicName: "t/x",
  qos: 1,
  payloadBytes: 20,
  run: 7,
  sender: 3,
  capacity: 3,
} as const;

describe("the generator's packets, read by mqtt-packet", () => {
  it.each([true, false])("CONNECT without Keep Alive, Clean Session %s", (clean) => {
    const bytes = encodeConnect("c-1", clean, { username: undefined, password: undefined });
    expect(parsed(bytes)).toMatchObject([
      { cmd: "connect", protocolVersion: 4, clientId: "c-1", clean, keepalive: 0 },
    ]);
  });

  it("CONNECT carries user name and password when given", () => {
    const bytes = encodeConnect("c-1", true, { username: "u", password: "p€" });
    expect(parsed(bytes)).toMatchObject([{ username: "u", password: Buffer.from("p€") }]);
  });

  it("SUBSCRIBE holds all Topic Filters, also past 127 bytes", () => {
    const filters = Array.from({ length: 40 }, (_, at) => `a/+/${at}`);
    const [packet] = parsed(encodeSubscribe(513, filters, 2));
    expect(packet).toMatchObject({
      cmd: "subscribe",
      messageId: 513,
      subscriptions: filters.map((topic) => ({ topic, qos: 2 })),
    });
  });

  it("DISCONNECT is two bytes", () => {
    expect(parsed(DISCONNECT)).toMatchObject([{ cmd: "disconnect" }]);
  });

  it("a block holds equal PUBLISH packets that differ where they were patched", () => {
    const block = new PublishBlock(SHAPE);
    for (let index = 0; index < 3; index += 1) {
      block.stamp(index, 100 + index, 0xfffffff0 + index);
      block.identify(index, 65_533 + index);
    }
    const packets = parsed(block.bytes);
    expect(packets).toMatchObject([
      { cmd: "publish", topic: "t/x", qos: 1, messageId: 65_533, dup: false, retain: false },
      { cmd: "publish", topic: "t/x", qos: 1, messageId: 65_534 },
      { cmd: "publish", topic: "t/x", qos: 1, messageId: 65_535 },
    ]);
    const payloads = packets.map((packet) => (packet as { payload: Buffer }).payload);
    expect(payloads.map((payload) => payload.length)).toEqual([20, 20, 20]);
    const fields = [StampAt.RUN, StampAt.SENDER, StampAt.COUNTER, StampAt.TIME];
    expect(payloads.map((payload) => fields.map((at) => readUint32(payload, at)))).toEqual([
      [7, 3, 100, 0xfffffff0],
      [7, 3, 101, 0xfffffff1],
      [7, 3, 102, 0xfffffff2],
    ]);
  });

  it("a block renumbers the topics of its packets one by one", () => {
    const block = new PublishBlock({ ...SHAPE, qos: 0, topicName: "t/000/0000000" });
    block.renumber(0, 2, 3, 42);
    block.renumber(1, 6, 7, 1_234_567);
    expect(parsed(block.bytes)).toMatchObject([
      { topic: "t/042/0000000" },
      { topic: "t/000/1234567" },
      { topic: "t/000/0000000" },
    ]);
  });

  it("a block holds at least one packet, however large, and few large ones", () => {
    const capacityOf = (payloadBytes: number) =>
      new PublishBlock({ ...SHAPE, payloadBytes, capacity: 500 }).capacity;
    expect([capacityOf(64), capacityOf(20_000), capacityOf(200_000)]).toEqual([500, 3, 1]);
  });
});
