/**
 * The log that a replicated Store stands on: entries in one order, each appended only behind the one its
 * writer has seen last. So there is one writer at a time: whoever appends first makes all others fail.
 *
 * Nothing here throws for a fault of the network, and no callback is called before the call returns.
 */
export interface HomeLog {
  /** The longest entry it takes. */
  readonly entryBytesMax: number;
  /**
   * Appends an entry if the last one is `expectedLast`.
   *
   * @param bytes - Not changed until it is answered.
   */
  append(bytes: Uint8Array, expectedLast: number, done: (result: Appended) => void): void;
  /** Looks at one entry. */
  look(sequence: number, done: (result: Looked) => void): void;
  /** Removes all entries before this one, at some time; nobody is told. */
  purgeBefore(sequence: number): void;
}

/** What became of an append. */
export type Appended =
  /** It is in the log, on most of the servers that keep it. */
  | { readonly kind: "stored"; readonly sequence: number }
  /** The last entry is another one, perhaps this very entry from an attempt before. */
  | { readonly kind: "refused" }
  /** Nobody has answered, or not in time: it may be in the log, and may even come into it later. */
  | { readonly kind: "unknown"; readonly why: string };

/** What stands at a place of the log. */
export type Looked =
  | { readonly kind: "entry"; readonly bytes: Uint8Array }
  /** Nothing stands there: it is removed, or was never written. */
  | { readonly kind: "none"; readonly first: number; readonly last: number }
  | { readonly kind: "unknown"; readonly why: string };

/** Calls back after so many milliseconds. */
export type Later = (delayMs: number, call: () => void) => void;
