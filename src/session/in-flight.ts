import { type Delivery, DeliveryState } from "./delivery.js";
import { MessageBytes } from "./message-bytes.js";

/** Packet Identifiers run from 1 to this. §2.3.1 */
export const PACKET_ID_MAX = 65_535;

const SMALLEST_TABLE = 8;

/**
 * The deliveries in flight of one Session by Packet Identifier, and the next free identifier.
 *
 * Open addressing with the identifier itself as hash: identifiers count up, so that a delivery
 * nearly always lies in its home slot, and one that is never acknowledged costs one slot, not a
 * table that grows with the traffic passing it. Memory: two to four slots a delivery. O(1): the
 * slots in use stand side by side, but a gap is only closed while some delivery is not at home.
 */
export class InFlight {
  #slots: (Delivery | undefined)[] = [];
  #mask = -1;
  #size = 0;
  /** Deliveries outside their home slot. */
  #strays = 0;
  #lastPacketId: number;
  #bytes = 0;
  readonly #memory: MessageBytes;

  /**
   * @param lastPacketId - Identifiers are sought behind this one.
   * @param memory - Takes note of what is here.
   */
  constructor(lastPacketId = 0, memory = new MessageBytes()) {
    this.#lastPacketId = lastPacketId;
    this.#memory = memory;
  }

  get size(): number {
    return this.#size;
  }

  /** Bytes of their messages. */
  get byteCount(): number {
    return this.#bytes;
  }

  /** The identifier handed out last; the next one is sought behind it. */
  get lastPacketId(): number {
    return this.#lastPacketId;
  }

  get(packetId: number): Delivery | undefined {
    if (this.#size === 0) return undefined;
    let at = packetId & this.#mask;
    let delivery = this.#slots[at];
    while (delivery !== undefined && delivery.packetId !== packetId) {
      at = (at + 1) & this.#mask;
      delivery = this.#slots[at];
    }
    return delivery;
  }

  /**
   * Takes the next free identifier for `delivery`: counting up, skipping those in use. [M28]
   *
   * @returns false when all 65,535 are in use. [MQTT-2.3.1-4]
   */
  add(delivery: Delivery): boolean {
    if (this.#size === PACKET_ID_MAX) return false;
    let packetId = this.#lastPacketId;
    do packetId = packetId === PACKET_ID_MAX ? 1 : packetId + 1;
    while (this.get(packetId) !== undefined);
    this.#lastPacketId = packetId;
    delivery.packetId = packetId;
    this.#insert(delivery);
    return true;
  }

  /** Puts a delivery back under the identifier it already has: its Session is being resumed. */
  restore(delivery: Delivery): void {
    if (this.#lastPacketId === 0) this.#lastPacketId = delivery.packetId;
    this.#insert(delivery);
  }

  /** Frees an identifier. @returns what held it. */
  delete(packetId: number): Delivery | undefined {
    const delivery = this.get(packetId);
    if (delivery === undefined) return undefined;
    this.#size -= 1;
    this.#bytes -= delivery.byteCount;
    this.#memory.give(delivery);
    delivery.state = DeliveryState.DONE;
    let hole = packetId & this.#mask;
    if (this.#slots[hole] !== delivery) {
      this.#strays -= 1;
      do hole = (hole + 1) & this.#mask;
      while (this.#slots[hole] !== delivery);
    }
    if (this.#strays === 0) this.#slots[hole] = undefined;
    else this.#closeGap(hole);
    return delivery;
  }

  /** Its receiver has the message: from here on only the identifier matters. */
  letGoOfMessage(delivery: Delivery): void {
    const { message } = delivery;
    if (message === undefined) return;
    this.#bytes -= message.byteCount;
    this.#memory.giveMessage(message);
    delivery.message = undefined;
  }

  /** Lets go of all, but goes on counting identifiers where it was. */
  clear(): void {
    for (const delivery of this.#slots) if (delivery !== undefined) this.#memory.give(delivery);
    this.#slots = [];
    this.#mask = -1;
    this.#size = 0;
    this.#strays = 0;
    this.#bytes = 0;
  }

  /** All of them in the order of first sending. [MQTT-4.6.0-1] O(n log n): only for resuming. */
  inSendOrder(): Delivery[] {
    const found = this.#slots.filter((delivery) => delivery !== undefined);
    return found.sort((a, b) => a.sequence - b.sequence);
  }

  #insert(delivery: Delivery): void {
    if (this.#size * 2 >= this.#slots.length) this.#grow();
    this.#size += 1;
    this.#bytes += delivery.byteCount;
    this.#memory.take(delivery);
    this.#place(delivery);
  }

  #place(delivery: Delivery): void {
    let at = delivery.packetId & this.#mask;
    if (this.#slots[at] !== undefined) {
      this.#strays += 1;
      do at = (at + 1) & this.#mask;
      while (this.#slots[at] !== undefined);
    }
    this.#slots[at] = delivery;
  }

  #grow(): void {
    const old = this.#slots;
    const length = Math.max(SMALLEST_TABLE, old.length * 2);
    this.#slots = new Array<Delivery | undefined>(length).fill(undefined);
    this.#mask = length - 1;
    this.#strays = 0;
    for (const delivery of old) if (delivery !== undefined) this.#place(delivery);
  }

  /** Moves later members of the probe chain into the hole, so that `get` never meets a gap. */
  #closeGap(from: number): void {
    let hole = from;
    let at = hole;
    for (;;) {
      at = (at + 1) & this.#mask;
      const delivery = this.#slots[at];
      if (delivery === undefined) break;
      const home = delivery.packetId & this.#mask;
      // It may move unless its home lies cyclically behind the hole.
      if (((at - home) & this.#mask) >= ((at - hole) & this.#mask)) {
        this.#slots[hole] = delivery;
        if (hole === home) this.#strays -= 1; // it was outside: `at` is not `hole`
        hole = at;
      }
    }
    this.#slots[hole] = undefined;
  }
}
