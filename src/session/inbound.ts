import { orderError } from "../protocol/errors.js";
import type { NumberedIdentifier, Numbering } from "./numbering.js";

/** What bounds it, read anew each time. */
export interface InboundLimits {
  /** How many identifiers may wait for their PUBREL at once. */
  readonly inboundInFlightMax: number;
}

/**
 * Receiver side of QoS 2: the identifiers between a PUBLISH and its PUBREL. §4.3.3
 *
 * (QoS 0 and 1 need no state here: each PUBLISH is a new message. [MQTT-4.3.2-2])
 */
export class Inbound {
  readonly #limits: InboundLimits;
  /** With the number of what other nodes were handed; 0: that has none. */
  #awaitingPubrel: Map<number, number> | undefined;
  /** Of what its Client publishes to other nodes; `undefined`: it has not. [M36] */
  numbering: Numbering | undefined = undefined;

  constructor(limits: InboundLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#awaitingPubrel?.size ?? 0;
  }

  /** The identifiers that wait for PUBREL, in order of arrival. */
  packetIds(): Iterable<number> {
    return this.#awaitingPubrel?.keys() ?? [];
  }

  /** Of these, those that have a number; and those that nobody knew when they were released. */
  *numbered(): Generator<NumberedIdentifier, void> {
    for (const [packetId, number] of this.#awaitingPubrel ?? []) {
      if (number > 0) yield { packetId, number, isReleased: false };
    }
    if (this.numbering !== undefined) yield* this.numbering.released();
  }

  /** Whether a PUBLISH under this identifier is a repeat: answered, not passed on. [MQTT-4.3.3-2] */
  awaitsPubrel(packetId: number): boolean {
    return this.#awaitingPubrel?.has(packetId) === true;
  }

  /**
   * A QoS 2 PUBLISH came.
   *
   * @returns true for a new message, false for a repeat: first payload wins. [M4] [MQTT-4.3.3-2]
   * @throws `ProtocolError` `too-many-inbound-in-flight`
   */
  receive(packetId: number): boolean {
    this.#awaitingPubrel ??= new Map();
    if (this.#awaitingPubrel.has(packetId)) return false;
    if (this.#awaitingPubrel.size >= this.#limits.inboundInFlightMax) {
      throw orderError("too-many-inbound-in-flight");
    }
    this.#awaitingPubrel.set(packetId, 0);
    return true;
  }

  /** What waits under this identifier has that number, if it still waits. */
  setNumber(packetId: number, number: number): void {
    if (this.awaitsPubrel(packetId)) this.#awaitingPubrel?.set(packetId, number);
  }

  /** The number of what waits under this identifier; 0: it has none, or nothing waits. */
  numberOf(packetId: number): number {
    return this.#awaitingPubrel?.get(packetId) ?? 0;
  }

  /**
   * A PUBREL came; the next PUBLISH under this identifier is a new message. [MQTT-4.3.3-2]
   *
   * @returns false when the identifier was not known; PUBCOMP is due all the same. [M13]
   */
  release(packetId: number): boolean {
    return this.#awaitingPubrel?.delete(packetId) === true;
  }
}
