/** One thing that both checkouts are measured at. */
export interface Row {
  readonly name: string;
  /** CPU time a packet or a message of this checkout, in `.`, to that of the one in `old`, measured in turns. */
  readonly ratio: (old: string, round: number) => Promise<number>;
}
