import { afterEach, describe, expect, it } from "vitest";
import { createBroker, type MqttBroker } from "../../src/library/mqtt-broker.js";
import type { BrokerOptions } from "../../src/library/options.js";
import type { InProcessOptions, ReceivedMessage } from "../../src/local/in-process-options.js";
import { unhurried } from "../support/unhurried.js";

const brokers: MqttBroker[] = [];
afterEach(async () => {
  for (const broker of brokers.splice(0)) await broker.close();
});

function brokerWith(options: BrokerOptions = {}): MqttBroker {
  const broker = createBroker(unhurried(options));
  brokers.push(broker);
  return broker;
}

/** A Client that keeps its messages as `topicName payload qos`. */
async function clientOf(broker: MqttBroker, options: InProcessOptions = {}) {
  const messages: string[] = [];
  let onChange = (): void => undefined;
  const note = ({ topicName, payload, qos }: ReceivedMessage): void => {
    messages.push(`${topicName} ${Buffer.from(payload).toString()} ${qos}`);
    onChange();
  };
  const client = await broker.connectInProcess({ onMessage: note, ...options });
  const until = (count: number): Promise<void> =>
    new Promise((resolve) => {
      onChange = () => {
        if (messages.length >= count) resolve();
      };
      onChange();
    });
  return { client, messages, until };
}

