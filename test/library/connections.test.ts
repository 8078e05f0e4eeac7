import { once } from "node:events";
import { createServer } from "node:http";
import { type Duplex, duplexPair, PassThrough, Writable } from "node:stream";
import { afterEach, describe, expect, it, vi } from "vitest";
import { encode, PacketType } from "../../src/codec/index.js";
import { addressGiven } from "../../src/library/connections.js";
import { createBroker, type MqttBroker } from "../../src/library/mqtt-broker.js";
import type { BrokerOptions } from "../../src/library/options.js";
import type { Identity } from "../../src/ports/policy.js";
import { UsageError } from "../../src/protocol/errors.js";
import { connectPacket } from "../net/raw-client.js";
import { publishPacket, subscribePacket } from "../support/harness.js";
import { unhurried } from "../support/unhurried.js";
import { whenClosed } from "../support/when-closed.js";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function brokerWith(options: BrokerOptions = {}): MqttBroker {
  const broker = createBroker(unhurried(options));
  closers.push(() => broker.close());
  return broker;
}

/** The Client's side has been accepted when this resolves. */
async function accepted(stream: Duplex, clientId: string): Promise<void> {
  stream.write(encode(connectPacket({ clientId })));
  const [bytes] = await once(stream, "data");
  expect(Buffer.from([0x20, 2, 0, 0]).equals(bytes)).toBe(true);
}

describe("handle", () => {
  it.each<[string, unknown, string]>([
    ["nothing", undefined, "stream is undefined; allowed: a Duplex, such as a net.Socket"],
    ["null", null, "stream is null"],
    ["text", "x", 'stream is "x"'],
    ["an object", {}, "stream is {}"],
    ["a server", createServer(), "stream is an instance of Server"],
    ["half a stream", new Writable(), "stream is an instance of Writable"],
    [
      "a stream of text",
      new PassThrough().setEncoding("utf8"),
      "stream gives strings; allowed: a Dup",
    ],
  ])("refuses %s; close works afterwards", async (_, stream, message) => {
    const broker = createBroker();
    expect(() => broker.handle(stream as Duplex)).toThrow(UsageError);
    expect(() => broker.handle(stream as Duplex)).toThrow(message);
    expect(broker.stats().connections).toBe(0);
    await expect(broker.close()).resolves.toBeUndefined();
  });

  it.each<[unknown, string]>([
    [null, "details is null; allowed: an object with remoteAddress, request, certificate"],
    [{ remoteAdress: "x" }, "unknown key remoteAdress: did you mean remoteAddress?"],
    [{ remoteAddress: 7 }, "remoteAddress is 7; allowed: a string"],
    [{ request: "GET" }, 'request is "GET"; allowed: an object'],
    [{ request: {} }, "request.headers is undefined; allowed: an object"],
    [{ certificate: "x" }, 'certificate is "x"; allowed: an object'],
  ])("refuses the details %j, and does not touch the stream", async (details, message) => {
    const [theirs, ours] = duplexPair();
    const broker = createBroker();
    expect(() => broker.handle(ours, details as object)).toThrow(UsageError);
    expect(() => broker.handle(ours, details as object)).toThrow(message);
    expect(ours.listenerCount("data")).toBe(0);
    broker.handle(ours);
    theirs.resume().once("end", () => theirs.end()); // the broker waits for the other side to close
    await broker.close();
  });

  it("tells hooks and listeners what it is told of the peer", async () => {
    const seen: unknown[] = [];
    const broker = brokerWith({
      authenticate: ({ remoteAddress, request, certificate }) => {
        seen.push(remoteAddress, request, certificate);
        return true;
      },
    });
    broker.on("connect", ({ client }) => seen.push(client.remoteAddress, client.certificate));
    const [theirs, ours] = duplexPair();
    const request = { url: "/mqtt", headers: { "x-tenant": "t" } };
    const certificate = { subject: { CN: "device-7" }, fingerprint256: "3A:F0" };
    broker.handle(ours, { remoteAddress: "203.0.113.9:5", request, certificate });
    await accepted(theirs, "A");
    expect(seen).toEqual(["203.0.113.9:5", request, certificate, "203.0.113.9:5", certificate]);
  });

  it("shows the certificate to every hook and event, when nobody authenticates, too", async () => {
    const seen = new Map<string, unknown>();
    const note = (name: string, { certificate }: Identity): true => {
      seen.set(name, certificate);
      return true;
    };
    const broker = brokerWith({
      mayPublish: (from) => note("mayPublish", from),
      maySubscribe: (from) => note("maySubscribe", from),
      maySendToClient: (from) => note("maySendToClient", from),
      onMessage: (_message, from) => void note("onMessage", from),
      forward: (_message, from) => void note("forward", from),
    });
    broker.on("connect", ({ client }) => note("connect", client));
    broker.on("publish", ({ from }) => from && note("publish", from));
    broker.on("subscribe", ({ client }) => note("subscribe", client));
    const [theirs, ours] = duplexPair();
    const certificate = { subject: { CN: "device-7" }, fingerprint256: "3A:F0" };
    broker.handle(ours, { certificate });
    await accepted(theirs, "A");
    theirs.write(encode(subscribePacket("t")));
    theirs.write(encode(publishPacket("t", "x")));
    theirs.write(encode(publishPacket("x/p2p/A", "x")));
    while (!seen.has("maySendToClient")) await once(theirs, "data");
    const names =
      "connect forward mayPublish maySendToClient maySubscribe onMessage publish subscribe";
    expect([...seen.keys()].sort().join(" ")).toBe(names);
    for (const shown of seen.values()) {
      expect(shown).toEqual(certificate);
      expect(Object.isFrozen(shown)).toBe(true);
    }
  });

  it("[L2] serves a stream once: handed over again, here or elsewhere, it is refused and goes on", async () => {
    const broker = brokerWith();
    const [theirs, ours] = duplexPair();
    broker.handle(ours);
    expect(() => broker.handle(ours)).toThrow(
      "stream is served already; allowed: each stream once",
    );
    expect(() => brokerWith().handle(ours)).toThrow(UsageError);
    await accepted(theirs, "A");
    expect(broker.stats()).toMatchObject({ connections: 1, connectsAccepted: 1 });
    ours.destroy();
    await whenClosed(ours);
    expect(() => broker.handle(ours)).toThrow(UsageError);
    await vi.waitUntil(() => broker.stats().connections === 0); // with much to do, a turn later
  });

  it("[L2] handed over twice from inside a hook is refused at once, too", async () => {
    const [theirs, ours] = duplexPair();
    const errors: unknown[] = [];
    const broker = brokerWith();
    broker.on("error", (error) => errors.push(error));
    broker.on("connect", ({ client }) => {
      if (client.clientId !== "A") return;
      broker.handle(ours);
      broker.handle(ours);
    });
    await broker.connectInProcess({ clientId: "A" });
    expect(errors.map(String)).toEqual([expect.stringContaining("stream is served already")]);
    await accepted(theirs, "B");
    expect(broker.stats().connectsAccepted).toBe(2);
  });

  it("[L2] a stream that goes on after its end, or ends twice, is counted once", async () => {
    const [theirs, ours] = duplexPair();
    const broker = brokerWith();
    const ended: unknown[] = [];
    broker.on("disconnect", ({ reason }) => ended.push(reason));
    broker.handle(ours);
    await accepted(theirs, "A");
    for (const event of ["end", "end", "error", "close", "close"]) ours.emit(event, new Error("x"));
    ours.emit("data", encode({ type: PacketType.PINGREQ }));
    ours.emit("data", encode(connectPacket({ clientId: "again" })));
    ours.emit("end");
    expect(ended).toEqual(["connection-lost"]);
    expect(broker.stats()).toMatchObject({ connections: 0, connectsAccepted: 1 });
  });

  it("[L2] a stream that gives something else than bytes is closed, and nobody else", async () => {
    const [theirs, ours] = duplexPair();
    const broker = brokerWith();
    const errors: unknown[] = [];
    broker.on("error", (error) => errors.push(error));
    broker.handle(ours);
    await accepted(theirs, "A");
    ours.emit("data", "text");
    await whenClosed(ours);
    expect(errors.length).toBeGreaterThan(0);
    expect(broker.stats().connections).toBe(0);
    const client = await broker.connectInProcess();
    expect(client.isConnected).toBe(true);
  });

  it("a stream that has ended before is closed", async () => {
    const ended = new PassThrough();
    ended.end();
    ended.resume();
    await once(ended, "end");
    const half = Object.assign(ended, { destroy: ended.destroy.bind(ended) });
    const broker = brokerWith();
    broker.handle(half);
    await expect.poll(() => broker.stats().connections).toBe(0);
  });
});

