import type { QoS } from "../../src/protocol/packet.js";
import { Delivery } from "../../src/session/delivery.js";
import type { DeliveryPages } from "../../src/session/delivery-queue.js";
import { Message } from "../../src/session/message.js";

/** What a test may say about a delivery; the rest is ordinary: QoS 1, one byte in all. */
export interface DeliveryOptions {
  readonly qos?: QoS;
  /** Of Topic Name and payload together; at least 1. */
  readonly bytes?: number;
  readonly pointToPoint?: boolean;
  readonly expiresMs?: number;
  readonly retain?: boolean;
}

/** A message of so many bytes on the topic `t`. */
export function message(bytes = 1, qos: QoS = 1): Message {
  const topic = Uint8Array.of(0x74);
  return new Message("t", topic, new Uint8Array(bytes - 1), 0, bytes - 1, qos);
}

/** A delivery that waits. */
export function delivery(options: DeliveryOptions = {}): Delivery {
  const { qos = 1, bytes = 1, pointToPoint = false, expiresMs = 0, retain = false } = options;
  return new Delivery(message(bytes, qos), qos, retain, pointToPoint, expiresMs);
}

/** Deliveries kept outside memory, as a Store does it: each read makes new objects. */
export class Pages implements DeliveryPages {
  readonly #stored = new Map<number, Delivery>();
  /** How many deliveries were read, in all. */
  readCount = 0;

  put(stored: Delivery): void {
    this.#stored.set(stored.sequence, stored);
  }

  delete(stored: Delivery): void {
    this.#stored.delete(stored.sequence);
  }

  /** As a damaged file would: nobody is told. */
  lose(sequence: number): void {
    this.#stored.delete(sequence);
  }

  get size(): number {
    return this.#stored.size;
  }

  read(afterSequence: number, countMax: number, into: Delivery[]): void {
    const found = [...this.#stored.values()]
      .filter(({ sequence }) => sequence > afterSequence)
      .sort((a, b) => a.sequence - b.sequence)
      .slice(0, countMax);
    for (const stored of found) into.push(copyOf(stored));
    this.readCount += found.length;
  }
}

function copyOf(stored: Delivery): Delivery {
  const { message: kept, qos, retain, pointToPoint, expiresMs } = stored;
  const copy = new Delivery(kept ?? message(), qos, retain, pointToPoint, expiresMs);
  copy.message = kept;
  copy.packetId = stored.packetId;
  copy.state = stored.state;
  copy.sequence = stored.sequence;
  copy.storedPayload = 0;
  return copy;
}
