import { describe, expect, it } from "vitest";
import { PacketType, type Policy } from "../../src/engine.js";
import { Harness, type Peer, publishPacket, subscribePacket } from "../support/harness.js";
import { LateAnswers } from "../support/late-answers.js";

/** Only Client A's permissions come late. */
function world(options: ConstructorParameters<typeof Harness>[0] = {}) {
  const late = new LateAnswers();
  const policy: Policy = {
    mayPublish: ({ clientId }) => (clientId === "A" ? late.ask() : true),
    maySubscribe: ({ clientId }) => (clientId === "A" ? late.ask() : true),
  };
  const harness = new Harness({ ...options, policy });
  const witness = harness.connect({ clientId: "W" });
  witness.subscribe("#");
  return { late, harness, witness, client: harness.connect({ clientId: "A" }) };
}

const types = (peer: Peer): number[] => peer.packets().map(({ type }) => type);

describe("a packet that waits for a hook", () => {
  it("[MQTT-4.6.0-2] keeps what is behind it waiting, in order; its Client is not read", () => {
    const { late, harness, witness, client } = world();
    client.send(
      publishPacket("t", "1", { qos: 1, packetId: 1 }),
      { type: PacketType.PINGREQ },
      publishPacket("t", "2", { qos: 1, packetId: 2 }),
    );
    client.publish("t", "3", { qos: 1, packetId: 3 });
    expect([client.link.isPaused, client.packets(), late.open.length]).toEqual([true, [], 1]);
    late.answer(harness, true);
    expect(types(client)).toEqual([PacketType.PUBACK, PacketType.PINGRESP]);
    expect(client.link.isPaused).toBe(true);
    late.answer(harness, true);
    late.answer(harness, true);
    expect(client.packets()).toMatchObject([{ packetId: 2 }, { packetId: 3 }]);
    expect([client.link.isPaused, witness.payloads()]).toEqual([false, ["1", "2", "3"]]);
  });

  it("delays nobody else", () => {
    const { late, harness, witness, client } = world();
    client.publish("t", "waits", { qos: 1 });
    const other = harness.connect({ clientId: "B" });
    other.publish("t", "goes", { qos: 1 });
    expect([types(other), witness.payloads()]).toEqual([[PacketType.PUBACK], ["goes"]]);
    late.answer(harness, true);
    expect(witness.payloads()).toEqual(["waits"]);
  });

  it("is sent messages all the same", () => {
    const { harness, late, client } = world();
    client.send(subscribePacket(["u", 1]));
    late.answer(harness, true);
    client.publish("t", "waits");
    client.packets();
    harness.connect({ clientId: "B" }).publish("u", "arrives");
    expect(client.payloads()).toEqual(["arrives"]);
  });

  it("the answer no, one that comes twice, and one after that", () => {
    const { late, harness, witness, client } = world();
    client.publish("t", "x", { qos: 1 });
    const [question] = late.open;
    question?.answer(harness, false);
    question?.answer(harness, true);
    expect([types(client), witness.packets()]).toEqual([[PacketType.PUBACK], []]);
    expect(harness.dropCount("denied")).toBe(1);
  });

  it("is denied after hookTimeoutMs, whoever asked is told, and the rest goes on", () => {
    const { late, harness, witness, client } = world({ limits: { hookTimeoutMs: 2_000 } });
    client.send(publishPacket("t", "1", { qos: 1 }), { type: PacketType.PINGREQ });
    harness.advance(1_900);
    expect(client.packets()).toEqual([]);
    harness.advance(500);
    expect(types(client)).toEqual([PacketType.PUBACK, PacketType.PINGRESP]);
    expect(late.open[0]?.wasTooLate).toBe(true);
    late.answer(harness, true);
    expect([witness.packets(), harness.dropCount("denied")]).toEqual([[], 1]);
  });

  it("[M18] its Client's keep alive rests while we do not read it, and begins anew", () => {
    const late = new LateAnswers();
    const harness = new Harness({
      policy: { mayPublish: late.ask },
      limits: { hookTimeoutMs: 60_000 },
    });
    const client = harness.connect({ clientId: "A", keepAliveSeconds: 2 });
    client.publish("t", "x", { qos: 1 });
    harness.advance(30_000);
    expect(client.isClosed).toBe(false);
    late.answer(harness, true);
    harness.advance(2_500);
    expect(client.isClosed).toBe(false);
    harness.advance(2_000);
    expect(harness.closes).toMatchObject([{ reason: "keep-alive" }]);
  });

  it("[M20] what comes meanwhile has a bound", () => {
    const { client, harness } = world({ limits: { packetBytesMax: 500 } });
    client.publish("t", "waits");
    for (let at = 0; at < 6; at += 1) client.send(new Uint8Array(100).fill(0xc0));
    expect(harness.closes).toMatchObject([{ violation: "packet-too-large" }]);
  });

  it.each<[string, (harness: Harness, client: Peer) => void, string]>([
    ["the network is cut", (_, client) => client.cut(), "connection-lost"],
    ["it is taken over", (harness) => harness.connect({ clientId: "A" }), "taken-over"],
    ["it is kicked", (harness) => harness.broker.disconnect("A", 1_000), "kicked"],
    ["the broker stops", (harness) => harness.broker.close(1_000), "shutdown"],
  ])("is forgotten when %s: the answer finds nothing", (_, end, reason) => {
    const { late, harness, witness, client } = world();
    client.publish("t", "x", { qos: 2 });
    end(harness, client);
    expect(harness.closes.find(({ clientId }) => clientId === "A")).toMatchObject({ reason });
    late.answer(harness, true);
    expect(witness.payloads()).toEqual([]);
    expect(client.link.isPaused).toBe(true); // nobody touches a closed Link any more
  });

  it("[M4] a QoS 2 message that was never judged is judged when it is repeated", () => {
    const { late, harness, witness } = world();
    const options = { clientId: "A", cleanSession: false } as const;
    const before = harness.connect(options);
    before.publish("t", "x", { qos: 2, packetId: 3 });
    const after = harness.connect(options);
    after.publish("t", "x", { qos: 2, packetId: 3, dup: true });
    late.answer(harness, true);
    late.answer(harness, true);
    expect([types(after), witness.payloads()]).toEqual([[PacketType.PUBREC], ["x"]]);
  });

  it("keeps its bytes although the chunk is used again, and its own copy behind PUBACK [M31]", () => {
    const { late, harness, client } = world();
    client.send(subscribePacket(["t", 1]));
    late.answer(harness, true);
    client.packets();
    client.publish("t", "own", { qos: 1, packetId: 5 });
    harness.connect({ clientId: "B" }).publish("other", "over that chunk");
    late.answer(harness, true);
    expect(types(client)).toEqual([PacketType.PUBACK, PacketType.PUBLISH]);
  });
});