it("asks a stream for its address only when it is needed", () => {
  const [, ours] = duplexPair();
  expect(addressGiven(ours, {})).toBeUndefined();
  expect(addressGiven(ours, { remoteAddress: "x" })).toBe("x");
  expect(addressGiven(ours, { request: { headers: {} } })).toBe("");
});

describe("[L1] what a hook does to what it is shown", () => {
  it("does not change the message, the Client, or what the next one is shown", async () => {
    const errors: unknown[] = [];
    const change = (shown: object, key: string, value: unknown): boolean => {
      Object.assign(shown, { [key]: value }); // throws where it is frozen
      return true;
    };
    const broker = brokerWith({
      authenticate: (attempt) => {
        expect(() => change(attempt, "clientId", "B")).toThrow(TypeError);
        return true;
      },
      mayPublish: (from, _topicName, message) => {
        expect(() => change(message, "retain", true)).toThrow(TypeError);
        expect(() => change(from, "clientId", "B")).toThrow(TypeError);
        expect(Object.keys(message)).toEqual(["qos", "retain"]);
        return true;
      },
      maySubscribe: (from) => {
        expect(() => change(from, "username", "root")).toThrow(TypeError);
        return true;
      },
    });
    broker.on("error", (error) => errors.push(error));
    broker.on("publish", (told) => {
      expect(() => change(told, "topicName", "other")).toThrow(TypeError);
    });
    const client = await broker.connectInProcess({ clientId: "A" });
    await client.subscribe("t");
    await client.publish({ topicName: "t", payload: "x", qos: 1 });
    expect(errors).toEqual([]);
    expect(broker.stats().retained).toBe(0);
  });

  it("a listener that comes late is shown a Client that is frozen, too", async () => {
    const broker = brokerWith();
    const client = await broker.connectInProcess({ clientId: "A" });
    const seen: boolean[] = [];
    broker.on("disconnect", (told) =>
      seen.push(Object.isFrozen(told), Object.isFrozen(told.client)),
    );
    await client.disconnect();
    expect(seen).toEqual([true, true]);
  });
});

it("is disposed of by `await using`, as its in-process Clients are", async () => {
  const broker = createBroker();
  const client = await broker.connectInProcess({ clientId: "A" });
  await client[Symbol.asyncDispose]();
  expect(client.isConnected).toBe(false);
  await broker[Symbol.asyncDispose]();
  expect(() => broker.publish({ topicName: "t", payload: "" })).toThrow("the broker is closed");
});