describe("an in-process Client", () => {
  it("[S1] [S2] [S5] publishes and receives at every QoS, point-to-point and by subscription", async () => {
    const broker = brokerWith();
    const a = await clientOf(broker, { clientId: "A" });
    const b = await clientOf(broker, { clientId: "B" });
    expect(await a.client.subscribe("news/#", 2)).toEqual([2]);
    for (const qos of [0, 1, 2] as const) {
      await b.client.publish({ topicName: "demo/p2p/A", payload: `direct-${qos}`, qos });
      await b.client.publish({ topicName: "news/x", payload: `news-${qos}`, qos });
    }
    await a.until(6);
    expect(a.messages).toEqual([
      "demo/p2p/A direct-0 0",
      "news/x news-0 0",
      "demo/p2p/A direct-1 1",
      "news/x news-1 1",
      "demo/p2p/A direct-2 2",
      "news/x news-2 2",
    ]);
    expect(b.messages).toEqual([]);
  });

  it("[P15] sends to itself", async () => {
    const a = await clientOf(brokerWith(), { clientId: "A" });
    for (const qos of [0, 1, 2] as const)
      await a.client.publish({ topicName: "t/p2p/A", payload: "me", qos });
    await a.until(3);
    expect(a.messages).toEqual(["t/p2p/A me 0", "t/p2p/A me 1", "t/p2p/A me 2"]);
  });

  it("resolves QoS 0 when the broker has the message, QoS 1 and 2 when it has acknowledged it", async () => {
    const broker = brokerWith();
    const { client } = await clientOf(broker);
    for (const [at, qos] of ([0, 1, 2] as const).entries()) {
      await client.publish({ topicName: "t", payload: "x", qos });
      expect(broker.stats().messagesReceived).toBe(at + 1);
    }
  });

  it("subscribes to many filters at once, hears which were refused, and unsubscribes", async () => {
    const broker = brokerWith({ maySubscribe: (_from, topicFilter) => topicFilter !== "b" });
    const { client } = await clientOf(broker);
    const requests = [
      { topicFilter: "a", requestedQos: 1 as const },
      { topicFilter: "b", requestedQos: 0 as const },
      { topicFilter: "c/+", requestedQos: 2 as const },
    ];
    expect(await client.subscribe(requests)).toEqual([1, 0x80, 2]);
    expect(broker.stats().subscriptions).toBe(2);
    await client.unsubscribe(["a", "never-had"]);
    await client.unsubscribe("c/+");
    expect(broker.stats().subscriptions).toBe(0);
  });

  it("gets retained messages, and may publish what it was given without copying it first", async () => {
    const broker = brokerWith();
    const { client, messages, until } = await clientOf(broker);
    const payload = Buffer.from("kept");
    const published = client.publish({ topicName: "r", payload, retain: true, qos: 1 });
    payload.fill(0);
    await published;
    await client.subscribe("r");
    await until(1);
    expect(messages).toEqual(["r kept 0"]);
  });

  it("[MQTT-3.1.2-4] [P10] takes up its Session again: what waited comes first", async () => {
    const broker = brokerWith();
    const durable = await clientOf(broker, { clientId: "A", cleanSession: false });
    await durable.client.subscribe("news", 1);
    expect(durable.client.sessionPresent).toBe(false);
    await durable.client.disconnect();
    expect(durable.client.isConnected).toBe(false);
    broker.publish({ topicName: "news", payload: "1", qos: 1 });
    await broker.sendToClient("A", { parent: "t", payload: "2" });
    await durable.client.connect();
    expect(durable.client.sessionPresent).toBe(true);
    broker.publish({ topicName: "news", payload: "3", qos: 1 });
    await durable.until(3);
    expect(durable.messages).toEqual(["news 1 1", "t/p2p/A 2 1", "news 3 1"]);
  });

  it("[MQTT-4.4.0-1] [MQTT-4.3.3-1] ends an interrupted QoS 2 publish after it connects again, once", async () => {
    const broker = brokerWith();
    const receiver = await clientOf(broker);
    await receiver.client.subscribe("t", 2);
    const sender = await clientOf(broker, { clientId: "S", cleanSession: false });
    const published = sender.client.publish({ topicName: "t", payload: "once", qos: 2 });
    await sender.client.drop(); // before it has left
    await sender.client.connect();
    const again = sender.client.publish({ topicName: "t", payload: "twice", qos: 2 });
    await Promise.all([published, again]);
    await receiver.until(2);
    expect(receiver.messages).toEqual(["t once 2", "t twice 2"]);
  });

  it("[MQTT-3.1.2-6] rejects what a clean Session has not ended", async () => {
    const { client } = await clientOf(brokerWith());
    const published = client.publish({ topicName: "t", payload: "x", qos: 1 });
    const subscribed = client.subscribe("t");
    const handed = client.publish({ topicName: "t", payload: "x" });
    const outcomes = Promise.allSettled([published, subscribed, handed]);
    await client.drop();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ reason: { name: "ConnectionLostError" } });
    }
  });

  it("[MQTT-3.1.2-8] [MQTT-3.14.4-3] leaves a Will when dropped, none when it disconnects", async () => {
    const broker = brokerWith();
    const watcher = await clientOf(broker);
    await watcher.client.subscribe("will/#", 1);
    const will = (topicName: string) => ({ topicName, payload: "gone", qos: 1 as const });
    const polite = await clientOf(broker, { will: will("will/polite") });
    const dropped = await clientOf(broker, { will: will("will/dropped") });
    await polite.client.disconnect();
    await dropped.client.drop();
    await watcher.until(1);
    await watcher.client.publish({ topicName: "will/last", payload: "x" });
    await watcher.until(2);
    expect(watcher.messages).toEqual(["will/dropped gone 1", "will/last x 0"]);
  });

  it("[MQTT-4.5.0-2] acknowledges although nobody listens, or a listener throws", async () => {
    const broker = brokerWith();
    const errors: unknown[] = [];
    broker.on("error", (error) => errors.push(error));
    const client = await broker.connectInProcess({ clientId: "A" });
    expect(await broker.sendToClient("A", { parent: "t", payload: "1", confirm: true })).toBe(
      "delivered",
    );
    const heard: string[] = [];
    client.onMessage(() => {
      throw new Error("bad listener");
    });
    client.onMessage(({ topicName }) => heard.push(topicName));
    const send = { parent: "t", payload: "2", qos: 2, confirm: true } as const;
    expect(await broker.sendToClient("A", send)).toBe("delivered");
    expect(errors).toEqual([new Error("bad listener")]);
    expect(heard).toEqual(["t/p2p/A"]);
  });

  it("is refused with the return code, and may try again", async () => {
    let isOpen = false;
    const broker = brokerWith({ authenticate: () => isOpen });
    await expect(broker.connectInProcess()).rejects.toMatchObject({ returnCode: 5 });
    isOpen = true;
    const client = await broker.connectInProcess({ username: "u", password: "p" });
    expect(client.isConnected).toBe(true);
  });

  it("fails when the broker closes without an answer", async () => {
    const broker = brokerWith({ authenticate: () => ({ kind: "closed" }) });
    await expect(broker.connectInProcess()).rejects.toMatchObject({ name: "ConnectionLostError" });
  });

  it("[MQTT-3.1.4-2] learns that another one took its place", async () => {
    const broker = brokerWith();
    const first = await clientOf(broker, { clientId: "A" });
    const second = await clientOf(broker, { clientId: "A" });
    await first.client.closed;
    expect([first.client.isConnected, second.client.isConnected]).toEqual([false, true]);
    await expect(first.client.publish({ topicName: "t", payload: "x" })).rejects.toThrow(
      "not connected",
    );
    await expect(first.client.subscribe("t")).rejects.toThrow("not connected");
    await first.client.disconnect();
    await first.client.drop();
    await expect(second.client.connect()).rejects.toThrow("connected already");
  });

  it("[M27] speaks MQTT 3.1 too", async () => {
    const broker = brokerWith();
    const levels: number[] = [];
    const strict = brokerWith({
      authenticate: ({ protocolLevel }) => {
        levels.push(protocolLevel);
        return true;
      },
    });
    await broker.connectInProcess({ protocol: "3.1", clientId: "old" });
    await strict.connectInProcess({ protocol: "3.1", clientId: "old" });
    await strict.connectInProcess({ clientId: "new" });
    expect(levels).toEqual([3, 4]);
  });

  it("[MQTT-3.1.3-7] asks for a clean Session when it has no identifier of its own", async () => {
    const broker = brokerWith();
    await expect(broker.connectInProcess({ cleanSession: false })).rejects.toThrow(/MQTT-3.1.3-7/);
    const client = await broker.connectInProcess();
    expect(client.clientId).toBe("");
  });

  it.each([
    [{ protocol: "5" }, /protocol is "5"; allowed: 3.1.1, 3.1/],
    [{ password: "p" }, /password must not be given without username/],
    [{ keepAliveSeconds: 70_000 }, /keepAliveSeconds is 70000; allowed: whole numbers from 0/],
    [{ clientID: "x" }, /unknown key clientID: did you mean clientId\?/],
    [{ clientId: 7 }, /clientId is 7; allowed: a string/],
    [{ cleanSession: "no" }, /cleanSession is "no"; allowed: true or false/],
    [{ username: 7 }, /username is 7; allowed: a string/],
    [{ username: "u", password: 4711 }, /^password is not allowed; allowed: a string or a Uint8A/],
    [{ onMessage: "x" }, /onMessage is "x"; allowed: a function/],
    [{ will: "x" }, /will is "x"; allowed: an object with topicName/],
    [{ will: { payload: "x" } }, /will\.topicName is undefined; allowed: a string/],
    [
      { will: { topicName: "t", retian: true } },
      /unknown key will\.retian: did you mean will\.ret/,
    ],
    [null, /options is null; allowed: an object with clientId/],
    [{ will: { topicName: "a/#" } }, /a\/#/],
  ])("says what is wrong with %j", async (options, message) => {
    const wrong = options as InProcessOptions; // on purpose
    await expect(brokerWith().connectInProcess(wrong)).rejects.toThrow(message);
  });

  it("says what is wrong with a packet, and goes on", async () => {
    const { client } = await clientOf(brokerWith());
    await expect(client.publish({ topicName: "a/+", payload: "x" })).rejects.toThrow(/a\/\+/);
    await expect(client.subscribe("a/#/b")).rejects.toThrow(/a\/#\/b/);
    await expect(client.subscribe([])).rejects.toThrow(/not empty/);
    const wrong = client as unknown as Partial<
      Record<
        "publish" | "subscribe" | "unsubscribe" | "onMessage",
        (...given: unknown[]) => Promise<unknown>
      >
    >;
    await expect(wrong.publish?.("t", "x")).rejects.toThrow(/message is "t"; allowed: an object/);
    await expect(wrong.subscribe?.([{ topicFilter: "t", qos: 1 }])).rejects.toThrow(
      /unknown key topicFilters\[0\]\.qos; allowed: topicFilter, requestedQos/,
    );
    await expect(wrong.unsubscribe?.(7)).rejects.toThrow(
      /topicFilters is 7; allowed: a topic filter, or a list$/,
    );
    await expect(wrong.subscribe?.()).rejects.toThrow(
      /topicFilters is undefined; allowed: a topic filter, or a list$/,
    );
    expect(() => wrong.onMessage?.("x")).toThrow(/listener is "x"; allowed: a function/);
    await client.publish({ topicName: "t", payload: "x", qos: 1 });
  });

  it("does not keep the event loop from its sockets when two Clients answer each other for ever", async () => {
    const broker = brokerWith();
    const a = await broker.connectInProcess({ clientId: "A" });
    const b = await broker.connectInProcess({ clientId: "B" });
    let bounces = 0;
    a.onMessage(() => {
      bounces += 1;
      a.publish({ topicName: "t/p2p/B", payload: "x" }).catch(() => undefined);
    });
    b.onMessage(() => {
      b.publish({ topicName: "t/p2p/A", payload: "x" }).catch(() => undefined);
    });
    await a.publish({ topicName: "t/p2p/B", payload: "x" });
    for (let timers = 0; timers < 20; timers += 1) {
      await new Promise((resolve) => setTimeout(resolve, 0)); // never, were the loop kept
    }
    expect(bounces).toBeGreaterThan(2);
    await broker.close();
  });
});