describe("SUBSCRIBE that waits for a hook", () => {
  it("[MQTT-3.9.3-1] is answered when the last answer has come, each filter by its own", () => {
    const { late, harness, client } = world();
    client.send(subscribePacket(["a", 0], ["b", 1], ["c", 2]));
    const [a, b, c] = late.open;
    c?.answer(harness, true);
    a?.answer(harness, true);
    a?.answer(harness, false);
    expect(client.packets()).toEqual([]);
    b?.answer(harness, false);
    expect(client.packets()).toMatchObject([{ returnCodes: [0, 0x80, 2] }]);
  });

  it("when the time is up, what was answered stands and the rest is a no", () => {
    const { late, harness, client } = world({ limits: { hookTimeoutMs: 1_000 } });
    client.send(subscribePacket(["a", 1], ["b", 1]));
    late.open[0]?.answer(harness, true);
    harness.advance(1_500);
    expect(client.packets()).toMatchObject([{ returnCodes: [1, 0x80] }]);
    expect(late.open.map(({ wasTooLate }) => wasTooLate)).toEqual([false, true]);
    late.open[1]?.answer(harness, true);
    expect(harness.broker.gauges.subscriptions).toBe(2); // the witness's, and a
  });

  it("[M5] its retained messages come right behind the SUBACK", () => {
    const { late, harness, client } = world();
    harness.connect({ clientId: "B" }).publish("kept", "x", { retain: true });
    client.send(subscribePacket(["kept", 1]));
    late.answer(harness, true);
    expect(types(client)).toEqual([PacketType.SUBACK, PacketType.PUBLISH]);
  });

  it("a filter that nobody need be asked about is refused beside one that waits [P4]", () => {
    const { late, harness, client } = world();
    client.send(subscribePacket(["x/p2p/W", 1], ["a", 1]));
    expect(late.open).toHaveLength(1);
    late.answer(harness, true);
    expect(client.packets()).toMatchObject([{ returnCodes: [0x80, 1] }]);
  });
});
