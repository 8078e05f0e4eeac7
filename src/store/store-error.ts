/** The Store cannot be opened: the message says which folder or file, why, and what to do. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  /** `damaged` can be moved aside; `refused` cannot: somebody else uses it, or it is not ours. */
  readonly kind: "refused" | "damaged";

  constructor(message: string, kind: "refused" | "damaged" = "refused") {
    super(message);
    this.kind = kind;
  }
}
