import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { UnsendableError } from "../../src/adapter.js";
import type { GrpcLibrary } from "../../src/grpc/client-library.js";
import { GrpcAdapter, grpcAdapter } from "../../src/grpc/grpc-adapter.js";
import { outgoing } from "../fake-adapter.js";
import { FakeClient } from "./fake-client.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const PLACE = { address: "h:1", group: "g", tags: "*", tls: false };
const HOST = { receiving: () => undefined, acknowledged: () => undefined };

/** The library, with producers that do what a test says. */
function world(failures: unknown[] = [], place: object = {}) {
  const producers: object[] = [];
  const consumers: object[] = [];
  const sent: object[] = [];
  const shutdown = vi.fn(async () => undefined);
  class Producer extends FakeClient {
    constructor(options: object) {
      super();
      producers.push(options);
    }
    startup = async (): Promise<void> => undefined;
    send = async (message: object): Promise<void> => {
      if (failures.length > 0) throw failures.shift();
      sent.push(message);
    };
    shutdown = shutdown;
  }
  class SimpleConsumer extends FakeClient {
    constructor(options: object) {
      super();
      consumers.push(options);
    }
    startup = async (): Promise<void> => undefined;
    receive = () => new Promise(() => undefined);
    shutdown = shutdown;
  }
  const library = { Producer, SimpleConsumer } as unknown as GrpcLibrary; // all that is used of it
  const adapter = new GrpcAdapter(library, { ...PLACE, ...place }, HOST);
  return { adapter, producers, consumers, sent, shutdown };
}

class Refused extends Error {
  readonly code: number;

  constructor(name: string, code = 0) {
    super(name);
    this.name = name;
    this.code = code;
  }
}

describe("RocketMQ over gRPC", () => {
  it("gets messages from one producer without topics", async () => {
    const { adapter, producers, sent } = world([], { tls: true, accessKey: "k", secret: "s" });
    await adapter.send(outgoing("a"));
    await adapter.send(outgoing("b", "group"));
    expect(producers).toEqual([
      expect.objectContaining({
        ...{ endpoints: "h:1", namespace: "", sslEnabled: true, maxAttempts: 1 },
        sessionCredentials: { accessKey: "k", accessSecret: "s" },
        logger: expect.anything(),
      }),
    ]);
    expect(producers[0]).not.toHaveProperty("topics");
    expect(sent).toEqual([
      { topic: "demo", tag: "t", body: Buffer.from("a"), properties: new Map() },
      expect.objectContaining({ body: Buffer.from("b"), messageGroup: "group" }),
    ]);
  });

  it("says which messages it will never take", async () => {
    const { adapter, producers } = world([
      new Refused("PayloadTooLargeException"),
      new Refused("RequestHeaderFieldsTooLargeException"),
      new Refused("BadRequestException", 40_007),
      new TypeError("Message body size exceeds the threshold"),
    ]);
    for (let n = 0; n < 4; n += 1) {
      await expect(adapter.send(outgoing("a"))).rejects.toBeInstanceOf(UnsendableError);
    }
    expect(producers).toHaveLength(1);
  });

  it("says what to do about a topic of another kind", async () => {
    const { adapter } = world([new TypeError("Current message type not match with topic")]);
    await expect(adapter.send(outgoing("a"))).rejects.toThrow(/the topic demo is of another kind/);
  });

  it("gets a new producer after a failure, as the library avoids a broker for ever", async () => {
    const { adapter, producers, shutdown } = world([new Error("down"), new Error("down"), "text"]);
    await expect(adapter.send(outgoing("a"))).rejects.toThrow("down");
    await expect(adapter.send(outgoing("a"))).rejects.toThrow("down");
    expect(producers).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(shutdown).toHaveBeenCalledTimes(1);
    await expect(adapter.send(outgoing("a"))).rejects.toBe("text");
    await adapter.send(outgoing("a"));
    expect(producers).toHaveLength(3);
  });

  it("has a consumer for each topic, and lets go of all", async () => {
    const { adapter, consumers, shutdown } = world();
    adapter.receive(["a", "b"], async () => "done");
    await vi.advanceTimersByTimeAsync(0);
    expect(consumers).toEqual(
      ["a", "b"].map((topic) =>
        expect.objectContaining({ consumerGroup: "g", subscriptions: new Map([[topic, "*"]]) }),
      ),
    );
    await adapter.send(outgoing("a"));
    await adapter.stopReceiving(0);
    await adapter.close();
    expect(shutdown).toHaveBeenCalledTimes(3);
  });

  it("is spoken with the library that is installed", async () => {
    const adapter = await grpcAdapter(PLACE, HOST);
    await adapter.close();
    expect(adapter).toBeInstanceOf(GrpcAdapter);
  });
});
