import { UsageError } from "../protocol/errors.js";
import type { Packet, QoS } from "../protocol/packet.js";
import { PacketType } from "../protocol/packet-type.js";
import { viewOf } from "./bytes/bytes.js";
import { ChunkReader } from "./chunk-reader.js";
import { decodeRare, type RarePacket } from "./decode.js";
import { ByteReader } from "./frame/byte-reader.js";
import { finishAt, type PacketPlace, packetIdAt } from "./frame/current-packet.js";
import { PACKET_BYTES_MAX } from "./frame/remaining-length.js";
import { SpanningPacket } from "./frame/spanning-packet.js";
import { FilterList, isFilterList } from "./layout/filter-list.js";
import { publishObject, readPublish } from "./layout/publish.js";
import { LazyPublish } from "./lazy-publish.js";
import { STRICT_TEXT } from "./text/text-check.js";

/** A bit for each type that holds a Packet Identifier and nothing else: one look for five types. */
const ACKS =
  (1 << PacketType.PUBACK) |
  (1 << PacketType.PUBREC) |
  (1 << PacketType.PUBREL) |
  (1 << PacketType.PUBCOMP) |
  (1 << PacketType.UNSUBACK);
/** A bit for each type that ends with its fixed header. */
const EMPTY = (1 << PacketType.PINGREQ) | (1 << PacketType.PINGRESP) | (1 << PacketType.DISCONNECT);

type Types = typeof PacketType;
type AckType = Types["PUBACK" | "PUBREC" | "PUBREL" | "PUBCOMP" | "UNSUBACK"];
type EmptyType = Types["PINGREQ" | "PINGRESP" | "DISCONNECT"];

/**
 * A view costs as much as reading a few packets: it is made for a chunk that seems to hold more
 * than this many, judging by the size of the one at hand.
 */
const VIEW_PACKETS_MIN = 6;

/**
 * Reads packets where they lie in the received chunks: `push` chunks, `advance` to the next whole
 * packet, read the fields. The one decoder of this library: `PacketStream` stands on it.
 *
 *     reader.push(chunk);
 *     while (reader.advance()) {
 *       if (reader.type === PacketType.PUBLISH) route(reader.bytes, reader.topicAt, …);
 *       else onPacket(reader.packet());
 *     }
 *
 * `advance` validates each packet completely. Nothing is copied but a packet that spans chunks, and
 * nothing is allocated for PUBLISH, acknowledgements and the three empty packets until `packet`
 * asks for an object. The fields hold until the next `advance` or `push`. Once `advance` has
 * returned false the reader refers to no chunk any more.
 *
 * Memory: the chunks pushed and not yet read, and for a packet that spans chunks at most twice
 * what came of it (or 2 KiB), never the length it declares.
 *
 * After a violation the stream stays failed: nothing behind it is read.
 */
export class PacketReader extends ChunkReader {
  /** DUP of a PUBLISH; without meaning for other packets, as the next two. */
  get dup(): boolean {
    return (this.flags & 0x08) !== 0;
  }

  get qos(): QoS {
    return ((this.flags >> 1) & 3) as QoS; // 3 was refused with the first byte
  }

  get retain(): boolean {
    return (this.flags & 0x01) !== 0;
  }

  /**
   * A view of {@link bytes} for loads of four bytes, with the same offsets; `undefined` where it
   * would not pay: in short chunks, for the first packet of a chunk and for spanning packets.
   */
  get view(): DataView | undefined {
    return this.bytes === this.chunk ? this.chunkView : undefined;
  }

  /** A view of `bytes[from..to)`: made here it costs less than elsewhere. */
  viewOf(from: number, to: number): Uint8Array {
    const { bytes } = this;
    if (bytes !== this.chunk) return viewOf(bytes, from, to);
    if (this.chunkBuffer === undefined) {
      this.chunkBuffer = bytes.buffer;
      this.chunkOffset = bytes.byteOffset;
    }
    return new Uint8Array(this.chunkBuffer, this.chunkOffset + from, to - from);
  }

  /**
   * Moves to the next whole packet; false when more bytes are needed for it. O(its length).
   *
   * @throws {@link ProtocolError} with the offset from the packet's first byte: what is wrong with
   *   the first byte as soon as it is there, `packet-too-large` as soon as the Remaining Length is
   *   (where only CONNECT may come first, as soon as its Client Identifier's length is, if that
   *   alone makes it too large: at that offset); `stream-failed` ever after.
   */
  advance(): boolean {
    const chunk = this.chunk;
    const at = this.at;
    const limit = this.limit;
    // `=== true`, here and below: a caller that this becomes a part of need not ask what came back.
    if (limit - at < 2) return this.advanceAcross() === true;
    // In bounds, here and below: there are two bytes at least, and three where three are read.
    const first = chunk[at] as number;
    let bodyAt = at + 2;
    let remainingLength = chunk[at + 1] as number;
    if (remainingLength >= 0x80) {
      const high = bodyAt < limit ? (chunk[bodyAt++] as number) : 0;
      // Of three bytes, padded or cut off: more than there is, so that it is left to others.
      remainingLength = high > 0 && high < 0x80 ? remainingLength + (high << 7) - 0x80 : limit;
    }
    const end = bodyAt + remainingLength;
    if (end > limit || end - at > this.packetBytesMax || this.firstBytes[first] !== 0) {
      return this.advanceAcross() === true;
    }
    this.at = end;
    this.moveTo(first, chunk, at, bodyAt, end);
    // An acknowledgement that is in order, without a call: as an object 0.9 of the CPU time.
    if (remainingLength === 2 && ((1 << (first >> 4)) & ACKS) !== 0) {
      const packetId = ((chunk[bodyAt] as number) << 8) | (chunk[bodyAt + 1] as number);
      this.packetId = packetId;
      if (packetId !== 0) return true; // [MQTT-2.3.1-1]
    }
    try {
      this.read();
    } catch (error) {
      this.fail();
      throw error;
    }
    return true;
  }

