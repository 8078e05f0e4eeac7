import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { QoS } from "../../src/engine.js";
import { Delivery, type DeliveryState } from "../../src/session/delivery.js";
import {
  DamagedRecordError,
  decodeDelivery,
  decodeInbox,
  decodeJson,
  decodeRetained,
  decodeSession,
  decodeSubscription,
  decodeWill,
  encodeDelivery,
  encodeInbox,
  encodeJson,
  encodeRetained,
  encodeSession,
  encodeSubscription,
  encodeWill,
  Times,
} from "../../src/store/records.js";
import { deliveryOf, messageOf } from "../support/deliveries.js";
import { bytesOf, textOf } from "../support/harness.js";

const times = new Times(1_700_000_000_000);
const qos = fc.constantFrom<QoS[]>(0, 1, 2);
const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 });

describe("records", () => {
  it("of deliveries come back as they were", () => {
    const any = fc.record({
      topicName: text,
      payload: text,
      published: qos,
      granted: qos,
      retain: fc.boolean(),
      pointToPoint: fc.boolean(),
      expiresMs: fc.nat(),
      packetId: fc.integer({ min: 0, max: 65_535 }),
      state: fc.constantFrom<DeliveryState[]>(0, 1, 2),
      sequence: fc.integer({ min: 1, max: 2 ** 47 }),
      share: fc.oneof(fc.constant(""), text),
    });
    fc.assert(
      fc.property(any, (given) => {
        const message = messageOf(given.topicName, given.payload, given.published);
        const delivery = new Delivery(
          message,
          given.granted,
          given.retain,
          given.pointToPoint,
          given.expiresMs,
        );
        delivery.packetId = given.packetId;
        delivery.state = given.state;
        delivery.share = given.share;
        const back = decodeDelivery(encodeDelivery(delivery, times), given.sequence, times);
        expect(back).toMatchObject({
          qos: given.granted,
          retain: given.retain,
          pointToPoint: given.pointToPoint,
          expiresMs: given.expiresMs,
          packetId: given.packetId,
          state: given.state,
          sequence: given.sequence,
          share: given.share,
          isStored: true,
        });
        expect(back.message?.topicName).toBe(given.topicName);
        expect(back.message?.qos).toBe(given.published);
        expect(textOf(back.message?.payload as Uint8Array)).toBe(given.payload);
      }),
    );
  });

  it("[MQTT-4.3.3-1] of a delivery behind PUBREC hold no message", () => {
    const delivery = deliveryOf(5, { qos: 2, packetId: 9 });
    delivery.message = undefined;
    const back = decodeDelivery(encodeDelivery(delivery, times), 5, times);
    expect(back.message).toBeUndefined();
    expect(back.packetId).toBe(9);
  });

  it("of retained messages, Sessions, inboxes, Subscriptions and Wills come back", () => {
    const retained = decodeRetained(encodeRetained(messageOf("a/b", "x", 2)));
    expect([retained.topicName, textOf(retained.payload), retained.qos]).toEqual(["a/b", "x", 2]);
    const session = { key: 7, clientId: "__proto__", username: undefined, offlineSinceMs: 5 };
    expect(decodeSession(encodeSession(session, times), 7, times)).toEqual(session);
    expect(decodeInbox(encodeInbox({ key: 3, clientId: "c" }), 3)).toEqual({
      key: 3,
      clientId: "c",
    });
    expect(decodeSubscription(encodeSubscription("a/+", 1))).toEqual(["a/+", 1]);
    const will = { topicName: "w", payload: bytesOf("\u0000bin"), qos: 1 as const, retain: true };
    const record = { key: 4, clientId: "c", username: "u", senderIsDurable: true, will };
    const back = decodeWill(encodeWill(record), 4);
    expect({ ...back, will: { ...back.will, payload: textOf(back.will.payload) } }).toEqual({
      ...record,
      will: { ...will, payload: "\u0000bin" },
    });
  });

  it("[J10] keep times of day, whatever the engine's clock begins with", () => {
    const record = { key: 1, clientId: "c", username: undefined, offlineSinceMs: 1_000 };
    const nextRun = new Times(1_700_000_060_000);
    expect(decodeSession(encodeSession(record, times), 1, nextRun).offlineSinceMs).toBe(-59_000);
    expect(times.toEngine(times.toStored(0))).toBe(0);
  });

  it("[J06] a single flipped bit is found, with the name of the record", () => {
    const value = encodeDelivery(deliveryOf(12), times);
    for (let bit = 0; bit < value.length * 8; bit += 1) {
      const damaged = value.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(() => decodeDelivery(damaged, 12, times)).toThrow(DamagedRecordError);
    }
    expect(() => decodeDelivery(value.subarray(0, 10), 12, times)).toThrow(
      /delivery 12 is damaged/,
    );
    expect(() => decodeJson(encodeJson({}).subarray(1), "session 3")).toThrow(/session 3/);
  });
});
