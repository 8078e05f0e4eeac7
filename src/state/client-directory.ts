import type { Session } from "../session/session.js";
import { OrderedMap } from "../topic/ordered-map.js";
import { TextMap } from "../topic/text-map.js";
import type { Connection } from "./connection.js";

/** A Session in this broker: `connection` is the one Connection that owns it now. */
export type ClientSession = Session<Connection>;

/**
 * Client Identifier -> Session, and through it the live Connection: the one lookup of
 * point-to-point. A connected Client always has a Session here; an offline one when it asked for
 * that. One owner an identifier at every instant. [M1] [MQTT-3.1.3-2]
 */
export class ClientDirectory {
  /** By the identifier. */
  readonly #sessions = new TextMap<ClientSession>();
  readonly #order = new OrderedMap<ClientSession>();
  /** Sessions without a connection, longest offline first, with the time they went offline. */
  readonly #offline = new Map<ClientSession, number>();
  /** Where {@link nextOffline} stands: an iterator of a Map follows its changes. */
  #round = this.#offline.keys();
  /**
   * The first of them, and where those behind it begin: to look for the first each time is to step
   * over all that were before it, for as long as the Map does not clean up.
   */
  #eldest: ClientSession | undefined = undefined;
  #behindEldest = this.#offline.keys();

  get size(): number {
    return this.#sessions.size;
  }

  get offlineCount(): number {
    return this.#offline.size;
  }

  /** All by their Client Identifiers, in order: to read some now, and go on from there another time. */
  get inOrder(): Pick<OrderedMap<ClientSession>, "walk"> {
    return this.#order;
  }

  find(clientId: string): ClientSession | undefined {
    return this.#sessions.get(clientId);
  }

  add(session: ClientSession): void {
    this.#sessions.set(session.clientId, session);
    this.#order.set(session.clientId, session);
  }

  /** Removes a Session that has ended, unless another already took its place. [P16] */
  remove(session: ClientSession): void {
    this.setOnline(session);
    const { clientId } = session;
    if (this.#sessions.get(clientId) !== session) return;
    this.#sessions.delete(clientId);
    this.#order.delete(clientId);
  }

  setOffline(session: ClientSession, nowMs: number): void {
    this.setOnline(session);
    this.#offline.set(session, nowMs);
  }

  setOnline(session: ClientSession): void {
    if (this.#offline.delete(session) && session === this.#eldest) this.#eldest = undefined;
  }

  /** When it went offline; `undefined` while it is not. */
  offlineSinceMs(session: ClientSession): number | undefined {
    return this.#offline.get(session);
  }

  /** The Session that has been offline longest, if that was before `beforeMs`. O(1). */
  longestOffline(beforeMs: number): ClientSession | undefined {
    if (this.#offline.size === 0) return undefined;
    this.#eldest ??= this.#nextEldest();
    const sinceMs = this.#offline.get(this.#eldest) as number; // else it is not the eldest any more
    return sinceMs <= beforeMs ? this.#eldest : undefined;
  }

  #nextEldest(): ClientSession {
    const { value } = this.#behindEldest.next();
    if (value !== undefined) return value;
    this.#behindEldest = this.#offline.keys(); // at its end it stays there, whoever comes
    return this.#behindEldest.next().value as ClientSession; // somebody is offline
  }

  /** Each offline Session in its turn, over and over; `undefined` at the end of each round. O(1). */
  nextOffline(): ClientSession | undefined {
    const { value, done } = this.#round.next();
    if (done === true) this.#round = this.#offline.keys();
    return value;
  }

  sessions(): IterableIterator<ClientSession> {
    return this.#sessions.values();
  }
}
