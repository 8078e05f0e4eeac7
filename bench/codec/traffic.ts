import mqttPacket from "mqtt-packet";

/** Bytes to be decoded: chunks as a socket would give them, and how many packets they hold. */
export interface Load {
  readonly chunks: readonly Buffer[];
  readonly packetCount: number;
}

/** What mqtt-packet takes to make a packet. */
export type TheirPacket = mqttPacket.Packet;

const TOPIC_COUNT = 50;
const CHUNK_BYTES = 65_536;
/** The largest payload of a TCP segment on Ethernet, time stamps on. */
const SEGMENT_BYTES = 1448;
const CHUNKS_OF_ONE = 256;

/** One of 50 Topic Names of 21 bytes: a device talks about the same few things all day. */
export function topicAt(index: number): string {
  return `fleet/p2p/device-${1000 + (index % TOPIC_COUNT)}`;
}

export function publishAt(index: number, payloadBytes: number, qos: 0 | 1): TheirPacket {
  return {
    cmd: "publish",
    topic: topicAt(index),
    payload: Buffer.alloc(payloadBytes, 0x41 + (index % 26)),
    qos,
    dup: false,
    retain: false,
    ...(qos === 0 ? {} : { messageId: 1 + (index % 65_535) }),
  };
}

export function pubackAt(index: number): TheirPacket {
  return { cmd: "puback", messageId: 1 + (index % 65_535) };
}

/** Every Client Identifier is another one, as it is in life. */
export function connectAt(index: number): TheirPacket {
  return {
    cmd: "connect",
    protocolId: "MQTT",
    protocolVersion: 4,
    clean: true,
    keepalive: 60,
    clientId: `client-${100_000 + index}`,
    username: `user-${index % TOPIC_COUNT}`,
    password: Buffer.from(`secret-${index}`),
  };
}

export function subscribeAt(index: number): TheirPacket {
  return {
    cmd: "subscribe",
    messageId: 1 + (index % 65_535),
    subscriptions: [
      { topic: `${topicAt(index)}/+`, qos: 1 },
      { topic: `${topicAt(index + 1)}/#`, qos: 0 },
    ],
  };
}

/** One chunk of 64 KiB, full of whole packets. */
export function fullChunk(packetAt: (index: number) => TheirPacket): Load {
  const parts: Buffer[] = [];
  let length = 0;
  for (;;) {
    const part = mqttPacket.generate(packetAt(parts.length));
    if (length + part.length > CHUNK_BYTES) break;
    parts.push(part);
    length += part.length;
  }
  return { chunks: [received(Buffer.concat(parts))], packetCount: parts.length };
}

/** One packet a chunk. */
export function onePerChunk(packetAt: (index: number) => TheirPacket): Load {
  const chunks = Array.from({ length: CHUNKS_OF_ONE }, (_, index) =>
    received(mqttPacket.generate(packetAt(index))),
  );
  return { chunks, packetCount: CHUNKS_OF_ONE };
}

/** The same bytes as {@link fullChunk}, cut at every 1,448 bytes. */
export function splitChunks(packetAt: (index: number) => TheirPacket): Load {
  const { chunks, packetCount } = fullChunk(packetAt);
  const pieces = chunks.flatMap((chunk) =>
    Array.from({ length: Math.ceil(chunk.length / SEGMENT_BYTES) }, (_, index) =>
      received(chunk.subarray(index * SEGMENT_BYTES, (index + 1) * SEGMENT_BYTES)),
    ),
  );
  return { chunks: pieces, packetCount };
}

/** A Buffer on memory of its own, as a socket gives it: not a piece of Node's pool. */
function received(bytes: Uint8Array): Buffer {
  const own = Buffer.from(new ArrayBuffer(bytes.length));
  own.set(bytes);
  return own;
}
