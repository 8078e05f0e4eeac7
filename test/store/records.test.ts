import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { QoS } from "../../src/engine.js";
import { Delivery, type DeliveryState } from "../../src/session/delivery.js";
import { authorOf, RetainedMessage } from "../../src/session/retained-message.js";
import { decodeDelivery, encodeDelivery } from "../../src/store/delivery-record.js";
import { deliveryKey, ownerKey, Table } from "../../src/store/keys.js";
import {
  decodeInbox,
  decodeJson,
  decodeRetained,
  decodeSession,
  decodeSubscription,
  decodeWill,
  encodeInbox,
  encodeJson,
  encodeRetained,
  encodeSession,
  encodeSubscription,
  encodeWill,
} from "../../src/store/records.js";
import { DamagedRecordError, seal } from "../../src/store/seal.js";
import { Times } from "../../src/store/times.js";
import { deliveryOf, messageOf } from "../support/deliveries.js";
import { bytesOf, textOf } from "../support/harness.js";

const times = new Times(1_700_000_000_000);
const qos = fc.constantFrom<QoS[]>(0, 1, 2);
const KEY = ownerKey(Table.SESSION, 7);
const nothing = (): never => expect.unreachable();
const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 });

/** What makes a message on `a/b`, with the payload `x`. */
const ofRetained = ["a/b", bytesOf("a/b"), bytesOf("-x-"), 1, 2, 1] as const;

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
        const key = deliveryKey(1, given.sequence);
        const record = seal(key, encodeDelivery(delivery, times));
        const back = decodeDelivery(key, record, times, nothing);
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
    const key = deliveryKey(1, 5);
    const record = seal(key, encodeDelivery(delivery, times));
    const back = decodeDelivery(key, record, times, nothing);
    expect(back.message).toBeUndefined();
    expect(back.packetId).toBe(9);
  });

  it("of retained messages, Sessions, inboxes, Subscriptions and Wills come back", () => {
    const retained = decodeRetained(KEY, seal(KEY, encodeRetained(messageOf("a/b", "x", 2))));
    expect([retained.topicName, textOf(retained.payload), retained.qos]).toEqual(["a/b", "x", 2]);
    const author = {
      ...{ clientId: "c", remoteAddress: "127.0.0.1:1", listener: "door" },
      certificate: { subject: { CN: "c" }, fingerprint256: "3A" },
    };
    const written = new RetainedMessage({ ...author, username: undefined }, ...ofRetained);
    const read = decodeRetained(KEY, seal(KEY, encodeRetained(written)));
    expect([read.topicName, textOf(read.payload), read.qos]).toEqual(["a/b", "x", 1]);
    expect(authorOf(read)).toEqual(author);
    const session = { key: 7, clientId: "__proto__", username: undefined, offlineSinceMs: 5 };
    expect(decodeSession(KEY, seal(KEY, encodeSession(session, times)), times)).toEqual(session);
    const bridge = { ...session, isBridge: true }; // [B13]
    expect(decodeSession(KEY, seal(KEY, encodeSession(bridge, times)), times)).toEqual(bridge);
    const inbox = { key: 7, clientId: "c" };
    expect(decodeInbox(KEY, seal(KEY, encodeInbox(inbox)))).toEqual(inbox);
    expect(decodeSubscription(KEY, seal(KEY, encodeSubscription("a/+", 1)))).toEqual(["a/+", 1]);
    const will = { topicName: "w", payload: bytesOf("\u0000bin"), qos: 1 as const, retain: true };
    const record = {
      key: 7,
      clientId: "c",
      username: "u",
      listener: "l",
      senderIsDurable: true,
      will,
    };
    const back = decodeWill(KEY, seal(KEY, encodeWill(record)));
    expect({ ...back, will: { ...back.will, payload: textOf(back.will.payload) } }).toEqual({
      ...record,
      will: { ...will, payload: "\u0000bin" },
    });
  });

  it("[J10] keep times of day, whatever the engine's clock begins with", () => {
    const record = { key: 1, clientId: "c", username: undefined, offlineSinceMs: 1_000 };
    const nextRun = new Times(1_700_000_060_000);
    const value = seal(KEY, encodeSession(record, times));
    expect(decodeSession(KEY, value, nextRun).offlineSinceMs).toBe(-59_000);
    expect(times.toEngine(times.toStored(0))).toBe(0);
  });

  it("[J06] a single flipped bit is found, in the record or its key, with the name of the record", () => {
    const key = deliveryKey(1, 12);
    const value = seal(key, encodeDelivery(deliveryOf(12), times));
    for (const bytes of [value, key]) {
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(() => decodeDelivery(key, value, times, nothing)).toThrow(DamagedRecordError);
        bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      }
    }
    expect(decodeDelivery(key, value, times, nothing).sequence).toBe(12);
    expect(() => decodeDelivery(key, value.subarray(0, 10), times, nothing)).toThrow(
      /delivery 12 is damaged/,
    );
    const json = seal(KEY, encodeJson({}));
    expect(() => decodeJson(KEY, json.subarray(1), "session 3")).toThrow(/session 3/);
  });
});
