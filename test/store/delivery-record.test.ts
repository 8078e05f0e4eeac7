import { describe, expect, it } from "vitest";
import { NOT_STORED } from "../../src/session/delivery.js";
import {
  decodeDelivery,
  decodePayload,
  decodeReferences,
  encodeDelivery,
  encodePayload,
  encodeReferences,
  payloadMissing,
  payloadOf,
} from "../../src/store/delivery-record.js";
import { deliveryKey, ownerKey, Table } from "../../src/store/keys.js";
import { seal } from "../../src/store/seal.js";
import { Times } from "../../src/store/times.js";
import { deliveryOf, messageOf } from "../support/deliveries.js";

const times = new Times(0);
const KEY = deliveryKey(3, 9);

describe("[T5] the record of a delivery whose message is kept once for many", () => {
  it("holds its number alone, and finds it", () => {
    const delivery = deliveryOf(9, { payload: "x".repeat(5_000), qos: 2, packetId: 4 });
    delivery.storedPayload = 77;
    const record = seal(KEY, encodeDelivery(delivery, times));
    expect(record.length).toBeLessThan(32);
    expect(payloadOf(KEY, record)).toBe(77);
    const message = messageOf("found", "it", 2);
    const back = decodeDelivery(KEY, record, times, (payload, qos) => {
      expect([payload, qos]).toEqual([77, 2]);
      return message;
    });
    expect([back.message, back.packetId, back.storedPayload]).toEqual([message, 4, 77]);
  });

  it.each([
    ["kept once for many", 77, "x".repeat(5_000)],
    ["inside the record", NOT_STORED, "x"],
  ])("[M30] names the share it came by, with its message %s", (_, storedPayload, payload) => {
    const delivery = deliveryOf(9, { payload, qos: 2, packetId: 4 });
    delivery.storedPayload = storedPayload;
    delivery.share = "$share/gr\u00fcn/t/#";
    const record = seal(KEY, encodeDelivery(delivery, times));
    const back = decodeDelivery(KEY, record, times, (_, qos) => messageOf("found", payload, qos));
    expect(payloadOf(KEY, record)).toBe(Math.max(0, storedPayload));
    expect([back.share, back.message?.qos, back.message?.payload.length]).toEqual([
      delivery.share,
      2,
      payload.length,
    ]);
  });

  it.each([
    ["kept once for many", 77, "x".repeat(5_000), ""],
    ["inside the record", NOT_STORED, "x", ""],
    ["and by a share", NOT_STORED, "x", "$share/g/t"],
  ])(
    "[P20] keeps where a receipt goes, with its message %s",
    (_, storedPayload, payload, share) => {
      const delivery = deliveryOf(9, { payload, qos: 2, packetId: 4 });
      delivery.storedPayload = storedPayload;
      delivery.share = share;
      delivery.receipt = JSON.stringify(["gr\u00fcn", null, "x".repeat(70_000)]);
      const record = seal(KEY, encodeDelivery(delivery, times));
      const back = decodeDelivery(KEY, record, times, (_, qos) => messageOf("found", payload, qos));
      expect([back.receipt, back.share, back.message?.payload.length]).toEqual([
        ...[delivery.receipt, share, payload.length],
      ]);
      delivery.receipt = { settle: () => undefined };
      const other = seal(KEY, encodeDelivery(delivery, times)); // nobody is there after a restart
      const found = decodeDelivery(KEY, other, times, (_, qos) => messageOf("found", payload, qos));
      expect(found.receipt).toBeUndefined();
    },
  );

  it("[M30] names the share behind PUBREC too, when the message is gone", () => {
    const delivery = deliveryOf(9, { qos: 2, packetId: 4 });
    delivery.message = undefined;
    delivery.share = "$share/g/t";
    const record = seal(KEY, encodeDelivery(delivery, times));
    const back = decodeDelivery(KEY, record, times, () => expect.unreachable());
    expect([back.share, back.message]).toEqual(["$share/g/t", undefined]);
  });

  it("is damaged when the message is not there", () => {
    const delivery = deliveryOf(9);
    delivery.storedPayload = 77;
    const record = seal(KEY, encodeDelivery(delivery, times));
    const find = (payload: number): never => {
      throw payloadMissing(payload);
    };
    expect(() => decodeDelivery(KEY, record, times, find)).toThrow("payload 77 is damaged");
  });

  it("stands beside the message and the count of those who refer to it", () => {
    const key = ownerKey(Table.PAYLOAD, 77);
    const message = messageOf("t/\u00e9", "payload", 1);
    const back = decodePayload(key, seal(key, encodePayload(message)), 1);
    expect([back.topicName, Buffer.from(back.payload).toString()]).toEqual(["t/\u00e9", "payload"]);
    const countKey = ownerKey(Table.REFERENCES, 77);
    const record = seal(countKey, encodeReferences(1_000));
    expect(decodeReferences(countKey, record)).toBe(1_000);
    expect(() => decodeReferences(key, record)).toThrow("reference count 77 is damaged");
  });
});
