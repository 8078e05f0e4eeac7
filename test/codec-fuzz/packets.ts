import { type Packet, PacketType, type QoS, type Will } from "../../src/codec/index.js";
import type { Random } from "./random.js";

/** Valid packets, made fast: the generative half of the fuzzer. */
export function randomPacket(random: Random): Packet {
  switch (random.below(16)) {
    case 0:
    case 1:
      return randomConnect(random);
    case 2:
      return random.oneIn(2)
        ? { type: PacketType.CONNACK, sessionPresent: random.oneIn(2), returnCode: 0 }
        : {
            type: PacketType.CONNACK,
            sessionPresent: false,
            returnCode: random.pick([1, 2, 3, 4, 5]),
          };
    case 3:
    case 4:
      return {
        type: PacketType.SUBSCRIBE,
        packetId: randomId(random),
        requests: listOf(random, () => ({
          topicFilter: randomFilter(random),
          requestedQos: randomQos(random),
        })),
      };
    case 5:
      return {
        type: PacketType.SUBACK,
        packetId: randomId(random),
        returnCodes: listOf(random, () => random.pick([0, 1, 2, 0x80] as const)),
      };
    case 6:
      return {
        type: PacketType.UNSUBSCRIBE,
        packetId: randomId(random),
        topicFilters: listOf(random, () => randomFilter(random)),
      };
    case 7:
      return {
        type: random.pick([PacketType.PINGREQ, PacketType.PINGRESP, PacketType.DISCONNECT]),
      };
    case 8:
    case 9:
      return { type: random.pick(ACKS), packetId: randomId(random) };
    default:
      return randomPublish(random);
  }
}

const ACKS = [
  PacketType.PUBACK,
  PacketType.PUBREC,
  PacketType.PUBREL,
  PacketType.PUBCOMP,
  PacketType.UNSUBACK,
] as const;

function randomPublish(random: Random): Packet {
  const qos = randomQos(random);
  return {
    type: PacketType.PUBLISH,
    dup: qos > 0 && random.oneIn(4), // [MQTT-3.3.1-2]
    qos,
    retain: random.oneIn(4),
    topicName: randomName(random),
    packetId: qos > 0 ? randomId(random) : 0, // [MQTT-2.3.1-5]
    payload: randomBytes(random),
  };
}

function randomConnect(random: Random): Packet {
  const old = random.oneIn(3);
  const will: Will | undefined = random.oneIn(2)
    ? {
        topicName: randomName(random),
        payload: randomBytes(random),
        qos: randomQos(random),
        retain: random.oneIn(2),
      }
    : undefined;
  const username = random.oneIn(2) ? randomText(random) : undefined;
  return {
    type: PacketType.CONNECT,
    protocolName: old ? "MQIsdp" : "MQTT",
    protocolLevel: old ? 3 : 4,
    bridge: random.oneIn(8),
    cleanSession: random.oneIn(2),
    keepAliveSeconds: random.pick([0, 1, 60, 0xffff]),
    clientId: randomText(random),
    will,
    username,
    password: username !== undefined && random.oneIn(2) ? randomBytes(random) : undefined,
  };
}

function randomQos(random: Random): QoS {
  return random.below(3) as QoS; // 0..2
}

function randomId(random: Random): number {
  return random.oneIn(4) ? random.pick([1, 0xff, 0x100, 0xffff]) : 1 + random.below(0xffff);
}

function randomBytes(random: Random): Uint8Array {
  const bytes = new Uint8Array(random.oneIn(20) ? random.below(300) : random.below(12));
  for (let at = 0; at < bytes.length; at++) bytes[at] = random.next();
  return bytes;
}

function listOf<Element>(random: Random, make: () => Element): Element[] {
  return Array.from({ length: 1 + random.below(3) }, make);
}

/** Pieces of strings: plain ones, and characters of two, three and four bytes at their borders. */
const PIECES = [
  ...["a", "b", "/", "room", "0", "~", " ", "$SYS", "-", "x", "temperature", "A.B"],
  ..."\u00a0\u07ff\u0800\ud7ff\ue000\ufdcf\ufdf0\ufeff\ufffd\u{10000}\u{1fffd}\u{10fffd}éß€𐍈",
];

function randomText(random: Random): string {
  let text = "";
  for (let left = random.below(6); left > 0; left--) text += random.pick(PIECES);
  return text;
}

function randomName(random: Random): string {
  return randomText(random) || "n";
}

function randomFilter(random: Random): string {
  const levels = Array.from({ length: random.below(4) }, () =>
    random.oneIn(2) ? "+" : randomText(random).replaceAll("/", ""),
  );
  levels.push(random.oneIn(2) ? "#" : "last");
  return levels.join("/");
}
