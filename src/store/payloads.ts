import type { QoS } from "../protocol/packet.js";
import type { Message } from "../session/message.js";
import type { Backend } from "./backend.js";
import { decodePayload, payloadMissing } from "./delivery-record.js";
import { ownerKey, Table } from "./keys.js";

/** Messages remembered; more than that, and the oldest are read anew when somebody needs them. */
const REMEMBERED_MAX = 1_024;

/**
 * Large messages by the number they are kept under: who is still in memory is not read again, so
 * that a thousand Clients that come back for one message share its bytes.
 */
export class Payloads {
  readonly #backend: Backend;
  readonly #newNumber: () => number;
  readonly #remembered = new Map<number, WeakRef<Message>>();
  /** Not a field of the message: few are large. */
  readonly #numbers = new WeakMap<Message, number>();

  constructor(backend: Backend, newNumber: () => number) {
    this.#backend = backend;
    this.#newNumber = newNumber;
  }

  /** The number that a message is kept under: its own, from the first call on. */
  numberOf(message: Message): number {
    const known = this.#numbers.get(message);
    if (known !== undefined) return known;
    const number = this.#newNumber();
    this.#numbers.set(message, number);
    return number;
  }

  /** @throws DamagedRecordError when it is damaged or missing. */
  readonly find = (payload: number, qos: QoS): Message => {
    const known = this.#remembered.get(payload)?.deref();
    if (known !== undefined) return known;
    const key = ownerKey(Table.PAYLOAD, payload);
    const record = this.#backend.get(key);
    if (record === undefined) throw payloadMissing(payload);
    const message = decodePayload(key, record, qos);
    this.#numbers.set(message, payload);
    this.#remember(payload, message);
    return message;
  };

  #remember(payload: number, message: Message): void {
    this.#remembered.delete(payload);
    this.#remembered.set(payload, new WeakRef(message));
    if (this.#remembered.size <= REMEMBERED_MAX) return;
    for (const oldest of this.#remembered.keys()) {
      this.#remembered.delete(oldest);
      return;
    }
  }
}
