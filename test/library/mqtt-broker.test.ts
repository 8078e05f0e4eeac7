import { once } from "node:events";
import { createServer } from "node:net";
import { duplexPair } from "node:stream";
import { afterEach, describe, expect, it, vi } from "vitest";
import { encode, PacketType } from "../../src/codec/index.js";
import type { BrokerEvents } from "../../src/library/broker-events.js";
import { createBroker, type MqttBroker } from "../../src/library/mqtt-broker.js";
import type { BrokerOptions } from "../../src/library/options.js";
import { connectPacket, publishPacket, RawClient, subscribePacket } from "../net/raw-client.js";
import { RawWebSocket } from "../net/raw-websocket.js";
import { unhurried } from "../support/unhurried.js";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function brokerWith(options: BrokerOptions = {}): MqttBroker {
  const broker = createBroker(unhurried(options));
  closers.push(() => broker.close());
  return broker;
}

async function listening(options: BrokerOptions = {}) {
  const broker = brokerWith(options);
  const { port } = await broker.listen({ port: 0 });
  return { broker, port };
}

/** Everything a broker tells, one list. */
function record<E extends keyof BrokerEvents>(broker: MqttBroker, ...events: E[]) {
  const heard: BrokerEvents[E][] = [];
  for (const event of events) broker.on(event, (told) => heard.push(told));
  return heard;
}

/** An `authenticate` that answers when the test says so. */
function slowHook() {
  let answer: (isAllowed: boolean) => void = () => undefined;
  let onAsked: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    onAsked = resolve;
  });
  const authenticate = (): Promise<boolean> => {
    onAsked();
    return new Promise((resolve) => {
      answer = resolve;
    });
  };
  return { asked, authenticate, answer: (isAllowed: boolean) => answer(isAllowed) };
}

/** A Client that never acknowledges what it receives. */
async function silentClient(port: number, clientId: string, cleanSession = true) {
  return RawClient.accepted(port, { clientId, cleanSession });
}

