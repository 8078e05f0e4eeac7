import { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { calmStreams } from "../../src/grpc/calm-streams.js";
import type { GrpcLibrary, SimpleConsumer } from "../../src/grpc/client-library.js";
import { endable } from "../../src/grpc/ending.js";
import { loadLibrary } from "../../src/library.js";

const require = createRequire(import.meta.url);
const library = (await loadLibrary("rocketmq-client-nodejs")) as GrpcLibrary;
const {
  QueryRouteResponse,
} = require("rocketmq-client-nodejs/proto/apache/rocketmq/v2/service_pb");
const model = require("rocketmq-client-nodejs/proto/apache/rocketmq/v2/definition_pb");

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A stream of the library's as gRPC makes it, without a network. */
class Stream extends EventEmitter {
  destroyed = false;
  write(): void {}
  end(): void {}
  cancel(): void {
    this.destroyed = true;
    this.emit("error", new Error("1 CANCELLED"));
  }
  breaks(): void {
    this.destroyed = true;
    this.emit("error", new Error("14 UNAVAILABLE"));
  }
}

/** What a proxy answers to the question where a topic is. */
function route(): unknown {
  const ok = new model.Status().setCode(model.Code.OK);
  const address = new model.Address().setHost("127.0.0.1").setPort(1);
  const endpoints = new model.Endpoints().setScheme(model.AddressScheme.IPV4);
  const broker = new model.Broker()
    .setName("b")
    .setEndpoints(endpoints.setAddressesList([address]));
  const topic = new model.Resource().setName("demo");
  const queue = new model.MessageQueue().setBroker(broker).setTopic(topic);
  return new QueryRouteResponse()
    .setStatus(ok)
    .setMessageQueuesList([queue.setPermission(model.Permission.READ_WRITE)]);
}

/** A consumer of the real library, whose network is the test. */
function world() {
  const consumer = new library.SimpleConsumer({
    ...{ endpoints: "127.0.0.1:1", namespace: "", sslEnabled: false },
    ...{ consumerGroup: "g", subscriptions: new Map([["demo", "*"]]), awaitDuration: 5_000 },
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
  }) as SimpleConsumer & { isRunning(): boolean };
  const routes: PromiseWithResolvers[] = [];
  const streams: Stream[] = [];
  const calls: string[] = [];
  let farewellFails = false;
  const network = consumer.rpcClientManager;
  const close = network.close.bind(network);
  Object.assign(network, {
    queryRoute: () => {
      calls.push("queryRoute");
      return new Promise((resolve, reject) => routes.push({ resolve, reject }));
    },
    heartbeat: async () => void calls.push("heartbeat"),
    notifyClientTermination: async () => {
      calls.push("farewell");
      if (farewellFails) throw new Error("14 UNAVAILABLE");
    },
    close: () => {
      calls.push("close");
      close();
    },
  });
  consumer.createTelemetryStream = () => {
    const stream = new Stream();
    streams.push(stream);
    return stream;
  };
  calmStreams(consumer);
  const end = endable(consumer);
  /** What it still does, and has, an hour later. */
  const afterwards = async () => {
    calls.length = 0;
    const { length } = streams;
    await vi.advanceTimersByTimeAsync(3_600_000);
    return {
      calls,
      opened: streams.length - length,
      open: streams.filter(({ destroyed }) => !destroyed).length,
      timers: vi.getTimerCount(),
    };
  };
  const fail = (): void => {
    farewellFails = true;
  };
  return { consumer, routes, streams, calls, end, afterwards, fail };
}

interface PromiseWithResolvers {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** Its start waits for settings then, which come over the stream. */
async function routed({ routes }: ReturnType<typeof world>): Promise<void> {
  routes.at(-1)?.resolve(route());
  await vi.advanceTimersByTimeAsync(0);
}

const NOTHING = { calls: [], opened: 0, open: 0, timers: 0 };

describe("a client that is ended", () => {
  it("while it asks where its topic is does not go on when the answer comes", async () => {
    const here = world();
    void here.consumer.startup();
    await vi.advanceTimersByTimeAsync(0);
    await here.end();
    await routed(here);
    expect(here.consumer.isRunning()).toBe(false);
    expect(await here.afterwards()).toEqual(NOTHING);
  });

  it("between two tries of its start makes no further one", async () => {
    const here = world();
    here.consumer.startup().catch(() => undefined);
    await vi.advanceTimersByTimeAsync(0);
    here.routes[0]?.reject(new Error("down"));
    await vi.advanceTimersByTimeAsync(500);
    await here.end();
    expect(await here.afterwards()).toEqual(NOTHING);
  });

  it("while its start waits for settings takes down what that has set up", async () => {
    const here = world();
    void here.consumer.startup();
    await vi.advanceTimersByTimeAsync(0);
    await routed(here);
    expect(here.streams).toHaveLength(1);
    expect(vi.getTimerCount()).toBeGreaterThan(2);
    await here.end();
    expect(here.streams[0]?.destroyed).toBe(true);
    expect(await here.afterwards()).toEqual(NOTHING);
  });

  it("goes whole though RocketMQ does not take its farewell", async () => {
    const here = world();
    void here.consumer.startup();
    await vi.advanceTimersByTimeAsync(0);
    await routed(here);
    here.fail();
    await here.end();
    expect(here.calls).toEqual(["queryRoute", "farewell", "close", "close"]);
    expect(await here.afterwards()).toEqual(NOTHING);
  });

  it("opens no stream again that broke a moment before", async () => {
    const here = world();
    void here.consumer.startup();
    await vi.advanceTimersByTimeAsync(0);
    await routed(here);
    here.streams[0]?.breaks();
    await here.end();
    expect(await here.afterwards()).toEqual(NOTHING);
  });

  it("asks for nothing more", async () => {
    const { consumer, end } = world();
    await end();
    await end();
    const { rpcClientManager } = consumer;
    await expect(rpcClientManager.receiveMessage()).rejects.toThrow("has ended");
    expect(rpcClientManager.close()).toBeUndefined();
  });

  it("does not keep its owner waiting for a farewell that takes long, and goes all the same", async () => {
    const here = world();
    void here.consumer.startup();
    await vi.advanceTimersByTimeAsync(0);
    await routed(here);
    let answer = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      answer = resolve;
    });
    here.consumer.rpcClientManager.notifyClientTermination = () => late;
    let isOver = false;
    void here.end().then(() => {
      isOver = true;
    });
    await vi.advanceTimersByTimeAsync(500);
    expect(isOver).toBe(true);
    expect(here.streams[0]?.destroyed).toBe(false);
    answer();
    expect(await here.afterwards()).toEqual({ ...NOTHING, calls: ["close", "close"] });
  });
});

it("a client that is not ended goes on: it tries again, and renews its stream", async () => {
  const here = world();
  here.consumer.startup().catch(() => undefined);
  await vi.advanceTimersByTimeAsync(0);
  here.routes[0]?.reject(new Error("down"));
  await vi.advanceTimersByTimeAsync(1_000);
  await routed(here);
  here.streams[0]?.breaks();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(here.streams).toHaveLength(2);
  await here.end();
});
