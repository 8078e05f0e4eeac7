import { describe, expect, it } from "vitest";
import { BrokerLog } from "../../src/log/broker-log.js";
import type { LogFields, Logger } from "../../src/log/logger.js";
import { DEFAULT_LIMITS } from "../../src/ports/limits.js";
import type { Identity } from "../../src/ports/policy.js";
import { ProtocolError } from "../../src/protocol/errors.js";

const peer = { remoteAddress: "10.0.0.9:5000", listener: "mqtt://127.0.0.1:1883" };
const client: Identity = { clientId: "dev", username: undefined, cleanSession: true, ...peer };
const ended = { sinceMs: -499, packetsReceived: 3, packetsSent: 4 };
const asked = { cleanSession: true, keepAliveSeconds: 60, protocolLevel: 4 };

type Level = keyof Logger;

function logOf(levels: readonly Level[] = ["debug", "info", "warn", "error"]) {
  const lines: [level: Level, message: string, fields: LogFields][] = [];
  const clock = { nowMs: 1 };
  const logger: Logger = Object.fromEntries(
    levels.map((level) => [
      level,
      (message: string, fields: LogFields) => lines.push([level, message, fields]),
    ]),
  );
  const log = new BrokerLog(logger, DEFAULT_LIMITS, () => clock.nowMs);
  return { log, lines, clock, engine: log.engine };
}

/** `level: beginning of the message`. */
function begun(lines: ReturnType<typeof logOf>["lines"]): string[] {
  return lines.map(([level, message]) => `${level}: ${message.split(/ (client|at|127|10)/)[0]}`);
}

