import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/engine.js";
import { Harness } from "../support/harness.js";

const pubcomp = (packetId: number) => ({ type: PacketType.PUBCOMP, packetId });

describe("acknowledgements nobody waits for", () => {
  it("[M13] [E06] PUBACK and PUBCOMP are ignored and counted; PUBREC is answered by PUBREL", () => {
    const harness = new Harness();
    const client = harness.connect();
    client.puback(5);
    client.pubcomp(6);
    expect(client.packets()).toEqual([]);
    client.pubrec(7);
    expect(client.packets()).toEqual([{ type: PacketType.PUBREL, packetId: 7 }]);
    expect(harness.broker.stats.unexpectedAcknowledgements).toBe(3);
    expect(client.isClosed).toBe(false);
  });

  it("[M13] [E07] PUBREL is answered by PUBCOMP", () => {
    const harness = new Harness();
    const client = harness.connect();
    client.pubrel(9);
    expect(client.packets()).toEqual([pubcomp(9)]);
    expect(harness.broker.stats.unexpectedAcknowledgements).toBe(1);
  });

  it("[E09] out of order, doubled, ten thousand times: no extra effect", () => {
    const harness = new Harness();
    const client = harness.connect();
    client.subscribe(["t", 1]);
    for (let at = 1; at <= 3; at += 1) client.publish("t", `${at}`, { qos: 1, packetId: at });
    for (const packetId of [3, 1, 3, 2, 1]) client.puback(packetId);
    for (let at = 0; at < 10_000; at += 1) client.puback(2);
    expect(client.payloads()).toEqual(["1", "2", "3"]);
    expect(client.connection.session?.outbound.inFlightCount).toBe(0);
    expect(harness.broker.stats.unexpectedAcknowledgements).toBe(10_002);
  });

  it.each([
    ["PUBREC for a QoS 1 message", 1, PacketType.PUBREC],
    ["PUBCOMP for a QoS 1 message", 1, PacketType.PUBCOMP],
    ["PUBACK for a QoS 2 message", 2, PacketType.PUBACK],
    ["PUBCOMP before PUBREC", 2, PacketType.PUBCOMP],
  ] as const)("[M13] [E08] %s hangs up, and the message is not lost", (_, qos, type) => {
    const harness = new Harness();
    const sender = harness.connect({ clientId: "S" });
    const client = harness.connect({ clientId: "A", cleanSession: false });
    client.subscribe(["t", qos]);
    sender.publish("t", "kept", { qos });
    client.packets();
    client.send({ type, packetId: 1 });
    expect(client.isClosed).toBe(true);
    expect(harness.broker.stats.violations.get("wrong-acknowledgement")).toBe(1);
    const again = harness.connect({ clientId: "A", cleanSession: false });
    expect(again.publishes()).toMatchObject([{ packetId: 1, dup: true, qos }]);
  });

  it("[M13] [E08] PUBACK behind PUBREC hangs up; PUBREC again is answered again", () => {
    const harness = new Harness();
    const client = harness.connect();
    client.subscribe(["t", 2]);
    client.publish("t", "x", { qos: 2, packetId: 4 });
    client.packets();
    client.pubrec(1);
    client.pubrec(1);
    expect(client.packets()).toEqual([
      { type: PacketType.PUBREL, packetId: 1 },
      { type: PacketType.PUBREL, packetId: 1 },
    ]);
    expect(harness.broker.stats.unexpectedAcknowledgements).toBe(0);
    client.puback(1);
    expect(client.isClosed).toBe(true);
  });
});