describe("connections", () => {
  it("[M23] listens for WebSockets, too, and takes the largest packet as one message", async () => {
    const packetBytesMax = 20 * 1024 * 1024;
    const { broker, port: tcpPort } = await listening({ limits: { packetBytesMax } });
    const { port } = await broker.listen({ port: 0, webSocket: { path: "/mqtt" } });
    const disconnects = record(broker, "disconnect");
    const tcp = await RawClient.accepted(tcpPort, { clientId: "tcp" });
    const web = await RawWebSocket.open(port, { path: "/mqtt" });
    web.send(encode(connectPacket({ clientId: "web" })));
    const payload = Buffer.alloc(packetBytesMax - 100, 1);
    web.send(encode(publishPacket("t/p2p/tcp", payload)));
    await tcp.until(() => tcp.byteCount > payload.length);
    await broker.close();
    await web.until(() => web.closeCode > 0);
    const addresses = disconnects.map(({ client, remoteAddress }) => [
      client?.clientId,
      remoteAddress,
    ]);
    expect(addresses).toContainEqual(["web", `127.0.0.1:${web.socket.localPort}`]);
    await expect(RawWebSocket.open(port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("accepts nobody when it is closed while it begins to listen", async () => {
    const broker = brokerWith();
    const listens = broker.listen({ port: 0, webSocket: true });
    await Promise.all([broker.close(), expect(listens).rejects.toThrow("the broker is closed")]);
  });

  it("listens where it is told, and says where", async () => {
    const broker = brokerWith();
    const first = await broker.listen({ port: 0 });
    const second = await broker.listen({ port: 0, host: "127.0.0.1" });
    expect(first.host).toBe("127.0.0.1");
    expect(first.port).not.toBe(second.port);
    for (const { port } of [first, second]) await RawClient.accepted(port, { clientId: `${port}` });
    expect(broker.stats().connections).toBe(2);
  });

  it("says that a port is taken, and can listen elsewhere", async () => {
    const { broker, port } = await listening();
    await expect(broker.listen({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
    await broker.listen({ port: 0 });
  });

  it.each([-1, 65_536, 1.5, Number.NaN, "1883"])("refuses port %s", async (port) => {
    await expect(brokerWith().listen({ port: port as number })).rejects.toThrow(
      `port is ${JSON.stringify(port).replace("null", "NaN")}; allowed: whole numbers from 0 to 65535`,
    );
  });

  it("can be embedded as Aedes is: net.createServer(broker.handle)", async () => {
    const broker = brokerWith();
    const server = createServer(broker.handle);
    closers.push(() => server.close());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number }; // listening on TCP
    const client = await RawClient.accepted(port);
    client.send(subscribePacket("t"), publishPacket("t", "x"));
    await client.until(() => client.payloads.length === 1);
  });

  it("serves any Duplex", async () => {
    const broker = brokerWith();
    const [near, far] = duplexPair();
    broker.handle(near);
    far.write(encode(connectPacket()));
    const [connack] = await once(far, "data");
    expect(connack).toEqual(Buffer.from("20020000", "hex"));
    far.end();
    far.resume();
    await once(far, "end");
    expect(broker.stats().connections).toBe(0);
  });

  it("closes once, sends what waits, and takes nothing any more", async () => {
    const { broker, port } = await listening();
    const client = await RawClient.accepted(port, { clientId: "A" });
    await broker.sendToClient("A", { parent: "t", payload: "last" });
    const local = await broker.connectInProcess();
    await Promise.all([broker.close(), broker.close()]);
    await client.ended();
    expect(client.payloads).toEqual(["last"]);
    expect(local.isConnected).toBe(false);
    await expect(broker.listen({ port: 0 })).rejects.toThrow("the broker is closed");
    await expect(broker.connectInProcess()).rejects.toThrow("the broker is closed");
    await expect(local.connect()).rejects.toThrow("the broker is closed");
    await expect(broker.sendToClient("A", { parent: "t", payload: "x" })).rejects.toThrow("closed");
    expect(() => broker.publish({ topicName: "t", payload: "x" })).toThrow("the broker is closed");
    const [near] = duplexPair();
    broker.handle(near);
    expect(near.destroyed).toBe(true);
  });

  it("[M2] disconnects a Client, and says whether it was there", async () => {
    const { broker, port } = await listening();
    const client = await RawClient.accepted(port, { clientId: "A" });
    const heard = record(broker, "disconnect");
    expect(broker.disconnect("A")).toBe(true);
    await client.ended();
    expect(broker.disconnect("A")).toBe(false);
    expect(heard).toMatchObject([{ client: { clientId: "A" }, reason: "kicked" }]);
  });
});

describe("events", () => {
  it("tell a Client's life", async () => {
    const { broker, port } = await listening();
    const names = [
      "connect",
      "subscribe",
      "publish",
      "drop",
      "unsubscribe",
      "disconnect",
      "error",
    ] as const;
    const heard: [string, unknown][] = [];
    for (const name of names) broker.on(name, (told) => heard.push([name, told]));
    const client = await RawClient.accepted(port, { clientId: "A", username: "u" });
    client.send(
      subscribePacket("t/#", 1),
      publishPacket("t/p2p/nobody", "x"),
      { type: PacketType.UNSUBSCRIBE, packetId: 2, topicFilters: ["t/#"] },
      { type: PacketType.DISCONNECT },
    );
    await client.ended();
    expect(heard.map(([name]) => name)).toEqual([
      "connect",
      "subscribe",
      "publish",
      "drop",
      "unsubscribe",
      "disconnect",
    ]);
    expect(heard[0]?.[1]).toMatchObject({
      client: {
        clientId: "A",
        username: "u",
        remoteAddress: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      },
      sessionPresent: false,
    });
    expect(heard[3]?.[1]).toEqual({
      from: expect.objectContaining({ clientId: "A", listener: `mqtt://127.0.0.1:${port}` }),
      message: "point-to-point to a client that was never here",
      reason: "unknown",
      topicName: "t/p2p/nobody",
      receiverId: "nobody",
    });
    expect(heard[5]?.[1]).toMatchObject({ reason: "disconnected", violation: undefined });
  });

  it("tell what a peer did wrong", async () => {
    const { broker, port } = await listening();
    const heard = record(broker, "disconnect");
    const client = await RawClient.open(port);
    client.send(Uint8Array.of(0xc0, 0));
    await client.ended();
    expect(heard).toMatchObject([
      { client: undefined, reason: "violation", violation: { code: "first-packet-not-connect" } },
    ]);
  });

  it("stop when the listener is taken away", async () => {
    const broker = brokerWith();
    const heard: string[] = [];
    const listener = ({ topicName }: BrokerEvents["publish"]): unknown => heard.push(topicName);
    broker.on("publish", listener).publish({ topicName: "1", payload: "" });
    broker.off("publish", listener).publish({ topicName: "2", payload: "" });
    expect(heard).toEqual(["1"]);
  });

  it("[M06] do not hurt anybody when a listener throws", async () => {
    const { broker, port } = await listening();
    const errors = record(broker, "error");
    const bad = (): void => {
      throw new Error("bad listener");
    };
    for (const name of ["connect", "subscribe", "publish", "disconnect"] as const) {
      broker.on(name, bad);
    }
    const client = await RawClient.accepted(port);
    client.send(subscribePacket("t"), publishPacket("t", "x"));
    await client.until(() => client.payloads.length === 1);
    client.socket.end();
    await client.ended();
    await vi.waitUntil(() => errors.length === 4);
  });
});

describe("calls from inside a hook or listener", () => {
  it("happen right after the turn: publish, sendToClient, disconnect", async () => {
    const { broker, port } = await listening();
    const outcomes: string[] = [];
    broker.on("publish", ({ topicName }) => {
      if (topicName !== "trigger") return;
      broker.publish({ topicName: "answer", payload: "by publish" });
      broker
        .sendToClient("raw", { parent: "t", payload: "by sendToClient" })
        .then((outcome) => outcomes.push(outcome));
      outcomes.push(`disconnect ${broker.disconnect("other")}`);
    });
    const client = await RawClient.accepted(port);
    const other = await RawClient.accepted(port, { clientId: "other" });
    client.send(subscribePacket("answer"), publishPacket("trigger", "x", 1));
    await client.until(() => client.payloads.length === 2);
    await other.ended();
    expect(client.payloads).toEqual(["by publish", "by sendToClient"]);
    expect(outcomes).toEqual(["disconnect true", "sent"]);
  });

  it("work in hooks too, and an in-process Client may be opened there", async () => {
    const broker = brokerWith({
      mayPublish: ({ clientId }, topicName) => {
        if (clientId === "A") broker.publish({ topicName: `seen/${topicName}`, payload: "x" });
        return true;
      },
    });
    const heard: string[] = [];
    const watcher = await broker.connectInProcess({
      clientId: "W",
      onMessage: ({ topicName }) => heard.push(topicName),
    });
    await watcher.subscribe("seen/#");
    const opened = new Promise<string>((resolve) => {
      broker.on("publish", ({ topicName }) => {
        if (topicName !== "seen/t") return;
        broker.connectInProcess({ clientId: "late" }).then(({ clientId }) => resolve(clientId));
      });
    });
    const a = await broker.connectInProcess({ clientId: "A" });
    await a.publish({ topicName: "t", payload: "x", qos: 1 });
    expect(await opened).toBe("late");
    await vi.waitUntil(() => heard.length === 1);
    expect(heard).toEqual(["seen/t"]);
  });

  it("may close the broker", async () => {
    const { broker, port } = await listening();
    const closed = new Promise<void>((resolve) => {
      broker.on("publish", () => {
        broker.close().then(resolve);
      });
    });
    const client = await RawClient.accepted(port);
    client.send(publishPacket("t", "x", 1));
    await Promise.all([closed, client.ended()]);
    expect(client.packets.at(-1)?.type).toBe(PacketType.PUBACK);
  });

  it("may publish while it closes, as a listener for disconnects does", async () => {
    const broker = brokerWith();
    const errors = record(broker, "error");
    const published = record(broker, "publish");
    broker.on("disconnect", ({ client }) => {
      broker.publish({ topicName: `presence/${client?.clientId}`, payload: "offline" });
    });
    await broker.connectInProcess({ clientId: "A" });
    await broker.close();
    expect(errors).toEqual([]);
    expect(published).toMatchObject([{ topicName: "presence/A" }]);
  });

  it("tell later what was wrong with them", async () => {
    const broker = brokerWith();
    const outcome = new Promise((resolve) => {
      broker.on("publish", () => {
        resolve(broker.sendToClient("a/b", { parent: "t", payload: "x" }));
      });
    });
    broker.publish({ topicName: "t", payload: "x" });
    await expect(outcome).rejects.toThrow(/clientId is "a\/b"/);
  });
});

describe("publish", () => {
  it("[M8] reaches subscribers and single Clients, on $ topics too, with every QoS and RETAIN", async () => {
    const broker = brokerWith();
    const heard: string[] = [];
    const client = await broker.connectInProcess({
      clientId: "A",
      onMessage: ({ topicName, payload, qos }) =>
        heard.push(`${topicName} ${Buffer.from(payload).toString()} ${qos}`),
    });
    await client.subscribe([
      { topicFilter: "t", requestedQos: 2 },
      { topicFilter: "$SYS/x", requestedQos: 2 },
    ]);
    broker.publish({ topicName: "t", payload: "text" });
    broker.publish({ topicName: "t", payload: Uint8Array.of(0x62), qos: 2 });
    broker.publish({ topicName: "$SYS/x", payload: "sys", qos: 1 });
    broker.publish({ topicName: "p/p2p/A", payload: "direct", qos: 1 });
    broker.publish({ topicName: "kept", payload: "retained", retain: true });
    await client.subscribe("kept");
    await vi.waitUntil(() => heard.length === 5);
    expect(heard).toEqual([
      "t text 0",
      "t b 2",
      "$SYS/x sys 1",
      "p/p2p/A direct 1",
      "kept retained 0",
    ]);
  });

  it("copies the payload, which the caller may write to afterwards", async () => {
    const broker = brokerWith();
    const payload = Buffer.from("before");
    broker.publish({ topicName: "r", payload, retain: true });
    payload.fill(0);
    const heard: string[] = [];
    const client = await broker.connectInProcess({
      onMessage: (message) => heard.push(Buffer.from(message.payload).toString()),
    });
    await client.subscribe("r");
    await vi.waitUntil(() => heard.length === 1);
    expect(heard).toEqual(["before"]);
  });

  it("says what is wrong with a message", () => {
    const broker = brokerWith();
    expect(() => broker.publish({ topicName: "a/+", payload: "" })).toThrow(/topicName is "a\/\+"/);
  });
});

describe("sendToClient", () => {
  const message = { parent: "t", payload: "x" };

  it("[P12] delivered: the receiver has acknowledged it, at QoS 1 and 2", async () => {
    const broker = brokerWith();
    const topics: string[] = [];
    await broker.connectInProcess({
      clientId: "A",
      onMessage: ({ topicName, qos }) => topics.push(`${topicName} ${qos}`),
    });
    for (const qos of [1, 2] as const) {
      expect(await broker.sendToClient("A", { ...message, qos, confirm: true })).toBe("delivered");
    }
    expect(topics).toEqual(["t/p2p/A 1", "t/p2p/A 2"]);
  });

  it("[P12] sent: QoS 0, or nobody asked for a confirmation", async () => {
    const broker = brokerWith();
    await broker.connectInProcess({ clientId: "A" });
    expect(await broker.sendToClient("A", { ...message, qos: 0, confirm: true })).toBe("sent");
    expect(await broker.sendToClient("A", message)).toBe("sent");
  });

  it("[P12] queued: the receiver is offline and its Session keeps the message", async () => {
    const broker = brokerWith();
    const client = await broker.connectInProcess({ clientId: "A", cleanSession: false });
    await client.disconnect();
    expect(await broker.sendToClient("A", message)).toBe("queued");
    const confirmed = await broker.sendToClient("A", { ...message, confirm: true, timeoutMs: 5 });
    expect(confirmed).toBe("queued");
  });

  it("[P12] delivered, when an offline receiver comes back in time", async () => {
    const broker = brokerWith();
    const client = await broker.connectInProcess({ clientId: "A", cleanSession: false });
    await client.disconnect();
    const sending = broker.sendToClient("A", { ...message, confirm: true });
    await client.connect();
    expect(await sending).toBe("delivered");
  });

  it("[P12] offline: nobody is there and nothing is kept", async () => {
    const broker = brokerWith();
    expect(await broker.sendToClient("nobody", { ...message, confirm: true })).toBe("offline");
  });

  it("[P12] [P18] denied: the one it is sent for may not", async () => {
    const broker = brokerWith({ maySendToClient: (from) => from.clientId === "friend" });
    await broker.connectInProcess({ clientId: "A" });
    const from = (clientId: string) => ({
      clientId,
      username: undefined,
      remoteAddress: "",
      cleanSession: true,
    });
    expect(await broker.sendToClient("A", { ...message, from: from("foe") })).toBe("denied");
    expect(await broker.sendToClient("A", { ...message, from: from("friend") })).toBe("sent");
    expect(await broker.sendToClient("A", message)).toBe("sent");
  });

  it("[P12] timeout: the receiver does not acknowledge", async () => {
    const { broker, port } = await listening();
    await silentClient(port, "A");
    const outcome = await broker.sendToClient("A", { ...message, confirm: true, timeoutMs: 5 });
    expect(outcome).toBe("timeout");
  });

  it("[P12] dropped: its Session ends before it is acknowledged", async () => {
    const { broker, port } = await listening();
    const client = await silentClient(port, "A");
    const sending = broker.sendToClient("A", { ...message, confirm: true });
    await client.until(() => client.payloads.length === 1);
    client.socket.end();
    expect(await sending).toBe("dropped");
  });

  it("[P12] dropped: the queue of the receiver is full", async () => {
    const limits = { pointToPointMessagesMax: 1, pointToPointTotalMax: 1 };
    const broker = brokerWith({ limits });
    const client = await broker.connectInProcess({ clientId: "A", cleanSession: false });
    await client.disconnect();
    expect(await broker.sendToClient("A", message)).toBe("queued");
    expect(await broker.sendToClient("A", message)).toBe("dropped");
  });

  it("[P12] dropped: the broker closes", async () => {
    const { broker, port } = await listening();
    await silentClient(port, "A", false);
    const sending = broker.sendToClient("A", { ...message, confirm: true });
    await broker.close();
    expect(await sending).toBe("dropped");
  });

  it("[P6] shows the receiver another Topic Name when told to", async () => {
    const broker = brokerWith();
    const topics: string[] = [];
    await broker.connectInProcess({
      clientId: "A",
      onMessage: ({ topicName }) => topics.push(topicName),
    });
    await broker.sendToClient("A", { ...message, topicName: "shown", confirm: true });
    expect(topics).toEqual(["shown"]);
  });

  it.each([
    ["", message, /clientId is ""; allowed: not empty/],
    ["a/b", message, /clientId is "a\/b"/],
    ["A", { ...message, parent: "$SYS" }, /parent is "\$SYS"; allowed: a first level/],
    ["A", { ...message, topicName: "#" }, /topicName is "#"/],
    ["A", { ...message, timeoutMs: -1 }, /timeoutMs is -1/],
  ])("says what is wrong with %j, %j", async (clientId, wrong, expected) => {
    await expect(brokerWith().sendToClient(clientId, wrong)).rejects.toThrow(expected);
  });
});

describe("hooks", () => {
  it("[B16] [B17] [M20] a slow authenticate keeps what follows waiting, in order", async () => {
    const { answer, asked, authenticate } = slowHook();
    const { broker, port } = await listening({ authenticate });
    const client = await RawClient.open(port);
    client.send(connectPacket(), subscribePacket("t", 1), publishPacket("t", "x", 1, 5));
    await asked;
    broker.publish({ topicName: "t", payload: "others go on" });
    expect(client.packets).toEqual([]);
    answer(true);
    await client.until(() => client.payloads.length === 1);
    expect(client.packets.map(({ type }) => type)).toEqual([
      PacketType.CONNACK,
      PacketType.SUBACK,
      PacketType.PUBACK, // before its own copy [M31]
      PacketType.PUBLISH,
    ]);
  });

  it("[B17] does not read on behind a CONNECT that waits", async () => {
    const { asked, authenticate } = slowHook();
    const limits = { authenticateTimeoutMs: 300 };
    const { broker, port } = await listening({ authenticate, limits });
    const client = await RawClient.open(port);
    client.send(connectPacket());
    await asked;
    const payload = Buffer.alloc(1_000_000, "x");
    for (let count = 0; count < 40; count += 1) client.send(publishPacket("t", payload));
    await client.ended();
    expect(client.packets.slice(0, 1)).toMatchObject([{ type: PacketType.CONNACK, returnCode: 3 }]);
    expect(client.socket.writableLength).toBeGreaterThan(20_000_000);
    expect(broker.stats().messagesReceived).toBe(0);
    client.socket.destroy();
  });

  it("[B16] a refused CONNECT takes everything behind it with it", async () => {
    const { broker, port } = await listening({ authenticate: async () => false });
    const published = record(broker, "publish");
    const client = await RawClient.open(port);
    client.send(connectPacket(), publishPacket("t", "x", 1));
    await client.ended();
    expect(client.packets).toEqual([
      { type: PacketType.CONNACK, sessionPresent: false, returnCode: 5 },
    ]);
    expect(published).toEqual([]);
  });

  it("[B18] one that never answers is given up with CONNACK 3; its late answer finds nothing", async () => {
    const { answer, authenticate } = slowHook();
    const limits = { authenticateTimeoutMs: 50 };
    const { broker, port } = await listening({ authenticate, limits });
    const client = await RawClient.open(port);
    client.send(connectPacket());
    await client.ended();
    expect(client.packets).toMatchObject([{ type: PacketType.CONNACK, returnCode: 3 }]);
    answer(true);
    await new Promise(setImmediate);
    expect(broker.stats().connectsAccepted).toBe(0);
  });

  it("[B18] [M06] one that throws refuses with CONNACK 3, and the error is told", async () => {
    const { broker, port } = await listening({
      authenticate: () => {
        throw new Error("database down");
      },
    });
    const errors = record(broker, "error");
    const client = await RawClient.open(port);
    client.send(connectPacket());
    await client.ended();
    expect(client.packets).toMatchObject([{ returnCode: 3 }]);
    expect(errors).toEqual([new Error("database down")]);
  });

  it("[H12] [M21] one for permissions that throws means no to this Client, and nothing to others", async () => {
    const { broker, port } = await listening({
      mayPublish: ({ clientId }) => {
        if (clientId === "bad") throw new Error("bad hook");
        return true;
      },
    });
    const errors = record(broker, "error");
    const bad = await RawClient.accepted(port, { clientId: "bad" });
    const good = await RawClient.accepted(port, { clientId: "good" });
    good.send(subscribePacket("t"));
    bad.send(publishPacket("t", "never", 1));
    await bad.until(() => bad.packets.at(-1)?.type === PacketType.PUBACK);
    good.send(publishPacket("t", "arrives"));
    await good.until(() => good.payloads.length === 1);
    expect(good.payloads).toEqual(["arrives"]);
    expect(errors).toEqual([new Error("bad hook")]);
  });
});

describe("options", () => {
  it.each([
    [{ limits: { inFlightCeiling: 31 } }, /limits.inFlightCeiling is 31/],
    [{ limits: { inflight: 1 } }, /unknown key limits.inflight: did you mean limits.inFlightMax/],
    [{ paddedLength: "maybe" }, /paddedLength is "maybe"; allowed: accept, refuse/],
    [{ pointToPoint: { offline: "all" } }, /pointToPoint.offline is "all"; allowed: receiver/],
    [
      { pointToPoint: { parents: ["a/b"] } },
      /pointToPoint.parents\[0\] is "a\/b"; allowed: single/,
    ],
    [{ authenticate: "yes" }, /authenticate is "yes"; allowed: a function/],
    [{ inFlightMax: 1 }, /unknown key inFlightMax: did you mean limits.inFlightMax/],
  ])("[M04] %j is refused by name", (options, expected) => {
    expect(() => createBroker(options as BrokerOptions)).toThrow(expected);
  });

  it("[P17] [MQTT-3.1.3-6] makes identifiers nobody can guess, or those it is told to make", async () => {
    const ids = async (options: BrokerOptions): Promise<string[]> => {
      const broker = brokerWith(options);
      const heard = record(broker, "connect");
      await broker.connectInProcess();
      await broker.connectInProcess();
      return heard.map(({ client }) => client.clientId);
    };
    const [first, second] = await ids({});
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(first).not.toBe(second);
    let count = 0;
    expect(await ids({ makeClientId: () => `made-${++count}` })).toEqual(["made-1", "made-2"]);
  });
});

describe("other limits while the broker runs", () => {
  it("hold from then on, those that are not named by their defaults again", async () => {
    const broker = createBroker({ limits: { subscriptionsPerSessionMax: 1, topicLevelsMax: 2 } });
    const client = await broker.connectInProcess({ clientId: "A" });
    const subscribe = async (topicFilter: string): Promise<string> =>
      JSON.stringify(await client.subscribe(topicFilter)) === "[128]" ? "refused" : "granted";
    expect(await subscribe("a")).toBe("granted");
    expect(await subscribe("b")).toBe("refused");
    const commit = broker.prepareLimits({ subscriptionsPerSessionMax: 2 });
    expect(await subscribe("b")).toBe("refused");
    commit();
    expect(await subscribe("b")).toBe("granted");
    expect(await subscribe("c")).toBe("refused");
    const later = await broker.connectInProcess({ clientId: "B" });
    await later.publish({ topicName: "a/b/c", payload: "", qos: 1 });
    await broker.close();
  });

  it("[M04] are refused by name, and then nothing changes", () => {
    const broker = createBroker();
    expect(() => broker.prepareLimits({ heldMax: 0 })).toThrow("limits.heldMax is 0; allowed");
    return broker.close();
  });
});
