import { setFlagsFromString } from "node:v8";
import { describe, expect, it, vi } from "vitest";
import type { Identity } from "../../src/engine.js";
import { Events } from "../../src/library/events.js";
import { BrokerLog } from "../../src/log/broker-log.js";
import type { LogLine } from "../../src/log/logger.js";
import { DEFAULT_LIMITS } from "../../src/ports/limits.js";
import { ProtocolError } from "../../src/protocol/errors.js";

const client: Identity = {
  clientId: "A",
  username: undefined,
  remoteAddress: "x",
  cleanSession: true,
};
const ENDED = { sinceMs: 1, packetsReceived: 2, packetsSent: 3 };
const asked = { cleanSession: true, keepAliveSeconds: 60, protocolLevel: 4 };
const present = { number: 255, sinceMs: 1, keepAliveSeconds: 60, protocolLevel: 4 };
const presence = {
  clientId: "A",
  clientIp: "x",
  client,
  channelId: expect.stringMatching(/^[0-9a-f]{20}0000000000ff$/),
  time: expect.any(Number),
  connectedAtMs: expect.any(Number),
  keepAliveSeconds: 60,
  protocolLevel: 4,
};
const from = { remoteAddress: "x", listener: "mqtt://x:1" };

/** What the engine calls. */
function calledOf({ engine }: Events): readonly string[] {
  return Object.entries(engine).flatMap(([name, call]) => (call === undefined ? [] : [name]));
}

