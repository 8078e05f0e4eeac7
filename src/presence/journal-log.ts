import type { PresenceEvent } from "../library/presence.js";

/** Where the journals of all nodes stand, so that others can read them when a node is gone: for each node a log of texts. */
export interface JournalLog {
  /**
   * Puts a record at the end of a node's journal, if the last one there is that one.
   *
   * @param last - Its place; 0: the journal is empty.
   */
  put(node: string, text: string, last: number): Promise<PutResult>;
  /** The last record of a journal; `undefined`: it is empty. Rejects when that is not known. */
  last(node: string): Promise<JournalEntry | undefined>;
  /** Reads a journal from its beginning up to a place. Rejects when something of it cannot be had. */
  read(node: string, upTo: number, take: (entry: JournalEntry) => void): Promise<void>;
  /** Whose journals are not empty. Rejects when that is not known. */
  nodes(): Promise<readonly string[]>;
  /** Removes what stands before a place. Rejects when it is not known whether it did. */
  purge(node: string, before: number): Promise<void>;
}

/** One record of a journal. */
export interface JournalEntry {
  readonly sequence: number;
  readonly text: string;
  /** When the log has taken it, in ms since 1970. */
  readonly timeMs: number;
}

/** What became of a record: it is there, another one stands where it was to stand, or that is not known. */
export type PutResult =
  | { readonly kind: "stored"; readonly sequence: number }
  | { readonly kind: "refused" }
  | { readonly kind: "unknown"; readonly why: string };

/** Time, for whoever waits. */
export interface JournalWorld {
  /** Calls after a while. @returns what calls it off. */
  after(ms: number, call: () => void): () => void;
  /** In ms since 1970. */
  nowMs(): number;
}

/** Who is told of presence, and how far that is. */
export interface PresenceSink {
  /** @param node - Of the node that calls itself so, which is gone. */
  tell(event: PresenceEvent, node?: string): void;
  /** Events that were told until now. */
  readonly given: number;
  /** Of these, so many need not be told again, the first ones first: they have arrived, or were given up. */
  readonly settled: number;
}
