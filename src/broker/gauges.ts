import type { Core } from "../state/core.js";

/** What is held now. */
export interface Gauges {
  readonly sessions: number;
  readonly offlineSessions: number;
  readonly subscriptions: number;
  /** Of these, how many in shares. [M30] */
  readonly sharedSubscriptions: number;
  readonly retained: number;
  readonly inboxes: number;
  /** Bytes held of packets that are not whole. [M23] */
  readonly unfinishedBytes: number;
}

/** All of them. O(1). */
export function gaugesOf(core: Core): Gauges {
  const { sessions, subscriptionCount, shares, retained, inboxes, unfinished } = core;
  return {
    sessions: sessions.size,
    offlineSessions: sessions.offlineCount,
    subscriptions: subscriptionCount,
    sharedSubscriptions: shares.size,
    retained: retained.size,
    inboxes: inboxes.size,
    unfinishedBytes: unfinished.byteCount,
  };
}
