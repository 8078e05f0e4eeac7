import type { Connection, Link, Outbox } from "../../src/engine.js";
import type { Random } from "../codec-fuzz/random.js";
import { BROKEN } from "./ledger.js";
import type { Scheduler, SimNode } from "./scheduler.js";
import type { SimServer } from "./server.js";

/** What a client hears of its connection. */
export interface ClientEnd {
  received(bytes: Uint8Array): void;
  lost(): void;
}

/** What a server knows of a client before it has sent anything. */
export interface Door extends Pick<Link, "remoteAddress" | "certificate" | "listener"> {
  readonly request?: ReturnType<NonNullable<Link["takeRequest"]>>;
}

/** How a network treats what is sent. */
export interface Weather {
  readonly latencyMs: number;
  /** Whether what is sent arrives in other pieces. */
  readonly splits: boolean;
  /** Whether what was given to it counts as unsent until the other side has it. */
  readonly isSlowToAnswer?: boolean;
  /** One flush in so many throws; 0 or missing: none. */
  readonly brokenOneIn?: number;
  /** Whether what is on its way still comes when the server has stopped to read. */
  readonly isEager?: boolean;
}

/**
 * A connection between a client and a server: order is kept, pieces are not, and it may be cut at
 * any byte, or for one side only (half open).
 */
export class Wire implements Link {
  unsentBytes = 0;
  readonly remoteAddress: string;
  readonly certificate: Link["certificate"];
  readonly listener: Link["listener"];
  readonly #door: Door;
  readonly #scheduler: Scheduler;
  readonly #dice: Random;
  readonly #weather: Weather;
  readonly #server: SimServer;
  /** The process it was opened by. */
  readonly #node: SimNode;
  readonly #client: ClientEnd;
  readonly #connection: Connection;
  /** Sent by the client, not yet arrived. */
  readonly #underWay: Uint8Array[] = [];
  /** Arrived, not yet read by the server. */
  #toServer: Uint8Array[] = [];
  #toClient: Uint8Array[] = [];
  #serverDueMs = 0;
  #clientDueMs = 0;
  #isPaused = false;
  /** The client's program does not read. */
  #isStalled = false;
  /** Nothing comes through any more. */
  #isCut = false;
  #isClosedHere = false;

  constructor(
    scheduler: Scheduler,
    dice: Random,
    weather: Weather,
    server: SimServer,
    client: ClientEnd,
    from: string | Door,
  ) {
    this.#scheduler = scheduler;
    this.#dice = dice;
    this.#weather = weather;
    this.#server = server;
    this.#node = server.node;
    this.#client = client;
    this.#door = typeof from === "string" ? { remoteAddress: from } : from;
    this.remoteAddress = this.#door.remoteAddress;
    this.certificate = this.#door.certificate;
    this.listener = this.#door.listener;
    this.#connection = server.open(this);
  }

  // The server's side.

  takeRequest(): Door["request"] {
    return this.#door.request;
  }

