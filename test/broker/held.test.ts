import { describe, expect, it } from "vitest";
import { Held, HeldSuback } from "../../src/broker/held.js";
import { PacketType } from "../../src/engine.js";
import { delivery } from "../support/session-parts.js";

describe("what waits for the Store", () => {
  it("[M26] [MQTT-4.6.0-2] comes out in the order it went in, as far as it is durable", () => {
    const held = new Held();
    const suback = new HeldSuback({ type: PacketType.SUBACK, packetId: 1, returnCodes: [0] }, [
      { topicFilter: "t", requestedQos: 0 },
    ]);
    const waiting = delivery({ qos: 2 });
    held.push(1, 0x400001);
    held.push(1, waiting);
    held.push(2, suback);
    expect([held.length, held.deliveryCount]).toEqual([3, 1]);
    expect(held.shift(0)).toBeUndefined();
    expect(held.shift(1)).toBe(0x400001);
    expect(held.shift(1)).toBe(waiting);
    expect(held.deliveryCount).toBe(0);
    expect(held.shift(1)).toBeUndefined();
    expect(held.shift(2)).toBe(suback);
    expect([held.length, held.shift(9)]).toEqual([0, undefined]);
    held.push(3, 7);
    expect(held.shift(3)).toBe(7);
  });
});
