import { describe, expect, it } from "vitest";
import { NotObservable, Unmet } from "../src/outcome.js";
import {
  connack,
  DISCONNECT,
  hex,
  join,
  PINGREQ,
  PINGRESP,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  suback,
  unsuback,
} from "../src/packets.js";
import { WireClient } from "../src/wire-client.js";
import { type Script, ScriptedTarget } from "./scripted-target.js";

/** A client of a broker that answers each write as the function says. */
async function clientOf(answer: (bytes: Uint8Array) => Uint8Array | undefined | "close") {
  const target = new ScriptedTarget({
    received: (bytes, events) => {
      const answered = answer(bytes);
      if (answered === "close") events.closed();
      else if (answered !== undefined) events.received(answered);
    },
  });
  return { target, client: await WireClient.dial(target) };
}

/** A client to which the broker sends these bytes at once. */
async function told(...bytes: Uint8Array[]) {
  const script: Script = { opened: (events) => events.received(join(...bytes)) };
  return WireClient.dial(new ScriptedTarget(script));
}

const pings = (bytes: Uint8Array) => (bytes[0] === 0xc0 ? PINGRESP : undefined);

describe("a wire client", () => {
  it("passes what is exactly as expected, and names both when it is not", async () => {
    const client = await told(connack(0), connack(5), PINGRESP);
    await client.expect(connack(0));
    await expect(client.expect(connack(0))).rejects.toThrow(
      "expected CONNACK (20 02 00 00), got CONNACK (20 02 00 05)",
    );
    await client.expect(PINGRESP);
    await expect(client.expect(PINGRESP)).rejects.toThrow("nothing came in 500 ms");
  });

  it("reads packets that come in halves, and tells of a half that stays one", async () => {
    const target: ScriptedTarget = new ScriptedTarget({
      opened: (events) => {
        events.received(hex`20 02`);
        target.after(50, () => events.received(hex`00 00 d0`));
      },
    });
    const client = await WireClient.dial(target);
    await client.expect(connack(0));
    await expect(client.next()).rejects.toThrow("half a packet: d0");
  });

  it("fails a broker that breaks the layout of its own packets", async () => {
    const client = await told(hex`d0 01 00`);
    await expect(client.next()).rejects.toThrow("MQTT-2.2.2-1");
    await expect(client.expectClose()).rejects.toThrow("MQTT-2.2.2-1");
  });

  it("compares a PUBLISH with any identifier, unless one is named", async () => {
    const message = { topicName: "a", payload: "x", qos: 1 };
    const client = await told(
      publish({ ...message, packetId: 9 }),
      publish({ ...message, packetId: 9 }),
      publish({ ...message, packetId: 9, dup: true }),
      publish({ ...message, packetId: 9, dup: true }),
      PINGRESP,
    );
    await expect(client.expectPublish(message)).resolves.toMatchObject({ packetId: 9 });
    await expect(client.expectPublish({ ...message, packetId: 8 })).rejects.toThrow(Unmet);
    await client.expectPublish({ ...message, dup: "either" });
    await expect(client.expectPublish(message)).rejects.toThrow("got PUBLISH QoS 1 DUP");
    await expect(client.expectPublish(message)).rejects.toThrow("got PINGRESP");
  });

  it("compares a set of PUBLISH packets in any order", async () => {
    const [one, two] = [{ topicName: "a" }, { topicName: "b", retain: true }];
    const client = await told(publish(two), publish(one), publish(one));
    await client.expectInAnyOrder([one, { ...two, dup: "either" }]);
    await expect(client.expectInAnyOrder([two])).rejects.toThrow("not one of those due");
  });

  it("finishes the handshakes of both sides", async () => {
    const { target, client } = await clientOf((bytes) => {
      if (bytes[0] === 0x32) return puback(1001);
      if (bytes[0] === 0x34) return pubrec(1002);
      if (bytes[0] === 0x62) return pubcomp(1002);
      if (bytes[0] === 0x50) return pubrel(5);
      return pings(bytes);
    });
    await client.publish({ topicName: "a", qos: 1 });
    await client.publish({ topicName: "a", qos: 2 });
    await client.publish({ topicName: "a" });
    await client.acknowledge({ qos: 1, packetId: 4 } as never); // the two fields it reads
    await client.acknowledge({ qos: 2, packetId: 5 } as never);
    const kinds = target.sent.map((bytes) => (bytes[0] ?? 0).toString(16));
    expect(kinds).toEqual(["32", "34", "62", "30", "c0", "40", "50", "70"]);
  });

  it("receives a PUBLISH and acknowledges it", async () => {
    const target = new ScriptedTarget({
      opened: (events) => events.received(publish({ topicName: "a", qos: 1, packetId: 3 })),
    });
    const client = await WireClient.dial(target);
    await client.receive({ topicName: "a", qos: 1 });
    expect(target.sent).toEqual([puback(3)]);
  });

  it("takes a packet from behind others and leaves those in their order", async () => {
    const client = await told(publish({ topicName: "a" }), publish({ topicName: "b" }), PINGRESP);
    await client.take(PINGRESP);
    expect(client.waiting).toBe(2);
    await client.expectPublish({ topicName: "a" });
    await client.expectPublish({ topicName: "b" });
    await expect(client.take(PINGRESP)).rejects.toThrow("but nothing did");
  });

  it("subscribes and unsubscribes, and cannot tell when it is granted less", async () => {
    const answers = [suback(1001, 1), suback(1002, 0x80), suback(9, 0), unsuback(1004)];
    const { client } = await clientOf(() => answers.shift());
    await client.subscribe("a", 1);
    await expect(client.subscribe("a", 1)).rejects.toThrow(NotObservable);
    await expect(client.subscribe("a", 0)).rejects.toThrow("SUBACK with id 1003");
    await client.unsubscribe("a");
  });

  it("takes silence for silence only when a ping is answered and nothing else comes", async () => {
    const { client } = await clientOf(pings);
    await client.expectSilence();
    const { client: noisy } = await clientOf(() => join(PINGRESP, publish({ topicName: "a" })));
    await expect(noisy.expectSilence()).rejects.toThrow("expected silence, got PUBLISH");
    const { client: deaf } = await clientOf(() => undefined);
    await expect(deaf.expectSilence()).rejects.toThrow(Unmet);
    const { client: leaving } = await clientOf(() => "close");
    await expect(leaving.expectSilence()).rejects.toThrow("closed the connection");
    await expect(leaving.expectQuiet()).rejects.toThrow("closed the connection");
  });

  it("takes a close for one only when nothing comes before it", async () => {
    const { client } = await clientOf(() => "close");
    client.send(hex`00`);
    await client.expectClose();
    expect(client.closed).toBe(true);
    const talking = await told(PINGRESP);
    await expect(talking.expectClose()).rejects.toThrow("expected only a close, got PINGRESP");
    const { client: open } = await clientOf(pings);
    await expect(open.expectClose(200)).rejects.toThrow("still open after 200 ms");
    expect(() => open.closedAtMs).toThrow("still open");
    const half = await WireClient.dial(
      new ScriptedTarget({
        opened: (events) => {
          events.received(hex`20`);
          events.closed();
        },
      }),
    );
    await expect(half.expectClose()).rejects.toThrow("half a packet");
  });

  it("knows when the connection was closed", async () => {
    const target: ScriptedTarget = new ScriptedTarget({
      opened: (events) => target.after(70, events.closed),
    });
    const client = await WireClient.dial(target);
    await client.expectClose();
    expect(client.closedAtMs).toBe(70);
  });

  it("passes over the traffic of neighbours", async () => {
    const client = await told(publish({ topicName: "them/a" }), publish({ topicName: "us/a" }));
    expect(client.waiting).toBe(2);
    const { client: ours } = await clientOf(() =>
      join(publish({ topicName: "them/a" }), publish({ topicName: "us/a" }), PINGRESP),
    );
    ours.only("us").send(PINGREQ);
    await ours.expectPublish({ topicName: "us/a" });
    await ours.expect(PINGRESP);
  });

  it("says good-bye, breaks off, stops reading", async () => {
    const target = new ScriptedTarget({ ended: (events) => events.closed() });
    const client = await WireClient.dial(target);
    client.pause();
    client.resume();
    await client.disconnect();
    expect(target.sent).toEqual([DISCONNECT]);
    expect(target.ends).toEqual(["pause", "resume", "finish", "destroy"]);
    expect(client.closed).toBe(true);
  });

  it("keeps the order of very many packets", async () => {
    const packets = Array.from({ length: 5_000 }, (_, at) => puback(at + 1));
    const client = await told(...packets);
    await client.expect(...packets.slice(0, 4_000));
    expect(await client.drain()).toEqual(packets.slice(4_000));
  });
});
