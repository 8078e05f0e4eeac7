import type { ClientSession } from "./client-directory.js";

/** Whether one QoS 2 message has reached the embedder's `forward` hook, as far as this run knows. */
export interface HandOver {
  isDone: boolean;
}

/**
 * The hand-over of each QoS 2 message that waits for its PUBREL. An answer that comes when the
 * identifier is free again, or another message's, marks an object that nobody looks at any more.
 * Empty, and free of cost, without that hook.
 */
export class HandedOn {
  readonly #bySession = new WeakMap<ClientSession, Map<number, HandOver>>();

  /** Whether it need not be handed on again. */
  has(session: ClientSession, packetId: number): boolean {
    return this.#bySession.get(session)?.get(packetId)?.isDone === true;
  }

  /** The hand-over of the message that has this identifier now: the same one for its repeats. */
  of(session: ClientSession, packetId: number): HandOver {
    let handOvers = this.#bySession.get(session);
    if (handOvers === undefined) {
      handOvers = new Map();
      this.#bySession.set(session, handOvers);
    }
    let handOver = handOvers.get(packetId);
    if (handOver === undefined) {
      handOver = { isDone: false };
      handOvers.set(packetId, handOver);
    }
    return handOver;
  }

  /** The identifier is free again. */
  remove(session: ClientSession, packetId: number): void {
    this.#bySession.get(session)?.delete(packetId);
  }
}
