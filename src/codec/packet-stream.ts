import type { Packet } from "../protocol/packet.js";
import { PacketReader } from "./packet-reader.js";
import type { PacketReaderOptions } from "./reader-options.js";

/**
 * Received chunks in, whole packets out:
 *
 *     stream.push(chunk);
 *     for (let packet = stream.next(); packet !== undefined; packet = stream.next()) …
 *
 * Where a chunk begins or ends means nothing. [MQTT-6.0.0-2]
 *
 * A thin layer of objects over `PacketReader`, which decides what is valid.
 */
export class PacketStream {
  readonly #reader: PacketReader;

  constructor(options: PacketReaderOptions = {}) {
    this.#reader = new PacketReader(options);
  }

  /** Bytes received that are not part of a packet `next` has returned. */
  get bufferedBytes(): number {
    return this.#reader.bufferedBytes;
  }

  /**
   * Takes a received chunk, by reference: it must not change as long as packets are read from it
   * or their payloads are in use.
   *
   * @throws {@link ProtocolError} `stream-failed` after a violation.
   */
  push(chunk: Uint8Array): void {
    this.#reader.push(chunk);
  }

  /**
   * The next whole packet, or `undefined` when more bytes are needed for it. Payloads are views of
   * the chunk: copy what is to be kept (`payload.slice()`), or it keeps the whole chunk in memory.
   *
   * @throws {@link ProtocolError} when the peer broke the standard; from then on `stream-failed`.
   */
  next(): Packet | undefined {
    return this.#reader.advance() ? this.#reader.packet() : undefined;
  }
}
