import { describe, expect, it } from "vitest";
import {
  encode,
  encodeInto,
  PacketType,
  type Subscribe,
  UsageError,
} from "../../../src/codec/index.js";
import { concat } from "../../support/arbitraries.js";
import { wire } from "../../support/wire.js";
import { field, framed, readPacket, verdict } from "../reading.js";

/** A SUBSCRIBE with identifier 10 and these requests. */
function subscribeBytes(...requests: readonly [filter: Uint8Array | string, qos: number][]) {
  const parts = requests.flatMap(([filter, qos]) => [field(filter), Uint8Array.of(qos)]);
  return framed(0x82, concat([wire`000a`, ...parts]));
}

describe("decodeSubscribe", () => {
  it("reads the requests in their order, repeats included", () => {
    const bytes = wire`82 12  fffe  0003 612f23 02  0001 2b 00  0003 612f23 01`;
    expect(readPacket(bytes)).toEqual({
      type: PacketType.SUBSCRIBE,
      packetId: 0xfffe,
      requests: [
        { topicFilter: "a/#", requestedQos: 2 },
        { topicFilter: "+", requestedQos: 0 },
        { topicFilter: "a/#", requestedQos: 1 },
      ],
    });
  });

  it.each(Array.from({ length: 16 }, (_, flags) => flags).filter((flags) => flags !== 2))(
    "[MQTT-3.8.1-1] [MQTT-2.2.2-2] [D01] refuses flags other than 0010: %i",
    (flags) => {
      expect(verdict(Uint8Array.of(0x80 | flags))).toBe("reserved-flags @0");
    },
  );

  it("[MQTT-2.3.1-1] [D02] refuses identifier 0", () => {
    expect(verdict(wire`82 06  0000  0001 61 00`)).toBe("zero-packet-id @2");
  });

  it("[MQTT-3.8.3-3] [D03] refuses a packet without a Topic Filter", () => {
    expect(verdict(wire`82 02  000a`)).toBe("no-topic-filter @4");
  });

  it("[MQTT-3.8.3-3] refuses a packet without an identifier", () => {
    expect(verdict(wire`82 00`)).toBe("truncated @2");
    expect(verdict(wire`82 01  00`)).toBe("truncated @2");
  });

  it.each([1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 255, 256, 1023, 1024])(
    "[MQTT-3.8.3-3] [D04] refuses a filter without its QoS byte in a packet of %i bytes",
    (size) => {
      const filter = "a".repeat(size);
      const bytes = framed(0x82, concat([wire`000a`, field(filter)]));
      expect(verdict(bytes)).toBe(`truncated @${bytes.length}`);
    },
  );

  it("[M27] of MQTT 3.1 does not use the upper six bits beside a requested QoS", () => {
    const reading = { protocolLevel: 3 } as const;
    const bytes = subscribeBytes(["a", 0xfe], ["b", 0x85], ["c", 0x40]);
    expect(readPacket(bytes, reading)).toMatchObject({
      requests: [{ requestedQos: 2 }, { requestedQos: 1 }, { requestedQos: 0 }],
    });
    expect(verdict(subscribeBytes(["a", 0x43]), reading)).toBe("reserved-subscribe-options @7");
  });

  it.each(Array.from({ length: 253 }, (_, index) => index + 3))(
    "[MQTT-3.8.3-4] [D05] refuses requested QoS %i",
    (qos) => {
      expect(verdict(subscribeBytes(["a", qos]))).toBe("reserved-subscribe-options @7");
    },
  );

  it.each([
    ["an empty filter", "", "empty-topic-filter @6"],
    ["U+0000", "a\0", "null-character @7"],
    ["an over-long form", Uint8Array.of(0x61, 0xc0, 0xaf), "ill-formed-utf8 @7"],
  ])("[MQTT-3.8.3-1] [MQTT-4.7.3-1] [MQTT-4.7.3-2] [D06] refuses %s", (_, filter, expected) => {
    expect(verdict(subscribeBytes([filter, 0]))).toBe(expected);
  });

  it.each([
    ["a+", "misplaced-single-level-wildcard @7"],
    ["+a", "misplaced-single-level-wildcard @6"],
    ["a/b+", "misplaced-single-level-wildcard @9"],
    ["a#", "misplaced-multi-level-wildcard @7"],
    ["#/a", "misplaced-multi-level-wildcard @6"],
    ["a/#/b", "misplaced-multi-level-wildcard @8"],
    ["##", "misplaced-multi-level-wildcard @6"],
  ])("[MQTT-4.7.1-2] [MQTT-4.7.1-3] [D07] refuses the filter %s", (filter, expected) => {
    expect(verdict(subscribeBytes([filter, 0]))).toBe(expected);
  });

  it("[MQTT-3.8.3-1] [D08] refuses good filters with a bad one among them as a whole", () => {
    const requests: [string, number][] = [
      ["good", 0],
      ["also/good", 1],
      ["b#d", 1],
      ["good", 2],
    ];
    expect(verdict(subscribeBytes(...requests))).toBe("misplaced-multi-level-wildcard @26");
  });

  it("[MQTT-4.7.3-3] reads a filter of 65,535 bytes", () => {
    const filter = `${"a".repeat(65_533)}/#`;
    const packet = readPacket(subscribeBytes([filter, 1])) as Subscribe;
    expect(packet.requests).toEqual([{ topicFilter: filter, requestedQos: 1 }]);
  });

  it("[M22] [D10] refuses a filter with one level more than allowed, without recursion", () => {
    const levels = (count: number) => "/".repeat(count - 1);
    expect(verdict(subscribeBytes([levels(128), 0]), { topicLevelsMax: 128 })).toBe("reads");
    expect(verdict(subscribeBytes([levels(129), 0]), { topicLevelsMax: 128 })).toBe(
      "too-many-topic-levels @134",
    );
    expect(verdict(subscribeBytes([levels(32_769), 0]))).toBe("reads");
  });

  it("[D09] takes $share filters literally", () => {
    for (const filter of ["$share/ab", "$share//t", "$share/g/", "$share/+/t"]) {
      const packet = readPacket(subscribeBytes([filter, 0])) as Subscribe;
      expect(packet.requests[0]?.topicFilter).toBe(filter);
    }
  });

  it("[D11] reads 10,000 filters in one packet", () => {
    const requests = Array.from({ length: 10_000 }, (_, index): [string, number] => [
      `f/${index}`,
      index % 3,
    ]);
    const packet = readPacket(subscribeBytes(...requests)) as Subscribe;
    expect(packet.requests.map(({ topicFilter }) => topicFilter)).toEqual(
      requests.map(([filter]) => filter),
    );
  });
});