  flush(outbox: Outbox): void {
    const { brokenOneIn = 0 } = this.#weather;
    if (brokenOneIn > 0 && this.#dice.oneIn(brokenOneIn)) throw BROKEN;
    if (this.unsentBytes > 0) return;
    const parts = outbox.parts();
    if (parts.length === 0) return;
    for (const part of parts) this.#toClient.push(part.slice());
    const bytes = outbox.byteCount;
    outbox.sent(true);
    if (this.#isCut || this.#isClosedHere) return;
    if (this.#isStalled || this.#weather.isSlowToAnswer === true) this.unsentBytes += bytes;
    if (!this.#isStalled) this.#deliverLater();
  }

  close(): void {
    if (this.#isClosedHere) return;
    this.#isClosedHere = true;
    this.#isStalled = false;
    this.#deliverLater();
    const dueMs = Math.max(this.#clientDueMs, this.#scheduler.nowMs + this.#weather.latencyMs);
    this.#scheduler.at(dueMs, () => {
      if (!this.#isCut) this.#client.lost();
      this.#isCut = true;
    });
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#scheduler.after(0, () => this.#read(), this.#node);
  }

  // The client's side.

  send(bytes: Uint8Array): void {
    if (this.#isCut) return;
    const at =
      this.#weather.splits && bytes.length > 1 ? 1 + this.#dice.below(bytes.length - 1) : 0;
    if (at > 0) this.#arriveLater(bytes.slice(0, at));
    this.#arriveLater(at > 0 ? bytes.slice(at) : bytes);
  }

  #arriveLater(piece: Uint8Array): void {
    const delayMs = this.#weather.latencyMs + (this.#weather.splits ? this.#dice.below(5) : 0);
    this.#serverDueMs = Math.max(this.#serverDueMs, this.#scheduler.nowMs + delayMs);
    this.#underWay.push(piece);
    this.#scheduler.at(this.#serverDueMs, this.#arrive, this.#node);
  }

  /** The next piece that is under way; one function for all pieces of a connection. */
  readonly #arrive = (): void => {
    if (this.#isCut) return;
    const piece = this.#underWay.shift();
    if (piece !== undefined) this.#toServer.push(piece);
    this.#read(this.#weather.isEager === true && this.#dice.oneIn(2));
  };

  /** The client's program stops to read for a while. */
  stall(ms: number): void {
    this.#isStalled = true;
    this.#scheduler.after(ms, () => this.#goOn());
  }

  /** The client has no connection any more: it closed it, or the network did. */
  cut(isHalfOpen: boolean): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.#toServer = [];
    this.#toClient = [];
    if (isHalfOpen) return; // the server finds out by itself
    this.#scheduler.after(
      this.#weather.latencyMs,
      () => this.#server.turn(() => this.#connection.closed(this.#scheduler.nowMs)),
      this.#node,
    );
  }

  /** The client's system has said that it takes nothing more: the server is told at once. */
  reset(): void {
    if (this.#isCut) return;
    this.cut(true);
    if (!this.#node.isAlive) return;
    this.#server.turn(() => this.#connection.closed(this.#scheduler.nowMs));
  }

  /** The server's process is gone. */
  serverDied(): void {
    if (this.#isCut || this.#isClosedHere) return; // what it has sent before is on its way
    this.#isCut = true;
    this.#scheduler.after(this.#weather.latencyMs, () => this.#client.lost());
  }

  #goOn(): void {
    if (!this.#isStalled) return;
    this.#isStalled = false;
    this.#deliverLater();
    this.#drain();
  }

  /** The other side has taken what was sent. */
  #drain(): void {
    if (this.unsentBytes === 0) return;
    this.unsentBytes = 0;
    if (this.#isCut || !this.#node.isAlive) return;
    this.#server.turn(() => this.#connection.drained(this.#scheduler.nowMs));
  }

  #deliverLater(): void {
    const delayMs = this.#weather.latencyMs + (this.#weather.splits ? this.#dice.below(5) : 0);
    this.#clientDueMs = Math.max(this.#clientDueMs, this.#scheduler.nowMs + delayMs);
    this.#scheduler.at(this.#clientDueMs, this.#deliver);
  }

  readonly #deliver = (): void => {
    if (this.#isCut || this.#isStalled) return;
    const parts = this.#toClient;
    if (parts.length > 0) this.#toClient = [];
    for (const part of parts) {
      if (!this.#isCut) this.#client.received(part);
    }
    if (!this.#isStalled) this.#drain();
  };

  #read(isEager = false): void {
    if ((this.#isPaused && !isEager) || this.#isCut || this.#isClosedHere) return;
    for (let next = this.#toServer.shift(); next !== undefined; next = this.#toServer.shift()) {
      this.#receive(next);
      if (this.#isPaused || this.#isCut || this.#isClosedHere) return;
    }
  }

  #receive(bytes: Uint8Array): void {
    if (!this.#node.isAlive) return;
    this.#connection.receive(bytes, this.#scheduler.nowMs);
    bytes.fill(0xff); // the engine may not rely on it after the turn
    this.#server.afterwards();
  }
}
