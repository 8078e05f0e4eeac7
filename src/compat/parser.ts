import { EventEmitter } from "node:events";
import { PacketReader, type PacketReaderOptions, ProtocolError } from "../codec/index.js";
import { errorText } from "./error-text.js";
import { decodeForeignConnect } from "./foreign-connect.js";
import { connectObject, header, type PacketObject, packetObject } from "./packet-objects.js";
import { IMPOSSIBLE, packetSize, UNKNOWN } from "./packet-size.js";
import type { Parser } from "./packet-types.js";
import { UnfinishedPacket } from "./unfinished-packet.js";
import { refuseVersion5, type VersionOptions } from "./versions.js";

/**
 * As strict as the codec, but for what the standard only advises against: control characters, which
 * `mqtt-packet` passes on and devices in the field may use. §1.5.3. It has one rule for the flags of
 * all versions: that of 3.1.1.
 */
const READING: PacketReaderOptions = { controlCharacters: "accept", protocolLevel: 4 };

/**
 * A parser with the interface of `mqtt-packet`: `packet` and `error` events, and `parse`.
 *
 * @param options - Usually a CONNECT packet, or a client's options.
 * @throws UsageError when the options ask for MQTT 5.
 */
export function parser(options?: VersionOptions | null): Parser {
  refuseVersion5(options);
  return new PacketParser(options ?? {});
}

/**
 * Finds the borders of the packets itself and gives the codec's reader whole packets only, so that
 * it knows, when one is refused, which bytes to explain.
 */
class PacketParser extends EventEmitter implements Parser {
  /** The options; behind a CONNECT, that packet. */
  settings: VersionOptions;
  /** What ended the reading, until the next `parse` begins anew. */
  error: Error | null = null;

  #reader = new PacketReader(READING);
  /** Whole packets that the reader has been given. */
  #chunk: Buffer = NOTHING;
  /** Where in it the next one begins. */
  #at = 0;
  readonly #unfinished = new UnfinishedPacket();
  #waiting: Buffer[] = [];
  #isReading = false;
  #isDeaf = false;
  #leftAfterError = 0;

  constructor(settings: VersionOptions) {
    super();
    this.settings = settings;
  }

  /**
   * Takes received bytes and emits every packet they complete, synchronously. After an `error` the
   * bytes received before are dropped and reading begins anew.
   *
   * @returns How many bytes wait for the rest of a packet, without its fixed header.
   */
  parse(buffer: Buffer | Uint8Array | string): number {
    if (this.error !== null) this.#reset();
    this.#waiting.push(bufferOf(buffer));
    if (!this.#isReading) this.#readAll();
    return this.#bytesLeft();
  }

  /** A listener may throw or call `parse`: what is read stays behind, what is not stays ahead. */
  #readAll(): void {
    this.#isReading = true;
    try {
      while (this.#readNext() || this.#takeWaiting());
    } finally {
      this.#isReading = false;
    }
  }

  /** Emits the next packet of the chunk; false when there is none, or after an error. */
  #readNext(): boolean {
    let packet: PacketObject;
    try {
      if (!this.#reader.advance()) {
        this.#chunk = NOTHING; // else an idle connection would keep it in memory
        return false;
      }
      packet = packetObject(this.#reader, this.settings);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return this.#explain(error);
    }
    this.#at = this.#reader.end;
    if (packet.cmd === "connect") this.settings = packet;
    this.emit("packet", packet);
    return this.error === null;
  }

  /** Gives the reader the whole packets of the next chunk and keeps the rest. */
  #takeWaiting(): boolean {
    const chunk = this.#waiting[0];
    if (chunk === undefined || this.error !== null) return false;
    this.#waiting.shift();
    if (this.#isDeaf) return true;
    if (this.#unfinished.length > 0) {
      this.#finish(chunk);
      return true;
    }
    const end = endOfWholePackets(chunk);
    if (end < chunk.length) this.#unfinished.append(chunk, end, chunk.length);
    this.#give(end === chunk.length ? chunk : chunk.subarray(0, end));
    return true;
  }

  /** Adds to the unfinished packet what belongs to it; the rest of the chunk waits again. */
  #finish(chunk: Buffer): void {
    const unfinished = this.#unfinished;
    let at = 0;
    let size = packetSize(unfinished.bytes, 0, unfinished.length);
    while (size === UNKNOWN && at < chunk.length) {
      unfinished.append(chunk, at, ++at);
      size = packetSize(unfinished.bytes, 0, unfinished.length);
    }
    if (size === UNKNOWN) return;
    if (size !== IMPOSSIBLE) {
      const to = Math.min(chunk.length, at + size - unfinished.length);
      unfinished.append(chunk, at, to);
      at = to;
    }
    if (at < chunk.length) this.#waiting.unshift(chunk.subarray(at));
    if (unfinished.length >= size) this.#give(unfinished.take());
  }

