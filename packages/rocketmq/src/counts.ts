/** What the bridge has done since it started, and what waits now. */
export interface BridgeCounts {
  /** Whether the last thing asked of RocketMQ worked, in each direction that is used. */
  readonly isConnected: boolean;
  /** Messages from RocketMQ, each delivery of them. */
  readonly received: number;
  /** Of these: those that came once before. */
  readonly redelivered: number;
  /** Handled, and RocketMQ knows it. */
  readonly acknowledged: number;
  /** Left for RocketMQ to send again, because nothing could be decided. */
  readonly postponed: number;
  /** Can never be delivered: acknowledged and dropped. */
  readonly poison: number;
  /** Older than allowed: acknowledged and dropped. */
  readonly tooOld: number;
  /** Came from this broker: acknowledged and not delivered again. */
  readonly own: number;
  /** Messages of Clients that RocketMQ has taken. */
  readonly sent: number;
  /** Tries that failed; most are made again. */
  readonly failed: number;
  /** Messages of Clients at QoS 0 that were given up. */
  readonly dropped: number;
  /** Messages of Clients at QoS 1 and 2 that were given up: their senders were not acknowledged. */
  readonly refused: number;
  /** Messages of Clients that RocketMQ will never take, such as too large ones. */
  readonly unsendable: number;
  /** Messages of Clients that wait for RocketMQ, and the bytes of their payloads. */
  readonly pending: number;
  readonly pendingBytes: number;
}

/** The counters in {@link BridgeCounts}, as they are counted up. */
export type Tally = {
  -readonly [K in Exclude<keyof BridgeCounts, "isConnected" | "pending" | "pendingBytes">]: number;
};

export function newTally(): Tally {
  return {
    received: 0,
    redelivered: 0,
    acknowledged: 0,
    postponed: 0,
    poison: 0,
    tooOld: 0,
    own: 0,
    sent: 0,
    failed: 0,
    dropped: 0,
    refused: 0,
    unsendable: 0,
  };
}
