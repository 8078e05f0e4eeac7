/** What this checkout takes, to the one in `old`, measured in turns. */
export interface Measured {
  /** CPU time a packet or a message. */
  readonly cpu: number;
  /** Messages a second, of a server: one that answers sooner gathers less into a write or a commit. */
  readonly rate?: number;
}

/** One thing that both checkouts are measured at. */
export interface Row {
  readonly name: string;
  readonly measure: (old: string, round: number) => Promise<Measured>;
}
