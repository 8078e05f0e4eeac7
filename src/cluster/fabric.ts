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
   * @param bytes - Nobody changes them any more: they may be read later, without a copy.
   */
  send(node: string, bytes: Uint8Array): void;

  /** The longest record that {@link keep} takes at present. */
  readonly recordBytesMax: number;

  /**
   * Puts a record at the end of the log of retained messages. Records before it with the same key go, in
   * time. The answer comes as {@link FabricInputs.kept}, within {@link APPEND_TERM_MS}.
   */
  keep(record: KeptRecord): void;

  /** Lets go of everything, after what was sent has left. Nothing is told from then on. */
  close(): Promise<void>;
}

/** What there is of one key in the log of retained messages. */
export interface KeptRecord {
  /** A Topic Name; empty for what stands for no topic. */
  readonly key: string;
  /** The same number again is the same record: the log takes it once, however late a copy comes. */
  readonly number: number;
  /** It only says that there is nothing: it may go, too, when nobody can have missed it. */
  readonly isRemoval: boolean;
  /** Not to be read any more when {@link Fabric.keep} returns. */
  readonly bytes: Uint8Array;
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
  /**
   * Something came into this node's inbox: perhaps twice, perhaps in another order, perhaps not ours.
   *
   * @param bytes - Nobody changes them any more: a part of a packet may be kept where it lies.
   */
  arrived(bytes: Uint8Array): void;
  /**
   * What became of a record: its place in the log; `undefined`: that is not known. The cluster keeps it again,
   * under its number.
   */
  kept(number: number, sequence: number | undefined): void;
  /**
   * The next record of the log of retained messages, in the order of the log. Records that were replaced
   * meanwhile may be left out.
   *
   * @param bytes - Valid during the call only.
   */
  retained(sequence: number, bytes: Uint8Array): void;
  /** What comes next is the first record that the log has: when it is opened, or when some may have been missed. */
  retainedBegin(): void;
  /** All records have been told that the log had when they began; what comes next is new. */
  retainedEnd(): void;
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
