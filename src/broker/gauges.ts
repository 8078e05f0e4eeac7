/** What is held now. */
export interface Gauges {
  readonly sessions: number;
  readonly offlineSessions: number;
  readonly subscriptions: number;
  readonly retained: number;
  readonly inboxes: number;
  /** Bytes held of packets that are not whole. [M23] */
  readonly unfinishedBytes: number;
}
