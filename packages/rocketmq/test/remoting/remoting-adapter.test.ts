import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { UnsendableError } from "../../src/adapter.js";
import type { RemotingLibrary } from "../../src/remoting/client-library.js";
import { RemotingAdapter, remotingAdapter } from "../../src/remoting/remoting-adapter.js";
import { outgoing } from "../fake-adapter.js";

const PLACE = { address: "a:1;b:2", group: "g", tags: "*", tls: false };
const HOST = { receiving: () => undefined, acknowledged: () => undefined };

function world(answers: (Error | string)[] = [], starts: Error[] = [], place: object = {}) {
  const made: object[] = [];
  const sent: { topic: string; properties: object; shardingKey?: string }[] = [];
  const closed: string[] = [];
  class Producer extends EventEmitter {
    static defaultProducer: object | undefined;
    constructor(options: object) {
      super();
      made.push(options);
    }
    ready = async (): Promise<void> => {
      const failure = starts.shift();
      if (failure !== undefined) throw failure;
    };
    send = async (message: (typeof sent)[number]) => {
      const answer = answers.shift() ?? "SEND_OK";
      if (answer instanceof Error) throw answer;
      sent.push(message);
      return { sendStatus: answer };
    };
    close = async (): Promise<void> => void closed.push("producer");
  }
  class Consumer extends EventEmitter {
    subscriptions = new Map();
    _topicSubscribeInfoTable = new Map();
    constructor(options: object) {
      super();
      made.push(options);
    }
    ready = async (): Promise<void> => undefined;
    subscribe = (): void => undefined;
    close = async (): Promise<void> => void closed.push("consumer");
  }
  class Message {
    readonly properties = {};
    readonly topic: string;
    readonly tags: string;
    readonly body: Buffer;
    constructor(topic: string, tags: string, body: Buffer) {
      this.topic = topic;
      this.tags = tags;
      this.body = body;
    }
  }
  const library = { Producer, Consumer, Message } as unknown as RemotingLibrary; // all that is used
  const adapter = new RemotingAdapter(library, { ...PLACE, ...place }, HOST, "me");
  return { adapter, made, sent, closed, Producer };
}

describe("RocketMQ over its older protocol", () => {
  it("gets messages from one producer", async () => {
    const { adapter, made, sent, Producer } = world([], [], { accessKey: "k", secret: "s" });
    await adapter.send({ ...outgoing("a"), properties: new Map([["p", "v"]]) });
    await adapter.send(outgoing("b", "group"));
    expect(made).toEqual([
      expect.objectContaining({
        ...{ nameSrv: ["a:1", "b:2"], instanceName: "me", producerGroup: "g" },
        ...{ retryTimesWhenSendFailed: 0, accessKey: "k", secretKey: "s" },
      }),
    ]);
    expect(sent).toMatchObject([
      { topic: "demo", tags: "t", body: Buffer.from("a"), properties: { p: "v" } },
      { shardingKey: "group", properties: { __SHARDINGKEY: "group" } },
    ]);
    await expect((Producer.defaultProducer as { send(): Promise<void> }).send()).rejects.toThrow();
  });

  it("has not taken what is less safe there than it should be", async () => {
    const { adapter } = world(["FLUSH_DISK_TIMEOUT", new Error("down")]);
    await expect(adapter.send(outgoing("a"))).rejects.toThrow(
      "RocketMQ has answered FLUSH_DISK_TIMEOUT",
    );
    await expect(adapter.send(outgoing("a"))).rejects.toThrow("down");
  });

  it("says which messages it will never take", async () => {
    const { adapter } = world([Object.assign(new Error("illegal"), { code: 13 })]);
    await expect(adapter.send(outgoing("a"))).rejects.toBeInstanceOf(UnsendableError);
  });

  it("starts its producer anew when that has failed", async () => {
    const { adapter, made } = world([], [new Error("nobody there")]);
    await expect(adapter.send(outgoing("a"))).rejects.toThrow("nobody there");
    await adapter.send(outgoing("a"));
    expect(made).toHaveLength(2);
  });

  it("lets go of all it has opened", async () => {
    const { adapter, closed, made } = world();
    await adapter.close();
    adapter.receive(["t"], async () => "done");
    await adapter.send(outgoing("a"));
    await adapter.stopReceiving(0);
    await adapter.close();
    expect(closed.sort()).toEqual(["consumer", "producer"]);
    expect(made[0]).toMatchObject({
      ...{ consumerGroup: "g", parallelConsumeLimit: 32 },
      pullTimeDelayMillsWhenFlowControl: 50, // not 5 s, in which nothing would come
    });
  });

  it("is closed at once while its producer does not start", async () => {
    const { Producer } = world();
    const hangs = class extends Producer {
      override ready = () => new Promise<void>(() => undefined);
    };
    const library = {
      Producer: hangs,
      Message: class {
        readonly properties = {};
      },
    } as unknown as RemotingLibrary; // all that is used of it
    const hanging = new RemotingAdapter(library, PLACE, HOST, "me");
    const sent = expect(hanging.send(outgoing("a"))).rejects.toThrow("in time");
    await Promise.all([hanging.close(), sent]);
  });

  it("is spoken with the library that is installed, without TLS", async () => {
    const adapter = await remotingAdapter(PLACE, HOST);
    await adapter.close();
    await expect(remotingAdapter({ ...PLACE, tls: true }, HOST)).rejects.toThrow(
      "without TLS only",
    );
  });
});
