import { describe, expect, it } from "vitest";
import { PacketReader } from "../../src/codec/index.js";
import { DEFAULT_LIMITS } from "../../src/ports/limits.js";
import { BlockPool } from "../../src/ports/outbox.js";
import { Connection, Phase } from "../../src/state/connection.js";
import { deadlineOf, stalledAtMs } from "../../src/state/deadlines.js";
import { StopReason, stopReading } from "../../src/state/reading.js";
import { FakeLink } from "../support/fake-link.js";

const inputs = { receive: () => undefined, drained: () => undefined, closed: () => undefined };

function connection(phase: Phase): Connection {
  const made = new Connection(new FakeLink(), new PacketReader(), new BlockPool(), inputs, 1_000);
  made.phase = phase;
  return made;
}

const never = Number.POSITIVE_INFINITY;

describe("when a connection must be looked at", () => {
  it("[M19] before CONNECT: 10 s after it was opened", () => {
    expect(deadlineOf(DEFAULT_LIMITS, connection(Phase.EXPECTING_CONNECT))).toBe(11_000);
  });

  it("[B17] [M26] while it waits for something outside: when the limit for that is over", () => {
    for (const phase of [Phase.CONNECTING, Phase.ACCEPTED]) {
      const waiting = connection(phase);
      expect(deadlineOf(DEFAULT_LIMITS, waiting)).toBe(never);
      waiting.waiting = { stop: StopReason.HOOK, deadlineMs: 5_000, timeUp: () => undefined };
      expect(deadlineOf(DEFAULT_LIMITS, waiting)).toBe(5_000);
    }
  });

  it("[M18] while it is not read: silence is not its own, stalling is", () => {
    const accepted = connection(Phase.ACCEPTED);
    accepted.keepAliveSeconds = 60;
    stopReading(accepted, StopReason.HELD);
    expect(deadlineOf(DEFAULT_LIMITS, accepted)).toBe(never);
    accepted.blockedSinceMs = 2_000;
    expect(deadlineOf(DEFAULT_LIMITS, accepted)).toBe(62_000);
  });

  it("[M18] [M24] accepted: at the sooner of keep alive and stalling, each of which may be never", () => {
    const accepted = connection(Phase.ACCEPTED);
    expect(deadlineOf(DEFAULT_LIMITS, accepted)).toBe(never);
    accepted.keepAliveSeconds = 60;
    expect(deadlineOf(DEFAULT_LIMITS, accepted)).toBe(91_000);
    accepted.blockedSinceMs = 2_000;
    expect(deadlineOf(DEFAULT_LIMITS, accepted)).toBe(62_000);
    expect(stalledAtMs(DEFAULT_LIMITS, accepted)).toBe(62_000);
    accepted.keepAliveSeconds = 0;
    expect(deadlineOf(DEFAULT_LIMITS, accepted)).toBe(62_000);
  });

  it("accepted for a time: at its end at the latest, also while it is not read", () => {
    const accepted = connection(Phase.ACCEPTED);
    accepted.keepAliveSeconds = 60;
    accepted.expiresAtMs = 50_000;
    expect(deadlineOf(DEFAULT_LIMITS, accepted)).toBe(50_000);
    stopReading(accepted, StopReason.HELD);
    expect(deadlineOf(DEFAULT_LIMITS, accepted)).toBe(50_000);
  });

  it("at its end: never", () => {
    for (const phase of [Phase.DOOMED, Phase.CLOSED]) {
      expect(deadlineOf(DEFAULT_LIMITS, connection(phase))).toBe(never);
    }
  });
});