describe("Events", () => {
  it("tells each listener of an event in the order they were added", () => {
    const events = new Events(() => 1);
    const heard: unknown[] = [];
    events.on("connect", (event) => heard.push(["first", event]));
    events.on("connect", (event) => heard.push(["second", event]));
    events.engine.onConnect?.(client, true, asked);
    const event = { client, sessionPresent: true, ...asked };
    expect(heard).toEqual([
      ["first", event],
      ["second", event],
    ]);
  });

  it("has the engine tell what the log wants now, and listeners all the same", () => {
    const logger: { info?: LogLine; debug?: LogLine; warn?: LogLine } = {};
    const lines: string[] = [];
    const line: LogLine = (message) => lines.push(message);
    const events = new Events(() => 1, new BrokerLog(logger, DEFAULT_LIMITS, () => 1));
    const heard: unknown[] = [];
    events.on("connect", (event) => heard.push(event));
    expect(calledOf(events)).toEqual(["onConnect", "onInternalError"]);
    Object.assign(logger, { info: line, debug: line, warn: line });
    events.logChanged();
    expect(events.engine).toMatchObject({
      onSlowDown: expect.any(Function),
      onHangUp: expect.any(Function),
      onSubscribe: expect.any(Function),
    });
    events.engine.onConnect?.(client, true, asked);
    expect(lines).toHaveLength(1);
    for (const level of ["info", "debug", "warn"] as const) delete logger[level];
    events.logChanged();
    events.engine.onConnect?.(client, true, asked);
    expect(lines).toHaveLength(1);
    expect(heard).toHaveLength(2);
    expect(calledOf(events)).toEqual(["onConnect", "onInternalError"]);
  });

  it("keeps its shape whatever is listened to and logged: the engine looks at it for each message", () => {
    setFlagsFromString("--allow-natives-syntax");
    const isFast = new Function("o", "return %HasFastProperties(o)") as (o: object) => boolean;
    expect(isFast({})).toBe(true);
    const logger: { info?: LogLine; debug?: LogLine } = { info: () => undefined };
    const events = new Events(() => 1, new BrokerLog(logger, DEFAULT_LIMITS, () => 1));
    const shape = Object.keys(events.engine);
    const listener = (): void => undefined;
    for (const event of ["drop", "publish", "subscribe"] as const) events.on(event, listener);
    events.logChanged();
    Object.assign(logger, { debug: listener });
    events.logChanged();
    for (const level of ["info", "debug"] as const) delete logger[level];
    events.logChanged();
    for (const event of ["drop", "publish", "subscribe"] as const) events.off(event, listener);
    expect(isFast(events.engine)).toBe(true);
    expect(Object.keys(events.engine)).toEqual(shape);
    expect(calledOf(events)).toEqual(["onInternalError"]);
  });

  it("names every field of every event", () => {
    const events = new Events(() => 1);
    const heard: unknown[] = [];
    for (const event of [
      "refused",
      "disconnect",
      "presence",
      "publish",
      "drop",
      "subscribe",
      "denied",
      "unsubscribe",
      "store",
      "error",
    ] as const) {
      events.on(event, (told) => heard.push(told));
    }
    const failed = new Error("no room");
    const violation = new ProtocolError("qos-3");
    const payload = Uint8Array.of(1);
    events.engine.onRefuse?.({ clientId: "A", username: "u" }, "bad-credentials", from);
    events.engine.onRefuse?.(undefined, "closed-unanswered", from);
    events.engine.onDisconnect?.(client, "violation", violation, "x", "mqtt://x:1", ENDED);
    events.engine.onDisconnect?.(client, "stalled", undefined, "x", undefined, ENDED);
    events.engine.onArrive?.(client, present);
    events.engine.onLeave?.(client, present, "disconnected");
    events.engine.onLeave?.(client, present, "stalled");
    events.engine.onPublish?.(undefined, "t", payload, 1, true);
    events.engine.onDrop?.("denied", "t", "B", client);
    events.engine.onSubscribe?.(client, "t/#", 2);
    events.engine.onDeny?.(client, "t/#", "full");
    events.engine.onUnsubscribe?.(client, "t/#");
    events.storeFailed(failed, 1);
    events.storeRecovered(1);
    expect(heard).toEqual([
      {
        clientId: "A",
        username: "u",
        reason: "bad-credentials",
        returnCode: 4,
        message: "the user name or the password is wrong [§3.2.2.3]",
        ...from,
      },
      {
        clientId: undefined,
        username: undefined,
        reason: "closed-unanswered",
        returnCode: undefined,
        message: "it was turned away without an answer [MQTT-3.2.2-6]",
        ...from,
      },
      { client, reason: "violation", violation, message: violation.message, ...from },
      {
        client,
        reason: "stalled",
        violation: undefined,
        message: "it did not take what was sent to it in time",
        remoteAddress: "x",
        listener: undefined,
      },
      { ...presence, eventType: "connect", reason: undefined },
      { ...presence, eventType: "disconnect", reason: "disconnected" },
      { ...presence, eventType: "tcpclean", reason: "disconnected" },
      { ...presence, eventType: "tcpclean", reason: "stalled" },
      { from: undefined, topicName: "t", payload, qos: 1, retain: true },
      {
        reason: "denied",
        topicName: "t",
        receiverId: "B",
        from: client,
        message: "the sender is not allowed to publish there",
      },
      { client, topicFilter: "t/#", grantedQos: 2 },
      {
        client,
        topicFilter: "t/#",
        reason: "full",
        message: "all clients together have as many subscriptions as they may have",
      },
      { client, topicFilter: "t/#" },
      { state: "failing", error: failed, failures: 1 },
      failed,
      { state: "recovered", error: undefined, failures: 1 },
    ]);
  });

  it("costs the engine nothing while nobody listens", () => {
    const events = new Events(() => 1);
    const listener = (): void => undefined;
    for (const event of [
      "connect",
      "refused",
      "disconnect",
      "presence",
      "publish",
      "drop",
      "subscribe",
      "denied",
      "unsubscribe",
      "store",
      "error",
    ] as const) {
      events.on(event, listener);
      events.off(event, listener);
    }
    expect(calledOf(events)).toEqual(["onInternalError"]);
  });

  it("keeps the others when one is taken away, and minds none that is not there", () => {
    const events = new Events(() => 1);
    const heard: string[] = [];
    const first = (): unknown => heard.push("first");
    events.on("connect", first);
    events.on("connect", () => heard.push("second"));
    events.off("connect", first);
    events.off("connect", first);
    events.engine.onConnect?.(client, false, asked);
    expect(heard).toEqual(["second"]);
  });

  it("lets a listener take itself away while it is called", () => {
    const events = new Events(() => 1);
    const heard: string[] = [];
    const once = (): void => {
      events.off("connect", once);
      heard.push("once");
    };
    events.on("connect", once);
    events.on("connect", () => heard.push("always"));
    events.engine.onConnect?.(client, false, asked);
    events.engine.onConnect?.(client, false, asked);
    expect(heard).toEqual(["once", "always", "always"]);
  });

  it("[M06] goes on behind a listener that throws, and tells the error listeners", () => {
    const events = new Events(() => 1);
    const errors: unknown[] = [];
    const heard: string[] = [];
    events.on("error", (error) => errors.push(error));
    events.on("publish", () => {
      throw new Error("bad listener");
    });
    events.on("publish", ({ topicName }) => heard.push(topicName));
    events.engine.onPublish?.(client, "t", new Uint8Array(0), 0, false);
    expect(heard).toEqual(["t"]);
    expect(errors).toEqual([new Error("bad listener")]);
  });

  it("tells bugs of the engine as errors", () => {
    const events = new Events(() => 1);
    const errors: unknown[] = [];
    events.on("error", (error) => errors.push(error));
    events.engine.onInternalError?.(new Error("bug"), "x");
    expect(errors).toEqual([new Error("bug")]);
  });

  it("[I14] warns at most once a minute about errors nobody listens to", () => {
    const warn = vi.spyOn(process, "emitWarning").mockReturnValue();
    let nowMs = 1;
    const events = new Events(() => nowMs);
    events.error(new Error("first"));
    events.error(new Error("second"));
    nowMs += 59_999;
    events.error("third");
    nowMs += 1;
    events.error("fourth");
    expect(warn.mock.calls).toEqual([[new Error("first")], [new Error("fourth")]]);
    warn.mockRestore();
  });

  it("[M06] only warns about an error listener that throws", () => {
    const warn = vi.spyOn(process, "emitWarning").mockReturnValue();
    const events = new Events(() => 1);
    events.on("error", () => {
      throw new Error("worse");
    });
    events.error(new Error("bad"));
    expect(warn.mock.calls).toEqual([[new Error("worse")]]);
    warn.mockRestore();
  });

  it("says which events there are, and that a listener is a function", () => {
    const events = new Events(() => 1);
    const wrong = "message" as "publish"; // on purpose
    expect(() => events.on(wrong, () => undefined)).toThrow(
      'event is "message"; allowed: connect, refused, disconnect, presence, publish, drop, subscribe, denied, unsubscribe, store, error',
    );
    expect(() => events.off("constructor" as "publish", () => undefined)).toThrow(/constructor/);
    expect(() => events.on("publish", 3 as never)).toThrow("listener is 3; allowed: a function");
  });
});
