import { describe, expect, it } from "vitest";
import {
  type Packet,
  PacketStream,
  PacketType,
  type Publish,
  type QoS,
} from "../../src/codec/index.js";
import { ClientSession, type Settle } from "../../src/local/client-session.js";

/** A settle that notes how it ended. */
class Outcome implements Settle {
  ended: unknown = "open";
  done(returnCodes: readonly number[]): void {
    this.ended = returnCodes;
  }
  failed(error: Error): void {
    this.ended = error.message;
  }
}

function decoded(bytes: Uint8Array): Packet | undefined {
  const stream = new PacketStream();
  stream.push(bytes);
  return stream.next();
}

function publish(session: ClientSession, qos: QoS, payload = "x"): Outcome & { id: number } {
  const outcome = Object.assign(new Outcome(), { id: 0 });
  session.begin((packetId) => {
    outcome.id = packetId;
    return {
      type: PacketType.PUBLISH,
      dup: false,
      qos,
      retain: false,
      topicName: "t",
      packetId,
      payload: Buffer.from(payload),
    };
  }, outcome);
  return outcome;
}

function subscribe(session: ClientSession): Outcome & { id: number } {
  const outcome = Object.assign(new Outcome(), { id: 0 });
  session.begin((packetId) => {
    outcome.id = packetId;
    return {
      type: PacketType.SUBSCRIBE,
      packetId,
      requests: [{ topicFilter: "t", requestedQos: 0 }],
    };
  }, outcome);
  return outcome;
}

function received(qos: QoS, packetId: number, payload = "m"): Publish {
  return {
    type: PacketType.PUBLISH,
    dup: false,
    qos,
    retain: false,
    topicName: "t",
    packetId,
    payload: new TextEncoder().encode(payload),
  };
}

const ack = (type: 4 | 5 | 6 | 7 | 11, packetId: number): Packet => ({ type, packetId });

