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

/** What is measured together: mqtt-packet, and ours against it, one by one. */
export interface Scenario {
  readonly label: string;
  readonly theirs: () => Variant;
  readonly ours: readonly Contender[];
}

export interface Contender {
  readonly label: string;
  /** How many times the packets of mqtt-packet it is to handle; undefined: there to be seen. */
  readonly goal: number | undefined;
  readonly start: () => Variant;
}

/** What both libraries are called in the figures of one pair. */
export const THEIRS = "mqtt-packet";

type PacketAt = (index: number) => TheirPacket;

const publish =
  (payloadBytes: number, qos: 0 | 1): PacketAt =>
  (index) =>
    publishAt(index, payloadBytes, qos);

interface DecodingGoals {
  readonly objects?: number;
  readonly lazy?: number;
  readonly inPlace?: number;
}

/** The decoders, by how the packets come. */
export const DECODING: readonly Scenario[] = [
  decoding("PUBLISH 16 B, 64 KiB chunks", () => fullChunk(publish(16, 0)), {
    ...{ lazy: 20, inPlace: 45 },
  }),
  decoding("PUBLISH 100 B, 64 KiB chunks", () => fullChunk(publish(100, 0)), {
    ...{ lazy: 20, inPlace: 45 },
  }),
  decoding("PUBLISH 1000 B, 64 KiB chunks", () => fullChunk(publish(1000, 0)), { inPlace: 45 }),
  decoding("PUBLISH 16 B QoS 1, 64 KiB chunks", () => fullChunk(publish(16, 1)), {
    ...{ lazy: 20, inPlace: 45 },
  }),
  decoding("PUBLISH 16 B, one a chunk", () => onePerChunk(publish(16, 0)), {
    ...{ lazy: 18, inPlace: 25 },
  }),
  decoding("PUBLISH 100 B, one a chunk", () => onePerChunk(publish(100, 0))),
  decoding("PUBLISH 1000 B, one a chunk", () => onePerChunk(publish(1000, 0))),
  decoding("PUBLISH 16 B, split at 1448 B", () => splitChunks(publish(16, 0)), {
    ...{ lazy: 18, inPlace: 18 },
  }),
  decoding("PUBLISH 1000 B, split at 1448 B", () => splitChunks(publish(1000, 0)), {
    ...{ lazy: 6, inPlace: 6 },
  }),
  decoding("PUBACK, 64 KiB chunks", () => fullChunk(pubackAt), { objects: 80, inPlace: 80 }),
  decoding("CONNECT, 64 KiB chunks", () => fullChunk(connectAt), { objects: 15 }),
  decoding("SUBSCRIBE, 64 KiB chunks", () => fullChunk(subscribeAt), { objects: 14 }),
];

interface EncodingGoals {
  readonly into?: number;
  readonly fresh?: number;
  readonly copied?: number;
  readonly byReference?: number;
}

/** The encoders, all against `generate`. */
export const ENCODING: readonly Scenario[] = [
  encoding("PUBLISH 16 B", publish(16, 0), { into: 12, fresh: 6, copied: 30 }),
  encoding("PUBLISH 100 B", publish(100, 0)),
  encoding("PUBLISH 1000 B", publish(1000, 0), { into: 12, byReference: 30 }),
  encoding("PUBLISH 16 B QoS 1", publish(16, 1), { fresh: 6 }),
  encoding("PUBACK", pubackAt, { into: 100 }),
  encoding("CONNECT", connectAt, { into: 14 }),
  encoding("SUBSCRIBE", subscribeAt, { into: 14 }),
];

function decoding(label: string, load: () => Load, goals: DecodingGoals = {}): Scenario {
  const variant = (name: string, decoder: (load: Load) => Run): Variant => {
    const traffic = load();
    return { label: name, run: decoder(traffic), packetCount: traffic.packetCount };
  };
  const contender = (name: string, goal: number | undefined, decoder: (load: Load) => Run) => ({
    label: name,
    goal,
    start: () => variant(name, decoder),
  });
  const lazy = contender("objects, lazy payload", goals.lazy, ourLazyObjects);
  return {
    label,
    theirs: () => variant(THEIRS, theirParser),
    ours: [
      contender("objects", goals.objects, ourObjects),
      ...(label.startsWith("PUBLISH") ? [lazy] : []),
      contender("in place", goals.inPlace, ourReader),
    ],
  };
}

function encoding(label: string, packetAt: PacketAt, goals: EncodingGoals = {}): Scenario {
  const variant = (name: string, encoder: (packetAt: PacketAt) => Run): Variant => ({
    label: name,
    run: encoder(packetAt),
    packetCount: ENCODED_COUNT,
  });
  const contender = (
    name: string,
    goal: number | undefined,
    encoder: (packetAt: PacketAt) => Run,
  ) => ({ label: name, goal, start: () => variant(name, encoder) });
  const forwarding = [
    contender("forward: copy to a slab", goals.copied, ourForwarding),
    contender("forward: by reference", goals.byReference, ourForwardingByReference),
  ];
  return {
    label,
    theirs: () => variant(THEIRS, theirGenerate),
    ours: [
      contender("encodeInto a slab", goals.into, ourEncodeInto),
      contender("encode", goals.fresh, ourEncode),
      ...(label.startsWith("PUBLISH") ? forwarding : []),
    ],
  };
}
