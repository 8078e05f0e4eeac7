import type { Outbox } from "./outbox.js";
import type { ClientCertificate, UpgradeRequest } from "./policy.js";

/**
 * The port to a peer: the transport under one Network Connection. The engine fills the outbox and
 * asks for a flush; it never waits. Whoever implements this owns the socket and calls the inputs
 * of `NetworkConnection`: `receive`, `drained`, `closed`.
 */
export interface Link {
  /**
   * Sends what the outbox holds, or as much of it as the transport should be given now; what stays
   * in the outbox is flushed by the transport itself when it calls `drained`.
   *
   * Called once per touched connection and turn (or loop tick), never inside a fan-out.
   */
  flush(outbox: Outbox): void;
  /**
   * Bytes given to the transport of which it is not known yet that the peer's side has taken them; as
   * soon as it is, the transport calls `drained`. A plain field: read per message.
   */
  readonly unsentBytes: number;
  /** Ends the connection after what was flushed has left. Calls `closed` later or not at all. */
  close(): void;
  /** Stops reading from the peer until {@link resume}: bytes already received may still come. */
  pause(): void;
  resume(): void;
  /**
   * Whether the peer is known to be gone, or to send no more, with nothing of it still to be read: asked
   * of a paused Link, which does not tell. May cost a system call. Missing: nobody knows.
   */
  hasPeerEnded?(): boolean;
  /**
   * For logs and policies, like `127.0.0.1:50412`; `""` where there is none, and where it is asked
   * for the first time only when the connection is gone.
   */
  readonly remoteAddress: string;
  /** The peer's certificate, if the transport found it valid: plain and frozen, as hooks see it. */
  readonly certificate?: ClientCertificate | undefined;
  /**
   * The HTTP request that became the connection, for `authenticate`: asked for once at most, and not
   * to be kept afterwards. Missing: there was none.
   */
  takeRequest?(): UpgradeRequest | undefined;
  /** Where the peer came in, like `mqtt://127.0.0.1:1883`; `undefined` for one that came otherwise. */
  readonly listener?: string | undefined;
}