  #give(packets: Buffer): void {
    this.#chunk = packets;
    this.#at = 0;
    this.#reader.push(packets);
  }

  /**
   * Finds out about a packet that the codec refused: what `mqtt-packet` leaves to the broker or to
   * the client goes out after all, for everything else there is an `error` event.
   */
  #explain(error: ProtocolError): boolean {
    const rest = this.#chunk.subarray(this.#at);
    const size = packetSize(rest, 0, rest.length);
    const packet = size > 0 ? rest.subarray(0, size) : rest;
    const bodyAt = size > 0 ? bodyOffset(packet) : 0;
    let cause = error;
    try {
      const foreign = foreignPacket(error, packet, bodyAt);
      if (foreign !== undefined) return this.#emitForeign(foreign, rest.subarray(size));
    } catch (found) {
      if (!(found instanceof ProtocolError)) throw found;
      cause = found;
    }
    const consumed = size === IMPOSSIBLE && isMalformedLength(cause) ? 1 : bodyAt;
    this.#leftAfterError = rest.length - consumed + this.#unfinished.length;
    this.error = new Error(errorText(cause, packet, bodyAt, this.settings), { cause });
    this.emit("error", this.error);
    return false;
  }

  #emitForeign(packet: PacketObject, rest: Buffer): boolean {
    this.#reader = new PacketReader(READING);
    this.#give(rest);
    if (packet.cmd === "connect") this.settings = packet;
    // Behind a CONNECT of MQTT 5 comes MQTT 5: nobody reads it while the broker says code 1.
    if (this.settings.protocolVersion === 5) this.#reset(true);
    this.emit("packet", packet);
    return this.error === null;
  }

  #reset(isDeaf = false): void {
    this.error = null;
    this.#reader = new PacketReader(READING);
    this.#chunk = NOTHING;
    this.#at = 0;
    this.#waiting = [];
    this.#unfinished.take();
    this.#isDeaf = isDeaf;
    this.#leftAfterError = 0;
  }

  #bytesLeft(): number {
    if (this.error !== null) return this.#leftAfterError;
    const { bytes, length } = this.#unfinished;
    if (length === 0) return 0;
    return length - (packetSize(bytes, 0, length) === UNKNOWN ? 1 : bodyOffset(bytes));
  }
}

const NOTHING = Buffer.alloc(0);

/** Where in `chunk` its last whole packet ends; its end, when the reader is to say what is wrong. */
function endOfWholePackets(chunk: Buffer): number {
  let at = 0;
  for (;;) {
    const size = packetSize(chunk, at, chunk.length);
    if (size === IMPOSSIBLE) return chunk.length;
    if (size === UNKNOWN || size > chunk.length - at) return at;
    at += size;
  }
}

/** Where the variable header begins; the Remaining Length is well-formed. */
function bodyOffset(packet: Buffer): number {
  let at = 1;
  while ((packet[at] as number) >= 0x80) at++; // in bounds: a well-formed length ends
  return at + 1;
}

function isMalformedLength({ code }: ProtocolError): boolean {
  return code === "malformed-remaining-length";
}

/** A packet that the codec refuses and `mqtt-packet` leaves to those who get it. */
function foreignPacket(
  { code }: ProtocolError,
  packet: Buffer,
  bodyAt: number,
): PacketObject | undefined {
  const length = packet.length - bodyAt;
  if (code === "unacceptable-protocol-level") {
    const connect = decodeForeignConnect(packet, bodyAt);
    return connect === undefined ? undefined : connectObject(connect, length);
  }
  // Without a Session: a refusal has none to report. [MQTT-3.2.2-4]
  if (code === "reserved-connack-code" && length === 2 && packet[bodyAt] === 0) {
    const returnCode = packet.readUInt8(bodyAt + 1);
    return { ...header("connack", 0, length), sessionPresent: false, returnCode };
  }
  return undefined;
}

function bufferOf(bytes: Buffer | Uint8Array | string): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes;
  if (typeof bytes === "string") return Buffer.from(bytes);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
