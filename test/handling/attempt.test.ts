import { describe, expect, it } from "vitest";
import { type Answer, type ConnectAttempt, type Packet, PacketType } from "../../src/engine.js";
import { type ConnectOptions, connectPacket, Harness, publishPacket } from "../support/harness.js";
import { wire } from "../support/wire.js";

/** Sends a CONNECT. @returns the return code of its CONNACK; `undefined` without one. */
function codeFor(harness: Harness, options: ConnectOptions | Uint8Array): number | undefined {
  const peer = harness.open();
  peer.send(options instanceof Uint8Array ? options : connectPacket(options));
  const [connack] = peer.packets();
  const code = connack?.type === PacketType.CONNACK ? connack.returnCode : undefined;
  expect(peer.isClosed).toBe(code !== 0);
  return code;
}

describe("what a CONNECT decides by itself", () => {
  it("[M27] [B12] [MQTT-3.1.2-2] other levels of MQTT and MQIsdp: CONNACK 1, close", () => {
    const harness = new Harness();
    for (const level of [0, 3, 5, 6, 255]) {
      const bytes = wire`10 0d 0004 4d515454 ${level} 02 0000 0001 61`;
      expect(codeFor(harness, bytes)).toBe(1);
    }
    expect(codeFor(harness, wire`10 0f 0006 4d5149736470 04 02 0000 0001 61`)).toBe(1);
    expect(harness.broker.stats.violations.get("unacceptable-protocol-level")).toBe(6);
    expect(harness.broker.stats.connectsRefused).toBe(6);
  });

  it("[M27] [B14] [MQTT-3.1.2-1] any other name: close, no CONNACK", () => {
    const harness = new Harness();
    for (const bytes of [
      wire`10 0d 0004 6d717474 04 02 0000 0001 61`,
      wire`10 0e 0005 4d51545400 04 02 0000 0001 61`,
      wire`10 0d ffff 4d515454 04 02 0000 0001 61`,
    ]) {
      expect(codeFor(harness, bytes)).toBeUndefined();
    }
  });

  it("[M27] MQTT 3.1 is spoken too: identifiers of 1 to 23 characters", () => {
    const old = { protocolName: "MQIsdp", protocolLevel: 3 };
    const harness = new Harness();
    expect(codeFor(harness, { ...old, clientId: "x".repeat(23) })).toBe(0);
    expect(codeFor(harness, { ...old, clientId: "\u{1f600}".repeat(23) })).toBe(0);
    expect(codeFor(harness, { ...old, clientId: "x".repeat(24) })).toBe(2);
    expect(codeFor(harness, { ...old, clientId: "" })).toBe(2);
    expect(codeFor(harness, { ...old, clientId: "x".repeat(60_000) })).toBe(2);
    const without = new Harness({ mqtt31: false });
    expect(codeFor(without, { ...old, clientId: "a" })).toBe(1);
  });

  it("[M27] longer identifiers of MQTT 3.1 are accepted where told so, empty ones never", () => {
    const old = { protocolName: "MQIsdp", protocolLevel: 3 };
    const harness = new Harness({
      mqtt31LongIds: true,
      limits: { connectBytesMax: 70_000, clientIdBytesMax: 65_535 },
    });
    expect(codeFor(harness, { ...old, clientId: "x".repeat(24) })).toBe(0);
    expect(codeFor(harness, { ...old, clientId: "x".repeat(65_535) })).toBe(0);
    expect(codeFor(harness, { ...old, clientId: "" })).toBe(2);
  });

  it("[B13] the bridge bit is accepted at both levels, or CONNACK 1 where bridges are not", () => {
    const old = { protocolName: "MQIsdp", protocolLevel: 3, clientId: "b" };
    for (const bridges of [undefined, false] as const) {
      const harness = new Harness(bridges === undefined ? {} : { bridges });
      const code = bridges === undefined ? 0 : 1;
      expect(codeFor(harness, { bridge: true })).toBe(code);
      expect(codeFor(harness, { ...old, bridge: true })).toBe(code);
    }
  });
});

describe("whether an attempt is still wanted", () => {
  /** A CONNECT that waits, with what came behind it in the same chunk. */
  function waiting(...behind: readonly Packet[]) {
    const attempts: ConnectAttempt[] = [];
    const answers: Answer[] = [];
    const harness = new Harness({
      limits: { authenticateTimeoutMs: 1_000 },
      policy: {
        authenticate: (attempt, answer) => {
          attempts.push(attempt);
          answers.push(answer);
        },
      },
    });
    const peer = harness.open();
    peer.send(connectPacket({ clientId: "c" }), ...behind);
    const [attempt] = attempts as [ConnectAttempt];
    const [answer] = answers as [Answer];
    expect(attempt.isWanted()).toBe(true);
    return { harness, peer, attempt, answer };
  }

  it("[M02] no longer when its connection has ended, or the time was up", () => {
    const { peer, harness, attempt } = waiting();
    peer.connection.closed(harness.nowMs);
    expect(attempt.isWanted()).toBe(false);
    const late = waiting();
    late.harness.advance(1_001);
    expect(late.peer.isClosed).toBe(true);
    expect(late.attempt.isWanted()).toBe(false);
  });

  it("[M02] no longer when it has been answered, whatever the answer", () => {
    for (const verdict of [
      { kind: "accepted" },
      { kind: "refused", returnCode: 4 },
      { kind: "closed" },
    ] as const) {
      const { harness, attempt, answer } = waiting();
      answer(verdict, harness.nowMs);
      expect(attempt.isWanted()).toBe(false);
    }
  });

  it("[M02] no longer when its peer has gone, which a paused Link does not tell", () => {
    const { peer, attempt } = waiting();
    expect(peer.link.isPaused).toBe(true);
    peer.link.peerEnded = true;
    expect(attempt.isWanted()).toBe(false);
  });

  it("[MQTT-3.1.4-5] still when its peer has gone and left a message behind CONNECT", () => {
    const { harness, peer, attempt, answer } = waiting(publishPacket("t", "x", { retain: true }));
    peer.link.peerEnded = true;
    expect(attempt.isWanted()).toBe(true);
    answer({ kind: "accepted" }, harness.nowMs);
    expect(harness.broker.gauges.retained).toBe(1);
  });
});