describe("writeSubscribe", () => {
  const plain: Subscribe = {
    type: PacketType.SUBSCRIBE,
    packetId: 10,
    requests: [{ topicFilter: "a/+", requestedQos: 1 }],
  };

  it("[MQTT-3.8.1-1] [MQTT-2.2.2-1] writes the flags 0010", () => {
    expect(encode(plain)).toEqual(wire`82 08  000a  0003 612f2b 01`);
  });

  it.each<[string, unknown, RegExp]>([
    ["[MQTT-2.3.1-1] identifier 0", { ...plain, packetId: 0 }, /^packetId .* 1 to 65535, got 0$/],
    ["identifier 65536", { ...plain, packetId: 65_536 }, /^packetId .* got 65536$/],
    [
      "[MQTT-3.8.3-3] no request",
      { ...plain, requests: [] },
      /^requests must be an array, and not/,
    ],
    ["requests that are no array", { ...plain, requests: "a" }, /^requests must be an array/],
    ["[M04] a request that is none", { ...plain, requests: [undefined] }, /^requests must hold/],
    ["[M04] a request of null", { ...plain, requests: [null] }, /^requests must hold objects$/],
    [
      "QoS 3",
      { ...plain, requests: [{ topicFilter: "a", requestedQos: 3 }] },
      /^requestedQos .* 3/,
    ],
    [
      "[MQTT-4.7.1-2] a#",
      { ...plain, requests: [{ topicFilter: "a#", requestedQos: 0 }] },
      /^topicFilter "a#" cannot be sent: # is not a whole last level/,
    ],
    [
      "[MQTT-4.7.3-3] a filter of 65,536 bytes",
      { ...plain, requests: [{ topicFilter: "a".repeat(65_536), requestedQos: 0 }] },
      /^topicFilter must have at most 65535 bytes, got 65536$/,
    ],
  ])("refuses %s", (_, packet, message) => {
    const into = (it: Subscribe) => encodeInto(it, new Uint8Array(70_000), 0);
    for (const write of [encode, into]) {
      expect(() => write(packet as Subscribe)).toThrow(UsageError);
      expect(() => write(packet as Subscribe)).toThrow(message);
    }
  });
});
