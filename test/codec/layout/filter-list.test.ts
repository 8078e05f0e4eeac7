import { describe, expect, it } from "vitest";
import { encode, PacketReader, PacketType, ProtocolError } from "../../../src/codec/index.js";
import { concat, cut } from "../../support/arbitraries.js";
import { subscribePacket } from "../../support/harness.js";
import { wire } from "../../support/wire.js";
import { publish } from "../reading.js";

const FILTERS = Array.from({ length: 40 }, (_, at) => `filter/${at}/+/ä/#`);
const SUBSCRIBE = subscribePacket(...FILTERS);
const UNSUBSCRIBE = {
  type: PacketType.UNSUBSCRIBE,
  packetId: 7,
  topicFilters: FILTERS,
} as const;

/** A reader at a packet that came in chunks of this size. */
function at(bytes: Uint8Array, chunkBytes = bytes.length, lazyListBytes = 16): PacketReader {
  const reader = new PacketReader({ lazyListBytes });
  for (let from = 0; from < bytes.length; from += chunkBytes) {
    reader.push(bytes.subarray(from, from + chunkBytes));
  }
  expect(reader.advance()).toBe(true);
  return reader;
}

describe.each([
  ["SUBSCRIBE", SUBSCRIBE],
  ["UNSUBSCRIBE", UNSUBSCRIBE],
] as const)("a %s with lazyListBytes", (_, packet) => {
  it.each([
    ["in one chunk", undefined],
    ["across chunks", 50],
  ])(
    "[MQTT-3.8.3-1] [MQTT-3.10.3-1] is decoded in steps, or whole when it is asked for, %s",
    (_where, chunkBytes) => {
      const bytes = encode(packet);
      const reader = at(bytes, chunkBytes);
      expect(reader.packetId).toBe(packet.packetId);
      const list = reader.filterList();
      let steps = 1;
      while (list?.next(100) === false) steps += 1;
      expect(list?.packet()).toEqual(packet);
      expect(steps).toBeGreaterThan(5);
      expect(at(bytes, chunkBytes).packet()).toEqual(packet);
    },
  );

  it("[T2] decodes a filter at least, and no more than were asked for", () => {
    const list = at(encode(packet)).filterList();
    const size = packet === SUBSCRIBE ? 18 : 17; // of each filter, with its length and its QoS
    const before = list?.left ?? 0;
    expect(list?.next(0)).toBe(false);
    expect([list?.count, list?.left]).toEqual([1, before - size]);
    list?.next(30); // less than two
    expect([list?.count, list?.left]).toEqual([3, before - 3 * size]);
    expect(Object.values(list?.packet() ?? {}).find(Array.isArray)).toHaveLength(3);
  });

  it("keeps bytes of its own: what came may be written over, and packets behind it are read", () => {
    const chunk = new Uint8Array([0xd0, 0, ...encode(packet), 0xc0, 0]);
    const reader = at(chunk); // at the PINGRESP
    expect(reader.advance()).toBe(true);
    const list = reader.filterList();
    expect(reader.advance()).toBe(true);
    expect(reader.type).toBe(PacketType.PINGREQ);
    expect(reader.filterList()).toBeUndefined();
    expect(reader.advance()).toBe(false);
    chunk.fill(0xff);
    while (list?.next(64) === false);
    expect(list?.packet()).toEqual(packet);
  });

  it("keeps the place it was put together in, whatever is put together behind it", () => {
    const bytes = encode(packet);
    const reader = at(bytes, 50);
    const list = reader.filterList();
    for (const piece of cut(encode(publish(bytes.length)), [50])) {
      reader.push(piece);
      reader.advance();
    }
    expect(reader.type).toBe(PacketType.PUBLISH);
    while (list?.next(64) === false);
    expect(list?.packet()).toEqual(packet);
  });

  it("is decoded at once where it has no more bytes than that", () => {
    const bytes = encode(packet);
    const body = bytes.length - 3; // two bytes of Remaining Length
    expect(at(bytes, undefined, body).filterList()).toBeUndefined();
    expect(at(bytes, undefined, body - 1).filterList()).toBeDefined();
  });
});

describe("a bad list with lazyListBytes", () => {
  const lazy = (bytes: Uint8Array): PacketReader => {
    const reader = new PacketReader({ lazyListBytes: 0 });
    reader.push(concat([wire`c0 00`, bytes]));
    reader.advance(); // so that the list does not begin with its chunk
    return reader;
  };
  const refusal = (call: () => unknown): ProtocolError => {
    try {
      call();
    } catch (error) {
      return error as ProtocolError; // whatever it is, it is looked at
    }
    throw new Error("it was not refused");
  };

  it.each([
    ["no-topic-filter", wire`82 02 0001`],
    ["zero-packet-id", wire`a2 05 0000 0001 61`],
    ["truncated", wire`82 01 00`],
  ])("[MQTT-3.8.3-3] %s is refused by advance", (code, bytes) => {
    expect(refusal(() => lazy(bytes).advance())).toMatchObject({ code });
  });

  it.each([
    ["reserved-subscribe-options", wire`82 0a 0001 0001 61 00 0001 62 03`, 11],
    ["misplaced-multi-level-wildcard", wire`a2 09 0001 0001 61 0002 6123`, 10],
    ["truncated", wire`82 08 0001 0001 61 00 0001`, 8],
  ])(
    "[MQTT-3.8.3-4] %s behind a good one is refused when it is reached, at the byte a whole decoder names, and the stream with it",
    (code, bytes, offset) => {
      const whole = new PacketReader();
      whole.push(bytes);
      expect(refusal(() => whole.advance())).toMatchObject({ code, at: offset });
      const steps = lazy(bytes);
      steps.advance();
      const list = steps.filterList();
      expect(list?.next(1)).toBe(false);
      expect(refusal(() => list?.next(1))).toMatchObject({ code, at: offset });
      const reader = lazy(bytes);
      reader.advance();
      expect(refusal(() => reader.packet())).toMatchObject({ code, at: offset });
      expect(refusal(() => reader.advance())).toMatchObject({ code: "stream-failed" });
      expect(refusal(() => reader.push(bytes))).toBeInstanceOf(ProtocolError);
    },
  );
});
