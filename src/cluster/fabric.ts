/**
 * What a cluster asks of the engine below it, such as NATS: one log that all nodes read alike, and an
 * inbox for each node. Whoever implements this owns the connections, and retries nothing: the cluster
 * does, since it alone knows what is still worth it.
 *
 * Nothing here waits, and nothing throws for a fault of the network.
 */
export interface Fabric {
  /**
   * Reads the order log from then on. Called first, and again when this node must start anew: then
   * under a new name, and what the one before was to be told is not told any more.
   *
   * @param node - The name of this node's inbox: 16 lower-case hexadecimal digits, new for each start.
   * @param inputs - Where everything that comes is told. Never from inside a call of a Fabric.
   */
  open(node: string, inputs: FabricInputs): void;

  /**
   * Puts an entry at the end of the order log, within {@link ENTRY_BYTES_MAX}.
   *
   * @param bytes - Not to be read any more when this returns.
   * @param done - Called once, later: true when the log has it. False: it is not known, and it may even
   *   come into the log later than this answer. The cluster appends it again, and readers tell copies.
   *   Within {@link APPEND_TERM_MS}, whatever happened to the connection.
   */
  append(bytes: Uint8Array, done: (isStored: boolean) => void): void;

  /**
   * Sends something into another node's inbox, within {@link SEND_BYTES_MAX}; at most once, and nobody is told
   * when it is lost: not for a node that is gone, nor while there is no connection. What cannot be sent at once is
   * kept for a moment only if that is bounded.
   *
   * @param bytes - Not to be read any more when this returns.
   */
  send(node: string, bytes: Uint8Array): void;

  /** Lets go of everything, after what was sent has left. Nothing is told from then on. */
  close(): Promise<void>;
}

/** What a {@link Fabric} tells, one call after the other, none inside a turn of the engine. */
export interface FabricInputs {
  /**
   * The next entry of the order log. Each once, in the order of the log, none left out: what was missed
   * while the connection was gone is read from the log. The first are those that were at most
   * {@link RECENT_MS} old, by the log's own clock, when it was opened.
   *
   * @param sequence - Its place in the log, from 1 on, and one more than that of the entry before.
   * @param bytes - Valid during the call only.
   */
  ordered(sequence: number, bytes: Uint8Array): void;
  /** Something came into this node's inbox: perhaps twice, perhaps in another order, perhaps not ours. */
  arrived(bytes: Uint8Array): void;
  /** Entries between two sequences are gone for ever (somebody deleted the log): this node must start anew. */
  lost(reason: Error): void;
}

/** The longest entry that is appended. */
export const ENTRY_BYTES_MAX = 256 * 1024;
/** The longest that is sent to an inbox. */
export const SEND_BYTES_MAX = 256 * 1024;
/** An append is answered within this. */
export const APPEND_TERM_MS = 2_000;
/** So much of the log a newcomer reads: all members have said something by then. */
export const RECENT_MS = 30_000;
