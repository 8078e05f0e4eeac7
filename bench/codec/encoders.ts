import { encode, encodeInto, type Packet, PacketReader, PacketStream } from "beeline-mqtt/codec";
import { copyBytesByView } from "beeline-mqtt/engine";
import mqttPacket from "mqtt-packet";
import type { Run } from "./decoders.js";
import { fullChunk, type TheirPacket } from "./traffic.js";

const PACKET_COUNT = 200;
const SLAB_BYTES = 65_536;

// All loops here count and use local names alone, as those of an encoder's callers may not: the encoder
// is to be measured. An iterator costs 0.3 ns a packet, a tenth of what a PUBACK does, and what a
// closure or a module holds is looked up and checked anew for each packet.

/** mqtt-packet's `generate`: a fresh Buffer for each packet. */
export function theirGenerate(packetAt: (index: number) => TheirPacket): Run {
  const packets = Array.from({ length: PACKET_COUNT }, (_, index) => packetAt(index));
  const { generate } = mqttPacket;
  let total = 0;
  return () => {
    const list = packets;
    const write = generate;
    let sum = 0;
    for (let index = 0; index < PACKET_COUNT; index++) {
      sum = (sum + write(list[index] as TheirPacket).length) | 0;
    }
    total = (total + sum) | 0;
    return total;
  };
}

/** `encodeInto` one slab, as an outbox does. */
export function ourEncodeInto(packetAt: (index: number) => TheirPacket): Run {
  const packets = ours(packetAt);
  const slab = new Uint8Array(SLAB_BYTES);
  let total = 0;
  return () => {
    const list = packets;
    const target = slab;
    const write = encodeInto;
    let at = 0;
    for (let index = 0; index < PACKET_COUNT; index++) {
      if (at > SLAB_BYTES - 2048) at = 0;
      at = write(list[index] as Packet, target, at);
    }
    total = (total + at) | 0;
    return total;
  };
}

/** `encode`: fresh bytes for each packet. */
export function ourEncode(packetAt: (index: number) => TheirPacket): Run {
  const packets = ours(packetAt);
  let total = 0;
  return () => {
    const list = packets;
    const write = encode;
    let sum = 0;
    for (let index = 0; index < PACKET_COUNT; index++) {
      sum = (sum + write(list[index] as Packet).length) | 0;
    }
    total = (total + sum) | 0;
    return total;
  };
}

/** Received packets copied as they are to a slab, their borders known. */
export function ourForwarding(packetAt: (index: number) => TheirPacket): Run {
  const { chunk, starts, ends } = receivedPackets(packetAt);
  const source = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const slab = new DataView(new ArrayBuffer(SLAB_BYTES));
  let sum = 0;
  return () => {
    let at = 0;
    for (let index = 0; index < PACKET_COUNT; index++) {
      const from = starts[index] as number; // as many as PACKET_COUNT, here and below
      const to = ends[index] as number;
      if (at > SLAB_BYTES - 2048) at = 0;
      copyBytesByView(source, from, to, slab, at);
      at += to - from;
    }
    sum = (sum + at) | 0;
    return sum;
  };
}

/** Received packets handed on by reference: a view each, for `writev`. */
export function ourForwardingByReference(packetAt: (index: number) => TheirPacket): Run {
  const { chunk, starts, ends } = receivedPackets(packetAt);
  const { buffer, byteOffset } = chunk;
  let sum = 0;
  return () => {
    for (let index = 0; index < PACKET_COUNT; index++) {
      const from = starts[index] as number;
      const to = ends[index] as number;
      sum = (sum + new Uint8Array(buffer, byteOffset + from, to - from).length) | 0;
    }
    return sum;
  };
}

/** How many packets one run of an encoder writes. */
export const ENCODED_COUNT = PACKET_COUNT;

/** The same packets as our objects: what our reader makes of their bytes. */
function ours(packetAt: (index: number) => TheirPacket): Packet[] {
  return Array.from({ length: PACKET_COUNT }, (_, index) => {
    const stream = new PacketStream();
    stream.push(mqttPacket.generate(packetAt(index)));
    const packet = stream.next();
    if (packet === undefined) throw new Error("mqtt-packet wrote half a packet");
    return packet;
  });
}

/** Where packets lie in a received chunk: as many as one run asks for, again from the front. */
function receivedPackets(packetAt: (index: number) => TheirPacket) {
  const { chunks } = fullChunk(packetAt);
  const chunk = chunks[0] as Buffer; // fullChunk makes one
  const reader = new PacketReader();
  reader.push(chunk);
  const starts = new Int32Array(PACKET_COUNT);
  const ends = new Int32Array(PACKET_COUNT);
  for (let index = 0; index < PACKET_COUNT; index++) {
    if (!reader.advance()) {
      reader.push(chunk);
      reader.advance();
    }
    starts[index] = reader.start;
    ends[index] = reader.end;
  }
  return { chunk, starts, ends };
}
