import type { ClientSession } from "./client-directory.js";

/**
 * The QoS 2 identifiers of each Session whose message has reached the embedder's `forward` hook, as
 * far as this run of the server knows. Empty, and free of cost, without that hook.
 */
export class HandedOn {
  readonly #packetIds = new WeakMap<ClientSession, Set<number>>();

  has(session: ClientSession, packetId: number): boolean {
    return this.#packetIds.get(session)?.has(packetId) === true;
  }

  add(session: ClientSession, packetId: number): void {
    const packetIds = this.#packetIds.get(session);
    if (packetIds === undefined) this.#packetIds.set(session, new Set([packetId]));
    else packetIds.add(packetId);
  }

  /** The identifier is free again, or its message must be handed on once more. */
  remove(session: ClientSession, packetId: number): void {
    this.#packetIds.get(session)?.delete(packetId);
  }
}
