import fc from "fast-check";
import {
  type Connect,
  type Packet,
  PacketType,
  type Publish,
  type QoS,
  type Subscribe,
  type Unsubscribe,
  type Will,
} from "../../src/codec/index.js";
import { SubackReturnCode } from "../../src/protocol/return-codes.js";

/** Any of the three levels, §4.3. */
export const qos: fc.Arbitrary<QoS> = fc.constantFrom(0, 1, 2);

/** A Packet Identifier: 1..65535, the borders often. */
export const packetId: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: 1, max: 0xffff }),
  fc.constantFrom(1, 255, 256, 0xffff),
);

/** A payload of up to 300 bytes. */
export const payload: fc.Arbitrary<Uint8Array> = fc.uint8Array({ maxLength: 300 });

/** A character that a strict reader lets pass in any string: no control, no noncharacter. */
const character: fc.Arbitrary<string> = fc
  .oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
    { weight: 1, arbitrary: fc.integer({ min: 0xa0, max: 0x7ff }) },
    { weight: 1, arbitrary: fc.integer({ min: 0x800, max: 0xd7ff }) },
    { weight: 1, arbitrary: fc.integer({ min: 0xe000, max: 0xfdcf }) },
    { weight: 1, arbitrary: fc.integer({ min: 0x10000, max: 0x1fffd }) },
    { weight: 1, arbitrary: fc.constantFrom(0xfeff, 0xfffd, 0x10fffd, 0x7e, 0xa0) },
  )
  .map((point) => String.fromCodePoint(point));

/** A string that a strict reader lets pass, §1.5.3. */
export const text: fc.Arbitrary<string> = fc.string({ unit: character, maxLength: 40 });

/** A topic level without wildcards; may be empty. */
export const level: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 2 }) },
  { weight: 1, arbitrary: text.map((found) => found.replace(/[/+#]/g, "")) },
);

/** A valid Topic Name, few distinct levels so that names and filters meet. §4.7. */
export const topicName: fc.Arbitrary<string> = fc
  .array(level, { minLength: 1, maxLength: 6 })
  .map((levels) => levels.join("/"))
  .filter((name) => name !== "");

/** A valid Topic Filter, with and without wildcards. §4.7.1. */
export const topicFilter: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(fc.oneof(level, fc.constant("+")), { maxLength: 5 }),
    fc.oneof(level, fc.constantFrom("+", "#")),
  )
  .map(([levels, last]) => [...levels, last].join("/"))
  .filter((filter) => filter !== "");

/** A Client Identifier; may be empty, §3.1.3.1. */
export const clientId: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: text },
  { weight: 1, arbitrary: fc.constantFrom("", "__proto__", "constructor", "a/b", "+", "#") },
);

const will: fc.Arbitrary<Will> = fc.record({ topicName, payload, qos, retain: fc.boolean() });

export const connect: fc.Arbitrary<Connect> = fc
  .record({
    version: fc.constantFrom({ name: "MQTT", level: 4 }, { name: "MQIsdp", level: 3 }),
    bridge: fc.boolean(),
    cleanSession: fc.boolean(),
    keepAliveSeconds: fc.integer({ min: 0, max: 0xffff }),
    clientId,
    will: fc.option(will, { nil: undefined }),
    username: fc.option(text, { nil: undefined }),
    password: fc.option(payload, { nil: undefined }),
  })
  .map(({ version, bridge, cleanSession, keepAliveSeconds, username, password, ...rest }) => ({
    type: PacketType.CONNECT,
    protocolName: version.name,
    protocolLevel: version.level,
    bridge,
    cleanSession,
    keepAliveSeconds,
    clientId: rest.clientId,
    will: rest.will,
    username,
    password: username === undefined ? undefined : password, // [MQTT-3.1.2-22]
  }));

export const connack: fc.Arbitrary<Packet> = fc.oneof(
  fc.boolean().map((sessionPresent) => ({
    type: PacketType.CONNACK,
    sessionPresent,
    returnCode: 0 as const,
  })),
  fc.constantFrom(1, 2, 3, 4, 5).map((code) => ({
    type: PacketType.CONNACK,
    sessionPresent: false,
    returnCode: code as 1 | 2 | 3 | 4 | 5,
  })),
);

export const publish: fc.Arbitrary<Publish> = fc
  .record({ dup: fc.boolean(), qos, retain: fc.boolean(), topicName, packetId, payload })
  .map(({ dup, qos: level, retain, topicName: name, packetId: id, payload: bytes }) => ({
    type: PacketType.PUBLISH,
    dup: dup && level > 0, // [MQTT-3.3.1-2]
    qos: level,
    retain,
    topicName: name,
    packetId: level > 0 ? id : 0, // [MQTT-2.3.1-5]
    payload: bytes,
  }));

/** PUBACK, PUBREC, PUBREL, PUBCOMP and UNSUBACK. */
export const ack: fc.Arbitrary<Packet> = fc.record({
  type: fc.constantFrom(
    PacketType.PUBACK,
    PacketType.PUBREC,
    PacketType.PUBREL,
    PacketType.PUBCOMP,
    PacketType.UNSUBACK,
  ),
  packetId,
});

export const subscribe: fc.Arbitrary<Subscribe> = fc.record({
  type: fc.constant(PacketType.SUBSCRIBE),
  packetId,
  requests: fc.array(fc.record({ topicFilter, requestedQos: qos }), { minLength: 1, maxLength: 6 }),
});

export const suback: fc.Arbitrary<Packet> = fc.record({
  type: fc.constant(PacketType.SUBACK),
  packetId,
  returnCodes: fc.array(fc.constantFrom(...Object.values(SubackReturnCode)), {
    minLength: 1,
    maxLength: 8,
  }),
});

export const unsubscribe: fc.Arbitrary<Unsubscribe> = fc.record({
  type: fc.constant(PacketType.UNSUBSCRIBE),
  packetId,
  topicFilters: fc.array(topicFilter, { minLength: 1, maxLength: 6 }),
});

/** PINGREQ, PINGRESP and DISCONNECT. */
export const empty: fc.Arbitrary<Packet> = fc.record({
  type: fc.constantFrom(PacketType.PINGREQ, PacketType.PINGRESP, PacketType.DISCONNECT),
});

/** Any valid Control Packet, every type with a fair chance. */
export const packet: fc.Arbitrary<Packet> = fc.oneof(
  { weight: 2, arbitrary: connect },
  { weight: 1, arbitrary: connack },
  { weight: 4, arbitrary: publish },
  { weight: 3, arbitrary: ack },
  { weight: 2, arbitrary: subscribe },
  { weight: 1, arbitrary: suback },
  { weight: 2, arbitrary: unsubscribe },
  { weight: 1, arbitrary: empty },
);

/** Sizes of chunks: small ones mostly, so that packets and chunks never agree. */
export const chunkSizes: fc.Arbitrary<readonly number[]> = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 400 })),
  { minLength: 1, maxLength: 60 },
);

/** `bytes` cut into chunks of these sizes, used in turn until nothing is left. */
export function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] as number; // sizes is not empty
    chunks.push(bytes.slice(at, at + size));
    at += size;
  }
  return chunks;
}

/** Several byte strings as one. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
