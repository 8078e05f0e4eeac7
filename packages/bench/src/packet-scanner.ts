/** Whoever acts on the packets a {@link PacketScanner} finds. */
export interface PacketSink {
  /**
   * One whole packet.
   *
   * @param bytes - Valid during the call only.
   * @param at - The packet's first byte; `bodyAt` follows its Remaining Length; `end` the packet.
   */
  packet(bytes: Uint8Array, at: number, bodyAt: number, end: number): void;
}

/**
 * Cuts what a broker sends into packets, in place: nothing is copied but a packet that spans
 * chunks. It knows the fixed header, §2.2, and leaves the rest to the sink: the generator must
 * cost less than the broker it measures, and shares no code with ours.
 */
export class PacketScanner {
  #carry: Uint8Array = NO_BYTES;
  #carried = 0;

  /**
   * @param bytes - Only the first `length` count; they may be overwritten after the call.
   * @throws Error when a Remaining Length has more than four bytes. §2.2.3
   */
  scan(bytes: Uint8Array, length: number, sink: PacketSink): void {
    let at = this.#carried > 0 ? this.#complete(bytes, length, sink) : 0;
    while (at + 1 < length) {
      let bodyAt = at + 2;
      let remainingLength = bytes[at + 1] as number;
      if (remainingLength > 127) {
        const fieldBytes = lengthFieldBytes(bytes, at, length);
        if (fieldBytes === 0) break;
        bodyAt = at + 1 + fieldBytes;
        remainingLength = readRemainingLength(bytes, at + 1);
      }
      const end = bodyAt + remainingLength;
      if (end > length) break;
      sink.packet(bytes, at, bodyAt, end);
      at = end;
    }
    if (at < length) this.#keep(bytes, at, length);
  }

  /** Gathers the packet a former chunk began; returns where the next one begins. */
  #complete(bytes: Uint8Array, length: number, sink: PacketSink): number {
    let at = 0;
    let fieldBytes = lengthFieldBytes(this.#carry, 0, this.#carried);
    while (fieldBytes === 0) {
      if (at === length) return at;
      this.#keep(bytes, at, at + 1);
      at += 1;
      fieldBytes = lengthFieldBytes(this.#carry, 0, this.#carried);
    }
    const bodyAt = 1 + fieldBytes;
    const packetBytes = bodyAt + readRemainingLength(this.#carry, 1);
    const until = Math.min(length, at + packetBytes - this.#carried);
    this.#keep(bytes, at, until);
    if (this.#carried === packetBytes) {
      this.#carried = 0;
      sink.packet(this.#carry, 0, bodyAt, packetBytes);
    }
    return until;
  }

  #keep(bytes: Uint8Array, from: number, to: number): void {
    const needed = this.#carried + to - from;
    if (needed > this.#carry.length) {
      const larger = new Uint8Array(Math.max(CARRY_BYTES_MIN, needed * 2));
      larger.set(this.#carry.subarray(0, this.#carried));
      this.#carry = larger;
    }
    this.#carry.set(bytes.subarray(from, to), this.#carried);
    this.#carried = needed;
  }
}

/** Bytes of the Remaining Length field of the packet at `at`, 0 while it is not all there. §2.2.3 */
function lengthFieldBytes(bytes: Uint8Array, at: number, length: number): number {
  for (let count = 1; count <= 4; count += 1) {
    if (at + count >= length) return 0;
    if ((bytes[at + count] as number) < 128) return count;
  }
  throw new Error("Remaining Length has more than four bytes [§2.2.3]");
}

/** The value of a field that {@link lengthFieldBytes} has found complete. */
function readRemainingLength(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at + shift / 7] as number;
    value |= (byte & 127) << shift;
    if (byte < 128) return value;
  }
}

const NO_BYTES = new Uint8Array(0);
const CARRY_BYTES_MIN = 256;
