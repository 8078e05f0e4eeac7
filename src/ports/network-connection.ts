/**
 * One Network Connection, as its transport sees it: what `open` of the engine returns. The transport
 * calls the three methods, none of them from inside another one or inside `Link.flush`.
 */
export interface NetworkConnection {
  /** Of the accepted Client; 0 before, and for one that asks for none. §3.1.2.10 */
  readonly keepAliveSeconds: number;
  /**
   * Bytes came from the peer. When it returns, all they caused has happened, except what waits for
   * an answer from outside. The engine reads `bytes` in place and keeps none of it past this call,
   * except the unfinished packet at its end until the next one.
   */
  receive(bytes: Uint8Array, nowMs: number): void;
  /** Copies what `receive` left unfinished, so that the caller may write over its `bytes`. O(that). */
  keepUnread(): void;
  /** The peer has taken something of what was unsent, and `Link.unsentBytes` tells what is left. */
  drained(nowMs: number): void;
  /** The transport is gone, whoever ended it. Calling it twice does nothing. */
  closed(nowMs: number): void;
}
