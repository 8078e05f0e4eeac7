import { beforeEach, describe, expect, it } from "vitest";
import { encode, type Packet, PacketStream, PacketType } from "../../../src/codec/index.js";
import { type Happening, PageClient } from "../../../src/console/mqtt/page-client.js";

let sent: Packet[];
let told: Happening[];
let isClosed: boolean;
let client: PageClient;
let nowMs: number;

beforeEach(() => {
  [sent, told, isClosed, nowMs] = [[], [], false, 0];
  const stream = new PacketStream();
  client = new PageClient(
    { clientId: "a", username: "u", password: "p", cleanSession: false },
    {
      send: (bytes) => {
        stream.push(bytes);
        for (let packet = stream.next(); packet; packet = stream.next()) sent.push(packet);
      },
      close: () => {
        isClosed = true;
      },
    },
    (happening) => told.push(happening),
    () => nowMs,
  );
});

function receive(packet: Parameters<typeof encode>[0]): void {
  client.received(encode(packet));
}

function connect(): void {
  client.opened();
  receive({ type: PacketType.CONNACK, returnCode: 0, sessionPresent: true });
  sent.length = 0;
  told.length = 0;
}

describe("an MQTT client in a page", () => {
  it("connects, pings and says good-bye", () => {
    client.opened();
    expect(client.state).toBe("connecting");
    expect(sent).toMatchObject([
      { type: PacketType.CONNECT, clientId: "a", cleanSession: false, keepAliveSeconds: 60 },
    ]);
    receive({ type: PacketType.CONNACK, returnCode: 0, sessionPresent: true });
    expect(client.state).toBe("connected");
    client.ping();
    client.disconnect();
    expect(sent.slice(1).map(({ type }) => type)).toEqual([
      PacketType.PINGREQ,
      PacketType.DISCONNECT,
    ]);
    expect([client.state, isClosed]).toEqual(["closed", true]);
    expect(told.map(({ kind }) => kind)).toEqual(["connected", "closed"]);
    client.closed("again");
    client.ping();
    expect([told.length, sent.length]).toEqual([2, 3]);
  });

  it("says why it was refused", () => {
    client.opened();
    receive({ type: PacketType.CONNACK, returnCode: 4, sessionPresent: false });
    expect(told).toEqual([{ kind: "refused", why: "user name or password is wrong" }]);
    expect(isClosed).toBe(true);
  });

  it("publishes at each QoS, and knows when the server has taken it over", () => {
    expect(client.publish("t", "x", 1)).toBeUndefined();
    connect();
    for (const qos of [0, 1, 2] as const) client.publish("t", "x", qos);
    expect(sent.map((packet) => "packetId" in packet && packet.packetId)).toEqual([0, 1, 2]);
    nowMs = 5;
    receive({ type: PacketType.PUBACK, packetId: 1 });
    receive({ type: PacketType.PUBREC, packetId: 2 });
    expect(sent.at(-1)).toEqual({ type: PacketType.PUBREL, packetId: 2 });
    receive({ type: PacketType.PUBCOMP, packetId: 2 });
    receive({ type: PacketType.PUBCOMP, packetId: 2 }); // twice: nothing more
    expect(told.filter(({ kind }) => kind === "acknowledged")).toMatchObject([
      { message: { number: 2, qos: 1 }, afterMs: 5 },
      { message: { number: 3, qos: 2 } },
    ]);
  });

  it("acknowledges what it gets, and shows a message of QoS 2 once", () => {
    connect();
    const publish = (qos: 0 | 1 | 2, packetId: number, dup = false): void =>
      receive({ type: PacketType.PUBLISH, topicName: "t", payload: "x", qos, packetId, dup });
    publish(0, 0);
    publish(1, 7);
    publish(2, 8);
    publish(2, 8, true);
    receive({ type: PacketType.PUBREL, packetId: 8 });
    publish(2, 8);
    expect(told.map((one) => one.kind === "received" && one.qos)).toEqual([0, 1, 2, 2]);
    expect(sent.map(({ type }) => type)).toEqual([
      PacketType.PUBACK,
      ...[PacketType.PUBREC, PacketType.PUBREC, PacketType.PUBCOMP, PacketType.PUBREC],
    ]);
  });

  it("subscribes, and is told what it got", () => {
    client.subscribe("early", 1);
    connect();
    client.subscribe("a/#", 1);
    client.subscribe("denied", 1);
    receive({ type: PacketType.SUBACK, packetId: 1, returnCodes: [1] });
    receive({ type: PacketType.SUBACK, packetId: 2, returnCodes: [0x80] });
    receive({ type: PacketType.SUBACK, packetId: 9, returnCodes: [0] }); // nobody asked
    expect(told).toEqual([
      { kind: "subscribed", topicFilter: "a/#", grantedQos: 1 },
      { kind: "subscribed", topicFilter: "denied", grantedQos: undefined },
    ]);
  });

  it("hangs up on what is no MQTT", () => {
    connect();
    client.received(Uint8Array.of(0xff, 0x00));
    expect([client.state, isClosed]).toEqual(["closed", true]);
    expect(told).toMatchObject([{ kind: "closed" }]);
  });

  it("does not use a Packet Identifier twice at a time [MQTT-2.3.1-2]", () => {
    connect();
    client.publish("t", "first", 1);
    const used = new Set<number>();
    for (let count = 0; count < 65_535; count += 1) {
      client.publish("t", "x", 1);
      const last = sent.pop();
      if (last?.type !== PacketType.PUBLISH) throw new Error("no PUBLISH");
      used.add(last.packetId);
      receive({ type: PacketType.PUBACK, packetId: last.packetId });
    }
    expect(used.has(1)).toBe(false); // its first message is not acknowledged
    expect(used.size).toBe(65_534);
  });
});
