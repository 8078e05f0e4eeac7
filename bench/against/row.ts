/** One thing that both checkouts are measured at. */
export interface Row {
  readonly name: string;
  /** What it costs the checkout in `folder`: CPU time a packet or a message. */
  readonly cost: (folder: string) => number | Promise<number>;
}
