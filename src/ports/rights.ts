/** How much of a Topic Filter a Client may subscribe to. */
export type Reach =
  /** Every topic it matches: nobody need ask again. */
  | "all"
  /** Some topics, perhaps: each message is asked about. */
  | "some"
  | "none";

/**
 * What one Client may do by rules: answers at once, cannot fail, and may change its mind when the
 * rules change; then `recheck` is called. [P18]
 */
export interface Rights {
  /** May it publish there? `retain`: with RETAIN, which is a right of its own. [H03] */
  mayPublish(topicName: string, retain: boolean): boolean;
  /** May it send to this Client under this parent? `topicName` is the whole address. */
  maySendTo(to: string, parent: string, topicName: string): boolean;
  /** May it be told what became of what it sends to this Client? `topicName` is the receipt's. [P20] */
  mayHaveReceipt(to: string, parent: string, topicName: string): boolean;
  /** Asked at SUBSCRIBE; of a shared Subscription about the filter in it. [H01] */
  reachOf(topicFilter: string): Reach;
  /** May it be given a message on this topic by a Subscription? Asked where the reach is `some`. */
  mayReceive(topicName: string): boolean;
}
