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
    });
  });

  it("[MQTT-4.3.3-1] holds the bytes of its message until that is let go of at PUBREC", () => {
    const sent = delivery({ qos: 2, bytes: 100 });
    expect(sent.byteCount).toBe(100);
    sent.message = undefined;
    expect(sent.byteCount).toBe(0);
  });
});
