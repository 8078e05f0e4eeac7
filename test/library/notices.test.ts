import { afterEach, describe, expect, it } from "vitest";
import { createBroker, type Identity, type MqttBroker, UsageError } from "../../src/index.js";

const brokers: MqttBroker[] = [];
afterEach(async () => {
  for (const broker of brokers.splice(0)) await broker.close();
});

function open(options: Parameters<typeof createBroker>[0] = {}): MqttBroker {
  const broker = createBroker(options);
  brokers.push(broker);
  return broker;
}

describe("a notice", () => {
  it("reaches one connection outside of turns, and inside of one before anything else", async () => {
    const clients: Identity[] = [];
    const broker = open();
    broker.on("connect", ({ client }) => {
      clients.push(client);
      broker.notify(client, { topicName: "$SYS/welcome", payload: Uint8Array.of(0x68, 0x69) });
    });
    const got: string[] = [];
    await broker.connectInProcess({
      clientId: "a",
      onMessage: ({ topicName, payload }) => got.push(`${topicName} ${Buffer.from(payload)}`),
    });
    expect(broker.notify(clients[0] as Identity, { topicName: "$SYS/more" })).toBe(true);
    await expect.poll(() => got).toEqual(["$SYS/welcome hi", "$SYS/more "]);
  });

  it("closes behind it, also inside a hook: the message that the hook is about gets no PUBACK", async () => {
    const broker = open({
      onServerMessage: (_, client) => {
        broker.notify(
          client,
          { topicName: "$SYS/no", payload: "why" },
          { hangUp: "credentials-expired" },
        );
        return true;
      },
    });
    const ends: string[] = [];
    broker.on("disconnect", ({ reason }) => ends.push(reason));
    const client = await broker.connectInProcess({ clientId: "a" });
    await expect(client.publish({ topicName: "$SYS/mine", payload: "", qos: 1 })).rejects.toThrow();
    expect(ends).toEqual(["credentials-expired"]);
  });

  it("says what is wrong with it", () => {
    const broker = open();
    const client = { clientId: "a" } as Identity;
    expect(broker.notify(client, { topicName: "a" })).toBe(false);
    const wrong: [unknown, unknown, unknown, RegExp][] = [
      [undefined, { topicName: "a" }, {}, /client is undefined; allowed: an object/],
      [client, {}, {}, /topicName is undefined/],
      [client, { topicName: "a/#" }, {}, /topicName is "a\/#"/],
      [client, { topicName: "a", payload: 7 }, {}, /payload is 7/],
      [client, { topicName: "a", topic: "b" }, {}, /unknown key topic/],
      [
        client,
        { topicName: "a" },
        { hangUp: true },
        /hangUp is true; allowed: kicked, credentials-expired/,
      ],
    ];
    for (const [one, notice, options, words] of wrong) {
      const notify = (): unknown => broker.notify(one as never, notice as never, options as never);
      expect(notify).toThrow(UsageError);
      expect(notify).toThrow(words);
    }
  });
});