describe("BrokerLog", () => {
  it("writes peers' faults as info, our limits as warnings, coming and going as info", () => {
    const { engine, lines } = logOf();
    engine.onConnect?.(client, false, asked);
    engine.onRefuse?.(client, "not-authorized", peer);
    engine.onHangUp?.(client, "violation", new ProtocolError("qos-3"), peer, ended);
    engine.onHangUp?.(client, "violation", new ProtocolError("packet-too-large"), peer, ended);
    engine.onHangUp?.(client, "stalled", undefined, peer, ended);
    engine.onHangUp?.(client, "taken-over", undefined, peer, ended);
    engine.onDrop?.("queue-full", "t", "r", undefined);
    engine.onDrop?.("denied", "t", undefined, client);
    engine.onDeny?.(client, "t", "not-allowed");
    engine.onDisconnect?.(client, "connection-lost", undefined, "10.0.0.9:5000", undefined, ended);
    engine.onSubscribe?.(client, "t/#", 1);
    engine.onUnsubscribe?.(client, "t/#");
    expect(begun(lines)).toEqual([
      "info: connected",
      "info: refused",
      "info: hung up on",
      "warn: hung up on",
      "warn: hung up on",
      "info: hung up on",
      "warn: dropped a message for",
      "info: dropped a message of",
      "info: denied a subscription of",
      "info: disconnected",
      "debug: subscribed",
      "debug: unsubscribed",
    ]);
  });

  it("tells an end once: what was hung up on or refused is not told as a disconnect, too", () => {
    const { engine, lines } = logOf();
    engine.onHangUp?.(client, "kicked", undefined, peer, ended);
    engine.onHangUp?.(client, "keep-alive", undefined, peer, ended);
    engine.onDisconnect?.(client, "violation", new ProtocolError("qos-3"), "x", undefined, ended);
    engine.onDisconnect?.(undefined, "refused", undefined, "x", undefined, ended);
    expect(lines).toEqual([]);
    engine.onDisconnect?.(client, "kicked", undefined, "x", undefined, ended);
    engine.onDisconnect?.(client, "keep-alive", undefined, "x", undefined, ended);
    engine.onDisconnect?.(undefined, "connection-lost", undefined, "10.0.0.9:1", undefined, ended);
    expect(begun(lines)).toEqual([
      ...["info: disconnected", "info: disconnected", "debug: disconnected"],
    ]);
  });

  it("tells that the event loop was late", () => {
    const { log, lines } = logOf();
    log.tick(4_000);
    log.tick(5_400.3);
    expect(lines).toEqual([
      [
        ...([
          "warn",
          "every client had to wait for 5400 ms: the process, or the machine, has too much to do",
        ] as const),
        { durationMs: 5_400 },
      ],
    ]);
  });

  it("tells who is slowed down, and by which bound", () => {
    const lines: [string, LogFields][] = [];
    const warn = (message: string, fields: LogFields): void => void lines.push([message, fields]);
    const limits = { ...DEFAULT_LIMITS, publishesPerSecondMax: 10, publishBytesPerSecondMax: 20 };
    new BrokerLog({ warn }, limits, () => 1).engine.onSlowDown?.(client);
    expect(lines[0]?.[0]).toMatch(
      /^slowed down client .*: it publishes more than 10 messages or 20 bytes a second$/,
    );
    expect(lines[0]?.[1]).toMatchObject({ option: "limits.publishesPerSecondMax", limit: 10 });
  });

  it.each([
    [["error"], []],
    [
      ["error", "warn"],
      ["onHangUp", "onDrop", "onSlowDown"],
    ],
    [
      ["error", "warn", "info"],
      ["onRefuse", "onDeny", "onConnect", "onHangUp", "onDrop", "onSlowDown", "onDisconnect"],
    ],
    [
      ["error", "warn", "info", "debug"],
      [
        ...(["onRefuse", "onDeny", "onConnect", "onHangUp", "onDrop"] as const),
        ...(["onSlowDown", "onDisconnect", "onSubscribe", "onUnsubscribe"] as const),
      ],
    ],
  ] as const)("has the engine tell no more than is wanted: %s", (levels, members) => {
    expect(Object.keys(logOf(levels).engine)).toEqual(members);
  });

  it("writes nothing of a level that is not wanted", () => {
    const { engine, lines } = logOf(["warn"]);
    engine.onHangUp?.(client, "violation", new ProtocolError("qos-3"), peer, ended);
    engine.onDrop?.("denied", "t", undefined, client);
    engine.onDrop?.("queue-full", "t", "r", undefined);
    expect(begun(lines)).toEqual(["warn: dropped a message for"]);
  });

  it("[I14] a flood costs a bounded number of lines a second, and a line that counts the others", () => {
    const { log, engine, lines, clock } = logOf();
    for (let second = 0; second < 3; second += 1) {
      for (let index = 0; index < 5_000; index += 1) {
        engine.onRefuse?.({ clientId: `c${index}`, username: undefined }, "not-authorized", peer);
        engine.onHangUp?.(undefined, "violation", new ProtocolError("qos-3"), peer, ended);
        engine.onDrop?.("unknown", "t/p2p/x", `r${index}`, client);
      }
      clock.nowMs += 1_000;
      log.tick();
    }
    const seconds = 4; // the last one has begun
    expect(lines.length).toBeLessThanOrEqual(seconds * (3 * 20 + 1));
    const counted = lines.filter(([, message]) => message.startsWith("left out"));
    expect(counted).toHaveLength(3);
    expect(counted[0]?.[1]).toMatch(
      /^left out \d+ more lines: 4980 refused, 4980 hung up, \d+ dropped \(limits\.logLinesPerSecondMax is 20\)$/,
    );
    expect(counted[0]?.[2].count).toBeGreaterThan(9_960);
    log.end();
    const told = lines.filter(([, message]) => message.startsWith("left out"));
    expect(log.linesLeftOut).toBe(told.reduce((sum, [, , { count = 0 }]) => sum + count, 0));
  });

  it("[I14] takes as many lines as limits.logLinesPerSecondMax says, of coming and going more", () => {
    const limits = { ...DEFAULT_LIMITS, logLinesPerSecondMax: 2 };
    const lines: string[] = [];
    const say = (message: string): void => void lines.push(message.slice(0, 9));
    const log = new BrokerLog({ info: say, debug: say }, limits, () => 1);
    const flood = (): void => {
      for (let index = 0; index < 60; index += 1) {
        log.engine.onRefuse?.({ clientId: "c", username: undefined }, "not-authorized", peer);
        log.engine.onConnect?.(client, false, asked);
      }
    };
    flood();
    expect(lines.filter((line) => line === "refused c")).toHaveLength(2);
    expect(lines.filter((line) => line === "connected")).toHaveLength(50);
    expect(log.linesLeftOut).toBe(58 + 10);
    limits.logLinesPerSecondMax = 3; // as a reload does
    flood();
    expect(lines.filter((line) => line === "refused c")).toHaveLength(3);
  });

  it("counts drops together, by reason and client, and tells the rest at the end", () => {
    const { log, engine, lines, clock } = logOf();
    for (let index = 0; index < 100_000; index += 1) {
      engine.onDrop?.("slow-receiver", "t", "r", undefined);
      if (index % 50_000 === 0) {
        clock.nowMs += 1_000;
        log.tick();
      }
    }
    log.end();
    const counts = lines.map(([, , { count }]) => count ?? 0);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(100_000);
    expect(lines.length).toBeLessThanOrEqual(4);
  });

  it("[J04] says that the store fails, not again for each try, and that it works again", () => {
    const { log, lines } = logOf();
    for (let index = 0; index < 50; index += 1) log.storeFailed(new Error("no space left"));
    log.storeRecovered(50);
    expect(lines.map(([level, message]) => [level, message])).toEqual([
      ["error", "the store cannot be written to, and is tried again: no space left"],
      ["info", "the store can be written to again, after 50 failed commits"],
    ]);
  });

  it("writes errors on our side, and what a transport turned away", () => {
    const { log, lines } = logOf();
    log.error(new TypeError("bad"));
    log.turnedAway(peer, "refused", "no such path", "no-websocket");
    expect(lines.map(([level, message]) => [level, message])).toEqual([
      ["error", "TypeError: bad"],
      ["info", "refused 10.0.0.9:5000 on mqtt://127.0.0.1:1883: no such path"],
    ]);
  });

  it("[M06] goes on without a line when the logger throws", () => {
    const logger: Logger = {
      info: () => {
        throw new Error("disk full");
      },
    };
    const { engine } = new BrokerLog(logger, DEFAULT_LIMITS, () => 1);
    expect(() => engine.onRefuse?.(client, "not-authorized", peer)).not.toThrow();
  });
});