describe("a Client's identifiers", () => {
  it("[MQTT-2.3.1-2] are unused ones, whatever the packet is", () => {
    const session = new ClientSession();
    const ids = [publish(session, 1).id, subscribe(session).id, publish(session, 2).id];
    expect(new Set(ids).size).toBe(3);
  });

  it("[MQTT-2.3.1-3] are free again only after the last acknowledgement", () => {
    const session = new ClientSession();
    const open = publish(session, 2);
    session.receive(ack(PacketType.PUBREC, open.id));
    const used = new Set<number>();
    for (let count = 0; count < 65_534; count += 1) {
      const next = publish(session, 1);
      used.add(next.id);
    }
    expect(used.has(open.id)).toBe(false);
    expect(() => publish(session, 1)).toThrow(/65535 Packet Identifiers/);
    session.receive(ack(PacketType.PUBCOMP, open.id));
    expect(publish(session, 1).id).toBe(open.id);
  });

  it("do not get lost with a packet that cannot be", () => {
    const session = new ClientSession();
    const bad = (packetId: number) => ({
      type: PacketType.UNSUBSCRIBE,
      packetId,
      topicFilters: ["a/#/b"],
    });
    expect(() => session.begin(bad, new Outcome())).toThrow(/a\/#\/b/);
    expect([...session.unacknowledged()]).toEqual([]);
    expect(publish(session, 1).id).toBe(1);
  });
});

describe("a Client as sender", () => {
  it("[MQTT-4.3.2-1] [MQTT-2.3.1-6] sends a message first without DUP", () => {
    const session = new ClientSession();
    const bytes = session.begin((packetId) => received(1, packetId, "m"), new Outcome());
    expect(decoded(bytes)).toEqual(received(1, 1, "m"));
  });

  it("[MQTT-4.3.2-1] is done with a QoS 1 message at its PUBACK", () => {
    const session = new ClientSession();
    const message = publish(session, 1);
    expect(message.ended).toBe("open");
    expect(session.receive(ack(PacketType.PUBACK, message.id)).answer).toBe(undefined);
    expect(message.ended).toEqual([]);
  });

  it("[MQTT-4.3.3-1] answers PUBREC with PUBREL and is done with QoS 2 at PUBCOMP", () => {
    const session = new ClientSession();
    const message = publish(session, 2);
    const { answer } = session.receive(ack(PacketType.PUBREC, message.id));
    expect(answer).toEqual(ack(PacketType.PUBREL, message.id));
    expect(message.ended).toBe("open");
    session.receive(ack(PacketType.PUBCOMP, message.id));
    expect(message.ended).toEqual([]);
  });

  it("[MQTT-4.4.0-1] [MQTT-3.3.1-1] repeats what is open, with DUP and the same identifiers", () => {
    const session = new ClientSession();
    const first = publish(session, 1, "1");
    const second = publish(session, 2, "2");
    expect([...session.unacknowledged()]).toMatchObject([
      { packetId: first.id, dup: true, qos: 1 },
      { packetId: second.id, dup: true, qos: 2 },
    ]);
    session.receive(ack(PacketType.PUBACK, first.id));
    expect([...session.unacknowledged()]).toMatchObject([{ packetId: second.id }]);
  });

  it("[MQTT-4.6.0-1] repeats PUBLISH packets in the order of first sending", () => {
    const session = new ClientSession();
    const ids = Array.from({ length: 20 }, (_, index) => publish(session, index % 2 ? 1 : 2).id);
    session.receive(ack(PacketType.PUBACK, ids[1] as number));
    session.receive(ack(PacketType.PUBREC, ids[2] as number));
    session.receive(ack(PacketType.PUBCOMP, ids[2] as number));
    const expected = ids.filter((_, index) => index !== 1 && index !== 2);
    expect(
      [...session.unacknowledged()].map((packet) => "packetId" in packet && packet.packetId),
    ).toEqual(expected);
  });

  it("[MQTT-4.6.0-4] repeats PUBREL packets in the order of the PUBRECs, and never the PUBLISH", () => {
    const session = new ClientSession();
    const ids = [publish(session, 2).id, publish(session, 2).id, publish(session, 2).id];
    const order = [ids[2], ids[0], ids[1]] as number[];
    const live = order.map((id) => session.receive(ack(PacketType.PUBREC, id)).answer);
    const expected = order.map((id) => ack(PacketType.PUBREL, id));
    expect(live).toEqual(expected);
    expect([...session.unacknowledged()]).toEqual(expected);
  });

  it("[M13] answers a PUBREC it does not know, and one that comes again", () => {
    const session = new ClientSession();
    expect(session.receive(ack(PacketType.PUBREC, 9)).answer).toEqual(ack(PacketType.PUBREL, 9));
    const message = publish(session, 2);
    for (let count = 0; count < 2; count += 1) {
      expect(session.receive(ack(PacketType.PUBREC, message.id)).answer).toEqual(
        ack(PacketType.PUBREL, message.id),
      );
    }
  });

  it("ignores other acknowledgements nobody waits for", () => {
    const session = new ClientSession();
    for (const type of [PacketType.PUBACK, PacketType.PUBCOMP, PacketType.UNSUBACK] as const) {
      expect(session.receive(ack(type, 3))).toEqual({ message: undefined, answer: undefined });
    }
    expect(session.receive({ type: PacketType.PINGRESP }).answer).toBe(undefined);
  });

  it.each([
    ["PUBACK", 2, [PacketType.PUBACK]],
    ["PUBREC", 1, [PacketType.PUBREC]],
    ["PUBCOMP before PUBREC", 2, [PacketType.PUBCOMP]],
    ["PUBACK after PUBREC", 2, [PacketType.PUBREC, PacketType.PUBACK]],
    ["UNSUBACK", 1, [PacketType.UNSUBACK]],
  ] as const)("refuses %s for a QoS %i message", (_, qos, types) => {
    const session = new ClientSession();
    const { id } = publish(session, qos);
    expect(() => {
      for (const type of types) session.receive(ack(type, id));
    }).toThrow(expect.objectContaining({ code: "wrong-acknowledgement" }));
  });

  it("hands the return codes of a SUBACK on", () => {
    const session = new ClientSession();
    const request = subscribe(session);
    session.receive({ type: PacketType.SUBACK, packetId: request.id, returnCodes: [0x80] });
    expect(request.ended).toEqual([0x80]);
  });
});

describe("a Client as receiver", () => {
  it("[MQTT-3.3.4-1] answers by the QoS: nothing, PUBACK, PUBREC", () => {
    const session = new ClientSession();
    const answers = ([0, 1, 2] as const).map((qos) => session.receive(received(qos, qos)).answer);
    expect(answers).toEqual([undefined, ack(PacketType.PUBACK, 1), ack(PacketType.PUBREC, 2)]);
  });

  it("[MQTT-4.3.3-2] takes a QoS 2 message once, and the identifier as new after PUBREL", () => {
    const session = new ClientSession();
    expect(session.receive(received(2, 7, "a")).message).toBeDefined();
    const repeat = session.receive(received(2, 7, "b"));
    expect(repeat).toEqual({ message: undefined, answer: ack(PacketType.PUBREC, 7) });
    expect(session.receive(ack(PacketType.PUBREL, 7)).answer).toEqual(ack(PacketType.PUBCOMP, 7));
    expect(session.receive(received(2, 7, "c")).message).toBeDefined();
  });

  it("[MQTT-4.3.2-2] takes a second QoS 1 PUBLISH under the same identifier as new", () => {
    const session = new ClientSession();
    expect(session.receive(received(1, 7)).message).toBeDefined();
    expect(session.receive(received(1, 7)).message).toBeDefined();
  });
});

describe("a Client's Session State", () => {
  it("[MQTT-3.1.2-4] [MQTT-4.1.0-1] outlives a connection; requests do not", () => {
    const session = new ClientSession();
    const message = publish(session, 1);
    const request = subscribe(session);
    session.receive(received(2, 4));
    session.connectionLost(() => new Error("gone"));
    expect([message.ended, request.ended]).toEqual(["open", "gone"]);
    expect([...session.unacknowledged()]).toMatchObject([{ packetId: message.id }]);
    expect(session.receive(received(2, 4)).message).toBe(undefined);
  });

  it("[MQTT-3.1.2-6] is gone when the Session ends", () => {
    const session = new ClientSession();
    const message = publish(session, 2);
    session.receive(received(2, 4));
    session.end(() => new Error("over"));
    expect(message.ended).toBe("over");
    expect([...session.unacknowledged()]).toEqual([]);
    expect(session.receive(received(2, 4)).message).toBeDefined();
  });
});
