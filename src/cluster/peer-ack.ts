import { PUBACK_BYTE, PUBREC_BYTE } from "../codec/raw.js";
import type { Obligation } from "../ports/policy.js";
import { writeAcknowledgement } from "../sending/outgoing.js";
import { type Connection, Phase } from "../state/connection.js";
import type { Core } from "../state/core.js";

/**
 * The acknowledgement of one message to the node that has sent it: given when everybody who was handed
 * the message on has acknowledged it. Each by itself, whatever came before it: two nodes that hand
 * messages to and fro would wait for each other for ever if acknowledgements kept their order.
 */
export class PeerAck implements Obligation {
  readonly #core: Core;
  readonly #connection: Connection;
  readonly #qos: 1 | 2;
  readonly #packetId: number;
  /** The message itself is being passed on. */
  #open = 1;

  constructor(core: Core, connection: Connection, qos: 1 | 2, packetId: number) {
    this.#core = core;
    this.#connection = connection;
    this.#qos = qos;
    this.#packetId = packetId;
  }

  /** Somebody more is to acknowledge it: one {@link settle} more. */
  take(): this {
    this.#open += 1;
    return this;
  }

  settle(): void {
    this.#open -= 1;
    if (this.#open > 0 || this.#connection.phase !== Phase.ACCEPTED) return;
    const firstByte = this.#qos === 1 ? PUBACK_BYTE : PUBREC_BYTE;
    writeAcknowledgement(this.#core, this.#connection, firstByte, this.#packetId);
  }

  /** Nothing fails here: what cannot be passed on was dropped, and counted. */
  fail(): void {
    this.settle();
  }
}
