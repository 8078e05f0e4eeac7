import { ourLazyObjects, ourObjects, ourReader, type Run, theirParser } from "./decoders.js";
import {
  ENCODED_COUNT,
  ourEncode,
  ourEncodeInto,
  ourForwarding,
  ourForwardingByReference,
  theirGenerate,
} from "./encoders.js";
import type { Variant } from "./measure.js";
import {
  connectAt,
  fullChunk,
  type Load,
  onePerChunk,
  pubackAt,
  publishAt,
  splitChunks,
  subscribeAt,
  type TheirPacket,
} from "./traffic.js";

/** What is measured together, mqtt-packet first, and the ratio that each of ours is to reach. */
export interface Scenario {
  readonly label: string;
  readonly variants: readonly Variant[];
  /** By label of a variant; those without a goal are there to be seen. */
  readonly goals: Readonly<Record<string, number>>;
}

const OBJECTS = "objects";
const LAZY = "objects, lazy payload";
const IN_PLACE = "in place";
const INTO = "encodeInto a slab";
const FRESH = "encode";
const FORWARD = "forward: copy to a slab";
const REFERENCE = "forward: by reference";

type PacketAt = (index: number) => TheirPacket;

const publish =
  (payloadBytes: number, qos: 0 | 1): PacketAt =>
  (index) =>
    publishAt(index, payloadBytes, qos);

/** The decoders, by how the packets come. The goals are those of objects and of the reader. */
export function decodeScenarios(): Scenario[] {
  return [
    decoding("PUBLISH 16 B, 64 KiB chunks", fullChunk(publish(16, 0)), 20, 45),
    decoding("PUBLISH 100 B, 64 KiB chunks", fullChunk(publish(100, 0)), 20, 45),
    decoding("PUBLISH 1000 B, 64 KiB chunks", fullChunk(publish(1000, 0)), undefined, 45),
    decoding("PUBLISH 16 B QoS 1, 64 KiB chunks", fullChunk(publish(16, 1)), 20, 45),
    decoding("PUBLISH 16 B, one a chunk", onePerChunk(publish(16, 0)), 18, 25),
    decoding("PUBLISH 100 B, one a chunk", onePerChunk(publish(100, 0))),
    decoding("PUBLISH 1000 B, one a chunk", onePerChunk(publish(1000, 0))),
    decoding("PUBLISH 16 B, split at 1448 B", splitChunks(publish(16, 0)), 18),
    decoding("PUBLISH 1000 B, split at 1448 B", splitChunks(publish(1000, 0)), 6),
    decoding("PUBACK, 64 KiB chunks", fullChunk(pubackAt), 80),
    decoding("CONNECT, 64 KiB chunks", fullChunk(connectAt), 15),
    decoding("SUBSCRIBE, 64 KiB chunks", fullChunk(subscribeAt), 14),
  ];
}

/** The encoders, all against `generate`. */
export function encodeScenarios(): Scenario[] {
  return [
    encoding("PUBLISH 16 B", publish(16, 0), { [INTO]: 12, [FRESH]: 6, [FORWARD]: 30 }),
    encoding("PUBLISH 100 B", publish(100, 0), {}),
    encoding("PUBLISH 1000 B", publish(1000, 0), { [INTO]: 12, [FRESH]: 6, [REFERENCE]: 30 }),
    encoding("PUBLISH 16 B QoS 1", publish(16, 1), {}),
    encoding("PUBACK", pubackAt, { [INTO]: 100 }),
    encoding("CONNECT", connectAt, { [INTO]: 14 }),
    encoding("SUBSCRIBE", subscribeAt, { [INTO]: 14 }),
  ];
}

function decoding(label: string, load: Load, objects?: number, inPlace?: number): Scenario {
  const variant = (name: string, decoder: (load: Load) => Run): Variant => ({
    label: name,
    run: decoder(load),
    packetCount: load.packetCount,
  });
  const isPublish = label.startsWith("PUBLISH");
  return {
    label,
    variants: [
      variant("mqtt-packet", theirParser),
      variant(OBJECTS, ourObjects),
      ...(isPublish ? [variant(LAZY, ourLazyObjects)] : []),
      variant(IN_PLACE, ourReader),
    ],
    goals: {
      ...(objects === undefined ? {} : { [isPublish ? LAZY : OBJECTS]: objects }),
      ...(inPlace === undefined ? {} : { [IN_PLACE]: inPlace }),
    },
  };
}

function encoding(
  label: string,
  packetAt: PacketAt,
  goals: Readonly<Record<string, number>>,
): Scenario {
  const variant = (name: string, encoder: (packetAt: PacketAt) => Run): Variant => ({
    label: name,
    run: encoder(packetAt),
    packetCount: ENCODED_COUNT,
  });
  return {
    label,
    variants: [
      variant("mqtt-packet", theirGenerate),
      variant(INTO, ourEncodeInto),
      variant(FRESH, ourEncode),
      ...(label.startsWith("PUBLISH")
        ? [variant(FORWARD, ourForwarding), variant(REFERENCE, ourForwardingByReference)]
        : []),
    ],
    goals,
  };
}
