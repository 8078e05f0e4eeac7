import { viewOf } from "../../src/codec/bytes/bytes.js";
import type { CurrentPacket } from "../../src/codec/frame/current-packet.js";
import {
  type Packet,
  PacketReader,
  type PacketReaderOptions,
  PacketType,
  ProtocolError,
  type Publish,
} from "../../src/codec/index.js";

/** The packets in `bytes`, all of them whole. */
export function readPackets(bytes: Uint8Array, options: PacketReaderOptions = {}): Packet[] {
  const reader = new PacketReader(options);
  reader.push(bytes);
  const packets: Packet[] = [];
  while (reader.advance()) packets.push(reader.packet());
  if (reader.bufferedBytes > 0) throw new Error(`${reader.bufferedBytes} bytes are left over`);
  return packets;
}

/** The one packet in `bytes`. */
export function readPacket(bytes: Uint8Array, options: PacketReaderOptions = {}): Packet {
  const [packet, ...more] = readPackets(bytes, options);
  if (packet === undefined || more.length > 0) throw new Error("not exactly one packet");
  return packet;
}

/**
 * How a reader takes `bytes`: `"code @offset"` when it refuses them, `"waits"` when it needs more,
 * `"reads"` when they are whole packets. Bytes that hold a violation get the same answer in one
 * chunk and byte by byte: anything else fails the test.
 */
export function verdict(bytes: Uint8Array, options: PacketReaderOptions = {}): string {
  const whole = verdictOf([bytes], options);
  const dribbled = verdictOf(
    Array.from(bytes, (byte) => Uint8Array.of(byte)),
    options,
  );
  if (whole !== dribbled) throw new Error(`in one chunk: ${whole}, byte by byte: ${dribbled}`);
  return whole;
}

function verdictOf(chunks: readonly Uint8Array[], options: PacketReaderOptions): string {
  const reader = new PacketReader(options);
  try {
    for (const chunk of chunks) {
      reader.push(chunk);
      while (reader.advance());
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return `${error.code} @${error.at}`;
  }
  return reader.bufferedBytes > 0 ? "waits" : "reads";
}

/** The fields a reader would have for the packet that lies at `bytes[start..end)`. */
export function packetIn(
  bytes: Uint8Array,
  start: number,
  bodyAt: number,
  end: number,
): CurrentPacket {
  return {
    ...{ id: 0, bytes, start, bodyAt, end, view: undefined },
    viewOf: (from, to) => viewOf(bytes, from, to),
    ...{ flags: 0, dup: false, qos: 0, retain: false, packetId: 0 },
    ...{ topicAt: 0, topicEnd: 0, topicHash: 0, payloadAt: 0 },
  };
}

/** A whole packet around a body, its Remaining Length in shortest form. */
export function framed(firstByte: number, body: Uint8Array): Uint8Array {
  const length: number[] = [];
  let left = body.length;
  do {
    length.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
    left >>>= 7;
  } while (left > 0);
  return Uint8Array.from([firstByte, ...length, ...body]);
}

/** A length-prefixed field around bytes that need not be text. */
export function field(bytes: Uint8Array | string): Uint8Array {
  const content = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  return Uint8Array.from([content.length >> 8, content.length & 0xff, ...content]);
}

/** A PUBLISH at QoS 1, whose payload is 0, 1, 2, ... */
export function publish(payloadLength: number, topicName = "a/b"): Publish {
  return {
    type: PacketType.PUBLISH,
    dup: false,
    qos: 1,
    retain: true,
    topicName,
    packetId: 0x0102,
    payload: new Uint8Array(payloadLength).map((_, index) => index),
  };
}
