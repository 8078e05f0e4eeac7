import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../src/ports/limits.js";
import { Session } from "../../src/session/session.js";
import { delivery, Pages } from "../support/session-parts.js";

describe("a Session", () => {
  it("[MQTT-3.1.3-2] [MQTT-4.1.0-1] begins with nothing but its key, and nobody connected", () => {
    const session = new Session<object>("a", true, "u", DEFAULT_LIMITS);
    expect(session).toMatchObject({
      clientId: "a",
      cleanSession: true,
      username: "u",
      storeKey: 0,
      connection: undefined,
      claimant: undefined,
      isBridge: false,
    });
    expect(session.subscriptions.size).toBe(0);
    expect(session.inbound.size).toBe(0);
    expect(session.outbound.inFlightCount).toBe(0);
  });

  it.each([
    [false, false, true],
    [true, false, false],
    [false, true, false],
    [true, true, false],
  ])(
    "[M33] of a bridge (%s) or on its way (%s) is ordinary: %s",
    (isBridge, isMoving, isOrdinary) => {
      const session = new Session<object>("a", true, "u", DEFAULT_LIMITS);
      session.isBridge = isBridge;
      session.isMoving = isMoving;
      expect(session).toMatchObject({ isBridge, isMoving, isOrdinary });
      session.isMoving = !isMoving;
      session.isBridge = !isBridge;
      expect(session.isOrdinary).toBe(isBridge && isMoving);
      session.isBridge = isBridge;
      session.isMoving = isMoving;
      expect(session.isOrdinary).toBe(isOrdinary);
    },
  );

  it("[M16] [E11] has the bounds it was given", () => {
    const limits = { ...DEFAULT_LIMITS, inFlightMax: 1, inboundInFlightMax: 1 };
    const session = new Session<object>("a", false, undefined, limits);
    const begun = delivery();
    session.outbound.admit(begun);
    session.outbound.begin(begun);
    expect(session.outbound.hasRoom).toBe(false);
    session.inbound.receive(1);
    expect(() => session.inbound.receive(2)).toThrow("too many QoS 2 messages");
  });

  it("[MQTT-3.8.4-3] [S9] has Subscriptions once it subscribes, and none again", () => {
    const session = new Session<object>("a", true, undefined, DEFAULT_LIMITS);
    const other = new Session<object>("b", true, undefined, DEFAULT_LIMITS);
    expect(session.unsubscribe("a/b")).toBe(false);
    session.subscribe("a/b", 1);
    session.subscribe("a/b", 2);
    session.subscribe("c", 0);
    expect(session.unsubscribe("c")).toBe(true);
    expect(session.unsubscribe("c")).toBe(false);
    expect([...session.subscriptions]).toEqual([["a/b", 2]]);
    expect(other.subscriptions.size).toBe(0);
    expect([...session.unsubscribeAll()]).toEqual([["a/b", 2]]);
    expect(session.subscriptions.size).toBe(0);
  });

  it("keeps its deliveries in the pages it was given", () => {
    const pages = new Pages();
    const kept = delivery();
    kept.sequence = 1;
    pages.put(kept);
    const session = new Session<object>("a", false, undefined, DEFAULT_LIMITS, 7, pages);
    expect(session.storeKey).toBe(7);
    session.outbound.restore();
    session.outbound.tally();
    expect(session.outbound.queuedCount).toBe(1);
  });
});
