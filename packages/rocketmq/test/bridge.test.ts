import { describe, expect, it, vi } from "vitest";
import { UnsendableError } from "../src/adapter.js";
import { openBridge } from "../src/open-bridge.js";
import type { BridgeOptions } from "../src/options.js";
import { FakeAdapter, received } from "./fake-adapter.js";

const SENDER = { clientId: "A", cleanSession: true };

async function world(options: Partial<BridgeOptions> = {}) {
  const adapter = new FakeAdapter();
  const lines: string[] = [];
  const line = (text: string): void => {
    lines.push(text);
  };
  const make = async () => adapter;
  const bridge = await openBridge(
    {
      ...{ address: "127.0.0.1:8081", outTopics: ["demo", "fifo"], orderedTopics: ["fifo"] },
      ...{ sendTimeoutMs: 1, logger: { info: line, warn: line } },
      ...options,
    },
    { grpc: make, remoting: make },
  );
  const forward = (topicName: string, qos: 0 | 1 | 2 = 1, text = "x") =>
    bridge.forward({ topicName, payload: Buffer.from(text), qos }, SENDER);
  return { adapter, bridge, forward, lines };
}

describe("a bridge to RocketMQ", () => {
  it("[M26] has a sender wait until RocketMQ has its message", async () => {
    const { forward, bridge, adapter } = await world();
    let open = (): void => undefined;
    adapter.gate = new Promise((resolve) => {
      open = resolve;
    });
    const forwarded = forward("demo/a");
    expect(bridge.counts).toMatchObject({ pending: 1, pendingBytes: 1, sent: 0 });
    open();
    await forwarded;
    expect(bridge.counts).toMatchObject({ pending: 0, sent: 1, isConnected: true });
    expect(adapter.sent[0]).toMatchObject({ topic: "demo", tag: "MQTT2MQ", group: undefined });
  });

  it("takes only the topics that it was told to", async () => {
    const { forward } = await world();
    expect(forward("other/a")).toBeUndefined();
    expect(forward("demos")).toBeUndefined();
    expect(await forward("demo")).toBeUndefined();
  });

  it("leaves point-to-point alone where it shall", async () => {
    const { forward, adapter } = await world({ pointToPoint: false });
    expect(forward("demo/p2p/B")).toBeUndefined();
    await forward("demo/p2px");
    await forward("demo/a/p2p/B");
    expect(adapter.sent).toHaveLength(2);
  });

  it("names the group of a message where order counts", async () => {
    const { forward, adapter } = await world();
    await forward("fifo/a");
    expect(adapter.sent[0]?.group).toBe("A");
  });

  it("has nobody wait at QoS 0, and drops what RocketMQ does not take", async () => {
    const { forward, adapter, bridge, lines } = await world();
    adapter.failures.push(new Error("down"));
    expect(forward("demo/a", 0)).toBeUndefined();
    await vi.waitFor(() => expect(bridge.counts.dropped).toBe(1));
    expect(bridge.failure).toBe("down");
    expect(lines.at(-1)).toMatch(/was dropped: RocketMQ did not take it: down$/);
  });

  it("fails a sender's message that RocketMQ does not take in time", async () => {
    const { forward, adapter, bridge } = await world();
    adapter.failures.push(new Error("down"));
    await expect(forward("demo/a")).rejects.toThrow("RocketMQ did not take it: down");
    expect(bridge.counts).toMatchObject({ refused: 1, failed: 1, isConnected: false });
  });

  it("acknowledges what RocketMQ will never take: its sender would repeat it for ever", async () => {
    const { forward, adapter, bridge } = await world();
    adapter.failures.push(new UnsendableError("too large"));
    await forward("demo/a");
    expect(forward("demo/\u0001")).toBeUndefined();
    adapter.failures.push(new UnsendableError("too large"));
    expect(forward("demo/a", 0)).toBeUndefined();
    await vi.waitFor(() => expect(bridge.counts.unsendable).toBe(3));
    expect(bridge.counts).toMatchObject({ dropped: 0, refused: 0 });
  });

  it("has a bound on what waits", async () => {
    const { forward, bridge, adapter } = await world({ pendingMax: 1 });
    adapter.gate = new Promise(() => undefined);
    void forward("demo/a");
    expect(forward("demo/b", 0)).toBeUndefined();
    await expect(forward("demo/c")).rejects.toThrow("too many messages wait for RocketMQ");
    expect(bridge.counts).toMatchObject({ pending: 1, dropped: 1, refused: 1 });
  });

  it("hands what comes from RocketMQ to the broker, until it stops", async () => {
    const { bridge, adapter } = await world({ inTopics: ["demo"] });
    expect(bridge.failure).toBe("not connected yet");
    const publish = vi.fn(async () => undefined);
    bridge.start({ publish, sendToClient: async () => "sent" });
    expect(adapter.topics).toEqual(["demo"]);
    expect(await adapter.handler?.(received())).toBe("done");
    expect(publish).toHaveBeenCalledTimes(1);
    await bridge.stop();
    expect(await adapter.handler?.(received())).toBe("again");
    await bridge.close();
    expect(adapter.calls).toEqual(["stopReceiving", "close"]);
  });

  it("asks for nothing where nothing shall come", async () => {
    const { bridge, adapter } = await world();
    bridge.start({ publish: async () => undefined, sendToClient: async () => "sent" });
    expect(adapter.handler).toBeUndefined();
    await bridge.stop();
  });

  it("tells RocketMQ who comes and goes, in order", async () => {
    const { bridge, adapter } = await world({ presenceGroups: ["GID_x"] });
    const event = { clientId: "GID_x@@@1", time: 1, channelId: "c", clientIp: "::1" };
    bridge.presence({ ...event, eventType: "connect" });
    bridge.presence({ ...event, eventType: "tcpclean" });
    bridge.presence({ ...event, clientId: "other", eventType: "connect" });
    await vi.waitFor(() => expect(adapter.sent).toHaveLength(2));
    expect(adapter.sent.map(({ topic, tag, group }) => [topic, tag, group])).toEqual([
      ["GID_x_MQTT", "connect", undefined],
      ["GID_x_MQTT", "tcpclean", undefined],
    ]);
  });
});
