import { describe, expect, it } from "vitest";
import { DeliveryState } from "../../src/session/delivery.js";
import { delivery } from "../support/session-parts.js";

describe("a delivery", () => {
  it("begins queued, without an identifier, and is in no Store", () => {
    expect(delivery()).toMatchObject({
      state: DeliveryState.QUEUED,
      packetId: 0,
      sequence: 0,
      isStored: false,
      receipt: undefined,
      share: "",
      storedPayload: -1,
    });
  });

  it("is stored once its payload has a number, 0 too", () => {
    const stored = delivery();
    stored.storedPayload = 0;
    expect(stored.isStored).toBe(true);
  });

  it("[D2] without its message it has no other owner any more", () => {
    const answered = delivery({ qos: 2 });
    answered.message = undefined;
    expect(() => answered.forAnotherOwner()).toThrow("what is queued has its message");
  });

  it("[MQTT-4.3.3-1] holds the bytes of its message until that is let go of at PUBREC", () => {
    const sent = delivery({ qos: 2, bytes: 100 });
    expect(sent.byteCount).toBe(100);
    sent.message = undefined;
    expect(sent.byteCount).toBe(0);
  });

  it("[P9] is too late from its age on, while it waits; one without an age never is", () => {
    const waiting = delivery({ pointToPoint: true, expiresMs: 100 });
    expect([waiting.isTooLate(99), waiting.isTooLate(100)]).toEqual([false, true]);
    waiting.packetId = 1;
    expect(waiting.isTooLate(100)).toBe(false);
    expect(delivery().isTooLate(1e9)).toBe(false);
  });

  it("[D2] is not recorded under another owner, where it has its place anew", () => {
    const stored = delivery({ pointToPoint: true, expiresMs: 9 });
    Object.assign(stored, { storedPayload: 7, storeTicket: 3, sequence: 5 });
    stored.receipt = { settle: () => undefined };
    const moved = stored.forAnotherOwner();
    expect(moved).toMatchObject({ isStored: false, storeTicket: 0, sequence: 0, packetId: 0 });
    const { message, qos, retain, pointToPoint, expiresMs, receipt } = stored;
    expect(moved).toMatchObject({ message, qos, retain, pointToPoint, expiresMs, receipt });
  });
});