  /**
   * The current packet as an object. A PUBLISH's payload and a CONNECT's password and Will payload
   * are views of {@link bytes}: copy what is to be kept, or it keeps the whole chunk in memory. With
   * the option `lazyPayload` a PUBLISH is none until its payload is asked for.
   *
   * @throws {@link UsageError} when there is no current packet.
   */
  packet(): Packet {
    const { type } = this;
    if (type === PacketType.PUBLISH) {
      if (this.settings.lazyPayload) return LazyPublish.of(this);
      this.isHandedOut = true;
      return publishObject(this);
    }
    if (((1 << type) & ACKS) !== 0) return { type: type as AckType, packetId: this.packetId };
    return this.#otherPacket();
  }

  /**
   * The payload of the current packet, for the object that `packet` made of it.
   *
   * @throws {@link UsageError} when that is not the packet with this {@link serial}.
   */
  payloadOf(serial: number): Uint8Array {
    if (this.serial !== serial || this.type === 0) {
      throw new UsageError("lazyPayload: ask for payload before the next packet is read");
    }
    this.isHandedOut = true;
    return this.viewOf(this.payloadAt, this.end);
  }

  #otherPacket(): Packet {
    const { type } = this;
    if (((1 << type) & EMPTY) !== 0) return { type: type as EmptyType };
    const { rare } = this;
    if (type !== 0) return rare instanceof FilterList ? this.#wholeOf(rare) : (rare as RarePacket); // decoded by read
    throw new UsageError("there is no packet: advance() must have returned true");
  }

  /**
   * The filters of the current packet, to be decoded in steps; `undefined` where they are decoded
   * already. The list is the caller's, and outlives the packet. See `lazyListBytes`.
   */
  filterList(): FilterList | undefined {
    const { rare, type } = this; // rare may be that of an earlier packet
    return type !== 0 && isFilterList(type) && rare instanceof FilterList ? rare : undefined;
  }

  #wholeOf(list: FilterList): Packet {
    try {
      while (!list.next(PACKET_BYTES_MAX));
    } catch (error) {
      this.fail();
      throw error;
    }
    this.rare = list.packet();
    return this.rare;
  }

  protected override read(): void {
    const type = this.type as PacketType;
    if (type === PacketType.PUBLISH) {
      readPublish(this, this.#viewToScan(), this.settings.rules);
      return;
    }
    if (((1 << type) & ACKS) !== 0) {
      this.packetId = packetIdAt(this, this.bodyAt);
      finishAt(this, this.bodyAt + 2);
    } else {
      this.#readOther(type);
    }
  }

  #readOther(type: PacketType): void {
    if (((1 << type) & EMPTY) !== 0) {
      this.packetId = 0;
      finishAt(this, this.bodyAt);
    } else {
      this.#readRare(type as RarePacket["type"]);
    }
  }

  /** The chunk's view, made when it is likely to pay. */
  #viewToScan(): DataView | undefined {
    const { bytes, start, end } = this;
    if (bytes !== this.chunk) return undefined;
    if (this.chunkView === undefined && this.limit - start > VIEW_PACKETS_MIN * (end - start)) {
      this.chunkView = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    return this.chunkView;
  }

  #readRare(type: RarePacket["type"]): void {
    this.#viewToScan();
    const { rules, mqtt31FirstBytes, laterFirstBytes } = this.settings;
    // For a CONNECT: whether it may be one of MQTT 3.1, which nothing is behind one of level 4. For
    // others: whether one of MQTT 3.1 came before.
    const mayBeOld = type === PacketType.CONNECT && this.firstBytes !== laterFirstBytes;
    const mqtt31 =
      mqtt31FirstBytes !== undefined && (mayBeOld || this.firstBytes === mqtt31FirstBytes);
    if (isFilterList(type) && this.end - this.bodyAt > this.settings.lazyListBytes) {
      this.#leaveList(type, mqtt31);
      return;
    }
    const packet = decodeRare(type, this.flags, new ByteReader(this, rules), mqtt31);
    this.rare = packet;
    this.isHandedOut = true;
    this.packetId = "packetId" in packet ? packet.packetId : 0;
    if (packet.type === PacketType.CONNECT) {
      const isOld = packet.protocolLevel === 3 && mqtt31FirstBytes !== undefined;
      this.firstBytes = isOld ? mqtt31FirstBytes : laterFirstBytes;
    }
  }

  /** What lies in a chunk may be written over before the list is whole; what spans chunks has bytes of its own. */
  #leaveList(type: FilterList["type"], mqtt31: boolean): void {
    const { bytes, start, bodyAt, end } = this;
    const from = bytes === this.chunk ? start : 0;
    const own = bytes === this.chunk ? new Uint8Array(bytes.subarray(start, end)) : bytes;
    const place: PacketPlace = {
      bytes: own,
      view: undefined,
      start: start - from,
      bodyAt: bodyAt - from,
      end: end - from,
      viewOf: (at, to) => viewOf(own, at, to),
    };
    const list = new FilterList(type, new ByteReader(place, this.settings.rules), mqtt31);
    this.rare = list;
    this.isHandedOut = true;
    this.packetId = list.packetId;
  }
}

const idle = new PacketReader();

/**
 * One of each class whose objects come and go: V8 drops the shape of a class with its last object,
 * and then all code that was compiled for it, at each full collection. Nobody asks for them: the
 * module holds them.
 *
 * @public
 */
export const KEPT = [
  LazyPublish.of(idle),
  new SpanningPacket(0, 0),
  new ByteReader(idle, STRICT_TEXT),
];
