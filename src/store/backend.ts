/** One change: a value under a key, a key removed, or a whole range of keys removed. */
export type Operation =
  | { readonly kind: "put"; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly kind: "delete"; readonly key: Uint8Array }
  /** Removes every key from `from` up to, not including, `to`. */
  | { readonly kind: "delete-range"; readonly from: Uint8Array; readonly to: Uint8Array };

/** A key and its value; both may be views that die with the next call. */
export interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/**
 * Ordered keys and values on some medium: what a home of the Store stands on. Keys are compared
 * byte by byte, have 1 to 511 bytes, and are never empty.
 */
export interface Backend {
  /** Why no commit will succeed now, if that is known. */
  readonly outage?: Error | undefined;
  /**
   * Makes all operations durable, in order, or none of them. One commit is under way at a time;
   * until it is done the bytes of its operations do not change.
   *
   * @param done - Called once, now or later, without an argument when they are durable.
   */
  commit(operations: readonly Operation[], done: (error?: Error) => void): void;
  /** What is committed under one key; perhaps a view that dies with the next call. */
  get(key: Uint8Array): Uint8Array | undefined;
  /** What is committed, from `from` up to, not including, `to`, in order of keys. */
  entries(from: Uint8Array, to: Uint8Array): Iterable<Entry>;
  /** Lets go of the medium. No commit is under way. */
  close(): Promise<void>;
}
