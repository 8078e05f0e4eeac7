/**
 * The port between a case and a broker: how to reach it, and how time passes there.
 *
 * Over a socket time is the wall clock; in front of the engine in this process it is a number that
 * only moves when a case lets it, so that proving silence costs nothing.
 */
export interface Target {
  /**
   * Opens one Network Connection. Rejects when nobody accepts it.
   *
   * @param home - The Client whose kept Session it is about, where that matters.
   */
  dial(events: WireEvents, home?: string): Promise<Wire>;
  readonly clock: Clock;
  /**
   * So long after a SUBACK every address of the broker knows of the Subscription, and of a message retained at
   * QoS 0, in ms. Default: at once.
   */
  readonly learnMs?: number;
}

/** What a broker does to a connection. */
export interface WireEvents {
  /** The chunk belongs to the receiver. */
  readonly received: (chunk: Uint8Array) => void;
  /** Called once, when the broker closed the connection or it broke. */
  readonly closed: () => void;
}

/** The Client's end of one Network Connection. */
export interface Wire {
  send(bytes: Uint8Array): void;
  /** Ends our direction (FIN); what the broker still sends is received. */
  finish(): void;
  /** Breaks the connection without a good-bye. */
  destroy(): void;
  /** Stops taking bytes, so that the broker's side fills up. */
  pause(): void;
  resume(): void;
}

/** Time as the cases see it. */
export interface Clock {
  /** Milliseconds since an arbitrary moment; never goes back. */
  now(): number;
  /**
   * Lets time pass until `ms` are over or `woken` settles, whichever comes first. It may return
   * earlier than either: callers look again.
   */
  pass(ms: number, woken: Promise<void>): Promise<void>;
  /** How long nothing must come for a case to believe that nothing will: milliseconds. */
  readonly quietMs: number;
  /** How long a case waits for what must come: milliseconds. */
  readonly patienceMs: number;
  /** How late a busy machine may see what happens in time: milliseconds. */
  readonly slackMs: number;
}
